//! Remaining pages of nested lists, from servers of every behaviour.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod failures;

use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use xurrent_runtime::NodeLookup;
use xurrent_runtime::client::ClientConfig;
use xurrent_runtime::transport::{BoxFuture, Request};
use xurrent_runtime::{
    AllPages, Api, ApiSettings, Client, ConnectionShape, Decoded, Decoder, EndpointRules, Field,
    MemoryRequest, MemoryTransport, Object, OperationType, Query, Result, RetryPolicy, RootField, Selection,
    Table, Transport,
};

static CHILD: Table = Table { name: "Child", fields: &["number"], nested: &[], source: "" };

static CHILDREN: Selection =
    Selection::Connection { shape: ConnectionShape::NODES, page: false, nodes: &Selection::Object(&CHILD) };

/// The same field twice, once under a key of its own, with arguments.
static PARENT: Table = Table {
    name: "Parent",
    fields: &["children", "small"],
    nested: &[
        ("children", Selection::AllPages(&LARGE)),
        (
            "small",
            Selection::AllPages(&AllPages {
                lookup: NodeLookup::NODE,
                on: "Parent",
                field: "children",
                arguments: "kinds: [small], text: \"a, first: 1\"",
                cursor: "String!",
                first: 2,
                nodes: 10_000,
                connection: &CHILDREN,
            }),
        ),
    ],
    source: "",
};

static LARGE: AllPages = AllPages {
    lookup: NodeLookup::NODE,
    on: "Parent",
    field: "children",
    arguments: "",
    cursor: "String!",
    first: 3,
    nodes: 1,
    connection: &CHILDREN,
};

static ROOT: RootField = RootField {
    operation: OperationType::Query,
    name: "parents",
    arguments: &[],
    connection: None,
    selection: Selection::Object(&PARENT),
};

static CHANGE: RootField = RootField {
    operation: OperationType::Mutation,
    name: "change",
    arguments: &[],
    connection: None,
    selection: Selection::Payload {
        errors: "errors { message path }",
        selection: &Selection::Object(&PARENT),
    },
};

#[derive(Debug, Default)]
struct Children(Vec<i64>);

impl Field for Children {
    fn placeholder() -> Self {
        Self::default()
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        static NODES: Table = Table { name: "Connection", fields: &["nodes"], nested: &[], source: "" };
        let mut nodes: Vec<Child> = Vec::new();
        decoder.object(&NODES, &mut [&mut nodes])?;
        self.0 = nodes.into_iter().map(|child| child.0).collect();
        Ok(())
    }
}

struct Child(i64);

impl Field for Child {
    fn placeholder() -> Self {
        Self(0)
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.object(&CHILD, &mut [&mut self.0])
    }
}

#[derive(Debug)]
struct Parent {
    children: Children,
    small: Children,
}

impl Field for Parent {
    fn placeholder() -> Self {
        Self { children: Children::default(), small: Children::default() }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.object(&PARENT, &mut [&mut self.children, &mut self.small])
    }
}

impl Object for Parent {
    const TABLE: &'static Table = &PARENT;
}

/// A page of these numbers. The cursor is the last of them.
fn page(numbers: std::ops::Range<i64>, all: i64) -> Value {
    let more = numbers.end < all;
    let cursor = numbers.end.to_string();
    let nodes: Vec<_> = numbers.map(|number| json!({ "number": number })).collect();
    json!({ "pageInfo": { "hasNextPage": more, "endCursor": cursor }, "nodes": nodes })
}

fn parent(id: &str, children: Value) -> Value {
    json!({ "children": children, "small": page(0..0, 0), "sdk_id": id })
}

/// The parents that further pages are asked for: id, cursor, and how many records.
fn asked(request: &MemoryRequest) -> Vec<(String, String, i64)> {
    let sizes = request.document.split("first: ").skip(1);
    let sizes = sizes.filter_map(|rest| rest.split([',', ')']).next()?.parse().ok());
    let of = |index: usize, size: i64| {
        let text = |name: &str| request.variables[format!("b{index}_{name}")].as_str().unwrap().to_owned();
        (text("id"), text("after"), size)
    };
    sizes.enumerate().map(|(index, size)| of(index, size)).collect()
}

/// Answers for further pages: `each` for every parent.
fn rest(request: &MemoryRequest, each: impl Fn(&str, &str, i64) -> Value) -> Value {
    let answers = asked(request).into_iter().enumerate();
    let data: serde_json::Map<_, _> =
        answers.map(|(index, (id, after, size))| (format!("b{index}"), each(&id, &after, size))).collect();
    json!({ "data": data })
}

fn found(page: Value) -> Value {
    json!({ "__typename": "Parent", "page": page })
}

fn serve(answer: impl Fn(&MemoryRequest) -> Value + Send + Sync + 'static) -> (MemoryTransport, Client) {
    let transport = MemoryTransport::new(answer);
    (transport.clone(), client(transport))
}

fn client(transport: impl Transport) -> Client {
    let builder = Client::builder().personal_access_token("the-secret-token");
    builder.transport(transport).build().unwrap()
}

async fn parents(client: &Client) -> Result<Vec<Parent>> {
    Query::<Vec<Parent>>::new(client.runtime(), &ROOT).await
}

/// A server with one parent of ten children, which answers further pages like this.
fn one(each: impl Fn(&str, i64) -> Value + Send + Sync + 'static) -> (MemoryTransport, Client) {
    serve(move |request| match request.operation.as_str() {
        "parents" => json!({ "data": { "parents": [parent("p", page(0..3, 10))] } }),
        "change" => json!({ "data": { "change": parent("p", page(0..3, 10)) } }),
        _ => rest(request, |_, after, size| each(after, size)),
    })
}

/// The children from a cursor on, at most so many.
fn from(after: &str, count: i64, all: i64) -> Value {
    let start: i64 = after.parse().unwrap();
    found(page(start..all.min(start + count), all))
}

/// An API with a limit of nodes.
#[derive(Debug, Default)]
struct Limited;

impl ApiSettings for Limited {
    type State = ();

    fn resolve(self, rules: &EndpointRules) -> Result<(Api, ())> {
        let mut api = Api::new(rules.parse("https://graphql.invalid")?);
        api.max_nodes = Some(500_000);
        Ok((api, ()))
    }
}

#[tokio::test]
async fn arguments_are_kept_and_pages_are_as_large_as_a_request_allows() {
    let (transport, _) = serve(|request| match request.operation.as_str() {
        "parents" => {
            let parents = (0..12).map(|number| {
                json!({ "children": page(0..3, 5), "small": page(0..2, 60), "sdk_id": number.to_string() })
            });
            json!({ "data": { "parents": parents.collect::<Vec<_>>() } })
        }
        _ => rest(request, |_, after, size| {
            let all = if size == 100 { 5 } else { 60 };
            from(after, size, all)
        }),
    });
    let mut config = ClientConfig { transport: Some(Arc::new(transport.clone())), ..ClientConfig::default() };
    config.credentials.add(None, "the-secret-token".into());
    let (client, ()) = config.build(Limited).unwrap();
    let found = Query::<Vec<Parent>>::new(&client, &ROOT).await.unwrap();
    assert_eq!(found.len(), 12);
    for parent in found {
        assert_eq!(parent.children.0, (0..5).collect::<Vec<_>>());
        assert_eq!(parent.small.0, (0..60).collect::<Vec<_>>());
    }
    let requests = transport.requests();
    assert_eq!(
        requests[0].document,
        "query parents { parents { children(first: 3) { pageInfo { hasNextPage endCursor } nodes { number } } \
         small: children(first: 2, kinds: [small], text: \"a, first: 1\") { pageInfo { hasNextPage endCursor } \
         nodes { number } } ... on Node { sdk_id: id } } }"
    );
    let rest = &requests[1].document;
    let small = "page: children(after: $b1_after, first: 49, kinds: [small], text: \"a, first: 1\")";
    assert!(rest.starts_with("query parents_rest($b0_id: ID!, $b0_after: String!, $b1_id"), "{rest}");
    assert!(
        rest.contains(
            "b0: node(id: $b0_id) { __typename ... on Parent { page: children(after: $b0_after, first: 100) {"
        ),
        "{rest}"
    );
    assert!(rest.contains(small), "{rest}");
    // 49 records of 10,000 nodes fill a request, so that each of these lists has one of its own.
    assert!(requests.iter().all(|request| request.document.matches("kinds").count() <= 1));
}

#[tokio::test]
async fn the_same_list_in_many_places_is_fetched_once() {
    let (transport, client) = serve(|request| match request.operation.as_str() {
        "parents" => json!({ "data": { "parents": vec![parent("p", page(0..3, 250)); 50] } }),
        _ => rest(request, |_, after, size| from(after, size, 250)),
    });
    let found = parents(&client).await.unwrap();
    assert!(found.iter().all(|parent| parent.children.0 == (0..250).collect::<Vec<_>>()));
    assert_eq!(transport.requests().len(), 4);
}

#[tokio::test]
async fn a_remaining_page_needs_has_next_page_and_a_cursor() {
    for (more, cursor, requests) in [(true, json!("3"), 2), (false, json!("3"), 1)] {
        let first = json!({ "pageInfo": { "hasNextPage": more, "endCursor": cursor }, "nodes": [] });
        let (transport, client) = serve(move |request| match request.operation.as_str() {
            "parents" => json!({ "data": { "parents": [parent("p", first.clone())] } }),
            _ => rest(request, |_, after, size| from(after, size, 5)),
        });
        let found = parents(&client).await.unwrap();
        assert_eq!(transport.requests().len(), requests, "{more} {cursor}");
        assert_eq!(found[0].children.0, if requests == 2 { vec![3, 4] } else { vec![] });
    }
}

#[tokio::test]
async fn pages_of_any_size_are_accepted() {
    // One by one, too many, none at all.
    for step in [1, 4, 1_000] {
        let (_, client) = one(move |after, _| from(after, step, 10));
        assert_eq!(parents(&client).await.unwrap()[0].children.0, (0..10).collect::<Vec<_>>());
    }
    let (_, client) = one(|after, _| match after {
        "3" => found(json!({ "pageInfo": { "hasNextPage": true, "endCursor": "empty" }, "nodes": [ ] })),
        _ => from("3", 100, 10),
    });
    assert_eq!(parents(&client).await.unwrap()[0].children.0, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn max_nested_requests_allows_longer_lists() {
    let transport = one(|after, _| from(after, 1, 1_100)).0;
    for (most, fits) in [(1_097, true), (1_096, false)] {
        let builder = Client::builder().personal_access_token("the-secret-token");
        let client = builder.transport(transport.clone()).max_nested_requests(most).build().unwrap();
        match parents(&client).await {
            Ok(found) => assert!(fits && found[0].children.0.len() == 1_100),
            Err(error) => {
                assert!(!fits && error.to_string().contains("more than the 1096 requests"), "{error}")
            }
        }
    }
}

/// Responds after a while, and counts the concurrent requests.
struct Slow {
    inner: MemoryTransport,
    now: Arc<Mutex<(usize, usize)>>,
}

impl Transport for Slow {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<http::Response<Vec<u8>>>> {
        Box::pin(async {
            {
                let mut now = self.now.lock().unwrap();
                *now = (now.0 + 1, now.1.max(now.0 + 1));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            self.now.lock().unwrap().0 -= 1;
            self.inner.send(request).await
        })
    }

    fn reaches_server(&self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn four_requests_of_ten_parents_are_in_flight() {
    let (inner, _) = serve(|request| match request.operation.as_str() {
        "parents" => {
            let parents: Vec<_> = (0..95).map(|id| parent(&id.to_string(), page(0..3, 150))).collect();
            json!({ "data": { "parents": parents } })
        }
        _ => rest(request, |_, after, size| from(after, size, 150)),
    });
    let now = Arc::new(Mutex::new((0, 0)));
    let client = client(Slow { inner: inner.clone(), now: Arc::clone(&now) });
    let start = tokio::time::Instant::now();
    let found = parents(&client).await.unwrap();
    assert!(found.iter().all(|parent| parent.children.0 == (0..150).collect::<Vec<_>>()));
    assert_eq!(now.lock().unwrap().1, 4);
    let requests = inner.requests();
    assert!(requests[1..].iter().all(|request| asked(request).len() <= 10));
    // 190 further pages: lists that ended make room for others.
    assert_eq!(requests.len(), 1 + 19);
    // One after the other it were 210 ms.
    assert!(start.elapsed() <= Duration::from_millis(70), "{:?}", start.elapsed());
    let policy = RetryPolicy::new().time_limit(Duration::from_millis(25));
    let error = Query::<Vec<Parent>>::new(client.runtime(), &ROOT).retry(policy).await.unwrap_err();
    assert!(error.is_incomplete() && error.to_string().contains("time limit of 25ms"), "{error}");
    let data: Value = serde_json::from_str(error.partial_data().unwrap()).unwrap();
    assert_eq!(data["parents"][0]["children"]["nodes"].as_array().unwrap().len(), 103);
    assert_eq!(data["parents"][94]["children"]["pageInfo"]["hasNextPage"], true);
}

#[test]
fn all_on_an_interface_without_ids_does_not_compile() {
    use xurrent_runtime::select::check_parent;
    assert_eq!(check_parent("HasParts", "parts", Some(NodeLookup::NODE)), NodeLookup::NODE);
    let refused = std::panic::catch_unwind(|| check_parent("HasParts", "parts", None)).unwrap_err();
    let message = refused.downcast_ref::<String>().unwrap();
    assert!(message.starts_with("`HasParts` cannot be fetched by an id"), "{message}");
}

/// Answers with these texts, one after the other.
struct Texts(Mutex<Vec<&'static str>>);

impl Transport for Texts {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<http::Response<Vec<u8>>>> {
        let mut answer = http::Response::new(self.0.lock().unwrap().remove(0).as_bytes().to_vec());
        let json = http::HeaderValue::from_static("application/json");
        answer.headers_mut().insert(http::header::CONTENT_TYPE, json);
        Box::pin(async { Ok(answer) })
    }

    fn reaches_server(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn keys_in_any_order_and_any_white_space_are_accepted() {
    let texts = vec![
        " { \"errors\" : [ ] , \"data\" : { \"parents\" : [ { \"sdk_id\" : \"p\\u0041\" ,
            \"children\" : { \"nodes\" : [ \t\n ] , \"more\" : [{}] , \"pageInfo\" : { \"endCursor\" : \"a\\\"b\" , \"hasNextPage\" : true } } ,
            \"small\" : { \"pageInfo\":{\"hasNextPage\":true,\"endCursor\":\"s\"} , \"nodes\" : [ { \"number\" : 1 } , null ] } } ] } , \"extensions\" : { } } ",
        "{\"data\":{ \"b1\" : { \"page\" : { \"nodes\" : [\r\n{ \"number\" : 2 }\r\n] , \"pageInfo\" : { \"hasNextPage\" : false , \"endCursor\" : null } } } ,
            \"b0\" : { \"__typename\":\"Parent\", \"page\" : { \"pageInfo\" : { \"hasNextPage\" : true , \"endCursor\" : \"c\" } , \"nodes\" : [] } } } }",
        "{\"data\":{\"b0\":{\"page\":{\"pageInfo\":{\"hasNextPage\":false,\"endCursor\":\"d\"},\"nodes\":[{\"number\":7},{\"number\":8}]}}}}",
    ];
    let client = client(Texts(Mutex::new(texts)));
    let query = xurrent_runtime::Query::<xurrent_runtime::Json>::new(client.runtime(), &ROOT);
    let found = query.await.unwrap();
    let found: Value = serde_json::from_str(found.as_text()).unwrap();
    assert_eq!(found[0]["children"]["nodes"], json!([{ "number": 7 }, { "number": 8 }]));
    assert_eq!(found[0]["children"]["pageInfo"], json!({ "hasNextPage": false, "endCursor": "d" }));
    assert_eq!(found[0]["small"]["nodes"], json!([{ "number": 1 }, null, { "number": 2 }]));
    assert_eq!(found[0]["small"]["pageInfo"], json!({ "hasNextPage": false, "endCursor": null }));
}

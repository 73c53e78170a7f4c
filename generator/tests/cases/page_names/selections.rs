//! Connections by names of their own: what is sent, and what comes back.

use case_page_names::{
    Client, Connection, MemoryRequest, MemoryTransport, PostFilter, PostOrder, PostOrderField, Select,
};
use serde_json::{Value, json};
use std::future::IntoFuture;

fn client(answer: impl Fn(&MemoryRequest) -> Value + Send + Sync + 'static) -> (Client, MemoryTransport) {
    let transport = MemoryTransport::new(answer);
    let builder = Client::builder().personal_access_token("token-of-a-test").transport(transport.clone());
    (builder.build().unwrap(), transport)
}

fn run<T>(call: impl IntoFuture<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(call.into_future())
}

#[test]
fn a_stream_filters_orders_pages_and_counts_by_the_names_of_the_api() {
    let (client, transport) = client(|request| {
        if request.document.contains("totalCount") {
            return json!({"data": {"posts": {"totalCount": 2}}});
        }
        let (id, more) = match request.variables["cursor"].as_str() {
            None => ("1", true),
            Some(_) => ("2", false),
        };
        json!({"data": {"posts": {"pageInfo": {"hasNextPage": more, "endCursor": id}, "nodes": [{"id": id, "title": "T"}]}}})
    });
    let posts = client.posts().filter(PostFilter::new().title("T")).order([PostOrder::asc(PostOrderField::Title)]);
    let ids: Vec<_> = run(posts.clone().all()).unwrap().into_iter().map(|post| post.id.to_string()).collect();
    assert_eq!(ids, ["1", "2"]);
    assert_eq!(run(posts.count()).unwrap(), 2);
    let requests = transport.requests();
    assert_eq!(
        requests[1].document,
        "query posts($cursor: String, $limit: Int, $orderBy: [PostOrder!], $where: PostFilter) { posts(cursor: $cursor, \
         limit: $limit, orderBy: $orderBy, where: $where) { pageInfo: paging { hasNextPage: hasMore endCursor: next } \
         nodes: items { id title } } }"
    );
    assert_eq!(
        requests[1].variables,
        json!({
            "where": {"title": "T"}, "orderBy": [{"direction": "asc", "field": "title"}], "limit": 250, "cursor": "1"
        })
    );
    assert!(requests[2].document.ends_with("{ totalCount: count } }"), "{}", requests[2].document);
    let error = run(client.posts().page_size(251).all()).unwrap_err();
    assert!(error.to_string().contains("expected 1 to 250"), "{error}");
}

#[derive(Debug, Select)]
#[select(on = Post, crate = case_page_names)]
struct Commented {
    title: String,
    #[select(all, spam = false)]
    comments: Vec<Line>,
    #[select(rename = "comments", limit = 120)]
    page: Connection<Line>,
}

#[derive(Debug, Select)]
#[select(on = Comment, crate = case_page_names)]
struct Line {
    text: String,
}

#[test]
fn nested_connections_page_by_the_names_of_the_api() {
    let page = |more: bool, text: &str| {
        json!({"totalCount": 2, "pageInfo": {"hasNextPage": more, "endCursor": "c"}, "nodes": [{"text": text}]})
    };
    let (client, transport) = client(move |request| match request.operation.as_str() {
        "posts" => {
            json!({"data": {"posts": {"pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": [
                {"title": "T", "comments": page(true, "a"), "page": page(true, "a"), "sdk_id": "1"},
            ]}}})
        }
        "posts_rest" => json!({"data": {"b0": {"__typename": "Post", "page": page(false, "b")}}}),
        other => panic!("{other}"),
    });
    let posts = run(client.posts().select::<Commented>().all()).unwrap();
    let texts: Vec<_> = posts[0].comments.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((texts, posts[0].page.total_count, posts[0].title.as_str()), (vec!["a", "b"], 2, "T"));
    let requests = transport.requests();
    assert!(
        requests[0].document.contains(
            "comments(limit: 250, spam: false) { pageInfo: paging { hasNextPage: hasMore endCursor: next } \
             nodes: items { text } } page: comments(limit: 120) { totalCount: count pageInfo: paging"
        ),
        "{}",
        requests[0].document
    );
    assert!(
        requests[1].document.contains("page: comments(cursor: $b0_after, limit: 250, spam: false)"),
        "{}",
        requests[1].document
    );
}

#[test]
fn edges_have_names_as_well() {
    let (client, transport) = client(|_| {
        json!({"data": {"authors": {"pageInfo": {"hasNextPage": false, "endCursor": null}, "edges": [
            {"node": {"id": "1", "name": "Ann"}},
        ]}}})
    });
    assert_eq!(run(client.authors().all()).unwrap()[0].name, "Ann");
    let document = &transport.requests()[0].document;
    assert!(document.ends_with("edges: rows { node: item { id name } } } }"), "{document}");
}

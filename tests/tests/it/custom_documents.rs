//! Raw documents: as text, and of the crate `graphql_client`.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::client;
use graphql_client::GraphQLQuery;
use serde_json::{Value, json};
use xurrent::{
    Client, ErrorKind, MemoryTransport, RequestCategory, RequestCreateInput, RequestCreatePayload,
};

#[derive(GraphQLQuery)]
#[graphql(schema_path = "../schema.json", query_path = "queries/people.graphql", response_derives = "Debug")]
struct FirstPeople;

type ISO8601Timestamp = String;

#[tokio::test]
async fn text() {
    let (_sandbox, client) = client().await;
    let data =
        client.raw("query($n: Int) { people(first: $n) { nodes { id } } }", json!({"n": 3})).await.unwrap();
    let data: Value = data.parse().unwrap();
    assert_eq!(data["people"]["nodes"].as_array().unwrap().len(), 3);

    let two = "query a { me { id } } query b { me { name } }";
    let data = client.raw(two, json!({})).operation_name("b").await.unwrap().to_value();
    assert!(data["me"]["name"].is_string() && data["me"]["id"].is_null());

    let error = client.raw("{ people { nodes { nmae } } }", json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    assert!(error.errors().iter().any(|error| error.message.contains("nmae")), "{error}");
    let error = client
        .raw("query($n: Int) { people(first: $n) { totalCount } }", json!({"n": "x"}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl, "{error}");
    let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert!(client.raw("{ me { id } }", unwritable).await.unwrap_err().is_configuration());
}

#[tokio::test]
async fn a_query_derived_by_graphql_client() {
    let (_sandbox, client) = client().await;
    let variables = first_people::Variables { first: 4, filter: None };
    let data = client.execute::<FirstPeople>(variables).await.unwrap();
    assert_eq!(data.people.nodes.as_ref().unwrap().len(), 4);
    assert_eq!(data.people.total_count, client.people().count().await.unwrap());
    let error = client
        .execute::<FirstPeople>(first_people::Variables { first: 1000, filter: None })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    assert!(error.to_string().contains("`FirstPeople`"), "{error}");
}

/// A client whose answers are made by a function.
fn in_memory(answer: impl Fn(&str) -> Value + Send + Sync + 'static) -> (MemoryTransport, Client) {
    let transport = MemoryTransport::new(move |request| answer(&request.operation));
    let builder = Client::builder().account("test").personal_access_token("token");
    (transport.clone(), builder.transport(transport).build().unwrap())
}

#[tokio::test]
async fn code_is_testable_without_a_socket() {
    let (transport, client) = in_memory(|operation| match operation {
        "people" => {
            json!({"data": {"people": {"pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": []}}})
        }
        _ => json!({"errors": [{"message": "unexpected"}]}),
    });
    assert!(client.people().all().await.unwrap().is_empty());
    assert!(client.me().await.is_err());
    let requests = transport.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].variables, json!({"first": 100}));
    assert!(requests[0].document.starts_with("query people($first: Int) { people(first: $first) {"));
}

#[tokio::test]
async fn partial_data() {
    let rate_limit = json!({"cost": 1, "limit": 2, "remaining": 3, "resetAt": 4_102_444_800_i64});
    let (_, client) = in_memory(
        move |_| json!({"data": {"rateLimit": rate_limit}, "errors": [{"message": "half", "extensions": {"a": 1}}]}),
    );
    let error = client.rate_limit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    let partial = client.rate_limit().allow_partial().await.unwrap();
    assert_eq!(partial.data.unwrap().unwrap().reset_at, Some(4_102_444_800), "Int is 64 bits wide");
    assert_eq!(partial.errors[0].message, "half");
    assert_eq!(partial.errors[0].extensions.as_ref().unwrap().as_text(), r#"{"a":1}"#);

    let (_, client) = in_memory(|_| json!({"data": null, "errors": [{"message": "nothing"}]}));
    let partial = client.rate_limit().allow_partial().await.unwrap();
    assert!(partial.data.is_none());

    let page = json!({"people": {"pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": [null]}});
    let (_, client) = in_memory(move |_| json!({"data": page, "errors": [{"message": "one is hidden"}]}));
    assert_eq!(client.people().all().await.unwrap_err().kind(), ErrorKind::GraphQl);
    let mut stream = client.people().allow_partial().stream();
    assert!(stream.try_next().await.unwrap().is_none());
    assert_eq!(stream.errors()[0].message, "one is hidden");
}

#[tokio::test]
async fn the_payload_of_a_rejected_mutation_is_available() {
    let (_, client) = in_memory(|_| {
        json!({"data": {"requestCreate": {"clientMutationId": "9", "request": null, "sdk_errors": [
            {"path": ["subject"], "message": "cannot be blank"}, {"path": [], "message": "no"},
        ]}}})
    });
    let input = || RequestCreateInput::new().category(RequestCategory::Other);
    let error = client.request_create(input()).await.unwrap_err();
    assert_eq!(error.to_string(), "`requestCreate` failed: subject: cannot be blank; no");
    let payload: RequestCreatePayload = error.payload().unwrap();
    assert_eq!(payload.client_mutation_id.as_deref(), Some("9"));
    let partial = client.request_create(input()).allow_partial().await.unwrap();
    assert_eq!(partial.errors.len(), 2);
    assert!(partial.data.unwrap().request.is_none());
}

#[tokio::test]
async fn missing_scopes_have_an_error_kind() {
    let (_, client) = in_memory(
        |_| json!({"data": null, "errors": [{"message": "Missing required scope(s): request:Read, person:Update"}]}),
    );
    let error = client.requests().count().await.unwrap_err();
    assert_eq!(error.missing_scopes(), ["request:Read", "person:Update"]);
    let (_, client) = in_memory(|_| json!({"errors": [{"message": "else"}]}));
    assert!(client.requests().count().await.unwrap_err().missing_scopes().is_empty());
}

#[tokio::test]
async fn a_query_with_too_many_pages_is_an_error() {
    let counter = std::sync::atomic::AtomicUsize::new(0);
    let (transport, client) = in_memory(move |_| {
        let cursor = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string();
        json!({"data": {"people": {"pageInfo": {"hasNextPage": true, "endCursor": cursor}, "nodes": []}}})
    });
    let error = client.people().max_requests(5).all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Pagination);
    assert!(error.to_string().contains("more pages than the 5"), "{error}");
    assert_eq!(transport.requests().len(), 5);
    let mut stream = client.people().stream();
    drop(tokio::time::timeout(std::time::Duration::from_millis(5), stream.try_next()).await);
    drop(stream);
    let sent = transport.requests().len();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    assert_eq!(transport.requests().len(), sent, "a dropped stream asks for nothing more");
}

//! Null in place of a root field, where what is read cannot be null.

use serde_json::json;
use xurrent_runtime::{
    Client, ConnectionField, ConnectionQuery, ConnectionShape, Counted, ErrorKind, MemoryTransport,
    OperationType, Query, Result, RootField, Selection,
};

/// `things: ThingConnection`, with names as nodes.
struct Things;

impl ConnectionField for Things {
    type Node = String;
    const ROOT: &'static RootField = &RootField {
        operation: OperationType::Query,
        name: "things",
        arguments: &[("first", "Int"), ("after", "String")],
        connection: Some(ConnectionShape::NODES),
        selection: Selection::Leaf,
    };
}

impl Counted for Things {}

static LIST: RootField = RootField {
    operation: OperationType::Query,
    name: "things",
    arguments: &[],
    connection: None,
    selection: Selection::Leaf,
};

fn things(client: &Client) -> ConnectionQuery<Things> {
    ConnectionQuery::new(client.runtime())
}

/// Checks that an error says what the server answered.
fn assert_null<T: std::fmt::Debug>(result: Result<T>, expected: &str) {
    let error = result.unwrap_err();
    let reason = format!("things: expected {expected}, found null");
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::Decode, format!("the server answered `things` with null and without errors: {reason}"))
    );
    assert_eq!(error.decode_error().unwrap().to_string(), reason);
}

#[tokio::test]
async fn an_error_says_that_the_server_answered_null() {
    let transport = MemoryTransport::new(|request| match request.document.contains("b0:") {
        true => json!({ "data": { "b0": null, "b1": null } }),
        false => json!({ "data": { "things": null } }),
    });
    let builder = Client::builder().personal_access_token("the-secret-token");
    let client = builder.transport(transport).build().unwrap();
    assert_null(things(&client).first().await, "Connection");
    assert_null(things(&client).all().await, "Connection");
    assert_null(things(&client).stream().try_next().await, "Connection");
    assert_null(things(&client).count().await, "Connection");
    assert_null(Query::<Vec<String>>::new(client.runtime(), &LIST).await, "a list");
    let (page, all) = client.batch((things(&client), things(&client).complete())).await.unwrap();
    assert_null(page, "Connection");
    assert_null(all, "Connection");
}

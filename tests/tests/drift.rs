//! The server knows more than the schema that the SDK was generated from: it keeps working.

#![allow(clippy::unwrap_used, missing_docs)]

use xurrent::{Client, RequestStatus};
use xurrent_sandbox::Sandbox;

#[tokio::test]
async fn values_and_types_that_nobody_knew_are_kept() {
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap();
    let sandbox = Sandbox::builder().schema_json(schema).drift(true).start().await.unwrap();
    let client = Client::builder()
        .account(sandbox.account())
        .endpoints(sandbox.graphql_url(), sandbox.token_url())
        .personal_access_token(sandbox.token())
        .build()
        .unwrap();
    let requests = client.requests().all().await.unwrap();
    let drifted: Vec<_> = requests
        .iter()
        .filter_map(|request| match &request.status {
            Some(status @ RequestStatus::Unrecognized(text)) => Some((status, text.clone())),
            _ => None,
        })
        .collect();
    assert!(!drifted.is_empty(), "no request has a status that the schema does not have");
    for (status, text) in drifted {
        assert_eq!(serde_json::to_value(status).unwrap(), text.as_str());
        assert_eq!(RequestStatus::from(text.as_str()), *status);
    }
    let mut unknown = 0;
    for element in client.archive().all().await.unwrap() {
        unknown += usize::from(element.archived.is_some_and(|archived| {
            matches!(archived.typename, xurrent::HasLifeCycleStateType::Unrecognized(_))
        }));
    }
    assert!(unknown > 0, "no archived record is of a type that the schema does not have");
    assert!(client.me().await.unwrap().is_some());
}

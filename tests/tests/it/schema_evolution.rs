//! The server knows more than the schema that the SDK was generated from: it keeps working.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::with;
use serde_json::{Value, json};
use xurrent::select::Interface;
use xurrent::{
    Client, ErrorKind, HasLifeCycleStateType, Person, RequestCreateInput, RequestFilter, RequestStatus,
    RequestUpdateInput,
};
use xurrent_sandbox::{Sandbox, node_id};

async fn start(drift: bool) -> (Sandbox, Client) {
    with(|sandbox| sandbox.schema_evolution(drift)).await
}

fn drifted() -> RequestStatus {
    RequestStatus::from("evolved")
}

#[tokio::test]
async fn unknown_enum_values_are_kept_and_written_unchanged() {
    let (_sandbox, client) = start(true).await;
    let requests = client.requests().all().await.unwrap();
    let strange: Vec<_> = requests.iter().filter(|request| request.status == Some(drifted())).collect();
    assert!(!strange.is_empty(), "no request has a status that the schema does not have");
    for request in &strange {
        let status = request.status.as_ref().unwrap();
        assert_eq!(*status, RequestStatus::Unrecognized("evolved".to_owned()));
        assert_eq!(serde_json::to_value(status).unwrap(), "evolved");
    }
    assert!(strange.len() < requests.len());
}

#[tokio::test]
async fn unknown_enum_values_can_be_sent() {
    let (sandbox, client) = start(true).await;
    let requests = client.requests().all().await.unwrap();
    let expected = requests.iter().filter(|request| request.status == Some(drifted())).count();
    let found = client.requests().filter(RequestFilter::new().status(drifted())).count().await.unwrap();
    assert_eq!(usize::try_from(found).unwrap(), expected);

    let input = RequestUpdateInput::new(&requests[0].id).status(drifted());
    let request = client.request_update(input.clone()).await.unwrap().request.unwrap();
    assert_eq!(request.status, Some(drifted()));
    let sent = sandbox.requests().last().unwrap().body.clone().unwrap();
    assert_eq!(sent["variables"]["input"]["status"], "evolved");

    // A server that does not know the value says so; the client does not guess.
    let (_plain, client) = start(false).await;
    let error = client.request_update(input).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    assert!(error.to_string().contains("evolved"), "{error}");
}

#[tokio::test]
async fn a_new_type_behind_an_interface_keeps_its_name_and_its_id() {
    let (_sandbox, client) = start(true).await;
    let mut unknown = Vec::new();
    for element in client.archive().all().await.unwrap() {
        if let Some(archived) = element.archived
            && let HasLifeCycleStateType::Unrecognized(name) = &archived.typename
        {
            assert_eq!(name, "EvolvedRecord");
            unknown.push(archived);
        }
    }
    assert!(!unknown.is_empty(), "no archived record is of a type that the schema does not have");
    for Interface { id, .. } in unknown {
        let id = id.unwrap();
        assert_eq!(id.as_str(), node_id("EvolvedRecord", 1));
        let error = client.node::<Person>(&id).await.unwrap_err();
        assert!(error.is_wrong_type());
        assert!(error.to_string().contains("is the id of a EvolvedRecord, not of a Person"), "{error}");
    }
}

#[tokio::test]
async fn new_optional_input_fields_do_not_affect_existing_inputs() {
    let (_sandbox, client) = start(true).await;
    let request =
        client.request_create(RequestCreateInput::new().subject("old")).await.unwrap().request.unwrap();
    assert_eq!(request.subject.as_deref(), Some("old"));
    // The SDK has no such field: it says so before anything is sent.
    let with_new = json!({ "subject": "new", "evolvedHint": "h" });
    let refused = serde_json::from_value::<RequestCreateInput>(with_new.clone()).unwrap_err();
    assert!(refused.to_string().contains("evolvedHint"), "{refused}");
    let document = "mutation($i: RequestCreateInput!) { requestCreate(input: $i) { evolvedNote request { subject evolvedNote } } }";
    let data: Value = client.raw(document, json!({ "i": with_new })).await.unwrap().parse().unwrap();
    assert_eq!(data["requestCreate"]["request"]["subject"], "new");
}

#[tokio::test]
async fn new_root_fields_can_be_queried_with_a_custom_document() {
    let (_sandbox, client) = start(true).await;
    let document = "{ evolvedRecords(first: 1) { totalCount nodes { id name } } me { evolvedMood } }";
    let data: Value = client.raw(document, ()).await.unwrap().parse().unwrap();
    assert_eq!(data["evolvedRecords"]["nodes"][0]["id"], node_id("EvolvedRecord", 1));
    assert!(client.me().await.unwrap().is_some());
    let (_plain, client) = start(false).await;
    assert!(client.raw(document, ()).await.is_err());
}

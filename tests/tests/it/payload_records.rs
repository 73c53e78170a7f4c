//! `Mutation::record`: the record of a payload, without an `Option`.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::{in_memory, sandboxed};
use serde_json::{Value, json};
use std::error::Error as _;
use xurrent::{
    Client, ErrorKind, Id, MemoryTransport, Request, RequestCreateInput, RequestStatus, RequestUpdateInput,
    Select,
};

#[derive(Select)]
#[select(on = Request)]
struct Ticket {
    id: Id,
    subject: Option<String>,
}

fn answering(payload: Value) -> (MemoryTransport, Client) {
    let transport = MemoryTransport::new(move |_| json!({ "data": { "requestCreate": payload } }));
    let client = in_memory::client(&transport);
    (transport, client)
}

#[tokio::test]
async fn a_create_and_an_update_return_the_record() {
    let (sandbox, client) = sandboxed::client().await;
    let input = RequestCreateInput::new().subject("Printer on fire");
    let request: Request = client.request_create(input).record().await.unwrap();
    assert_eq!(request.subject.as_deref(), Some("Printer on fire"));
    let update = RequestUpdateInput::new(&request.id).status(RequestStatus::WaitingFor);
    let ticket = client.request_update(update).record::<Ticket>().await.unwrap();
    assert_eq!(ticket.id, request.id);
    assert_eq!(ticket.subject.as_deref(), Some("Printer on fire"));
    let body = sandbox.requests().last().unwrap().body.clone().unwrap();
    let document = body["query"].as_str().unwrap();
    assert!(document.contains("request { id subject }"), "{document}");
    assert!(document.contains("errors"), "{document}");
}

#[tokio::test]
async fn a_batch_returns_records() {
    let (_sandbox, client) = sandboxed::client().await;
    let create =
        |subject| client.request_create(RequestCreateInput::new().subject(subject)).record::<Ticket>();
    let created = client.batch(vec![create("a"), create("b")]).await.unwrap();
    let subjects: Vec<_> = created.into_iter().map(|ticket| ticket.unwrap().subject.unwrap()).collect();
    assert_eq!(subjects, ["a", "b"]);
}

#[tokio::test]
async fn a_refused_change_is_an_error_of_the_payload() {
    let errors = json!([{ "message": "must not be blank", "path": ["subject"] }]);
    let (transport, client) = answering(json!({ "sdk_errors": errors, "request": null }));
    let create = client.request_create(RequestCreateInput::new()).record::<Ticket>();
    let error = create.clone().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Payload);
    assert!(error.to_string().contains("must not be blank"), "{error}");
    let partial = create.allow_partial().await.unwrap();
    assert!(partial.data.is_none());
    assert_eq!(partial.errors.len(), 1);
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn a_null_or_missing_record_without_errors_is_an_error_and_is_not_sent_again() {
    for payload in [json!({ "sdk_errors": null, "request": null }), json!({ "sdk_errors": [] })] {
        let (transport, client) = answering(payload);
        let create = client.request_create(RequestCreateInput::new()).record::<Ticket>();
        let error = create.await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = format!("{error} {:?}", error.source().map(ToString::to_string));
        assert!(text.contains("request"), "{text}");
        assert_eq!(transport.requests().len(), 1);
    }
}

//! What a mutation has done is known, whatever it returns.

use crate::*;
use serde_json::{Value, json};
use std::future::IntoFuture;
use xurrent_runtime::{Error, ErrorKind, Id, MemoryTransport};

/// A client to which the server says this, whatever it is asked.
fn client(data: Value) -> (Client, MemoryTransport) {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    (Client(builder.transport(transport.clone()).build().unwrap().runtime().clone()), transport)
}

fn run<T>(call: impl IntoFuture<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(call.into_future())
}

/// What a call answers when the server says this.
fn answered<F: IntoFuture>(data: Value, call: impl Fn(&Client) -> F) -> F::Output {
    run(call(&client(data).0))
}

#[test]
fn a_scalar_an_enum_and_a_list_are_what_a_mutation_returned() {
    assert_eq!(answered(json!({"ping": true}), Client::ping).unwrap(), Some(true));
    assert_eq!(answered(json!({"ping": null}), Client::ping).unwrap(), None);
    assert_eq!(answered(json!({"size": "large"}), Client::size).unwrap(), Size::Large);
    let tags = answered(json!({"tags": ["a", null]}), Client::tags).unwrap();
    assert_eq!(tags, Some(vec![Some("a".to_owned()), None]));
    let notes = answered(json!({"notes": [{"id": "1", "text": null}]}), Client::notes).unwrap();
    assert_eq!(notes[0].id, Id::new("1"));
}

#[test]
fn null_is_nothing_where_the_schema_allows_it() {
    assert!(answered(json!({"noteUpdate": null}), Client::note_update).unwrap().is_none());
    assert!(answered(json!({"outcome": null}), Client::outcome).unwrap().is_none());
    let updated = answered(json!({"noteUpdate": {"id": "1", "text": "a"}}), Client::note_update).unwrap();
    assert_eq!(updated.unwrap().text.as_deref(), Some("a"));
}

#[test]
fn a_payload_that_is_null_without_errors_says_that_its_outcome_is_not_known() {
    let call = |client: &Client| client.note_create(NoteCreateInput::new("a"));
    let null = json!({"noteCreate": null});
    let error = answered(null.clone(), call).unwrap_err();
    assert!(error.to_string().contains("whether it was executed is not known"), "{error}");
    let partial = answered(null, |client| call(client).allow_partial()).unwrap();
    assert!(partial.data.is_none() && partial.errors.is_empty());
    let (client, _) = client(json!({"b0": null, "b1": true}));
    let (created, error) = (client.note_create(NoteCreateInput::new("a")), client.ping());
    let (created, pinged) = run(xurrent_runtime::BatchQuery::new(client.runtime(), (created, error))).unwrap();
    assert!(created.unwrap_err().to_string().contains("is not known"));
    assert_eq!(pinged.unwrap(), Some(true));
}

#[test]
fn fields_that_are_called_errors_are_fields_where_they_are_not_the_payload_s() {
    let report = answered(json!({"report": {"errors": ["no"], "done": false}}), Client::report).unwrap();
    assert_eq!(report.errors, ["no"]);
    let counted = answered(json!({"counted": {"errors": 3, "note": null}}), Client::counted).unwrap();
    assert_eq!(counted.unwrap().errors, Some(3));
    let json = json!({"reasoned": {"sdk_errors": [{"message": "no"}], "ok": false}});
    let reasoned = answered(json, Client::reasoned).unwrap_err();
    assert_eq!((reasoned.errors()[0].message.as_str(), reasoned.errors()[0].path.len()), ("no", 0));
    let json = json!({"single": {"errors": {"message": "no", "path": null}, "ok": false}});
    assert_eq!(answered(json, Client::single).unwrap().errors.unwrap().message, "no");
}

#[test]
fn errors_of_payloads_are_errors_also_in_a_list_of_them() {
    let refused = json!({"clientMutationId": null, "note": null, "others": null, "sdk_errors": [{"message": "no", "path": ["text"]}]});
    let good = json!({"clientMutationId": null, "note": null, "others": null, "sdk_errors": null});
    let refusal = |result: Result<_, Error>| result.map(|_: Vec<NoteCreatePayload>| ()).unwrap_err();
    let error = refusal(answered(json!({"several": [good, refused]}), Client::several));
    assert_eq!(error.kind(), ErrorKind::Payload);
    assert_eq!(error.errors()[0].path, ["1", "text"]);
    let call = |client: &Client| client.note_create(NoteCreateInput::new("a"));
    let error = answered(json!({"noteCreate": refused}), call).unwrap_err();
    assert_eq!((error.kind(), error.errors()[0].message.as_str()), (ErrorKind::Payload, "no"));
    let (client, transport) = client(json!({"several": []}));
    assert!(run(client.several()).unwrap().is_empty());
    assert!(transport.requests()[0].document.contains("sdk_errors: errors { message path }"));
}

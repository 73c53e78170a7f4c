//! Servers whose introspection is older, closed, or invalid, and the blocking client.

use super::{Everything, Ticket, edited};
use crate::in_memory;
use crate::sandboxed::with;
use serde_json::{Value, json};
use xurrent::preflight::FindingKind;
use xurrent::transport::MemoryRequest;
use xurrent::{Client, ErrorKind, MemoryTransport, RequestCategory, RequestStatus};

/// An engine without support for deprecated input fields and `oneOf` inputs.
fn older(request: &MemoryRequest) -> Value {
    for new in ["isOneOf", "inputFields(", "args(", "defaultValue type { ...R } isDeprecated"] {
        assert!(!request.document.contains(new), "{new} in {}", request.document);
    }
    let mut answer = in_memory::answer(request);
    for (ty, new) in [("type", "isOneOf"), ("input", "isDeprecated")] {
        if let Some(fields) = list_mut(&mut answer, ty) {
            fields.retain(|field| field["name"] != new);
            fields.iter_mut().for_each(|field| field["args"] = json!([]));
        }
    }
    if let Some(fields) = list_mut(&mut answer, "field") {
        fields.iter_mut().for_each(|field| field["args"] = json!([]));
    }
    answer
}

fn list_mut<'a>(answer: &'a mut Value, ty: &str) -> Option<&'a mut Vec<Value>> {
    answer.pointer_mut(&format!("/data/{ty}/fields"))?.as_array_mut()
}

fn client(answer: fn(&MemoryRequest) -> Value) -> Client {
    in_memory::client(&MemoryTransport::new(answer))
}

#[tokio::test]
async fn older_servers_are_asked_for_what_they_have() {
    let report = client(older).preflight::<Everything>().await.unwrap();
    assert_eq!(report.problems, []);
}

#[tokio::test]
async fn a_server_without_introspection_says_so() {
    let answers: [fn(&MemoryRequest) -> Value; 2] = [
        |_| json!({ "errors": [{ "message": "GraphQL introspection is not allowed" }] }),
        |_| json!({ "data": { "__schema": null, "type": null, "field": null, "input": null } }),
    ];
    for answer in answers {
        let error = client(answer).preflight::<Ticket>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::GraphQl);
        assert!(error.to_string().contains("a preflight needs introspection"), "{error}");
    }
    let error = client(|_| json!({ "data": { "__schema": 5 } })).preflight::<Ticket>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn values_of_enums_are_compared_where_the_server_lists_them() {
    let lists = |status: &[&str]| {
        let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        [("RequestStatus".to_owned(), values(status))]
    };
    let (_sandbox, client) =
        with(|it| it.value_lists(lists(&["assigned", "completed", "declined"])).value_lists_as_enums(true))
            .await;
    let error = client.preflight::<RequestStatus>().await.unwrap_err();
    let report = error.preflight().unwrap();
    assert!(report.problems.iter().all(|problem| problem.kind == FindingKind::Value), "{report}");
    assert!(report.to_string().contains("`RequestStatus` (`RequestStatus.accepted`) is gone"), "{report}");
    let (_sandbox, client) = with(|sandbox| sandbox.value_lists_as_enums(false)).await;
    let report = client.preflight::<(RequestStatus, RequestCategory)>().await.unwrap();
    assert!(report.notes.iter().all(|note| note.kind == FindingKind::NotCompared), "{report}");
    assert_eq!(report.notes.len(), 2);
}

#[test]
fn the_blocking_client_compares_as_well() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_sandbox, client) = runtime.block_on(edited(|schema| schema.remove("fields", "Request.subject")));
    let client = xurrent::blocking::Client::new(client).unwrap();
    client.preflight::<RequestStatus>().and(client.me().preflight()).send().unwrap();
    let error = client.requests().select::<Ticket>().preflight().send().unwrap_err();
    assert!(error.is_schema_mismatch());
    assert!(error.to_string().contains("`Ticket::subject` (`Request.subject`) is unknown"), "{error}");
}

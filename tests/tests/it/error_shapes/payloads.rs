//! Errors in the payloads of mutations.

use crate::error_shapes::{all, refused};
use crate::in_memory;
use serde_json::{Value, json};
use xurrent::{GoldenSetItemDeleteMutationInput, RequestUpdateInput};

#[tokio::test]
async fn all_errors_of_a_payload_are_kept_with_their_paths() {
    let errors = json!([
        { "path": ["subject"], "message": "Subject cannot be blank" },
        { "path": ["newWatches", "0", "personId"], "message": "Person not found" },
        { "path": null, "message": "Try again" },
    ]);
    let client = refused("requestUpdate", errors);
    let error = client.request_update(RequestUpdateInput::new("id").subject("")).await.unwrap_err();
    assert!(error.is_payload());
    let expected = [
        (vec!["subject"], "Subject cannot be blank"),
        (vec!["newWatches", "0", "personId"], "Person not found"),
        (vec![], "Try again"),
    ];
    assert_eq!(all(&error), expected);
    let text = "subject: Subject cannot be blank; newWatches.0.personId: Person not found; Try again";
    assert!(error.to_string().contains(text), "{error}");
}

#[tokio::test]
async fn a_payload_without_errors_is_not_an_error() {
    for errors in [json!([]), Value::Null] {
        let client = refused("requestUpdate", errors);
        assert!(client.request_update(RequestUpdateInput::new("id")).await.unwrap().request.is_none());
    }
}

#[tokio::test]
async fn a_deletion_reports_whether_it_succeeded() {
    let (_transport, client) = in_memory::engine();
    let id = xurrent_sandbox::node_id("GoldenSetItem", 2);
    let input = GoldenSetItemDeleteMutationInput::new(id.as_str());
    let payload = client.golden_set_item_delete(input.clone()).await.unwrap();
    assert_eq!(payload.success, Some(true));
    let error = client.golden_set_item_delete(input).await.unwrap_err();
    assert!(error.is_payload(), "it is gone: {error}");
}

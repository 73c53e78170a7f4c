//! Every shape of a reported failure, one test per shape.

#![allow(clippy::unwrap_used, missing_docs)]

mod payloads;
mod text;

use crate::in_memory;
use http::{HeaderValue, Response};
use serde_json::{Value, json};
use std::time::Duration;
use xurrent::transport::Transport;
use xurrent::{Client, Error, ErrorKind, MemoryTransport, RequestUpdateInput, RetryPolicy};
use xurrent_runtime::transport::{BoxFuture, Request};

/// Gives every request this answer.
struct Fixed {
    status: u16,
    content_type: &'static str,
    body: String,
}

impl Transport for Fixed {
    fn send(&self, _request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>, Error>> {
        let mut answer = Response::new(self.body.clone().into_bytes());
        *answer.status_mut() = self.status.try_into().unwrap();
        for (name, value) in [("content-type", self.content_type), ("x-request-id", "req-42")] {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        Box::pin(async { Ok(answer) })
    }
}

async fn failure(status: u16, content_type: &'static str, body: &str) -> Error {
    failure_with("token", status, content_type, body).await
}

async fn failure_with(token: &str, status: u16, content_type: &'static str, body: &str) -> Error {
    let transport = Fixed { status, content_type, body: body.to_owned() };
    let builder = Client::builder().account("wdc").personal_access_token(token).transport(transport);
    let error = builder.build().unwrap().me().retry(RetryPolicy::never()).await.unwrap_err();
    assert_eq!(error.request_id(), Some("req-42"));
    assert!(error.to_string().ends_with("(request req-42)"), "{error}");
    error
}

async fn json_failure(status: u16, body: Value) -> Error {
    failure(status, "application/json; charset=utf-8", &body.to_string()).await
}

/// A client that always gets this GraphQL answer.
fn client(answer: Value) -> Client {
    in_memory::client(&MemoryTransport::new(move |_| answer.clone()))
}

async fn me(answer: Value) -> Result<Option<xurrent::Person>, Error> {
    client(answer).me().await
}

fn all(error: &Error) -> Vec<(Vec<&str>, &str)> {
    error.errors().iter().map(|e| (e.path.iter().map(String::as_str).collect(), e.message.as_str())).collect()
}

/// The answer of a mutation as the client asks for it, with these errors in its payload.
fn refused(root: &'static str, errors: Value) -> Client {
    let transport = MemoryTransport::new(move |request| {
        let mut answer = in_memory::answer(request);
        let payload = answer["data"][root].as_object_mut().unwrap();
        for (key, value) in payload.iter_mut() {
            let is_errors = key.ends_with("errors");
            *value = if is_errors { errors.clone() } else { Value::Null };
        }
        answer
    });
    in_memory::client(&transport)
}

#[tokio::test]
async fn an_error_status_is_an_error_with_the_servers_message() {
    for status in [400, 401, 403, 404, 406, 422, 429, 500, 502, 503, 504] {
        let body = json!({ "message": "What went wrong", "documentation_url": "https://example.com" });
        let error = json_failure(status, body).await;
        let kind = match status {
            401 | 403 => ErrorKind::Unauthorized,
            429 => ErrorKind::RateLimited,
            _ => ErrorKind::Status,
        };
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
        let text = error.to_string();
        assert!(text.contains(&status.to_string()) && text.contains(": What went wrong (request"), "{text}");
    }
}

#[tokio::test]
async fn all_invalid_fields_of_an_error_response_are_reported() {
    let pairs = json!([["subject", "can't be blank"], ["status", "is not included in the list"]]);
    let error = json_failure(422, json!({ "message": "Validation Failed", "errors": pairs })).await;
    assert_eq!(
        all(&error),
        [(vec!["subject"], "can't be blank"), (vec!["status"], "is not included in the list")]
    );
    let text =
        "Validation Failed: subject: can't be blank; status: is not included in the list (request req-42)";
    assert!(error.to_string().ends_with(text), "{error}");
}

#[tokio::test]
async fn all_graphql_errors_beside_an_error_status_are_reported() {
    let errors =
        json!([{ "message": "No field `x`", "locations": [] }, { "message": "Other", "path": ["a", 0] }]);
    let error = json_failure(400, json!({ "errors": errors })).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(400)));
    assert_eq!(all(&error), [(vec![], "No field `x`"), (vec!["a", "0"], "Other")]);
}

#[tokio::test]
async fn errors_in_another_form_do_not_hide_the_message() {
    for errors in [json!(null), json!([])] {
        let error = json_failure(422, json!({ "message": "Words", "errors": errors })).await;
        assert!(error.to_string().contains(": Words (request"), "{error}");
        assert!(error.errors().is_empty());
    }
    for (errors, path, message) in
        [(json!("text"), vec![], "text"), (json!({ "a": 1 }), vec!["a"], "1"), (json!([1]), vec![], "1")]
    {
        let error = json_failure(422, json!({ "message": "Words", "errors": errors })).await;
        assert_eq!(all(&error), [(path, message)]);
        assert!(error.to_string().contains(": Words: "), "{error}");
    }
}

#[tokio::test]
async fn html_and_empty_error_bodies_are_quoted() {
    for status in [500, 502, 503, 504] {
        let error = failure(status, "text/html", "<html><h1>Bad Gateway</h1></html>").await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(status)));
        assert!(error.to_string().contains("not JSON: <html><h1>Bad Gateway"), "{error}");
        let error = failure(status, "text/html", " \n").await;
        assert!(error.to_string().contains("with an empty body"), "{error}");
    }
}

#[tokio::test]
async fn a_response_that_is_not_json_is_an_error_with_an_excerpt() {
    let body = format!("<p>{}</p>", "é".repeat(50_000));
    let error = failure(200, "text/html; charset=utf-8", &body).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(200)));
    let text = error.to_string();
    assert!(text.contains("something that is not JSON: <p>ééé") && text.contains('…'), "{text}");
    assert!(text.chars().count() < 350, "{}", text.chars().count());
    // What the body looks like does not matter when the server says that it is something else.
    let error = failure(200, "text/plain", r#"{"data":{"me":{"name":"the-value"}}}"#).await;
    assert_eq!(error.kind(), ErrorKind::Status);
    let text = error.to_string();
    assert!(text.contains("without a JSON content type") && !text.contains("the-value"), "{text}");
}

#[tokio::test]
async fn graphql_errors_are_all_kept_with_their_paths() {
    let error = me(json!({ "data": null, "errors": [
        { "message": "One", "path": ["me", "nodes", 0, "name"], "locations": [{ "line": 1, "column": 2 }] },
        { "message": "Two", "path": "me" },
        { "message": "Three", "path": null },
        { "message": "Four" },
    ] }))
    .await
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    let expected: [(Vec<&str>, &str); 4] =
        [(vec!["me", "nodes", "0", "name"], "One"), (vec!["me"], "Two"), (vec![], "Three"), (vec![], "Four")];
    assert_eq!(all(&error), expected);
    assert!(error.to_string().ends_with("me.nodes.0.name: One; me: Two; Three; Four"), "{error}");
}

#[tokio::test]
async fn the_extensions_of_an_error_are_kept_as_json() {
    let extensions = json!({ "code": "X", "depth": [1, { "a": null }] });
    let error = me(json!({ "errors": [{ "message": "No", "extensions": extensions }] })).await.unwrap_err();
    let kept = error.errors()[0].extensions.as_ref().unwrap();
    assert_eq!(kept.parse::<Value>().unwrap(), extensions);
}

#[tokio::test]
async fn errors_in_any_form_in_a_successful_response_keep_their_text() {
    for (errors, expected) in [
        (json!(["one", "two"]), vec![(vec![], "one"), (vec![], "two")]),
        (json!("one"), vec![(vec![], "one")]),
        (json!({ "message": "one" }), vec![(vec![], "one")]),
        (json!({ "base": ["one", "two"] }), vec![(vec!["base"], "one"), (vec!["base"], "two")]),
        (json!([["subject", "one"]]), vec![(vec!["subject"], "one")]),
        (json!([{ "message": ["one"], "path": ["me"] }]), vec![(vec!["me"], "one")]),
        (json!([{ "message": ["one", "two"], "path": ["me"] }]), vec![(vec!["me"], "one; two")]),
        (json!([{ "message": null, "reason": "one" }]), vec![(vec!["reason"], "one")]),
        (json!([{ "path": ["me"], "reason": "one" }]), vec![(vec!["me"], r#"{"reason":"one"}"#)]),
        (json!([{ "message": null, "extensions": { "code": "ONE" } }]), vec![(vec![], r#"{"code":"ONE"}"#)]),
        (json!([{ "message": null, "path": ["me"] }]), vec![(vec!["me"], "the server gives no message")]),
        (json!([null, {}]), vec![(vec![], "null"), (vec![], "{}")]),
    ] {
        let error = me(json!({ "data": { "me": null }, "errors": errors })).await.unwrap_err();
        assert_eq!((error.kind(), all(&error)), (ErrorKind::GraphQl, expected), "{errors}");
        assert_eq!(error.partial_data(), Some(r#"{"me":null}"#), "{errors}");
        // And in a payload.
        let client = refused("requestUpdate", errors.clone());
        let error = client.request_update(RequestUpdateInput::new("id")).await.unwrap_err();
        assert!(error.is_payload(), "{errors}: {error}");
    }
}

#[tokio::test]
async fn a_limit_reported_in_a_successful_response_is_a_rate_limit() {
    for code in ["THROTTLED", "RATE_LIMITED", "rate-limited"] {
        let error = json!({ "message": "Slow", "extensions": { "code": code, "retryAfter": 7 } });
        for body in [
            json!({ "errors": [error] }),
            json!({ "errors": [error], "data": null }),
            json!({ "data": { "me": null }, "errors": [error] }),
        ] {
            let told = json_failure(200, body).await;
            assert_eq!(told.kind(), ErrorKind::RateLimited, "{told}");
            assert_eq!(told.retry_after(), Some(Duration::from_secs(7)));
            assert_eq!((told.status(), all(&told)), (None, vec![(vec![], "Slow")]));
        }
        for status in [400, 500, 502] {
            let told = json_failure(status, json!({ "errors": [error] })).await;
            assert_eq!((told.kind(), told.status()), (ErrorKind::RateLimited, Some(status)), "{told}");
            assert_eq!(told.retry_after(), Some(Duration::from_secs(7)));
        }
    }
    // What came nevertheless is not thrown away, and another reason is another reason.
    let throttled = json!({ "message": "Slow", "extensions": { "code": "THROTTLED" } });
    for body in [
        json!({ "data": { "me": { "id": "1" } }, "errors": [throttled] }),
        json!({ "errors": [throttled, { "message": "Other" }] }),
    ] {
        assert_eq!(json_failure(200, body).await.kind(), ErrorKind::GraphQl);
    }
}

#[tokio::test]
async fn an_empty_list_of_errors_is_not_an_error() {
    for errors in [json!([]), Value::Null] {
        assert!(me(json!({ "data": { "me": null }, "errors": errors })).await.unwrap().is_none());
        let error = me(json!({ "data": null, "errors": errors })).await.unwrap_err();
        assert!(error.to_string().contains("neither data nor errors"), "{error}");
    }
}

#[tokio::test]
async fn an_error_keeps_the_data_beside_it() {
    let answer = json!({ "data": { "me": null }, "errors": [{ "message": "No" }] });
    let error = me(answer.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    assert_eq!(error.partial_data(), Some(r#"{"me":null}"#));
    let partial = client(answer).me().allow_partial().await.unwrap();
    assert!(partial.data.unwrap().is_none());
    assert_eq!(partial.errors[0].message, "No");
}

#[tokio::test]
async fn neither_data_nor_errors_is_a_decode_error() {
    for answer in [json!({}), json!({ "data": null }), json!({ "extensions": {} })] {
        let error = me(answer).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("the response to `me` has neither data nor errors"), "{error}");
    }
}

//! Errors: what the server says, and what is never shown.

use crate::platform::script::{Answer, Script, json, status};
use crate::platform::webhooks_api::{URI, api, one, webhook};
use serde_json::json;
use xurrent::WebhookEvent as Event;
use xurrent::webhooks_api::{NewWebhook, WebhookChanges, WebhookUri};
use xurrent::{Client, Error, ErrorKind, SecretString};

async fn refused(answer: Answer) -> Error {
    let script = Script::new([answer.with("x-request-id", "r-1")]);
    let error = api(&script).create(NewWebhook::new(Event::RequestCreate, URI)).await.unwrap_err();
    assert_eq!(error.request_id(), Some("r-1"));
    error
}

#[tokio::test]
async fn all_that_the_server_says_is_in_the_error() {
    let error = refused(json(404, r#"{"message":"Not Found"}"#)).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(404)));
    assert!(error.to_string().contains("Not Found"), "{error}");
    for status in [401, 403] {
        let error = refused(json(status, r#"{"message":"Administrators only"}"#)).await;
        assert!(error.is_unauthorized() && error.to_string().contains("Administrators only"), "{error}");
    }
    let expected = ["Event is not included in the list", "Uri is invalid"];
    for errors in [
        r#"["Event is not included in the list","Uri is invalid"]"#,
        r#"[["event","Event is not included in the list"],["uri","Uri is invalid"]]"#,
        r#"[{"message":"Event is not included in the list","path":["event"]},{"message":"Uri is invalid"}]"#,
        r#"[{"field":"event","message":"Event is not included in the list"},{"field":"uri","message":"Uri is invalid"}]"#,
        r#"{"event":["Event is not included in the list"],"uri":"Uri is invalid"}"#,
        r#"[{"event":["Event is not included in the list"]},{"uri":["Uri is invalid"]}]"#,
    ] {
        let error =
            refused(json(422, &format!(r#"{{"message":"Validation Failed","errors":{errors}}}"#))).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(422)));
        let messages: Vec<&str> = error.errors().iter().map(|error| error.message.as_str()).collect();
        assert_eq!(messages, expected, "{errors}");
        let paths: Vec<&[String]> = error.errors().iter().map(|error| &*error.path).collect();
        assert!(paths.iter().all(|path| path.is_empty() || matches!(path[0].as_str(), "event" | "uri")));
        assert_eq!(paths[0].is_empty(), errors.starts_with("[\"Event"), "{errors}");
        let shown = error.to_string();
        assert!(expected.iter().all(|message| shown.contains(message)), "{shown}");
        assert!(shown.contains("Validation Failed"), "{shown}");
    }
    let error = refused(json(422, r#"{"message":"No","errors":{"uri":["is long","is wrong"]}}"#)).await;
    assert!(error.to_string().contains("uri: is long; uri: is wrong"), "{error}");
    for errors in ["[1,true]", r#"{"a":{"b":7}}"#, r#"[{"message":{"x":"deep"},"field":5}]"#] {
        let error = refused(json(422, &format!(r#"{{"message":"No","errors":{errors}}}"#))).await;
        assert!(!error.errors().is_empty(), "{errors}: {error}");
    }
    for (answer, part) in [
        (status(200, "<h1>Sign in</h1>"), "not JSON"),
        (status(500, "<h1>Down</h1>"), "Down"),
        (json(500, ""), "empty body"),
        (status(204, ""), "empty body"),
        (status(302, ""), "302"),
    ] {
        let error = refused(answer).await;
        assert!(error.to_string().contains(part), "{part}: {error}");
        assert_eq!(error.kind(), ErrorKind::Status, "{error}");
    }
    // A page of whatever stands in between is no success of a test.
    let script = Script::new([status(200, "<h1>Sign in</h1>")]);
    assert_eq!(api(&script).test(2).await.unwrap_err().kind(), ErrorKind::Status);
}

#[tokio::test]
async fn what_an_address_holds_is_never_shown() {
    let secrets = ["mylogin-4711", "parameter-0815", "pat-1234567890"];
    let is_clean = |text: String| {
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
    };
    let uri = WebhookUri::from(URI);
    assert_eq!((uri.to_string().as_str(), uri.expose()), ("https://***@example.com/hook?***", URI));
    assert_eq!(serde_json::to_value(&uri).unwrap(), json!("https://***@example.com/hook?***"));
    assert_eq!(WebhookUri::from(SecretString::from(URI)).expose(), URI);
    is_clean(format!("{uri:?} {:?}", NewWebhook::new(Event::RequestCreate, URI).name("a")));
    is_clean(format!("{:?}", WebhookChanges::new().uri(URI)));
    is_clean(format!("{:?}", WebhookUri::from("nonsense:mylogin-4711@example.com?parameter-0815")));

    let mut failed = webhook(1);
    failed["last_error"] = json!(format!("connection to {URI} refused, password mylogin-4711"));
    let script = Script::new([one(&failed)]);
    let read = api(&script).get(1).await.unwrap();
    is_clean(format!("{read:?} {:?}", read.last_error));
    assert_eq!(read.uri.expose(), URI);

    let echo = format!(r#"{{"message":"{URI} is taken","errors":[["uri","{URI} for pat-1234567890"]]}}"#);
    for answer in [json(422, &echo), status(500, &echo), json(500, &format!("\"{URI}\""))] {
        let script = Script::new([answer.with("x-request-id", "r-pat-1234567890")]);
        let client = Client::builder().account("wdc").personal_access_token("pat-1234567890");
        let api = client.transport(script.clone()).build().unwrap().webhooks_api();
        let error = api.create(NewWebhook::new(Event::RequestCreate, URI)).await.unwrap_err();
        is_clean(format!("{error} {error:?} {:?}", error.errors()));
    }
    is_clean(format!("{:?}", api(&Script::new([])).create(NewWebhook::new(Event::RequestCreate, URI))));
}

//! The text of an error: redacted, on a single line, of limited size.

use crate::error_shapes::{Fixed, failure, failure_with, json_failure, me};
use crate::in_memory;
use http::Response;
use serde_json::json;
use xurrent::transport::Transport;
use xurrent::{Client, Error, ErrorKind, MemoryTransport};
use xurrent_runtime::transport::{BoxFuture, Request};

/// Gives every request this body, which is no text.
struct Bytes(Vec<u8>);

impl Transport for Bytes {
    fn send(&self, _request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>, Error>> {
        let answer = Response::new(self.0.clone());
        Box::pin(async { Ok(answer) })
    }
}

const TOKEN: &str = "to+ken/4711=secret";

/// Every form in which a server may repeat the token.
const ECHOES: [&str; 8] = [
    TOKEN,
    "to%2bken%2f4711%3dsecret",
    "to%2Bken%2F4711%3Dsecret",
    "to&#43;ken&#47;4711&#61;secret",
    "to&#x2B;ken&sol;4711&equals;secret",
    "to\\u002bken\\/4711\\u003Dsecret",
    "to\\\\u002bken/4711\\\\u003dsecret",
    "to%252bken%252F4711%253dsecret",
];

fn assert_concealed(error: &Error) {
    let mut shown = format!("{error} {error:?} {:?} {:?}", error.decode_error(), error.errors());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        shown += &format!("{cause} {cause:?}");
        source = cause.source();
    }
    assert!(!shown.contains("4711") && shown.contains("***"), "{shown}");
}

#[tokio::test]
async fn the_token_is_redacted_in_every_form() {
    for echo in ECHOES {
        for body in [
            format!(r#"{{"errors":[{{"message":"no {echo}","extensions":{{"a":"{echo}"}}}}]}}"#),
            format!(r#"{{"errors":["{echo}"]}}"#),
            format!(r#"{{"errors":{{"{echo}":1}}}}"#),
            format!(
                r#"{{"data":{{"me":{{"id":"1","__typename":"{echo}"}}}},"errors":[{{"message":"x","path":["{echo}"]}}]}}"#
            ),
        ] {
            assert_concealed(&failure_with(TOKEN, 200, "application/json", &body).await);
            assert_concealed(&failure_with(TOKEN, 500, "application/json", &body.replace("data", "x")).await);
        }
        assert_concealed(&failure_with(TOKEN, 200, "text/html", &format!("<p>{echo}</p>")).await);
    }
}

#[tokio::test]
async fn an_unexpected_value_is_redacted_when_quoted() {
    for echo in ECHOES {
        let long = format!("{}{echo}", "x".repeat(50));
        for echo in [echo, &long] {
            let echoed = echo.to_owned();
            let transport = MemoryTransport::new(move |request| {
                let mut answer = in_memory::answer(request);
                let echo: String = serde_json::from_str(&format!("\"{echoed}\"")).unwrap();
                answer["data"]["me"]["createdAt"] = json!(echo);
                answer
            });
            let client = Client::builder().account("wdc").personal_access_token(TOKEN);
            let error = client.transport(transport).build().unwrap().me().await.unwrap_err();
            assert!(error.to_string().contains("is not a valid ISO8601Timestamp"), "{error}");
            assert_concealed(&error);
        }
    }
    let other = format!(r#"{{"data":{{"node":{{"__typename":"{TOKEN}"}}}}}}"#);
    let transport = Fixed { status: 200, content_type: "application/json", body: other };
    let client = Client::builder().account("wdc").personal_access_token(TOKEN).transport(transport);
    let error = client.build().unwrap().node::<xurrent::Person>("1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongType);
    assert_concealed(&error);
    let page = format!(
        r#"{{"data":{{"people":{{"pageInfo":{{"hasNextPage":true,"endCursor":"{TOKEN}"}},"nodes":[]}}}}}}"#
    );
    let transport = Fixed { status: 200, content_type: "application/json", body: page };
    let client = Client::builder().account("wdc").personal_access_token(TOKEN).transport(transport);
    let error = client.build().unwrap().people().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Pagination);
    assert_concealed(&error);
}

#[tokio::test]
async fn a_short_token_is_redacted() {
    for token in ["pat-1", "7f3", "x"] {
        for body in [format!("the token `{token}` is wrong"), format!("Bearer {token}")] {
            let body = json!({ "message": body }).to_string();
            let error = failure_with(token, 401, "application/json", &body).await;
            assert!(!error.to_string().contains(token), "{error}");
            assert!(error.to_string().contains("***"), "{error}");
        }
    }
}

#[tokio::test]
async fn an_error_is_a_single_line() {
    const ODD: &str = "a\r\nERROR forged\u{1b}[2J\u{9b}31m\u{202e}b\u{2028}c\u{7}";
    const SHOWN: &str = r"a\r\nERROR forged\u{1b}[2J\u{9b}31m\u{202e}b\u{2028}c\u{7}";
    let entry = json!({ "message": ODD, "path": [ODD], "extensions": { "code": ODD } });
    for (status, body) in [
        (200, json!({ "errors": [entry] })),
        (200, json!({ "errors": { ODD: ODD } })),
        (500, json!({ "message": ODD })),
        (500, json!({ "message": ODD, "errors": [entry] })),
        (500, json!({ "x": ODD })),
    ] {
        let error = json_failure(status, body.clone()).await;
        let held = error.errors().iter().map(|error| format!("{}{:?}", error.message, error.path));
        let text = format!("{error}{error:?}{}", held.collect::<String>());
        let is_plain = |c: char| !c.is_control() && !matches!(c, '\u{202e}' | '\u{2028}');
        assert!(text.chars().all(is_plain), "{text:?}");
        assert!(text.contains(SHOWN) || body["x"].is_string(), "{text}");
    }
    let text = failure(500, "text/plain", ODD).await.to_string();
    assert!(text.contains(SHOWN), "{text}");
    let unknown = me(json!({ "data": { "me": { "id": "1", "name": 1 } } })).await.unwrap_err();
    assert!(unknown.to_string().contains("me.name: expected String, found a number"), "{unknown}");
}

#[tokio::test]
async fn the_size_of_an_error_is_limited() {
    let long = "é\u{1b}".repeat(500_000);
    for body in [
        json!({ "errors": [{ "message": long, "path": [long], "extensions": { "a": long } }] }),
        json!({ "errors": [long] }),
        json!({ "errors": { "a": long } }),
    ] {
        for status in [200, 500] {
            let error = json_failure(status, body.clone()).await;
            let size = format!("{error}{error:?}").len();
            assert!(size < 100_000, "{size}");
            assert!(error.to_string().contains("é") && error.to_string().contains('…'));
        }
    }
    let error = json_failure(500, json!({ "message": long })).await;
    assert!(error.to_string().len() < 30_000);
    let bytes = Bytes(vec![0xff; 20_000_000]);
    let client = Client::builder().account("wdc").personal_access_token(TOKEN).transport(bytes);
    let error = client.build().unwrap().me().await.unwrap_err().to_string();
    assert!(error.len() < 2_000, "{}", error.len());
}

#[tokio::test]
async fn a_hundred_thousand_errors_are_counted_but_not_all_kept() {
    let entry = json!({ "message": format!("no {TOKEN}"), "path": ["me"], "extensions": { "a": TOKEN } });
    let body = json!({ "errors": vec![entry; 100_000] }).to_string();
    let error = failure_with(TOKEN, 200, "application/json", &body).await;
    assert_eq!(error.errors().len(), 10_001);
    assert_eq!(error.errors()[10_000].message, "and 90000 more errors");
    assert_concealed(&error);
    let text = error.to_string();
    assert!(text.starts_with("`me` failed: me: no ***; ") && text.contains("; and 9901 more"), "{text}");
    assert!(text.len() < 10_000);
    assert!(format!("{error:?}").len() < 2_000_000);
}

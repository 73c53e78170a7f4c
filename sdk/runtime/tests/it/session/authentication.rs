//! APIs that take the token in a header of their own, or take none.

use crate::session::script::{Script, graphql, json, status};
use std::fs;
use xurrent_runtime::{ErrorKind, Hook, MemoryTransport, Recording, RequestStart, RetryPolicy};

const KEY: &str = "key-5e1b9c/x";

mod keyed {
    use xurrent_runtime::{Authentication, http::HeaderName};

    xurrent_runtime::client! {
        /// A client of an API with a key and an account.
        xurrent_runtime {
            const ENDPOINT: Option<&'static str> = Some("https://keyed.example.com/graphql");
            const AUTHENTICATION: Authentication = Authentication::Header(HeaderName::from_static("x-api-key"));
            const ACCOUNT: Option<&'static str> = Some("x-shop");
            const USER_AGENT: &'static str = "keyed/1";
        }
    }

    impl ClientBuilder {
        pub(super) fn shop(mut self, shop: &str) -> Self {
            self.settings.account = Some(shop.to_owned());
            self
        }
    }
}

mod open {
    xurrent_runtime::client! {
        /// A client of a public API.
        xurrent_runtime {
            const AUTHENTICATION: xurrent_runtime::Authentication = xurrent_runtime::Authentication::None;
        }
    }
}

#[tokio::test]
async fn a_key_is_sent_as_it_is_in_a_header_of_the_api() {
    let script = Script::new([graphql()]);
    let builder = keyed::Client::builder().personal_access_token(KEY).shop("north");
    let client = builder.transport(script.clone()).build().unwrap();
    client.raw("{ a }", ()).await.unwrap();
    let sent = &script.sent()[0];
    assert_eq!(sent.uri, "https://keyed.example.com/graphql");
    assert_eq!((sent.header("x-api-key"), sent.header("authorization")), (Some(KEY), None));
    assert_eq!(sent.header("x-shop"), Some("north"));
    assert!(sent.sensitive);
}

#[tokio::test]
async fn a_public_api_needs_no_token_and_takes_none() {
    let script = Script::new([graphql()]);
    let open = || open::Client::builder().endpoint("https://open.example.com/");
    open().transport(script.clone()).build().unwrap().raw("{ a }", ()).await.unwrap();
    assert_eq!((script.sent()[0].header("authorization"), script.sent()[0].sensitive), (None, false));
    let error = open().personal_access_token(KEY).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("takes no token"), "{error}");
}

#[tokio::test]
async fn a_key_is_never_printed_or_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    let echo = format!("refused {KEY} and {KEY}");
    let body = format!(r#"{{"message":"{echo}","{echo}":"{echo}"}}"#);
    let script = Script::new([
        status(502, &echo).with("x-request-id", KEY),
        json(400, &body),
        json(200, &format!(r#"{{"errors":[{{"message":"{echo}"}}]}}"#)),
    ]);
    for scheme in ["", "Basic "] {
        let client = keyed::Client::builder()
            .personal_access_token(format!("{scheme}{KEY}"))
            .retry(RetryPolicy::never())
            .recording(Recording::to(&file))
            .transport(script.clone());
        assert!(!format!("{client:?}").contains(KEY));
        let client = client.build().unwrap();
        assert!(!format!("{client:?}").contains(KEY));
        let calls = if scheme.is_empty() { 2 } else { 1 };
        for _ in 0..calls {
            let error = client.raw("{ a }", ()).await.unwrap_err();
            let printed = format!("{error:#} {error:?} {:?}", error.request_id());
            assert!(!printed.contains(KEY), "{printed}");
        }
    }
    let recorded = fs::read_to_string(&file).unwrap();
    assert_eq!(recorded.matches("{ a }").count(), 3, "{recorded}");
    assert!(!recorded.contains(KEY) && recorded.contains("refused ***"), "{recorded}");
}

struct Overwrites;

impl Hook for Overwrites {
    fn before_request(&self, request: &mut RequestStart<'_>) -> xurrent_runtime::Result<()> {
        request.add_header("x-api-key", "another")
    }
}

#[tokio::test]
async fn neither_hooks_nor_headers_replace_the_key() {
    let memory = || MemoryTransport::new(|_| serde_json::json!({"data": {}}));
    let client = keyed::Client::builder().personal_access_token(KEY).hook(Overwrites).transport(memory());
    let error = client.build().unwrap().raw("{ a }", ()).await.unwrap_err();
    assert!(error.to_string().contains("is not for a hook to set"), "{error}");
    let client = keyed::Client::builder().personal_access_token(KEY).header("X-Api-Key", "another");
    let error = client.transport(memory()).build().unwrap_err();
    assert!(error.to_string().contains("carries the token"), "{error}");
}

//! What a hook is told of calls and requests, and what it can do to them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::sandboxed::{builder, start};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;
use xurrent::hook::{CallEnd, Outcome, RequestEnd, RequestStart};
use xurrent::{Client, Error, Hook, RequestCreateInput, Result, RetryPolicy, Upload};
use xurrent_sandbox::{Fault, Sandbox};

const TOKEN: &str = "token-7d20c6/51";

/// Writes down what it is told, and shows everything that can be shown.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<(Vec<String>, String)>>);

impl Notes {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().0)
    }

    fn shown(&self) -> String {
        self.0.lock().unwrap().1.clone()
    }

    fn add(&self, note: String, shown: String) {
        let mut notes = self.0.lock().unwrap();
        notes.0.push(note);
        notes.1.push_str(&shown);
    }
}

fn ended(outcome: &Outcome<'_>) -> String {
    match outcome {
        Outcome::Answered => "answered".to_owned(),
        Outcome::Failed(error) => format!("{:?}", error.kind()),
        Outcome::Cancelled => "cancelled".to_owned(),
        other => unreachable!("{other:?}"),
    }
}

impl Hook for Notes {
    fn before_request(&self, request: &mut RequestStart<'_>) -> Result<()> {
        self.add(format!("to {:?}", request.operation()), format!("{request:?} {request:#?}"));
        assert_eq!(request.host(), "127.0.0.1");
        Ok(())
    }

    fn after_request(&self, request: &RequestEnd<'_>) {
        let outcome = ended(&request.outcome);
        self.add(format!("{:?} {:?} {outcome}", request.operation, request.status), format!("{request:?}"));
    }

    fn after_call(&self, call: &CallEnd<'_>) {
        let outcome = ended(&call.outcome);
        let (operation, attempts, status) = (call.operation, call.attempts, call.status);
        assert_eq!(call.label, "wdc");
        assert!(call.waited <= call.duration);
        let kind = if call.is_mutation { "mutation" } else { "query" };
        self.add(
            format!("{kind} {operation} {attempts} {status:?} {:?} {outcome}", call.cost),
            format!("{call:?}"),
        );
    }
}

/// A hook that does something before each request.
struct Before<F>(F);

impl<F: Fn(&mut RequestStart<'_>) -> Result<()> + Send + Sync + 'static> Hook for Before<F> {
    fn before_request(&self, request: &mut RequestStart<'_>) -> Result<()> {
        self.0(request)
    }
}

fn hooked(sandbox: &Sandbox, hook: impl Hook) -> Client {
    builder(sandbox).hook(hook).build().unwrap()
}

#[tokio::test]
async fn hooks_observe_the_requests_of_an_upload() {
    let sandbox = start(|it| it.token(TOKEN)).await;
    let notes = Notes::default();
    let file = hooked(&sandbox, notes.clone()).upload(Upload::bytes("a.txt", "content")).await.unwrap();
    assert_eq!(
        notes.take(),
        [
            "to Some(\"attachmentStorage\")",
            "Some(\"attachmentStorage\") Some(200) answered",
            "query attachmentStorage 1 Some(200) Some(1) answered",
            "to Some(\"upload\")",
            "Some(\"upload\") Some(201) answered",
        ]
    );
    assert!(!notes.shown().contains(&file.key));
}

#[tokio::test]
async fn hooks_observe_every_call_and_request() {
    let sandbox = start(|it| it.token(TOKEN)).await;
    let notes = Notes::default();
    let client = hooked(&sandbox, notes.clone());
    // The server repeats the token where it can.
    let refusal = Fault::status(429)
        .header("retry-after", "1")
        .header("x-request-id", "r-1 token-7d20c6/51")
        .body(TOKEN);
    sandbox.faults([refusal, Fault::none(), Fault::status(500).body(TOKEN), Fault::cut_after()]);
    client.me().await.unwrap();
    assert_eq!(
        notes.take(),
        [
            "to Some(\"me\")",
            "Some(\"me\") Some(429) answered",
            "to Some(\"me\")",
            "Some(\"me\") Some(200) answered",
            "query me 2 Some(200) Some(1) answered",
        ]
    );
    let create = || client.request_create(RequestCreateInput::new().subject("the-value"));
    create().await.unwrap_err();
    create().await.unwrap_err();
    let name = "requestCreate";
    assert_eq!(
        notes.take(),
        [
            format!("to Some({name:?})"),
            format!("Some({name:?}) Some(500) answered"),
            format!("mutation {name} 1 Some(500) None Status"),
            format!("to Some({name:?})"),
            format!("Some({name:?}) None Transport"),
            format!("mutation {name} 1 None None Transport"),
        ]
    );
    let shown = notes.shown();
    assert!(shown.contains("authorization") && shown.contains("r-1 ***"), "{shown}");
    for secret in [TOKEN, "7d20c6", "the-value"] {
        assert!(!shown.contains(secret), "{shown}");
    }

    let signing_in = Client::builder()
        .account(sandbox.account())
        .endpoints(sandbox.graphql_url(), sandbox.token_url())
        .client_credentials(sandbox.client_id(), sandbox.client_secret())
        .hook(notes.clone())
        .build()
        .unwrap();
    signing_in.check().await.unwrap();
    assert_eq!(notes.take(), ["to None", "None Some(200) answered", "to None", "None Some(200) answered"]);
    assert!(!notes.shown().contains(sandbox.client_secret()));
}

#[tokio::test]
async fn hooks_observe_cancelled_calls() {
    let sandbox = start(|it| it).await;
    let notes = Notes::default();
    let client = hooked(&sandbox, notes.clone());
    sandbox
        .faults([Fault::none().delayed(Duration::from_secs(20)), Fault::slow_body(Duration::from_secs(20))]);
    assert!(timeout(Duration::from_millis(200), client.me()).await.is_err());
    assert_eq!(
        notes.take(),
        ["to Some(\"me\")", "Some(\"me\") None cancelled", "query me 1 None None cancelled"]
    );
    let hasty = RetryPolicy::new().time_limit(Duration::from_millis(200));
    client.me().retry(hasty).await.unwrap_err();
    assert_eq!(
        notes.take(),
        ["to Some(\"me\")", "Some(\"me\") None cancelled", "query me 1 None None Timeout"]
    );
    // Dropped before it was awaited: there was no call.
    drop(client.me());
    assert!(notes.take().is_empty());
    assert!(client.me().await.unwrap().is_some());
}

#[tokio::test]
async fn a_hook_adds_headers_but_not_those_of_the_client() {
    let sandbox = start(|it| it.oauth_client("id-of-client", "secret-of-client")).await;
    let adding = |request: &mut RequestStart<'_>| request.add_header("X-Gateway-Key", "integration-7");
    let client = Client::builder()
        .account(sandbox.account())
        .endpoints(sandbox.graphql_url(), sandbox.token_url())
        .client_credentials("id-of-client", "secret-of-client")
        .hook(Before(adding))
        .build()
        .unwrap();
    client.me().await.unwrap();
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let added = ("x-gateway-key".to_owned(), "integration-7".to_owned());
        assert!(request.headers.contains(&added), "{request:?}");
    }

    for (name, value) in [
        ("authorization", "Bearer mine-4711"),
        ("Authorization", "mine-4711"),
        ("proxy-authorization", "mine-4711"),
        ("x-xurrent-account", "mine-4711"),
        ("content-type", "mine-4711"),
        ("host", "mine-4711"),
        ("content-length", "4711"),
        ("a header", "mine-4711"),
        ("x-mine", "mine-4711\n"),
        ("", "mine-4711"),
    ] {
        let client = hooked(&sandbox, Before(move |it: &mut RequestStart<'_>| it.add_header(name, value)));
        let before = sandbox.arrivals().len();
        let error = client.me().await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(&format!("{name:?}")), "{error}");
        assert!(!format!("{error} {error:?}").contains("4711"), "{error:?}");
        assert_eq!(sandbox.arrivals().len(), before, "{name}");
    }
    // Two hooks with one header: the second one would be lost.
    let twice = builder(&sandbox).hook(Before(adding)).hook(Before(adding)).build().unwrap();
    assert!(twice.me().await.unwrap_err().is_configuration());
}

#[tokio::test]
async fn a_hook_can_reject_a_request() {
    let sandbox = start(|it| it).await;
    let client = hooked(&sandbox, Before(|_: &mut RequestStart<'_>| Err(Error::not_sent("no window"))));
    let once = RetryPolicy::never();
    let error = client.request_create(RequestCreateInput::new()).retry(once).await.unwrap_err();
    assert!(format!("{error:#}").contains("no window"), "{error:#}");
    assert!(sandbox.arrivals().is_empty());
}

/// Panics wherever it can.
struct Panics {
    before: bool,
}

impl Hook for Panics {
    fn before_request(&self, _: &mut RequestStart<'_>) -> Result<()> {
        assert!(!self.before, "before");
        Ok(())
    }

    fn after_request(&self, _: &RequestEnd<'_>) {
        panic!("after a request");
    }

    fn after_call(&self, _: &CallEnd<'_>) {
        panic!("after a call");
    }
}

#[tokio::test]
async fn a_panicking_hook_breaks_nothing() {
    let sandbox = start(|it| it).await;
    let notes = Notes::default();
    let client = builder(&sandbox)
        .rate_limit(1, Duration::from_millis(50))
        .hook(Panics { before: false })
        .hook(notes.clone());
    let client = client.build().unwrap();
    for _ in 0..3 {
        // What was executed is not lost, and the next hook is told.
        let payload = client.request_create(RequestCreateInput::new().subject("Kept")).await.unwrap();
        assert!(payload.request.is_some());
        assert_eq!(notes.take().len(), 3);
    }
    sandbox.faults([Fault::none().delayed(Duration::from_secs(20))]);
    assert!(timeout(Duration::from_millis(200), client.me()).await.is_err());
    assert_eq!(notes.take().len(), 3);

    let before = sandbox.arrivals().len();
    let client = hooked(&sandbox, Panics { before: true });
    for _ in 0..3 {
        let error = client.me().await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("panicked"), "{error}");
    }
    assert_eq!(sandbox.arrivals().len(), before);
}

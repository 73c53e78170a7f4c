//! A client that several runtimes share, of which some are not driven, and one without any.

use crate::session::script::{Script, graphql, token};
use crate::session::server::{Server, at, ok};
use crate::session::{api, builder};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use xurrent_runtime::{Client, Error, Json, MemoryTransport, Result, RetryPolicy};

const PATIENT: Duration = Duration::from_secs(30);

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// One call on a runtime, or what became of it when it takes too long.
fn call(runtime: &Runtime, client: &Client) -> Result<()> {
    let call =
        async { timeout(PATIENT, client.raw("{ a }", ()).send()).await.expect("it hangs").map(|_| ()) };
    runtime.block_on(call)
}

#[test]
fn slots_that_were_taken_on_a_runtime_that_is_not_driven_end_by_time() {
    let script = Script::new((0..8).map(|_| graphql()));
    let policy = RetryPolicy::new().max_wait(Duration::from_secs(10));
    let client = builder(&script).rate_limit(4, Duration::from_millis(200)).retry(policy).build().unwrap();
    let (kept, other) = (runtime(), runtime());
    for _ in 0..4 {
        call(&kept, &client).unwrap();
    }
    for _ in 0..4 {
        call(&other, &client).unwrap();
    }
    drop(kept);
}

#[test]
fn calls_that_wait_on_a_runtime_that_is_not_driven_are_passed_over() {
    let script = Script::new((0..12).map(|_| graphql()));
    let policy = RetryPolicy::new().max_wait(PATIENT);
    let client = builder(&script).rate_limit(2, Duration::from_millis(50)).retry(policy).build().unwrap();
    let (kept, other) = (runtime(), runtime());
    call(&kept, &client).unwrap();
    call(&kept, &client).unwrap();
    let mut waiting: Vec<_> = (0..5).map(|_| Box::pin(client.raw("{ waiting }", ()).send())).collect();
    for call in &mut waiting {
        assert!(kept.block_on(async { timeout(Duration::from_millis(1), call).await }).is_err());
    }
    for _ in 0..4 {
        call(&other, &client).unwrap();
    }
    // They are as good as any other when they are polled again.
    for call in waiting {
        kept.block_on(call).unwrap();
    }
}

#[test]
fn a_hundred_short_lived_runtimes_share_one_limit() {
    let window = Duration::from_millis(400);
    let script = Script::new((0..100).map(|_| graphql()));
    let client = builder(&script).rate_limit(25, window).build().unwrap();
    for _ in 0..100 {
        call(&runtime(), &client).unwrap();
    }
    let sent: Vec<_> = script.sent().iter().map(|sent| sent.at).collect();
    let shortest = sent.windows(26).map(|window| window[25] - window[0]).min().unwrap();
    assert!(shortest >= window, "26 requests in {shortest:?}");
}

#[test]
fn a_token_call_on_a_runtime_that_is_not_driven_does_not_block_the_others() {
    let never = token("t1", "3600").after(Duration::from_secs(3_600));
    let script = Script::new([never, token("t2", "3600"), graphql(), graphql()]);
    let builder = api().client_credentials("id", "a-client-secret");
    let client = builder.transport(script.clone()).build().unwrap();
    let (kept, other) = (runtime(), runtime());
    let mut first = Box::pin(client.raw("{ first }", ()).send());
    assert!(kept.block_on(async { timeout(Duration::from_millis(20), &mut first).await }).is_err());
    let start = Instant::now();
    call(&other, &client).unwrap();
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(script.token_calls(), 2);
    call(&other, &client).unwrap();
    assert_eq!(script.token_calls(), 2);
}

#[test]
fn connections_of_a_runtime_that_is_not_driven_are_left_to_it() {
    let server = Server::start(ok(r#"{"data":{"a":1}}"#));
    let client = server.client().request_timeout(PATIENT).build().unwrap();
    let (kept, other) = (runtime(), runtime());
    call(&kept, &client).unwrap();
    let start = Instant::now();
    call(&other, &client).unwrap();
    assert!(start.elapsed() < PATIENT / 2, "{:?}", start.elapsed());
    // Each of them keeps its own.
    call(&kept, &client).unwrap();
    call(&other, &client).unwrap();
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
}

/// What a call comes to that is polled by hand.
fn without_runtime(client: &Client, policy: RetryPolicy) -> Result<Json> {
    let call = pin!(client.raw("{ a }", ()).retry(policy).send());
    match call.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Error::no_response("pending")),
    }
}

#[test]
fn a_call_without_a_runtime_is_an_error() {
    let http = at("http://127.0.0.1:9").build().unwrap();
    let transport = MemoryTransport::new(|_| serde_json::json!({"data": {}}));
    let memory = api().personal_access_token("t").transport(transport);
    let memory = memory.rate_limit(1, PATIENT).build().unwrap();
    let limited = RetryPolicy::new().time_limit(PATIENT);
    without_runtime(&memory, RetryPolicy::new()).unwrap();
    for (client, policy) in
        [(&http, RetryPolicy::new()), (&http, limited), (&memory, RetryPolicy::new()), (&memory, limited)]
    {
        let error = without_runtime(client, policy).unwrap_err();
        assert!(error.is_configuration() && error.is_not_executed(), "{error}");
        assert!(error.to_string().contains("no Tokio runtime"), "{error}");
    }
}

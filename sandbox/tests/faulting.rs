//! What goes wrong on request, and what is too much.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod schema;
mod wire;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use wire::{Answer, call};
use xurrent_sandbox::{DEMO_ACCOUNT, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_TOKEN, Fault, Sandbox};
use xurrent_sandbox::{SandboxBuilder, SandboxError};

async fn start(builder: SandboxBuilder) -> Result<Sandbox, SandboxError> {
    builder.schema_json(schema::schema_json()).start().await
}

const ME: &str = r#"{"query":"{ me { name } }"}"#;
const CREATE: &str =
    r#"{"query":"mutation { requestCreate(input: { subject: \"S\" }) { request { id } } }"}"#;

async fn ask_as(sandbox: &Sandbox, token: &str, body: &str) -> Answer {
    let headers = [
        ("authorization", format!("Bearer {token}")),
        ("x-xurrent-account", DEMO_ACCOUNT.to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    call(&sandbox.graphql_url(), "POST", &headers, body).await
}

async fn ask(sandbox: &Sandbox) -> Answer {
    ask_as(sandbox, DEMO_TOKEN, ME).await
}

/// Everything that comes back until the connection is closed, which may be nothing.
async fn bytes(sandbox: &Sandbox, body: &'static str) -> String {
    let address = sandbox.graphql_url()[7..].split('/').next().unwrap().to_owned();
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {DEMO_TOKEN}\r\nx-xurrent-account: \
             {DEMO_ACCOUNT}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read);
        String::from_utf8(read).unwrap()
    })
    .await
    .unwrap()
}

async fn requests(sandbox: &Sandbox) -> u64 {
    let count = r#"{"query":"{ requests(view: all) { totalCount } }"}"#;
    ask_as(sandbox, DEMO_TOKEN, count).await.body["data"]["requests"]["totalCount"].as_u64().unwrap()
}

#[tokio::test]
async fn a_fault_meets_one_request_each_in_order() {
    let sandbox = start(Sandbox::builder().faults([Fault::status(503)])).await.unwrap();
    sandbox.faults([
        Fault::none(),
        Fault::status(429).header("Retry-After", "7").header("x-ratelimit-remaining", "0"),
        Fault::status(502).header("content-type", "text/html").body("<h1>Bad Gateway</h1>"),
        Fault::status(7),
    ]);
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(ask(&sandbox).await);
    }
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [503, 200, 429, 502, 500, 200]);
    assert_eq!(answers[0].body["message"], "A fault of the sandbox: 503");
    assert_eq!(answers[2].headers["retry-after"], "7");
    assert_eq!(answers[2].headers["x-ratelimit-remaining"], "0");
    assert_eq!(
        (answers[3].headers["content-type"].as_str(), answers[3].text.as_str()),
        ("text/html", "<h1>Bad Gateway</h1>")
    );
    assert_eq!(sandbox.faults_left(), 0);
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_execution() {
    let sandbox = start(Sandbox::builder()).await.unwrap();
    let before = requests(&sandbox).await;
    sandbox.faults([Fault::cut_before()]);
    assert_eq!(bytes(&sandbox, CREATE).await, "");
    assert_eq!(requests(&sandbox).await, before);
    sandbox.faults([Fault::cut_after()]);
    assert_eq!(bytes(&sandbox, CREATE).await, "");
    assert_eq!(requests(&sandbox).await, before + 1);
    let statuses: Vec<u16> = sandbox.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [200, 0, 200, 0, 200]);
    assert_eq!(sandbox.arrivals().len(), 5);
}

#[tokio::test]
async fn a_body_is_cut_slow_of_another_type_or_has_errors() {
    let sandbox = start(Sandbox::builder()).await.unwrap();
    let whole = bytes(&sandbox, ME).await;
    let body = |answer: &str| answer.split_once("\r\n\r\n").unwrap().1.to_owned();

    sandbox.faults([Fault::cut_body()]);
    let cut = body(&bytes(&sandbox, ME).await);
    assert_eq!(cut, body(&whole)[..body(&whole).len() / 2]);

    sandbox.faults([Fault::slow_body(Duration::from_millis(300))]);
    let start = Instant::now();
    assert_eq!(body(&bytes(&sandbox, ME).await), body(&whole));
    assert!(start.elapsed() >= Duration::from_millis(250), "{:?}", start.elapsed());

    sandbox.faults([Fault::content_type("text/plain"), Fault::errors(["Half of it"])]);
    assert_eq!(ask(&sandbox).await.headers["content-type"], "text/plain");
    let answer = ask(&sandbox).await;
    assert_eq!(answer.body["errors"][0]["message"], "Half of it");
    assert_eq!(answer.body["data"]["me"]["name"], "Ada Brouwer");
}

#[tokio::test]
async fn requests_are_late_on_request() {
    let sandbox = start(Sandbox::builder().latency(Duration::from_millis(60))).await.unwrap();
    sandbox.faults([Fault::none(), Fault::none().delayed(Duration::from_millis(100))]);
    for at_least in [60, 160] {
        let start = Instant::now();
        assert_eq!(ask(&sandbox).await.status, 200);
        assert!(start.elapsed() >= Duration::from_millis(at_least), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn token_calls_have_faults_of_their_own() {
    let sandbox = start(Sandbox::builder()).await.unwrap();
    sandbox.faults([Fault::status(503).on_token_call()]);
    assert_eq!(ask(&sandbox).await.status, 200);
    let form = format!(
        "client_id={DEMO_CLIENT_ID}&client_secret={DEMO_CLIENT_SECRET}&grant_type=client_credentials"
    );
    let headers = [("content-type", "application/x-www-form-urlencoded".to_owned())];
    for status in [503, 200] {
        assert_eq!(call(&sandbox.token_url(), "POST", &headers, &form).await.status, status);
    }
}

#[tokio::test]
async fn more_than_the_allowed_burst_is_refused_for_each_user() {
    let builder = Sandbox::builder().user("Grace", "token-of-grace").burst(3, Duration::from_secs(5));
    let sandbox = start(builder).await.unwrap();
    for status in [200, 200, 200, 429] {
        let answer = ask(&sandbox).await;
        assert_eq!(answer.status, status);
        let seconds = answer.headers.get("retry-after").map(|seconds| seconds.parse::<u64>().unwrap());
        assert_eq!(seconds.is_some_and(|seconds| (1..=5).contains(&seconds)), status == 429);
    }
    assert_eq!(ask_as(&sandbox, "token-of-grace", ME).await.status, 200);
}

#[tokio::test]
async fn a_budget_shrinks_until_it_is_used_up_and_comes_back() {
    let builder = Sandbox::builder().user("Grace", "token-of-grace").budget(2, 9, Duration::from_secs(4));
    let sandbox = start(builder).await.unwrap();
    let first = ask(&sandbox).await;
    assert_eq!(
        (first.headers["x-ratelimit-limit"].as_str(), first.headers["x-costlimit-limit"].as_str()),
        ("2", "9")
    );
    assert_eq!(
        (first.headers["x-ratelimit-remaining"].as_str(), first.headers["x-costlimit-remaining"].as_str()),
        ("1", "8")
    );
    assert_eq!(ask(&sandbox).await.headers["x-ratelimit-remaining"], "0");
    assert_eq!(ask(&sandbox).await.status, 429);
    assert_eq!(ask_as(&sandbox, "token-of-grace", ME).await.status, 200);
    tokio::time::sleep(Duration::from_millis(4_100)).await;
    assert_eq!(ask(&sandbox).await.status, 200);
}

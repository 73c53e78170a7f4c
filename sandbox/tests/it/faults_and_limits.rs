//! Faults on request, rate limits and node limits.

use crate::raw_http::{HttpResponse, call};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use xurrent_sandbox::{DEMO_ACCOUNT, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_TOKEN, Fault, Sandbox};
use xurrent_sandbox::{SandboxBuilder, SandboxError};

async fn start(builder: SandboxBuilder) -> Result<Sandbox, SandboxError> {
    builder.schema_json(crate::schema::schema_json()).start().await
}

const ME: &str = r#"{"query":"{ me { name } }"}"#;
const CREATE: &str =
    r#"{"query":"mutation { requestCreate(input: { subject: \"S\" }) { request { id } } }"}"#;

async fn ask_as(sandbox: &Sandbox, token: &str, body: &str) -> HttpResponse {
    let headers = [
        ("authorization", format!("Bearer {token}")),
        ("x-xurrent-account", DEMO_ACCOUNT.to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    call(&sandbox.graphql_url(), "POST", &headers, body).await
}

async fn ask(sandbox: &Sandbox) -> HttpResponse {
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
async fn each_fault_applies_to_one_request_in_order() {
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
    let statuses: Vec<u16> = answers.iter().map(|response| response.status).collect();
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
async fn connections_are_cut_before_or_after_execution() {
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
async fn faults_change_the_body_and_the_content_type() {
    let sandbox = start(Sandbox::builder()).await.unwrap();
    let whole = bytes(&sandbox, ME).await;
    let body = |response: &str| response.split_once("\r\n\r\n").unwrap().1.to_owned();

    sandbox.faults([Fault::cut_body()]);
    let cut = body(&bytes(&sandbox, ME).await);
    assert_eq!(cut, body(&whole)[..body(&whole).len() / 2]);

    sandbox.faults([Fault::slow_body(Duration::from_millis(300))]);
    let start = Instant::now();
    assert_eq!(body(&bytes(&sandbox, ME).await), body(&whole));
    assert!(start.elapsed() >= Duration::from_millis(250), "{:?}", start.elapsed());

    sandbox.faults([Fault::content_type("text/plain"), Fault::errors(["Half of it"])]);
    assert_eq!(ask(&sandbox).await.headers["content-type"], "text/plain");
    let response = ask(&sandbox).await;
    assert_eq!(response.body["errors"][0]["message"], "Half of it");
    assert_eq!(response.body["data"]["me"]["name"], "Ada Brouwer");
}

#[tokio::test]
async fn requests_are_delayed_on_request() {
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
        let response = ask(&sandbox).await;
        assert_eq!(response.status, status);
        let seconds = response.headers.get("retry-after").map(|seconds| seconds.parse::<u64>().unwrap());
        assert_eq!(seconds.is_some_and(|seconds| (1..=5).contains(&seconds)), status == 429);
    }
    assert_eq!(ask_as(&sandbox, "token-of-grace", ME).await.status, 200);
}

#[tokio::test]
async fn a_budget_is_enforced_until_its_window_ends() {
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

const PAGE: &str = r#"{"query":"query people($first: Int, $after: String) { people(view: all, first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }","operationName":"people","variables":{"first":2,"after":AFTER}}"#;

/// Two people after a cursor: how many there are, whether there are more, and after what.
async fn page(sandbox: &Sandbox, after: &str) -> (usize, bool, serde_json::Value) {
    let after = serde_json::json!((!after.is_empty()).then_some(after)).to_string();
    let people =
        ask_as(sandbox, DEMO_TOKEN, &PAGE.replace("AFTER", &after)).await.body["data"]["people"].take();
    let info = &people["pageInfo"];
    (
        people["nodes"].as_array().unwrap().len(),
        info["hasNextPage"].as_bool().unwrap(),
        info["endCursor"].clone(),
    )
}

#[tokio::test]
async fn page_faults_repeat_cursors_omit_them_or_add_records() {
    let sandbox = start(Sandbox::builder()).await.unwrap();
    let (_, _, first) = page(&sandbox, "").await;
    let first = first.as_str().unwrap();
    let (_, _, second) = page(&sandbox, first).await;

    sandbox.faults([Fault::repeated_cursor(), Fault::repeated_cursor()]);
    assert_eq!(page(&sandbox, "").await, (2, true, first.into()), "a first page has no cursor to repeat");
    assert_eq!(page(&sandbox, first).await, (2, true, first.into()));

    sandbox.faults([Fault::no_cursor(), Fault::empty_cursor()]);
    assert_eq!(page(&sandbox, first).await, (2, true, serde_json::Value::Null));
    assert_eq!(page(&sandbox, first).await, (2, true, "".into()));

    sandbox.faults([Fault::long_pages(2), Fault::long_pages(usize::MAX)]);
    assert_eq!(page(&sandbox, "").await, (4, true, second), "it ends where it ends");
    let (records, more, _) = page(&sandbox, "").await;
    assert!(records > 100 && !more, "{records}");
}

#[tokio::test]
async fn documents_beyond_the_node_limit_are_refused() {
    let sandbox = start(Sandbox::builder().max_nodes(50)).await.unwrap();
    let ask_for = async |first: u32, below: u32| {
        let query = format!(
            "{{ people(first: {first}) {{ nodes {{ teams(first: {below}) {{ nodes {{ id }} }} }} }} }}"
        );
        let response = ask_as(&sandbox, DEMO_TOKEN, &serde_json::json!({ "query": query }).to_string()).await;
        assert_eq!(response.status, 200);
        response.body["errors"][0]["message"].as_str().map(str::to_owned)
    };
    assert_eq!(ask_for(5, 10).await, None);
    let refusal = "the query asks for up to 60 nodes, more than the limit of 50";
    assert_eq!(ask_for(6, 10).await.unwrap(), refusal);
    sandbox.faults([Fault::max_nodes(10), Fault::max_nodes(1_000)]);
    assert_eq!(ask_for(11, 1).await.unwrap(), "the query asks for up to 11 nodes, more than the limit of 10");
    assert_eq!(ask_for(6, 10).await.unwrap(), refusal, "a fault allows no more than there is");
    assert_eq!(ask(&sandbox).await.body["data"]["me"]["name"], "Ada Brouwer");
}

#[tokio::test]
async fn a_status_can_replace_the_response_of_an_executed_request() {
    let sandbox = start(Sandbox::builder()).await.unwrap();
    let before = requests_of_engine(&sandbox);
    sandbox.faults([Fault::status(504), Fault::status(504).body("late").after_execution()]);
    for (expected, stored) in [("A fault of the sandbox: 504", 0), ("late", 1)] {
        let response = ask_as(&sandbox, DEMO_TOKEN, CREATE).await;
        assert_eq!(response.status, 504);
        assert!(response.text.contains(expected), "{}", response.text);
        assert_eq!(requests_of_engine(&sandbox), before + stored);
    }
}

#[tokio::test]
async fn faults_select_operations_and_users() {
    let sandbox = start(Sandbox::builder().user("Grace", "token-of-grace")).await.unwrap();
    sandbox.faults([
        Fault::status(501).for_user("Grace"),
        Fault::status(502).for_operation("people"),
        Fault::status(503),
    ]);
    assert_eq!(ask(&sandbox).await.status, 503, "those for others are passed over");
    assert_eq!(ask(&sandbox).await.status, 200);
    assert_eq!(ask_as(&sandbox, "token-of-grace", ME).await.status, 501);
    assert_eq!(ask_as(&sandbox, "token-of-grace", &PAGE.replace("AFTER", "null")).await.status, 502);
    assert_eq!(sandbox.faults_left(), 0);
    sandbox.faults([Fault::status(503)]);
    sandbox.clear_faults();
    assert_eq!((sandbox.faults_left(), ask(&sandbox).await.status), (0, 200));
}

#[tokio::test]
async fn faults_can_be_scripts() {
    let script = r#"[
        {},
        { "fault": { "status": 429 }, "headers": { "retry-after": "7" }, "times": 2 },
        { "fault": { "status": 503 }, "body": "Down", "user": "Grace" },
        { "fault": { "status": 504 }, "after_execution": true },
        { "fault": "no_cursor", "operation": "people" },
        { "fault": { "long_pages": 1 }, "operation": "people", "delay_ms": 60 },
        { "fault": { "errors": ["One", "Two"] } },
        { "fault": { "max_nodes": 0 } },
        { "fault": { "status": 503 }, "on": "token_call" }
    ]"#;
    let sandbox = start(Sandbox::builder().user("Grace", "token-of-grace")).await.unwrap();
    sandbox.faults(Fault::script(script).unwrap());
    assert_eq!(sandbox.faults_left(), 10);
    for status in [200, 429, 429] {
        let response = ask(&sandbox).await;
        assert_eq!((response.status, response.headers.contains_key("retry-after")), (status, status == 429));
    }
    assert_eq!(ask_as(&sandbox, "token-of-grace", ME).await.text, "Down");
    let before = requests_of_engine(&sandbox);
    assert_eq!(ask_as(&sandbox, DEMO_TOKEN, CREATE).await.status, 504);
    assert_eq!(requests_of_engine(&sandbox), before + 1);
    assert!(page(&sandbox, "").await.2.is_null());
    let start = Instant::now();
    assert_eq!(page(&sandbox, "").await.0, 3);
    assert!(start.elapsed() >= Duration::from_millis(60));
    assert_eq!(ask(&sandbox).await.body["errors"].as_array().unwrap().len(), 2);
    assert!(ask(&sandbox).await.text.contains("more than the limit of 0"));
    assert_eq!(sandbox.faults_left(), 1);
}

fn requests_of_engine(sandbox: &Sandbox) -> u64 {
    let query = serde_json::json!({ "query": "{ requests(view: all) { totalCount } }" });
    sandbox.engine().execute(&query)["data"]["requests"]["totalCount"].as_u64().unwrap()
}

#[test]
fn an_invalid_script_is_refused_with_its_position() {
    for (script, reason) in [
        ("", "line 1"),
        ("{}", "expected a sequence"),
        ("[\n{},\n{\"falt\": \"none\"}]", "unknown field `falt`"),
        ("[\n{},\n{\"falt\": \"none\"}]", "line 3"),
        (r#"[{"fault": "cut_middle"}]"#, "unknown variant `cut_middle`"),
        (r#"[{}, {"fault": {"status": 99}}]"#, "entry 2: 99 is not the status of a response"),
        (r#"[{"fault": {"status": 100}}]"#, "entry 1: 100 is not the status"),
        (r#"[{"fault": {"status": 1000}}]"#, "entry 1: 1000 is not the status"),
        (r#"[{"headers": {"a b": "c"}}]"#, "invalid header \"a b\""),
        (r#"[{"headers": {"a": "c\nd"}}]"#, "invalid header \"a\""),
        (r#"[{"fault": "cut_body", "body": "x"}]"#, "`body` and `after_execution` require a `status`"),
        (r#"[{"after_execution": true}]"#, "`body` and `after_execution` require a `status`"),
        (r#"[{"on": "token_call", "user": "Grace"}]"#, "`operation` and `user` require a GraphQL request"),
        (r#"[{"on": "anything"}]"#, "unknown variant"),
        (r#"[{"times": 1000000}, {"times": 1}]"#, "entry 2: more than 1000000 faults"),
        (r#"[{"times": -1}]"#, "invalid value"),
    ] {
        let error = Fault::script(script).unwrap_err().to_string();
        assert!(
            error.starts_with("invalid script of faults: ") && error.contains(reason),
            "{script}: {error}"
        );
    }
    assert!(Fault::script("[]").unwrap().is_empty());
    assert!(Fault::script(r#"[{"times": 0}]"#).unwrap().is_empty());
}

#[tokio::test]
async fn a_sandbox_of_the_same_settings_shares_no_state() {
    let builder =
        Sandbox::builder().account("abc").token("t-1").user("Grace", "t-2").faults([Fault::status(503)]);
    let sandbox = start(builder).await.unwrap();
    let before = requests_of_engine(&sandbox);
    let create = serde_json::json!({ "query": "mutation { requestCreate(input: { subject: \"S\" }) { request { id } } }" });
    assert!(sandbox.engine().execute(&create)["data"]["requestCreate"]["request"]["id"].is_string());
    let other = sandbox.to_builder().latency(Duration::from_millis(1)).start().await.unwrap();
    assert_ne!(other.graphql_url(), sandbox.graphql_url());
    assert_eq!((other.account(), other.token(), other.faults_left()), ("abc", "t-1", 1));
    assert_eq!(requests_of_engine(&other), before, "the records are those of the start");
    assert_eq!(requests_of_engine(&sandbox), before + 1);
    other.clear_faults();
    assert_eq!(sandbox.faults_left(), 1);
    let headers = [
        ("authorization", "Bearer t-2".to_owned()),
        ("x-xurrent-account", "abc".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    drop(sandbox);
    assert_eq!(call(&other.graphql_url(), "POST", &headers, ME).await.status, 200);
    assert_eq!(other.requests().len(), 1);
}

//! HTTP: credentials, headers, recorded requests.

use crate::raw_http::{HttpResponse, call, send};
use crate::schema::run;
use serde_json::json;
use std::net::TcpStream;
use xurrent_sandbox::{DEMO_ACCOUNT, DEMO_TOKEN, Sandbox, SandboxError};

async fn ask(sandbox: &Sandbox, headers: &[(&'static str, String)], body: &str) -> HttpResponse {
    call(&sandbox.graphql_url(), "POST", headers, body).await
}

fn good() -> Vec<(&'static str, String)> {
    vec![
        ("authorization", format!("Bearer {DEMO_TOKEN}")),
        ("x-xurrent-account", DEMO_ACCOUNT.to_owned()),
        ("content-type", "application/json".to_owned()),
    ]
}

fn with(name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let mut headers = good();
    headers.retain(|(known, _)| *known != name);
    if !value.is_empty() {
        headers.push((name, value.to_owned()));
    }
    headers
}

async fn start() -> Sandbox {
    Sandbox::builder().schema_json(crate::schema::schema_json()).start().await.unwrap()
}

const ME: &str = r#"{"query":"{ me { name id } }"}"#;

#[tokio::test]
async fn a_valid_request_has_data() {
    let sandbox = start().await;
    let response = ask(&sandbox, &good(), ME).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.body["data"]["me"]["name"], "Ada Brouwer");
    assert!(response.text.find("name") < response.text.find("\"id\""), "the order of the document");
    assert_eq!(response.headers["content-type"], "application/json; charset=utf-8");
    for name in [
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-costlimit-limit",
        "x-costlimit-cost",
        "x-costlimit-remaining",
        "x-costlimit-reset",
    ] {
        assert!(response.headers[name].parse::<u64>().is_ok(), "{name}");
    }
    let second = ask(&sandbox, &good(), ME).await;
    assert_ne!(response.headers["x-request-id"], second.headers["x-request-id"]);
    assert_eq!(response.headers["x-ratelimit-remaining"], "3599");
    assert_eq!(second.headers["x-ratelimit-remaining"], "3598");
    let old_name = [
        ("authorization", format!("bearer {DEMO_TOKEN}")),
        ("X-4me-Account", DEMO_ACCOUNT.to_owned()),
        ("content-type", "application/json; charset=utf-8".to_owned()),
    ];
    assert_eq!(ask(&sandbox, &old_name, ME).await.status, 200);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn bad_requests_are_refused() {
    let sandbox = start().await;
    let account = "Invalid x-xurrent-account header";
    let large = " ".repeat(5 * 1024 * 1024);
    for (headers, body, status, message) in [
        (with("authorization", ""), ME, 401, "Bad credentials"),
        (with("authorization", "Bearer wrong"), ME, 401, "Bad credentials"),
        (with("authorization", DEMO_TOKEN), ME, 401, "Bad credentials"),
        (with("x-xurrent-account", ""), ME, 400, account),
        (with("x-xurrent-account", "other"), ME, 400, account),
        (with("content-type", "text/plain"), ME, 400, "content type"),
        (with("content-type", ""), ME, 400, "content type"),
        (good(), "{", 400, "not JSON"),
        (good(), "[]", 400, "not a JSON object"),
        (good(), &large, 413, "too large"),
    ] {
        let response = ask(&sandbox, &headers, body).await;
        assert_eq!(response.status, status, "{headers:?}");
        let text = response.body["message"].as_str().unwrap_or_default();
        assert!(text.contains(message), "{text}");
        assert!(response.headers.contains_key("x-request-id"));
        assert_eq!(response.headers["x-costlimit-cost"], "0");
    }
    let url = sandbox.graphql_url();
    let (get, elsewhere) = tokio::task::spawn_blocking(move || {
        let get = send(&url, "GET", &[], "").status;
        (get, send(&url.replace("graphql", "people"), "POST", &[], "").status)
    })
    .await
    .unwrap();
    assert_eq!((get, elsewhere), (405, 404));
}

#[tokio::test]
async fn graphql_errors_come_with_status_200() {
    let sandbox = start().await;
    for body in [
        r#"{"query":"{ nothing }"}"#,
        r#"{"query":"query($n: Int!) { people(first: $n) { totalCount } }","variables":{"n":"x"}}"#,
        r#"{"variables":{}}"#,
        r#"{"query":"{ me { id } }","variables":7}"#,
    ] {
        let response = ask(&sandbox, &good(), body).await;
        assert_eq!(response.status, 200);
        assert!(response.body["errors"][0]["message"].is_string(), "{body}");
        assert!(response.body.get("data").is_none());
    }
}

#[tokio::test]
async fn requests_are_recorded_without_the_token() {
    let sandbox = start().await;
    assert!(sandbox.requests().is_empty());
    ask(&sandbox, &good(), ME).await;
    ask(&sandbox, &with("x-xurrent-account", "nope"), ME).await;
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].method, "POST");
    assert_eq!(requests[0].path, "/graphql");
    assert_eq!(requests[0].status, 200);
    assert_eq!(requests[1].status, 400);
    assert_eq!(requests[0].body, Some(json!({ "query": "{ me { name id } }" })));
    let account = ("x-xurrent-account".to_owned(), DEMO_ACCOUNT.to_owned());
    assert!(requests[0].headers.contains(&account));
    assert!(!format!("{requests:?}").contains(DEMO_TOKEN));
}

#[tokio::test]
async fn token_account_and_port_are_configurable() {
    let sandbox = Sandbox::builder()
        .schema_json(crate::schema::schema_json())
        .token("secret")
        .account("acme")
        .start()
        .await
        .unwrap();
    assert_eq!((sandbox.token(), sandbox.account()), ("secret", "acme"));
    assert_eq!(ask(&sandbox, &good(), ME).await.status, 401);
    let mut headers = with("authorization", "Bearer secret");
    headers.retain(|(name, _)| *name != "x-xurrent-account");
    headers.push(("x-xurrent-account", "acme".to_owned()));
    assert_eq!(ask(&sandbox, &headers, ME).await.status, 200);

    let url = sandbox.graphql_url();
    assert!(url.starts_with("http://127.0.0.1:"));
    let port: u16 = url[17..].split('/').next().unwrap().parse().unwrap();
    let taken = Sandbox::builder().schema_json(crate::schema::schema_json()).port(port).start().await;
    assert!(matches!(taken, Err(SandboxError::Listen { .. })));
}

#[tokio::test]
async fn shutdown_and_drop_close_the_socket() {
    for told in [true, false] {
        let sandbox = start().await;
        let address = sandbox.graphql_url()[7..].split('/').next().unwrap().to_owned();
        assert!(TcpStream::connect(&address).is_ok());
        if told {
            sandbox.shutdown().await;
        } else {
            drop(sandbox);
        }
        let mut is_open = true;
        for _ in 0..50 {
            is_open = TcpStream::connect(&address).is_ok();
            if !is_open {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(!is_open, "told: {told}");
    }
}

#[tokio::test]
async fn decimals_keep_their_digits() {
    let sandbox = start().await;
    let create = |cost: &str| {
        format!(
            r#"{{"query":"mutation($i: PersonCreateInput!) {{ personCreate(input: $i) {{ errors {{ message }} person {{ id costPerHour customFields {{ value }} }} }} }}",
               "variables":{{"i":{{"name":"N","primaryEmail":"n@wdc.example","costPerHour":{cost},
               "customFields":[{{"id":"x","value":{{"n":{cost}}}}}]}}}}}}"#
        )
    };
    for (sent, received) in [
        ("120.50", "120.50"),
        ("\"120.50\"", "120.50"),
        ("12345678901234567890.12345678", "12345678901234567890.12345678"),
        ("-0.10", "-0.10"),
        ("7", "7"),
    ] {
        let response = ask(&sandbox, &good(), &create(sent)).await;
        assert_eq!(response.status, 200);
        assert!(response.text.contains(&format!("\"costPerHour\":{received},")), "{}", response.text);
        assert!(response.text.contains(&format!("\"n\":{sent}}}")), "{}", response.text);
    }
    let filter = r#"{"query":"query($p: Int) { people(view: all, first: $p) { nodes { costPerHour } } }","variables":{"p":50}}"#;
    let seeded = ask(&sandbox, &good(), filter).await.text;
    assert!(seeded.contains(".30}") && seeded.contains("9007199254740993."), "{seeded}");
    // A text that looks like a number stays a text.
    let subject =
        r#"{"query":"mutation { requestCreate(input: { subject: \"1.50\" }) { request { subject } } }"}"#;
    assert!(ask(&sandbox, &good(), subject).await.text.contains(r#""subject":"1.50""#));
}

#[tokio::test]
async fn a_sandbox_starts_in_one_line_and_several_run_at_once() {
    let (first, second) = (Sandbox::start().await.unwrap(), Sandbox::start().await.unwrap());
    assert_ne!(first.graphql_url(), second.graphql_url());
    let environment = first.environment();
    let get =
        |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert_eq!(get("XURRENT_GRAPHQL_URL"), Some(first.graphql_url().as_str()));
    assert_eq!((get("XURRENT_ACCOUNT"), get("XURRENT_TOKEN")), (Some(first.account()), Some(first.token())));
    run(
        second.engine(),
        "mutation { personUpdate(input: { id: \"c2FuZGJveC9QZXJzb24vMQ\", name: \"X\" }) { person { id } } }",
    );
    assert_ne!(run(first.engine(), "{ me { name } }"), run(second.engine(), "{ me { name } }"));
}

#[cfg(unix)]
#[test]
fn the_program_exits_with_success_on_sigterm() {
    use std::io::BufRead;
    use std::process::{Command, Stdio};

    let mut program = Command::new(env!("CARGO_BIN_EXE_xurrent-sandbox"))
        .args(["--port", "0"])
        // No file is needed: the schema is in the program.
        .current_dir(std::env::temp_dir())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(program.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("SIGTERM to stop")));
    // By then it waits, or it is about to.
    std::thread::sleep(std::time::Duration::from_millis(500));
    let kill = Command::new("kill").args(["-TERM", &program.id().to_string()]).status();
    assert!(kill.unwrap().success());
    assert!(program.wait().unwrap().success());
}

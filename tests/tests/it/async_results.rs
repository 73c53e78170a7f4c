//! Results that are fetched after the answer, over real sockets.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::log_capture;
use crate::sandboxed::{builder, client, start};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use xurrent::{
    AsyncQueryStatus, Client, DiscoveredConfigurationItemsInput, DiscoveredConfigurationItemsPayload,
    ErrorKind, MemoryTransport, RetryPolicy, Select,
};
use xurrent_sandbox::{Fault, Sandbox};

/// `count` items that a scanner found.
fn found(count: usize) -> DiscoveredConfigurationItemsInput {
    let items: Vec<Value> =
        (0..count).map(|n| json!({ "name": format!("item {n}"), "sourceID": n.to_string() })).collect();
    let assets = json!({
        "source": "scanner",
        "physicalAssets": [{ "name": "Laptop", "reference": "laptop_computer", "products": [
            { "brand": "B", "model": "M", "name": "B M", "sourceID": "p-1", "configurationItems": items },
        ] }],
    });
    serde_json::from_value(assets).unwrap()
}

async fn address(client: &Client, count: usize) -> String {
    let payload = client.discovered_configuration_items(found(count)).await.unwrap();
    assert!(payload.configuration_items.is_none());
    payload.async_query.unwrap().result_url.unwrap()
}

/// What was sent for results.
fn polls(sandbox: &Sandbox) -> Vec<xurrent_sandbox::RecordedRequest> {
    sandbox.requests().into_iter().filter(|request| request.method == "GET").collect()
}

#[derive(Debug, Select)]
#[select(on = DiscoveredConfigurationItemsPayload)]
struct Discovered {
    async_query: Option<Work>,
    #[select(rename = "configurationItems")]
    items: Option<Vec<Item>>,
}

#[derive(Debug, Select)]
#[select(on = AsyncQuery)]
struct Work {
    status: Option<AsyncQueryStatus>,
    result_url: Option<String>,
}

#[derive(Debug, Select)]
#[select(on = ConfigurationItem)]
struct Item {
    #[select(required)]
    name: String,
}

#[tokio::test]
async fn a_result_is_polled_until_it_is_ready_without_credentials() {
    let (sandbox, client) = client().await;
    let url = address(&client, 3).await;
    let payload = client.async_result::<DiscoveredConfigurationItemsPayload>(url).await.unwrap();
    let items = payload.configuration_items.unwrap();
    let names: Vec<_> = items.iter().map(|item| item.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["item 0", "item 1", "item 2"]);
    let query = payload.async_query.unwrap();
    assert_eq!((query.status, query.result_count), (Some(AsyncQueryStatus::Completed), Some(3)));
    let polls = polls(&sandbox);
    assert_eq!(polls.len(), 2);
    for poll in polls {
        let names: Vec<_> = poll.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert!(!names.contains(&"authorization") && !names.contains(&"x-xurrent-account"), "{names:?}");
    }
}

#[tokio::test]
async fn a_custom_selection_reads_the_result_of_the_same_selection() {
    let (_sandbox, client) = client().await;
    let first = client.discovered_configuration_items(found(2)).select::<Discovered>().await.unwrap();
    assert!(first.items.is_none());
    let work = first.async_query.unwrap();
    assert_eq!(work.status, Some(AsyncQueryStatus::Queued));
    let url = work.result_url.unwrap();
    let result =
        client.async_result::<DiscoveredConfigurationItemsPayload>(url.clone()).select::<Discovered>();
    let items = result.await.unwrap().items.unwrap();
    assert_eq!(items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["item 0", "item 1"]);
    // What was not asked for is missing, and said to be.
    let error = client.async_result::<DiscoveredConfigurationItemsPayload>(url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.decode_error().unwrap().to_string().contains("asyncQuery"), "{error}");
}

#[tokio::test]
async fn remaining_pages_of_a_result_are_fetched_for_all() {
    #[derive(Debug, Select)]
    #[select(on = DiscoveredConfigurationItemsPayload)]
    struct Siblings {
        async_query: Option<Work>,
        configuration_items: Option<Vec<Sibling>>,
    }

    #[derive(Debug, Select)]
    #[select(on = ConfigurationItem)]
    struct Sibling {
        #[select(required)]
        product: AllItems,
    }

    #[derive(Debug, Select)]
    #[select(on = Product)]
    struct AllItems {
        #[select(first = 2, all)]
        configuration_items: Vec<Item>,
    }

    let (_sandbox, client) = client().await;
    let work = client.discovered_configuration_items(found(5)).select::<Siblings>().await.unwrap();
    let url = work.async_query.unwrap().result_url.unwrap();
    let result = client.async_result::<DiscoveredConfigurationItemsPayload>(url).select::<Siblings>();
    let items = result.await.unwrap().configuration_items.unwrap();
    assert_eq!(items.len(), 5);
    for item in items {
        let names: Vec<_> = item.product.configuration_items.into_iter().map(|item| item.name).collect();
        assert_eq!(names, ["item 0", "item 1", "item 2", "item 3", "item 4"]);
    }
}

#[tokio::test]
async fn transient_failures_are_retried_and_others_are_errors() {
    let (sandbox, client) = client().await;
    let url = address(&client, 1).await;
    let result = || client.async_result::<DiscoveredConfigurationItemsPayload>(url.clone());
    sandbox.faults([
        Fault::status(503).on_poll(),
        Fault::status(429).header("retry-after", "1").on_poll(),
        Fault::cut_body().on_poll(),
    ]);
    assert_eq!(result().await.unwrap().configuration_items.unwrap().len(), 1);
    assert_eq!((sandbox.faults_left(), polls(&sandbox).len()), (0, 4));

    for (fault, kind, status, words) in [
        (Fault::status(404), ErrorKind::Status, Some(404), "the result no longer exists"),
        (Fault::status(403).body("<Error>"), ErrorKind::Status, Some(403), "the result no longer exists"),
        (Fault::status(410), ErrorKind::Status, Some(410), "the result no longer exists"),
        (Fault::status(500), ErrorKind::Status, Some(500), "500"),
        (Fault::status(302).header("location", "http://127.0.0.1:9/"), ErrorKind::Status, Some(302), "302"),
        (Fault::status(200).body("[]"), ErrorKind::Decode, None, "asyncResult"),
        (Fault::status(200).body("<html>"), ErrorKind::Decode, None, "asyncResult"),
        (Fault::status(200).body(r#"{"data":null}"#), ErrorKind::Decode, None, "neither data nor errors"),
        (Fault::status(200).body(r#"{"data":{}}"#), ErrorKind::Decode, None, "asyncResult"),
        (Fault::status(200).body(r#"{"data":{"a":null}}"#), ErrorKind::Decode, None, "asyncResult"),
        (
            Fault::status(200).body(r#"{"errors":[{"message":"no room","path":["found"]}]}"#),
            ErrorKind::GraphQl,
            None,
            "found: no room",
        ),
        (
            Fault::status(200).body(
                r#"{"data":{"found":{"asyncQuery":null,"clientMutationId":null,"configurationItems":null,
                    "pendingCiReconciliationCount":null,"sdk_errors":[{"message":"bad","path":["source"]}]}}}"#,
            ),
            ErrorKind::Payload,
            None,
            "source: bad",
        ),
    ] {
        let before = polls(&sandbox).len();
        sandbox.faults([fault.clone().on_poll()]);
        let error = result().await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, status), "{fault:?}: {error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.request_id().is_some(), "{error:?}");
        assert_eq!(polls(&sandbox).len() - before, 1, "{fault:?}");
    }

    // It is borne as often as the policy says.
    sandbox.faults((0..3).map(|_| Fault::status(503).on_poll()));
    let client = client.with_retry(RetryPolicy::new().max_attempts(2));
    let result = client.async_result::<DiscoveredConfigurationItemsPayload>(url.clone());
    assert_eq!(result.await.unwrap_err().status(), Some(503));
    assert_eq!(sandbox.faults_left(), 1);
}

#[tokio::test]
async fn polling_stops_at_the_time_limit_and_can_be_resumed() {
    let (sandbox, client) = client().await;
    let url = address(&client, 1).await;
    sandbox.faults((0..200).map(|_| Fault::status(200).body("{ }").on_poll()));
    let result = || client.async_result::<DiscoveredConfigurationItemsPayload>(url.clone());
    let begin = Instant::now();
    let quick = result().poll_interval(Duration::from_millis(20)).time_limit(Duration::from_millis(500));
    let error = quick.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("within the time limit of 500ms"), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(5));
    // The request under way at the time limit may still arrive.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let polled = polls(&sandbox).len();
    assert!((5..=25).contains(&polled), "{polled}");

    // The intervals grow: 0.25, 0.5, 1 s.
    let slow = result().time_limit(Duration::from_millis(1_900)).await;
    assert!(slow.is_err());
    assert_eq!(polls(&sandbox).len() - polled, 3);

    // A request that hangs ends with the time, too.
    let other = start(|it| it).await;
    let hanging = builder(&other).build().unwrap();
    let url = address(&hanging, 1).await;
    other.faults([Fault::none().delayed(Duration::from_secs(20)).on_poll()]);
    let result = || hanging.async_result::<DiscoveredConfigurationItemsPayload>(url.clone());
    assert!(result().time_limit(Duration::from_millis(500)).await.is_err());
    // Given up in the middle.
    other.faults([Fault::none().delayed(Duration::from_secs(20)).on_poll()]);
    assert!(timeout(Duration::from_millis(400), result()).await.is_err());
    assert_eq!(result().await.unwrap().configuration_items.unwrap().len(), 1);
    assert!(hanging.me().await.is_ok());

    for zero in [result().poll_interval(Duration::ZERO), result().time_limit(Duration::ZERO)] {
        assert!(zero.await.unwrap_err().is_configuration());
    }
}

#[tokio::test]
async fn results_are_fetched_from_the_api_and_public_servers_only() {
    let memory = MemoryTransport::new(|_| json!({"errors": [{"message": "asked"}]}));
    let client = |endpoint: &str| {
        let building = Client::builder().account("wdc").personal_access_token("t").transport(memory.clone());
        building.endpoints(endpoint, "https://oauth.example.com/token").build().unwrap()
    };
    let ask = async |endpoint: &str, url: &str| {
        let result = client(endpoint).async_result::<DiscoveredConfigurationItemsPayload>(url);
        assert!(!format!("{result:?} {result:#?}").contains("secret-part"));
        let error = result.await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret-part"), "{error:?}");
        error.kind()
    };
    let api = "https://graphql.example.com/graphql";
    for url in [
        "https://graphql.example.com/async/secret-part",
        "https://graphql.example.com:443/async/secret-part",
        "https://results.s3.amazonaws.com/secret-part?signature=secret-part",
        " https://results.example.com/secret-part#secret-part ",
    ] {
        assert_eq!(ask(api, url).await, ErrorKind::GraphQl, "{url}");
    }
    let asked = memory.requests();
    assert!(asked.iter().all(|request| request.operation == "asyncResult"), "{asked:?}");
    for url in [
        "",
        "secret-part",
        "/async/secret-part",
        "ftp://results.example.com/secret-part",
        "file:///secret-part",
        "http://results.example.com/secret-part",
        "http://graphql.example.com/secret-part",
        "https://user:secret-part@graphql.example.com/",
        "https://secret-part@graphql.example.com/",
        "https://169.254.169.254/secret-part",
        "https://10.0.0.1/secret-part",
        "https://2130706433/secret-part",
        "https://0x7f.1/secret-part",
        "https://[::1]/secret-part",
        "https://[::ffff:127.0.0.1]/secret-part",
        "https://93.184.216.34/secret-part",
        "https://localhost/secret-part",
        "https://localhost./secret-part",
        "https://a.localhost/secret-part",
        "https://intranet/secret-part",
        "https://metadata.google.internal/secret-part",
        "https://NAS.local./secret-part",
    ] {
        assert_eq!(ask(api, url).await, ErrorKind::Configuration, "{url}");
    }
    // Next to an API on this machine, and nowhere else on it.
    let here = "http://127.0.0.1:4010/graphql";
    assert_eq!(ask(here, "http://127.0.0.1:4010/async/secret-part").await, ErrorKind::GraphQl);
    for url in [
        "http://127.0.0.1:4011/secret-part",
        "http://127.0.0.1/",
        "http://localhost:4010/",
        "https://127.0.0.1:4010/",
    ] {
        assert_eq!(ask(here, url).await, ErrorKind::Configuration, "{url}");
    }
    assert_eq!(memory.requests().len(), 5);
}

#[tokio::test]
async fn logs_and_errors_do_not_contain_the_address() {
    let (sandbox, client) = client().await;
    let url = format!("{}?signature=a1b2c3d4e5", address(&client, 1).await);
    let path = url.split_once("/async_queries/").unwrap().1.to_owned();
    let path = format!("/async_queries/{path}");
    let path = path.split('?').next().unwrap();
    let (log, guard) = log_capture::begin();
    let echo = format!("no {url} at {path} with signature=a1b2c3d4e5");
    let quoted =
        json!({"errors": [{"message": echo, "path": [path], "extensions": {"url": url}}]}).to_string();
    let mut shown = String::new();
    for fault in [
        Fault::status(500).body(&echo).header("x-request-id", &echo),
        Fault::status(418).body(json!({ "message": echo }).to_string()),
        Fault::status(404).body(&echo).header("x-request-id", &echo),
        Fault::status(200).body(&quoted),
        Fault::cut_before(),
    ] {
        sandbox.faults([fault.on_poll()]);
        let once = client.with_retry(RetryPolicy::never());
        let result = once.async_result::<DiscoveredConfigurationItemsPayload>(url.clone());
        shown.push_str(&format!("{result:?}"));
        let error = result.await.unwrap_err();
        shown.push_str(&format!("{error} {error:?} {:?}\n", error.errors()));
    }
    client.async_result::<DiscoveredConfigurationItemsPayload>(url.clone()).await.unwrap();
    drop(guard);
    let log = log.text();
    assert!(log.contains("asyncResult") && log.contains("hyper"), "{log}");
    assert!(shown.contains("***"), "{shown}");
    for secret in ["a1b2c3d4e5", path] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
        let lines: Vec<_> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(lines.is_empty(), "{secret}: {lines:#?}");
    }
}

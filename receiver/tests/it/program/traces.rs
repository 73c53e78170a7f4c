//! Traces, received by a collector of this test.

use super::target::{Target, header};
use super::{Service, Setup};
use crate::support::until;
use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

#[derive(Debug, Clone, Default)]
struct Span {
    name: String,
    trace: String,
    id: String,
    parent: String,
    attributes: BTreeMap<String, String>,
}

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<(Vec<Span>, Vec<u8>)>>);

impl Collector {
    async fn start() -> (Self, SocketAddr) {
        let collector = Self::default();
        let of_route = collector.clone();
        let route = post(async move |body: Bytes| {
            let mut all = of_route.0.lock().unwrap();
            for resource in fields(&body, 1) {
                let scopes = fields(resource, 2);
                let found: Vec<_> = scopes.into_iter().flat_map(|scope| fields(scope, 2)).map(span).collect();
                all.0.extend(found);
            }
            all.1.extend_from_slice(&body);
        });
        let address = crate::support::serve(Router::new().route("/v1/traces", route)).await;
        (collector, address)
    }

    fn spans(&self) -> Vec<Span> {
        self.0.lock().unwrap().0.clone()
    }

    /// Everything that arrived.
    fn bytes(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap().1).into_owned()
    }
}

/// A number of Protocol Buffers.
fn number(bytes: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return number;
        }
    }
}

/// The texts and messages of a message that have this number.
fn fields(mut bytes: &[u8], wanted: u64) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = number(&mut bytes);
        let length = match tag & 7 {
            0 => {
                number(&mut bytes);
                0
            }
            1 => 8,
            2 => number(&mut bytes) as usize,
            _ => 4,
        };
        let (value, rest) = bytes.split_at(length);
        if tag & 7 == 2 && tag >> 3 == wanted {
            found.push(value);
        }
        bytes = rest;
    }
    found
}

fn span(message: &[u8]) -> Span {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let hex = |field| -> String {
        let bytes = fields(message, field).concat();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let attribute =
        |pair: &[u8]| (text(&fields(pair, 1).concat()), text(&fields(&fields(pair, 2).concat(), 1).concat()));
    Span {
        name: text(&fields(message, 5).concat()),
        trace: hex(1),
        id: hex(2),
        parent: hex(4),
        attributes: fields(message, 9).into_iter().map(attribute).collect(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_is_one_trace_from_its_request_to_each_attempt_without_secrets() {
    let (target, (collector, address)) = (Target::start().await, Collector::start().await);
    target.respond_with(500);
    let setup = Setup::with_url(target.address, "[worker]\nbackoff = \"10ms\"\nmax_attempts = 2");
    let mut command = setup.command("serve");
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}"));
    command.env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hunter2");
    command.env("OTEL_SERVICE_NAME", "receiver-of-this-test");
    let mut service = Service::start(command);
    let body = setup.body("request.create", 70);
    assert_eq!(service.deliver("first", &body).await, 200);
    until("it is dead", async || setup.succeed("dead list").lines().count() == 2).await;
    target.respond_with(200);
    setup.succeed("dead retry --all");
    until("it arrives", async || target.posts().len() == 3).await;
    assert_eq!(service.deliver("forged", "{}").await, 403);
    // What was not sent yet is sent at the end.
    assert!(service.terminate().await);

    let spans = collector.spans();
    let named = |name: &str| spans.iter().filter(|span| span.name == name).cloned().collect::<Vec<_>>();
    let (receive, verify, store, deliver) =
        (named("receive"), named("verify"), named("store"), named("deliver"));
    assert_eq!((receive.len(), verify.len(), store.len(), deliver.len()), (2, 2, 1, 3), "{spans:#?}");
    assert_eq!(spans.len(), 8, "{spans:#?}");
    assert_eq!((&verify[0].parent, &store[0].parent), (&receive[0].id, &receive[0].id));
    for span in [&receive[0], &verify[0], &store[0]].into_iter().chain(&deliver) {
        assert_eq!(span.trace, receive[0].trace, "{span:?}");
    }
    assert_ne!(receive[1].trace, receive[0].trace, "of the forged one");
    let attribute = |span: &Span, name: &str| span.attributes.get(name).cloned();
    assert_eq!(attribute(&receive[0], "delivery.origin").as_deref(), Some("first"));
    assert_eq!(attribute(&receive[1], "delivery.origin"), None, "it was not verified");
    let results: Vec<_> = deliver.iter().filter_map(|span| attribute(span, "delivery.result")).collect();
    assert_eq!(results, ["failed", "failed", "handled"]);
    // The target joins the trace.
    let parents: Vec<_> = target.posts().iter().map(|(headers, _)| header(headers, "traceparent")).collect();
    let expected: Vec<_> = deliver.iter().map(|span| format!("00-{}-{}-01", span.trace, span.id)).collect();
    assert_eq!(parents, expected);
    let bytes = collector.bytes();
    assert!(bytes.contains("receiver-of-this-test"), "{bytes}");
    let token = body.split('"').nth(3).unwrap();
    for secret in [super::SECRET, &super::SECRET[6..], token, "hunter2", "/hook"] {
        assert!(!bytes.contains(secret), "{secret}: {bytes}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_down_is_logged_and_holds_nothing_up() {
    let target = Target::start().await;
    let setup = Setup::with_url(target.address, "");
    let mut command = setup.command("serve");
    // Nothing listens on port 1.
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    let mut service = Service::start(command);
    assert_eq!(service.deliver("first", &setup.body("request.create", 70)).await, 200);
    until("it arrives", async || target.posts().len() == 1).await;
    assert!(service.terminate().await);
    assert!(service.log().contains("opentelemetry"), "{}", service.log());

    let mut command = setup.command("serve");
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "not a URL");
    let output = command.output().unwrap();
    let text = super::all_text(&output);
    assert!(
        text.contains("cannot trace to OTEL_EXPORTER_OTLP_ENDPOINT") && output.status.code() == Some(2),
        "{text}"
    );
}

//! Metrics for Prometheus.

use crate::inbox::{Depth, Stored};
use http::StatusCode;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry, Unit};
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use xurrent_webhook::Event;

const PREFIX: &str = "xurrent_receiver";

/// Upper bounds of response times in seconds. Xurrent waits 10 seconds.
const RESPONSE_BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// Upper bounds of handling times in seconds.
const HANDLING_BUCKETS: [f64; 10] = [0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0];

/// Metrics by the values of one label. The values are limited: they come from the program, never from a sender.
type ByLabel<M, V = &'static str> = Family<[(&'static str, V); 1], M>;

pub(crate) struct Metrics {
    registry: Registry,
    inbox_up: Gauge,
    responses: ByLabel<Counter, u16>,
    response_seconds: Histogram,
    stored: ByLabel<Counter>,
    events: ByLabel<Counter, String>,
    rejected: ByLabel<Counter>,
    handled: ByLabel<Counter>,
    handling_seconds: Histogram,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let all = &mut registry;
        Self {
            inbox_up: register(all, "inbox_up", "Whether the inbox is available", Gauge::default()),
            responses: register(all, "answers", "Responses by HTTP status", Family::default()),
            response_seconds: register_seconds(
                all,
                "answer_time",
                "Time from the head of a request to its response",
                Histogram::new(RESPONSE_BUCKETS),
            ),
            stored: register(all, "stored", "Deliveries acknowledged as stored", Family::default()),
            events: register(all, "events", "New deliveries by event", Family::default()),
            rejected: register(all, "refused", "Rejected deliveries by reason", Family::default()),
            handled: register(all, "handled", "Attempts to handle a delivery by result", Family::default()),
            handling_seconds: register_seconds(
                all,
                "handling_time",
                "Duration of attempts to handle a delivery",
                Histogram::new(HANDLING_BUCKETS),
            ),
            registry,
        }
    }

    pub(crate) fn responded(&self, status: StatusCode, elapsed: Duration) {
        self.responses.get_or_create(&[("status", status.as_u16())]).inc();
        self.response_seconds.observe(elapsed.as_secs_f64());
    }

    /// Events that this version does not have are counted together, so that their number is limited.
    pub(crate) fn stored(&self, stored: Stored, event: &str) {
        let result = match stored {
            Stored::New => {
                let event = match Event::from(event) {
                    Event::Unrecognized(_) => "other".to_owned(),
                    event => event.as_str().to_owned(),
                };
                self.events.get_or_create(&[("event", event)]).inc();
                "new"
            }
            Stored::Duplicate => "duplicate",
        };
        self.stored.get_or_create(&[("result", result)]).inc();
    }

    pub(crate) fn rejected(&self, reason: &'static str) {
        self.rejected.get_or_create(&[("reason", reason)]).inc();
    }

    pub(crate) fn handled(&self, result: &'static str, elapsed: Duration) {
        self.handled.get_or_create(&[("result", result)]).inc();
        self.handling_seconds.observe(elapsed.as_secs_f64());
    }

    /// Formats all metrics. `depth` is `None` while the inbox is unavailable.
    pub(crate) fn text(&self, depth: Option<Depth>) -> Result<String, fmt::Error> {
        let mut text = String::new();
        self.inbox_up.set(i64::from(depth.is_some()));
        text::encode_registry(&mut text, &self.registry)?;
        if let Some(depth) = depth {
            let mut registry = Registry::with_prefix(PREFIX);
            let deliveries: ByLabel<Gauge> =
                register(&mut registry, "deliveries", "Deliveries in the inbox by state", Family::default());
            for (state, count) in [("pending", depth.pending), ("taken", depth.taken), ("dead", depth.dead)] {
                let gauge = deliveries.get_or_create(&[("state", state)]);
                gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
            }
            let oldest: Gauge<f64, AtomicU64> = Gauge::default();
            oldest.set(depth.oldest.unwrap_or_default().as_secs_f64());
            register_seconds(&mut registry, "oldest_pending", "Age of the oldest pending delivery", oldest);
            text::encode_registry(&mut text, &registry)?;
        }
        text::encode_eof(&mut text)?;
        Ok(text)
    }
}

fn register<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}

fn register_seconds<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register_with_unit(name, help, Unit::Seconds, metric.clone());
    metric
}

//! What is counted, for Prometheus.

use crate::inbox::{Depth, Stored};
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry, Unit};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

const PREFIX: &str = "xurrent_receiver";

/// Upper bounds of answer times in seconds: Xurrent waits ten.
const ANSWERS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// Upper bounds of handling times in seconds.
const HANDLING: [f64; 10] = [0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0];

/// A counter for every value of one label. The values are words of the program, never of a sender.
type Counters = Family<[(&'static str, &'static str); 1], Counter>;

/// Counts of a receiver and of the workers on its inbox. Clones count together.
#[derive(Clone)]
pub(crate) struct Metrics(Arc<Counts>);

struct Counts {
    registry: Registry,
    /// What is known only while the inbox answers.
    inbox: Registry,
    inbox_up: Gauge,
    answers: Counters,
    answer_seconds: Histogram,
    stored: Counters,
    refused: Counters,
    handled: Counters,
    handling_seconds: Histogram,
    deliveries: Family<[(&'static str, &'static str); 1], Gauge>,
    oldest: Gauge<f64, AtomicU64>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let answers = registered(&mut registry, "answers", "Answers by HTTP status", Counters::default());
        let stored =
            registered(&mut registry, "stored", "Deliveries answered as stored", Counters::default());
        let refused =
            registered(&mut registry, "refused", "Deliveries refused by reason", Counters::default());
        let handled =
            registered(&mut registry, "handled", "Attempts to handle by result", Counters::default());
        let answer_seconds = Histogram::new(ANSWERS);
        registry.register_with_unit(
            "answer_time",
            "From the head of a request to its answer",
            Unit::Seconds,
            answer_seconds.clone(),
        );
        let handling_seconds = Histogram::new(HANDLING);
        registry.register_with_unit(
            "handling_time",
            "How long handlers took",
            Unit::Seconds,
            handling_seconds.clone(),
        );
        let up = "Whether the inbox could be asked: without, what it holds is not told";
        let inbox_up = registered(&mut registry, "inbox_up", up, Gauge::default());
        let mut inbox = Registry::with_prefix(PREFIX);
        let deliveries =
            registered(&mut inbox, "deliveries", "Deliveries in the inbox by state", Family::default());
        let oldest = Gauge::default();
        inbox.register_with_unit(
            "oldest_pending",
            "Age of the oldest delivery that waits",
            Unit::Seconds,
            oldest.clone(),
        );
        Self(Arc::new(Counts {
            registry,
            inbox,
            inbox_up,
            answers,
            answer_seconds,
            stored,
            refused,
            handled,
            handling_seconds,
            deliveries,
            oldest,
        }))
    }

    pub(crate) fn answered(&self, status: &'static str, elapsed: Duration) {
        self.0.answers.get_or_create(&[("status", status)]).inc();
        self.0.answer_seconds.observe(elapsed.as_secs_f64());
    }

    pub(crate) fn stored(&self, stored: Stored) {
        let result = match stored {
            Stored::New => "new",
            Stored::Duplicate => "duplicate",
        };
        self.0.stored.get_or_create(&[("result", result)]).inc();
    }

    pub(crate) fn refused(&self, reason: &'static str) {
        self.0.refused.get_or_create(&[("reason", reason)]).inc();
    }

    pub(crate) fn handled(&self, result: &'static str, elapsed: Duration) {
        self.0.handled.get_or_create(&[("result", result)]).inc();
        self.0.handling_seconds.observe(elapsed.as_secs_f64());
    }

    /// Everything as text, with what the inbox holds now, if that is known.
    pub(crate) fn text(&self, depth: Option<Depth>) -> Result<String, fmt::Error> {
        let mut text = String::new();
        self.0.inbox_up.set(i64::from(depth.is_some()));
        text::encode_registry(&mut text, &self.0.registry)?;
        if let Some(depth) = depth {
            for (state, count) in [("pending", depth.pending), ("taken", depth.taken), ("dead", depth.dead)] {
                let gauge = self.0.deliveries.get_or_create(&[("state", state)]);
                gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
            }
            self.0.oldest.set(depth.oldest.unwrap_or_default().as_secs_f64());
            text::encode_registry(&mut text, &self.0.inbox)?;
        }
        text::encode_eof(&mut text)?;
        Ok(text)
    }
}

fn registered<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}

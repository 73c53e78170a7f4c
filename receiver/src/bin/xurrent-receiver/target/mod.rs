//! Where deliveries go: a filter, and a target behind it.

mod command;
mod http;
mod stable_id;
#[cfg(feature = "postgres")]
mod table;

pub(crate) use command::Command;
pub(crate) use http::{Http, Webhook};
#[cfg(feature = "postgres")]
pub(crate) use table::Table;

use crate::error::Error;
use xurrent_receiver::webhook::Delivery;
use xurrent_receiver::{Failure, Handler, QueuedDelivery};

/// The handler of the program.
pub(crate) struct Destination {
    pub(crate) filter: Filter,
    pub(crate) target: Target,
}

pub(crate) enum Target {
    Http(Box<Http>),
    Command(Command),
    #[cfg(feature = "postgres")]
    Table(Table),
}

/// What became of a delivery that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    /// The target has handled it.
    Handled,
    /// The filter has left it out.
    LeftOut,
}

impl Destination {
    pub(crate) async fn pass(&self, delivery: &QueuedDelivery) -> Result<Passed, Failure> {
        if !self.filter.selects(delivery) {
            return Ok(Passed::LeftOut);
        }
        match &self.target {
            Target::Http(http) => http.post(delivery).await?,
            Target::Command(command) => command.run(delivery).await?,
            #[cfg(feature = "postgres")]
            Target::Table(table) => table.insert(delivery).await?,
        }
        Ok(Passed::Handled)
    }

    #[cfg(feature = "opentelemetry")]
    async fn traced(&self, delivery: &QueuedDelivery) -> Result<Passed, Failure> {
        use tracing::Instrument;
        let span = crate::traces::deliver(delivery);
        let passed = self.pass(delivery).instrument(span.clone()).await;
        let result = match &passed {
            Ok(Passed::Handled) => "handled",
            Ok(Passed::LeftOut) => "left out",
            Err(_) => "failed",
        };
        span.record("delivery.result", result);
        span.record("otel.status_code", passed.is_err().then_some("ERROR"));
        passed
    }

    #[cfg(not(feature = "opentelemetry"))]
    async fn traced(&self, delivery: &QueuedDelivery) -> Result<Passed, Failure> {
        self.pass(delivery).await
    }

    /// Checks a table; other targets cannot be asked without a delivery.
    pub(crate) async fn check(&self) -> Result<(), Error> {
        match &self.target {
            #[cfg(feature = "postgres")]
            Target::Table(table) => table.check().await,
            _ => Ok(()),
        }
    }
}

impl Handler for Destination {
    async fn handle(&self, delivery: QueuedDelivery) -> Result<(), Failure> {
        if self.traced(&delivery).await? == Passed::LeftOut {
            tracing::debug!("the filter leaves the delivery out");
        }
        Ok(())
    }
}

/// Selects deliveries by event and record. Without conditions, it selects all.
pub(crate) struct Filter {
    events: Vec<String>,
    records: Vec<String>,
}

impl Filter {
    pub(crate) fn new(events: &[String], records: &[String]) -> Result<Self, Error> {
        for event in events {
            let is_pattern = event.strip_suffix(".*").unwrap_or(event);
            if is_pattern.is_empty() || is_pattern.contains('*') {
                let why = "expected an event, or all events of an object, for example \"request.*\"";
                return Err(Error::Configuration(format!("`filter.events`: invalid event {event:?}; {why}")));
            }
        }
        Ok(Self { events: events.to_vec(), records: records.to_vec() })
    }

    /// A record is a GraphQL id, or an object with its number: `request/70`.
    fn selects(&self, delivery: &Delivery) -> bool {
        let is_event = |pattern: &String| match pattern.strip_suffix(".*") {
            Some(object) => delivery.event.object() == object,
            None => delivery.event.as_str() == pattern,
        };
        let number = || format!("{}/{}", delivery.event.object(), delivery.object_id);
        let is_record = |record: &String| {
            delivery.object_node_id.as_ref().is_some_and(|id| id.as_str() == record) || number() == *record
        };
        (self.events.is_empty() || self.events.iter().any(is_event))
            && (self.records.is_empty() || self.records.iter().any(is_record))
    }
}

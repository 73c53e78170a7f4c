//! What was sent, and what became of it.

use axum::http::StatusCode;
use serde_json::Value;
use std::time::{Duration, Instant};

use super::recording::Recorded;

/// One attempt to deliver something to a webhook.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// The number of the webhook.
    pub webhook_id: u64,
    /// `request.create`, ...
    pub event: String,
    /// `x-xurrent-delivery`: new with each attempt.
    pub id: String,
    /// The id of the first attempt.
    pub origin: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// Where it was sent, without user name, password and query, which can be secret.
    pub uri: String,
    /// The headers that the sandbox set, without `Authorization`. Names are in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes that were sent: the message, or the token that holds it.
    pub body: Vec<u8>,
    /// The message, whether it was signed or not.
    pub message: Value,
    /// The status of the answer, or why there was none.
    pub outcome: Result<u16, String>,
    pub(super) recorded: Option<Recorded>,
    /// When it began.
    pub at: Instant,
    /// How long it took.
    pub took: Duration,
}

impl DeliveryAttempt {
    /// Whether the answer had one of the statuses 200 to 299.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        matches!(self.outcome, Ok(200..=299))
    }

    /// A line for a file of deliveries, as
    /// [`Sandbox::replay_deliveries`](crate::Sandbox::replay_deliveries) reads it and as the SDK reads
    /// a `Delivery`: JSON, without a line break. `None` for a handshake, which proves something.
    #[must_use]
    pub fn to_line(&self) -> Option<String> {
        serde_json::to_string(self.recorded.as_ref()?).ok()
    }

    /// What was wrong: `404 Not Found`, or why there was no answer.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        match &self.outcome {
            Ok(200..=299) => None,
            Ok(status) => Some(describe(*status)),
            Err(why) => Some(why.clone()),
        }
    }
}

fn describe(status: u16) -> String {
    let name = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    name.map_or_else(|| status.to_string(), |name| format!("{status} {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_described_with_its_name() {
        assert_eq!(describe(404), "404 Not Found");
        assert_eq!(describe(599), "599");
    }
}

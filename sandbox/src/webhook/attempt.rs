//! Delivery attempts.

use axum::http::StatusCode;
use serde_json::Value;
use std::time::{Duration, Instant};

use super::recording::RecordedDelivery;

/// One attempt of a delivery to a webhook.
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
    /// The URI, without user name, password and query, which can be secret.
    pub uri: String,
    /// The headers set by the sandbox, without `Authorization`, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes sent: the message, or the token that contains it.
    pub body: Vec<u8>,
    /// The message, signed or not.
    pub message: Value,
    /// The status of the response, or the error.
    pub outcome: Result<u16, String>,
    pub(super) recorded: Option<RecordedDelivery>,
    /// The start of the attempt.
    pub started_at: Instant,
    /// The time until the outcome.
    pub duration: Duration,
}

impl DeliveryAttempt {
    /// Whether the status of the response is 200 to 299.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        matches!(self.outcome, Ok(200..=299))
    }

    /// The delivery as one line of JSON, the format of
    /// [`Sandbox::replay_deliveries`](crate::Sandbox::replay_deliveries) and of the SDK's `Delivery`. `None`
    /// for a handshake, which contains a secret.
    #[must_use]
    pub fn to_line(&self) -> Option<String> {
        serde_json::to_string(self.recorded.as_ref()?).ok()
    }

    /// The error: `404 Not Found`, or the reason why there is no response.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        match &self.outcome {
            Ok(200..=299) => None,
            Ok(status) => Some(describe(*status)),
            Err(error) => Some(error.clone()),
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

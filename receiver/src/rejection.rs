//! Reasons to reject a request.

/// Why a request was rejected. The reason is logged and counted, and never sent to the sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Rejection {
    reason: &'static str,
    detail: String,
}

impl Rejection {
    /// `reason` is one of a few fixed words and becomes a label of a metric. `detail` is a sentence
    /// without secrets; in the log, control characters are escaped and it is cut after 500 bytes.
    pub fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    /// The label of the metric.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

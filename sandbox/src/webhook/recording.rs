//! Recorded deliveries: a file with one delivery per line.
//!
//! A line is the SDK's `Delivery` as `serde_json` writes it, so a receiver can record its deliveries.
//! The guide is `docs/webhook_testing.md`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::path::Path;

use super::event::VERIFY;
use super::message::Link;
use crate::error::SandboxError;

/// A delivery in a file. It contains no secrets: neither the signed token nor `Authorization`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RecordedDelivery {
    /// `x-xurrent-delivery`
    pub(super) id: Option<String>,
    /// `x-xurrent-delivery-origin`
    pub(super) origin: Option<String>,
    #[serde(default)]
    pub(super) links: Vec<Link>,
    #[serde(default)]
    pub(super) signed: bool,
    /// The token id that a receiver recorded. The sandbox ignores it.
    #[serde(default, skip_deserializing)]
    pub(super) token: Option<String>,
    pub(super) message: Box<RawValue>,
}

#[derive(Deserialize)]
struct MessageEvent {
    event: String,
}

/// Reads a file, with the event of each delivery. Handshakes are left out: their codes have expired.
pub(super) fn read(path: &Path) -> Result<Vec<(String, RecordedDelivery)>, SandboxError> {
    let refused = |reason: String| SandboxError::Recording { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(index, line): (usize, &str)| -> Result<_, SandboxError> {
        let at_line = |error: serde_json::Error| refused(format!("line {}: {error}", index + 1));
        let recorded: RecordedDelivery = serde_json::from_str(line).map_err(at_line)?;
        let MessageEvent { event } = serde_json::from_str(recorded.message.get()).map_err(at_line)?;
        Ok((event, recorded))
    };
    let read: Result<Vec<_>, _> = lines.map(read).collect();
    Ok(read?.into_iter().filter(|(event, _)| event != VERIFY).collect())
}

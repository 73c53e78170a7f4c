//! Deliveries in a file, one a line, to be looked at or delivered again.
//!
//! A line is what `serde_json` writes of a `Delivery` of the SDK, so that a receiver can record what it
//! got without more ado. The guide is `docs/webhooks.md`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::path::Path;

use super::event::VERIFY;
use super::message::Link;
use crate::error::SandboxError;

/// A delivery as it stands in a file. Nothing of it is secret: neither the token that it came in nor
/// `Authorization`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Recorded {
    /// `x-xurrent-delivery`
    pub(super) id: Option<String>,
    /// `x-xurrent-delivery-origin`
    pub(super) origin: Option<String>,
    #[serde(default)]
    pub(super) links: Vec<Link>,
    #[serde(default)]
    pub(super) signed: bool,
    /// Which token it came in, where a receiver keeps that. The sandbox does not look at it.
    #[serde(default, skip_deserializing)]
    pub(super) token: Option<String>,
    pub(super) message: Box<RawValue>,
}

/// What has to be in a message to tell of it.
#[derive(Deserialize)]
struct Named {
    event: String,
}

/// Reads a file, with the event of each delivery. A handshake is left out: what it proves is over.
pub(super) fn read(path: &Path) -> Result<Vec<(String, Recorded)>, SandboxError> {
    let refused = |reason: String| SandboxError::Recording { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(index, line): (usize, &str)| -> Result<_, SandboxError> {
        let at_line = |error: serde_json::Error| refused(format!("line {}: {error}", index + 1));
        let recorded: Recorded = serde_json::from_str(line).map_err(at_line)?;
        let Named { event } = serde_json::from_str(recorded.message.get()).map_err(at_line)?;
        Ok((event, recorded))
    };
    let read: Result<Vec<_>, _> = lines.map(read).collect();
    Ok(read?.into_iter().filter(|(event, _)| event != VERIFY).collect())
}

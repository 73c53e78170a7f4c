//! What the server says about an export or import.

use super::download::DownloadUrl;
use serde::{Deserialize, Deserializer, de};
use std::fmt;
#[cfg(feature = "export")]
use xurrent_runtime::jiff::Timestamp;
use xurrent_runtime::send::{BRIEF, HttpResponse};
use xurrent_runtime::{Error, ErrorKind};

/// How far an export or import is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// `queued` or `processing`. Others, such as `scheduled`, are of a newer server.
    pub state: String,
    /// The type of the records that are exported.
    pub record_type: Option<String>,
    /// The line that is read or written.
    pub line: Option<u64>,
}

/// The records of an import, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ImportResults {
    /// Records that were created.
    pub created: u64,
    /// Records that were updated.
    pub updated: u64,
    /// Records that were deleted.
    pub deleted: u64,
    /// Records that had the values already.
    pub unchanged: u64,
    /// Lines that were refused.
    pub failures: u64,
    /// Errors.
    pub errors: u64,
}

impl fmt::Display for ImportResults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { created, updated, deleted, unchanged, failures, errors } = self;
        write!(f, "{created} created, {updated} updated, {deleted} deleted, {unchanged} unchanged, ")?;
        write!(f, "{failures} failures, {errors} errors")
    }
}

/// A response to a poll.
#[derive(Deserialize)]
pub(crate) struct Status {
    state: String,
    #[serde(rename = "type")]
    record_type: Option<String>,
    #[serde(default, deserialize_with = "line")]
    line: Option<u64>,
    #[cfg(feature = "export")]
    pub(crate) url: Option<DownloadUrl>,
    #[cfg(feature = "export")]
    pub(crate) expires_at: Option<Timestamp>,
    message: Option<String>,
    pub(crate) results: Option<ImportResults>,
    #[serde(rename = "logfile")]
    pub(crate) log_file: Option<DownloadUrl>,
    rate_limit_exceeded: Option<serde_json::Value>,
}

/// A number. Some servers write it as a string.
fn line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Line {
        Number(u64),
        Text(String),
    }
    match Option::deserialize(deserializer)? {
        None => Ok(None),
        Some(Line::Number(line)) => Ok(Some(line)),
        Some(Line::Text(text)) => text.trim().parse().map(Some).map_err(de::Error::custom),
    }
}

/// Where a job is.
pub(crate) enum Stage {
    Running,
    Done,
    Failed,
}

/// The reason of [`ErrorKind::RateLimited`] in a state of failure.
const RATE_LIMIT: &str = "rate_limit_exceeded";

impl Status {
    /// An unknown state is one of a newer server, and is taken for running: the wait has a time limit.
    pub(crate) fn stage(&self) -> Stage {
        match self.state.as_str() {
            "done" => Stage::Done,
            "failed" | "error" => Stage::Failed,
            _ => Stage::Running,
        }
    }

    pub(crate) fn into_progress(self) -> Progress {
        Progress { state: self.state, record_type: self.record_type, line: self.line }
    }

    /// The error of a job that failed. `advice` says what to do when it was refused for a limit.
    pub(crate) fn failure(self, job: &str, advice: &str, response: &HttpResponse) -> Error {
        let quote = |text: &str| response.secrets.quote(text, BRIEF);
        let says_so = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains(RATE_LIMIT));
        let limit = self.rate_limit_exceeded.filter(|value| !value.is_null() && *value != false);
        let is_limited = limit.is_some() || says_so(&self.message);
        let message = self.message.or_else(|| limit?.as_str().map(str::to_owned));
        let failure = BulkFailure {
            state: quote(&self.state),
            message: message.map(|message| quote(&message)),
            results: self.results,
            log_file: self.log_file,
        };
        let error = match is_limited {
            true => {
                let message = format!("the {job} failed because of a limit ({RATE_LIMIT}); {advice}");
                Error::new(ErrorKind::RateLimited, message)
            }
            false => {
                let message = format!("the {job} ended in the state \"{}\"", failure.state);
                Error::new(ErrorKind::JobFailed, message)
            }
        };
        error.with_reason(failure).with_request_id(response.request_id.as_deref())
    }
}

/// How an export or import failed: part of its [`Error`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BulkFailure {
    /// `failed` or `error`.
    pub state: String,
    /// The reason, in words of the server.
    pub message: Option<String>,
    /// What an import had done by then: it is not undone.
    pub results: Option<ImportResults>,
    /// The log file.
    pub log_file: Option<DownloadUrl>,
}

impl BulkFailure {
    /// The failure that an error is about, if it is that of an export or import that had begun.
    ///
    /// ```
    /// # use xurrent_platform::bulk::BulkFailure;
    /// fn report(error: &xurrent_runtime::Error) {
    ///     if let Some(results) = BulkFailure::of(error).and_then(|failure| failure.results) {
    ///         eprintln!("{} records were created before the failure", results.created);
    ///     }
    /// }
    /// ```
    pub fn of(error: &Error) -> Option<&Self> {
        error.reason()
    }
}

impl std::error::Error for BulkFailure {}

impl fmt::Display for BulkFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.as_deref().unwrap_or("the server gives no reason"))?;
        match &self.results {
            Some(results) => write!(f, " ({results})"),
            None => Ok(()),
        }
    }
}

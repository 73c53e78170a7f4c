//! One error reported by the server, and the codes in its extensions.

use crate::quote::OneLine;
use crate::retry::{LONGEST, seconds};
use crate::scalar::Json;
use serde::Deserialize;
use serde_json::Value;
use std::fmt::{self, Write as _};
use std::time::Duration;

/// One error reported by the server, about the operation or in the payload of a mutation.
///
/// Its texts are safe to log: secrets of the client are redacted, control characters escaped, and long
/// texts truncated.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GraphQlError {
    /// The message of the server.
    pub message: String,
    /// The path in the response or in the input; empty if the server gives none. For an error about a
    /// literal of a document: the path through the document, from `query` or `mutation` on.
    pub path: Vec<String>,
    /// The code that the payload of a mutation has beside the message. Codes of other errors are in `extensions`.
    pub code: Option<String>,
    /// Additional information of the server, as JSON.
    pub extensions: Option<Json>,
    /// What of this program the error is about, and what to do: for an error that surely comes from a schema of the
    /// server that is not the one the program was generated from.
    pub hint: Option<String>,
    /// The line and the column in the document, counted from 1.
    pub(crate) position: Option<(usize, usize)>,
    /// Where the message lists the scopes that the token lacks.
    pub(crate) scopes_at: Option<usize>,
}

impl fmt::Display for GraphQlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine(f);
        if !self.path.is_empty() {
            write!(line, "{}: ", self.path.join("."))?;
        }
        line.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(line, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Codes for an exhausted quota.
const RATE_LIMITED: [&str; 5] =
    ["THROTTLED", "RATE_LIMITED", "RATE_LIMIT_EXCEEDED", "RATELIMITED", "TOO_MANY_REQUESTS"];

/// Codes for a request that costs more than one request may.
const TOO_COSTLY: [&str; 3] = ["MAX_COMPLEXITY_EXCEEDED", "MAX_COST_EXCEEDED", "QUERY_TOO_COMPLEX"];

#[derive(Deserialize, Default)]
#[serde(default)]
struct Extensions {
    code: Option<String>,
    #[serde(alias = "retryAfter")]
    retry_after: Option<Value>,
}

impl GraphQlError {
    fn known_extensions(&self) -> Extensions {
        let extensions = self.extensions.as_ref().map(|extensions| extensions.as_text().trim_start());
        // Serde alone would accept an array as well.
        let object = extensions.filter(|extensions| extensions.starts_with('{'));
        object.and_then(|object| serde_json::from_str(object).ok()).unwrap_or_default()
    }

    fn has_code(&self, codes: &[&str]) -> bool {
        let code = self.known_extensions().code.unwrap_or_default().replace(['-', ' '], "_");
        codes.iter().any(|known| known.eq_ignore_ascii_case(&code))
    }

    pub(crate) fn has_cost_code(&self) -> bool {
        self.has_code(&TOO_COSTLY)
    }

    pub(super) fn has_rate_limit_code(&self) -> bool {
        self.has_code(&RATE_LIMITED)
    }

    /// The time after which the server asks to retry.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let seconds = seconds(&self.known_extensions().retry_after?)?;
        Duration::try_from_secs_f64(seconds).ok().filter(|wait| !wait.is_zero() && *wait <= LONGEST)
    }
}

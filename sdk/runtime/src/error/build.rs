//! Constructors of errors, and what is added to them on their way to the caller.

use super::{Attempt, Error, ErrorKind, GraphQlError, Inner};
use crate::decode::{DecodeError, DecodeErrorKind, PathSegment};
use crate::quote::BRIEF;
use crate::secrets::Secrets;
use serde_json::value::RawValue;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

impl Error {
    /// For a custom [`Transport`](crate::Transport): the server could not be reached and nothing was
    /// sent. Queries and mutations are retried.
    pub fn not_sent(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of_transport(ErrorKind::Transport, "the server cannot be reached", source.into()).not_executed()
    }

    /// For a custom [`Transport`](crate::Transport): the request was sent, at least in part, and no
    /// complete response arrived. It may have been executed, so only queries are retried.
    pub fn no_response(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of_transport(ErrorKind::Transport, "the server did not answer", source.into())
    }

    /// For a custom [`Transport`](crate::Transport): the time limit of the request expired. It may have
    /// been executed, so only queries are retried.
    pub fn timed_out(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of_transport(ErrorKind::Timeout, "the server did not answer in time", source.into())
    }

    fn of_transport(kind: ErrorKind, message: &str, source: Box<dyn StdError + Send + Sync>) -> Self {
        let mut this = Self::new(kind, message);
        this.0.source = Some(source.into());
        this
    }

    /// A response that does not match what is read. Null for the whole field may be what the schema allows.
    pub(crate) fn decode(operation: &str, error: DecodeError) -> Self {
        let is_null = matches!(error.kind(), DecodeErrorKind::Null { .. })
            && error.path().eq([&PathSegment::Key(operation.to_owned())]);
        let message = match is_null {
            true => format!("the server answered `{operation}` with null and without errors"),
            false => format!("the response to `{operation}` does not fit the schema"),
        };
        Self::decode_failed(message, error)
    }

    pub(crate) fn graphql(kind: ErrorKind, operation: &str, errors: Vec<GraphQlError>) -> Self {
        Self::new(kind, format!("`{operation}` failed")).with_errors(errors)
    }

    /// Changes the kind to [`ErrorKind::RateLimited`] if the server reports only exhausted quotas, and no
    /// data.
    pub(crate) fn detect_rate_limit(mut self) -> Self {
        let Inner { kind, errors, retry_after, .. } = &*self.0;
        if matches!(kind, ErrorKind::Status | ErrorKind::GraphQl)
            && !errors.is_empty()
            && errors.iter().all(GraphQlError::has_rate_limit_code)
            && self.has_no_data()
        {
            let wait = retry_after.or_else(|| errors.iter().filter_map(GraphQlError::retry_after).max());
            (self.0.kind, self.0.retry_after) = (ErrorKind::RateLimited, wait);
        }
        self
    }

    /// Redacts secrets in the parts that a transport takes over from the server.
    pub(crate) fn redacted(mut self, secrets: &Secrets) -> Self {
        self.0.request_id = self.0.request_id.map(|id| secrets.quote(id, BRIEF));
        self
    }

    pub(crate) fn with_errors(mut self, errors: Vec<GraphQlError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// Changes the errors of the server.
    pub(crate) fn map_errors(mut self, change: impl FnOnce(&mut [GraphQlError])) -> Self {
        change(&mut self.0.errors);
        self
    }

    pub(crate) fn with_data(mut self, data: Option<Box<RawValue>>) -> Self {
        self.0.data = data;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: Vec<Attempt>) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Prefixes the message with the name of a token, if there are several.
    pub(crate) fn with_token_name(self, token: Option<&str>) -> Self {
        match token {
            Some(token) => self.with_prefix(token),
            None => self,
        }
    }

    fn with_prefix(mut self, prefix: &str) -> Self {
        self.0.message = format!("{prefix}: {}", self.0.message);
        self
    }

    /// A copy, for each of the calls that waited for the same request.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// Remaining pages could not be fetched. `missing` says of which connection.
    pub(crate) fn incomplete(mut self, missing: &str) -> Self {
        self.0.kind = ErrorKind::Incomplete;
        self.with_prefix(missing).maybe_executed()
    }
}

/// For the crates of an API.
#[doc(hidden)]
impl Error {
    /// An error of this kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            status: None,
            request_id: None,
            errors: Vec::new(),
            data: None,
            reason: None,
            source: None,
            retry_after: None,
            attempts: Vec::new(),
            not_executed: kind == ErrorKind::Configuration,
        }))
    }

    /// Invalid settings or input.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// Part of a response could not be decoded.
    pub fn decode_failed(message: impl Into<String>, reason: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(ErrorKind::Decode, message).with_reason(reason)
    }

    /// A payload has neither errors nor its record.
    pub fn missing_record(operation: &str) -> Self {
        Self::decode(operation, DecodeError::new(DecodeErrorKind::Missing)).mutation_executed()
    }

    /// Whether no complete response arrived, so that a retry may succeed.
    pub fn has_no_response(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Transport | ErrorKind::Timeout)
    }

    /// Sets the reason, which `Display` prints behind the message: an error that the message does not make
    /// sense without, and that has no source of its own.
    pub fn with_reason(mut self, reason: impl StdError + Send + Sync + 'static) -> Self {
        self.0.reason = Some(Arc::new(reason));
        self
    }

    /// Sets the source: an error of a library or the system, which `Display` prints with `{:#}`.
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Sets the status. The server refuses requests with 401, 413 and 429 before it executes them.
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self.0.not_executed |= matches!(status, 401 | 413 | 429);
        self
    }

    /// Sets the request id, unless it has one.
    pub fn with_request_id(mut self, request_id: Option<&str>) -> Self {
        self.0.request_id = self.0.request_id.or_else(|| request_id.map(str::to_owned));
        self
    }

    /// Sets the wait that the server asks for.
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// Adds to the end of the message.
    pub fn with_detail(mut self, detail: &str) -> Self {
        self.0.message.push_str(detail);
        self
    }

    /// The operation was certainly not executed.
    pub fn not_executed(mut self) -> Self {
        self.0.not_executed = true;
        self
    }

    /// The failed request was not executed, but an earlier one may have been.
    pub fn maybe_executed(mut self) -> Self {
        self.0.not_executed = false;
        self
    }

    /// The response to a mutation that was executed cannot be decoded.
    pub fn mutation_executed(self) -> Self {
        self.with_detail("; the mutation was executed; do not retry")
    }
}

//! One error type for everything that can go wrong.

use crate::answer::Secrets;
use crate::decode::{DecodeError, DecodeErrorKind};
use crate::quote::{BRIEF, OneLine};
use crate::reported;
use crate::retry::{Attempt, retry_after};
use crate::scalar::Json;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

/// What a fallible operation returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed. Opaque: ask [`kind`](Self::kind) or one of the predicates.
///
/// `Display` shows the words of the server, those of up to 100 errors, with paths, and the request id,
/// which Xurrent's support asks for, in one line: control characters are escaped. Neither `Display` nor
/// `Debug` ever shows a token or a secret of the client, in whatever form a server repeats it.
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    request_id: Option<String>,
    errors: Vec<GraphQlError>,
    data: Option<Box<RawValue>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    retry_after: Option<Duration>,
    attempts: Vec<Attempt>,
    /// The operation was certainly not executed.
    not_executed: bool,
}

/// The classes of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client, the query or the input is not usable. Nothing was sent.
    Configuration,
    /// The request did not reach the server, or no answer came, or the answer did not arrive whole:
    /// the message says which. [`Error::is_not_executed`] tells whether the request was certainly
    /// not executed.
    Transport,
    /// A time limit is over: that of a connection, a request, a call, or a stalled upload. What was
    /// under way may still be executed, unless [`Error::is_not_executed`] says otherwise.
    Timeout,
    /// The token service does not accept the client id or secret.
    CredentialsRefused,
    /// The token service failed, or its answer cannot be used.
    TokenService,
    /// The server did not accept the token (status 401 or 403).
    Unauthorized,
    /// The limits of the server are used up, as it answered, with status 429 or with errors that have a
    /// code like `THROTTLED`, or had said before.
    /// Nothing was executed; [`Error::retry_after`] says when there is room again, if that is known.
    RateLimited,
    /// The server answered with another status than success.
    Status,
    /// The server executed the operation and reports GraphQL errors.
    GraphQl,
    /// A mutation was refused: its payload lists why, and nothing was changed.
    Payload,
    /// The answer is not what the schema promises, or larger than the client may read.
    Decode,
    /// The record asked for by id is of another type.
    WrongType,
    /// The pages of a connection do not follow each other: a cursor comes twice, there are more than may
    /// be requested, or the server has more and names no cursor to go on from. Then
    /// [`Error::partial_data`] has the page that it says so in, and a stream has handed out its records.
    Pagination,
    /// A file cannot be uploaded: it cannot be read, it is not what was said, or the account's storage
    /// takes no such file. Nothing was stored.
    Upload,
    /// The answer came, and then the rest of a nested connection, of which all is wanted
    /// (`#[select(all)]`), could not be fetched. A mutation was executed: do not repeat it.
    /// [`Error::partial_data`] has what came; status, errors, request id and
    /// [`Error::retry_after`] are those of the request that failed.
    Incomplete,
}

/// One error as the server reports it: of the operation, or of a mutation's payload.
///
/// Its texts can be shown: secrets of the client are concealed, control characters are escaped, and long
/// texts are cut.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct GraphQlError {
    /// What the server says.
    pub message: String,
    /// Where in the response, or in the input, it belongs; empty when the server does not say. An error
    /// about a literal of a document has the way through the document, from `query` or `mutation` on.
    #[serde(default, deserialize_with = "path")]
    pub path: Vec<String>,
    /// Whatever else the server says, as JSON.
    #[serde(default)]
    pub extensions: Option<Json>,
}

/// A path is usually a list of names and numbers, sometimes a single text.
fn path<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<String>, D::Error> {
    use serde_json::Value;
    let text = |value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => Vec::new(),
        Value::Array(segments) => segments.into_iter().map(text).collect(),
        other => vec![text(other)],
    })
}

impl fmt::Display for GraphQlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine(f);
        if !self.path.is_empty() {
            write!(line, "{}: ", self.path.join("."))?;
        }
        line.write_str(&self.message)
    }
}

impl Error {
    /// An error of this kind. For crates that are built on the runtime, like the functions below that are
    /// hidden.
    #[doc(hidden)]
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            status: None,
            request_id: None,
            errors: Vec::new(),
            data: None,
            source: None,
            retry_after: None,
            attempts: Vec::new(),
            not_executed: kind == ErrorKind::Configuration,
        }))
    }

    /// A mistake in the configuration or the input.
    #[doc(hidden)]
    #[must_use]
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(crate) fn decode(operation: &str, error: DecodeError) -> Self {
        let mut this =
            Self::new(ErrorKind::Decode, format!("the answer to `{operation}` does not fit the schema"));
        this.0.source = Some(Arc::new(error));
        this
    }

    /// The limits are used up, as an answer of success says.
    pub(crate) fn rate_limited(operation: &str, errors: Vec<GraphQlError>, headers: &HeaderMap) -> Self {
        Self::graphql(ErrorKind::GraphQl, operation, errors).with_retry_after(retry_after(headers)).limited()
    }

    /// The same error, of the kind that its errors say when all of them tell of a limit.
    pub(crate) fn limited(mut self) -> Self {
        let kind = self.0.kind;
        let has_data = || !self.partial_data().is_none_or(reported::is_empty);
        if matches!(kind, ErrorKind::Status | ErrorKind::GraphQl)
            && reported::is_used_up(&self.0.errors)
            && !has_data()
        {
            self.0.kind = ErrorKind::RateLimited;
            self.0.retry_after = self.0.retry_after.or_else(|| reported::retry_after(&self.0.errors));
        }
        self
    }

    /// For an error of a transport: what it repeats of the server is concealed.
    pub(crate) fn concealed(mut self, secrets: &Secrets) -> Self {
        self.0.request_id = self.0.request_id.map(|id| secrets.quote(id, BRIEF));
        self
    }

    /// A payload without errors, and without the record that it is about.
    #[doc(hidden)]
    pub fn no_record(operation: &str) -> Self {
        Self::decode(operation, DecodeError::new(DecodeErrorKind::Missing)).carried_out()
    }

    /// For a [`Transport`](crate::Transport) of your own: the server could not be reached, and
    /// nothing was sent. Such a request can be sent again, whatever it does.
    pub fn not_sent(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut this = Self::new(ErrorKind::Transport, "the server cannot be reached").not_executed();
        this.0.source = Some(Arc::from(source.into()));
        this
    }

    /// For a [`Transport`](crate::Transport) of your own: the request was sent, at least in part,
    /// and no whole answer came. It may have been executed, so that only a query is sent again.
    pub fn no_answer(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut this = Self::new(ErrorKind::Transport, "the server did not answer");
        this.0.source = Some(Arc::from(source.into()));
        this
    }

    /// For a [`Transport`](crate::Transport) of your own: the time of the request is over. It may have
    /// been executed, so that only a query is sent again.
    pub fn timed_out(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut this = Self::new(ErrorKind::Timeout, "the server did not answer in time");
        this.0.source = Some(Arc::from(source.into()));
        this
    }

    pub(crate) fn graphql(kind: ErrorKind, operation: &str, errors: Vec<GraphQlError>) -> Self {
        let mut this = Self::new(kind, format!("`{operation}` failed"));
        this.0.errors = errors;
        this
    }

    /// Adds its cause.
    #[doc(hidden)]
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Requests that are refused with 401 and 429 are refused before any work is started.
    #[doc(hidden)]
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self.0.not_executed |= matches!(status, 401 | 429);
        self
    }

    /// Adds the request id, unless it has one.
    #[doc(hidden)]
    #[must_use]
    pub fn with_request_id(mut self, request_id: Option<&str>) -> Self {
        if self.0.request_id.is_none() {
            self.0.request_id = request_id.map(str::to_owned);
        }
        self
    }

    pub(crate) fn with_errors(mut self, errors: Vec<GraphQlError>) -> Self {
        self.0.errors = errors;
        self
    }

    pub(crate) fn with_data(mut self, data: Option<Box<RawValue>>) -> Self {
        self.0.data = data;
        self
    }

    /// Adds how long to wait.
    #[doc(hidden)]
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: Vec<Attempt>) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn not_executed(mut self) -> Self {
        self.0.not_executed = true;
        self
    }

    /// Whatever failed here, something that was sent before may have been executed.
    #[doc(hidden)]
    #[must_use]
    pub fn in_doubt(mut self) -> Self {
        self.0.not_executed = false;
        self
    }

    /// Says more about it.
    pub(crate) fn and(mut self, more: &str) -> Self {
        self.0.message.push_str(more);
        self
    }

    /// For an answer that cannot be read although what was asked for was done.
    #[doc(hidden)]
    #[must_use]
    pub fn carried_out(mut self) -> Self {
        self.0.message.push_str("; what was asked for was carried out: do not repeat it");
        self
    }

    /// Says first which token it is about, when there are several.
    pub(crate) fn about(mut self, token: Option<&str>) -> Self {
        if let Some(token) = token {
            self.0.message = format!("{token}: {}", self.0.message);
        }
        self
    }

    /// For each of the calls that waited for the same thing.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// What went wrong when an answer was completed. `whole` says what is therefore missing.
    pub(crate) fn incomplete(mut self, whole: &str) -> Self {
        self.0.kind = ErrorKind::Incomplete;
        self.0.message = format!("{whole}: {}", self.0.message);
        self.in_doubt()
    }

    /// Whether no answer came, or not all of it: a network can fail, and work again.
    #[doc(hidden)]
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Transport | ErrorKind::Timeout)
    }

    /// The class of the failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// All errors that the server reported, of the operation or of the payload, with their paths.
    #[must_use]
    pub fn errors(&self) -> &[GraphQlError] {
        &self.0.errors
    }

    /// The HTTP status, when the server answered with one that means failure.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The `x-request-id` of the answer: quote it when you ask Xurrent about a failure.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long to wait before it makes sense to try again: until the budget is there again, or what
    /// the server asked for. Counted from when the error was made.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Every request that was sent for the call, when none of them was answered with success; empty
    /// otherwise.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// The data that came beside the errors, or before what failed, as JSON text.
    #[must_use]
    pub fn partial_data(&self) -> Option<&str> {
        self.0.data.as_deref().map(RawValue::get)
    }

    /// The payload of a mutation that was refused, as far as it is one.
    #[must_use]
    pub fn payload<T: crate::decode::Object>(&self) -> Option<T> {
        if self.0.kind != ErrorKind::Payload {
            return None;
        }
        crate::decode::from_slice(self.0.data.as_ref()?.get().as_bytes()).ok()
    }

    /// The scopes that the token lacks, such as `request:Read`, when that is why the server
    /// refused; empty otherwise. Scopes are set where the token or the application was made.
    #[must_use]
    pub fn missing_scopes(&self) -> Vec<&str> {
        const PREFIX: &str = "Missing required scope(s):";
        let lists = self.0.errors.iter().filter_map(|error| error.message.split_once(PREFIX));
        lists.flat_map(|(_, list)| list.split(',')).map(|scope| scope.trim().trim_end_matches('.')).collect()
    }

    /// Where and why the answer does not fit the schema.
    #[must_use]
    pub fn decode_error(&self) -> Option<&DecodeError> {
        self.0.source.as_ref()?.downcast_ref()
    }

    /// Whether the request was certainly not executed, so that a mutation can be made again without
    /// being made twice: it was not sent, or the server refused it unprocessed (status 401 or 429,
    /// `REFUSED_STREAM` or a `GOAWAY` that leaves it out).
    ///
    /// When it is false, nothing is certain: a cut connection, a time limit and most statuses leave open
    /// whether a mutation was executed. A refusal with reasons
    /// ([`is_payload`](Self::is_payload)) was executed, and changed nothing.
    #[must_use]
    pub fn is_not_executed(&self) -> bool {
        self.0.not_executed
    }

    /// A time limit is over.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Nothing was sent: the client, the query or the input is not usable.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.0.kind == ErrorKind::Configuration
    }

    /// The token service does not accept the client id or secret.
    #[must_use]
    pub fn is_credentials_refused(&self) -> bool {
        self.0.kind == ErrorKind::CredentialsRefused
    }

    /// The server did not accept the token.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.0.kind == ErrorKind::Unauthorized
    }

    /// The limits of the server are used up. Nothing was executed.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// A mutation was refused with reasons in its payload; nothing was changed.
    #[must_use]
    pub fn is_payload(&self) -> bool {
        self.0.kind == ErrorKind::Payload
    }

    /// A file cannot be uploaded; nothing was stored.
    #[must_use]
    pub fn is_upload(&self) -> bool {
        self.0.kind == ErrorKind::Upload
    }

    /// The answer came, and the rest of a nested connection could not be fetched. A mutation was
    /// executed.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.0.kind == ErrorKind::Incomplete
    }

    /// The record asked for by id is of another type.
    #[must_use]
    pub fn is_wrong_type(&self) -> bool {
        self.0.kind == ErrorKind::WrongType
    }
}

/// How many of the server's errors `Display` shows: all of them are in [`Error::errors`].
const SHOWN: usize = 100;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine(f);
        line.write_str(&self.0.message)?;
        let mut separator = ": ";
        for error in self.0.errors.iter().take(SHOWN) {
            write!(line, "{separator}{error}")?;
            separator = "; ";
        }
        if self.0.errors.len() > SHOWN {
            write!(line, "; and {} more", self.0.errors.len() - SHOWN)?;
        }
        // The causes below the first one say what happened: "connection refused".
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            write!(line, "{separator}{cause}")?;
            separator = ": ";
            source = cause.source();
        }
        match (&self.0.request_id, self.0.attempts.len()) {
            (Some(request_id), 0 | 1) => write!(line, " (request {request_id})"),
            (Some(request_id), attempts) => write!(line, " (request {request_id}, the last of {attempts})"),
            (None, 0 | 1) => Ok(()),
            (None, attempts) => write!(line, " (after {attempts} attempts)"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("status", &self.0.status)
            .field("request_id", &self.0.request_id)
            .field("errors", &self.0.errors)
            .field("attempts", &self.0.attempts)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}

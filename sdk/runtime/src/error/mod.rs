//! The error type of the crate.

mod build;
mod graphql_error;
mod kind;

pub use graphql_error::GraphQlError;
pub use kind::ErrorKind;

use crate::decode::DecodeError;
use crate::quote::OneLine;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

/// The result of a fallible operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

const MAX_PRINTED: usize = 100;

/// One failed request of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// How long the call waited before it.
    pub waited: Duration,
    /// The status of the response; none if no response arrived.
    pub status: Option<u16>,
    /// The `x-request-id` of the response.
    pub request_id: Option<String>,
}

/// Why a call failed. [`kind`](Self::kind) and the predicates classify it.
///
/// # What to do
///
/// | predicate | retry | fix | report |
/// | --- | --- | --- | --- |
/// | [`is_configuration`](Self::is_configuration) | no | the setting, query or input that the message names | no |
/// | [`is_credentials_refused`](Self::is_credentials_refused) | no | the client id and secret | no |
/// | [`is_unauthorized`](Self::is_unauthorized) | no | the token, or its scopes: [`missing_scopes`](Self::missing_scopes) | no |
/// | [`is_payload`](Self::is_payload) | no | the input: [`errors`](Self::errors) has the reasons with their paths | no |
/// | [`is_graphql`](Self::is_graphql) | no | the query, input or permission that the messages name | if they name none: to the API's support |
/// | [`is_wrong_type`](Self::is_wrong_type) | no | the id, or the type that is asked for | no |
/// | [`is_upload`](Self::is_upload) | no | the file or its description | no |
/// | [`is_download`](Self::is_download) | no | the URL, the limit or the place that the message names | no |
/// | [`is_job_failed`](Self::is_job_failed) | no | what the message of the server names | if it names nothing: to the API's support |
/// | [`is_rate_limited`](Self::is_rate_limited) | after [`retry_after`](Self::retry_after) | the number or size of requests | no |
/// | [`is_token_service`](Self::is_token_service) | later | the token endpoint, if it is your own | if it lasts: to the API's support |
/// | [`is_transport`](Self::is_transport), [`is_timeout`](Self::is_timeout) | queries; a mutation if [`is_not_executed`](Self::is_not_executed) | the network, the address, a time limit | if it lasts: to the API's support |
/// | [`is_status`](Self::is_status) | for status 5xx: queries; a mutation if [`is_not_executed`](Self::is_not_executed) | for status 4xx: the account, the address or the request | status 5xx: to the API's support |
/// | [`is_decode`](Self::is_decode) | no | a type of your own that refuses a value; regenerate after a change of the schema | otherwise, with [`decode_error`](Self::decode_error): to this crate |
/// | [`is_pagination`](Self::is_pagination) | queries, from the last cursor | the number of requests that a stream may send | otherwise: to the API's support |
/// | [`is_incomplete`](Self::is_incomplete) | queries; never a mutation: it was executed | fewer nested records | no |
/// | [`is_interrupted`](Self::is_interrupted) | it was: take the next event, and query what may be missing | no | no |
/// | [`is_schema_mismatch`](Self::is_schema_mismatch) | no | the selection, input or call that [`preflight`](Self::preflight) names; regenerate | no |
///
/// The client has already retried what this table allows, within its [`RetryPolicy`](crate::RetryPolicy).
/// In a report, quote the [`request_id`](Self::request_id).
///
/// # Text
///
/// `{error}` prints one line: what failed, the messages of up to 100 errors of the server with their paths, where
/// a response does not fit the schema, and the request id. It does not repeat the
/// [`source`](std::error::Error::source), so that programs that print a chain of errors print each once.
/// `{error:#}` prints the whole chain in one line: why a connection failed, for example.
///
/// Control characters are escaped. Neither `Display` nor `Debug` prints a token or a secret of the client,
/// even if a server repeats it.
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    request_id: Option<String>,
    errors: Vec<GraphQlError>,
    data: Option<Box<RawValue>>,
    /// The reason, in words of this crate: part of the text, not a source.
    reason: Option<Arc<dyn std::error::Error + Send + Sync>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    retry_after: Option<Duration>,
    attempts: Vec<Attempt>,
    /// The operation was certainly not executed.
    not_executed: bool,
}

impl Error {
    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// All errors reported by the server, of the operation or of the payload, with their paths.
    pub fn errors(&self) -> &[GraphQlError] {
        &self.0.errors
    }

    /// The HTTP status, if it is one of failure; of a subscription also the close code of its WebSocket, such as
    /// 4401.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The `x-request-id` of the response: quote it when you ask the API's support about a failure.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long to wait before a retry makes sense: until the quota is available again, or as long as the
    /// server asked for. Counted from when the error was created.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// All requests of the call, if none of them succeeded; empty otherwise.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// The data beside the errors, or before the failure, as JSON text.
    pub fn partial_data(&self) -> Option<&str> {
        self.0.data.as_deref().map(RawValue::get)
    }

    /// Whether there is no partial data, or none of its fields has a value.
    pub(crate) fn has_no_data(&self) -> bool {
        let is_empty = |data: &str| {
            serde_json::from_str::<Option<HashMap<String, &RawValue>>>(data)
                .is_ok_and(|data| data.is_none_or(|data| data.values().all(|value| value.get() == "null")))
        };
        self.partial_data().is_none_or(is_empty)
    }

    /// The payload of a refused mutation, if it decodes as `T`.
    pub fn payload<T: crate::Object>(&self) -> Option<T> {
        if self.0.kind != ErrorKind::Payload {
            return None;
        }
        crate::decode::from_slice(self.partial_data()?.as_bytes()).ok()
    }

    /// The scopes that the token lacks, such as `request:Read`, if the server refused the call for that;
    /// empty otherwise. Scopes are set where the token or the application is created.
    pub fn missing_scopes(&self) -> Vec<&str> {
        let lists = self.0.errors.iter().filter_map(|error| error.message.get(error.scopes_at?..));
        lists.flat_map(|list| list.split(',')).map(|scope| scope.trim().trim_end_matches('.')).collect()
    }

    /// Where and why the response does not fit the schema. Part of the text of this error, so not its source.
    pub fn decode_error(&self) -> Option<&DecodeError> {
        self.reason()
    }

    /// The reason, if it is of this type.
    #[doc(hidden)]
    pub fn reason<T: std::error::Error + 'static>(&self) -> Option<&T> {
        self.0.reason.as_ref()?.downcast_ref()
    }

    /// Whether the request was certainly not executed, so that a mutation can be sent again: it was not
    /// sent, or the server refused it unprocessed (status 401, 413 or 429, `REFUSED_STREAM`, or a `GOAWAY` that
    /// excludes it).
    ///
    /// If false, nothing is certain: after a cut connection, a time limit and most statuses, a mutation
    /// may have been executed. A refusal with reasons ([`is_payload`](Self::is_payload)) was executed, and
    /// changed nothing.
    pub fn is_not_executed(&self) -> bool {
        self.0.not_executed
    }
}

macro_rules! predicates {
    ($($(#[$doc:meta])* $name:ident: $kind:ident,)*) => {
        impl Error {$(
            $(#[$doc])*
            pub fn $name(&self) -> bool {
                self.0.kind == ErrorKind::$kind
            }
        )*}
    };
}

predicates! {
    /// Whether the client, the query or the input is invalid. Nothing was sent.
    is_configuration: Configuration,
    /// Whether the server was not reached, or no complete response arrived.
    is_transport: Transport,
    /// Whether a time limit expired.
    is_timeout: Timeout,
    /// Whether the token service rejected the client id or secret.
    is_credentials_refused: CredentialsRefused,
    /// Whether the token service failed, or its response is invalid.
    is_token_service: TokenService,
    /// Whether the server rejected the token.
    is_unauthorized: Unauthorized,
    /// Whether a limit of the server is exhausted. Nothing was executed.
    is_rate_limited: RateLimited,
    /// Whether the server responded with another status than success.
    is_status: Status,
    /// Whether the server executed the operation and reported GraphQL errors.
    is_graphql: GraphQl,
    /// Whether the server refused a mutation with reasons in its payload. Nothing was changed.
    is_payload: Payload,
    /// Whether the response does not fit the schema, or is larger than the client may read.
    is_decode: Decode,
    /// Whether the record with the requested id is of another type.
    is_wrong_type: WrongType,
    /// Whether pages cannot be followed: a cursor was repeated or is missing, or there are too many pages.
    is_pagination: Pagination,
    /// Whether a file cannot be uploaded. Nothing was stored.
    is_upload: Upload,
    /// Whether a file cannot be downloaded or written.
    is_download: Download,
    /// Whether a job that the server had begun failed.
    is_job_failed: JobFailed,
    /// Whether the remaining pages of a nested connection could not be fetched. A mutation was executed.
    is_incomplete: Incomplete,
    /// Whether a subscription was interrupted and goes on: events are missing.
    is_interrupted: Interrupted,
    /// Whether a preflight found that the server cannot serve a selection, an input or a call.
    is_schema_mismatch: SchemaMismatch,
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_chain = f.alternate();
        let mut line = OneLine(f);
        line.write_str(&self.0.message)?;
        let mut separator = ": ";
        for error in self.0.errors.iter().take(MAX_PRINTED) {
            write!(line, "{separator}{error}")?;
            separator = "; ";
        }
        if self.0.errors.len() > MAX_PRINTED {
            write!(line, "; and {} more", self.0.errors.len() - MAX_PRINTED)?;
        }
        if let Some(reason) = &self.0.reason {
            write!(line, "{separator}{reason}")?;
            separator = ": ";
        }
        let mut source = std::error::Error::source(self).filter(|_| is_chain);
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
            .field("reason", &self.0.reason)
            .field("source", &self.0.source)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::DecodeErrorKind;
    use std::error::Error as _;
    use std::io;

    type Predicate = fn(&Error) -> bool;

    #[test]
    fn every_kind_has_one_predicate() {
        let kinds: [(ErrorKind, Predicate); 19] = [
            (ErrorKind::Configuration, Error::is_configuration),
            (ErrorKind::Transport, Error::is_transport),
            (ErrorKind::Timeout, Error::is_timeout),
            (ErrorKind::CredentialsRefused, Error::is_credentials_refused),
            (ErrorKind::TokenService, Error::is_token_service),
            (ErrorKind::Unauthorized, Error::is_unauthorized),
            (ErrorKind::RateLimited, Error::is_rate_limited),
            (ErrorKind::Status, Error::is_status),
            (ErrorKind::GraphQl, Error::is_graphql),
            (ErrorKind::Payload, Error::is_payload),
            (ErrorKind::Decode, Error::is_decode),
            (ErrorKind::WrongType, Error::is_wrong_type),
            (ErrorKind::Pagination, Error::is_pagination),
            (ErrorKind::Upload, Error::is_upload),
            (ErrorKind::Download, Error::is_download),
            (ErrorKind::JobFailed, Error::is_job_failed),
            (ErrorKind::Incomplete, Error::is_incomplete),
            (ErrorKind::Interrupted, Error::is_interrupted),
            (ErrorKind::SchemaMismatch, Error::is_schema_mismatch),
        ];
        for (kind, _) in kinds {
            let error = Error::new(kind, "failed");
            let true_for: Vec<_> = kinds.iter().filter(|(_, is)| is(&error)).map(|(kind, _)| *kind).collect();
            assert_eq!(true_for, [kind]);
        }
    }

    /// As `anyhow` and similar crates print it.
    fn chain(error: &Error) -> String {
        let sources = std::iter::successors(Some(error as &dyn std::error::Error), |error| (*error).source());
        sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }

    #[test]
    fn a_source_is_printed_once_in_a_chain_and_not_without_one() {
        let source = io::Error::other(io::Error::other("connection\nrefused"));
        let error = Error::not_sent(source).with_request_id(Some("r-1"));
        assert_eq!(error.to_string(), "the server cannot be reached (request r-1)");
        assert_eq!(format!("{error:#}"), r"the server cannot be reached: connection\nrefused (request r-1)");
        assert_eq!(chain(&error).matches("refused").count(), 1);
    }

    #[test]
    fn a_reason_is_part_of_the_text_and_no_source() {
        let reason = DecodeError::new(DecodeErrorKind::Missing).at_key("Person", "name");
        let error = Error::decode("me", reason.clone());
        let text = "the response to `me` does not fit the schema: name: the field is missing (in Person)";
        assert_eq!(
            (error.to_string(), format!("{error:#}"), chain(&error)),
            (text.into(), text.into(), text.into())
        );
        assert!(error.source().is_none());
        assert_eq!(error.decode_error(), Some(&reason));
    }
}

//! The kinds of failure.

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client, the query or the input is invalid. Nothing was sent.
    Configuration,
    /// The request did not reach the server, or no complete response arrived: the message says which.
    /// [`Error::is_not_executed`](crate::Error::is_not_executed) tells whether the request was certainly
    /// not executed.
    Transport,
    /// A time limit expired: that of a connection, a request, a call, or a stalled upload. The request
    /// may still be executed, unless [`Error::is_not_executed`](crate::Error::is_not_executed).
    Timeout,
    /// The token service rejected the client id or secret.
    CredentialsRefused,
    /// The token service failed, or its response is invalid.
    TokenService,
    /// The server rejected the token (status 401 or 403).
    Unauthorized,
    /// A limit of the server is exhausted: it responded with status 429 or with errors that have a code
    /// like `THROTTLED`, or an earlier response said so. Nothing was executed.
    /// [`Error::retry_after`](crate::Error::retry_after) has the time until it is available again, if
    /// known.
    RateLimited,
    /// The server responded with another status than success.
    Status,
    /// The server executed the operation and reported GraphQL errors.
    GraphQl,
    /// The server refused a mutation with reasons in its payload. Nothing was changed.
    Payload,
    /// The response does not fit the schema, or is larger than the client may read.
    Decode,
    /// The record with the requested id is of another type.
    WrongType,
    /// The server repeated a cursor, gave none for the next page, or has more pages than may be
    /// requested. Without a cursor, [`Error::partial_data`](crate::Error::partial_data) has the last
    /// page, and a stream has returned its records.
    Pagination,
    /// A file cannot be uploaded: it cannot be read, its content does not match its description, or the
    /// storage does not accept such files. Nothing was stored.
    Upload,
    /// A file cannot be downloaded: its URL is not one that may be fetched, it is larger than allowed, it changed
    /// on the server, or it cannot be written.
    Download,
    /// A job that the server had begun, such as an export or import, failed.
    JobFailed,
    /// The response arrived, but the remaining pages of a nested connection (`#[select(all)]`) could not
    /// be fetched. A mutation was executed: do not retry it.
    /// [`Error::partial_data`](crate::Error::partial_data) has the data so far; status, errors, request id
    /// and [`Error::retry_after`](crate::Error::retry_after) are those of the request that failed.
    Incomplete,
    /// A subscription had lost its connection and is restored: the events in between are missing. The stream
    /// goes on.
    Interrupted,
    /// A preflight found that the server cannot serve a selection, an input or a call.
    /// [`Error::preflight`](crate::Error::preflight) has what it found.
    SchemaMismatch,
}

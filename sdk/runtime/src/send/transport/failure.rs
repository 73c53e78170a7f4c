//! The errors of requests without a whole response.

use crate::error::{Error, ErrorKind};
use ::http::StatusCode;

/// The error of a request without a response.
pub(super) fn unanswered(host: &str, error: reqwest::Error) -> Error {
    let unreached = error.is_connect();
    let is_unprocessed = is_unprocessed(&error);
    let what = match (unreached, is_unprocessed, error.is_timeout()) {
        (true, ..) => "could not be reached",
        (_, true, _) => "refused the request unprocessed",
        (.., true) => "did not answer in time",
        _ => "did not answer the request",
    };
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Transport };
    let error = Error::new(kind, format!("{host} {what}")).with_source(error.without_url());
    if unreached || is_unprocessed { error.not_executed() } else { error }
}

/// The server has said over HTTP/2 that it did not begin with a request: it reset its stream with
/// `REFUSED_STREAM`, or its `GOAWAY` names an earlier stream as the last one (RFC 9113, 8.7). `h2` gives
/// the error of a `GOAWAY` to streams beyond the last one only.
fn is_unprocessed(error: &reqwest::Error) -> bool {
    let sources = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let error = sources.into_iter().find_map(|cause| cause.downcast_ref::<h2::Error>());
    error.is_some_and(|error| {
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (error.is_go_away() || is_refused)
    })
}

/// The error of a response that broke off.
pub(super) fn lost(host: &str, status: StatusCode, error: reqwest::Error) -> Error {
    let (kind, when) = match error.is_timeout() {
        true => (ErrorKind::Timeout, " in time"),
        false => (ErrorKind::Transport, ""),
    };
    let message = format!("{host} answered {status}, but its response broke off{when}");
    Error::new(kind, message).with_source(error.without_url())
}

//! What a sender is told: next to nothing.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

/// The few ways in which a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// The delivery is durable, or the handshake is answered.
    Stored,
    /// The body could not be read.
    Broken,
    /// The check did not let it pass. The same for every reason.
    Refused,
    /// Webhooks are posted.
    NotPosted,
    /// The body took too long.
    TooSlow,
    /// The body is over the limit.
    TooLarge,
    /// Nothing is promised; try again.
    TryAgain,
}

impl Answer {
    /// The status, as the metrics name it.
    pub(super) fn status(self) -> &'static str {
        match self {
            Self::Stored => "200",
            Self::Broken => "400",
            Self::Refused => "403",
            Self::NotPosted => "405",
            Self::TooSlow => "408",
            Self::TooLarge => "413",
            Self::TryAgain => "503",
        }
    }

    /// The kind of its lines in the log.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Broken => "broken",
            Self::Refused => "refused",
            Self::NotPosted => "not_posted",
            Self::TooSlow => "too_slow",
            Self::TooLarge => "too_large",
            Self::TryAgain => "try_again",
        }
    }

    pub(super) fn response(self) -> Response<Full<Bytes>> {
        let (status, body) = match self {
            Self::Stored => (StatusCode::OK, r#"{"message":"Received"}"#),
            Self::Broken => (StatusCode::BAD_REQUEST, r#"{"message":"Bad request"}"#),
            Self::Refused => (StatusCode::FORBIDDEN, r#"{"message":"Refused"}"#),
            Self::NotPosted => (StatusCode::METHOD_NOT_ALLOWED, r#"{"message":"Use POST"}"#),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, r#"{"message":"Too slow"}"#),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, r#"{"message":"Too large"}"#),
            Self::TryAgain => (StatusCode::SERVICE_UNAVAILABLE, r#"{"message":"Try again later"}"#),
        };
        let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self == Self::NotPosted {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

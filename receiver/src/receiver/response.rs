//! Responses, which disclose nothing but a status.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

pub(super) fn response(status: StatusCode) -> Response<Full<Bytes>> {
    let body = match status {
        StatusCode::OK => r#"{"message":"Received"}"#,
        StatusCode::FORBIDDEN => r#"{"message":"Refused"}"#,
        StatusCode::METHOD_NOT_ALLOWED => r#"{"message":"Use POST"}"#,
        StatusCode::REQUEST_TIMEOUT => r#"{"message":"Too slow"}"#,
        StatusCode::PAYLOAD_TOO_LARGE => r#"{"message":"Too large"}"#,
        StatusCode::SERVICE_UNAVAILABLE => r#"{"message":"Try again later"}"#,
        _ => r#"{"message":"Bad request"}"#,
    };
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

//! The download of files.

use axum::http::header::{ACCEPT_RANGES, AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};

use super::jobs::Jobs;
use crate::server::response::ApiResponse;
use crate::server::state::header;
use crate::storage::content_hash;

const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Responds with a file or its rest. The URL is the only secret: a client that sends its token there leaks it, so
/// such a request is refused.
pub(super) fn respond(jobs: &Jobs, headers: &HeaderMap, key: &str) -> ApiResponse {
    if headers.contains_key(AUTHORIZATION) || headers.contains_key("x-xurrent-account") {
        return ApiResponse::message(StatusCode::BAD_REQUEST, "Send no credentials to this address");
    }
    let Some(content) = jobs.file(key) else {
        return ApiResponse::message(StatusCode::FORBIDDEN, "Request has expired");
    };
    let tag = format!("\"{:016x}\"", content_hash(&content));
    let size = content.len();
    let start =
        header(headers, RANGE.as_str()).and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
    let start = start.and_then(|start| start.parse::<usize>().ok());
    let is_same = header(headers, IF_RANGE.as_str()).is_none_or(|known| known == tag);
    let mut response = match start.filter(|_| is_same && jobs.settings.is_resumable) {
        Some(start) if start < size => {
            let part = format!("bytes {start}-{}/{size}", size - 1);
            let response = ApiResponse::binary(StatusCode::PARTIAL_CONTENT, content[start..].to_vec());
            HeaderValue::try_from(part)
                .map_or_else(|_| ApiResponse::internal_error(), |part| response.header(CONTENT_RANGE, part))
        }
        Some(_) => return ApiResponse::message(StatusCode::RANGE_NOT_SATISFIABLE, "No such part"),
        None => ApiResponse::binary(StatusCode::OK, content.to_vec()),
    };
    if let (Ok(tag), true) = (HeaderValue::try_from(tag), jobs.settings.is_resumable) {
        response = response.header(ETAG, tag).header(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    }
    response.header(CONTENT_TYPE, OCTETS)
}

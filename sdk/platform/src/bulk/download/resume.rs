//! Where a response continues a file (RFC 9110, 13.1.5 and 14).

use super::download_error;
use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, DATE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_RANGE, LAST_MODIFIED, RANGE, TRANSFER_ENCODING,
};
use http::{Response, StatusCode, Version};
use xurrent_runtime::jiff::fmt::rfc2822::DateTimeParser;
use xurrent_runtime::{Error, ErrorKind, Result};

/// What is known of a file from the first response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// What tells this version of the file from all others, byte by byte: the strong `ETag`, or else the time of the
    /// last change.
    validator: Option<HeaderValue>,
    /// Its size.
    pub(super) size: Option<u64>,
}

/// Where the bytes of a response belong.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind what was received.
    Next,
    /// They are the whole file again, and the same version.
    Again,
    /// They are a whole file that may be another.
    Other,
}

/// Asks for the rest of a file that is unchanged. Without a validator, the whole file comes.
pub(super) fn ask(headers: &mut HeaderMap, seen: Option<&Seen>, received: u64) {
    let Some(validator) = seen.and_then(|seen| seen.validator.clone()).filter(|_| received > 0) else {
        return;
    };
    if let Ok(range) = HeaderValue::try_from(format!("bytes={received}-")) {
        headers.insert(RANGE, range);
        headers.insert(IF_RANGE, validator);
    }
}

/// Reads the head of a response with status 200 or 206.
pub(super) fn place<B>(response: &Response<B>, seen: Option<&Seen>, received: u64) -> Result<(Place, Seen)> {
    let headers = response.headers();
    if let Some(coding) =
        headers.get(CONTENT_ENCODING).filter(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(download_error(format!(
            "the file has the content coding {coding:?}, which was not asked for"
        )));
    }
    let mut now = Seen { validator: validator(headers), size: number(headers, &CONTENT_LENGTH) };
    let has_size = |now: &Seen| {
        seen.is_some_and(|seen| seen.size.is_none() || now.size.is_none() || seen.size == now.size)
    };
    let is_same = |now: &Seen| {
        has_size(now) && seen.is_some_and(|seen| seen.validator.is_some() && seen.validator == now.validator)
    };
    if response.status() == StatusCode::PARTIAL_CONTENT {
        let rest = now.size;
        let (start, size) = range(headers).ok_or_else(|| unasked("it has no valid `content-range`"))?;
        now.size = Some(size);
        // The validator may be missing: it was a condition.
        let is_same = is_same(&now) || now.validator.is_none() && has_size(&now);
        let is_rest = start == received && rest.is_none_or(|rest| Some(rest) == size.checked_sub(start));
        return match is_same && is_rest && received > 0 {
            true => {
                Ok((Place::Next, Seen { validator: seen.and_then(|seen| seen.validator.clone()), ..now }))
            }
            false => Err(unasked("it is not the rest of the file")),
        };
    }
    let ends = now.size.is_some()
        || headers.contains_key(TRANSFER_ENCODING)
        || response.version() >= Version::HTTP_2;
    if !ends {
        return Err(download_error(
            "the server gives the file without a length, so a truncated one would look complete",
        ));
    }
    let place = match received {
        0 => Place::Next,
        _ if is_same(&now) => Place::Again,
        _ => Place::Other,
    };
    Ok((place, now))
}

fn unasked(why: &str) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the server answered with a part of the file that was not asked for: {why}"),
    )
}

/// Only a strong validator changes with each byte: a weak `ETag` does not, and a time does if the file was
/// not changed within the second before the response.
fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    if let Some(tag) = headers.get(ETAG) {
        return tag.as_bytes().starts_with(b"\"").then(|| tag.clone());
    }
    let time = |name: &HeaderName| {
        let text = headers.get(name)?.to_str().ok()?;
        DateTimeParser::new().parse_timestamp(text).ok().map(|time| time.as_second())
    };
    let is_strong = time(&LAST_MODIFIED)? < time(&DATE)?;
    headers.get(LAST_MODIFIED).filter(|_| is_strong).cloned()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The first byte and the size of the whole in `bytes 5-9/10`, if the range is the last one.
fn range(headers: &HeaderMap) -> Option<(u64, u64)> {
    let (range, size) = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end, size): (u64, u64, u64) = (start.parse().ok()?, end.parse().ok()?, size.parse().ok()?);
    (start <= end && end.checked_add(1) == Some(size)).then_some((start, size))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&'static str, &'static str)]) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        for (name, value) in headers {
            response.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        response
    }

    const WHOLE: &[(&str, &str)] = &[("content-length", "10"), ("etag", "\"a\"")];

    fn first() -> Seen {
        place(&response(200, WHOLE), None, 0).unwrap().1
    }

    #[test]
    fn the_rest_of_the_same_file_is_next() {
        let mut headers = HeaderMap::new();
        ask(&mut headers, Some(&first()), 4);
        assert_eq!(
            (&headers[RANGE], &headers[IF_RANGE]),
            (&HeaderValue::from_static("bytes=4-"), &HeaderValue::from_static("\"a\""))
        );
        for rest in [
            &[("content-range", "bytes 4-9/10"), ("etag", "\"a\""), ("content-length", "6")][..],
            &[("content-range", "bytes 4-9/10")],
        ] {
            assert_eq!(place(&response(206, rest), Some(&first()), 4).unwrap().0, Place::Next);
        }
        assert_eq!(place(&response(200, WHOLE), Some(&first()), 4).unwrap().0, Place::Again);
        let other = [("content-length", "10"), ("etag", "\"b\"")];
        assert_eq!(place(&response(200, &other), Some(&first()), 4).unwrap().0, Place::Other);
    }

    #[test]
    fn a_file_without_a_length_is_continued_too() {
        let chunked = [("transfer-encoding", "chunked"), ("etag", "\"a\"")];
        let (_, seen) = place(&response(200, &chunked), None, 0).unwrap();
        assert_eq!(place(&response(200, &chunked), Some(&seen), 4).unwrap().0, Place::Again);
        let rest = [("content-range", "bytes 4-9/10"), ("etag", "\"a\"")];
        let (next, seen) = place(&response(206, &rest), Some(&seen), 4).unwrap();
        assert_eq!((next, seen.size), (Place::Next, Some(10)));
    }

    #[test]
    fn other_parts_are_errors() {
        for part in [
            &[("content-range", "bytes 5-9/10")][..],
            &[("content-range", "bytes 0-9/10")],
            &[("content-range", "bytes 4-8/10")],
            &[("content-range", "bytes 4-10/11")],
            &[("content-range", "bytes 4-9/*")],
            &[("content-range", "bytes */10")],
            &[("content-range", "bytes 4-18446744073709551615/10")],
            &[("content-range", "items 4-9/10")],
            &[("content-range", "bytes 4-9/10"), ("content-length", "7")],
            &[("content-range", "bytes 4-9/10"), ("etag", "\"b\"")],
            &[],
        ] {
            assert!(place(&response(206, part), Some(&first()), 4).is_err(), "{part:?}");
        }
        assert!(place(&response(206, &[("content-range", "bytes 0-9/10")]), None, 0).is_err());
    }

    #[test]
    fn only_a_strong_validator_resumes() {
        let time = "Sun, 29 Nov 2026 10:00:00 GMT";
        for (headers, is_strong) in [
            (&[("etag", "\"a\"")][..], true),
            (
                &[("etag", "W/\"a\""), ("last-modified", time), ("date", "Sun, 29 Nov 2026 10:00:05 GMT")],
                false,
            ),
            (&[("last-modified", time), ("date", "Sun, 29 Nov 2026 10:00:01 GMT")], true),
            (&[("last-modified", time), ("date", time)], false),
            (&[("last-modified", time)], false),
            (&[], false),
        ] {
            let mut all = headers.to_vec();
            all.push(("content-length", "10"));
            let (_, seen) = place(&response(200, &all), None, 0).unwrap();
            let mut asked = HeaderMap::new();
            ask(&mut asked, Some(&seen), 4);
            assert_eq!(asked.contains_key(RANGE), is_strong, "{headers:?}");
            let again = place(&response(200, &all), Some(&seen), 4).unwrap().0;
            assert_eq!(again == Place::Again, is_strong, "{headers:?}");
        }
    }

    #[test]
    fn a_file_without_an_end_is_refused() {
        assert!(place(&response(200, &[]), None, 0).is_err());
        assert!(place(&response(200, &[("content-length", "ten")]), None, 0).is_err());
        assert!(
            place(&response(200, &[("content-length", "1"), ("content-encoding", "gzip")]), None, 0).is_err()
        );
        assert!(place(&response(200, &[("transfer-encoding", "chunked")]), None, 0).is_ok());
        let mut second = response(200, &[]);
        *second.version_mut() = Version::HTTP_2;
        assert!(place(&second, None, 0).is_ok());
    }
}

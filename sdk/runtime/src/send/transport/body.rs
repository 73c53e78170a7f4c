//! Reading the body of an answer: as long as it is not too large, and unpacked.

use crate::error::{Error, ErrorKind, Result};
use flate2::write::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use std::io::{self, Write};

/// What is set aside for an answer because its header announces it: headers can be wrong.
const ANNOUNCED: u64 = 8 * 1024 * 1024;

/// How much is read of an answer that means failure.
const MAX_REFUSAL: u64 = 1024 * 1024;

/// How a body is packed.
enum Coding {
    None,
    Gzip,
}

impl Coding {
    /// What the headers of an answer say. Names have no case, and `x-gzip` is gzip (RFC 9110, 8.4.1).
    fn of(headers: &HeaderMap) -> Result<Self, String> {
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let texts: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let names = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
        let names = names.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
        let mut coding = Self::None;
        for name in names {
            let is_gzip = name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip");
            if !is_gzip || matches!(coding, Self::Gzip) {
                return Err(texts.join(", ").chars().take(40).collect());
            }
            coding = Self::Gzip;
        }
        Ok(coding)
    }
}

/// What a body may have, and what is said about more.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) size: u64,
    pub(super) advice: &'static str,
}

impl Limit {
    fn check(self, size: u64) -> Result<()> {
        if size <= self.size {
            return Ok(());
        }
        let message = format!("the answer has more than {} bytes{}", self.size, self.advice);
        Err(Error::new(ErrorKind::Decode, message))
    }
}

/// Reads the whole body, unpacks it, and takes the coding out of the headers. `lost` makes the error
/// of a body that does not arrive. Of an answer that is a refusal, its beginning, or what arrives of it, is
/// enough: its status says what matters.
pub(super) async fn read(
    mut response: reqwest::Response,
    mut limit: Limit,
    lost: impl Fn(reqwest::Error) -> Error,
    damaged: impl Fn(io::Error) -> Error,
) -> Result<http::Response<Vec<u8>>> {
    let mut answer = http::Response::new(Vec::new());
    *answer.status_mut() = response.status();
    std::mem::swap(answer.headers_mut(), response.headers_mut());
    let is_refusal = !answer.status().is_success();
    if is_refusal {
        limit.size = limit.size.min(MAX_REFUSAL);
    }
    let mut sink = Sink { body: Vec::new(), size: 0, limit, is_refusal };
    let result = unpack(&mut response, answer.headers_mut(), &mut sink, lost, damaged).await;
    *answer.body_mut() = sink.body;
    match result {
        Err(error) if !is_refusal => Err(error),
        _ => Ok(answer),
    }
}

async fn unpack(
    response: &mut reqwest::Response,
    headers: &mut HeaderMap,
    sink: &mut Sink,
    lost: impl Fn(reqwest::Error) -> Error,
    damaged: impl Fn(io::Error) -> Error,
) -> Result<()> {
    let coding = Coding::of(headers).map_err(|coding| {
        let message = format!("the answer has the content coding {coding:?}, and only gzip can be read");
        Error::new(ErrorKind::Decode, message)
    })?;
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let announced: u64 = announced.unwrap_or_default();
    let limit = sink.limit;
    let Coding::Gzip = coding else {
        if !sink.is_refusal {
            limit.check(announced)?;
        }
        sink.body.reserve(usize::try_from(announced.min(ANNOUNCED).min(limit.size)).unwrap_or_default());
        while let Some(chunk) = response.chunk().await.map_err(&lost)? {
            sink.take(&chunk);
            limit.check(sink.size)?;
        }
        return Ok(());
    };
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    let mut decoder = MultiGzDecoder::new(sink);
    let (mut is_empty, mut result) = (true, Ok(()));
    while result.is_ok()
        && let Some(chunk) = response.chunk().await.map_err(&lost)?
    {
        is_empty &= chunk.is_empty();
        result = decoder.write_all(&chunk);
    }
    if result.is_ok() && !is_empty {
        result = decoder.try_finish();
    }
    let size = decoder.get_ref().size;
    limit.check(size)?;
    result.map_err(damaged)
}

/// Takes a body up to the limit, and counts what there is beyond it.
struct Sink {
    body: Vec<u8>,
    size: u64,
    limit: Limit,
    is_refusal: bool,
}

impl Sink {
    fn take(&mut self, chunk: &[u8]) {
        let room = usize::try_from(self.limit.size).unwrap_or(usize::MAX) - self.body.len();
        self.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        self.size += chunk.len() as u64;
    }
}

impl Write for &mut Sink {
    fn write(&mut self, unpacked: &[u8]) -> io::Result<usize> {
        self.take(unpacked);
        // More of it would be unpacked in vain.
        if self.size > self.limit.size { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(unpacked.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! Reading the body of a response: decompressed, and up to a limit.

use crate::error::{Error, ErrorKind, Result};
use flate2::write::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use std::io::{self, Write};

/// The most memory that is reserved for an announced length, which may be wrong.
const ANNOUNCED: u64 = 8 * 1024 * 1024;

/// How much is read of a response with a status of failure.
const MAX_FAILURE: u64 = 1024 * 1024;

/// Whether the content coding in the headers is gzip. Names are case-insensitive, and `x-gzip` is gzip
/// (RFC 9110, 8.4.1).
fn is_gzip(headers: &HeaderMap) -> Result<bool> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let coding = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect::<Vec<_>>().join(", ");
    let names = coding.to_ascii_lowercase();
    let names = names.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "identity"));
    match names.collect::<Vec<_>>()[..] {
        [] => Ok(false),
        ["gzip" | "x-gzip"] => Ok(true),
        _ => {
            let coding: String = coding.chars().take(40).collect();
            let message = format!("unsupported content coding {coding:?} of the response; expected gzip");
            Err(Error::new(ErrorKind::Decode, message))
        }
    }
}

/// The size limit of a body, with advice for the error.
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
        let message = format!("the response has more than {} bytes{}", self.size, self.advice);
        Err(Error::new(ErrorKind::Decode, message))
    }
}

/// Reads the whole body, decompresses it, and removes the coding from the headers. `lost` makes the error
/// of a body that breaks off. Of a response with a status of failure, the beginning that arrives is
/// enough.
pub(super) async fn read(
    mut response: reqwest::Response,
    mut limit: Limit,
    lost: impl Fn(reqwest::Error) -> Error,
    damaged: impl Fn(io::Error) -> Error,
) -> Result<http::Response<Vec<u8>>> {
    let mut read = http::Response::new(Vec::new());
    *read.status_mut() = response.status();
    std::mem::swap(read.headers_mut(), response.headers_mut());
    let is_failure = !read.status().is_success();
    if is_failure {
        limit.size = limit.size.min(MAX_FAILURE);
    }
    let mut sink = Sink { body: Vec::new(), size: 0, limit };
    let result: Result<()> = async {
        let headers = read.headers_mut();
        if !is_gzip(headers)? {
            let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
            let announced: u64 = announced.unwrap_or_default();
            if !is_failure {
                limit.check(announced)?;
            }
            sink.body.reserve(usize::try_from(announced.min(ANNOUNCED).min(limit.size)).unwrap_or_default());
            while let Some(chunk) = response.chunk().await.map_err(&lost)? {
                sink.take(&chunk);
                limit.check(sink.size)?;
            }
            return Ok(());
        }
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        let mut decoder = MultiGzDecoder::new(&mut sink);
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
        limit.check(decoder.get_ref().size)?;
        result.map_err(damaged)
    }
    .await;
    *read.body_mut() = sink.body;
    match result {
        Err(error) if !is_failure => Err(error),
        _ => Ok(read),
    }
}

/// Stores a body up to the limit, and counts the bytes beyond it.
struct Sink {
    body: Vec<u8>,
    size: u64,
    limit: Limit,
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
        // Stop decompressing.
        if self.size > self.limit.size { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(unpacked.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! Recording of requests and responses for replay, without secrets.

mod document;
mod entry;
mod redact;
mod substitute;

use crate::error::{Error, Result};
use crate::transport::{BoxFuture, DownloadBody, DownloadRequest, Request, Transport, UploadRequest};
#[cfg(feature = "subscriptions")]
use crate::transport::{Handshake, WebSocketRequest};
use entry::{Entry, Header, SentRequest, to_line};
use http::Response;
use redact::Redactor;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A file that requests and responses are recorded to, for
/// [`ClientBuilder::record`](crate::ClientBuilder::recording).
///
/// A recording has one JSON object per line: a header, then each request with its response as soon as it is
/// complete. An existing recording is continued. Secrets are always redacted; on Unix only the owner can read
/// and write the file.
#[derive(Debug, Clone)]
#[must_use = "a recording does nothing until a client is given it"]
pub struct Recording {
    path: PathBuf,
    values: bool,
}

impl Recording {
    /// Records to this file, with the values of variables and responses.
    pub fn to(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), values: true }
    }

    /// Replaces the values of variables and responses by substitutes with the same type and length; equal
    /// texts stay equal, nulls and booleans stay. Messages of errors stay, without quoted texts that are not
    /// names in the document.
    pub fn without_values(mut self) -> Self {
        self.values = false;
        self
    }
}

/// A transport that records the requests of another one.
pub(crate) struct Recorder {
    inner: Arc<dyn Transport>,
    output: Mutex<Output>,
}

struct Output {
    file: File,
    redactor: Redactor,
}

impl Recorder {
    /// `secrets` are the credentials of the client.
    pub(crate) fn new<'s>(
        recording: &Recording,
        secrets: impl IntoIterator<Item = &'s str>,
        inner: Arc<dyn Transport>,
    ) -> Result<Self> {
        let header = Header::new(recording.values);
        let file = open(&recording.path, &header).map_err(|error| {
            let message = format!("cannot record to {}", recording.path.display());
            Error::configuration(message).with_source(error)
        })?;
        let mut redactor = Redactor::new(recording.values);
        secrets.into_iter().for_each(|secret| redactor.add_secret(Some(secret)));
        Ok(Self { inner, output: Mutex::new(Output { file, redactor }) })
    }

    /// Writes an entry. A failure is logged and does not affect the call.
    fn write(&self, sent: &SentRequest, result: &Result<Response<Vec<u8>>>, duration: Duration) {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let Output { file, redactor } = &mut *output;
        let entry = Entry::new(sent, result, duration, redactor);
        // A single write, so that several clients can share a file.
        let written = to_line(&entry).and_then(|line| file.write_all(line.as_bytes()));
        if let Err(error) = written {
            tracing::warn!(%error, "could not record a request");
        }
    }
}

/// Opens a recording to append to. A new one begins with `header`.
fn open(path: &Path, header: &Header) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    if !file.metadata()?.is_file() {
        // Reading a device or a pipe may never end.
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    if text.is_empty() {
        file.write_all(to_line(header)?.as_bytes())?;
        return Ok(file);
    }
    header.check(text.lines().next().unwrap_or_default())?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    // Removes a last line that was cut off.
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    file.set_len(u64::try_from(whole).unwrap_or(u64::MAX))?;
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}

impl Transport for Recorder {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        Box::pin(async move {
            let (sent, start) = (SentRequest::new(&request), Instant::now());
            let result = self.inner.send(request).await;
            self.write(&sent, &result, start.elapsed());
            result
        })
    }

    /// Uploads are not recorded, since their URLs grant access.
    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        self.inner.upload(request)
    }

    /// Downloads are not recorded, since their URLs grant access.
    fn download(&self, request: DownloadRequest) -> BoxFuture<'_, Result<Response<DownloadBody>>> {
        self.inner.download(request)
    }

    /// Subscriptions are not recorded.
    #[cfg(feature = "subscriptions")]
    fn connect(&self, request: WebSocketRequest) -> BoxFuture<'_, Result<Handshake>> {
        self.inner.connect(request)
    }

    fn reaches_server(&self) -> bool {
        self.inner.reaches_server()
    }
}

//! Writes down what travels between the client and the server, without secrets.

mod document;
mod line;
mod redact;

use crate::error::{Error, Result};
use crate::transport::{BoxFuture, Request, Transport, UploadRequest};
use http::Response;
use line::{Asked, Head, Line};
use redact::Redactor;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where to record what the client sends and what it is answered. Give it to
/// [`ClientBuilder::recording`](crate::ClientBuilder::recording).
///
/// A recording is a text with one JSON object a line: what a recording it is, and then each exchange
/// as soon as it is over. It is appended to when the file is there already. Secrets are left out
/// whatever is asked for; on Unix the file can be read and written by its owner only.
#[derive(Debug, Clone)]
#[must_use = "a recording does nothing until a client is given it"]
pub struct Recording {
    path: PathBuf,
    values: bool,
}

impl Recording {
    /// Records to this file, with the values of variables and of answers.
    pub fn to(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), values: true }
    }

    /// Leaves out the values of variables and of answers, but not what they look like: names, types,
    /// lengths, nulls, booleans, and which texts are the same. Errors keep their messages, in which
    /// quoted texts are left out unless they are names in the document.
    pub fn without_values(mut self) -> Self {
        self.values = false;
        self
    }
}

/// A transport that writes down what another one carries.
pub(crate) struct Recorder {
    inner: Arc<dyn Transport>,
    book: Mutex<Book>,
}

struct Book {
    file: File,
    redactor: Redactor,
}

impl Recorder {
    /// `secrets` are those that are known before anything is sent.
    pub(crate) fn new<'s>(
        recording: &Recording,
        secrets: impl IntoIterator<Item = &'s str>,
        inner: Arc<dyn Transport>,
    ) -> Result<Self> {
        let head = Head::new(recording.values);
        let file = open(&recording.path, &head).map_err(|error| {
            let file = recording.path.display();
            Error::configuration(format!("{file} cannot be recorded to")).with_source(error)
        })?;
        let mut redactor = Redactor::new(recording.values);
        secrets.into_iter().for_each(|secret| redactor.add_secret(Some(secret)));
        let book = Book { file, redactor };
        Ok(Self { inner, book: Mutex::new(book) })
    }

    async fn exchange(&self, request: Request) -> Result<Response<Vec<u8>>> {
        let asked = Asked::of(&request);
        let start = Instant::now();
        let result = self.inner.send(request).await;
        self.write(&asked, &result, start.elapsed());
        result
    }

    /// Whatever becomes of the recording, the answer is not lost.
    fn write(&self, asked: &Asked, result: &Result<Response<Vec<u8>>>, duration: Duration) {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let Book { file, redactor } = &mut *book;
        let line = Line::new(asked, result, duration, redactor);
        // One write, so that several clients can share a file.
        let written = line.to_json().and_then(|line| file.write_all(line.as_bytes()));
        if let Err(error) = written {
            tracing::warn!(%error, "an exchange could not be recorded");
        }
    }
}

/// Opens a recording to append to, and begins it if it is new.
fn open(path: &Path, head: &Head) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    if !file.metadata()?.is_file() {
        // A device or a pipe could be read for ever.
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    if text.is_empty() {
        file.write_all(head.to_json()?.as_bytes())?;
        return Ok(file);
    }
    head.check(text.lines().next().unwrap_or_default())?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    // What was cut off in the middle of a line can never be read.
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    file.set_len(u64::try_from(whole).unwrap_or(u64::MAX))?;
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}

impl Transport for Recorder {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        Box::pin(self.exchange(request))
    }

    /// Files are not recorded, nor is where they go.
    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        self.inner.upload(request)
    }

    fn reaches_server(&self) -> bool {
        self.inner.reaches_server()
    }
}

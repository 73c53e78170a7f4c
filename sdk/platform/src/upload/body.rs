//! The body of an upload while it is sent.

use super::file::OnProgress;
use super::form::Form;
use super::source::{FileBytes, broken};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::time::Instant;
use xurrent_runtime::{Error, ErrorKind};

/// The body of an upload: a form of known length, with the file as its last part.
pub(super) struct FormBody {
    form: Form,
    file: FileBytes,
    size: u64,
    sent: u64,
    next: Part,
    progress: Option<OnProgress>,
    shared: Arc<UploadProgress>,
}

/// The part that is sent next.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Head,
    File,
    Tail,
    Nothing,
}

/// The progress of a body while the transport has it.
pub(super) struct UploadProgress {
    moved: Mutex<Instant>,
    is_whole: AtomicBool,
    failure: Mutex<Option<Error>>,
}

impl UploadProgress {
    pub(super) fn begin() -> Arc<Self> {
        Arc::new(Self {
            moved: Mutex::new(Instant::now()),
            is_whole: AtomicBool::new(false),
            failure: Mutex::default(),
        })
    }

    /// When bytes last moved.
    pub(super) fn moved(&self) -> Instant {
        *lock(&self.moved)
    }

    /// Whether the transport has the whole body.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole.load(Ordering::Acquire)
    }

    /// The error of the file that broke the body off.
    pub(super) fn failure(&self) -> Option<Error> {
        lock(&self.failure).take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FormBody {
    pub(super) fn new(
        form: Form,
        file: FileBytes,
        size: u64,
        progress: Option<OnProgress>,
        shared: Arc<UploadProgress>,
    ) -> Self {
        Self { form, file, size, sent: 0, next: Part::Head, progress, shared }
    }

    /// The length, for `Content-Length`: storages refuse chunked bodies.
    pub(super) fn length(&self) -> u64 {
        self.form.head.len() as u64 + self.size + self.form.tail.len() as u64
    }

    /// The next bytes. Fails when the file cannot be read or has another size than declared.
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let chunk = match self.next {
            Part::Head => {
                self.next = Part::File;
                self.report();
                self.form.head.clone()
            }
            Part::File => match ready!(self.file.poll_chunk(context)) {
                Err(error) => return self.fail(broken(error)),
                Ok(chunk) if self.sent + chunk.len() as u64 > self.size => {
                    return self.fail(differs(self.size, "more"));
                }
                Ok(chunk) if !chunk.is_empty() => {
                    self.sent += chunk.len() as u64;
                    self.report();
                    chunk
                }
                Ok(_) if self.sent < self.size => return self.fail(differs(self.size, "fewer")),
                Ok(_) => {
                    self.next = Part::Tail;
                    return self.poll_chunk(context);
                }
            },
            Part::Tail => {
                self.next = Part::Nothing;
                self.shared.is_whole.store(true, Ordering::Release);
                self.form.tail.clone()
            }
            Part::Nothing => return Poll::Ready(None),
        };
        *lock(&self.shared.moved) = Instant::now();
        Poll::Ready(Some(Ok(chunk)))
    }

    fn report(&self) {
        if let Some(progress) = &self.progress {
            progress(self.sent, self.size);
        }
    }

    /// Breaks off. The transport only gets the text of the error.
    fn fail(&mut self, error: Error) -> Poll<Option<io::Result<Bytes>>> {
        self.next = Part::Nothing;
        let text = error.to_string();
        *lock(&self.shared.failure) = Some(error);
        Poll::Ready(Some(Err(io::Error::other(text))))
    }
}

fn differs(size: u64, how: &str) -> Error {
    Error::new(ErrorKind::Upload, format!("the file has {how} than the {size} bytes that were declared"))
}

impl http_body::Body for FormBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.poll_chunk(context).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.next == Part::Nothing
    }

    fn size_hint(&self) -> SizeHint {
        let before = match self.next {
            Part::Head => 0,
            Part::File => self.form.head.len() as u64 + self.sent,
            Part::Tail => self.form.head.len() as u64 + self.size,
            Part::Nothing => self.length(),
        };
        SizeHint::with_exact(self.length() - before)
    }
}

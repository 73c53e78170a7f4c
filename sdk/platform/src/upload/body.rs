//! The body of an upload while it is sent.

use super::file::OnProgress;
use super::source::{FileBytes, broken};
use super::upload_error;
use crate::form::Form;
use bytes::Bytes;
use futures_util::Stream;
use http_body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use tokio::time::Instant;
use xurrent_runtime::Error;
use xurrent_runtime::send::lock;

/// The body of an upload: a form of known length, with the file as its last part.
pub(crate) struct FormBody {
    /// What comes before the file, until it is sent.
    head: Option<Bytes>,
    file: FileBytes,
    /// What comes behind the file, until it is sent or the body breaks off.
    tail: Option<Bytes>,
    size: u64,
    sent: u64,
    /// How many bytes of the whole body are left.
    left: u64,
    on_progress: Option<OnProgress>,
    progress: Arc<Mutex<UploadProgress>>,
}

/// The progress of a body while the transport has it.
pub(crate) struct UploadProgress {
    /// When bytes last moved.
    pub(crate) moved: Instant,
    /// Whether the transport has the whole body.
    pub(crate) is_whole: bool,
    /// The error of the file that broke the body off.
    pub(crate) failure: Option<Error>,
}

impl FormBody {
    pub(crate) fn new(
        form: Form,
        file: FileBytes,
        size: u64,
        on_progress: Option<OnProgress>,
    ) -> (Self, Arc<Mutex<UploadProgress>>) {
        let progress = UploadProgress { moved: Instant::now(), is_whole: false, failure: None };
        let progress = Arc::new(Mutex::new(progress));
        let left = form.head.len() as u64 + size + form.tail.len() as u64;
        let (head, tail) = (Some(form.head), Some(form.tail));
        (
            Self { head, file, tail, size, sent: 0, left, on_progress, progress: Arc::clone(&progress) },
            progress,
        )
    }

    fn report(&self) {
        if let Some(on_progress) = &self.on_progress {
            on_progress(self.sent, self.size);
        }
    }

    /// Breaks off. The transport only gets the text of the error.
    fn fail(&mut self, error: Error) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        (self.tail, self.left) = (None, 0);
        let text = error.to_string();
        lock(&self.progress).failure = Some(error);
        Poll::Ready(Some(Err(io::Error::other(text))))
    }

    fn differs(&mut self, how: &str) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let size = self.size;
        self.fail(upload_error(format!("the file has {how} than the {size} bytes that were declared")))
    }
}

impl Body for FormBody {
    type Data = Bytes;
    type Error = io::Error;

    /// Fails when the file cannot be read or has another size than declared.
    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let chunk = match self.head.take() {
            Some(head) => {
                self.report();
                head
            }
            None if self.tail.is_none() => return Poll::Ready(None),
            None => match ready!(Pin::new(self.file.get_mut()).poll_next(context)) {
                Some(Err(error)) => return self.fail(broken(error)),
                Some(Ok(chunk)) if self.sent + chunk.len() as u64 > self.size => return self.differs("more"),
                Some(Ok(chunk)) => {
                    self.sent += chunk.len() as u64;
                    self.report();
                    chunk
                }
                None if self.sent < self.size => return self.differs("fewer"),
                None => {
                    lock(&self.progress).is_whole = true;
                    self.tail.take().unwrap_or_default()
                }
            },
        };
        self.left -= chunk.len() as u64;
        lock(&self.progress).moved = Instant::now();
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.tail.is_none()
    }

    /// Storages refuse chunked bodies, so the length is exact.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

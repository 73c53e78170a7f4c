//! The body of an upload while it is sent.

use super::Progress;
use super::form::Form;
use super::source::{PIECE, Reader, broken};
use crate::error::{Error, ErrorKind};
use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

/// The body of an upload: a form with the file as its last part, whose length is known. It is read
/// with [`poll_piece`](Self::poll_piece) or as an [`http_body::Body`].
pub struct UploadBody {
    pub(crate) form: Form,
    file: Bytewise,
    size: u64,
    sent: u64,
    next: Part,
    progress: Option<Progress>,
    course: Arc<Course>,
}

/// What is sent next.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Head,
    File,
    Tail,
    Nothing,
}

/// The bytes of a file, from the first one on.
pub(super) enum Bytewise {
    Whole(Bytes),
    /// A reader, and room for what it gives.
    Read(Reader, BytesMut),
}

impl Bytewise {
    pub(super) fn read(reader: Reader) -> Self {
        Self::Read(reader, BytesMut::new())
    }

    /// The next bytes; none at the end.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        match self {
            Self::Whole(bytes) => Poll::Ready(Ok(bytes.split_to(bytes.len().min(PIECE)))),
            Self::Read(reader, buffer) => {
                if buffer.len() < PIECE {
                    buffer.resize(PIECE, 0);
                }
                let mut read = ReadBuf::new(buffer);
                ready!(Pin::new(reader).poll_read(context, &mut read))?;
                let length = read.filled().len();
                Poll::Ready(Ok(buffer.split_to(length).freeze()))
            }
        }
    }
}

/// What can be told of a body while something else has it.
pub(super) struct Course {
    moved: Mutex<Instant>,
    is_whole: AtomicBool,
    failure: Mutex<Option<Error>>,
}

impl Course {
    pub(super) fn begin() -> Arc<Self> {
        Arc::new(Self {
            moved: Mutex::new(Instant::now()),
            is_whole: AtomicBool::new(false),
            failure: Mutex::default(),
        })
    }

    /// When something last moved.
    pub(super) fn moved(&self) -> Instant {
        *lock(&self.moved)
    }

    /// Whether everything has been handed over.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole.load(Ordering::Acquire)
    }

    /// Why the body broke off, if it was because of the file.
    pub(super) fn failure(&self) -> Option<Error> {
        lock(&self.failure).take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl UploadBody {
    pub(super) fn new(
        form: Form,
        file: Bytewise,
        size: u64,
        progress: Option<Progress>,
        course: Arc<Course>,
    ) -> Self {
        Self { form, file, size, sent: 0, next: Part::Head, progress, course }
    }

    /// How many bytes the body has in all: what `Content-Length` has to say. A storage takes none
    /// that is chunked.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.form.head.len() as u64 + self.size + self.form.tail.len() as u64
    }

    /// The next bytes, and none at the end. An error says that the file cannot be read or is not as
    /// large as was said: the request must then break off, so that no storage takes it for whole.
    pub fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let piece = match self.next {
            Part::Head => {
                self.next = Part::File;
                self.tell();
                self.form.head.clone()
            }
            Part::File => match ready!(self.file.poll_piece(context)) {
                Err(error) => return self.fail(broken(error)),
                Ok(piece) if self.sent + piece.len() as u64 > self.size => {
                    return self.fail(differs(self.size, "more"));
                }
                Ok(piece) if !piece.is_empty() => {
                    self.sent += piece.len() as u64;
                    self.tell();
                    piece
                }
                Ok(_) if self.sent < self.size => return self.fail(differs(self.size, "fewer")),
                Ok(_) => {
                    self.next = Part::Tail;
                    return self.poll_piece(context);
                }
            },
            Part::Tail => {
                self.next = Part::Nothing;
                self.course.is_whole.store(true, Ordering::Release);
                self.form.tail.clone()
            }
            Part::Nothing => return Poll::Ready(None),
        };
        *lock(&self.course.moved) = Instant::now();
        Poll::Ready(Some(Ok(piece)))
    }

    fn tell(&self) {
        if let Some(progress) = &self.progress {
            progress(self.sent, self.size);
        }
    }

    /// Breaks off. What carries the body has only a text of the reason.
    fn fail(&mut self, error: Error) -> Poll<Option<io::Result<Bytes>>> {
        self.next = Part::Nothing;
        let text = error.to_string();
        *lock(&self.course.failure) = Some(error);
        Poll::Ready(Some(Err(io::Error::other(text))))
    }
}

fn differs(size: u64, how: &str) -> Error {
    Error::new(ErrorKind::Upload, format!("the file has {how} than the {size} bytes that it is said to have"))
}

impl http_body::Body for UploadBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.poll_piece(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
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

impl fmt::Debug for UploadBody {
    /// Without what is in it: the form holds what allows the upload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadBody").field("length", &self.length()).finish_non_exhaustive()
    }
}

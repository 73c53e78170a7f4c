//! Readers that misbehave, and ones that tell what becomes of them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Gives so many bytes, at most so many at a time, with a pause before each piece; then an error, or
/// nothing ever again, or its end.
pub(crate) struct Odd {
    left: usize,
    piece: usize,
    pause: Duration,
    sleep: Pin<Box<Sleep>>,
    end: End,
    pub(crate) dropped: Arc<AtomicBool>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum End {
    Done,
    Error,
    Nothing,
}

impl Odd {
    pub(crate) fn new(left: usize, piece: usize, pause: Duration, end: End) -> Self {
        Self { left, piece, pause, sleep: Box::pin(sleep(pause)), end, dropped: Arc::default() }
    }
}

impl AsyncRead for Odd {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.pause.is_zero() {
            std::task::ready!(self.sleep.as_mut().poll(context));
            self.sleep = Box::pin(sleep(self.pause));
        }
        let length = self.left.min(self.piece).min(buffer.remaining());
        match (length, self.end) {
            (0, End::Error) => Poll::Ready(Err(io::Error::other("the disk is on fire"))),
            (0, End::Nothing) => Poll::Pending,
            _ => {
                self.left -= length;
                buffer.put_slice(&vec![b'x'; length]);
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl Drop for Odd {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::SeqCst);
    }
}

//! Slow and incomplete response bodies.

use axum::body::{Body, Bytes};
use futures_core::Stream;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// The chunks of a body, with a pause after each.
struct Chunks {
    rest: VecDeque<Bytes>,
    /// Whether the connection breaks after the last chunk.
    cut: bool,
    pause: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

/// The number of chunks of a slow body.
const CHUNKS: usize = 10;

/// The time for the first half of a cut body to be sent.
const HEAD_START: Duration = Duration::from_millis(20);

/// A body that takes `duration` to send.
pub(super) fn slow(text: &str, duration: Duration) -> Body {
    let length = text.len().div_ceil(CHUNKS).max(1);
    let rest: VecDeque<Bytes> = text.as_bytes().chunks(length).map(Bytes::copy_from_slice).collect();
    let pause = duration / u32::try_from(rest.len()).unwrap_or(1).max(1);
    Body::from_stream(Chunks { rest, cut: false, pause, sleep: None })
}

/// Half of a body, followed by a broken connection.
pub(super) fn half(text: &str) -> Body {
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    Body::from_stream(Chunks { rest: VecDeque::from([half]), cut: true, pause: HEAD_START, sleep: None })
}

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(sleep) = &mut self.sleep {
            ready!(sleep.as_mut().poll(context));
        }
        if let Some(chunk) = self.rest.pop_front() {
            self.sleep = Some(Box::pin(sleep(self.pause)));
            return Poll::Ready(Some(Ok(chunk)));
        }
        // A finished sleep must not be polled again.
        self.sleep = None;
        let cut = std::mem::take(&mut self.cut);
        Poll::Ready(cut.then(|| Err(io::ErrorKind::ConnectionReset.into())))
    }
}

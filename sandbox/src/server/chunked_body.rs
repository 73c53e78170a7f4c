//! Slow and incomplete response bodies.

use axum::body::{Body, Bytes};
use futures_util::{StreamExt as _, stream};
use std::io;
use std::time::Duration;
use tokio::time::sleep;

const CHUNKS: usize = 10;

/// The time for the first half of a cut body to be sent.
const HEAD_START: Duration = Duration::from_millis(20);

/// A body that takes `duration` to send.
pub(super) fn slow(text: &str, duration: Duration) -> Body {
    let length = text.len().div_ceil(CHUNKS).max(1);
    let chunks: Vec<Bytes> = text.as_bytes().chunks(length).map(Bytes::copy_from_slice).collect();
    let pause = duration / u32::try_from(chunks.len()).unwrap_or(1).max(1);
    Body::from_stream(stream::iter(chunks).then(move |chunk| async move {
        sleep(pause).await;
        io::Result::Ok(chunk)
    }))
}

/// Half of a body, followed by a broken connection.
pub(super) fn half(text: &str) -> Body {
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    let broken = stream::once(async {
        sleep(HEAD_START).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    Body::from_stream(stream::iter([Ok(half)]).chain(broken))
}

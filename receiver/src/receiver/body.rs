//! Reading a body that may be endless, slow, or cut short.

use super::response::Answer;
use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::error::Error;
use std::time::Duration;

pub(super) async fn read<B>(body: B, limit: usize, timeout: Duration) -> Result<Bytes, Answer>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // What is announced as too large is not even begun.
    if body.size_hint().lower() > limit as u64 {
        return Err(Answer::TooLarge);
    }
    let collected = Limited::new(body, limit).collect();
    match tokio::time::timeout(timeout, collected).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Answer::TooLarge),
        Ok(Err(_)) => Err(Answer::Broken),
        Err(_) => Err(Answer::TooSlow),
    }
}

//! The task of a subscription: it connects, passes events on, and connects again.

use super::close::is_temporary;
use super::connection::{Connect, Connection, End};
use super::queue::{Dropped, Item, Queue};
use crate::client::ClientCore;
use crate::error::{Error, ErrorKind, Result};
use crate::retry::{millis, pause};
use crate::send::attempts::CallState;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tracing::warn;

/// A connection that lasted longer was a good one, even without an event.
const GOOD: Duration = Duration::from_secs(60);

/// What a task needs.
pub(super) struct Subscription {
    pub(super) client: ClientCore,
    pub(super) name: &'static str,
    /// The message that begins it.
    pub(super) subscribe: String,
    pub(super) ignores_gaps: bool,
}

/// Runs a subscription until it ends, or until its stream is dropped.
pub(super) async fn run(subscription: Subscription, queue: Queue) {
    let last = match Box::pin(subscription.events(&queue)).await {
        Ok(Ok(())) => Item::Complete,
        Ok(Err(error)) => Item::Failed(error),
        Err(Dropped) => return,
    };
    // Nobody is interested any more if this fails.
    let _ = queue.push(last).await;
}

impl Subscription {
    async fn events(&self, queue: &Queue) -> Result<Result<()>, Dropped> {
        let mut lost: Option<(Error, Instant)> = None;
        // Connections in a row that were of no use.
        let mut failures = 0;
        loop {
            if let Some((error, _)) = &lost {
                let wait = pause(error, failures);
                warn!(subscription = self.name, %error, wait_ms = millis(wait), "subscribing again");
                queue.unless_dropped(sleep(wait)).await?;
            }
            let mut connection = match queue.unless_dropped(self.connect()).await? {
                Ok(connection) => connection,
                Err(error) => return Ok(Err(error)),
            };
            match lost.take() {
                None => queue.push(Item::Begun).await?,
                Some(_) if self.ignores_gaps => {}
                Some((error, at)) => queue.push(Item::Gap(self.interrupted(error, at.elapsed()))).await?,
            }
            let begun = Instant::now();
            let end = connection.pass_on(queue).await;
            if connection.has_events || begun.elapsed() > GOOD {
                failures = 0;
            }
            failures += 1;
            match end {
                End::Complete => return Ok(Ok(())),
                End::Dropped => return Err(Dropped),
                End::Lost(error)
                    if failures < self.client.retry.max_attempts && connection.may_renew(&error) =>
                {
                    lost = Some((error, Instant::now()));
                }
                End::Lost(error) => {
                    return Ok(Err(error.with_request_id(connection.request_id.as_deref())));
                }
            }
        }
    }

    async fn connect(&self) -> Result<Connection> {
        let state = CallState::new(&self.client, self.name, Some(false))?;
        state.run(Connect { client: &self.client, name: self.name, subscribe: &self.subscribe }).await
    }

    fn interrupted(&self, cause: Error, after: Duration) -> Error {
        let message = format!(
            "`{}` was interrupted for {:.1} s and goes on: events of this time are missing",
            self.name,
            after.as_secs_f64()
        );
        Error::new(ErrorKind::Interrupted, message).with_source(cause)
    }
}

impl Connection {
    /// Whether another connection may work where this one was lost: with another token, if it was refused.
    fn may_renew(&self, error: &Error) -> bool {
        is_temporary(error) || self.changes_token(error)
    }
}

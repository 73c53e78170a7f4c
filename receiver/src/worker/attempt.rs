//! One delivery, from its lease to the end of it.

use super::handler::{Again, Erased, Failure};
use super::settings::Settings;
use crate::inbox::{Inbox, Lease, Outcome, Taken};
use crate::metrics::Metrics;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tracing::{Instrument, debug, error, info_span, warn};

/// The longest wait for an inbox that does not take a result.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What ends an attempt from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cancel {
    /// The lease belongs to somebody else.
    Lost,
    /// The worker stops.
    GiveBack,
}

pub(super) struct Attempt {
    pub(super) inbox: Arc<dyn Inbox>,
    pub(super) handler: Erased,
    pub(super) settings: Arc<Settings>,
    pub(super) metrics: Metrics,
    pub(super) cancel: oneshot::Receiver<Cancel>,
}

impl Attempt {
    pub(super) async fn run(self, taken: Taken) {
        let delivery = &taken.delivery;
        let span =
            info_span!("delivery", id = %delivery.id, event = delivery.event, attempt = delivery.attempt);
        self.handle(taken).instrument(span).await;
    }

    async fn handle(mut self, Taken { lease, delivery }: Taken) {
        let started = Instant::now();
        let (attempt, limit) = (delivery.attempt, self.settings.handler_timeout);
        // Whoever died while it had this delivery noted no failure, so it is counted here.
        let outcome = if attempt > self.settings.attempts {
            let reason = format!("no result after {} attempts: did they end the process?", attempt - 1);
            Some(Outcome::Dead { reason })
        } else {
            tokio::select! {
                biased;
                handled = timeout(limit, (self.handler)(delivery)) => {
                    let handled = handled.unwrap_or_else(|_| Err(Failure::retry(out_of_time(limit))));
                    Some(self.outcome(handled, attempt))
                }
                cancel = &mut self.cancel => match cancel {
                    Ok(Cancel::Lost) => None,
                    Ok(Cancel::GiveBack) | Err(_) => Some(Outcome::GiveBack),
                },
            }
        };
        let result = match outcome {
            None => "lost",
            Some(outcome) => {
                let result = name(&outcome);
                if self.settle(lease, outcome).await { result } else { "lost" }
            }
        };
        if result == "lost" {
            warn!("the lease was lost: the delivery is handled again");
        }
        self.metrics.handled(result, started.elapsed());
    }

    fn outcome(&self, handled: Result<(), Failure>, attempt: u32) -> Outcome {
        let (reason, again) = match handled {
            Ok(()) => return Outcome::Done,
            Err(failure) => failure.into_parts(),
        };
        let after = match again {
            Again::Never => None,
            _ if attempt >= self.settings.attempts => None,
            Again::After(after) => Some(after),
            Again::Later => Some(self.settings.backoff.after(attempt)),
        };
        match after {
            Some(after) => {
                warn!(reason, ?after, "a delivery failed and is tried again");
                Outcome::Retry { after, reason }
            }
            None => {
                error!(reason, "a delivery failed for good");
                Outcome::Dead { reason }
            }
        }
    }

    /// Notes the result, for as long as the lease is renewed: a result that is not noted is work
    /// that is done again.
    async fn settle(&mut self, lease: Lease, outcome: Outcome) -> bool {
        let mut wait = Duration::from_millis(50);
        loop {
            match self.inbox.settle(lease, outcome.clone()).await {
                Ok(settled) => {
                    debug!(settled, result = name(&outcome), "a delivery is settled");
                    return settled;
                }
                Err(error) => error!(error = &error as &dyn Error, "a result could not be noted"),
            }
            tokio::select! {
                () = sleep(wait) => wait = (wait * 2).min(LONGEST_WAIT),
                _ = &mut self.cancel => return false,
            }
        }
    }
}

fn out_of_time(limit: Duration) -> String {
    format!("the handler was given up: it took longer than {limit:?}")
}

/// As the metrics name it.
fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Retry { .. } => "retried",
        Outcome::Dead { .. } => "dead",
        Outcome::GiveBack => "given_back",
    }
}

//! Waiting until a request can be sent: a token that can be used, and a slot of its user.

use super::{Choice, Pool, Shut, Tried};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Closed, Slot};
use crate::retry::RetryPolicy;
use crate::transport::require_runtime;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::debug;

/// How long a call has waited and may wait.
pub(crate) struct Patience {
    pub(crate) policy: RetryPolicy,
    pub(crate) waited: Duration,
}

impl Patience {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self { policy, waited: Duration::ZERO }
    }

    /// How much longer the call may wait.
    pub(crate) fn left(&self) -> Duration {
        self.policy.max_wait.saturating_sub(self.waited)
    }

    /// Waits for this, but no longer than `limit` and than it may.
    async fn wait<T>(&mut self, limit: Option<Duration>, what: impl Future<Output = T>) -> Result<Option<T>> {
        require_runtime()?;
        let start = Instant::now();
        let limit = limit.map_or(self.left(), |limit| limit.min(self.left()));
        let result = timeout(limit, what).await;
        self.waited += start.elapsed();
        Ok(result.ok())
    }

    fn too_many(&self) -> Error {
        let message = format!("more calls at once than can be sent in {:?}", self.policy.max_wait);
        Error::new(ErrorKind::RateLimited, message).not_executed()
    }
}

impl Pool {
    /// The best token that can be used and a slot of its user, at once or after a while. The request
    /// must be sent as soon as this returns.
    pub(crate) async fn turn(&self, tried: &Tried, patience: &mut Patience) -> Result<(usize, Slot)> {
        let mut queues = Queues { pool: self, places: Vec::new() };
        loop {
            match self.choose(tried) {
                Choice::Open { tokens, next_opens_at } => {
                    let turn = match self.turn_at_once(&tokens) {
                        Some(turn) => Some(turn),
                        None => {
                            queues.join(&tokens);
                            let next = next_opens_at.map(|at| at.saturating_duration_since(Instant::now()));
                            match patience.wait(next, queues.first()).await? {
                                Some((user, slot)) => self.turn_of(user, slot, tried),
                                None if patience.left().is_zero() => return Err(patience.too_many()),
                                None => None,
                            }
                        }
                    };
                    if let Some(turn) = turn {
                        self.picked(turn.0);
                        return Ok(turn);
                    }
                }
                Choice::Shut(shut) => {
                    // A slot that comes now would be of no use to this call.
                    queues.places.clear();
                    self.open(&shut, patience).await?;
                }
            }
        }
    }

    /// A slot to ask with this token what it is good for.
    pub(crate) async fn slot(&self, token: usize, patience: &mut Patience) -> Result<Slot> {
        match self.limits(token).try_slot() {
            Some(slot) => Ok(slot),
            None => {
                let slot = patience.wait(None, self.limits(token).slot()).await?;
                slot.ok_or_else(|| patience.too_many())
            }
        }
    }

    /// The best of these tokens of whose user a slot is free, and the slot.
    fn turn_at_once(&self, tokens: &[usize]) -> Option<(usize, Slot)> {
        tokens.iter().find_map(|token| self.limits(*token).try_slot().map(|slot| (*token, slot)))
    }

    /// The best token of a user for a slot that was waited for. Another call may have been refused in
    /// the meantime, so that there is none.
    fn turn_of(&self, user: usize, slot: Slot, tried: &Tried) -> Option<(usize, Slot)> {
        if let Choice::Open { tokens, .. } = self.choose(tried)
            && let Some(token) = tokens.into_iter().find(|token| self.tokens[*token].user == user)
        {
            return Some((token, slot));
        }
        slot.unused();
        None
    }

    /// Waits until one of these can be used again.
    async fn open(&self, shut: &[Shut], patience: &mut Patience) -> Result<()> {
        let first = |shut: &[Shut]| shut.iter().copied().min_by_key(|shut| shut.closed.until());
        let waits_for = |shut: &Shut| patience.policy.waits_for_budget || !shut.closed.is_used_up();
        let awaited: Vec<Shut> = shut.iter().copied().filter(waits_for).collect();
        let until = first(&awaited).map(|shut| shut.closed.until());
        let wait = until.map(|until| until.saturating_duration_since(Instant::now()));
        if let (Some(until), Some(wait)) = (until, wait.filter(|wait| *wait <= patience.left())) {
            require_runtime()?;
            debug!(wait_ms = crate::attempts::millis(wait), "waits until the server takes requests again");
            sleep_until(until).await;
            patience.waited += wait;
            return Ok(());
        }
        Err(first(shut).map_or_else(|| patience.too_many(), |shut| self.shut(shut)))
    }

    /// Why nothing can be sent, and for how long.
    pub(crate) fn used_up(&self, token: usize, closed: Closed) -> Error {
        self.shut(Shut { token, closed })
    }

    fn shut(&self, first: Shut) -> Error {
        let wait = first.closed.until().saturating_duration_since(Instant::now());
        let seconds = wait.as_secs_f64();
        let why = match first.closed {
            Closed::UsedUp(used_up) => {
                format!("all {} of the user are used up for {seconds:.0} s", used_up.what)
            }
            Closed::Refuses(_) => format!("the server refuses requests of the user for {seconds:.0} s"),
            Closed::Rests(_) => format!("it was refused and is tried again in {seconds:.0} s"),
        };
        let message = match self.name(first.token) {
            None => why,
            Some(name) => format!("no token can be used now, and {name} is the first again: {why}"),
        };
        Error::new(ErrorKind::RateLimited, message).with_retry_after(Some(wait)).not_executed()
    }
}

/// The places of one call in the queues for slots, one for each user whose token it can use.
/// Dropping them leaves the queues.
struct Queues<'p> {
    pool: &'p Pool,
    places: Vec<Place<'p>>,
}

struct Place<'p> {
    user: usize,
    slot: Pin<Box<dyn Future<Output = Slot> + Send + 'p>>,
}

impl Queues<'_> {
    /// Takes places for these tokens, and keeps those that it has.
    fn join(&mut self, tokens: &[usize]) {
        for token in tokens {
            let user = self.pool.tokens[*token].user;
            if self.places.iter().all(|place| place.user != user) {
                self.places.push(Place { user, slot: Box::pin(self.pool.users[user].slot()) });
            }
        }
    }

    /// The user whose slot comes first, and the slot.
    async fn first(&mut self) -> (usize, Slot) {
        poll_fn(|context| {
            for index in 0..self.places.len() {
                if let Poll::Ready(slot) = self.places[index].slot.as_mut().poll(context) {
                    return Poll::Ready((self.places.swap_remove(index).user, slot));
                }
            }
            Poll::Pending
        })
        .await
    }
}

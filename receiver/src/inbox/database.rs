//! Databases that store an inbox, and the statements and rows that pass between them and the operations.

use super::arrivals::WaitingWorkers;
use super::{Depth, InboxError, InboxFuture, QueueId, Queued, RawDelivery, Stored, Take};
use futures_core::future::BoxFuture;
use rusqlite::types::{FromSql, Value};
use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::watch;

/// Bounds of the size that a probe writes.
const MIN_PROBE: usize = 16 * 1024;
const MAX_PROBE: usize = 1024 * 1024;

/// What replaces NUL characters, which PostgreSQL does not accept in texts.
pub(super) const NUL_REPLACEMENT: &str = "\u{FFFD}";

/// A database that stores an inbox.
///
/// Statements contain placeholders in braces, which the database replaces, and parameters `$1`, `$2`.
/// Durations are parameters in milliseconds.
pub trait Database: Clone + Send + Sync + 'static {
    /// The statements that durably write `$1`, each time in new space. Each is a transaction.
    const PROBE: &'static [&'static str];

    /// State that does not depend on the database.
    fn shared(&self) -> &Shared;

    /// Stores a delivery, together with others that wait at the same time.
    fn store_delivery(&self, delivery: RawDelivery) -> InboxFuture<'_, Stored>;

    /// Runs statements in one transaction, and returns the rows of each.
    fn run(&self, statements: Vec<Statement>, effects: Effects) -> InboxFuture<'_, Vec<Vec<Row>>>;

    /// Takes deliveries and, if there are fewer than the limit, selects the time until the next one is due.
    fn run_take(&self, take: Statement, next: Statement, options: Take) -> InboxFuture<'_, Vec<Vec<Row>>>;

    /// Finishes running operations and closes the database.
    fn end(&self) -> BoxFuture<'_, ()>;
}

/// The state of an inbox in this process.
#[derive(Debug)]
pub struct Shared {
    pub(super) changes: watch::Sender<()>,
    pub(super) waiting: WaitingWorkers,
    pub(super) retention: Duration,
    pub(super) max_wait: Duration,
    /// The decaying maximum of the sizes of recent deliveries.
    recent_size: AtomicUsize,
}

impl Shared {
    pub(super) fn new(retention: Duration, max_wait: Duration) -> Self {
        let (waiting, recent_size) = (WaitingWorkers::default(), AtomicUsize::default());
        Self { changes: watch::Sender::new(()), waiting, retention, max_wait, recent_size }
    }

    /// A larger delivery raises the size at once; smaller ones lower it step by step.
    pub(super) fn add_size(&self, size: usize) {
        let update = |recent: usize| Some(size.max(recent - recent / 64));
        let _ = self.recent_size.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    /// The size that a probe writes.
    pub(super) fn probe_size(&self) -> usize {
        self.recent_size.load(Ordering::Relaxed).clamp(MIN_PROBE, MAX_PROBE)
    }
}

/// A statement with its parameters.
pub struct Statement {
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Vec<Value>,
}

/// The effects of an operation beside its result.
#[derive(Clone, Copy, Default)]
pub struct Effects {
    /// The result is acknowledged to a sender, so it must not be written to a deleted file.
    pub(super) acknowledges: bool,
    /// Workers are notified that a delivery may be pending.
    pub(super) wakes: bool,
}

impl Effects {
    /// Whether the operation stores a delivery. No other one does both.
    pub(super) fn stores(self) -> bool {
        self.acknowledges && self.wakes
    }
}

/// An operation that has only its result.
pub(super) const NONE: Effects = Effects { acknowledges: false, wakes: false };

/// An operation that makes deliveries pending.
pub(super) const WAKES: Effects = Effects { acknowledges: false, wakes: true };

/// A row, read column by column. The schema guarantees the types.
pub struct Row(pub(super) std::vec::IntoIter<Value>);

impl Row {
    pub(super) fn get<T: FromSql + Default>(&mut self) -> T {
        let value = self.0.next();
        value.and_then(|value| T::column_result((&value).into()).ok()).unwrap_or_default()
    }

    pub(super) fn elapsed(&mut self) -> Duration {
        Duration::from_millis(u64::try_from(self.get::<i64>()).unwrap_or(0))
    }

    /// Reads a state, the number of its deliveries and the age of the oldest.
    pub(super) fn count(&mut self, depth: &mut Depth) {
        let (state, count) = (self.get::<i64>(), u64::try_from(self.get::<i64>()).unwrap_or(0));
        match state {
            0 => (depth.pending, depth.oldest) = (count, Some(self.elapsed())),
            1 => depth.taken = count,
            _ => depth.dead = count,
        }
    }

    /// Reads [`COLUMNS`].
    pub(super) fn queued(&mut self) -> Queued<RawDelivery> {
        Queued {
            queue_id: QueueId(self.get()),
            received: UNIX_EPOCH + self.elapsed(),
            attempt: u32::try_from(self.get::<i64>()).unwrap_or(u32::MAX),
            delivery: RawDelivery {
                id: self.get(),
                origin: self.get(),
                token: self.get(),
                account: self.get(),
                event: self.get(),
                record: self.get(),
                body: self.get::<Vec<u8>>().into(),
            },
        }
    }
}

pub(super) const COLUMNS: &str = "id, {ms(}received{)}, CAST(attempts AS bigint), \
                                  delivery, origin, token, account, event, record, {body}";

/// Runs one statement and returns its rows.
pub(super) async fn query(
    database: &impl Database,
    effects: Effects,
    sql: impl Into<Cow<'static, str>>,
    values: Vec<Value>,
) -> Result<Vec<Row>, InboxError> {
    let statement = Statement { sql: sql.into(), values };
    Ok(database.run(vec![statement], effects).await?.pop().unwrap_or_default())
}

/// At most ten years: PostgreSQL rejects much longer intervals.
pub(super) fn milliseconds(duration: Duration) -> i64 {
    const MAX: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    i64::try_from(duration.min(MAX).as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_delivery_counts_until_many_smaller_ones_have_followed() {
        let recent = Shared::new(Duration::ZERO, Duration::ZERO);
        assert_eq!(recent.probe_size(), MIN_PROBE);
        recent.add_size(200_000);
        recent.add_size(100);
        assert!(recent.probe_size() > 190_000);
        (0..500).for_each(|_| recent.add_size(100));
        assert_eq!(recent.probe_size(), MIN_PROBE);
        recent.add_size(usize::MAX);
        assert_eq!(recent.probe_size(), MAX_PROBE);
    }
}

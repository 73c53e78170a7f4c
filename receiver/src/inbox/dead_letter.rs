//! Dead letters, and filters that select them.

use super::{QueueId, Queued, RawDelivery};
use rusqlite::types::Value;
use std::time::Duration;

/// A delivery that failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The delivery, with the number of its last attempt.
    pub delivery: Queued<RawDelivery>,
    /// Why the last attempt failed.
    pub reason: String,
}

/// Selects dead letters. All conditions that are set must hold.
///
/// ```
/// use std::time::Duration;
/// use xurrent_receiver::inbox::{DeadLetterFilter, QueueId};
///
/// let one = DeadLetterFilter::from(QueueId(7));
/// let old = DeadLetterFilter::all().event("request.*").older_than(Duration::from_secs(86_400));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetterFilter {
    /// These numbers. An empty list selects none.
    pub ids: Option<Vec<QueueId>>,
    /// This event, or all events of an object: `request.*`.
    pub event: Option<String>,
    /// This record, as [`RawDelivery::record`] has it.
    pub record: Option<String>,
    /// Received at least this long ago.
    pub older_than: Option<Duration>,
}

impl DeadLetterFilter {
    /// Selects all dead letters.
    #[must_use]
    pub fn all() -> Self {
        Self { ids: None, event: None, record: None, older_than: None }
    }

    /// Selects these numbers. An empty list selects none.
    #[must_use]
    pub fn ids(ids: impl IntoIterator<Item = QueueId>) -> Self {
        Self { ids: Some(ids.into_iter().collect()), ..Self::all() }
    }

    /// Selects only this event, or all events of an object: `request.*`.
    #[must_use]
    pub fn event(mut self, event: impl Into<String>) -> Self {
        self.event = Some(event.into());
        self
    }

    /// Selects only this record, as [`RawDelivery::record`] has it.
    #[must_use]
    pub fn record(mut self, record: impl Into<String>) -> Self {
        self.record = Some(record.into());
        self
    }

    /// Selects only deliveries that were received at least this long ago.
    #[must_use]
    pub fn older_than(mut self, age: Duration) -> Self {
        self.older_than = Some(age);
        self
    }

    /// The condition, order and limit of a statement, with its values.
    pub(super) fn select(&self, after: Option<QueueId>, limit: usize) -> (String, Vec<Value>) {
        let number = |number| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
        let (mut sql, mut values) = ("state = 3".to_owned(), Vec::new());
        let mut add = |condition: &str, value: Value| {
            values.push(value);
            sql += &condition.replace('?', &format!("${}", values.len()));
        };
        if let Some(ids) = &self.ids {
            let ids: Vec<[i64; 1]> = ids.iter().map(|id| [id.0]).collect();
            let condition = " AND id IN (SELECT CAST(value->>0 AS bigint) FROM {elements_of_$1})";
            add(condition, format!("{ids:?}").into());
        }
        if let Some(event) = &self.event {
            match event.strip_suffix('*').filter(|object| object.ends_with('.')) {
                Some(object) => add(" AND substr(event, 1, length(?)) = ?", object.to_owned().into()),
                None => add(" AND event = ?", event.clone().into()),
            }
        }
        if let Some(record) = &self.record {
            add(" AND record = ?", record.clone().into());
        }
        if let Some(age) = self.older_than {
            add(" AND {ms(}{now} - received{)} >= ?", number(age.as_millis()));
        }
        add(" AND id > ?", after.map_or(0, |id| id.0).into());
        add(" ORDER BY id LIMIT ?", number(limit as u128));
        (sql, values)
    }
}

impl From<QueueId> for DeadLetterFilter {
    fn from(id: QueueId) -> Self {
        Self::ids([id])
    }
}

//! Ranges of `createdAt`, and filters for them.

use crate::names::object;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use xurrent_runtime::connection::Filtered;
use xurrent_runtime::jiff::Timestamp;
use xurrent_runtime::{ConnectionQuery, Error, InputObject, InputValue, Result};

/// The field that is cut into ranges.
pub(super) const CREATED_AT: &str = "createdAt";

/// The bounds of a filter: lower ones, then upper ones.
const BOUNDS: [[&str; 2]; 2] = [["greaterThan", "greaterThanOrEqualTo"], ["lessThan", "lessThanOrEqualTo"]];

/// The records of a shard. Bounds are whole seconds since 1970: whatever fraction of a second the server stores,
/// each record is either before a bound or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Range {
    /// All of them, also those without `createdAt`.
    All,
    /// Those created at the first bound or later, and before the second one.
    Between(Option<i64>, Option<i64>),
    /// Those without `createdAt`.
    Undated,
    /// Those with `createdAt`.
    Dated,
}

impl Range {
    pub(super) fn contains(self, created_at: Option<Timestamp>) -> bool {
        let at = |second| Timestamp::from_second(second).ok();
        match self {
            Self::All => true,
            Self::Undated => created_at.is_none(),
            Self::Dated => created_at.is_some(),
            Self::Between(from, until) => created_at.is_some_and(|created_at| {
                from.is_none_or(|from| Some(created_at) >= at(from))
                    && until.is_none_or(|until| at(until).is_some_and(|until| created_at < until))
            }),
        }
    }

    /// The records of a query in this range. Bounds of its own remain where the range has none: those of the
    /// range are within them.
    pub(super) fn of<F: Filtered, T>(self, query: ConnectionQuery<F, T>) -> ConnectionQuery<F, T> {
        let mut filter = object(query.get_argument(F::ARGUMENT));
        let none = || InputValue::List(Vec::new());
        let created_at = match self {
            Self::All => return query,
            Self::Undated => InputObject::new().with("values", none()),
            Self::Dated => {
                InputObject::new().with("values", none()).with("negate", InputValue::Boolean(true))
            }
            Self::Between(from, until) => {
                let mut bounds = object(filter.get(CREATED_AT));
                let new = [(from, "greaterThanOrEqualTo"), (until, "lessThan")];
                for ((second, name), replaced) in new.into_iter().zip(BOUNDS) {
                    let Some(time) = second.and_then(|second| Timestamp::from_second(second).ok()) else {
                        continue;
                    };
                    bounds.retain(|bound, _| !replaced.contains(&bound));
                    bounds.set(name, InputValue::Text(Cow::Owned(time.to_string())));
                }
                bounds
            }
        };
        filter.set(CREATED_AT, InputValue::Object(created_at));
        query.argument(F::ARGUMENT, InputValue::Object(filter))
    }
}

/// Whether the filter of a query has bounds of `createdAt`.
///
/// # Errors
/// If it has values of it, which cannot be cut into ranges.
pub(super) fn is_bounded<F: Filtered, T>(query: &ConnectionQuery<F, T>) -> Result<bool> {
    let filter = object(query.get_argument(F::ARGUMENT));
    let bounds = object(filter.get(CREATED_AT));
    match bounds.iter().find(|(name, _)| !BOUNDS.as_flattened().contains(name)) {
        None => Ok(bounds.iter().len() > 0),
        Some((name, _)) => Err(Error::configuration(format!(
            "`{}` cannot be read in shards: the filter of `{CREATED_AT}` has `{name}`; only bounds can be cut into ranges",
            F::ROOT.name
        ))),
    }
}

//! Pages of changes.

use super::change::Change;
use crate::names::{has_field, has_value, object};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::time::Duration;
use xurrent_runtime::connection::{ConnectionField, Filtered, Ordered};
use xurrent_runtime::jiff::Timestamp;
use xurrent_runtime::{
    ConnectionQuery, Error, ErrorKind, Id, InputValue, OpenEnum, Order, Page, Result, Select, open_enum,
};

/// How far before its point in time a query of changes begins by default: 5 minutes.
pub const DEFAULT_OVERLAP: Duration = Duration::from_secs(5 * 60);

/// The field of the order and of the filter.
const UPDATED_AT: &str = "updatedAt";

/// A query of a connection whose records have a filter and an order by `updatedAt`. One of other records does not
/// compile.
pub trait ChangedSince {
    /// The connection.
    type Connection: ConnectionField;
    /// What is selected of a record.
    type Record;

    /// The records that changed at or after a point in time, or all of them without one. Costs one request per page.
    ///
    /// The selection, the view, the filter and the page size of the query apply. Its filter can have an upper bound of
    /// `updatedAt`. Its order, `after`, `limit` and `resume` have no meaning here.
    ///
    /// ```no_run
    /// # use xurrent_platform::changes::ChangedSince;
    /// # use xurrent_runtime::jiff::Timestamp;
    /// # async fn example(people: impl ChangedSince, stored: Option<Timestamp>) -> xurrent_runtime::Result<()> {
    /// let mut changes = people.changed_since(stored);
    /// while let Some(page) = changes.try_next().await? {
    ///     // Store the records and `changes.position()` in one transaction.
    ///     println!("{} people up to {:?}", page.len(), changes.position());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    fn changed_since(self, since: impl Into<Option<Timestamp>>) -> Changes<Self::Connection, Self::Record>;
}

impl<F, T, O> ChangedSince for ConnectionQuery<F, T>
where
    F: Filtered + Ordered<Order = Order<O>>,
    T: Select<F::Node>,
    O: OpenEnum,
{
    type Connection = F;
    type Record = T;

    fn changed_since(self, since: impl Into<Option<Timestamp>>) -> Changes<F, T> {
        const {
            assert!(
                has_value(O::VALUES, UPDATED_AT),
                "the schema has no order of these records by `updatedAt`"
            )
        };
        let is_filterable = has_field::<F::Filter>(UPDATED_AT);
        let order = Order::asc(open_enum::from_text::<O>(UPDATED_AT));
        Changes {
            query: self.order([order]).prefetch(false).select::<Change<T>>(),
            filter: is_filterable.then_some(<F as Filtered>::ARGUMENT),
            since: since.into(),
            overlap: DEFAULT_OVERLAP,
            group: Group::default(),
            position: None,
            is_started: false,
            is_complete: false,
        }
    }
}

/// Pages of the records that changed since a point in time: see the [module](super).
#[must_use = "a query does nothing until it is awaited"]
pub struct Changes<F: ConnectionField, T> {
    query: ConnectionQuery<F, Change<T>>,
    /// The argument for the filter, if it has `updatedAt`.
    filter: Option<&'static str>,
    since: Option<Timestamp>,
    overlap: Duration,
    group: Group,
    position: Option<Timestamp>,
    is_started: bool,
    is_complete: bool,
}

/// The records of the point in time at which the next page begins.
#[derive(Default)]
struct Group {
    /// None only before the first page of all records.
    updated_at: Option<Timestamp>,
    /// Those that were returned.
    returned: HashSet<Id>,
    /// The cursor of the page before, if that had records of this point in time only.
    cursor: Option<String>,
    /// The number of such pages.
    pages: usize,
    /// Whether they had new records.
    has_new: bool,
}

impl<F: ConnectionField, T> Changes<F, T> {
    /// Sets how far before its point in time the query begins, by default [`DEFAULT_OVERLAP`]. It must be longer than
    /// it takes until a change is visible to a query.
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.overlap = overlap;
        self
    }

    /// The point in time for the next `changed_since`, once the returned pages are processed: that of the last
    /// returned record, or the one that the query was given if that is later. None if there are no records at all.
    #[must_use]
    pub fn position(&self) -> Option<Timestamp> {
        self.position.max(self.since)
    }

    /// The next page, or none after the last. A page is never empty. Cancelling it loses nothing, and neither does an
    /// error: the next call continues.
    ///
    /// # Errors
    /// Those of a query; [`ErrorKind::Pagination`] when the server does not keep the order;
    /// [`ErrorKind::Configuration`] when the filter of the connection has no `updatedAt`.
    pub async fn try_next(&mut self) -> Result<Option<Vec<Change<T>>>> {
        if !self.is_started {
            self.group.updated_at = self.since.map(|since| before(since, self.overlap));
            self.is_started = true;
        }
        while !self.is_complete {
            let page = self.next_query()?.pages().try_next().await;
            // The error can be that of the cursor, whose record is no longer in the list.
            let Some(page) = page.inspect_err(|_| self.group.begin())? else { break };
            let new = self.take(page)?;
            if let Some(last) = new.last() {
                self.position = Some(last.updated_at);
                return Ok(Some(new));
            }
        }
        Ok(None)
    }

    /// The query of the next page.
    fn next_query(&self) -> Result<ConnectionQuery<F, Change<T>>> {
        let Some(argument) = self.filter else {
            let message = format!("the filter of `{}` has no `{UPDATED_AT}`", F::ROOT.name);
            return Err(Error::configuration(message));
        };
        let mut query = self.query.clone();
        if let Some(from) = self.group.updated_at {
            let mut filter = object(query.get_argument(argument));
            let mut bounds = object(filter.get(UPDATED_AT));
            bounds.set("greaterThanOrEqualTo", InputValue::Text(Cow::Owned(from.to_string())));
            filter.set(UPDATED_AT, InputValue::Object(bounds));
            query = query.argument(argument, InputValue::Object(filter));
        }
        if let Some(cursor) = &self.group.cursor {
            query = query.after(cursor);
        }
        Ok(query)
    }

    /// Takes the records of a page that are new, and decides where the next page begins.
    fn take(&mut self, page: Page<Change<T>>) -> Result<Vec<Change<T>>> {
        let Page { mut nodes, has_next_page, end_cursor, .. } = page;
        let group = &mut self.group;
        let times = || group.updated_at.into_iter().chain(nodes.iter().map(|change| change.updated_at));
        if !times().is_sorted() {
            return Err(invalid::<F>("the server did not return the records in the order of `updatedAt`"));
        }
        let Some(last) = nodes.last().map(|change| change.updated_at) else {
            if has_next_page {
                return Err(invalid::<F>("an empty page is not the last one"));
            }
            self.is_complete = !group.read_again();
            return Ok(nodes);
        };
        nodes.retain(|change| {
            let is_new =
                Some(change.updated_at) != group.updated_at || group.returned.insert(change.id.clone());
            group.has_new |= is_new && Some(change.updated_at) == group.updated_at;
            is_new
        });
        if has_next_page && Some(last) == group.updated_at {
            (group.cursor, group.pages) = (end_cursor, group.pages + 1);
            if group.pages > group.returned.len() {
                return Err(invalid::<F>("pagination loop: the same records again"));
            }
        } else if group.read_again() {
            // Later records come again behind it.
            nodes.retain(|change| Some(change.updated_at) == group.updated_at);
        } else if has_next_page {
            let returned = nodes.iter().filter(|change| change.updated_at == last);
            let returned = returned.map(|change| change.id.clone()).collect();
            *group = Group { updated_at: Some(last), returned, ..Group::default() };
        } else {
            self.is_complete = true;
        }
        Ok(nodes)
    }
}

impl Group {
    /// Begins again without the cursor.
    fn begin(&mut self) {
        (self.cursor, self.pages) = (None, 0);
    }

    /// Begins again if the records were read with cursors and some of them were new: others may have moved past a
    /// cursor meanwhile.
    fn read_again(&mut self) -> bool {
        let is_again = self.cursor.is_some() && self.has_new;
        self.has_new = false;
        self.begin();
        is_again
    }
}

/// A point in time before another one.
fn before(time: Timestamp, distance: Duration) -> Timestamp {
    time.checked_sub(distance).unwrap_or(Timestamp::MIN)
}

fn invalid<F: ConnectionField>(reason: &str) -> Error {
    Error::new(ErrorKind::Pagination, format!("could not read the changes of `{}`: {reason}", F::ROOT.name))
}

impl<F: ConnectionField, T> fmt::Debug for Changes<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("query", &self.query)
            .field("since", &self.since)
            .field("position", &self.position())
            .finish_non_exhaustive()
    }
}

//! Queries in shards, and their settings.

use super::pages::{ShardPages, ShardStream};
use super::plan::Planning;
use super::position::ShardsPosition;
use super::range::CREATED_AT;
use super::settings::Settings;
use crate::names::{has_field, has_value};
use std::fmt;
use xurrent_runtime::connection::{ConnectionField, Counted, Filtered, Ordered};
use xurrent_runtime::parallel::{DEFAULT_CONCURRENT_REQUESTS, DEFAULT_PAGES_PER_REQUEST};
use xurrent_runtime::{ConnectionQuery, OpenEnum, Order, Result, Select, open_enum};

/// A query of a connection whose records have a filter and an order by `createdAt`. One of other records does not
/// compile.
pub trait Sharded {
    /// The connection.
    type Connection: ConnectionField;
    /// What is selected of a record.
    type Record;

    /// Reads all records in so many shards at most, in parallel: see the [module](super). Sends nothing.
    ///
    /// The selection, the view, the filter and the page size of the query apply; its filter can have bounds of
    /// `createdAt`. Its order has no effect, and `after`, `limit` and `resume` are errors. 8 shards read 8 pages in
    /// the time of one; more than 20 are of use only if the latency is more than half a second.
    ///
    /// ```no_run
    /// # use xurrent_platform::shards::{Sharded, ShardsPosition};
    /// # use xurrent_runtime::connection::{Counted, Filtered};
    /// # async fn example<F: Filtered + Counted, T>(
    /// #     people: impl Sharded<Connection = F, Record = T>,
    /// #     stored: Option<ShardsPosition>,
    /// # ) -> xurrent_runtime::Result<()> {
    /// let mut pages = people.shards(8).resume(stored).pages();
    /// while let Some(page) = pages.try_next().await? {
    ///     // Store the records and `pages.position()` in one transaction.
    ///     println!("{} people of shard {}", page.nodes.len(), page.shard);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    fn shards(self, shards: usize) -> Shards<Self::Connection, Self::Record>;
}

impl<F, T, O> Sharded for ConnectionQuery<F, T>
where
    F: Filtered + Counted + Ordered<Order = Order<O>>,
    T: Select<F::Node>,
    O: OpenEnum,
{
    type Connection = F;
    type Record = T;

    fn shards(self, shards: usize) -> Shards<F, T> {
        const {
            assert!(
                has_value(O::VALUES, CREATED_AT),
                "the schema has no order of these records by `createdAt`"
            )
        };
        let by_age = || open_enum::from_text::<O>(CREATED_AT);
        let (oldest, newest) = ([Order::asc(by_age())], [Order::desc(by_age())]);
        let is_whole = self.is_whole();
        let newest = self.clone().order(newest);
        let query = self.order(oldest);
        let (reason, name) = ("cannot be read in shards", F::ROOT.name);
        let invalid = if !has_field::<F::Filter>(CREATED_AT) {
            Some(format!("`{name}` {reason}: its filter has no `{CREATED_AT}`"))
        } else if !is_whole {
            Some(format!("`{name}` {reason} with a limit, after a cursor or at a position of a stream"))
        } else if shards == 0 {
            Some(format!("`{name}` {reason}: 0 shards have no records"))
        } else {
            None
        };
        let settings = Settings {
            planning: Planning {
                oldest: query.clone().select(),
                newest: newest.select(),
                query: query.clone().select(),
                page_size: query.records_per_page(),
                shards,
            },
            query: query.select(),
            invalid,
            pages_per_request: DEFAULT_PAGES_PER_REQUEST,
            concurrent_requests: DEFAULT_CONCURRENT_REQUESTS,
            resume: None,
        };
        Shards { settings }
    }
}

/// A query in shards, before its first request.
#[must_use = "a query does nothing until it is awaited"]
pub struct Shards<F: ConnectionField, T> {
    settings: Settings<F, T>,
}

impl<F: ConnectionField, T> Shards<F, T> {
    /// Sets the largest number of pages in a request, by default [`DEFAULT_PAGES_PER_REQUEST`]. More pages need fewer
    /// requests of the hourly budget, but the server resolves those of a request one after the other. Fewer are
    /// sent where their nodes exceed what the API allows in a request.
    pub fn pages_per_request(mut self, pages: usize) -> Self {
        self.settings.pages_per_request = pages;
        self
    }

    /// Sets the largest number of requests in flight, by default [`DEFAULT_CONCURRENT_REQUESTS`]. The rate limiter of
    /// the client delays them as any others.
    pub fn concurrent_requests(mut self, requests: usize) -> Self {
        self.settings.concurrent_requests = requests;
        self
    }

    /// Resumes the shards of an earlier run at their position, or starts from the beginning without one. The number
    /// of shards and their boundaries are those of that run. A position of another query is an error before
    /// anything is sent; the selection and the page size may differ.
    pub fn resume(mut self, position: impl Into<Option<ShardsPosition>>) -> Self {
        self.settings.resume = position.into();
        self
    }
}

impl<F: Filtered + Counted, T> Shards<F, T> {
    /// Returns the pages of all shards: those of one shard in the order of `createdAt`, those of different
    /// shards in any.
    pub fn pages(self) -> ShardPages<F, T> {
        ShardPages::new(self.settings)
    }

    /// Returns a stream of the records of all shards, page by page.
    pub fn stream(self) -> ShardStream<F, T> {
        ShardStream::new(self.pages())
    }

    /// Fetches all records.
    ///
    /// # Errors
    /// Those of any page. Earlier pages are dropped: use [`pages`](Self::pages) to keep them.
    pub async fn all(self) -> Result<Vec<T>> {
        let (mut pages, mut all) = (self.pages(), Vec::new());
        while let Some(page) = pages.try_next().await? {
            all.extend(page.nodes);
        }
        Ok(all)
    }
}

impl<F: ConnectionField, T> fmt::Debug for Shards<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

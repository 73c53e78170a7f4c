//! Queries of root connections.

mod batched;

pub(crate) use batched::count_shape;
pub use batched::{CompleteQuery, CountQuery};

use crate::call::Call;
use crate::client::ClientCore;
use crate::decode::{Field, append_field};
use crate::document::RootField;
use crate::error::Result;
use crate::input::{Input, InputType, InputValue, without_blanks};
use crate::pagination::{
    AllRecords, DEFAULT_MAX_REQUESTS, PageQuery, PageStream, Paginator, Position, RecordStream, read_count,
};
use crate::response::GraphQlResponse;
use crate::retry::RetryPolicy;
use crate::select::{Append, Select, append};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A root field that is a connection. Generated, one empty type per field.
pub trait ConnectionField: 'static {
    /// The records of the connection.
    type Node: Field + Send + 'static;
    /// The field itself.
    const ROOT: &'static RootField;
}

/// A connection with a `filter` argument.
#[diagnostic::on_unimplemented(message = "`{Self}` has no `filter` argument in the schema")]
pub trait Filtered: ConnectionField {
    /// The argument in the schema.
    const ARGUMENT: &'static str = "filter";
    /// The filter's input type.
    type Filter: InputType;
}

/// A connection with a `view` argument.
#[diagnostic::on_unimplemented(message = "`{Self}` has no `view` argument in the schema")]
pub trait Viewed: ConnectionField {
    /// The argument in the schema.
    const ARGUMENT: &'static str = "view";
    /// The enum of views.
    type View: InputType;
}

/// A connection with an `order` argument.
#[diagnostic::on_unimplemented(message = "`{Self}` has no `order` argument in the schema")]
pub trait Ordered: ConnectionField {
    /// The argument in the schema.
    const ARGUMENT: &'static str = "order";
    /// One term of the order.
    type Order: InputType;
}

/// A connection that reports how many records it has in all.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no total count in the schema",
    label = "the server does not count these records: `stream()` or `all()` fetches them"
)]
pub trait Counted: ConnectionField {}

/// A query of a root connection. Costs one request per page, and those for remaining pages of nested lists
/// (`#[select(all)]`).
///
/// A query is `Clone`, to count and then stream the same records:
///
/// ```no_run
/// # use xurrent_runtime::{ConnectionQuery, Counted};
/// # async fn example<F: Counted>(people: ConnectionQuery<F>) -> xurrent_runtime::Result<()> {
/// let total = people.clone().count().await?;
/// let mut people = people.stream();
/// while let Some(person) = people.try_next().await? {
///     println!("{} of {total}", people.position().taken());
///     # let _ = person;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a query does nothing until it is awaited or streamed"]
pub struct ConnectionQuery<F: ConnectionField, T = <F as ConnectionField>::Node> {
    pub(crate) pages: PageQuery,
    pub(crate) append: Append<T>,
    field: PhantomData<fn() -> F>,
}

impl<F: ConnectionField> ConnectionQuery<F> {
    /// A query of a root connection. Generated code calls this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore) -> Self {
        let pages = PageQuery {
            call: Call::new(client, F::ROOT),
            page_size: None,
            limit: None,
            max_requests: DEFAULT_MAX_REQUESTS,
            allow_partial: false,
            prefetch: true,
            resume: None,
        };
        Self { pages, append: append_field, field: PhantomData }
    }
}

// What a program calls is never inlined into its functions: they would take longer to compile.
impl<F: ConnectionField, T> ConnectionQuery<F, T> {
    /// Requests the fields that `S` selects of each record, in place of all its leaf fields.
    ///
    /// By default, a page is then as large as [`S::NODES`](Select::NODES) and the API allow.
    pub fn select<S: Select<F::Node>>(mut self) -> ConnectionQuery<F, S> {
        const { assert!(S::WRAPPERS == 0, "select the record itself, without `Option` or `Vec` around it") };
        (self.pages.call.selection, self.pages.call.nodes) = (S::SELECTION, S::NODES);
        ConnectionQuery { pages: self.pages, append: append::<F::Node, S>, field: PhantomData }
    }

    /// Sets a required argument. Generated code calls this.
    #[doc(hidden)]
    #[inline(never)]
    pub fn argument(mut self, name: &'static str, value: InputValue) -> Self {
        self.pages.call.set(name, Some(value));
        self
    }

    /// The value of an argument that was set. Crates of an API call this.
    #[doc(hidden)]
    pub fn get_argument(&self, name: &str) -> Option<&InputValue> {
        self.pages.call.arguments.get(name)
    }

    /// The client of the query. Crates of an API call this.
    #[doc(hidden)]
    pub fn client(&self) -> &ClientCore {
        &self.pages.call.client
    }

    /// Whether the query is one of all records: without a limit, and not after a cursor or a position. Crates
    /// of an API call this.
    #[doc(hidden)]
    pub fn is_whole(&self) -> bool {
        let PageQuery { call, limit, resume, .. } = &self.pages;
        limit.is_none() && resume.is_none() && call.arguments.get(F::ROOT.paging().after).is_none()
    }

    /// The largest number of records in a request. Crates of an API call this.
    #[doc(hidden)]
    pub fn records_per_page(&self) -> usize {
        Paginator::new(self.pages.clone()).page_size()
    }

    /// Sets the optional arguments of this field.
    pub fn arguments(mut self, arguments: impl Input) -> Self {
        self.pages.call.set_all(&arguments);
        self
    }

    /// Sets the view: the records that the query starts from. Without one, the API chooses.
    pub fn view(self, view: F::View) -> Self
    where
        F: Viewed,
    {
        self.argument(F::ARGUMENT, view.into_value())
    }

    /// Sets the filter. A blank search text, custom filters with a blank name and an empty filter are not
    /// sent. An empty list of values is an error: see [`Filter`](crate::Filter#empty-lists).
    #[inline(never)]
    pub fn filter(mut self, filter: F::Filter) -> Self
    where
        F: Filtered,
    {
        self.pages.call.set(F::ARGUMENT, without_blanks(filter.into_value()));
        self
    }

    /// Sets the order: the first term decides, the next ones break ties.
    #[inline(never)]
    pub fn order(self, order: impl IntoIterator<Item = F::Order>) -> Self
    where
        F: Ordered,
    {
        let terms = order.into_iter().map(InputType::into_value).collect();
        self.argument(F::ARGUMENT, InputValue::List(terms))
    }

    /// Sets the records per request, 1 to the largest page of the API, which is the default. A
    /// selection with nested connections may allow fewer; more is an error before anything is sent.
    ///
    /// If the server refuses a page as too costly, the query continues with pages of half the size, down to
    /// 1; after status 504 in each of at least two attempts, with a quarter. `tracing` has a warning. Each
    /// page size counts as a request for [`max_requests`](Self::max_requests), and has the whole time limit
    /// of the [`RetryPolicy`]. A first page in a batch does not shrink.
    pub fn page_size(mut self, page_size: usize) -> Self {
        self.pages.page_size = Some(page_size);
        self
    }

    /// Limits the records in all, including those before a position to [`resume`](Self::resume) at. The last
    /// page requests only as many as are left.
    pub fn limit(mut self, limit: usize) -> Self {
        self.pages.limit = Some(limit);
        self
    }

    /// Sets the retry policy for each page, in place of the client's.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.pages.call.client.retry = policy;
        self
    }

    /// Limits the requests, by default to [`DEFAULT_MAX_REQUESTS`]. A query that needs more fails instead of
    /// returning an incomplete list. Requests for nested lists (`#[select(all)]`) have a limit of their own:
    /// [`ClientBuilder::max_nested_requests`](crate::ClientBuilder::max_nested_requests).
    pub fn max_requests(mut self, max_requests: usize) -> Self {
        self.pages.max_requests = max_requests;
        self
    }

    /// Accepts pages beside which the server reports errors. The errors are in [`Page::errors`](crate::Page::errors), or in [`RecordStream::errors`].
    pub fn allow_partial(mut self) -> Self {
        self.pages.allow_partial = true;
        self
    }

    /// Resumes a stream of the same query at a position, also in another run of the program, or starts from
    /// the beginning without one. Replaces [`after`](Self::after).
    ///
    /// No record is repeated or lost, even if page sizes differ. A [`limit`](Self::limit) includes the
    /// records taken before. The current page is fetched again and its taken records are skipped by their
    /// number. If records may be added or removed in the meantime, store positions between two pages:
    /// [`PageStream::position`](crate::PageStream::position).
    ///
    /// A position of another root field, other arguments (view, filter, order) or another account is an
    /// error before anything is sent. The selection may differ.
    ///
    /// ```no_run
    /// # use xurrent_runtime::{ConnectionField, ConnectionQuery, Position};
    /// # async fn example<F: ConnectionField>(
    /// #     people: ConnectionQuery<F>,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let stored: Option<Position> = match std::fs::read_to_string("people.position") {
    ///     Ok(text) => Some(text.parse()?),
    ///     Err(_) => None,
    /// };
    /// let mut people = people.resume(stored).stream();
    /// while let Some(person) = people.try_next().await? {
    ///     // ... process the person, and then ...
    ///     std::fs::write("people.position", people.position().to_string())?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(mut self, position: impl Into<Option<Position>>) -> Self {
        self.pages.resume = position.into();
        self
    }

    /// Starts after the cursor of an earlier [`Page`](crate::Page).
    pub fn after(self, cursor: impl Into<String>) -> Self {
        self.argument(F::ROOT.paging().after, InputValue::Text(Cow::Owned(cursor.into())))
    }

    /// Sets whether the next page is fetched while the current one is consumed; on by default. At most one
    /// page is prefetched, never one beyond the [`limit`](Self::limit), so an abandoned stream has cost at
    /// most one request more. A task of the Tokio runtime fetches it and ends with the stream; with another
    /// executor there is no prefetch.
    ///
    /// ```no_run
    /// # use xurrent_runtime::{ConnectionField, ConnectionQuery};
    /// # async fn example<F: ConnectionField>(people: ConnectionQuery<F>) -> xurrent_runtime::Result<()> {
    /// // If the first page is enough, no other one is requested.
    /// let mut people = people.prefetch(false).stream();
    /// while let Some(person) = people.try_next().await? {
    ///     // ...
    ///     # break;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.pages.prefetch = prefetch;
        self
    }

    /// Returns a stream of all records.
    #[must_use = "a stream does nothing until it is polled"]
    pub fn stream(self) -> RecordStream<T> {
        RecordStream::new(self.pages())
    }

    /// Returns a stream of all pages.
    #[must_use = "a stream does nothing until it is polled"]
    pub fn pages(self) -> PageStream<T> {
        PageStream::new(self.pages, self.append)
    }

    /// Fetches all records.
    ///
    /// # Errors
    /// Those of any page. Earlier pages are dropped: use [`stream`](Self::stream) to keep them.
    #[inline(never)]
    pub fn all(self) -> impl Future<Output = Result<Vec<T>>> {
        // Nothing happens between two pages that a prefetch could overlap with.
        AllRecords::new(PageQuery { prefetch: false, ..self.pages }, self.append)
    }

    /// Fetches the first record, if there is one; with [`resume`](Self::resume) the next one. Costs one
    /// request for one record.
    ///
    /// # Errors
    /// Those of a page.
    pub async fn first(self) -> Result<Option<T>> {
        let taken = self.pages.resume.as_ref().map_or(0, Position::taken);
        self.limit(taken.saturating_add(1)).prefetch(false).stream().try_next().await
    }

    /// Requests all records in a [batch](crate::Client::batch): the result is a `Vec` in place of the first
    /// page. Each request of the batch has the next page of every connection that is not complete yet.
    ///
    /// An error of one connection does not stop the others. A batch that is refused as too costly is sent
    /// again with smaller pages of all connections. [`allow_partial`](Self::allow_partial) is ignored, as in
    /// any batch.
    ///
    /// ```no_run
    /// # use xurrent_runtime::{Client, ConnectionField, ConnectionQuery};
    /// # async fn example<P: ConnectionField, T: ConnectionField>(
    /// #     client: Client,
    /// #     people: ConnectionQuery<P>,
    /// #     teams: ConnectionQuery<T>,
    /// # ) -> xurrent_runtime::Result<()> {
    /// let (people, teams) = client.batch((people.complete(), teams.complete())).await?;
    /// println!("{} people in {} teams", people?.len(), teams?.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of any page. Earlier pages of this connection are dropped.
    pub fn complete(self) -> CompleteQuery<T> {
        CompleteQuery { pages: self.pages, append: self.append }
    }

    /// Requests the number of records in a [batch](crate::Client::batch): the result is an `i64` in place of
    /// the first page.
    ///
    /// ```no_run
    /// # use xurrent_runtime::{Client, ConnectionQuery, Counted};
    /// # async fn example<P: Counted, T: Counted>(
    /// #     client: Client,
    /// #     people: ConnectionQuery<P>,
    /// #     teams: ConnectionQuery<T>,
    /// # ) -> xurrent_runtime::Result<()> {
    /// let (people, teams) = client.batch((people.counted(), teams.counted())).await?;
    /// println!("{} people in {} teams", people?, teams?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn counted(self) -> CountQuery
    where
        F: Counted,
    {
        CountQuery { call: self.pages.call }
    }

    /// Fetches the number of records. Costs one request that fetches none of them.
    ///
    /// # Errors
    /// Those of any query.
    pub async fn count(self) -> Result<i64>
    where
        F: Counted,
    {
        let response = self.pages.call.send(count_shape(F::ROOT)).await?;
        let mut count = 0;
        GraphQlResponse::read_root(&response, F::ROOT.name, &mut |decoder| {
            count = read_count(decoder)?;
            Ok(())
        })?
        .into_request_id()?;
        Ok(count)
    }
}

impl<F: ConnectionField, T> Clone for ConnectionQuery<F, T> {
    fn clone(&self) -> Self {
        Self { pages: self.pages.clone(), append: self.append, field: PhantomData }
    }
}

impl<F: ConnectionField, T> fmt::Debug for ConnectionQuery<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pages.call.fmt(f)
    }
}

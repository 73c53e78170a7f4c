//! Queries of root connections.

use crate::client::ClientCore;
use crate::decode::{Field, append_field};
use crate::document::{RootField, Shape};
use crate::error::Result;
use crate::input::{Input, InputType, InputValue, without_blanks};
use crate::operation::Call;
use crate::pagination::read_count;
use crate::pagination::{DEFAULT_MAX_REQUESTS, Paging, Position};
use crate::pagination::{PageStream, RecordStream};
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
    /// The filter's input type.
    type Filter: InputType;
}

/// A connection with a `view` argument.
#[diagnostic::on_unimplemented(message = "`{Self}` has no `view` argument in the schema")]
pub trait Viewed: ConnectionField {
    /// The enum of views.
    type View: InputType;
}

/// A connection with an `order` argument.
#[diagnostic::on_unimplemented(message = "`{Self}` has no `order` argument in the schema")]
pub trait Ordered: ConnectionField {
    /// One term of the order.
    type Order: InputType;
}

/// A query of a root connection. Costs one request per page, and those that complete its nested lists
/// (`#[select(all)]`).
#[must_use = "a query does nothing until it is awaited or streamed"]
pub struct ConnectionQuery<F: ConnectionField, T = <F as ConnectionField>::Node> {
    pub(crate) paging: Paging,
    pub(crate) append: Append<T>,
    field: PhantomData<fn() -> F>,
}

impl<F: ConnectionField> ConnectionQuery<F> {
    /// A query of a root connection. Generated code calls this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore) -> Self {
        let paging = Paging {
            call: Call::new(client, F::ROOT),
            page_size: None,
            limit: None,
            max_requests: DEFAULT_MAX_REQUESTS,
            allow_partial: false,
            prefetch: true,
            resume: None,
        };
        Self { paging, append: append_field, field: PhantomData }
    }
}

impl<F: ConnectionField, T> ConnectionQuery<F, T> {
    /// Asks for what `S` selects of each record, in place of all its leaf fields.
    ///
    /// A page is then as large as [`S::NODES`](Select::NODES) allows, and at most
    /// [`MAX_PAGE_SIZE`](crate::MAX_PAGE_SIZE), unless [`page_size`](Self::page_size) says otherwise.
    pub fn select<S: Select<F::Node>>(mut self) -> ConnectionQuery<F, S> {
        const { assert!(S::WRAPPERS == 0, "select the record itself, without `Option` or `Vec` around it") };
        (self.paging.call.selection, self.paging.call.nodes) = (S::SELECTION, S::NODES);
        ConnectionQuery { paging: self.paging, append: append::<F::Node, S>, field: PhantomData }
    }

    fn set(mut self, name: &'static str, value: InputValue) -> Self {
        self.paging.call.arguments.set(name, value);
        self
    }

    /// Sets a required argument. Generated code calls this.
    #[doc(hidden)]
    pub fn argument(self, name: &'static str, value: InputValue) -> Self {
        self.set(name, value)
    }

    /// Sets the optional arguments that only this field has.
    pub fn arguments(mut self, arguments: impl Input) -> Self {
        self.paging.call.set_all(&arguments);
        self
    }

    /// Which records the query starts from. The API's default is `current_account`.
    pub fn view(self, view: F::View) -> Self
    where
        F: Viewed,
    {
        self.set("view", view.into_value())
    }

    /// Which of them are returned. A blank search text and custom filters with a blank name are left
    /// out, and so is a filter of which nothing is left. A list of values that is empty is an error
    /// before anything is sent: see [`Filter`](crate::Filter#empty-lists).
    pub fn filter(mut self, filter: F::Filter) -> Self
    where
        F: Filtered,
    {
        match without_blanks(filter.into_value()) {
            Some(filter) => self.set("filter", filter),
            None => {
                self.paging.call.arguments.retain(|name, _| name != "filter");
                self
            }
        }
    }

    /// In which order: the first term decides, the next ones break ties.
    pub fn order(self, order: impl IntoIterator<Item = F::Order>) -> Self
    where
        F: Ordered,
    {
        let terms = order.into_iter().map(InputType::into_value).collect();
        self.set("order", InputValue::List(terms))
    }

    /// Records per request, 1 to [`MAX_PAGE_SIZE`](crate::MAX_PAGE_SIZE), which is the default. A selection with nested
    /// connections may allow fewer; asking for more is an error before anything is sent.
    ///
    /// When the server refuses a page as too costly, it is asked for again with half as many records,
    /// down to 1; when it was answered with status 504 in every attempt, and there were at least two,
    /// with a quarter. All further pages of the query are then as small, since they cost as much.
    /// `tracing` has a warning about it. Each try is a request of its own for
    /// [`max_requests`](Self::max_requests) and for the time limit of a
    /// [`RetryPolicy`]. A first page in a batch does not shrink.
    pub fn page_size(mut self, page_size: usize) -> Self {
        self.paging.page_size = Some(page_size);
        self
    }

    /// At most this many records in all, those before a position to [`resume`](Self::resume) at
    /// among them. The last page asks for no more than are still wanted.
    pub fn limit(mut self, limit: usize) -> Self {
        self.paging.limit = Some(limit);
        self
    }

    /// When the request of a page is sent again, in place of the client's policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.paging.call.client.retry = policy;
        self
    }

    /// At most this many requests, [`DEFAULT_MAX_REQUESTS`] when nothing is said. A query that
    /// needs more ends in an error, not in a list that is shorter than it should be. Those that complete
    /// the nested lists of a page (`#[select(all)]`) do not count:
    /// [`ClientBuilder::max_nested_requests`](crate::ClientBuilder::max_nested_requests) is for those.
    pub fn max_requests(mut self, max_requests: usize) -> Self {
        self.paging.max_requests = max_requests;
        self
    }

    /// Takes records also from pages beside which the server reports errors. The errors are in
    /// [`Page::errors`](crate::Page::errors), or in [`RecordStream::errors`].
    pub fn allow_partial(mut self) -> Self {
        self.paging.allow_partial = true;
        self
    }

    /// Goes on where a stream of the same query stood, also in another run of the program, and from
    /// the beginning when there is no position. It takes the place of [`after`](Self::after).
    ///
    /// No record comes twice and none is left out, whatever the sizes of the pages are now. A
    /// [`limit`](Self::limit) counts the records that were taken before. The page that was begun is
    /// fetched again, and so many records behind its cursor are passed over; where they may have
    /// come or gone in the meantime, keep positions between two pages, as
    /// [`PageStream::position`](crate::PageStream::position) tells them.
    ///
    /// A position of another root field, of other arguments (view, filter, order) or of another
    /// account is an error before anything is sent. What is selected may be something else.
    ///
    /// ```no_run
    /// # use xurrent_runtime::{ConnectionField, ConnectionQuery, Position};
    /// # async fn example<F: ConnectionField>(
    /// #     people: ConnectionQuery<F>,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let kept: Option<Position> = match std::fs::read_to_string("people.position") {
    ///     Ok(text) => Some(text.parse()?),
    ///     Err(_) => None,
    /// };
    /// let mut people = people.resume(kept).stream();
    /// while let Some(person) = people.try_next().await? {
    ///     // ... what is to be done with the person, and then ...
    ///     std::fs::write("people.position", people.position().to_string())?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(mut self, position: impl Into<Option<Position>>) -> Self {
        self.paging.resume = position.into();
        self
    }

    /// Continues after a cursor that an earlier [`Page`](crate::Page) ended with.
    pub fn after(self, cursor: impl Into<String>) -> Self {
        self.set("after", InputValue::Text(Cow::Owned(cursor.into())))
    }

    /// Whether the next page is fetched while one is read and consumed, which it is unless this says no.
    /// At most one page is fetched ahead, never one that the [`limit`](Self::limit) leaves out, so that
    /// a stream that is given up, or whose page cannot be read, has cost at most one request more. It is
    /// fetched by a task of the Tokio runtime that the stream is polled in, and ends with the stream;
    /// with another executor every page is fetched when it is asked for.
    ///
    /// ```no_run
    /// # use xurrent_runtime::{ConnectionField, ConnectionQuery};
    /// # async fn example<F: ConnectionField>(people: ConnectionQuery<F>) -> xurrent_runtime::Result<()> {
    /// // Perhaps the first page is all that is wanted: then it is all that is paid for.
    /// let mut people = people.prefetch(false).stream();
    /// while let Some(person) = people.try_next().await? {
    ///     // ...
    ///     # break;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.paging.prefetch = prefetch;
        self
    }

    /// All records, one by one. Pages are fetched one ahead of what is consumed.
    #[must_use = "a stream does nothing until it is polled"]
    pub fn stream(self) -> RecordStream<T> {
        RecordStream::new(self.pages())
    }

    /// All pages, one by one, fetched one ahead of what is consumed.
    #[must_use = "a stream does nothing until it is polled"]
    pub fn pages(self) -> PageStream<T> {
        PageStream::new(self.paging, self.append)
    }

    /// All records, in memory.
    ///
    /// # Errors
    /// Those of any page. What was fetched before is dropped, but for the last page where the server
    /// names no cursor to go on from; use [`stream`](Self::stream) to keep it.
    pub async fn all(self) -> Result<Vec<T>> {
        // Nothing is done with a page that the next one could be fetched beside.
        let mut pages = self.prefetch(false).pages();
        let mut all = Vec::new();
        while let Some(page) = pages.try_next().await? {
            all.extend(page.nodes);
        }
        Ok(all)
    }

    /// The first record, if there is one; with [`resume`](Self::resume) the first that was not taken. Costs one request for one record.
    ///
    /// # Errors
    /// Those of a page.
    pub async fn first(self) -> Result<Option<T>> {
        let taken = self.paging.resume.as_ref().map_or(0, Position::taken);
        self.limit(taken.saturating_add(1)).prefetch(false).stream().try_next().await
    }

    /// All records, as a part of a [batch](crate::Client::batch): a `Vec` in place of the first page.
    /// Each request of the batch asks for the next page of every connection that is not complete yet.
    ///
    /// Each has its own cursor, limit, page size and result: an error of one does not stop the
    /// others. A batch that is refused as too costly is sent again with smaller pages of all of them.
    /// [`allow_partial`](Self::allow_partial) plays no part, as in any batch.
    ///
    /// ```no_run
    /// # use xurrent_runtime::{Client, ConnectionField, ConnectionQuery};
    /// # async fn example<P: ConnectionField, T: ConnectionField>(
    /// #     client: ClientCore,
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
    /// Those of any page. What was fetched of this connection before is dropped.
    pub fn complete(self) -> CompleteQuery<T> {
        CompleteQuery { paging: self.paging, append: self.append }
    }

    /// How many records there are. Costs one request that fetches none of them.
    ///
    /// # Errors
    /// Those of any query.
    pub async fn count(self) -> Result<i64> {
        let answer = self.paging.call.answer(Shape::Count).await?;
        let mut count = 0;
        GraphQlResponse::read_root(&answer, F::ROOT.name, &mut |decoder| {
            count = read_count(decoder)?;
            Ok(())
        })?
        .into_request_id()?;
        Ok(count)
    }
}

/// A query of all records of a root connection, as a part of a [batch](crate::Client::batch). Made with
/// [`ConnectionQuery::complete`].
#[must_use = "a part of a batch does nothing by itself"]
pub struct CompleteQuery<T> {
    pub(crate) paging: Paging,
    pub(crate) append: Append<T>,
}

impl<T> fmt::Debug for CompleteQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.paging.call.fmt(f)
    }
}

impl<F: ConnectionField, T> fmt::Debug for ConnectionQuery<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.paging.call.fmt(f)
    }
}

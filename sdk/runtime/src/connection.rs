//! Queries of root connections.

use crate::client::Client;
use crate::decode::{Field, append_field};
use crate::document::{RootField, Shape};
use crate::error::Result;
use crate::input::{Input, InputType, InputValue, without_blanks};
use crate::operation::Call;
use crate::page::read_count;
use crate::pager::{DEFAULT_MAX_REQUESTS, Pager, Paging};
use crate::response::Response;
use crate::retry::RetryPolicy;
use crate::select::{Append, Select, append};
use crate::stream::{PageStream, RecordStream};
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
    pub fn new(client: &Client) -> Self {
        let paging = Paging {
            call: Call::new(client, F::ROOT),
            page_size: None,
            limit: None,
            max_requests: DEFAULT_MAX_REQUESTS,
            allow_partial: false,
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
    /// out.
    pub fn filter(self, filter: F::Filter) -> Self
    where
        F: Filtered,
    {
        self.set("filter", without_blanks(filter.into_value()))
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
    pub fn page_size(mut self, page_size: usize) -> Self {
        self.paging.page_size = Some(page_size);
        self
    }

    /// At most this many records in all. The last page asks for no more than are still wanted.
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
    /// the nested lists of a page (`#[select(all)]`) do not count: there are at most 1,000 for each page.
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

    /// Continues after a cursor that an earlier [`Page`](crate::Page) ended with.
    pub fn after(self, cursor: impl Into<String>) -> Self {
        self.set("after", InputValue::Text(Cow::Owned(cursor.into())))
    }

    /// All records, one by one. Pages are fetched as they are needed.
    #[must_use = "a stream does nothing until it is polled"]
    pub fn stream(self) -> RecordStream<T> {
        RecordStream { pages: self.pages(), buffer: Vec::new().into_iter(), errors: Vec::new() }
    }

    /// All pages, one by one.
    #[must_use = "a stream does nothing until it is polled"]
    pub fn pages(self) -> PageStream<T> {
        PageStream { pager: Pager::new(self.paging), append: self.append }
    }

    /// All records, in memory.
    ///
    /// # Errors
    /// Those of any page. What was fetched before is dropped; use [`stream`](Self::stream) to
    /// keep it.
    pub async fn all(self) -> Result<Vec<T>> {
        let mut pages = self.pages();
        let mut all = Vec::new();
        while let Some(page) = pages.try_next().await? {
            all.extend(page.nodes);
        }
        Ok(all)
    }

    /// The first record, if there is one. Costs one request for one record.
    ///
    /// # Errors
    /// Those of a page.
    pub async fn first(self) -> Result<Option<T>> {
        self.limit(1).stream().try_next().await
    }

    /// How many records there are. Costs one request that fetches none of them.
    ///
    /// # Errors
    /// Those of any query.
    pub async fn count(self) -> Result<i64> {
        let answer = self.paging.call.answer(Shape::Count).await?;
        let mut count = 0;
        Response::of_root_field(&answer, F::ROOT.name, &mut |decoder| {
            count = read_count(decoder)?;
            Ok(())
        })?
        .whole()?;
        Ok(count)
    }
}

impl<F: ConnectionField, T> fmt::Debug for ConnectionQuery<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.paging.call.fmt(f)
    }
}

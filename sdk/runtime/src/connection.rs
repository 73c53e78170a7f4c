//! Connections: queries of them, and streams over their pages.

use crate::client::Client;
use crate::decode::Field;
use crate::document::{RootField, Shape};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::input::{Input, InputObject, InputType, InputValue};
use crate::operation::Call;
use crate::page::{Count, Page};
use crate::response::Response;
use crate::transport::BoxFuture;
use futures_core::Stream;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The largest page that the API hands out.
pub const MAX_PAGE_SIZE: usize = 100;

/// How many pages a query fetches before it takes the server for broken.
pub const DEFAULT_MAX_REQUESTS: usize = 10_000;

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

/// A query of a root connection. Costs one request per page.
#[must_use = "a query does nothing until it is awaited or streamed"]
pub struct ConnectionQuery<F: ConnectionField> {
    call: Call,
    page_size: usize,
    limit: Option<usize>,
    max_requests: usize,
    allow_partial: bool,
    field: PhantomData<fn() -> F>,
}

impl<F: ConnectionField> ConnectionQuery<F> {
    /// A query of a root connection. Generated code calls this.
    #[doc(hidden)]
    pub fn new(client: &Client) -> Self {
        let call = Call { client: client.clone(), root: F::ROOT, arguments: InputObject::new() };
        Self {
            call,
            page_size: MAX_PAGE_SIZE,
            limit: None,
            max_requests: DEFAULT_MAX_REQUESTS,
            allow_partial: false,
            field: PhantomData,
        }
    }

    fn set(mut self, name: &'static str, value: InputValue) -> Self {
        self.call.arguments.set(name, value);
        self
    }

    /// Sets a required argument. Generated code calls this.
    #[doc(hidden)]
    pub fn argument(self, name: &'static str, value: InputValue) -> Self {
        self.set(name, value)
    }

    /// Sets the optional arguments that only this field has.
    pub fn arguments(mut self, arguments: impl Input) -> Self {
        for (name, value) in arguments.as_object().iter() {
            self = self.set(name, value.clone());
        }
        self
    }

    /// Which records the query starts from. The API's default is `current_account`.
    pub fn view(self, view: F::View) -> Self
    where
        F: Viewed,
    {
        self.set("view", view.into_value())
    }

    /// Which of them are returned.
    pub fn filter(self, filter: F::Filter) -> Self
    where
        F: Filtered,
    {
        self.set("filter", filter.into_value())
    }

    /// In which order: the first term decides, the next ones break ties.
    pub fn order(self, order: impl IntoIterator<Item = F::Order>) -> Self
    where
        F: Ordered,
    {
        let terms = order.into_iter().map(InputType::into_value).collect();
        self.set("order", InputValue::List(terms))
    }

    /// Records per request, 1 to [`MAX_PAGE_SIZE`], which is the default.
    pub fn page_size(mut self, page_size: usize) -> Self {
        self.page_size = page_size;
        self
    }

    /// At most this many records in all. The last page asks for no more than are still wanted.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// At most this many requests, [`DEFAULT_MAX_REQUESTS`] when nothing is said. A query that
    /// needs more ends in an error, not in a list that is shorter than it should be.
    pub fn max_requests(mut self, max_requests: usize) -> Self {
        self.max_requests = max_requests;
        self
    }

    /// Takes records also from pages beside which the server reports errors. The errors are in
    /// [`Page::errors`], or in [`RecordStream::errors`].
    pub fn allow_partial(mut self) -> Self {
        self.allow_partial = true;
        self
    }

    /// Continues after a cursor that an earlier [`Page`] ended with.
    pub fn after(self, cursor: impl Into<String>) -> Self {
        self.set("after", InputValue::Text(Cow::Owned(cursor.into())))
    }

    /// All records, one by one. Pages are fetched as they are needed.
    #[must_use = "a stream does nothing until it is polled"]
    pub fn stream(self) -> RecordStream<F> {
        RecordStream { pages: self.pages(), buffer: Vec::new().into_iter(), errors: Vec::new() }
    }

    /// All pages, one by one.
    #[must_use = "a stream does nothing until it is polled"]
    pub fn pages(self) -> PageStream<F> {
        PageStream { left: self.limit, state: State::Ready(self), cursors: HashSet::new(), requests: 0 }
    }

    /// All records, in memory.
    ///
    /// # Errors
    /// Those of any page. What was fetched before is dropped; use [`stream`](Self::stream) to
    /// keep it.
    pub async fn all(self) -> Result<Vec<F::Node>> {
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
    pub async fn first(self) -> Result<Option<F::Node>> {
        self.limit(1).stream().try_next().await
    }

    /// How many records there are. Costs one request that fetches none of them.
    ///
    /// # Errors
    /// Those of any query.
    pub async fn count(self) -> Result<i64> {
        let count: Count = self.call.send(Shape::Count).await?;
        Ok(count.0)
    }

    async fn fetch(&mut self, left: Option<usize>) -> Result<Page<F::Node>> {
        let wanted = left.map_or(self.page_size, |left| left.min(self.page_size));
        if !(1..=MAX_PAGE_SIZE).contains(&self.page_size) {
            return Err(Error::configuration(format!(
                "a page of `{}` has 1 to {MAX_PAGE_SIZE} records, not {}",
                F::ROOT.name,
                self.page_size
            )));
        }
        let first = i64::try_from(wanted).unwrap_or(i64::MAX);
        self.call.arguments.set("first", InputValue::Int(first));
        let response: Response<Page<F::Node>> = self.call.response(F::ROOT.shape()).await?;
        let mut page = if self.allow_partial {
            let (mut page, errors) = response.data()?;
            page.errors = errors;
            page
        } else {
            response.whole()?.0
        };
        page.nodes.truncate(left.unwrap_or(usize::MAX));
        Ok(page)
    }
}

impl<F: ConnectionField> fmt::Debug for ConnectionQuery<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// All pages of a connection, in order. `try_next` needs no trait in scope.
pub struct PageStream<F: ConnectionField> {
    state: State<F>,
    left: Option<usize>,
    /// Every cursor that was followed: one that comes back means that the pages run in a circle.
    cursors: HashSet<String>,
    requests: usize,
}

type Fetched<F> = (ConnectionQuery<F>, Result<Page<<F as ConnectionField>::Node>>);

enum State<F: ConnectionField> {
    Ready(ConnectionQuery<F>),
    Fetching(BoxFuture<'static, Fetched<F>>),
    Done,
}

impl<F: ConnectionField> PageStream<F> {
    /// The next page, or nothing after the last.
    ///
    /// # Errors
    /// Those of a query; the stream ends with the first one.
    pub async fn try_next(&mut self) -> Result<Option<Page<F::Node>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// What to do after a page: the cursor to go on from, if there is more to fetch.
    fn next_cursor(&mut self, page: &Page<F::Node>) -> Result<Option<String>> {
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(page.nodes.len());
        }
        let wanted = self.left != Some(0) && page.has_next_page;
        let Some(cursor) = page.end_cursor.as_ref().filter(|cursor| wanted && !cursor.is_empty()) else {
            return Ok(None);
        };
        if !self.cursors.insert(cursor.clone()) {
            return Err(Error::new(
                ErrorKind::Pagination,
                format!("`{}` returned the cursor {cursor:?} twice: its pages run in a circle", F::ROOT.name),
            ));
        }
        Ok(Some(cursor.clone()))
    }
}

impl<F: ConnectionField> Stream for PageStream<F> {
    type Item = Result<Page<F::Node>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            match std::mem::replace(&mut this.state, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Ready(_) if this.left == Some(0) => return Poll::Ready(None),
                State::Ready(query) if this.requests >= query.max_requests => {
                    return Poll::Ready(Some(Err(Error::new(
                        ErrorKind::Pagination,
                        format!(
                            "`{}` has more pages than the {} that may be requested: raise `max_requests`",
                            F::ROOT.name,
                            query.max_requests
                        ),
                    ))));
                }
                State::Ready(mut query) => {
                    this.requests += 1;
                    let left = this.left;
                    this.state = State::Fetching(Box::pin(async move {
                        let page = query.fetch(left).await;
                        (query, page)
                    }));
                }
                State::Fetching(mut fetching) => {
                    let Poll::Ready((query, page)) = fetching.as_mut().poll(context) else {
                        this.state = State::Fetching(fetching);
                        return Poll::Pending;
                    };
                    let next = page.and_then(|page| Ok((this.next_cursor(&page)?, page)));
                    return Poll::Ready(Some(next.map(|(cursor, page)| {
                        if let Some(cursor) = cursor {
                            this.state = State::Ready(query.after(cursor));
                        }
                        page
                    })));
                }
            }
        }
    }
}

impl<F: ConnectionField> fmt::Debug for PageStream<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageStream of {}", F::ROOT.name)
    }
}

/// All records of a connection, in order. `try_next` needs no trait in scope.
pub struct RecordStream<F: ConnectionField> {
    pages: PageStream<F>,
    buffer: std::vec::IntoIter<F::Node>,
    errors: Vec<GraphQlError>,
}

impl<F: ConnectionField> RecordStream<F> {
    /// What the server reported so far beside the pages, with
    /// [`allow_partial`](ConnectionQuery::allow_partial); empty otherwise.
    #[must_use]
    pub fn errors(&self) -> &[GraphQlError] {
        &self.errors
    }

    /// The next record, or nothing after the last.
    ///
    /// # Errors
    /// Those of a query; the stream ends with the first one.
    pub async fn try_next(&mut self) -> Result<Option<F::Node>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }
}

impl<F: ConnectionField> Unpin for RecordStream<F> {}

impl<F: ConnectionField> Stream for RecordStream<F> {
    type Item = Result<F::Node>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(record) = self.buffer.next() {
                return Poll::Ready(Some(Ok(record)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => {
                    self.buffer = page.nodes.into_iter();
                    self.errors.extend(page.errors);
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<F: ConnectionField> fmt::Debug for RecordStream<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordStream of {}", F::ROOT.name)
    }
}

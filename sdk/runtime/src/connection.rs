//! Connections: queries of them, and streams over their pages.

use crate::batch::{BatchCall, BatchItem};
use crate::client::Client;
use crate::decode::Field;
use crate::document::{RootField, Shape};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::input::{Input, InputType, InputValue, without_blanks};
use crate::operation::{Call, Prepared};
use crate::page::{Page, read_count};
use crate::response::{Reading, Response};
use crate::select::{Append, MAX_NODES, Select, append, append_field, root};
use crate::session::Answer;
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
pub struct ConnectionQuery<F: ConnectionField, T = <F as ConnectionField>::Node> {
    paging: Paging,
    append: Append<T>,
    field: PhantomData<fn() -> F>,
}

/// What a query of pages asks for, whatever their type.
struct Paging {
    call: Call,
    page_size: Option<usize>,
    limit: Option<usize>,
    max_requests: usize,
    allow_partial: bool,
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
    /// [`MAX_PAGE_SIZE`], unless [`page_size`](Self::page_size) says otherwise.
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

    /// Records per request, 1 to [`MAX_PAGE_SIZE`], which is the default. A selection with nested
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

    /// At most this many requests, [`DEFAULT_MAX_REQUESTS`] when nothing is said. A query that
    /// needs more ends in an error, not in a list that is shorter than it should be.
    pub fn max_requests(mut self, max_requests: usize) -> Self {
        self.paging.max_requests = max_requests;
        self
    }

    /// Takes records also from pages beside which the server reports errors. The errors are in
    /// [`Page::errors`], or in [`RecordStream::errors`].
    pub fn allow_partial(mut self) -> Self {
        self.paging.allow_partial = true;
        self
    }

    /// Continues after a cursor that an earlier [`Page`] ended with.
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

/// The first page. A limit of nothing cannot be asked for.
impl<F: ConnectionField, T: Send + 'static> BatchItem for ConnectionQuery<F, T> {
    type Operation = root::Query;
    type Output = Page<T>;

    fn into_call(self) -> BatchCall<Page<T>> {
        let (append, limit) = (self.append, self.paging.limit);
        let finish = move |part: crate::batch::Part| {
            let mut page = part.read(|decoder| Page::read(decoder, append))?;
            if page.cut(limit) {
                page.end_cursor = None;
            }
            Ok(page)
        };
        BatchCall { prepared: Pager::new(self.paging).first_page(), finish: Box::new(finish) }
    }
}

/// Asks for one page after the other. Knows no type: it hands out answers and is told what was in
/// them, so it is compiled once and not once per record.
struct Pager {
    state: State,
    root: &'static RootField,
    page_size: usize,
    /// The largest page that may be asked for.
    max_page_size: usize,
    left: Option<usize>,
    max_requests: usize,
    allow_partial: bool,
    requests: usize,
    /// Every cursor that was followed: one that comes back means that the pages run in a circle.
    cursors: HashSet<String>,
}

enum State {
    /// The next page can be asked for.
    Ready(Call),
    Fetching(BoxFuture<'static, (Call, Result<Answer>)>),
    /// A page was handed out and nothing has been said about it yet.
    Handed(Call),
    Done,
}

impl Pager {
    fn new(paging: Paging) -> Self {
        let fitting = usize::try_from(MAX_NODES / paging.call.nodes.max(1)).unwrap_or(MAX_PAGE_SIZE);
        let max_page_size = fitting.min(MAX_PAGE_SIZE);
        let after = match paging.call.arguments.get("after") {
            Some(InputValue::Text(cursor)) => Some(cursor.to_string()),
            _ => None,
        };
        Self {
            root: paging.call.root,
            page_size: paging.page_size.unwrap_or(max_page_size),
            max_page_size,
            left: paging.limit,
            max_requests: paging.max_requests,
            allow_partial: paging.allow_partial,
            requests: 0,
            cursors: after.into_iter().collect(),
            state: State::Ready(paging.call),
        }
    }

    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Answer>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Ready(call) if self.left != Some(0) => match self.ask(call) {
                    Ok(fetching) => self.state = State::Fetching(fetching),
                    Err(error) => return Poll::Ready(Some(Err(error))),
                },
                State::Fetching(mut fetching) => {
                    let Poll::Ready((call, answer)) = fetching.as_mut().poll(context) else {
                        self.state = State::Fetching(fetching);
                        return Poll::Pending;
                    };
                    if answer.is_ok() {
                        self.state = State::Handed(call);
                    }
                    return Poll::Ready(Some(answer));
                }
                State::Ready(_) | State::Handed(_) | State::Done => return Poll::Ready(None),
            }
        }
    }

    fn ask(&mut self, call: Call) -> Result<BoxFuture<'static, (Call, Result<Answer>)>> {
        let call = self.with_page(call)?;
        Ok(Box::pin(async move {
            let answer = call.answer(call.root.shape()).await;
            (call, answer)
        }))
    }

    /// The call for the next page.
    fn with_page(&mut self, mut call: Call) -> Result<Call> {
        let Self { page_size, max_page_size, max_requests, .. } = *self;
        if !(1..=max_page_size).contains(&page_size) {
            let reason = if max_page_size < MAX_PAGE_SIZE { " with all that is selected" } else { "" };
            return Err(Error::configuration(format!(
                "a page of `{}` has 1 to {max_page_size} records{reason}, not {page_size}",
                self.root.name
            )));
        }
        if self.requests >= max_requests {
            return Err(Error::new(
                ErrorKind::Pagination,
                format!(
                    "`{}` has more pages than the {max_requests} that may be requested: raise `max_requests`",
                    self.root.name
                ),
            ));
        }
        self.requests += 1;
        let wanted = self.left.map_or(page_size, |left| left.min(page_size));
        call.arguments.set("first", InputValue::Int(i64::try_from(wanted).unwrap_or(i64::MAX)));
        Ok(call)
    }

    /// The call for the first page, alone.
    fn first_page(mut self) -> Result<Prepared> {
        let State::Ready(call) = std::mem::replace(&mut self.state, State::Done) else {
            return Err(Error::configuration("the first page was asked for already"));
        };
        if self.left == Some(0) {
            return Err(Error::configuration(format!(
                "a batch cannot ask for 0 records of `{}`",
                self.root.name
            )));
        }
        let call = self.with_page(call)?;
        let size = self.left.map_or(self.page_size, |left| left.min(self.page_size));
        let nodes = call.nodes.saturating_mul(u64::try_from(size).unwrap_or(u64::MAX));
        Ok(Prepared { shape: call.root.shape(), nodes, call })
    }

    /// Reads a page and returns what the server reported beside it.
    fn read(&self, answer: &Answer, page: Reading<'_>) -> Result<Vec<GraphQlError>> {
        let response = Response::of_root_field(answer, self.root.name, page)?;
        if self.allow_partial { response.beside_data() } else { response.whole().map(|_| Vec::new()) }
    }

    /// Goes on behind a page with this many records, if there is more and more is wanted.
    fn turn(&mut self, records: usize, has_next_page: bool, end_cursor: Option<&str>) -> Result<()> {
        let State::Handed(mut call) = std::mem::replace(&mut self.state, State::Done) else { return Ok(()) };
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(records);
        }
        let wanted = self.left != Some(0) && has_next_page;
        let Some(cursor) = end_cursor.filter(|cursor| wanted && !cursor.is_empty()) else { return Ok(()) };
        if !self.cursors.insert(cursor.to_owned()) {
            return Err(Error::new(
                ErrorKind::Pagination,
                format!(
                    "`{}` returned the cursor {cursor:?} twice: its pages run in a circle",
                    self.root.name
                ),
            ));
        }
        call.arguments.set("after", InputValue::Text(Cow::Owned(cursor.to_owned())));
        self.state = State::Ready(call);
        Ok(())
    }
}

/// All pages of a connection, in order. `try_next` needs no trait in scope.
pub struct PageStream<T> {
    pager: Pager,
    append: Append<T>,
}

impl<T> PageStream<T> {
    /// The next page, or nothing after the last.
    ///
    /// # Errors
    /// Those of a query; the stream ends with the first one.
    pub async fn try_next(&mut self) -> Result<Option<Page<T>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    fn page(&mut self, answer: &Answer) -> Result<Page<T>> {
        let mut page = Page::empty();
        let errors = self.pager.read(answer, &mut |decoder| {
            page = Page::read(decoder, self.append)?;
            Ok(())
        })?;
        page.errors = errors;
        let cut = page.cut(self.pager.left);
        self.pager.turn(page.nodes.len(), page.has_next_page, page.end_cursor.as_deref())?;
        if cut {
            page.end_cursor = None;
        }
        Ok(page)
    }
}

impl<T> Stream for PageStream<T> {
    type Item = Result<Page<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let answer = ready!(self.pager.poll_answer(context));
        Poll::Ready(answer.map(|answer| self.page(&answer?)))
    }
}

impl<T> fmt::Debug for PageStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageStream of {}", self.pager.root.name)
    }
}

/// All records of a connection, in order. `try_next` needs no trait in scope.
pub struct RecordStream<T> {
    pages: PageStream<T>,
    buffer: std::vec::IntoIter<T>,
    errors: Vec<GraphQlError>,
}

impl<T> RecordStream<T> {
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
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }
}

impl<T> Unpin for RecordStream<T> {}

impl<T> Stream for RecordStream<T> {
    type Item = Result<T>;

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

impl<T> fmt::Debug for RecordStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordStream of {}", self.pages.pager.root.name)
    }
}

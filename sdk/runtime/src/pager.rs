//! One page after the other, whatever is in them.

use crate::document::RootField;
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::input::InputValue;
use crate::operation::{Call, Prepared};
use crate::response::{Reading, Response};
use crate::select::MAX_NODES;
use crate::session::Answer;
use crate::transport::BoxFuture;
use std::borrow::Cow;
use std::collections::HashSet;
use std::task::{Context, Poll};

/// The largest page that the API hands out.
pub const MAX_PAGE_SIZE: usize = 100;

/// How many pages a query fetches before it takes the server for broken.
pub const DEFAULT_MAX_REQUESTS: usize = 10_000;

/// What a query of pages asks for, whatever their type.
pub(crate) struct Paging {
    pub(crate) call: Call,
    pub(crate) page_size: Option<usize>,
    pub(crate) limit: Option<usize>,
    pub(crate) max_requests: usize,
    pub(crate) allow_partial: bool,
}

/// Asks for one page after the other. Knows no type: it hands out answers and is told what was in
/// them, so it is compiled once and not once per record.
pub(crate) struct Pager {
    state: State,
    pub(crate) root: &'static RootField,
    page_size: usize,
    /// The largest page that may be asked for.
    max_page_size: usize,
    pub(crate) left: Option<usize>,
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
    pub(crate) fn new(mut paging: Paging) -> Self {
        paging.call.partial = paging.allow_partial;
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

    pub(crate) fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Answer>>> {
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

    /// How many records the next page is asked for.
    fn wanted(&self) -> usize {
        self.left.map_or(self.page_size, |left| left.min(self.page_size))
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
        let wanted = self.wanted();
        call.arguments.set("first", InputValue::Int(i64::try_from(wanted).unwrap_or(i64::MAX)));
        Ok(call)
    }

    /// The call for the first page, alone.
    pub(crate) fn first_page(mut self) -> Result<Prepared> {
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
        let nodes = call.nodes.saturating_mul(u64::try_from(self.wanted()).unwrap_or(u64::MAX));
        Ok(Prepared { shape: call.root.shape(), nodes, call })
    }

    /// Reads a page and returns what the server reported beside it.
    pub(crate) fn read(&self, answer: &Answer, page: Reading<'_>) -> Result<Vec<GraphQlError>> {
        let response = Response::of_root_field(answer, self.root.name, page)?;
        if self.allow_partial { response.beside_data() } else { response.whole().map(|_| Vec::new()) }
    }

    /// Goes on behind a page with this many records, if there is more and more is wanted.
    pub(crate) fn turn(
        &mut self,
        records: usize,
        has_next_page: bool,
        end_cursor: Option<&str>,
    ) -> Result<()> {
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

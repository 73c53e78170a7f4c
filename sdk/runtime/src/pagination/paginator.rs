//! One page after the other, whatever is in them.

use super::page_request::Fetch;
use super::position::{Place, Position, fingerprint};
use super::prefetch::{Ahead, next_cursor, setting_out};
use super::seen_cursors::Followed;
use crate::decode::{DecodeError, Decoder};
use crate::document::RootField;
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::input::InputValue;
use crate::operation::{Call, Prepared, found};
use crate::quote::BRIEF;
use crate::response::GraphQlResponse;
use crate::response::http::HttpResponse;
use crate::secrets::Secrets;
use crate::select::{MAX_NODES, PageInfo};
use crate::transport::BoxFuture;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::task::{Context, Poll, ready};
use tokio::runtime::Handle;
use tracing::warn;

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
    pub(crate) prefetch: bool,
    pub(crate) resume: Option<Position>,
}

/// Asks for one page after the other. Knows no type: it hands out answers to be read and is told
/// what was in them, so it is compiled once and not once per record.
pub(crate) struct Pager {
    state: State,
    call: Call,
    page_size: usize,
    /// The largest page that may be asked for.
    max_page_size: usize,
    left: Option<usize>,
    max_requests: usize,
    allow_partial: bool,
    prefetch: bool,
    requests: usize,
    /// Whether the request for the page ahead has just been made, and has to set out.
    sets_out: bool,
    /// Which query this is, for positions.
    fingerprint: u64,
    /// How many records were handed out, by earlier runs too.
    taken: usize,
    /// Where the last page that was handed out begins, and how many of its records come before its
    /// end.
    begun: Place,
    end: usize,
    /// Where the next page begins, and how many of its records were taken by an earlier run.
    next: Place,
    cursors: Followed,
}

enum State {
    /// The next page can be asked for.
    Ready,
    Fetching(Fetch),
    /// A page is there. The request for the one behind it sets out, then it is read.
    Unread(Box<(HttpResponse, Ahead)>),
    /// The next page cannot be asked for.
    Failed(Error),
    /// A page is being read. Found by a call only when reading it has panicked.
    Reading,
    Done,
}

/// A page that is there, and the request for the one behind it, if that is under way.
type Unread = (HttpResponse, Option<Ahead>);

/// How many records a page has, null ones not counted, and where it ends.
pub(crate) type End = (usize, PageInfo);

/// A page that was read.
pub(crate) struct Turned {
    /// Which of its records are wanted.
    pub(crate) kept: Range<usize>,
    pub(crate) page_info: PageInfo,
    /// What the server reported beside it.
    pub(crate) errors: Vec<GraphQlError>,
}

/// Reads a page where it stands.
pub(crate) type ReadPage<'a> = &'a mut dyn FnMut(&mut Decoder<'_>) -> std::result::Result<End, DecodeError>;

impl Pager {
    pub(crate) fn new(mut paging: Paging) -> Self {
        paging.call.partial = paging.allow_partial;
        let fitting = usize::try_from(MAX_NODES / paging.call.nodes.max(1)).unwrap_or(MAX_PAGE_SIZE);
        let max_page_size = fitting.min(MAX_PAGE_SIZE);
        let root = paging.call.root;
        let fingerprint = fingerprint(&paging.call);
        let (mut state, mut taken) = (State::Ready, 0);
        let next = match paging.resume {
            Some(position) => {
                if let Err(error) = position.check(root.name, fingerprint) {
                    state = State::Failed(error);
                }
                taken = position.taken();
                position.place
            }
            None => {
                let cursor = match paging.call.arguments.get("after") {
                    Some(InputValue::Text(cursor)) => Some(cursor.to_string()),
                    _ => None,
                };
                Place { cursor, skip: 0 }
            }
        };
        let mut cursors = Followed::default();
        if let Some(cursor) = &next.cursor {
            cursors.insert(cursor);
        }
        Self {
            state,
            page_size: paging.page_size.unwrap_or(max_page_size),
            max_page_size,
            left: paging.limit.map(|limit| limit.saturating_sub(taken)),
            max_requests: paging.max_requests,
            allow_partial: paging.allow_partial,
            prefetch: paging.prefetch,
            requests: 0,
            sets_out: false,
            fingerprint,
            taken,
            begun: next.clone(),
            end: next.skip,
            cursors,
            next,
            call: paging.call,
        }
    }

    pub(crate) fn root(&self) -> &'static RootField {
        self.call.root
    }

    /// Where the consumer stands that has not taken the last records of the page that was handed out.
    pub(crate) fn position(&self, not_taken: usize) -> Position {
        let place = match not_taken {
            0 => self.next.clone(),
            _ => Place { cursor: self.begun.cursor.clone(), skip: self.end - not_taken },
        };
        Position::new(self.call.root.name, self.fingerprint, self.taken.saturating_sub(not_taken), place)
    }

    /// The next page, which `read` reads. When it is handed out, the one after it was asked for.
    pub(crate) fn poll_page(
        &mut self,
        context: &mut Context<'_>,
        read: ReadPage<'_>,
    ) -> Poll<Option<Result<Turned>>> {
        loop {
            let Some(answer) = ready!(self.poll_answer(context)) else { return Poll::Ready(None) };
            // The body is gone before the next one comes.
            let (turned, ahead) = match answer {
                Ok((answer, ahead)) => (self.read(&answer, read), ahead),
                Err(error) => (Err(error), None),
            };
            match &turned {
                Ok(_) => self.fetch_ahead(ahead),
                Err(error) if self.shrink(error) => continue,
                Err(_) => self.state = State::Done,
            }
            return Poll::Ready(Some(turned));
        }
    }

    /// Makes pages smaller when the error says that the last one was too large, and says so. They
    /// stay so: the next page has the same selection, and would be refused as well.
    pub(crate) fn shrink(&mut self, error: &Error) -> bool {
        let asked = self.wanted();
        let Some(smaller) = super::shrink::smaller(asked, error) else { return false };
        self.page_size = smaller.page_size;
        self.state = State::Ready;
        warn!(
            operation = self.call.root.name,
            page_size = asked,
            next_page_size = smaller.page_size,
            status = error.status(),
            request_id = error.request_id(),
            "a page is {}: all further ones will be smaller",
            smaller.because
        );
        true
    }

    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Unread>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Reading) {
                State::Ready if self.left != Some(0) => {
                    self.state = match self.next_page() {
                        Ok(page) => State::Fetching(Fetch::polled(page)),
                        Err(error) => State::Failed(error),
                    };
                }
                State::Fetching(mut fetch) => match fetch.poll(context) {
                    Poll::Pending => {
                        self.state = State::Fetching(fetch);
                        return Poll::Pending;
                    }
                    Poll::Ready(Some(Ok(answer))) => match self.ahead_of(&answer) {
                        Some(ahead) => self.state = State::Unread(Box::new((answer, ahead))),
                        None => return Poll::Ready(Some(Ok((answer, None)))),
                    },
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(None) => {
                        self.requests -= 1;
                        self.state = State::Ready;
                    }
                },
                State::Unread(mut unread) => {
                    if unread.1.poll_setting_out(context).is_pending() {
                        self.state = State::Unread(unread);
                        return Poll::Pending;
                    }
                    let (answer, ahead) = *unread;
                    return Poll::Ready(Some(Ok((answer, Some(ahead)))));
                }
                State::Failed(error) => return Poll::Ready(Some(Err(error))),
                State::Reading => {
                    let message =
                        format!("a page of `{}` is lost: reading it has panicked", self.call.root.name);
                    return Poll::Ready(Some(Err(Error::new(ErrorKind::Pagination, message))));
                }
                State::Ready | State::Done => {
                    self.state = State::Done;
                    return Poll::Ready(None);
                }
            }
        }
    }

    /// Asks for the page behind an answer that is still to be read, where nothing that is in it can
    /// change what is asked.
    fn ahead_of(&mut self, answer: &HttpResponse) -> Option<Ahead> {
        let asked = self.wanted();
        let is_whole = self.left.is_none_or(|left| left.saturating_sub(asked) >= self.page_size);
        if !self.prefetch || !is_whole || self.requests >= self.max_requests {
            return None;
        }
        let runtime = Handle::try_current().ok()?;
        let cursor = next_cursor(answer, self.call.root.name)?;
        if self.cursors.contains(&cursor) {
            return None;
        }
        let page = self.page(Some(cursor.clone()), self.page_size).ok()?;
        Some(Ahead::new(Fetch::spawned(page, &runtime), cursor))
    }

    /// Asks for the next page while the one before it is consumed, where there is a runtime to do so.
    /// What goes wrong is told when it is the next page's turn.
    fn fetch_ahead(&mut self, ahead: Option<Ahead>) {
        self.sets_out = false;
        if !self.prefetch || !matches!(self.state, State::Ready) {
            return;
        }
        if let Some(ahead) = ahead.filter(|ahead| self.next.cursor.as_ref() == Some(&ahead.cursor)) {
            self.state = State::Fetching(ahead.fetch);
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        self.state = match self.next_page() {
            Ok(page) => {
                self.sets_out = true;
                State::Fetching(Fetch::spawned(page, &runtime))
            }
            Err(error) => State::Failed(error),
        };
    }

    /// Lets the request for the page ahead set out, if it has not yet.
    pub(crate) fn setting_out(&mut self) -> Option<BoxFuture<'static, ()>> {
        std::mem::take(&mut self.sets_out).then(setting_out)
    }

    /// How many records the next page is asked for.
    fn wanted(&self) -> usize {
        self.left.map_or(self.page_size, |left| left.saturating_add(self.next.skip).min(self.page_size))
    }

    /// The call for the next page.
    fn next_page(&mut self) -> Result<Prepared> {
        let (cursor, wanted) = (self.next.cursor.clone(), self.wanted());
        self.page(cursor, wanted)
    }

    /// The call for so many records behind a cursor.
    fn page(&mut self, cursor: Option<String>, wanted: usize) -> Result<Prepared> {
        let Self { page_size, max_page_size, max_requests, .. } = *self;
        let root = self.call.root;
        if !(1..=max_page_size).contains(&page_size) {
            let reason = if max_page_size < MAX_PAGE_SIZE { " with all that is selected" } else { "" };
            return Err(Error::configuration(format!(
                "a page of `{}` has 1 to {max_page_size} records{reason}, not {page_size}",
                root.name
            )));
        }
        if self.requests >= max_requests {
            return Err(Error::new(
                ErrorKind::Pagination,
                format!(
                    "`{}` has more pages than the {max_requests} that may be requested: raise `max_requests`",
                    root.name
                ),
            ));
        }
        self.requests += 1;
        self.call.arguments.set("first", InputValue::Int(i64::try_from(wanted).unwrap_or(i64::MAX)));
        match cursor {
            Some(cursor) => self.call.arguments.set("after", InputValue::Text(Cow::Owned(cursor))),
            None => self.call.arguments.retain(|name, _| name != "after"),
        }
        let nodes = self.call.nodes.saturating_mul(u64::try_from(wanted).unwrap_or(u64::MAX));
        Ok(Prepared { shape: root.shape(), nodes, call: self.call.clone() })
    }

    /// The call for the next page, if there is one. What becomes of it is told with
    /// [`turn`](Self::turn), [`ask_again`](Self::ask_again) or [`shrink`](Self::shrink).
    pub(crate) fn ask(&mut self) -> Result<Option<Prepared>> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Failed(error) => Err(error),
            State::Ready if self.left != Some(0) => self.next_page().map(Some),
            _ => Ok(None),
        }
    }

    /// The call for the first page, alone.
    pub(crate) fn first_page(&mut self) -> Result<Prepared> {
        self.ask()?.ok_or_else(|| {
            Error::configuration(format!("a batch cannot ask for 0 records of `{}`", self.call.root.name))
        })
    }

    /// The page is still to come.
    pub(crate) fn ask_again(&mut self) {
        self.state = State::Ready;
    }

    fn read(&mut self, answer: &HttpResponse, read: ReadPage<'_>) -> Result<Turned> {
        let (mut end, mut open) = (None, None);
        let root = self.call.root.name;
        let response = GraphQlResponse::read_root(answer, root, &mut |decoder| {
            let mut begin = decoder.fork();
            let page = read(decoder)?;
            if page.1.lacks_cursor() {
                open = begin.raw().ok().map(str::to_owned);
            }
            end = Some(page);
            Ok(())
        })?;
        let errors = if self.allow_partial {
            response.errors_beside_data()?
        } else {
            response.into_request_id().map(|_| Vec::new())?
        };
        let turned = self.turn(found(end, root)?, &answer.secrets)?;
        self.keep_page(open.as_deref(), answer.request_id.as_deref());
        Ok(Turned { errors, ..turned })
    }

    /// Which records of the next page are wanted. The cursor behind others goes with them.
    pub(crate) fn keep(&self, (records, mut page_info): End) -> Turned {
        let start = self.next.skip.min(records);
        let end = self.left.map_or(records, |left| left.saturating_add(start).min(records));
        if end < records {
            page_info = PageInfo { has_next_page: true, end_cursor: None };
        }
        Turned { kept: start..end, page_info, errors: Vec::new() }
    }

    /// Puts the last page, as JSON, to the error that comes in place of the next one.
    pub(crate) fn keep_page(&mut self, page: Option<&str>, request_id: Option<&str>) {
        if let (State::Failed(error), Some(page)) = (&mut self.state, page) {
            let data = RawValue::from_string(format!("{{\"{}\":{page}}}", self.call.root.name)).ok();
            *error = error.duplicate().with_request_id(request_id).with_data(data);
        }
    }

    /// Goes on behind the next page, if there is more and more is wanted. Where the server names no place
    /// to go on from, this page is handed out and an error comes in place of the next one.
    pub(crate) fn turn(&mut self, page: End, secrets: &Secrets) -> Result<Turned> {
        let turned = self.keep(page);
        let Turned { kept, page_info, .. } = &turned;
        let left = self.left.map(|left| left - kept.len());
        let cursor = page_info.end_cursor.as_ref().filter(|cursor| !cursor.is_empty());
        self.state = State::Done;
        if page_info.lacks_cursor() && left != Some(0) {
            let root = self.call.root.name;
            let message = format!("`{root}` has more pages, and the server names no cursor to go on from");
            self.state = State::Failed(Error::new(ErrorKind::Pagination, message));
        }
        if let Some(cursor) = cursor.filter(|_| page_info.has_next_page && left != Some(0)) {
            if !self.cursors.insert(cursor) {
                let (root, cursor) = (self.call.root.name, secrets.quote(cursor, BRIEF));
                let message =
                    format!("`{root}` returned the cursor \"{cursor}\" twice: its pages run in a circle");
                return Err(Error::new(ErrorKind::Pagination, message));
            }
            self.state = State::Ready;
        }
        let next = match cursor {
            Some(cursor) => {
                let skip = if page_info.has_next_page { self.next.skip - kept.start } else { 0 };
                Place { cursor: Some(cursor.clone()), skip }
            }
            None => Place { cursor: self.next.cursor.clone(), skip: kept.end },
        };
        (self.left, self.taken, self.end) = (left, self.taken.saturating_add(kept.len()), kept.end);
        self.begun = std::mem::replace(&mut self.next, next);
        Ok(turned)
    }
}

impl fmt::Debug for Pager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

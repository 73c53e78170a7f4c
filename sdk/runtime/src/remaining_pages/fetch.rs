//! Fetches the further pages.

use super::Caller;
use super::assemble::Text;
use super::scan::{Found, Gap, Scan};
use crate::decode::{DecodeError, DecodeErrorKind, PathSegment};
use crate::document::{OperationType, alias, body, further_pages};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::pagination::MAX_PAGE_SIZE;
use crate::quote::{BRIEF, MESSAGE};
use crate::response::GraphQlResponse;
use crate::response::http::HttpResponse;
use crate::scalar::Id;
use crate::secrets::Secrets;
use crate::select::MAX_NODES;
use crate::send;
use crate::transport::BoxFuture;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::future::poll_fn;
use std::ops::Range;
use std::task::Poll;
use tokio::time::timeout_at;

/// How many parents go on in one request.
const PARENTS: usize = 10;

/// How many requests are under way at once.
const UNDER_WAY: usize = 4;

/// Why a gap could not be filled.
struct Failure {
    gap: usize,
    error: Error,
}

/// Everything that is known while an answer is completed.
pub(super) struct Filling<'c, 'p> {
    caller: Caller<'c>,
    /// Name of the operation that fetches further pages.
    name: String,
    /// The answer, and those of the requests for further pages.
    pub(super) texts: Vec<Text>,
    pub(super) gaps: Vec<Gap<'p>>,
    /// The gaps whose next page can be asked for. None is here, or under way, twice.
    queue: VecDeque<usize>,
    /// The first gap of each record, field and cursor.
    begun: HashMap<(usize, Option<Id>, Option<String>), usize>,
    requests: usize,
    /// What the server reported meanwhile, and in the answer to which request.
    errors: Vec<GraphQlError>,
    request_id: Option<String>,
    secrets: Secrets,
}

/// A request for a page of each of these gaps.
type Asking = BoxFuture<'static, (Vec<usize>, Result<HttpResponse>)>;

/// A text, what the server reported while it was completed, and in the answer to which request.
pub(super) type Filled = (Vec<u8>, Vec<GraphQlError>, Option<String>);

impl<'c, 'p> Filling<'c, 'p> {
    pub(super) fn new(caller: Caller<'c>, text: Text, gaps: Vec<Gap<'p>>, secrets: Secrets) -> Self {
        Self {
            name: format!("{}_rest", caller.operation),
            caller,
            texts: vec![text],
            gaps,
            queue: VecDeque::new(),
            begun: HashMap::new(),
            requests: 0,
            errors: Vec::new(),
            request_id: None,
            secrets,
        }
    }

    /// Fetches what is missing. `data` is the part of the text that an error keeps.
    pub(super) async fn filled(mut self, data: Range<usize>) -> Result<Filled> {
        match self.run().await {
            Ok(()) => Ok((self.assembled(0..self.texts[0].len()), self.errors, self.request_id)),
            Err(failure) => Err(self.failed(failure, data)),
        }
    }

    async fn run(&mut self) -> Result<(), Failure> {
        let Some(deadline) = self.caller.deadline else { return self.go_on().await };
        match timeout_at(deadline, self.go_on()).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let limit = self.caller.client.retry.time_limit.unwrap_or_default();
                let message = format!("no answer within the time limit of {limit:?}");
                let gap = self.gaps.iter().position(|gap| gap.next().is_some()).unwrap_or_default();
                Err(Failure { gap, error: Error::new(ErrorKind::Timeout, message) })
            }
        }
    }

    async fn go_on(&mut self) -> Result<(), Failure> {
        self.queue_new(0)?;
        let mut under_way: Vec<Asking> = Vec::new();
        loop {
            while under_way.len() < UNDER_WAY && !self.queue.is_empty() {
                under_way.push(self.ask()?);
            }
            if under_way.is_empty() {
                return Ok(());
            }
            let (asked, answer) = first_of(&mut under_way).await;
            let answer = answer.map_err(|error| Failure { gap: asked[0], error })?;
            self.read(&asked, answer)?;
        }
    }

    /// Queues the gaps from this one on.
    fn queue_new(&mut self, first: usize) -> Result<(), Failure> {
        for index in first..self.gaps.len() {
            let gap = &mut self.gaps[index];
            let next =
                (std::ptr::from_ref(gap.pages).addr(), gap.parent.clone(), gap.page_info.end_cursor.clone());
            match self.begun.entry(next) {
                Entry::Occupied(twin) => gap.twin = Some(*twin.get()),
                Entry::Vacant(place) => {
                    place.insert(index);
                    self.queue_next(index)?;
                }
            }
        }
        Ok(())
    }

    /// Queues a gap, if it has a next page.
    fn queue_next(&mut self, gap: usize) -> Result<(), Failure> {
        let Some(cursor) = self.gaps[gap].next().map(str::to_owned) else {
            if !self.gaps[gap].page_info.lacks_cursor() {
                return Ok(());
            }
            let message = "the server has more, and names no cursor to go on from";
            return Err(Failure { gap, error: Error::new(ErrorKind::Pagination, message) });
        };
        if !self.gaps[gap].cursors.insert(&cursor) {
            let cursor = self.secrets.quote(cursor, BRIEF);
            let message = format!("the cursor \"{cursor}\" came twice: its pages run in a circle");
            return Err(Failure { gap, error: Error::new(ErrorKind::Pagination, message) });
        }
        if self.gaps[gap].parent.is_none() {
            let message = "the object that has it has no id";
            return Err(Failure { gap, error: Error::new(ErrorKind::Decode, message) });
        }
        self.queue.push_back(gap);
        Ok(())
    }

    /// Asks for a page of each of the next gaps.
    fn ask(&mut self) -> Result<Asking, Failure> {
        let (asked, sizes) = self.next_gaps();
        let most = self.caller.client.session.settings.max_nested_requests;
        if self.requests >= most {
            let message = format!(
                "it needs more than the {most} requests that may complete an answer: raise \
                 `max_nested_requests` of the client"
            );
            return Err(Failure { gap: asked[0], error: Error::new(ErrorKind::Pagination, message) });
        }
        self.requests += 1;
        let mut variables = Map::new();
        for (index, gap) in asked.iter().enumerate() {
            let (alias, gap) = (alias(index), &self.gaps[*gap]);
            let value = |text: Option<&str>| Value::from(text);
            variables.insert(format!("{alias}_id"), value(gap.parent.as_ref().map(Id::as_str)));
            variables.insert(format!("{alias}_after"), value(gap.next()));
        }
        let parents = asked.iter().zip(sizes).map(|(gap, size)| (self.gaps[*gap].pages, size));
        let document = further_pages(&self.name, parents);
        let body = body(&self.name, &document, &variables).map_err(|error| Failure {
            gap: asked[0],
            error: Error::configuration("its next page cannot be asked for").with_source(error),
        })?;
        let (client, name) = (self.caller.client.clone(), self.name.clone());
        Ok(Box::pin(async move {
            let answer = send::graphql(&client, &name, OperationType::Query, body).await;
            (asked, answer)
        }))
    }

    /// As many gaps as fit into one request, at least one, with the sizes of their pages.
    fn next_gaps(&mut self) -> (Vec<usize>, Vec<u64>) {
        let (mut asked, mut sizes, mut nodes) = (Vec::new(), Vec::new(), 0_u64);
        while let Some(gap) = self.queue.front().copied().filter(|_| asked.len() < PARENTS) {
            let each = self.gaps[gap].pages.nodes.max(1);
            let size = (MAX_NODES.saturating_sub(1) / each).clamp(1, MAX_PAGE_SIZE as u64);
            nodes = nodes.saturating_add(size.saturating_mul(each)).saturating_add(1);
            if nodes > MAX_NODES && !asked.is_empty() {
                break;
            }
            self.queue.pop_front();
            asked.push(gap);
            sizes.push(size);
        }
        (asked, sizes)
    }

    /// Takes the pages out of an answer.
    fn read(&mut self, asked: &[usize], answer: HttpResponse) -> Result<(), Failure> {
        let before = self.gaps.len();
        let mut found: Vec<Option<Found>> = asked.iter().map(|_| None).collect();
        let mut scan = Scan::new(&mut self.gaps, Vec::new());
        let response = GraphQlResponse::read(&answer, &self.name, &mut |decoder| {
            decoder.entries("the data", &mut |decoder, key| {
                let Some(index) = (0..asked.len()).find(|index| alias(*index) == key) else {
                    return decoder.skip();
                };
                match found[index].replace(scan.further(decoder, asked[index])?) {
                    None => Ok(()),
                    Some(_) => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
                }
            })
        });
        let edits = scan.edits;
        let failed = |error| Failure { gap: asked[0], error };
        let response = response.map_err(failed)?;
        let whole = response.has_data();
        let (mut errors, request_id) = response.into_errors().map_err(failed)?;
        if !errors.is_empty() {
            if !self.caller.partial {
                let placed = asked.iter().enumerate();
                let placed = placed.filter(|(index, gap)| self.place(&mut errors, &alias(*index), **gap));
                let gap = placed.map(|(_, gap)| *gap).reduce(|first, _| first).unwrap_or(asked[0]);
                let error = Error::graphql(ErrorKind::GraphQl, &self.name, errors).detect_rate_limit();
                return Err(Failure { gap, error: error.with_request_id(request_id.as_deref()) });
            }
            self.request_id.clone_from(&request_id);
        }
        if !whole {
            // Beside errors, what can be read of it only in part counts for nothing.
            self.gaps.truncate(before);
            self.errors.append(&mut errors);
            return Ok(());
        }
        // Errors that say nothing of where they belong may be why a page is missing.
        let general = errors.iter().any(|error| error.path.is_empty());
        let text = self.texts.len();
        self.texts.push(Text::new(answer.body, edits));
        for ((index, gap), found) in asked.iter().enumerate().zip(found) {
            let reported = self.place(&mut errors, &alias(index), *gap);
            let message = match found {
                Some(Found::Page(page_info, nodes, content)) => {
                    self.gaps[*gap].further.push((text, content));
                    self.gaps[*gap].page_info = page_info;
                    self.gaps[*gap].nodes += nodes;
                    self.queue_next(*gap)?;
                    continue;
                }
                _ if reported || general => continue,
                Some(Found::Other(typename)) => {
                    format!("its id is that of a {} now", answer.secrets.quote(typename, BRIEF))
                }
                Some(Found::NoPage) => "its next page is null".to_owned(),
                Some(Found::Nothing) | None => "no record has its id any more".to_owned(),
            };
            let error = Error::new(ErrorKind::WrongType, message).with_request_id(request_id.as_deref());
            return Err(Failure { gap: *gap, error });
        }
        self.errors.append(&mut errors);
        self.queue_new(before)
    }

    /// Moves errors of a page to where the page belongs. Returns whether there is such an error.
    fn place(&self, errors: &mut [GraphQlError], alias: &str, gap: usize) -> bool {
        let Gap { path, nodes, .. } = &self.gaps[gap];
        let mut any = false;
        for error in errors.iter_mut().filter(|error| error.path.first().is_some_and(|key| key == alias)) {
            any = true;
            let mut placed: Vec<String> = path.iter().map(PathSegment::to_string).collect();
            let mut rest = error.path.drain(..).skip(2);
            placed.extend(rest.next());
            if let Some(index) = rest.next() {
                placed.push(index.parse().map_or(index, |index: usize| (index + nodes).to_string()));
            }
            placed.extend(rest);
            error.path = placed;
        }
        any
    }

    /// The error of the call, with what has come so far.
    fn failed(&self, Failure { gap, error }: Failure, data: Range<usize>) -> Error {
        let Caller { operation, kind, .. } = self.caller;
        let mut whole = match kind {
            OperationType::Query => "not all of `".to_owned(),
            OperationType::Mutation => format!("`{operation}` was executed, but not all of `"),
        };
        if let Some(Gap { path, pages, parent, .. }) = self.gaps.get(gap) {
            for (index, segment) in path.iter().enumerate() {
                // Writing to a text does not fail.
                let _ = match segment {
                    PathSegment::Index(index) => write!(whole, "[{index}]"),
                    key if index == 0 => write!(whole, "{key}"),
                    key => write!(whole, ".{key}"),
                };
            }
            let parent = parent.as_ref().map_or("without an id", Id::as_str);
            let _ = write!(whole, "` ({} {parent}) could be fetched", pages.on);
        }
        let so_far = String::from_utf8(self.assembled(data)).ok();
        let so_far = so_far.and_then(|text| RawValue::from_string(text).ok());
        error.incomplete(&self.secrets.quote(whole, MESSAGE)).with_data(so_far)
    }
}

/// Waits for the first of several futures.
async fn first_of<T>(under_way: &mut Vec<BoxFuture<'static, T>>) -> T {
    poll_fn(|context| {
        for index in 0..under_way.len() {
            if let Poll::Ready(done) = under_way[index].as_mut().poll(context) {
                drop(under_way.swap_remove(index));
                return Poll::Ready(done);
            }
        }
        Poll::Pending
    })
    .await
}

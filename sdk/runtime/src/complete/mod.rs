//! Nested connections of which all is wanted (`#[select(all)]`): what they have behind their first
//! pages is fetched, for each parent by itself, and put into the answer, which is then read as if the
//! server had sent all of it at once.
//!
//! Works on text and knows no type, so that it is compiled once.

mod assemble;
mod plan;
mod scan;

pub(crate) use plan::Plan;

use crate::client::Client;
use crate::decode::{DecodeError, DecodeErrorKind, Decoder, PathSegment};
use crate::document::{OperationType, alias, body, further_pages};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::pager::MAX_PAGE_SIZE;
use crate::response::Response;
use crate::select::MAX_NODES;
use crate::session::{Answer, Secrets};
use crate::transport::BoxFuture;
use assemble::Text;
use scan::{Found, Gap, Scan};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::future::poll_fn;
use std::ops::Range;
use std::task::Poll;
use tokio::time::{Instant, timeout_at};

/// How many parents go on in one request.
const PARENTS: usize = 10;

/// How many requests are under way at once.
const UNDER_WAY: usize = 4;

/// How many requests complete one answer before the server is taken for broken.
pub(crate) const MAX_REQUESTS: usize = 1_000;

/// The call whose answer is completed.
pub(crate) struct Caller<'c> {
    client: &'c Client,
    operation: &'c str,
    kind: OperationType,
    /// Whether errors beside data end the call.
    partial: bool,
    /// When the call has to be over.
    deadline: Option<Instant>,
}

impl Client {
    /// Sends a request, and completes its answer where `plan` says so.
    pub(crate) async fn send_all(
        &self,
        operation: &str,
        kind: OperationType,
        body: Vec<u8>,
        plan: &Plan,
        partial: bool,
    ) -> Result<Answer> {
        let begun = Instant::now();
        let answer = self.send(operation, kind, body).await?;
        // Nearly all: this must cost nothing.
        if plan.is_empty() {
            return Ok(answer);
        }
        let caller = Caller::new(self, operation, kind, begun, partial);
        Box::pin(caller.complete(answer, plan)).await
    }
}

impl<'c> Caller<'c> {
    /// A call that began at this time.
    pub(crate) fn new(
        client: &'c Client,
        operation: &'c str,
        kind: OperationType,
        begun: Instant,
        partial: bool,
    ) -> Self {
        let deadline = client.retry.time_limit.and_then(|limit| begun.checked_add(limit));
        Self { client, operation, kind, partial, deadline }
    }

    async fn complete(self, answer: Answer, plan: &Plan) -> Result<Answer> {
        let mut gaps = Vec::new();
        let mut scan = Scan::new(&mut gaps, Vec::new());
        let mut data = None;
        let response = Response::read(&answer, self.operation, &mut |decoder| {
            let ((), place) = decoder.placed(|decoder| scan.value(decoder, plan))?;
            data = Some(place);
            Ok(())
        })?;
        let edits = scan.edits;
        let (errors, _) = response.apart()?;
        // What the server reported comes first; data that cannot be read is the reader's to report.
        let Some(data) = data.filter(|_| self.partial || errors.is_empty()) else { return Ok(answer) };
        let Answer { body, request_id, secrets, .. } = answer;
        let filling = Filling::new(self, Text::new(body, edits), gaps, secrets.clone());
        let (body, errors, later) = filling.filled(data).await?;
        Ok(Answer { body, errors, request_id: later.or(request_id), secrets })
    }

    /// Completes one value, the value of the root field that the call is named after.
    pub(crate) async fn complete_value(self, json: String, plan: &Plan, secrets: Secrets) -> Result<String> {
        let mut gaps = Vec::new();
        let root = PathSegment::Key(self.operation.to_owned());
        let mut scan = Scan::new(&mut gaps, vec![root]);
        scan.value(&mut Decoder::new(json.as_bytes()), plan)
            .map_err(|error| Error::decode(self.operation, error.at_plain_key(self.operation)))?;
        let edits = scan.edits;
        let whole = 0..json.len();
        let filling = Filling::new(self, Text::new(json.into_bytes(), edits), gaps, secrets);
        let (text, ..) = filling.filled(whole).await?;
        // The pieces of texts are texts, since they are cut at brackets.
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// Why a gap could not be filled.
struct Failure {
    gap: usize,
    error: Error,
}

/// Everything that is known while an answer is completed.
struct Filling<'c, 'p> {
    caller: Caller<'c>,
    /// Name of the operation that fetches further pages.
    name: String,
    /// The answer, and those of the requests for further pages.
    texts: Vec<Text>,
    gaps: Vec<Gap<'p>>,
    /// The gaps whose next page can be asked for. None is here, or under way, twice.
    queue: VecDeque<usize>,
    requests: usize,
    /// What the server reported meanwhile, and in the answer to which request.
    errors: Vec<GraphQlError>,
    request_id: Option<String>,
    secrets: Secrets,
}

/// A request for a page of each of these gaps.
type Asking = BoxFuture<'static, (Vec<usize>, Result<Answer>)>;

/// A text, what the server reported while it was completed, and in the answer to which request.
type Filled = (Vec<u8>, Vec<GraphQlError>, Option<String>);

impl<'c, 'p> Filling<'c, 'p> {
    fn new(caller: Caller<'c>, text: Text, gaps: Vec<Gap<'p>>, secrets: Secrets) -> Self {
        Self {
            name: format!("{}_rest", caller.operation),
            caller,
            texts: vec![text],
            gaps,
            queue: VecDeque::new(),
            requests: 0,
            errors: Vec::new(),
            request_id: None,
            secrets,
        }
    }

    /// Fetches what is missing. `data` is the part of the text that an error keeps.
    async fn filled(mut self, data: Range<usize>) -> Result<Filled> {
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
                Err(Failure { gap, error: Error::new(ErrorKind::Transport, message) })
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
        for gap in first..self.gaps.len() {
            self.queue_next(gap)?;
        }
        Ok(())
    }

    /// Queues a gap, if it has a next page.
    fn queue_next(&mut self, gap: usize) -> Result<(), Failure> {
        let Some(cursor) = self.gaps[gap].next().map(str::to_owned) else { return Ok(()) };
        if !self.gaps[gap].cursors.insert(cursor.clone()) {
            let cursor = self.secrets.blot_out(&cursor);
            let message = format!("the cursor {cursor:?} came twice: its pages run in a circle");
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
        if self.requests >= MAX_REQUESTS {
            let message =
                format!("the answer needs more than the {MAX_REQUESTS} requests that may complete it");
            return Err(Failure { gap: asked[0], error: Error::new(ErrorKind::Pagination, message) });
        }
        self.requests += 1;
        let mut variables = Map::new();
        for (index, gap) in asked.iter().enumerate() {
            let (alias, gap) = (alias(index), &self.gaps[*gap]);
            let value = |text: Option<&str>| Value::from(text);
            variables.insert(format!("{alias}_id"), value(gap.parent.as_deref()));
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
            let answer = client.send(&name, OperationType::Query, body).await;
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
    fn read(&mut self, asked: &[usize], answer: Answer) -> Result<(), Failure> {
        let before = self.gaps.len();
        let mut found: Vec<Option<Found>> = asked.iter().map(|_| None).collect();
        let mut scan = Scan::new(&mut self.gaps, Vec::new());
        let response = Response::read(&answer, &self.name, &mut |decoder| {
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
        let (mut errors, request_id) = response.apart().map_err(failed)?;
        if !errors.is_empty() {
            if !self.caller.partial {
                let placed = asked.iter().enumerate();
                let placed = placed.filter(|(index, gap)| self.place(&mut errors, &alias(*index), **gap));
                let gap = placed.map(|(_, gap)| *gap).reduce(|first, _| first).unwrap_or(asked[0]);
                let error = Error::graphql(ErrorKind::GraphQl, &self.name, errors);
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
                _ if reported => continue,
                Some(Found::Other(typename)) if typename != self.gaps[*gap].pages.on => {
                    let typename = answer.secrets.blot_out(&typename);
                    format!("its id is that of a {typename} now")
                }
                Some(Found::Other(_)) => "its next page is null".to_owned(),
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
            let mut placed: Vec<String> = path.iter().map(text_of).collect();
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
                    PathSegment::Key(key) if index == 0 => whole.write_str(key),
                    PathSegment::Key(key) => write!(whole, ".{key}"),
                    PathSegment::Index(index) => write!(whole, "[{index}]"),
                };
            }
            let parent = parent.as_deref().unwrap_or("without an id");
            let _ = write!(whole, "` ({} {parent}) could be fetched", pages.on);
        }
        let so_far = String::from_utf8(self.assembled(data)).ok();
        let so_far = so_far.and_then(|text| RawValue::from_string(text).ok());
        error.incomplete(&self.secrets.blot_out(&whole)).with_data(so_far)
    }
}

fn text_of(segment: &PathSegment) -> String {
    match segment {
        PathSegment::Key(key) => key.clone(),
        PathSegment::Index(index) => index.to_string(),
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

//! Requests for the remaining pages.

use super::assemble::{Assembly, Json};
use super::scan::{Connection, ParentPage, Scan};
use crate::client::ClientCore;
use crate::decode::{AllPages, DecodeError, DecodeErrorKind, PathSegment};
use crate::document::{OperationType, alias, body, further_pages, shape_of};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::outdated::Origin;
use crate::quote::{BRIEF, MESSAGE};
use crate::response::GraphQlResponse;
use crate::response::http::HttpResponse;
use crate::scalar::Id;
use crate::secrets::Secrets;
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
use tokio::time::{Instant, timeout_at};

/// The largest number of parents in one request.
const MAX_PARENTS: usize = 10;

/// The largest number of requests in flight.
const MAX_IN_FLIGHT: usize = 4;

/// The call whose response has connections with remaining pages.
pub(crate) struct Caller<'c> {
    client: &'c ClientCore,
    pub(super) operation: &'c str,
    kind: OperationType,
    /// Whether data is wanted beside errors.
    pub(super) partial: bool,
    deadline: Option<Instant>,
}

impl<'c> Caller<'c> {
    pub(crate) fn new(
        client: &'c ClientCore,
        operation: &'c str,
        kind: OperationType,
        begun: Instant,
        partial: bool,
    ) -> Self {
        let deadline = client.retry.time_limit.and_then(|limit| begun.checked_add(limit));
        Self { client, operation, kind, partial, deadline }
    }
}

/// Why the remaining pages of a connection could not be fetched.
struct Failure {
    connection: usize,
    error: Error,
}

impl Failure {
    fn new(connection: usize, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { connection, error: Error::new(kind, message) }
    }
}

/// A request in flight, for a page of each of these connections.
type InFlight = BoxFuture<'static, (Vec<usize>, Result<HttpResponse>)>;

/// A complete text, the errors that the server reported beside its pages, and the request id of their
/// response.
type Complete = (Vec<u8>, Vec<GraphQlError>, Option<String>);

pub(super) struct RemainingPages<'c, 'p> {
    caller: Caller<'c>,
    /// The name of the operation that requests remaining pages.
    name: String,
    /// The JSON of the response, and of the responses with remaining pages.
    texts: Vec<Json>,
    connections: Vec<Connection<'p>>,
    /// The connections whose next page can be requested, each at most once and not while in flight.
    queue: VecDeque<usize>,
    /// The first connection of each field, record and cursor.
    first_of: HashMap<(usize, Option<Id>, Option<String>), usize>,
    requests: usize,
    errors: Vec<GraphQlError>,
    request_id: Option<String>,
    secrets: Secrets,
}

impl<'c, 'p> RemainingPages<'c, 'p> {
    pub(super) fn new(
        caller: Caller<'c>,
        json: Json,
        connections: Vec<Connection<'p>>,
        secrets: Secrets,
    ) -> Self {
        Self {
            name: format!("{}_rest", caller.operation),
            caller,
            texts: vec![json],
            connections,
            queue: VecDeque::new(),
            first_of: HashMap::new(),
            requests: 0,
            errors: Vec::new(),
            request_id: None,
            secrets,
        }
    }

    /// Fetches all remaining pages. An error keeps the part `data` of the text.
    pub(super) async fn fetch(mut self, data: Range<usize>) -> Result<Complete> {
        match self.run_until_deadline().await {
            Ok(()) => Ok((self.assembly().whole(), self.errors, self.request_id)),
            Err(failure) => Err(self.incomplete(failure, data)),
        }
    }

    async fn run_until_deadline(&mut self) -> Result<(), Failure> {
        let Some(deadline) = self.caller.deadline else { return self.run().await };
        match timeout_at(deadline, self.run()).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let limit = self.caller.client.retry.time_limit.unwrap_or_default();
                let message = format!("no response within the time limit of {limit:?}");
                let has_next = |connection: &Connection<'_>| connection.page_info.next_cursor().is_some();
                let connection = self.connections.iter().position(has_next).unwrap_or_default();
                Err(Failure::new(connection, ErrorKind::Timeout, message))
            }
        }
    }

    async fn run(&mut self) -> Result<(), Failure> {
        self.queue_from(0)?;
        let mut in_flight: Vec<InFlight> = Vec::new();
        loop {
            while in_flight.len() < MAX_IN_FLIGHT && !self.queue.is_empty() {
                in_flight.push(self.request()?);
            }
            if in_flight.is_empty() {
                return Ok(());
            }
            let (requested, response) = first_ready(&mut in_flight).await;
            let response = response.map_err(|error| Failure { connection: requested[0], error })?;
            self.read(&requested, response)?;
        }
    }

    /// Queues the connections from this one on, except duplicates.
    fn queue_from(&mut self, first: usize) -> Result<(), Failure> {
        for index in first..self.connections.len() {
            let connection = &mut self.connections[index];
            let field = std::ptr::from_ref(connection.selection).addr();
            let cursor = connection.page_info.end_cursor.clone();
            match self.first_of.entry((field, connection.parent.clone(), cursor)) {
                Entry::Occupied(first) => connection.duplicate_of = Some(*first.get()),
                Entry::Vacant(entry) => {
                    entry.insert(index);
                    self.queue_next(index)?;
                }
            }
        }
        Ok(())
    }

    /// Queues a connection, if it has a next page.
    fn queue_next(&mut self, index: usize) -> Result<(), Failure> {
        let connection = &mut self.connections[index];
        let Some(cursor) = connection.page_info.next_cursor() else {
            if !connection.page_info.lacks_cursor() {
                return Ok(());
            }
            let message = "there are more pages, but the server gave no cursor";
            return Err(Failure::new(index, ErrorKind::Pagination, message));
        };
        if !connection.seen_cursors.insert(cursor) {
            let message =
                format!("pagination loop: cursor \"{}\" repeated", self.secrets.quote(cursor, BRIEF));
            return Err(Failure::new(index, ErrorKind::Pagination, message));
        }
        if connection.parent.is_none() {
            return Err(Failure::new(index, ErrorKind::Decode, "the object that has it has no id"));
        }
        self.queue.push_back(index);
        Ok(())
    }

    /// Requests a page of each of the next connections.
    fn request(&mut self) -> Result<InFlight, Failure> {
        let (requested, sizes) = self.next_connections();
        let max = self.caller.client.session.max_nested_requests;
        if self.requests >= max {
            let message = format!(
                "more than the {max} requests for remaining pages that a response may need: raise \
                 `max_nested_requests` of the client"
            );
            return Err(Failure::new(requested[0], ErrorKind::Pagination, message));
        }
        self.requests += 1;
        let mut variables = Map::new();
        for (index, connection) in requested.iter().enumerate() {
            let (alias, connection) = (alias(index), &self.connections[*connection]);
            let id = connection.parent.as_ref().map(Id::as_str);
            variables.insert(format!("{alias}_id"), Value::from(id));
            variables.insert(format!("{alias}_after"), Value::from(connection.page_info.next_cursor()));
        }
        let parents = requested.iter().zip(sizes);
        let parents = parents.map(|(connection, size)| (self.connections[*connection].selection, size));
        let document = further_pages(&self.name, parents);
        let body = body(&self.name, &document, &variables).map_err(|error| Failure {
            connection: requested[0],
            error: Error::configuration("its next page cannot be requested").with_reason(error),
        })?;
        let (client, name) = (self.caller.client.clone(), self.name.clone());
        Ok(Box::pin(async move {
            let response = send::graphql(&client, &name, OperationType::Query, body, Origin::Unknown).await;
            (requested, response)
        }))
    }

    /// As many connections as fit into one request, at least one, with their page sizes.
    fn next_connections(&mut self) -> (Vec<usize>, Vec<u64>) {
        let (mut connections, mut sizes, mut nodes) = (Vec::new(), Vec::new(), 0_u64);
        let max_nodes = self.caller.client.api().max_nodes.unwrap_or(u64::MAX);
        while let Some(index) = self.queue.front().copied().filter(|_| connections.len() < MAX_PARENTS) {
            let AllPages { nodes: each, connection, .. } = self.connections[index].selection;
            let (each, max_page_size) = ((*each).max(1), shape_of(connection).max_page_size as u64);
            let size = (max_nodes.saturating_sub(1) / each).clamp(1, max_page_size);
            nodes = nodes.saturating_add(size.saturating_mul(each)).saturating_add(1);
            if nodes > max_nodes && !connections.is_empty() {
                break;
            }
            self.queue.pop_front();
            connections.push(index);
            sizes.push(size);
        }
        (connections, sizes)
    }

    /// Takes the pages of a response.
    fn read(&mut self, requested: &[usize], response: HttpResponse) -> Result<(), Failure> {
        let known = self.connections.len();
        let mut pages: Vec<Option<ParentPage>> = requested.iter().map(|_| None).collect();
        let mut scan = Scan::new(&mut self.connections, Vec::new());
        let read = GraphQlResponse::read(&response, &self.name, &mut |decoder| {
            decoder.entries("the data", &mut |decoder, key| {
                let Some(index) = (0..requested.len()).find(|index| alias(*index) == key) else {
                    return decoder.skip();
                };
                match pages[index].replace(scan.parent_page(decoder, requested[index])?) {
                    None => Ok(()),
                    Some(_) => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
                }
            })
        });
        let edits = scan.edits;
        let failed = |error| Failure { connection: requested[0], error };
        let read = read.map_err(failed)?;
        let has_data = read.has_data;
        let (mut errors, request_id) = read.into_errors().map_err(failed)?;
        if !errors.is_empty() {
            if !self.caller.partial {
                let mut failed = None;
                for (index, connection) in requested.iter().enumerate() {
                    if self.relocate(&mut errors, &alias(index), *connection) {
                        failed = failed.or(Some(*connection));
                    }
                }
                let error = Error::graphql(ErrorKind::GraphQl, &self.name, errors).detect_rate_limit();
                let error = error.with_request_id(request_id.as_deref());
                return Err(Failure { connection: failed.unwrap_or(requested[0]), error });
            }
            self.request_id.clone_from(&request_id);
        }
        if !has_data {
            // Connections in data that does not decode are dropped with it.
            self.connections.truncate(known);
            self.errors.append(&mut errors);
            return Ok(());
        }
        // An error without a path may be why a page is missing.
        let has_general = errors.iter().any(|error| error.path.is_empty());
        let text = self.texts.len();
        self.texts.push(Json::new(response.body, edits));
        for ((index, connection), page) in requested.iter().enumerate().zip(pages) {
            let has_error = self.relocate(&mut errors, &alias(index), *connection);
            let message = match page {
                Some(ParentPage::Page(page_info, nodes, content)) => {
                    let taker = &mut self.connections[*connection];
                    taker.pages.push((text, content));
                    taker.page_info = page_info;
                    taker.nodes += nodes;
                    self.queue_next(*connection)?;
                    continue;
                }
                _ if has_error || has_general => continue,
                Some(ParentPage::WrongType(typename)) => {
                    format!("its id is now that of a {}", response.secrets.quote(typename, BRIEF))
                }
                Some(ParentPage::Null) => "its next page is null".to_owned(),
                Some(ParentPage::NotFound) | None => "no record has its id any more".to_owned(),
            };
            let error = Error::new(ErrorKind::WrongType, message).with_request_id(request_id.as_deref());
            return Err(Failure { connection: *connection, error });
        }
        self.errors.append(&mut errors);
        self.queue_from(known)
    }

    /// Rewrites the paths of a page's errors to those in the complete response. Returns whether there are
    /// any.
    fn relocate(&self, errors: &mut [GraphQlError], alias: &str, connection: usize) -> bool {
        let Connection { path, nodes, .. } = &self.connections[connection];
        let mut any = false;
        for error in errors.iter_mut().filter(|error| error.path.first().is_some_and(|key| key == alias)) {
            any = true;
            let mut relocated: Vec<String> = path.iter().map(PathSegment::to_string).collect();
            let mut rest = error.path.drain(..).skip(2);
            relocated.extend(rest.next());
            if let Some(index) = rest.next() {
                relocated.push(index.parse().map_or(index, |index: usize| (index + nodes).to_string()));
            }
            relocated.extend(rest);
            error.path = relocated;
        }
        any
    }

    fn assembly(&self) -> Assembly<'_, 'p> {
        Assembly { texts: &self.texts, connections: &self.connections }
    }

    /// The error of the call, with the data so far.
    fn incomplete(&self, Failure { connection, error }: Failure, data: Range<usize>) -> Error {
        let Caller { operation, kind, .. } = self.caller;
        let mut missing = match kind {
            OperationType::Query | OperationType::Subscription => "not all of `".to_owned(),
            OperationType::Mutation => format!("`{operation}` was executed, but not all of `"),
        };
        if let Some(Connection { path, selection, parent, .. }) = self.connections.get(connection) {
            for (index, segment) in path.iter().enumerate() {
                // Writing to a `String` does not fail.
                let _ = match segment {
                    PathSegment::Index(index) => write!(missing, "[{index}]"),
                    key if index == 0 => write!(missing, "{key}"),
                    key => write!(missing, ".{key}"),
                };
            }
            let parent = parent.as_ref().map_or("without an id", Id::as_str);
            let _ = write!(missing, "` ({} {parent}) could be fetched", selection.on);
        }
        let data = String::from_utf8(self.assembly().part(data)).ok();
        let data = data.and_then(|json| RawValue::from_string(json).ok());
        error.incomplete(&self.secrets.quote(missing, MESSAGE)).with_data(data)
    }
}

/// Waits for the first of several futures, and removes it.
async fn first_ready<T>(in_flight: &mut Vec<BoxFuture<'static, T>>) -> T {
    poll_fn(|context| {
        for index in 0..in_flight.len() {
            if let Poll::Ready(output) = in_flight[index].as_mut().poll(context) {
                drop(in_flight.swap_remove(index));
                return Poll::Ready(output);
            }
        }
        Poll::Pending
    })
    .await
}

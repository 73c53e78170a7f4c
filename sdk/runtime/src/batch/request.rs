//! One request of a stream of calls.

use super::member::Member;
use super::query::{run, send};
use crate::call::Prepared;
use crate::client::ClientCore;
use crate::document::{OperationType, call_size};
use crate::error::{Error, Result};
use crate::pagination::page_size::is_too_costly;
use crate::transport::BoxFuture;
use std::sync::Arc;

/// The largest body, in bytes, unless a single call is larger. Common limits of gateways begin at 1 MiB.
const MAX_BODY: usize = 512 * 1024;

/// A call that is ready for a request.
pub(super) struct GroupCall {
    member: Box<dyn Member>,
    call: Prepared,
    /// Its part of the body, in bytes.
    size: usize,
}

impl GroupCall {
    /// Checks a call.
    pub(super) fn new(client: &ClientCore, mut member: Box<dyn Member>) -> Result<Self> {
        let nothing = || Error::configuration("a batch cannot request 0 records");
        let call = member.next_call()?.ok_or_else(nothing)?;
        if !Arc::ptr_eq(&call.call.client.session, &client.session) {
            return Err(Error::configuration("the calls of a batch must be of the client that sends it"));
        }
        let Prepared { call: inner, shape, .. } = &call;
        let size = call_size(inner.root, inner.selection, *shape, &inner.arguments).map_err(|error| {
            let message = format!("the arguments of `{}` cannot be serialized", inner.root.name);
            Error::configuration(message).with_reason(error)
        })?;
        Ok(Self { member, call, size })
    }
}

/// The calls of one request.
#[derive(Default)]
pub(super) struct Group {
    members: Vec<Box<dyn Member>>,
    calls: Vec<Prepared>,
    sizes: Vec<usize>,
}

impl Group {
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether the request has room for one more. The first always fits.
    pub(super) fn fits(&self, next: &GroupCall, max_nodes: Option<u64>) -> bool {
        let nodes = self.calls.iter().fold(next.call.nodes, |sum, call| sum.saturating_add(call.nodes));
        let size = self.sizes.iter().fold(next.size, |sum, size| sum.saturating_add(*size));
        self.members.is_empty() || (max_nodes.is_none_or(|max| nodes <= max) && size <= MAX_BODY)
    }

    pub(super) fn push(&mut self, GroupCall { member, call, size }: GroupCall) {
        self.members.push(member);
        self.calls.push(call);
        self.sizes.push(size);
    }

    /// Reduces the page size of a single call, if that can help.
    pub(super) fn shrink(&mut self, error: &Error) -> bool {
        let [member] = &mut *self.members else { return false };
        let shrunk = if member.shrink(error) { member.next_call() } else { Ok(None) };
        let Ok(Some(call)) = shrunk else { return false };
        self.calls = vec![call];
        true
    }

    pub(super) fn into_calls(self) -> impl Iterator<Item = GroupCall> {
        let calls = self.members.into_iter().zip(self.calls).zip(self.sizes);
        calls.map(|((member, call), size)| GroupCall { member, call, size })
    }
}

/// A request that was sent. Its calls have their results, unless there is an error.
pub(super) struct Sent {
    pub(super) group: Group,
    pub(super) error: Option<Error>,
    /// Whether the server refused the request for its size, before it executed any of it.
    pub(super) is_refused: bool,
}

/// Sends calls in one request, and then requests for further pages, if connections need them. Boxed, so
/// that it is compiled with this crate.
pub(super) fn send_group(
    client: ClientCore,
    operation: OperationType,
    mut group: Group,
) -> BoxFuture<'static, Sent> {
    Box::pin(async move {
        if group.len() == 0 {
            return Sent { group, error: None, is_refused: false };
        }
        match send(&client, operation, &group.calls).await {
            Ok(parts) => {
                group.members.iter_mut().zip(parts).for_each(|(member, part)| member.take(part));
                let error = run(&client, operation, &mut group.members).await.err();
                Sent { group, error, is_refused: false }
            }
            Err(error) if is_refused(&error) => {
                Sent { group, error: Some(error.not_executed()), is_refused: true }
            }
            Err(error) => Sent { group, error: Some(error), is_refused: false },
        }
    })
}

/// Whether the server refused a request for its size, before it executed any of it: with status 413, or
/// as too costly, with another status of a client error or without data. Null data may come from
/// execution.
pub(crate) fn is_refused(error: &Error) -> bool {
    match error.status() {
        Some(413) => true,
        Some(status) => (400..500).contains(&status) && is_too_costly(error),
        None => error.is_not_executed() && is_too_costly(error),
    }
}

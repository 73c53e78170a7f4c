//! Sending a batch.

use super::item::BatchOperation;
use super::member::Member;
use super::part::{Part, split};
use super::tuple::{Assemble, Batch, Members};
use crate::call::Prepared;
use crate::call::impl_call;
use crate::client::ClientCore;
use crate::document::{Aliased, BATCH, OperationType, body, several};
use crate::error::{Error, Result};
use crate::outdated::{Origin, Root};
use crate::remaining_pages::{Caller, Plan};
use crate::send;
use crate::transport::BoxFuture;
use std::fmt;
use std::sync::Arc;
use tokio::time::Instant;

/// A request with several calls. Costs one request, or as many as the longest
/// [complete](crate::ConnectionQuery::complete) connection has pages. Mutations are retried only if they
/// were certainly not executed. Retry policies of the calls are ignored.
#[must_use = "a batch does nothing until it is awaited"]
pub struct BatchQuery<T> {
    client: ClientCore,
    operation: OperationType,
    members: Members,
    assemble: Assemble<T>,
}

impl<T> BatchQuery<T> {
    /// A request with these calls. Clients call this.
    #[doc(hidden)]
    pub fn new<B: Batch<Output = T>>(client: &ClientCore, batch: B) -> Self {
        let (members, assemble) = batch.into_calls();
        Self { client: client.clone(), operation: B::Operation::TYPE, members, assemble }
    }

    /// Sends the batch.
    ///
    /// # Errors
    /// Those of the whole request: all [kinds](crate::ErrorKind) but those of payloads, pages and wrong
    /// types. Errors of one call are in its own result. If a later request for pages of connections fails
    /// as a whole, earlier pages are dropped.
    pub async fn send(self) -> Result<T> {
        let Self { client, operation, members, assemble } = self;
        let mut members = members.into_iter().collect::<Result<Vec<_>>>()?;
        run(&client, operation, &mut members).await?;
        Ok(assemble())
    }
}

/// Sends requests until every member has its result. Boxed, so that it is compiled with this crate.
pub(super) fn run<'a>(
    client: &'a ClientCore,
    operation: OperationType,
    members: &'a mut [Box<dyn Member>],
) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        loop {
            let (mut calls, mut callers) = (Vec::new(), Vec::new());
            for member in &mut *members {
                if let Some(call) = member.next_call()? {
                    calls.push(call);
                    callers.push(member);
                }
            }
            if calls.is_empty() {
                return Ok(());
            }
            match send(client, operation, &calls).await {
                Ok(parts) => callers.into_iter().zip(parts).for_each(|(member, part)| member.take(part)),
                Err(error) => {
                    // All shrink, since the error does not say which call is too costly.
                    let shrunk = callers.into_iter().filter_map(|member| member.shrink(&error).then_some(()));
                    if shrunk.count() == 0 {
                        return Err(error);
                    }
                }
            }
        }
    })
}

/// Sends the calls in one request.
pub(crate) async fn send(
    client: &ClientCore,
    operation: OperationType,
    calls: &[Prepared],
) -> Result<Vec<Part>> {
    let nodes = calls.iter().fold(0, |sum: u64, call| sum.saturating_add(call.nodes));
    if let Some(max) = client.api().max_nodes.filter(|max| nodes > *max) {
        return Err(Error::configuration(format!(
            "the calls of the batch ask for {nodes} nodes together, and a request may ask for {max}: \
             give the connections a smaller `page_size`"
        )));
    }
    if calls.iter().any(|call| !Arc::ptr_eq(&call.call.client.session, &client.session)) {
        return Err(Error::configuration("the calls of a batch must be of the client that sends it"));
    }
    let aliased = calls.iter().map(|Prepared { call, shape, .. }| Aliased {
        root: call.root,
        selection: call.selection,
        shape: *shape,
        arguments: &call.arguments,
    });
    let (document, variables) = several(operation, aliased);
    let body = body(BATCH, &document, &variables).map_err(|error| {
        Error::configuration("the arguments of the batch cannot be serialized").with_reason(error)
    })?;
    let roots = calls.iter().map(|it| Root { selection: it.call.selection, shape: it.shape }).collect();
    let begun = Instant::now();
    let response = send::graphql(client, BATCH, operation, body, Origin::Batch(roots)).await?;
    let mut parts = split(&response, calls)?;
    for (part, Prepared { call, shape, .. }) in parts.iter_mut().zip(calls) {
        let plan = Plan::of_root(call.selection, *shape);
        if !plan.is_empty() {
            let caller = Caller::new(client, call.root.name, operation, begun, false);
            part.fetch_remaining(caller, &plan).await;
        }
    }
    Ok(parts)
}

impl<T> fmt::Debug for BatchQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.members.iter().flatten()).finish()
    }
}

impl_call!(BatchQuery<T>: T, client);

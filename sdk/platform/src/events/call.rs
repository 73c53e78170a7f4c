//! The call that creates an event, and its result.

use super::new_event::NewEvent;
use crate::rest::{RestBody, RestCall, RestClient, json};
use crate::settings::Platform;
use http::{Method, StatusCode};
use serde::Deserialize;
use std::fmt;
use xurrent_runtime::send::HttpResponse;
use xurrent_runtime::transport::BoxFuture;
use xurrent_runtime::{ClientCore, Error, ErrorKind, Id, Result};

/// The name of the call in hooks and traces.
const OPERATION: &str = "events.create";

/// A call that creates an event. Costs one request. The [module](super) documents when it is retried.
#[must_use = "a call does nothing until it is awaited"]
pub struct EventCall {
    client: ClientCore,
    /// An invalid event is an error when it is sent.
    call: Result<RestCall>,
}

impl EventCall {
    /// The call of a client. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, platform: &Platform, event: &NewEvent) -> Self {
        let rest = RestClient { core: client.clone(), platform: platform.clone() };
        let call = event.body().and_then(|body| {
            let call = RestCall::new(&rest, OPERATION, Method::POST, std::iter::once("events"))?;
            // Each attempt may use the token of another user.
            let is_idempotent = event.is_idempotent(client.budgets().len() == 1);
            Ok(RestCall { body: Some(RestBody::Json(body)), is_idempotent, ..call })
        });
        Self { client: rest.core, call }
    }

    /// Sends the call.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`], before the request is sent, for an invalid event or a missing REST
    /// endpoint; [`ErrorKind::Unauthorized`] for a token that is refused or lacks a scope; [`ErrorKind::Status`] for
    /// status 422 with the reason of each parameter in [`Error::errors`]; [`ErrorKind::Decode`] for an invalid
    /// response, after which the event was executed.
    pub async fn send(self) -> Result<EventRequest> {
        let sent: BoxFuture<'_, Result<HttpResponse>> = Box::pin(self.call?.send(&self.client));
        read(&sent.await?).map_err(Error::mutation_executed)
    }
}

impl fmt::Debug for EventCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EventCall").field(&OPERATION).finish()
    }
}

xurrent_runtime::impl_call!(EventCall: EventRequest, client);

/// The request that an event created or was added to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventRequest {
    /// Whether the event created it.
    pub outcome: EventOutcome,
    /// Its number, which users see.
    pub id: i64,
    /// Its id in GraphQL.
    pub node_id: Id,
}

/// What an event did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventOutcome {
    /// It created a request: status 201.
    Created,
    /// The server matched it with an open request, to which it added a note if the text was new: status 200.
    /// After a retry, an earlier attempt may have created this request.
    Added,
}

impl EventRequest {
    /// Whether the event created the request.
    pub fn is_created(&self) -> bool {
        self.outcome == EventOutcome::Created
    }
}

fn read(response: &HttpResponse) -> Result<EventRequest> {
    #[derive(Deserialize)]
    struct Body {
        id: i64,
        #[serde(rename = "nodeID")]
        node_id: Id,
    }
    let outcome = match response.status {
        StatusCode::CREATED => EventOutcome::Created,
        StatusCode::OK => EventOutcome::Added,
        other => {
            let message = format!("unexpected status {other} of `{OPERATION}`; expected 200 or 201");
            return Err(
                Error::new(ErrorKind::Decode, message).with_request_id(response.request_id.as_deref())
            );
        }
    };
    let Body { id, node_id } = json(response, OPERATION)?;
    Ok(EventRequest { outcome, id, node_id })
}

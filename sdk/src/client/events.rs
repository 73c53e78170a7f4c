//! The Events API on the client, and the enums of events.

use super::Client;
use crate::events::{EventCall, NewEvent};
use crate::events::{EventCategory, EventCompletionReason, EventImpact, EventStatus};
use crate::{RequestCategory, RequestCompletionReason, RequestImpact, RequestStatus};

impl EventCategory for RequestCategory {}
impl EventCompletionReason for RequestCompletionReason {}
impl EventImpact for RequestImpact {}
impl EventStatus for RequestStatus {}

impl Client {
    /// Turns an event of a monitoring tool into a request, or adds it to the request that is open for it. The
    /// server decides, so two processes with one event make one request, which no mutation guarantees.
    /// [`events`](crate::events) documents what it matches, and which events are retried like a query. Costs one
    /// request.
    ///
    /// A stage and a domain have a REST endpoint. Beside [`endpoints`](crate::ClientBuilder::endpoints),
    /// [`rest_endpoint`](crate::ClientBuilder::rest_endpoint) sets it; without it the call is an error.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// use xurrent::events::NewEvent;
    /// use xurrent::{NoteCreateInput, RequestImpact};
    ///
    /// let event = NewEvent::new("CPU at 100 %")
    ///     .source("Zabbix")
    ///     .source_id("4711")
    ///     .ci("web-1")
    ///     .impact(RequestImpact::High)
    ///     .note("since 10:02");
    /// let request = client.event_create(event).await?;
    /// if request.is_created() {
    ///     client.note_create(NoteCreateInput::new(&request.node_id, "See the runbook.")).await?;
    /// }
    /// println!("request {}", request.id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`EventCall::send`].
    pub fn event_create(&self, event: NewEvent) -> EventCall {
        EventCall::new(&self.core, &self.state, &event)
    }
}

#[cfg(feature = "blocking")]
impl super::blocking::Client {
    /// See [`Client::event_create`].
    pub fn event_create(&self, event: NewEvent) -> super::blocking::Call<EventCall> {
        self.blocking_call(self.as_async().event_create(event))
    }
}

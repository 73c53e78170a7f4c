//! Nested connections of which all is wanted (`#[select(all)]`): what they have behind their first
//! pages is fetched, for each parent by itself, and put into the answer, which is then read as if the
//! server had sent all of it at once.
//!
//! `plan` says where in an answer such connections are, `scan` finds those that have more pages, `fill`
//! fetches these, and `assemble` puts them into the text. None of them knows a type, so that they are
//! compiled once.

mod assemble;
mod fetch;
mod plan;
mod scan;

pub(crate) use plan::Plan;

use crate::client::ClientCore;
use crate::decode::{Decoder, PathSegment};
use crate::document::OperationType;
use crate::error::{Error, Result};
use crate::response::GraphQlResponse;
use crate::response::http::HttpResponse;
use crate::secrets::Secrets;
use crate::send;
use assemble::Text;
use fetch::Filling;
use scan::Scan;
use tokio::time::Instant;

/// The call whose answer is completed.
pub(crate) struct Caller<'c> {
    client: &'c ClientCore,
    operation: &'c str,
    kind: OperationType,
    /// Whether errors beside data end the call.
    partial: bool,
    /// When the call has to be over.
    deadline: Option<Instant>,
}

/// Sends a request, and completes its answer where `plan` says so.
pub(crate) async fn send_all(
    client: &ClientCore,
    operation: &str,
    kind: OperationType,
    body: Vec<u8>,
    plan: &Plan,
    partial: bool,
) -> Result<HttpResponse> {
    let begun = Instant::now();
    let answer = send::graphql(client, operation, kind, body).await?;
    // Nearly all: this must cost nothing.
    if plan.is_empty() {
        return Ok(answer);
    }
    let caller = Caller::new(client, operation, kind, begun, partial);
    Box::pin(caller.complete(answer, plan)).await
}

impl<'c> Caller<'c> {
    /// A call that began at this time.
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

    pub(crate) async fn complete(self, answer: HttpResponse, plan: &Plan) -> Result<HttpResponse> {
        let mut gaps = Vec::new();
        let mut scan = Scan::new(&mut gaps, Vec::new());
        let mut data = None;
        let response = GraphQlResponse::read(&answer, self.operation, &mut |decoder| {
            let ((), place) = decoder.placed(|decoder| scan.value(decoder, plan))?;
            data = Some(place);
            Ok(())
        })?;
        let edits = scan.edits;
        let (errors, _) = response.into_errors()?;
        // What the server reported comes first; data that cannot be read is the reader's to report.
        let Some(data) = data.filter(|_| self.partial || errors.is_empty()) else { return Ok(answer) };
        let HttpResponse { body, request_id, secrets, .. } = answer;
        let filling = Filling::new(self, Text::new(body, edits), gaps, secrets.clone());
        let (body, errors, later) = filling.filled(data).await?;
        Ok(HttpResponse { errors, ..HttpResponse::new(body, later.or(request_id), secrets) })
    }

    /// Completes one value, the value of the root field that the call is named after.
    pub(crate) async fn complete_value(self, json: String, plan: &Plan, secrets: Secrets) -> Result<String> {
        let mut gaps = Vec::new();
        let root = PathSegment::Key(self.operation.to_owned());
        let mut scan = Scan::new(&mut gaps, vec![root]);
        scan.value(&mut Decoder::new(json.as_bytes()), plan)
            .map_err(|error| error.at_plain_key(self.operation).redacted(&secrets.texts()))
            .map_err(|error| Error::decode(self.operation, error))?;
        let edits = scan.edits;
        let whole = 0..json.len();
        let filling = Filling::new(self, Text::new(json.into_bytes(), edits), gaps, secrets);
        let (text, ..) = filling.filled(whole).await?;
        // The pieces of texts are texts, since they are cut at brackets.
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

//! Remaining pages of nested connections (`#[select(all)]`), fetched by the ids of their parents and
//! inserted into the response, which is then decoded as if the server had sent all of it at once.
//!
//! `plan` knows where in a response such connections are, `scan` finds those with more pages, `fetch`
//! requests these, and `assemble` inserts them. All work on JSON, so that they are compiled once and not
//! once per type.

mod assemble;
mod fetch;
mod plan;
mod scan;

pub(crate) use fetch::Caller;
pub(crate) use plan::Plan;

use crate::client::ClientCore;
use crate::decode::{Decoder, PathSegment};
use crate::document::OperationType;
use crate::error::{Error, Result};
use crate::outdated::Origin;
use crate::response::GraphQlResponse;
use crate::response::http::HttpResponse;
use crate::secrets::Secrets;
use crate::send;
use assemble::Json;
use fetch::RemainingPages;
use scan::Scan;
use tokio::time::Instant;

/// Sends a request and fetches the remaining pages of the connections in `plan`.
pub(crate) async fn send_all(
    client: &ClientCore,
    operation: &str,
    kind: OperationType,
    (body, origin): (Vec<u8>, Origin),
    plan: &Plan,
    partial: bool,
) -> Result<HttpResponse> {
    let begun = Instant::now();
    let response = send::graphql(client, operation, kind, body, origin).await?;
    // Most calls end here: this must cost nothing.
    if plan.is_empty() {
        return Ok(response);
    }
    let caller = Caller::new(client, operation, kind, begun, partial);
    Box::pin(caller.complete(response, plan)).await
}

impl Caller<'_> {
    /// Fetches the remaining pages of the connections in a response.
    pub(crate) async fn complete(self, response: HttpResponse, plan: &Plan) -> Result<HttpResponse> {
        let mut connections = Vec::new();
        let mut scan = Scan::new(&mut connections, Vec::new());
        let mut data = None;
        let read = GraphQlResponse::read(&response, self.operation, &mut |decoder| {
            data = Some(decoder.placed(|decoder| scan.value(decoder, plan))?.1);
            Ok(())
        })?;
        let edits = scan.edits;
        let (errors, _) = read.into_errors()?;
        // The caller reports errors of the server, and data that does not decode.
        let Some(data) = data.filter(|_| self.partial || errors.is_empty()) else { return Ok(response) };
        let HttpResponse { body, request_id, secrets, .. } = response;
        let remaining = RemainingPages::new(self, Json::new(body, edits), connections, secrets.clone());
        let (body, errors, later_id) = remaining.fetch(data).await?;
        Ok(HttpResponse { errors, ..HttpResponse::new(body, later_id.or(request_id), secrets) })
    }

    /// Fetches the remaining pages of the connections in the value of the root field `operation`.
    pub(crate) async fn complete_value(self, json: String, plan: &Plan, secrets: Secrets) -> Result<String> {
        let mut connections = Vec::new();
        let root = PathSegment::Key(self.operation.to_owned());
        let mut scan = Scan::new(&mut connections, vec![root]);
        scan.value(&mut Decoder::new(json.as_bytes()), plan).map_err(|error| {
            Error::decode(self.operation, error.at_plain_key(self.operation).redacted(&secrets.texts()))
        })?;
        let edits = scan.edits;
        let whole = 0..json.len();
        let remaining = RemainingPages::new(self, Json::new(json.into_bytes(), edits), connections, secrets);
        let (json, ..) = remaining.fetch(whole).await?;
        // Valid UTF-8, since all cuts are at brackets.
        Ok(String::from_utf8_lossy(&json).into_owned())
    }
}

//! One request and its response, retried where that is safe.

use crate::client::ClientCore;
use crate::document::OperationType;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::ReportedLimits;
use crate::pagination::page_size::is_too_costly;
use crate::quote::beginning;
use crate::response::http::{HttpResponse, check_status};
use crate::response::limited;
use crate::secrets::Secrets;
use crate::send::attempts::{CallState, Sending, Signed};
use crate::session::Acquired;
use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use serde_json::value::RawValue;
use std::time::Duration;

/// How much of the variables is traced, in bytes.
const MAX_TRACED: usize = 16 * 1024;

/// A request of a call, with the client's tokens.
pub struct CallRequest<'o> {
    /// The name of the call in hooks and traces.
    pub operation: &'o str,
    /// Whether it is safe to execute it twice.
    pub kind: OperationType,
    /// The method.
    pub method: Method,
    /// Where it is sent.
    pub uri: &'o Uri,
    /// The body, as JSON.
    pub body: Bytes,
    /// Whether a response of success may have no body, instead of JSON.
    pub may_be_empty: bool,
    /// What must be redacted in the response, besides tokens.
    pub secrets: Vec<String>,
}

/// Sends one GraphQL request, retries it where that is safe, and returns the whole response.
pub(crate) async fn graphql(
    client: &ClientCore,
    operation: &str,
    kind: OperationType,
    body: Vec<u8>,
) -> Result<HttpResponse> {
    let request = CallRequest {
        operation,
        kind,
        method: Method::POST,
        uri: client.endpoint(),
        body: Bytes::from(body),
        may_be_empty: false,
        secrets: Vec::new(),
    };
    call(client, request).await
}

/// Sends one request, retries it where that is safe, and returns the whole response.
pub async fn call(client: &ClientCore, request: CallRequest<'_>) -> Result<HttpResponse> {
    let is_mutation = request.kind == OperationType::Mutation;
    let state = CallState::new(client, request.operation, Some(is_mutation))?;
    let is_traced = !client.session.trace_variables || state.span.is_disabled();
    state.run(Call { client, request, is_traced }).await
}

struct Call<'c> {
    client: &'c ClientCore,
    request: CallRequest<'c>,
    /// Whether the span has the variables.
    is_traced: bool,
}

impl Sending for Call<'_> {
    type Output = HttpResponse;

    async fn attempt(&mut self, call: &mut CallState<'_>) -> Result<HttpResponse> {
        let session = &self.client.session;
        let Acquired { token, permit, signature } = call.acquire().await?;
        let secrets = session.secrets(signature.clone()).with(&self.request.secrets);
        self.trace_variables(call, &secrets);
        call.begin();
        if let Some(name) = session.pool.name(token) {
            tracing::debug!(attempt = call.made.len(), token = name, "sending");
        }
        let CallRequest { operation, method, uri, body, .. } = &self.request;
        let mut request = session.request(method.clone(), uri, signature, body.clone());
        request.headers_mut().extend(session.api.call_headers.clone());
        let response = session.send(request, operation).await;
        permit.answered();
        let response = response.map_err(|error| error.redacted(&secrets));
        let response = response.inspect_err(|error| call.unanswered(error.request_id()))?;
        let (status, headers) = (response.status(), response.headers());
        let request_id = session.request_id(headers, &secrets);
        let reported = ReportedLimits::read(headers, &session.api);
        call.responded(status, request_id.as_deref(), reported.last_cost);
        session.pool.note(token, &reported);
        if status.is_success() {
            session.pool.accepted(token);
        }
        let result = match check_status(response, self.request.may_be_empty, request_id, secrets) {
            Ok(response) => limited(&response, operation).map_or(Ok(response), Err),
            Err(error) if error.kind() == ErrorKind::Unauthorized => {
                Err(error.with_token_name(session.pool.name(token)))
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &result
            && error.kind() == ErrorKind::RateLimited
            && (status == StatusCode::TOO_MANY_REQUESTS || status.is_success())
            && let Some(wait) = error.retry_after()
        {
            session.pool.limits(token).refuses_for(wait);
        }
        result
    }

    fn may_retry(&self, error: &Error, call: &CallState<'_>) -> bool {
        let is_safe = self.request.kind == OperationType::Query || error.is_not_executed();
        match error.status() {
            _ if error.kind() == ErrorKind::RateLimited => matches!(call.signed, Signed::With(..)) && is_safe,
            // It would be refused again, and the caller can ask for less.
            _ if is_too_costly(error) => false,
            Some(429 | 502..=504) => is_safe,
            _ => error.has_no_response() && is_safe,
        }
    }

    fn timed_out(&self, limit: Duration, call: &CallState<'_>) -> Error {
        let error = Error::new(ErrorKind::Timeout, format!("no response within the time limit of {limit:?}"));
        match call.in_doubt {
            true => error,
            false => error.with_detail("; the request was not executed").not_executed(),
        }
    }
}

impl Call<'_> {
    /// Puts the variables into the span, where that is configured.
    fn trace_variables(&mut self, call: &CallState<'_>, secrets: &Secrets) {
        #[derive(serde::Deserialize)]
        struct Body<'b> {
            #[serde(borrow)]
            variables: Option<&'b RawValue>,
        }
        if std::mem::replace(&mut self.is_traced, true) {
            return;
        }
        if let Ok(Body { variables: Some(variables) }) = serde_json::from_slice(&self.request.body) {
            let mut variables = secrets.redact(variables.get());
            variables.truncate(beginning(&variables, MAX_TRACED).len());
            call.span.record("variables", variables);
        }
    }
}

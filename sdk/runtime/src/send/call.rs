//! One request and its response, retried where that is safe.

use crate::client::ClientCore;
use crate::document::OperationType;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::ReportedLimits;
use crate::outdated::{Origin, Sent, explain};
use crate::pagination::page_size::is_too_costly;
use crate::quote::beginning;
use crate::response::http::{HttpResponse, check_status};
use crate::response::limited;
use crate::secrets::Secrets;
use crate::send::attempts::{CallState, Sending, Signed};
use crate::session::{Acquired, JSON};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, Uri};
use serde_json::value::RawValue;
use std::time::Duration;

/// How much of the variables is traced, in bytes.
const MAX_TRACED: usize = 16 * 1024;

/// A request of a call, with the client's tokens.
pub struct CallRequest<'o> {
    /// The name of the call in hooks and traces.
    pub operation: &'o str,
    /// Whether it changes anything, for hooks.
    pub kind: OperationType,
    /// Whether it may be executed twice, so that it is retried when it may have been executed.
    pub is_idempotent: bool,
    /// The method.
    pub method: Method,
    /// Where it is sent.
    pub uri: &'o Uri,
    /// The content type of the body; none is JSON.
    pub content_type: Option<HeaderValue>,
    /// The body.
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
    origin: Origin,
) -> Result<HttpResponse> {
    let body = Bytes::from(body);
    let sent = Sent { body: body.clone(), origin, advice: client.api().regenerate };
    let request = CallRequest {
        operation,
        kind,
        is_idempotent: kind == OperationType::Query,
        method: Method::POST,
        uri: client.endpoint(),
        content_type: None,
        body,
        may_be_empty: false,
        secrets: Vec::new(),
    };
    match call(client, request).await {
        Ok(mut response) => {
            response.sent = Some(Box::new(sent));
            Ok(response)
        }
        // Some servers refuse a document with status 400.
        Err(error) if error.kind() == ErrorKind::Status => {
            Err(error.map_errors(|errors| explain(errors, &sent)))
        }
        Err(error) => Err(error),
    }
}

/// Sends one request, retries it where that is safe, and returns the whole response.
pub async fn call(client: &ClientCore, request: CallRequest<'_>) -> Result<HttpResponse> {
    let is_mutation = request.kind == OperationType::Mutation;
    let state = CallState::new(client, request.operation, Some(is_mutation))?;
    let is_traced = !client.session.trace_variables || state.span.is_disabled();
    state.run(Call { client, request, is_traced }).await
}

/// Reads the response to a request that was signed with a token: notes it in the call, and what it says about
/// the limits of the token.
pub fn receive(
    client: &ClientCore,
    call: &mut CallState<'_>,
    acquired: Acquired,
    response: Result<Response<Vec<u8>>>,
    may_be_empty: bool,
    secrets: Secrets,
) -> Result<HttpResponse> {
    let session = &client.session;
    let Acquired { token, permit, .. } = acquired;
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
    check_status(response, may_be_empty, request_id, secrets).map_err(|error| {
        if status == StatusCode::TOO_MANY_REQUESTS
            && let Some(wait) = error.retry_after()
        {
            session.pool.limits(token).refuses_for(wait);
        }
        match error.kind() {
            ErrorKind::Unauthorized => error.with_token_name(session.pool.name(token)),
            _ => error,
        }
    })
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
        let acquired = call.acquire().await?;
        let signature = acquired.signature.clone();
        let secrets = session.secrets(signature.clone()).with(&self.request.secrets);
        self.trace_variables(call, &secrets);
        call.begin();
        if let Some(name) = session.pool.name(acquired.token) {
            tracing::debug!(attempt = call.made.len(), token = name, "sending");
        }
        let CallRequest { operation, method, uri, content_type, body, .. } = &self.request;
        let content = (content_type.clone().unwrap_or(JSON), body.clone());
        let mut request = session.request(method.clone(), uri, signature, content);
        request.headers_mut().extend(session.api.call_headers.clone());
        let response = session.send(request, operation).await;
        let token = acquired.token;
        let response = receive(self.client, call, acquired, response, self.request.may_be_empty, secrets)?;
        let Some(error) = limited(&response, operation) else { return Ok(response) };
        if error.kind() == ErrorKind::RateLimited
            && let Some(wait) = error.retry_after()
        {
            session.pool.limits(token).refuses_for(wait);
        }
        Err(error)
    }

    fn may_retry(&self, error: &Error, call: &CallState<'_>) -> bool {
        let is_safe = self.request.is_idempotent || error.is_not_executed();
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

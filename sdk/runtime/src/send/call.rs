//! One call from its first request to the answer: limits, attempts, and what is told about them.

use crate::attempts::{Attempts, pause};
use crate::client::Client;
use crate::document::OperationType;
use crate::error::{Error, ErrorKind, Result};
use crate::hook::{CallEnd, Outcome};
use crate::limits::cost;
use crate::pagination::is_too_costly;
use crate::pool::Tried;
use crate::response::http::{ExpectedBody, HttpResponse, check_status, request_id};
use crate::response::{Limited, limited};
use crate::retry::{LONGEST, backoff};
use crate::secrets::Secrets;
use crate::session::{Outgoing, Session, Turn};
use crate::transport::require_runtime;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use serde_json::value::RawValue;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span, debug, field::Empty, info_span};

/// How much of the variables is traced, in bytes.
const MAX_TRACED: usize = 16 * 1024;

/// What happened to a call so far.
struct Course<'s> {
    session: &'s Session,
    outgoing: Outgoing<'s>,
    start: Instant,
    span: Span,
    /// Whether it does no harm to execute the operation twice.
    repeatable: bool,
    attempts: Attempts,
    tried: Tried,
    signed: Signed,
    /// Something was sent that may have been executed.
    in_doubt: bool,
    cost: Option<u64>,
    /// Hooks know how it ended.
    is_told: bool,
    /// The last answer was one of success that tells of a limit; whether the call may be sent again then.
    limited: Option<bool>,
    /// The variables are in the span.
    is_traced: bool,
}

/// With what the last attempt was made.
enum Signed {
    /// Nothing was sent.
    Nothing,
    /// This token could not be had.
    Without(usize),
    /// This token, in this form.
    With(usize, HeaderValue),
}

/// Sends one GraphQL request, as often as it takes and may be, and waits for the whole answer.
pub(crate) async fn graphql(
    client: &Client,
    operation: &str,
    kind: OperationType,
    body: Vec<u8>,
) -> Result<HttpResponse> {
    let outgoing = Outgoing {
        operation,
        kind,
        method: Method::POST,
        uri: client.session.endpoint(),
        body: Bytes::from(body),
        expected: ExpectedBody::Json,
        secrets: Vec::new(),
    };
    call(client, outgoing).await
}

/// Sends one request of any kind, as often as it takes and may be, and waits for the whole answer.
pub(crate) async fn call(client: &Client, outgoing: Outgoing<'_>) -> Result<HttpResponse> {
    let policy = client.retry;
    let Outgoing { operation, kind, .. } = outgoing;
    policy.check()?;
    if policy.time_limit.is_some() {
        require_runtime()?;
    }
    let account = client.session.account();
    let span = info_span!(
        "xurrent",
        operation,
        account,
        attempts = Empty,
        status = Empty,
        request_id = Empty,
        cost = Empty,
        variables = Empty
    );
    let mut course = Course {
        session: &client.session,
        outgoing,
        start: Instant::now(),
        span: span.clone(),
        repeatable: kind == OperationType::Query,
        attempts: Attempts::new(policy),
        tried: Tried::default(),
        signed: Signed::Nothing,
        in_doubt: false,
        cost: None,
        is_told: false,
        limited: None,
        is_traced: !client.session.settings.trace_variables || span.is_disabled(),
    };
    let run = course.run().instrument(span.clone());
    let result = match policy.time_limit {
        None => Some(run.await),
        Some(limit) => timeout(limit, run).await.ok(),
    };
    let result = result.unwrap_or_else(|| Err(course.out_of_time(policy.time_limit.unwrap_or_default())));
    span.record("attempts", course.attempts.len());
    match result {
        Ok(answer) => {
            course.tell_hooks(Outcome::Answered);
            Ok(answer)
        }
        Err(error) => {
            let error = if course.in_doubt { error.maybe_executed() } else { error };
            let error = error.with_attempts(course.attempts.to_vec());
            course.tell_hooks(Outcome::Failed(&error));
            Err(error)
        }
    }
}

impl Course<'_> {
    async fn run(&mut self) -> Result<HttpResponse> {
        loop {
            match self.attempt().await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.go_on(error).await?,
            }
        }
    }

    /// The error of a call that its time limit has ended.
    fn out_of_time(&self, limit: Duration) -> Error {
        let error = Error::new(ErrorKind::Timeout, format!("no answer within the time limit of {limit:?}"));
        if self.in_doubt { error } else { error.with_detail("; the request was not executed").not_executed() }
    }

    /// Makes one attempt, and notes whether it leaves a doubt.
    async fn attempt(&mut self) -> Result<HttpResponse> {
        let was_in_doubt = self.in_doubt;
        let result = self.send().await;
        if result.as_ref().is_err_and(Error::is_not_executed) {
            self.in_doubt = was_in_doubt;
        }
        result
    }

    async fn send(&mut self) -> Result<HttpResponse> {
        let session = self.session;
        self.signed = Signed::Nothing;
        self.limited = None;
        let Turn { token, slot, signature } = self.turn().await?;
        self.signed = Signed::With(token, signature.clone());
        let secrets = session.secrets(signature.clone()).with(&self.outgoing.secrets);
        self.trace_variables(&secrets);
        if let Some(name) = session.pool.name(token) {
            debug!(attempt = self.attempts.len() + 1, token = name, "sends");
        }
        self.attempts.begin();
        self.in_doubt = true;
        let answer = session.exchange(&self.outgoing, signature).await;
        slot.answered();
        let answer = answer.map_err(|error| error.redacted(&secrets)).inspect_err(|error| {
            self.attempts.end(None, error.request_id());
            debug!(attempt = self.attempts.len(), "no answer");
        })?;
        let (status, headers) = (answer.status(), answer.headers());
        let request_id = request_id(headers, &secrets);
        self.attempts.end(Some(status.as_u16()), request_id.as_deref());
        self.cost = cost(headers);
        self.tell(status, request_id.as_deref());
        session.pool.note(token, headers);
        if status.is_success() {
            session.pool.accepted(token);
        }
        let answer = check_status(answer, self.outgoing.expected, request_id, secrets).map_err(|error| {
            match error.kind() {
                ErrorKind::Unauthorized => error.with_token_name(session.pool.name(token)),
                _ => error,
            }
        });
        let limited = answer.as_ref().ok().and_then(|answer| limited(answer, self.outgoing.operation));
        let answer = match limited {
            Some(Limited { error, is_refusal }) => {
                // Where data is null, a mutation may have been executed in part.
                self.limited = Some(self.repeatable || is_refusal);
                let error = if is_refusal { error.not_executed() } else { error };
                Err(error.with_request_id(answer.ok().and_then(|answer| answer.request_id).as_deref()))
            }
            None => answer,
        };
        if let Err(error) = &answer
            && (status == StatusCode::TOO_MANY_REQUESTS || self.limited.is_some())
            && let Some(wait) = error.retry_after()
        {
            session.pool.limits(token).refuses_for(wait);
        }
        answer
    }

    /// Puts the variables into the span, where that was asked for.
    fn trace_variables(&mut self, secrets: &Secrets) {
        #[derive(serde::Deserialize)]
        struct Body<'b> {
            #[serde(borrow)]
            variables: Option<&'b RawValue>,
        }
        if std::mem::replace(&mut self.is_traced, true) {
            return;
        }
        if let Ok(Body { variables: Some(variables) }) = serde_json::from_slice(&self.outgoing.body) {
            let mut variables = secrets.redact(variables.get());
            variables.truncate(variables.floor_char_boundary(MAX_TRACED));
            self.span.record("variables", variables);
        }
    }

    fn tell_hooks(&mut self, outcome: Outcome<'_>) {
        self.is_told = true;
        let last = self.attempts.last();
        self.session.settings.hooks.after_call(&CallEnd {
            operation: self.outgoing.operation,
            account: self.session.account(),
            is_mutation: !self.repeatable,
            attempts: self.attempts.len(),
            status: last.and_then(|attempt| attempt.status),
            request_id: last.and_then(|attempt| attempt.request_id.as_deref()),
            cost: self.cost,
            waited: self.attempts.patience.waited,
            duration: self.start.elapsed(),
            outcome,
        });
    }

    fn tell(&self, status: StatusCode, request_id: Option<&str>) {
        let cost = self.cost;
        self.span.record("status", status.as_u16()).record("request_id", request_id).record("cost", cost);
        debug!(attempt = self.attempts.len(), status = status.as_u16(), request_id, cost, "answered");
    }

    /// Returns when the request can be sent.
    async fn turn(&mut self) -> Result<Turn> {
        let turn = self.session.turn(&mut self.tried, &mut self.attempts.patience).await;
        turn.map_err(|(token, error)| {
            let Some(token) = token else { return error };
            debug!(status = error.status(), "no token");
            self.signed = Signed::Without(token);
            self.attempts.begin();
            self.attempts.end(error.status(), None);
            // Whatever failed, it was not the operation.
            error.not_executed()
        })
    }

    /// Returns when the call is to be sent again, or the error when it is not.
    async fn go_on(&mut self, error: Error) -> Result<()> {
        let pool = &self.session.pool;
        let changes_token = match &self.signed {
            // A request that was refused with 401 was not executed.
            Signed::With(token, signature) if error.status() == Some(StatusCode::UNAUTHORIZED.as_u16()) => {
                pool.refused(*token, signature, &mut self.tried)
            }
            Signed::Without(token) => pool.not_issued(*token, &error, &mut self.tried),
            _ => false,
        };
        if changes_token {
            self.attempts.uncount();
            return Ok(());
        }
        let attempts = self.attempts.counted();
        if !self.attempts.are_left() || !self.may_repeat(&error) {
            return Err(error);
        }
        if !self.attempts.patience.policy.waits_for_budget
            && !pool.has_users()
            && let Some(closed) = pool.limits(0).closed().filter(|closed| closed.is_used_up())
        {
            return Err(pool.used_up(0, closed));
        }
        let wait = match self.signed {
            // The turn is that of the first user whom the server does not refuse.
            Signed::With(token, _)
                if (error.status() == Some(429) || self.limited.is_some()) && pool.has_users() =>
            {
                if error.retry_after().is_none_or(|wait| wait > LONGEST) {
                    pool.limits(token).refuses_for(backoff(attempts));
                }
                Duration::ZERO
            }
            _ => pause(&error, attempts),
        };
        self.attempts.wait(error, wait).await
    }

    fn may_repeat(&self, error: &Error) -> bool {
        if let Some(may_repeat) = self.limited {
            return may_repeat;
        }
        match error.status() {
            // Refused before any work was started.
            Some(429) => true,
            // It would be refused again, and the caller can ask for less.
            _ if is_too_costly(error) => false,
            Some(_) if error.kind() == ErrorKind::RateLimited => self.repeatable,
            Some(502..=504) => self.repeatable || error.is_not_executed(),
            _ => error.has_no_response() && (self.repeatable || error.is_not_executed()),
        }
    }
}

/// A call that nobody waits for any more has ended, too.
impl Drop for Course<'_> {
    fn drop(&mut self) {
        if !self.is_told {
            self.tell_hooks(Outcome::Cancelled);
        }
    }
}

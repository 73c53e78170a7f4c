//! One call from its first request to the answer: limits, attempts, and what is told about them.

use crate::client::Client;
use crate::document::OperationType;
use crate::error::{Error, ErrorKind, Result};
use crate::hook::{CallEnd, Outcome};
use crate::limits::{Closed, Slot, cost};
use crate::retry::{Attempt, RetryPolicy, backoff, spread};
use crate::session::{Answer, Secrets, Session, header, read};
use crate::transport::REQUEST_ID;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::value::RawValue;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::{Instrument, Span, debug, field::Empty, info_span, warn};

/// How much of the variables is traced, in bytes.
const MAX_TRACED: usize = 16 * 1024;

/// What happened to a call so far.
struct Course<'s> {
    session: &'s Session,
    operation: &'s str,
    start: Instant,
    policy: RetryPolicy,
    span: Span,
    /// Whether it does no harm to execute the operation twice.
    repeatable: bool,
    waited: Duration,
    attempts: Vec<Attempt>,
    /// What was waited before the attempts that are noted.
    accounted: Duration,
    /// The token of the last request.
    token: Option<HeaderValue>,
    /// A token that was refused has been replaced, which is done once.
    renewed: bool,
    cost: Option<u64>,
    /// Hooks know how it ended.
    is_told: bool,
    /// The variables are in the span.
    is_traced: bool,
}

impl Client {
    /// Sends one GraphQL request, as often as it takes and may be, and waits for the whole answer.
    pub(crate) async fn send(&self, operation: &str, kind: OperationType, body: Vec<u8>) -> Result<Answer> {
        let policy = self.retry;
        policy.check()?;
        let account = self.session.account();
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
            session: &self.session,
            operation,
            start: Instant::now(),
            policy,
            span: span.clone(),
            repeatable: kind == OperationType::Query,
            waited: Duration::ZERO,
            attempts: Vec::new(),
            accounted: Duration::ZERO,
            token: None,
            renewed: false,
            cost: None,
            is_told: false,
            is_traced: !self.session.settings.trace_variables || span.is_disabled(),
        };
        let run = course.run(Bytes::from(body)).instrument(span.clone());
        let result = match policy.time_limit {
            None => run.await,
            Some(limit) => timeout(limit, run).await.unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::Transport, format!("no answer within the time limit of {limit:?}")))
            }),
        };
        span.record("attempts", course.attempts.len());
        match result {
            Ok(answer) => {
                course.tell_hooks(Outcome::Answered);
                Ok(answer)
            }
            Err(error) => {
                let error = error.with_attempts(course.attempts.clone());
                course.tell_hooks(Outcome::Failed(&error));
                Err(error)
            }
        }
    }
}

impl Course<'_> {
    async fn run(&mut self, body: Bytes) -> Result<Answer> {
        loop {
            match self.attempt(body.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.go_on(error).await?,
            }
        }
    }

    async fn attempt(&mut self, body: Bytes) -> Result<Answer> {
        let session = self.session;
        self.token = None;
        let signature = match session.token().await {
            Ok(signature) => signature,
            Err(error) => {
                debug!(status = error.status(), "no token");
                self.begin();
                self.end(error.status(), None);
                // Whatever failed, it was not the operation.
                return Err(error.before_sending());
            }
        };
        self.token = Some(signature.clone());
        let secrets = session.secrets(signature.clone());
        self.trace_variables(&body, &secrets);
        let slot = self.slot().await?;
        self.begin();
        let answer = session.exchange(self.operation, signature, body).await;
        slot.answered();
        let answer = answer.inspect_err(|error| {
            self.end(None, error.request_id());
            debug!(attempt = self.attempts.len(), "no answer");
        })?;
        let (status, headers) = (answer.status(), answer.headers());
        let request_id = header(headers, &REQUEST_ID).map(|id| secrets.blot_out(&id));
        self.end(Some(status.as_u16()), request_id.as_deref());
        self.cost = cost(headers);
        self.tell(status, request_id.as_deref());
        session.limits.note(headers);
        let answer = read(answer, request_id, secrets);
        if let Err(error) = &answer
            && status == StatusCode::TOO_MANY_REQUESTS
            && let Some(wait) = error.retry_after()
        {
            session.limits.refuses_for(wait);
        }
        answer
    }

    /// Puts the variables into the span, where that was asked for.
    fn trace_variables(&mut self, body: &[u8], secrets: &Secrets) {
        #[derive(serde::Deserialize)]
        struct Body<'b> {
            #[serde(borrow)]
            variables: Option<&'b RawValue>,
        }
        if std::mem::replace(&mut self.is_traced, true) {
            return;
        }
        if let Ok(Body { variables: Some(variables) }) = serde_json::from_slice(body) {
            let mut variables = secrets.blot_out(variables.get());
            variables.truncate(variables.floor_char_boundary(MAX_TRACED));
            self.span.record("variables", variables);
        }
    }

    fn tell_hooks(&mut self, outcome: Outcome<'_>) {
        self.is_told = true;
        let last = self.attempts.last();
        self.session.settings.hooks.after_call(&CallEnd {
            operation: self.operation,
            account: self.session.account(),
            is_mutation: !self.repeatable,
            attempts: self.attempts.len(),
            status: last.and_then(|attempt| attempt.status),
            request_id: last.and_then(|attempt| attempt.request_id.as_deref()),
            cost: self.cost,
            waited: self.waited,
            duration: self.start.elapsed(),
            outcome,
        });
    }

    fn tell(&self, status: StatusCode, request_id: Option<&str>) {
        let cost = self.cost;
        self.span.record("status", status.as_u16()).record("request_id", request_id).record("cost", cost);
        debug!(attempt = self.attempts.len(), status = status.as_u16(), request_id, cost, "answered");
    }

    /// Returns when the request can be sent: no budget is used up, and there is a slot for it.
    async fn slot(&mut self) -> Result<Slot> {
        let limits = &self.session.limits;
        loop {
            self.open().await?;
            let slot = match limits.try_slot() {
                Some(slot) => slot,
                None => self.wait_for_slot().await?,
            };
            // Another call may have been refused in the meantime.
            if limits.closed().is_none() {
                return Ok(slot);
            }
            slot.unused();
        }
    }

    async fn wait_for_slot(&mut self) -> Result<Slot> {
        let start = Instant::now();
        let slot = timeout(self.patience(), self.session.limits.slot()).await;
        self.waited += start.elapsed();
        slot.map_err(|_| {
            let message = format!("more calls at once than can be sent in {:?}", self.policy.max_wait);
            Error::new(ErrorKind::RateLimited, message)
        })
    }

    /// Waits until the server takes requests.
    async fn open(&mut self) -> Result<()> {
        while let Some(closed) = self.session.limits.closed() {
            let wait = closed.until().saturating_duration_since(Instant::now());
            if wait > self.patience() || (closed.is_used_up() && !self.policy.waits_for_budget) {
                return Err(self.closed(closed, wait));
            }
            debug!(wait_ms = millis(wait), "waits until the server takes requests again");
            sleep_until(closed.until()).await;
            self.waited += wait;
        }
        Ok(())
    }

    fn closed(&self, closed: Closed, wait: Duration) -> Error {
        let seconds = wait.as_secs_f64();
        let message = match closed {
            Closed::UsedUp(used_up) => {
                format!("all {} of the user are used up for {seconds:.0} s", used_up.what)
            }
            Closed::Refuses(_) => format!("the server refuses requests of the user for {seconds:.0} s"),
        };
        Error::new(ErrorKind::RateLimited, message).with_retry_after(Some(wait))
    }

    /// Returns when the call is to be sent again, or the error when it is not.
    async fn go_on(&mut self, error: Error) -> Result<()> {
        // A request that was refused with 401 was not executed.
        if error.kind() == ErrorKind::Unauthorized
            && error.status() == Some(StatusCode::UNAUTHORIZED.as_u16())
            && !self.renewed
            && let Some(token) = &self.token
            && self.session.refused(token).await
        {
            self.renewed = true;
            return Ok(());
        }
        let attempts = self.attempts.len() - usize::from(self.renewed);
        if attempts >= self.policy.max_attempts || !self.may_repeat(&error) {
            return Err(error);
        }
        if !self.policy.waits_for_budget
            && let Some(closed) = self.session.limits.closed().filter(|closed| closed.is_used_up())
        {
            let wait = closed.until().saturating_duration_since(Instant::now());
            return Err(self.closed(closed, wait));
        }
        let wait = error.retry_after().map_or_else(|| backoff(attempts), spread);
        if wait > self.patience() {
            return Err(error);
        }
        warn!(attempt = attempts, status = error.status(), wait_ms = millis(wait), "will be sent again");
        sleep(wait).await;
        self.waited += wait;
        Ok(())
    }

    fn may_repeat(&self, error: &Error) -> bool {
        match error.status() {
            // Refused before any work was started.
            Some(429) => true,
            Some(502..=504) => self.repeatable || error.is_before_sending(),
            _ => error.kind() == ErrorKind::Transport && (self.repeatable || error.is_before_sending()),
        }
    }

    /// How much longer the call may wait.
    fn patience(&self) -> Duration {
        self.policy.max_wait.saturating_sub(self.waited)
    }

    fn begin(&mut self) {
        let waited = self.waited - self.accounted;
        self.accounted = self.waited;
        self.attempts.push(Attempt { waited, status: None, request_id: None });
    }

    fn end(&mut self, status: Option<u16>, request_id: Option<&str>) {
        if let Some(attempt) = self.attempts.last_mut() {
            (attempt.status, attempt.request_id) = (status, request_id.map(str::to_owned));
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

fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

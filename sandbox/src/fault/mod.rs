//! Faults of the server and of the network, on request.

mod script;

use axum::http::{HeaderName, HeaderValue};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::connection::PageFault;
use crate::error::SandboxError;

/// What goes wrong with one request. Give them to
/// [`Sandbox::faults`](crate::Sandbox::faults): each meets one request, in their order. Or write them
/// as a [`script`](Self::script), for `cargo xtask sandbox --faults FILE`.
///
/// ```
/// use std::time::Duration;
/// use xurrent_sandbox::Fault;
///
/// let faults = [
///     Fault::status(429).header("retry-after", "1"),
///     Fault::status(503).header("content-type", "text/html").body("<h1>Down</h1>"),
///     Fault::cut_after().delayed(Duration::from_millis(50)),
/// ];
/// ```
#[derive(Debug, Clone)]
#[must_use = "a fault happens only when it is given to a sandbox"]
pub struct Fault {
    pub(crate) effect: Effect,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) delay: Duration,
    is_executed: bool,
    target: Target,
    operation: Option<String>,
    user: Option<String>,
}

/// What kind of request a fault meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    GraphQl,
    TokenCall,
    /// For the result of asynchronous work.
    AsyncResult,
    Upload,
    /// For what a webhook policy publishes.
    Discovery,
    /// Of the REST interface.
    Rest,
}

#[derive(Debug, Clone)]
pub(crate) enum Effect {
    None,
    /// An answer instead of the execution, or instead of what the execution led to.
    Status(u16, String),
    CutBefore,
    CutAfter,
    CutBody,
    SlowBody(Duration),
    Errors(Vec<String>),
    Pages(PageFault),
    MaxNodes(u64),
}

impl Fault {
    /// Nothing goes wrong: for a request in between, or with [`delayed`](Self::delayed) or
    /// [`header`](Self::header).
    pub fn none() -> Self {
        Self::new(Effect::None)
    }

    /// The request is not executed but answered with this status and a JSON message; a number that
    /// is no status becomes 500.
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Status(status, format!(r#"{{"message":"A fault of the sandbox: {status}"}}"#)))
    }

    /// The connection is closed instead of executing the request.
    pub fn cut_before() -> Self {
        Self::new(Effect::CutBefore)
    }

    /// The request is executed, and the connection closed instead of answering.
    pub fn cut_after() -> Self {
        Self::new(Effect::CutAfter)
    }

    /// The request is executed, and the connection closed in the middle of the answer's body.
    pub fn cut_body() -> Self {
        Self::new(Effect::CutBody)
    }

    /// The request is executed, and its answer comes bit by bit in this time.
    pub fn slow_body(duration: Duration) -> Self {
        Self::new(Effect::SlowBody(duration))
    }

    /// The request is executed, and its answer says that it is of this type.
    pub fn content_type(content_type: &str) -> Self {
        Self::none().header("content-type", content_type)
    }

    /// The request is executed, and errors with these messages are put beside its data.
    pub fn errors<S: Into<String>>(messages: impl IntoIterator<Item = S>) -> Self {
        Self::new(Effect::Errors(messages.into_iter().map(Into::into).collect()))
    }

    /// The request is executed, and every connection in its answer that was asked for records after a
    /// cursor says that there are more of them after the same cursor.
    pub fn repeated_cursor() -> Self {
        Self::new(Effect::Pages(PageFault::RepeatedCursor))
    }

    /// The request is executed, and every connection in its answer says that there are more records,
    /// but not after which cursor: `endCursor` is null.
    pub fn no_cursor() -> Self {
        Self::new(Effect::Pages(PageFault::NoCursor))
    }

    /// Like [`no_cursor`](Self::no_cursor), with an empty text.
    pub fn empty_cursor() -> Self {
        Self::new(Effect::Pages(PageFault::EmptyCursor))
    }

    /// The request is executed, and pages have up to this many records more than were asked for.
    pub fn long_pages(more: usize) -> Self {
        Self::new(Effect::Pages(PageFault::LongPages(more)))
    }

    /// The request is refused with a GraphQL error if it asks for more nodes than this: the first
    /// 100 records with 50 of something in each are 5,000. For every request, see
    /// [`SandboxBuilder::max_nodes`](crate::SandboxBuilder::max_nodes).
    pub fn max_nodes(limit: u64) -> Self {
        Self::new(Effect::MaxNodes(limit))
    }

    /// A header of the answer, in place of one with the same name. One that HTTP cannot hold is left
    /// out.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            self.headers.push((name, value));
        }
        self
    }

    /// The body that goes with [`status`](Self::status); other answers keep theirs.
    pub fn body(mut self, text: impl Into<String>) -> Self {
        if let Effect::Status(_, body) = &mut self.effect {
            *body = text.into();
        }
        self
    }

    /// The request is executed all the same before it is answered with [`status`](Self::status), as
    /// when a gateway loses patience; other faults stay what they are.
    pub fn after_execution(mut self) -> Self {
        self.is_executed = true;
        self
    }

    /// Waits before anything else happens.
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Meets a token call in place of a GraphQL request.
    pub fn on_token_call(mut self) -> Self {
        self.target = Target::TokenCall;
        self
    }

    /// Meets an upload to the attachment storage in place of a GraphQL request. With
    /// [`cut_before`](Self::cut_before) its body is not read.
    pub fn on_upload(mut self) -> Self {
        self.target = Target::Upload;
        self
    }

    /// Meets a request for the result of asynchronous work in place of a GraphQL request.
    pub fn on_poll(mut self) -> Self {
        self.target = Target::AsyncResult;
        self
    }

    /// Meets a request for a document of OpenID Connect discovery in place of a GraphQL request: for the
    /// configuration of a webhook policy, or for its set of keys.
    pub fn on_discovery(mut self) -> Self {
        self.target = Target::Discovery;
        self
    }

    /// Meets a request of the REST interface in place of a GraphQL request.
    pub fn on_rest(mut self) -> Self {
        self.target = Target::Rest;
        self
    }

    /// Meets only a GraphQL request with this `operationName`; requests with another one pass by.
    pub fn for_operation(mut self, name: &str) -> Self {
        self.operation = Some(name.to_owned());
        self
    }

    /// Meets only a GraphQL request of this user, known by
    /// [`SandboxBuilder::user`](crate::SandboxBuilder::user); those of others pass by.
    pub fn for_user(mut self, name: &str) -> Self {
        self.user = Some(name.to_owned());
        self
    }

    /// Faults from a text, for programs that are not written in Rust: a JSON array of objects.
    ///
    /// ```
    /// # use xurrent_sandbox::Fault;
    /// let script = r#"[
    ///   { "times": 3 },
    ///   { "fault": { "status": 429 }, "headers": { "retry-after": "1" } },
    ///   { "fault": { "status": 503 }, "body": "<h1>Down</h1>", "headers": { "content-type": "text/html" } },
    ///   { "fault": { "status": 504 }, "after_execution": true, "operation": "requestCreate" },
    ///   { "fault": "cut_body", "delay_ms": 50, "times": 2 },
    ///   { "fault": { "slow_body_ms": 500 }, "user": "Grace" },
    ///   { "fault": { "errors": ["out of order"] } },
    ///   { "fault": { "status": 503 }, "on": "token_call" }
    /// ]"#;
    /// assert_eq!(Fault::script(script)?.len(), 11);
    /// # Ok::<(), xurrent_sandbox::SandboxError>(())
    /// ```
    ///
    /// * `fault`: `"none"` when left out, `"cut_before"`, `"cut_after"`, `"cut_body"`,
    ///   `"repeated_cursor"`, `"no_cursor"`, `"empty_cursor"`, or an object with one of `status`,
    ///   `slow_body_ms`, `errors`, `long_pages`, `max_nodes`. They are the functions of [`Fault`].
    /// * `body`, `after_execution`: what goes with a `status`.
    /// * `headers`, `delay_ms`: what goes with any fault.
    /// * `operation`, `user`: which GraphQL requests it is for; `on`: for which others, `"token_call"`,
    ///   `"upload"`, `"poll"`, `"discovery"` or `"rest"`.
    /// * `times`: for how many requests in a row, 1 when left out.
    ///
    /// # Errors
    /// When the text is not such an array, with the line, and when a status or a header is none.
    pub fn script(json: &str) -> Result<Vec<Self>, SandboxError> {
        script::read(json)
    }

    /// Whether the request is answered without being executed.
    pub(crate) fn replaces_execution(&self) -> bool {
        match self.effect {
            Effect::CutBefore => true,
            Effect::Status(..) => !self.is_executed,
            _ => false,
        }
    }

    fn new(effect: Effect) -> Self {
        Self {
            effect,
            headers: Vec::new(),
            delay: Duration::ZERO,
            is_executed: false,
            target: Target::GraphQl,
            operation: None,
            user: None,
        }
    }

    fn meets(&self, request: &Met<'_>) -> bool {
        let fits = |wanted: &Option<String>, given: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| given == Some(wanted))
        };
        self.target == request.target
            && fits(&self.operation, request.operation)
            && fits(&self.user, request.user)
    }
}

/// What faults are chosen by.
pub(crate) struct Met<'a> {
    pub(crate) target: Target,
    pub(crate) operation: Option<&'a str>,
    pub(crate) user: Option<&'a str>,
}

impl Met<'_> {
    /// One that is known by its kind alone.
    pub(crate) fn only(target: Target) -> Self {
        Self { target, operation: None, user: None }
    }
}

/// The faults to come.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<VecDeque<Fault>>);

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self(Mutex::new(faults.into()))
    }

    pub(crate) fn add(&self, faults: impl IntoIterator<Item = Fault>) {
        self.queue().extend(faults);
    }

    pub(crate) fn clear(&self) {
        self.queue().clear();
    }

    pub(crate) fn left(&self) -> usize {
        self.queue().len()
    }

    /// The fault that this request meets.
    pub(crate) fn next(&self, request: &Met<'_>) -> Option<Fault> {
        let mut faults = self.queue();
        let place = faults.iter().position(|fault| fault.meets(request))?;
        faults.remove(place)
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Faults of the server and of the network, on request.

use axum::http::{HeaderName, HeaderValue};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What goes wrong with one request. Give them to
/// [`Sandbox::faults`](crate::Sandbox::faults): each meets one request, in their order.
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
    target: Target,
}

/// What kind of request a fault meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    GraphQl,
    TokenCall,
    Upload,
}

#[derive(Debug, Clone)]
pub(crate) enum Effect {
    None,
    /// An answer instead of the execution.
    Status(u16, String),
    CutBefore,
    CutAfter,
    CutBody,
    SlowBody(Duration),
    Errors(Vec<String>),
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

    fn new(effect: Effect) -> Self {
        Self { effect, headers: Vec::new(), delay: Duration::ZERO, target: Target::GraphQl }
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(faults);
    }

    pub(crate) fn left(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The fault that the next request meets.
    pub(crate) fn next(&self, target: Target) -> Option<Fault> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = faults.iter().position(|fault| fault.target == target)?;
        faults.remove(place)
    }
}

//! Faults of the server and the network, on request.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::SandboxError;
use crate::source::PageFault;

/// The maximum number of faults: more are a typing error.
const MAX_FAULTS: usize = 1_000_000;

/// A fault of one request. [`Sandbox::faults`](crate::Sandbox::faults) queues them: each applies to one
/// request, in their order. A [`script`](Self::script) is the same as a file, for
/// `cargo xtask sandbox --faults FILE`.
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
#[derive(Debug, Clone, Default)]
#[must_use = "a fault has no effect until it is given to a sandbox"]
pub struct Fault {
    pub(crate) effect: Effect,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) delay: Duration,
    pub(crate) body: Option<String>,
    is_executed: bool,
    kind: RequestKind,
    operation: Option<String>,
    user: Option<String>,
}

/// The kinds of requests that faults select.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RequestKind {
    #[default]
    #[serde(rename = "graphql_request")]
    GraphQl,
    TokenCall,
    /// A poll for the result of asynchronous work.
    #[serde(rename = "poll")]
    AsyncResult,
    Upload,
    /// A document published by a webhook policy.
    Discovery,
    Rest,
    /// The file of an export or import.
    Download,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    #[default]
    None,
    /// Responds with this status instead of executing the request, or after executing it.
    Status(u16),
    CutBefore,
    CutAfter,
    CutBody,
    #[serde(rename = "slow_body_ms", deserialize_with = "milliseconds")]
    SlowBody(Duration),
    Errors(Vec<String>),
    RepeatedCursor,
    NoCursor,
    EmptyCursor,
    LongPages(usize),
    MaxNodes(u64),
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

impl Effect {
    pub(crate) fn page_fault(&self) -> Option<PageFault> {
        match self {
            Self::RepeatedCursor => Some(PageFault::RepeatedCursor),
            Self::NoCursor => Some(PageFault::NoCursor),
            Self::EmptyCursor => Some(PageFault::EmptyCursor),
            Self::LongPages(more) => Some(PageFault::LongPages(*more)),
            _ => None,
        }
    }
}

impl Fault {
    /// No fault: for a request in between, or with [`delayed`](Self::delayed) or
    /// [`header`](Self::header).
    pub fn none() -> Self {
        Self::new(Effect::None)
    }

    /// Responds with this status and a JSON message instead of executing the request. An invalid status
    /// becomes 500.
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Status(status))
    }

    /// Closes the connection instead of executing the request.
    pub fn cut_before() -> Self {
        Self::new(Effect::CutBefore)
    }

    /// Executes the request, and closes the connection instead of responding.
    pub fn cut_after() -> Self {
        Self::new(Effect::CutAfter)
    }

    /// Executes the request, and closes the connection in the middle of the response body.
    pub fn cut_body() -> Self {
        Self::new(Effect::CutBody)
    }

    /// Executes the request, and sends the response body in chunks over this time.
    pub fn slow_body(duration: Duration) -> Self {
        Self::new(Effect::SlowBody(duration))
    }

    /// Executes the request, and responds with this content type.
    pub fn content_type(content_type: &str) -> Self {
        Self::none().header("content-type", content_type)
    }

    /// Executes the request, and adds errors with these messages beside the data.
    pub fn errors<S: Into<String>>(messages: impl IntoIterator<Item = S>) -> Self {
        Self::new(Effect::Errors(messages.into_iter().map(Into::into).collect()))
    }

    /// Executes the request. Every connection in the response that was requested after a cursor reports a
    /// next page after the same cursor.
    pub fn repeated_cursor() -> Self {
        Self::new(Effect::RepeatedCursor)
    }

    /// Executes the request. Every connection in the response reports a next page, but `endCursor` is
    /// null.
    pub fn no_cursor() -> Self {
        Self::new(Effect::NoCursor)
    }

    /// Like [`no_cursor`](Self::no_cursor), with an empty string.
    pub fn empty_cursor() -> Self {
        Self::new(Effect::EmptyCursor)
    }

    /// Executes the request. Pages have up to this many records more than requested.
    pub fn long_pages(more: usize) -> Self {
        Self::new(Effect::LongPages(more))
    }

    /// Refuses the request with a GraphQL error if it selects more nodes than this: the first 100 records
    /// with 50 of something in each are 5,000. [`SandboxBuilder::max_nodes`](crate::SandboxBuilder::max_nodes)
    /// applies to every request.
    pub fn max_nodes(limit: u64) -> Self {
        Self::new(Effect::MaxNodes(limit))
    }

    /// Sets a header of the response, in place of one with the same name. An invalid header is ignored.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            self.headers.push((name, value));
        }
        self
    }

    /// Sets the body that goes with [`status`](Self::status); other faults ignore it.
    pub fn body(mut self, text: impl Into<String>) -> Self {
        self.body = Some(text.into());
        self
    }

    /// Executes the request before responding with [`status`](Self::status), like a gateway that times
    /// out; other faults ignore it.
    pub fn after_execution(mut self) -> Self {
        self.is_executed = true;
        self
    }

    /// Waits before anything else happens.
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Applies to a token call instead of a GraphQL request.
    pub fn on_token_call(self) -> Self {
        Self { kind: RequestKind::TokenCall, ..self }
    }

    /// Applies to an upload to the attachment storage instead of a GraphQL request. With
    /// [`cut_before`](Self::cut_before) its body is not read.
    pub fn on_upload(self) -> Self {
        Self { kind: RequestKind::Upload, ..self }
    }

    /// Applies to a poll for the result of asynchronous work instead of a GraphQL request.
    pub fn on_poll(self) -> Self {
        Self { kind: RequestKind::AsyncResult, ..self }
    }

    /// Applies to a request for an OpenID Connect discovery document (the configuration of a webhook
    /// policy, or its key set) instead of a GraphQL request.
    pub fn on_discovery(self) -> Self {
        Self { kind: RequestKind::Discovery, ..self }
    }

    /// Applies to a REST request instead of a GraphQL request.
    pub fn on_rest(self) -> Self {
        Self { kind: RequestKind::Rest, ..self }
    }

    /// Applies to the download of the file of an export or import instead of a GraphQL request.
    pub fn on_download(self) -> Self {
        Self { kind: RequestKind::Download, ..self }
    }

    /// Applies only to GraphQL requests with this `operationName`.
    pub fn for_operation(mut self, name: &str) -> Self {
        self.operation = Some(name.to_owned());
        self
    }

    /// Applies only to GraphQL requests of this [user](crate::SandboxBuilder::user).
    pub fn for_user(mut self, name: &str) -> Self {
        self.user = Some(name.to_owned());
        self
    }

    #[doc = include_str!("script.md")]
    ///
    /// # Errors
    /// If the text is not such an array, with the line, and if a status or a header is invalid.
    pub fn script(json: &str) -> Result<Vec<Self>, SandboxError> {
        let invalid = |reason: String| SandboxError::Script { reason };
        let entries: Vec<Entry> = serde_json::from_str(json).map_err(|error| invalid(error.to_string()))?;
        let mut faults = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            let times = entry.times;
            let fault = entry.fault().map_err(|reason| invalid(format!("entry {}: {reason}", index + 1)))?;
            if times > MAX_FAULTS - faults.len() {
                return Err(invalid(format!("entry {}: more than {MAX_FAULTS} faults", index + 1)));
            }
            faults.extend(std::iter::repeat_n(fault, times));
        }
        Ok(faults)
    }

    /// Whether the request is not executed.
    pub(crate) fn replaces_execution(&self) -> bool {
        match self.effect {
            Effect::CutBefore => true,
            Effect::Status(_) => !self.is_executed,
            _ => false,
        }
    }

    fn new(effect: Effect) -> Self {
        Self { effect, ..Self::default() }
    }

    pub(crate) fn applies_to(&self, kind: RequestKind, operation: Option<&str>, user: Option<&str>) -> bool {
        self.kind == kind
            && (self.operation.is_none() || self.operation.as_deref() == operation)
            && (self.user.is_none() || self.user.as_deref() == user)
    }
}

/// One object of a script.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entry {
    fault: Effect,
    body: Option<String>,
    after_execution: bool,
    headers: BTreeMap<String, String>,
    delay_ms: u64,
    operation: Option<String>,
    user: Option<String>,
    on: RequestKind,
    #[serde(default = "once")]
    times: usize,
}

fn once() -> usize {
    1
}

impl Entry {
    fn fault(self) -> Result<Fault, String> {
        match self.fault {
            // A status below 200 announces another response.
            Effect::Status(status) if status < 200 || StatusCode::from_u16(status).is_err() => {
                return Err(format!("{status} is not the status of a response"));
            }
            Effect::Status(_) => {}
            _ if self.body.is_some() || self.after_execution => {
                return Err("`body` and `after_execution` require a `status`".to_owned());
            }
            _ => {}
        }
        if self.on != RequestKind::GraphQl && (self.operation.is_some() || self.user.is_some()) {
            return Err("`operation` and `user` require a GraphQL request".to_owned());
        }
        let mut fault = Fault::new(self.fault).delayed(Duration::from_millis(self.delay_ms));
        for (name, value) in &self.headers {
            let header = HeaderName::try_from(name).ok().zip(HeaderValue::from_str(value).ok());
            fault.headers.push(header.ok_or_else(|| format!("invalid header {name:?}: {value:?}"))?);
        }
        (fault.body, fault.is_executed, fault.kind) = (self.body, self.after_execution, self.on);
        (fault.operation, fault.user) = (self.operation, self.user);
        Ok(fault)
    }
}

//! OAuth 2.0 client credentials.

use crate::api::{Authentication, uri};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Permit;
use crate::quote::{BRIEF, quote};
use crate::response::http::object;
use crate::retry::{retry_after, seconds};
use crate::secrets::MIN_SECRET_LEN;
use crate::send::lock;
use crate::transport::{Request, Transport};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, Id};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::Instrument;

/// How long before it expires a token is renewed by default.
pub(crate) const DEFAULT_MARGIN: Duration = Duration::from_secs(60);

/// How long a token request may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long a token request of another Tokio runtime is awaited, which may not run.
const ELSEWHERE: Duration = Duration::from_secs(2);

/// A client id and secret, with the last token.
pub(crate) struct ClientCredentials {
    id: String,
    secret: SecretString,
    endpoint: Url,
    margin: Duration,
    authentication: Authentication,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    issued: Option<Issued>,
    /// The current token request, as long as a caller waits for it.
    current: Weak<TokenCall>,
}

impl State {
    fn held(&self) -> Option<HeaderValue> {
        let issued = self.issued.as_ref()?;
        issued.replace_at.is_none_or(|at| Instant::now() < at).then(|| issued.header.clone())
    }
}

/// A token request that all callers share. It is a task, so that no caller depends on another one being
/// polled, and is aborted when the last caller drops this.
struct TokenCall {
    outcome: watch::Receiver<Option<Result<HeaderValue>>>,
    _task: JoinSet<()>,
    /// The Tokio runtime of the task.
    runtime: Id,
}

struct Issued {
    header: HeaderValue,
    /// When to renew it. A token without a lifetime is used until it is refused.
    replace_at: Option<Instant>,
}

#[derive(Deserialize)]
struct Grant {
    access_token: SecretString,
    token_type: Option<String>,
    expires_in: Option<Value>,
}

impl ClientCredentials {
    pub(crate) fn new(
        id: String,
        secret: SecretString,
        endpoint: Url,
        margin: Duration,
        authentication: Authentication,
    ) -> Result<Self> {
        if id.trim().is_empty() {
            return Err(Error::configuration("the client id is empty"));
        }
        if secret.expose_secret().trim().is_empty() {
            return Err(Error::configuration("the client secret is empty"));
        }
        Ok(Self { id, secret, endpoint, margin, authentication, state: Mutex::default() })
    }

    /// The current token, unless it is about to expire.
    pub(super) fn held(&self) -> Option<HeaderValue> {
        lock(&self.state).held()
    }

    /// Drops a token that the server refused, unless it was renewed since.
    pub(super) fn forget(&self, header: &HeaderValue) {
        lock(&self.state).issued.take_if(|issued| issued.header == *header);
    }

    /// Fetches a token with this permit, or joins the current token request. A failure concerns the callers
    /// that waited for it; the next one tries again. None when the current request runs on another Tokio
    /// runtime and does not end in time.
    pub(super) async fn fetch(
        self: &Arc<Self>,
        transport: &Arc<dyn Transport>,
        permit: Permit,
    ) -> Result<Option<HeaderValue>> {
        // Without a Tokio runtime, no other caller can join.
        let Ok(runtime) = Handle::try_current() else {
            return self.renew(&**transport, permit).await.map(Some);
        };
        let call = {
            let mut state = lock(&self.state);
            if let Some(header) = state.held() {
                permit.unused();
                return Ok(Some(header));
            }
            let is_running =
                |call: &Arc<TokenCall>| call.outcome.borrow().is_none() && call.outcome.has_changed().is_ok();
            if let Some(call) = state.current.upgrade().filter(is_running) {
                permit.unused();
                call
            } else {
                let (sender, outcome) = watch::channel(None);
                let (this, transport) = (Arc::clone(self), Arc::clone(transport));
                let renewal = async move {
                    let header = this.renew(&*transport, permit).await;
                    sender.send_replace(Some(header));
                };
                let mut task = JoinSet::new();
                task.spawn_on(renewal.in_current_span(), &runtime);
                let call = Arc::new(TokenCall { outcome, _task: task, runtime: runtime.id() });
                state.current = Arc::downgrade(&call);
                call
            }
        };
        let mut outcome = call.outcome.clone();
        let is_elsewhere = call.runtime != runtime.id();
        let ended = outcome.wait_for(Option::is_some);
        let ended = match is_elsewhere {
            true => timeout(ELSEWHERE, ended).await.ok().and_then(Result::ok),
            false => ended.await.ok(),
        };
        if let Some(Some(outcome)) = ended.as_deref() {
            return outcome.as_ref().map(|header| Some(header.clone())).map_err(Error::duplicate);
        }
        if is_elsewhere {
            // Spare the next caller the wait.
            let mut state = lock(&self.state);
            if std::ptr::eq(state.current.as_ptr(), Arc::as_ptr(&call)) {
                state.current = Weak::new();
            }
            return Ok(None);
        }
        // The transport has panicked, or the runtime is shut down.
        Err(Error::new(ErrorKind::Transport, "the token request was aborted"))
    }

    async fn renew(&self, transport: &dyn Transport, permit: Permit) -> Result<HeaderValue> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.id)
            .append_pair("client_secret", self.secret.expose_secret())
            .append_pair("grant_type", "client_credentials")
            .finish();
        let mut request = http::Request::new(Bytes::from(form));
        (*request.method_mut(), *request.uri_mut()) = (Method::POST, uri(&self.endpoint)?);
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let asked_at = Instant::now();
        let response = transport.send(Request::new(request, TIMEOUT)).await;
        permit.answered();
        let response = response?;
        if response.status() != StatusCode::OK {
            let refusal = self.refusal(response.status(), response.body());
            return Err(refusal.with_retry_after(retry_after(response.headers())));
        }
        let grant: Grant = object(response.body()).ok_or_else(|| self.broken("sent no `access_token`"))?;
        if let Some(kind) = grant.token_type.filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            let kind = self.quote(&kind, 20);
            return Err(self.broken(&format!("issued a token of type \"{kind}\"; expected bearer")));
        }
        let header = self.authentication.value(&grant.access_token);
        let header = header.map_err(|_| self.broken("issued a token that no HTTP header can hold"))?;
        if grant.access_token.expose_secret().trim().is_empty() {
            return Err(self.broken("sent no `access_token`"));
        }
        if grant.expires_in.as_ref().is_some_and(|lifetime| !lifetime.is_number() && !lifetime.is_string()) {
            return Err(self.broken("sent an invalid `expires_in`"));
        }
        let seconds = grant.expires_in.as_ref().and_then(seconds);
        let lifetime =
            seconds.map(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX));
        let replace_at =
            lifetime.and_then(|lifetime| asked_at.checked_add(lifetime - self.margin.min(lifetime / 4)));
        lock(&self.state).issued = Some(Issued { header: header.clone(), replace_at });
        Ok(header)
    }

    fn refusal(&self, status: StatusCode, body: &[u8]) -> Error {
        #[derive(Deserialize, Default)]
        struct Refusal {
            error: Option<String>,
            error_description: Option<String>,
        }
        const CREDENTIALS: [&str; 4] =
            ["invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"];
        let refusal: Refusal = object(body).unwrap_or_default();
        let code = refusal.error.unwrap_or_default();
        let refused = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
            StatusCode::BAD_REQUEST => CREDENTIALS.contains(&code.as_str()),
            _ => false,
        };
        let reason = match (code.is_empty(), refusal.error_description) {
            (true, _) => format!("HTTP {}", status.as_u16()),
            (false, None) => code,
            (false, Some(description)) => format!("{code}: {description}"),
        };
        let reason = self.quote(&reason, BRIEF);
        let error = match refused {
            true => self.error(ErrorKind::CredentialsRefused, "refused the client credentials"),
            false => self.error(ErrorKind::TokenService, "did not issue a token"),
        };
        error.with_detail(&format!(": {reason}")).with_status(status.as_u16())
    }

    /// Redacts the credentials, which a server may echo. A short id is not redacted, since it may be any
    /// word.
    fn quote(&self, text: &str, most: usize) -> String {
        let id = Some(&*self.id).filter(|id| id.len() >= MIN_SECRET_LEN).unwrap_or_default();
        let query = self.endpoint.query().unwrap_or_default();
        quote(text.as_bytes(), &[self.secret.expose_secret(), id, query], most, false)
    }

    fn broken(&self, what: &str) -> Error {
        self.error(ErrorKind::TokenService, what)
    }

    fn error(&self, kind: ErrorKind, what: &str) -> Error {
        Error::new(kind, format!("{} {what}", self.endpoint.host_str().unwrap_or_default()))
    }
}

//! OAuth 2.0 client credentials.

use super::{bearer, object};
use crate::api::uri;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Permit;
use crate::quote::{BRIEF, quote};
use crate::retry::retry_after;
use crate::secrets::MIN_SECRET_LEN;
use crate::transport::{Request, Transport};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, Id};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tracing::Instrument;

/// How long before its end a token is replaced, when nothing else was said.
pub(crate) const DEFAULT_MARGIN: Duration = Duration::from_secs(60);

/// A token call that takes longer than this has failed.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long a token call is waited for that goes on in another runtime, which may not be driven.
const ELSEWHERE: Duration = Duration::from_secs(2);

/// A client id and secret, and the token they were last exchanged for.
pub(crate) struct ClientCredentials {
    id: String,
    secret: SecretString,
    endpoint: Url,
    margin: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    issued: Option<Issued>,
    /// The token call under way, as long as somebody waits for it.
    under_way: Weak<TokenCall>,
}

impl State {
    fn held(&self) -> Option<HeaderValue> {
        let issued = self.issued.as_ref()?;
        issued.replace_at.is_none_or(|at| Instant::now() < at).then(|| issued.header.clone())
    }
}

/// A token call that everybody waits for who needs its token. It goes on by itself, so that nobody
/// depends on another one being polled, and ends when the last one has given up.
struct TokenCall {
    outcome: watch::Receiver<Option<Result<HeaderValue>>>,
    task: AbortHandle,
    /// The runtime that it goes on in.
    runtime: Id,
}

impl TokenCall {
    fn goes_on(&self) -> bool {
        self.outcome.borrow().is_none() && self.outcome.has_changed().is_ok()
    }
}

impl Drop for TokenCall {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Issued {
    header: HeaderValue,
    /// When to fetch the next one. A token without a lifetime is kept until it is refused.
    replace_at: Option<Instant>,
}

#[derive(Deserialize)]
struct Grant {
    access_token: SecretString,
    token_type: Option<String>,
    expires_in: Option<Seconds>,
}

/// A lifetime, which some servers write as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(f64),
    Text(String),
}

impl Seconds {
    fn duration(&self) -> Option<Duration> {
        let seconds = match self {
            Self::Number(seconds) => *seconds,
            Self::Text(text) => text.trim().parse().ok()?,
        };
        Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
    }
}

#[derive(Deserialize, Default)]
struct Refusal {
    error: Option<String>,
    error_description: Option<String>,
}

impl ClientCredentials {
    pub(crate) fn new(id: String, secret: SecretString, endpoint: Url, margin: Duration) -> Result<Self> {
        if id.trim().is_empty() {
            return Err(Error::configuration("the client id is empty"));
        }
        if secret.expose_secret().trim().is_empty() {
            return Err(Error::configuration("the client secret is empty"));
        }
        Ok(Self { id, secret, endpoint, margin, state: Mutex::default() })
    }

    /// The token that is held, unless it is about to end.
    pub(super) fn held(&self) -> Option<HeaderValue> {
        self.state().held()
    }

    /// Drops a token that the server refused, unless it has been replaced already.
    pub(super) fn forget(&self, header: &HeaderValue) {
        let mut state = self.state();
        if state.issued.as_ref().is_some_and(|issued| issued.header == *header) {
            state.issued = None;
        }
    }

    /// A new token, by a token call in this permit or by the one that is under way. A failure is for
    /// those who waited for it, and not kept: the next caller asks again. None when the one that was
    /// under way goes on in another runtime, if it does.
    pub(super) async fn fetch(
        self: &Arc<Self>,
        transport: &Arc<dyn Transport>,
        permit: Permit,
    ) -> Result<Option<HeaderValue>> {
        // Without a runtime there is nobody to share with.
        let Ok(runtime) = Handle::try_current() else {
            return self.renew(&**transport, permit).await.map(Some);
        };
        let call = {
            let mut state = self.state();
            if let Some(header) = state.held() {
                permit.unused();
                return Ok(Some(header));
            }
            match state.under_way.upgrade().filter(|call| call.goes_on()) {
                Some(call) => {
                    permit.unused();
                    call
                }
                None => {
                    let call = self.call(&runtime, transport, permit);
                    state.under_way = Arc::downgrade(&call);
                    call
                }
            }
        };
        let mut outcome = call.outcome.clone();
        let is_elsewhere = call.runtime != runtime.id();
        let ended = outcome.wait_for(Option::is_some);
        let ended = match is_elsewhere {
            true => timeout(ELSEWHERE, ended).await.ok().and_then(Result::ok),
            false => ended.await.ok(),
        };
        if let Some(outcome) = ended
            && let Some(outcome) = &*outcome
        {
            return match outcome {
                Ok(header) => Ok(Some(header.clone())),
                Err(error) => Err(error.duplicate()),
            };
        }
        if is_elsewhere {
            // Nobody else needs to find out.
            let mut state = self.state();
            if std::ptr::eq(state.under_way.as_ptr(), Arc::as_ptr(&call)) {
                state.under_way = Weak::new();
            }
            return Ok(None);
        }
        // The transport has panicked, or the runtime is shut down.
        Err(Error::new(ErrorKind::Transport, "the token call was broken off"))
    }

    fn call(
        self: &Arc<Self>,
        runtime: &Handle,
        transport: &Arc<dyn Transport>,
        permit: Permit,
    ) -> Arc<TokenCall> {
        let (told, outcome) = watch::channel(None);
        let (this, transport) = (Arc::clone(self), Arc::clone(transport));
        let call = async move {
            let header = this.renew(&*transport, permit).await;
            told.send_replace(Some(header));
        };
        let task = runtime.spawn(call.in_current_span()).abort_handle();
        Arc::new(TokenCall { outcome, task, runtime: runtime.id() })
    }

    async fn renew(&self, transport: &dyn Transport, permit: Permit) -> Result<HeaderValue> {
        let fresh = self.ask(transport, permit).await?;
        let header = fresh.header.clone();
        self.state().issued = Some(fresh);
        Ok(header)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, transport: &dyn Transport, permit: Permit) -> Result<Issued> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.id)
            .append_pair("client_secret", self.secret.expose_secret())
            .append_pair("grant_type", "client_credentials")
            .finish();
        let mut request = http::Request::new(Bytes::from(form));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri(&self.endpoint)?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let asked_at = Instant::now();
        let answer = transport.send(Request::new(request, TIMEOUT)).await;
        permit.answered();
        let answer = answer?;
        if answer.status() != StatusCode::OK {
            let refusal = self.refusal(answer.status(), answer.body());
            return Err(refusal.with_retry_after(retry_after(answer.headers())));
        }
        let grant: Grant =
            object(answer.body()).ok_or_else(|| self.broken("did not answer with an `access_token`"))?;
        if let Some(kind) = grant.token_type.filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            let kind = self.quote(&kind, 20);
            return Err(self.broken(&format!("issued a token of the type \"{kind}\", not bearer")));
        }
        let header =
            bearer(&grant.access_token).map_err(|_| self.broken("issued a token that cannot be sent"))?;
        if grant.access_token.expose_secret().trim().is_empty() {
            return Err(self.broken("did not answer with an `access_token`"));
        }
        let lifetime = grant.expires_in.as_ref().and_then(Seconds::duration);
        Ok(Issued { header, replace_at: lifetime.and_then(|lifetime| self.replace_at(asked_at, lifetime)) })
    }

    /// The margin before the end; for a token that lives shortly, a quarter of its life.
    fn replace_at(&self, asked_at: Instant, lifetime: Duration) -> Option<Instant> {
        let margin = self.margin.min(lifetime / 4);
        asked_at.checked_add(lifetime - margin)
    }

    fn refusal(&self, status: StatusCode, body: &[u8]) -> Error {
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
        let host = self.endpoint.host_str().unwrap_or_default();
        let (kind, what) = match refused {
            true => (ErrorKind::CredentialsRefused, "refused the client credentials"),
            false => (ErrorKind::TokenService, "did not issue a token"),
        };
        Error::new(kind, format!("{host} {what}: {reason}")).with_status(status.as_u16())
    }

    /// A server that echoes what it was sent must not make us repeat it. An id is no secret by itself: a
    /// short one may be any word.
    fn quote(&self, text: &str, most: usize) -> String {
        let id = Some(&*self.id).filter(|id| id.len() >= MIN_SECRET_LEN).unwrap_or_default();
        let query = self.endpoint.query().unwrap_or_default();
        quote(text.as_bytes(), &[self.secret.expose_secret(), id, query], most, false)
    }

    fn broken(&self, what: &str) -> Error {
        let host = self.endpoint.host_str().unwrap_or_default();
        Error::new(ErrorKind::TokenService, format!("{host} {what}"))
    }
}

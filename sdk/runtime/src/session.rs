//! Requests of one account, each sent once and signed, with what the server refuses turned into
//! errors.

use crate::auth::{TokenInfo, conceal, conceal_errors, object, read_token_info, token, uri};
use crate::endpoint::{Endpoints, shown};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::exchange::Outgoing;
use crate::hook::Hooks;
use crate::limits::Slot;
use crate::pool::{Patience, Pool, Tried};
use crate::retry::{RetryPolicy, retry_after};
use crate::transport::{BoxFuture, REQUEST_ID, Request, Transport, UploadRequest};
use crate::upload::Storages;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode, Uri};
use reqwest::Url;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

static ACCOUNT: HeaderName = HeaderName::from_static("x-xurrent-account");
static LANGUAGE: HeaderName = HeaderName::from_static("x-xurrent-language");

/// How long one request may take when nothing else was said.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

/// A check of the configuration is answered at once or not at all.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) struct Session {
    transport: Arc<dyn Transport>,
    pub(crate) pool: Pool,
    pub(crate) storages: Storages,
    graphql: Uri,
    rest: Option<Url>,
    /// That the account is on.
    domain: Option<String>,
    introspect: Uri,
    account: HeaderValue,
    language: Option<HeaderValue>,
    pub(crate) settings: Settings,
}

/// What holds for all requests.
pub(crate) struct Settings {
    /// How long one request may take.
    pub(crate) request_timeout: Duration,
    pub(crate) hooks: Hooks,
    /// Whether the values of variables are told to `tracing`.
    pub(crate) trace_variables: bool,
}

/// With what a request can be sent now.
pub(crate) struct Turn {
    /// The index of the token.
    pub(crate) token: usize,
    pub(crate) slot: Slot,
    /// The token as a header.
    pub(crate) signature: HeaderValue,
}

/// What an answer of success is like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Json,
    /// Empty, or JSON that nobody looks at.
    Nothing,
}

/// A successful HTTP answer. Its body may still hold GraphQL errors.
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// What the server reported when the answer was completed.
    pub(crate) errors: Vec<GraphQlError>,
    pub(crate) request_id: Option<String>,
    pub(crate) secrets: Secrets,
}

impl Answer {
    pub(crate) fn new(body: Vec<u8>, request_id: Option<String>, secrets: Secrets) -> Self {
        Self { headers: HeaderMap::new(), body, errors: Vec::new(), request_id, secrets }
    }
}

/// What must not be seen in anything that a server says: the tokens, and a key in the address.
#[derive(Clone)]
pub(crate) struct Secrets {
    /// The header that the request was signed with, those that others may be signed with, or the
    /// path of an address that needs none.
    signatures: Vec<HeaderValue>,
    /// The query of the endpoint's address, and what a call sends that is one.
    texts: Vec<String>,
}

impl Secrets {
    /// An address that opens what is behind it to everybody who knows it.
    pub(crate) fn of_address(address: &Uri) -> Self {
        let path = HeaderValue::try_from(address.path());
        Self { signatures: path.into_iter().collect(), texts: query(address) }
    }

    /// These, and others.
    pub(crate) fn and(mut self, others: &[String]) -> Self {
        self.texts.extend_from_slice(others);
        self
    }

    fn texts(&self) -> Vec<&str> {
        self.signatures.iter().map(token).chain(self.texts.iter().map(String::as_str)).collect()
    }

    /// Blots them out in a text.
    pub(crate) fn blot_out(&self, text: &str) -> String {
        conceal(text, &self.texts()).into_owned()
    }

    /// Blots them out in what the server reports.
    pub(crate) fn conceal(&self, errors: &mut [GraphQlError]) {
        conceal_errors(errors, &self.texts());
    }
}

impl Session {
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        pool: Pool,
        endpoints: &Endpoints,
        account: &str,
        language: Option<&str>,
        settings: Settings,
    ) -> Result<Self> {
        let account = HeaderValue::try_from(account)
            .map_err(|_| Error::configuration("the account has characters that no HTTP header can hold"))?;
        let language = language.map(language_header).transpose()?;
        let (graphql, introspect) = (uri(&endpoints.graphql)?, uri(&endpoints.introspect())?);
        let storages = Storages::default();
        let (rest, domain) = (endpoints.rest.clone(), endpoints.domain.clone());
        Ok(Self { transport, pool, storages, graphql, rest, domain, introspect, account, language, settings })
    }

    /// The account that requests are for.
    pub(crate) fn account(&self) -> &str {
        self.account.to_str().unwrap_or_default()
    }

    /// Returns when a request can be sent: with which token, in which slot, signed how. Otherwise the
    /// token that could not be had, if it is for want of one, and why.
    pub(crate) async fn turn(
        &self,
        tried: &mut Tried,
        patience: &mut Patience,
    ) -> Result<Turn, (Option<usize>, Error)> {
        // Also a token that is good for one call only is used for this one.
        let mut fetched: Vec<(usize, HeaderValue)> = Vec::new();
        loop {
            let (token, slot) = self.pool.turn(tried, patience).await.map_err(|error| (None, error))?;
            let ours = fetched.iter().find(|(of, _)| *of == token).map(|(_, header)| header.clone());
            if let Some(signature) = ours.or_else(|| self.pool.credentials(token).held()) {
                return Ok(Turn { token, slot, signature });
            }
            match self.pool.credentials(token).fetch(&self.transport, slot).await {
                Ok(header) => fetched.push((token, header)),
                Err(error) => return Err((Some(token), error.about(self.pool.name(token)))),
            }
            tried.prefer(token);
        }
    }

    /// Sends what a call sends, once.
    pub(crate) async fn exchange(
        &self,
        outgoing: &Outgoing<'_>,
        token: HeaderValue,
    ) -> Result<Response<Vec<u8>>> {
        let Outgoing { operation, method, uri, body, .. } = outgoing;
        let mut request = self.request(method.clone(), uri, token, body.clone());
        // Not for the token service: what it refuses is told apart by its words.
        if let Some(language) = &self.language {
            request.headers_mut().insert(LANGUAGE.clone(), language.clone());
        }
        self.transport.send(Request::new(request, self.settings.request_timeout).of(operation)).await
    }

    /// Fetches what is at another address, without credentials.
    pub(crate) async fn get(&self, operation: &str, address: &Uri) -> Result<Response<Vec<u8>>> {
        let mut request = http::Request::new(Bytes::new());
        *request.uri_mut() = address.clone();
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        self.transport.send(Request::new(request, self.settings.request_timeout).of(operation)).await
    }

    /// The address that GraphQL requests go to.
    pub(crate) fn endpoint(&self) -> &Uri {
        &self.graphql
    }

    /// The address of the account, if that is known.
    pub(crate) fn account_url(&self) -> Option<String> {
        self.domain.as_ref().map(|domain| format!("https://{}.{domain}", self.account()))
    }

    /// Where the REST interface is, if that is known.
    pub(crate) fn rest(&self) -> Option<&Url> {
        self.rest.as_ref()
    }

    /// Says in whose name and for which account a request is.
    pub(crate) fn sign(&self, headers: &mut HeaderMap, token: HeaderValue) {
        headers.insert(AUTHORIZATION, token);
        headers.insert(ACCOUNT.clone(), self.account.clone());
    }

    /// Sends one file, once.
    pub(crate) fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        self.transport.upload(request)
    }

    /// What must not be seen in the answer to a request that was signed like that.
    pub(crate) fn secrets(&self, signature: HeaderValue) -> Secrets {
        let mut signatures = vec![signature];
        if self.pool.len() > 1 {
            signatures.extend(self.pool.held());
        }
        Secrets { signatures, texts: query(&self.graphql) }
    }

    /// Asks what the tokens are good for: the scopes that all of them have.
    pub(crate) async fn check(&self, policy: RetryPolicy) -> Result<TokenInfo> {
        let mut patience = Patience::new(policy);
        let mut scopes: Option<Vec<String>> = None;
        for token in 0..self.pool.len() {
            let name = self.pool.name(token);
            let info = self.check_token(token, &mut patience).await.map_err(|error| error.about(name))?;
            self.pool.accepted(token);
            match &mut scopes {
                None => scopes = Some(info.scopes),
                Some(scopes) => scopes.retain(|scope| info.scopes.contains(scope)),
            }
        }
        let scopes = scopes.unwrap_or_default();
        if scopes.is_empty() {
            let count = self.pool.len();
            return Err(Error::new(
                ErrorKind::Unauthorized,
                format!("there is no scope that all {count} tokens have"),
            ));
        }
        Ok(TokenInfo { scopes })
    }

    async fn check_token(&self, token: usize, patience: &mut Patience) -> Result<TokenInfo> {
        let mut answer = self.introspect(token, patience).await?;
        if answer.0.status() == StatusCode::UNAUTHORIZED && self.pool.credentials(token).refused(&answer.1) {
            answer = self.introspect(token, patience).await?;
        }
        let answer = answer.0;
        read_token_info(self.introspect.host().unwrap_or_default(), &answer)
            .map_err(|error| error.with_request_id(header(answer.headers(), &REQUEST_ID).as_deref()))
    }

    async fn introspect(
        &self,
        token: usize,
        patience: &mut Patience,
    ) -> Result<(Response<Vec<u8>>, HeaderValue)> {
        let signature = match self.pool.credentials(token).held() {
            Some(signature) => signature,
            None => {
                let slot = self.pool.slot(token, patience).await?;
                self.pool.credentials(token).fetch(&self.transport, slot).await?
            }
        };
        let request = self.request(Method::GET, &self.introspect, signature.clone(), Bytes::new());
        let slot = self.pool.slot(token, patience).await?;
        let time = CHECK_TIMEOUT.min(self.settings.request_timeout);
        let answer = self.transport.send(Request::new(request, time)).await;
        slot.answered();
        Ok((answer?, signature))
    }

    fn request(&self, method: Method, uri: &Uri, token: HeaderValue, body: Bytes) -> http::Request<Bytes> {
        let mut request = http::Request::new(body);
        (*request.method_mut(), *request.uri_mut()) = (method, uri.clone());
        let headers = request.headers_mut();
        self.sign(headers, token);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("graphql", &shown(&self.graphql.to_string()))
            .field("account", &self.account)
            .field("tokens", &self.pool.len())
            .finish_non_exhaustive()
    }
}

fn language_header(language: &str) -> Result<HeaderValue> {
    if language.trim().is_empty() {
        return Err(Error::configuration("the language is empty: give it like `nl`, or leave it out"));
    }
    let header = HeaderValue::try_from(language).ok().filter(|_| language.is_ascii());
    header.ok_or_else(|| Error::configuration(format!("{language:?} is no language: give it like `nl`")))
}

pub(crate) fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Tells apart what the server answers: data, which may still hold GraphQL errors, or a refusal.
pub(crate) fn read(
    answer: Response<Vec<u8>>,
    expected: Expected,
    request_id: Option<String>,
    secrets: Secrets,
) -> Result<Answer> {
    let (parts, body) = answer.into_parts();
    let is_json = header(&parts.headers, &CONTENT_TYPE)
        .is_some_and(|content_type| content_type.to_ascii_lowercase().contains("json"));
    let kind = match parts.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorKind::Unauthorized,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
        status if status.is_success() && (is_json || expected == Expected::Nothing && body.is_empty()) => {
            return Ok(Answer { headers: parts.headers, ..Answer::new(body, request_id, secrets) });
        }
        _ => ErrorKind::Status,
    };
    Err(refusal(kind, parts.status, is_json, &body, &secrets)
        .with_status(parts.status.as_u16())
        .with_retry_after(retry_after(&parts.headers))
        .with_request_id(request_id.as_deref()))
}

fn query(address: &Uri) -> Vec<String> {
    address.query().map(str::to_owned).into_iter().collect()
}

/// What the server says in a refusal: the `message` and the `errors` of its JSON, or the beginning
/// of its body.
fn refusal(kind: ErrorKind, status: StatusCode, is_json: bool, body: &[u8], secrets: &Secrets) -> Error {
    const QUOTED: usize = 200;
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: Option<String>,
        errors: Option<Box<RawValue>>,
    }
    if let Some(Refusal { message, errors }) = object(body) {
        let mut errors = errors.map(|errors| reasons(errors.get())).unwrap_or_default();
        secrets.conceal(&mut errors);
        if let Some(message) = message {
            return Error::new(kind, format!("the server answered {status}: {}", secrets.blot_out(&message)))
                .with_errors(errors);
        }
        if !errors.is_empty() {
            return Error::new(kind, format!("the server answered {status}")).with_errors(errors);
        }
    }
    let text = String::from_utf8_lossy(body);
    // Before the cut, which could leave a part of the token.
    let text = secrets.blot_out(text.trim());
    let cut: String = text.chars().take(QUOTED).collect();
    let dots = if cut.len() < text.len() { "…" } else { "" };
    let message = match (cut.is_empty(), is_json) {
        // Data, perhaps a permission to upload: it is for the caller, and not for a log.
        (false, false) if status.is_success() && cut.starts_with('{') => {
            format!("the server answered {status} with data, but does not say that it is JSON")
        }
        (true, _) => format!("the server answered {status} with an empty body"),
        (false, true) => format!("the server answered {status}: {cut}{dots}"),
        (false, false) => {
            format!("the server answered {status} with something that is not JSON: {cut}{dots}")
        }
    };
    Error::new(kind, message)
}

/// Errors as GraphQL has them, pairs of a field and a message, or whatever else a server says.
fn reasons(errors: &str) -> Vec<GraphQlError> {
    #[derive(serde::Deserialize)]
    struct Graphql {
        field: Option<IgnoredAny>,
    }
    let mut reasons = Vec::new();
    match serde_json::from_str::<Vec<&RawValue>>(errors) {
        Ok(items) => items.into_iter().for_each(|item| {
            let is_graphql = object(item.get().as_bytes()).is_some_and(|Graphql { field }| field.is_none());
            match serde_json::from_str(item.get()) {
                Ok(error) if is_graphql => reasons.push(error),
                _ => add_reason(None, serde_json::from_str(item.get()).unwrap_or_default(), &mut reasons),
            }
        }),
        Err(_) => add_reason(None, serde_json::from_str(errors).unwrap_or_default(), &mut reasons),
    }
    reasons
}

/// A text, a field and its message, or fields and their messages. Of what is none of these nothing is
/// lost either.
fn add_reason(field: Option<&str>, reason: Value, reasons: &mut Vec<GraphQlError>) {
    match reason {
        Value::Null => {}
        Value::Array(items) => match items.as_slice() {
            [Value::String(name), message] if field.is_none() => {
                add_reason(Some(name), message.clone(), reasons);
            }
            _ => items.into_iter().for_each(|item| add_reason(field, item, reasons)),
        },
        Value::Object(mut fields) => match (fields.remove("field"), fields.remove("message")) {
            (Some(Value::String(field)), Some(message)) => add_reason(Some(&field), message, reasons),
            (None, Some(message)) => add_reason(field, message, reasons),
            (None, None) => {
                fields.into_iter().for_each(|(field, reason)| add_reason(Some(&field), reason, reasons));
            }
            (named, message) => {
                fields.extend(named.map(|named| ("field".to_owned(), named)));
                fields.extend(message.map(|message| ("message".to_owned(), message)));
                reasons.push(said(field, Value::Object(fields).to_string()));
            }
        },
        Value::String(message) => reasons.push(said(field, message)),
        other => reasons.push(said(field, other.to_string())),
    }
}

fn said(field: Option<&str>, message: String) -> GraphQlError {
    GraphQlError { message, path: field.map(str::to_owned).into_iter().collect(), extensions: None }
}

//! Requests of one account, each sent once and signed, with what the server refuses turned into
//! errors.

use crate::auth::{Credentials, TokenInfo, conceal, conceal_errors, object, read_token_info, token, uri};
use crate::endpoint::{Endpoints, shown};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::limits::Limits;
use crate::retry::retry_after;
use crate::transport::{REQUEST_ID, Request, Transport};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode, Uri};
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

static ACCOUNT: HeaderName = HeaderName::from_static("x-xurrent-account");
static LANGUAGE: HeaderName = HeaderName::from_static("x-xurrent-language");

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A check of the configuration is answered at once or not at all.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) struct Session {
    transport: Arc<dyn Transport>,
    credentials: Credentials,
    pub(crate) limits: Limits,
    graphql: Uri,
    introspect: Uri,
    account: HeaderValue,
    language: Option<HeaderValue>,
}

/// A successful HTTP answer. Its body may still hold GraphQL errors.
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    /// What the server reported when the answer was completed.
    pub(crate) errors: Vec<GraphQlError>,
    pub(crate) request_id: Option<String>,
    pub(crate) secrets: Secrets,
}

/// What must not be seen in anything that a server says: the token, and a key in the address.
#[derive(Clone)]
pub(crate) struct Secrets {
    /// The header that the request was signed with.
    signature: HeaderValue,
    /// The query of the endpoint's address.
    query: String,
}

impl Secrets {
    fn texts(&self) -> [&str; 2] {
        [token(&self.signature), &self.query]
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
        credentials: Credentials,
        limits: Limits,
        endpoints: &Endpoints,
        account: &str,
        language: Option<&str>,
    ) -> Result<Self> {
        let account = HeaderValue::try_from(account)
            .map_err(|_| Error::configuration("the account has characters that no HTTP header can hold"))?;
        let language = language.map(language_header).transpose()?;
        let (graphql, introspect) = (uri(&endpoints.graphql)?, uri(&endpoints.introspect())?);
        Ok(Self { transport, credentials, limits, graphql, introspect, account, language })
    }

    /// The account that requests are for.
    pub(crate) fn account(&self) -> &str {
        self.account.to_str().unwrap_or_default()
    }

    /// The header to sign the next request with.
    pub(crate) async fn token(&self) -> Result<HeaderValue> {
        self.credentials.header(&*self.transport, &self.limits).await
    }

    /// The server refused this header with 401. True when another one may be tried.
    pub(crate) async fn refused(&self, token: &HeaderValue) -> bool {
        self.credentials.refused(token).await
    }

    /// Sends one GraphQL request, once.
    pub(crate) async fn exchange(&self, token: HeaderValue, body: Bytes) -> Result<Response<Vec<u8>>> {
        let mut request = self.request(Method::POST, &self.graphql, token, body);
        // Not for the token service: what it refuses is told apart by its words.
        if let Some(language) = &self.language {
            request.headers_mut().insert(LANGUAGE.clone(), language.clone());
        }
        self.transport.send(Request::new(request, TIMEOUT)).await
    }

    /// What must not be seen in the answer to a request that was signed like that.
    pub(crate) fn secrets(&self, signature: HeaderValue) -> Secrets {
        Secrets { signature, query: self.graphql.query().unwrap_or_default().to_owned() }
    }

    /// Asks what the token in use is good for.
    pub(crate) async fn check(&self) -> Result<TokenInfo> {
        let mut answer = self.introspect().await?;
        if answer.0.status() == StatusCode::UNAUTHORIZED && self.refused(&answer.1).await {
            answer = self.introspect().await?;
        }
        let answer = answer.0;
        read_token_info(self.introspect.host().unwrap_or_default(), &answer)
            .map_err(|error| error.with_request_id(header(answer.headers(), &REQUEST_ID).as_deref()))
    }

    async fn introspect(&self) -> Result<(Response<Vec<u8>>, HeaderValue)> {
        let token = self.token().await?;
        let request = self.request(Method::GET, &self.introspect, token.clone(), Bytes::new());
        let slot = self.limits.slot().await;
        let answer = self.transport.send(Request::new(request, CHECK_TIMEOUT)).await;
        slot.answered();
        Ok((answer?, token))
    }

    fn request(&self, method: Method, uri: &Uri, token: HeaderValue, body: Bytes) -> http::Request<Bytes> {
        let mut request = http::Request::new(body);
        (*request.method_mut(), *request.uri_mut()) = (method, uri.clone());
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, token);
        headers.insert(ACCOUNT.clone(), self.account.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("graphql", &shown(&self.graphql.to_string()))
            .field("account", &self.account)
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
    request_id: Option<String>,
    secrets: Secrets,
) -> Result<Answer> {
    let (parts, body) = answer.into_parts();
    let is_json = header(&parts.headers, &CONTENT_TYPE)
        .is_some_and(|content_type| content_type.to_ascii_lowercase().contains("json"));
    let kind = match parts.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorKind::Unauthorized,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
        status if status.is_success() && is_json => {
            return Ok(Answer { body, errors: Vec::new(), request_id, secrets });
        }
        _ => ErrorKind::Status,
    };
    Err(refusal(kind, parts.status, is_json, &body, &secrets)
        .with_status(parts.status.as_u16())
        .with_retry_after(retry_after(&parts.headers))
        .with_request_id(request_id.as_deref()))
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
        (true, _) => format!("the server answered {status} with an empty body"),
        (false, true) => format!("the server answered {status}: {cut}{dots}"),
        (false, false) => {
            format!("the server answered {status} with something that is not JSON: {cut}{dots}")
        }
    };
    Error::new(kind, message)
}

/// Pairs of a field and a message, or errors as GraphQL has them.
fn reasons(errors: &str) -> Vec<GraphQlError> {
    let reason = |(field, message)| GraphQlError { message, path: vec![field], extensions: None };
    match serde_json::from_str::<Vec<(String, String)>>(errors) {
        Ok(pairs) => pairs.into_iter().map(reason).collect(),
        Err(_) => serde_json::from_str(errors).unwrap_or_default(),
    }
}

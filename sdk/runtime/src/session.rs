//! Requests of one account, signed in, with what the server refuses turned into errors.

use crate::auth::{Credentials, TokenInfo, conceal, conceal_errors, object, read_token_info, token, uri};
use crate::endpoint::{Endpoints, shown};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::transport::{REQUEST_ID, Request, Transport};
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
    graphql: Uri,
    introspect: Uri,
    account: HeaderValue,
    language: Option<HeaderValue>,
}

/// A successful HTTP answer. Its body may still hold GraphQL errors.
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    pub(crate) request_id: Option<String>,
    pub(crate) secrets: Secrets,
}

/// What must not be seen in anything that a server says.
#[derive(Clone)]
pub(crate) struct Secrets {
    /// The header that the request was signed with.
    signature: HeaderValue,
    /// The query of the endpoint's address.
    query: String,
}

impl Secrets {
    /// Blots out the token, and a key in the address, in what the server reports.
    pub(crate) fn conceal(&self, errors: &mut [GraphQlError]) {
        conceal_errors(errors, &[token(&self.signature), &self.query]);
    }
}

impl Session {
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        credentials: Credentials,
        endpoints: &Endpoints,
        account: &str,
        language: Option<&str>,
    ) -> Result<Self> {
        let account = HeaderValue::try_from(account)
            .map_err(|_| Error::configuration("the account has characters that no HTTP header can hold"))?;
        let language = language.map(language_header).transpose()?;
        let (graphql, introspect) = (uri(&endpoints.graphql)?, uri(&endpoints.introspect())?);
        Ok(Self { transport, credentials, graphql, introspect, account, language })
    }

    /// Sends one GraphQL request and waits for the whole answer.
    pub(crate) async fn send(&self, body: Vec<u8>) -> Result<Answer> {
        let (answer, signature) = self.signed(Method::POST, &self.graphql, body, TIMEOUT).await?;
        let query = self.graphql.query().unwrap_or_default();
        let (parts, body) = answer.into_parts();
        let request_id = header(&parts.headers, &REQUEST_ID);
        let is_json = header(&parts.headers, &CONTENT_TYPE)
            .is_some_and(|content_type| content_type.to_ascii_lowercase().contains("json"));
        let kind = match parts.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorKind::Unauthorized,
            status if status.is_success() && is_json => {
                let secrets = Secrets { signature, query: query.to_owned() };
                return Ok(Answer { body, request_id, secrets });
            }
            _ => ErrorKind::Status,
        };
        Err(refusal(kind, parts.status, is_json, &body, &[token(&signature), query])
            .with_status(parts.status.as_u16())
            .with_request_id(request_id.as_deref()))
    }

    /// Asks what the token in use is good for.
    pub(crate) async fn check(&self) -> Result<TokenInfo> {
        let (answer, _) = self.signed(Method::GET, &self.introspect, Vec::new(), CHECK_TIMEOUT).await?;
        read_token_info(self.introspect.host().unwrap_or_default(), &answer)
            .map_err(|error| error.with_request_id(header(answer.headers(), &REQUEST_ID).as_deref()))
    }

    /// Sends a request with the token, and returns the answer with the header that was sent last.
    /// A request that was refused with 401 was not executed, so it is sent once more when a new
    /// token can be had.
    async fn signed(
        &self,
        method: Method,
        uri: &Uri,
        body: Vec<u8>,
        timeout: Duration,
    ) -> Result<(Response<Vec<u8>>, HeaderValue)> {
        let token = self.credentials.header(&*self.transport).await?;
        let request = |token: HeaderValue, body: Vec<u8>| {
            let mut request = http::Request::new(body);
            *request.method_mut() = method.clone();
            *request.uri_mut() = uri.clone();
            let headers = request.headers_mut();
            headers.insert(AUTHORIZATION, token);
            headers.insert(ACCOUNT.clone(), self.account.clone());
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            // Not for the token service: what it refuses is told apart by its words.
            if let Some(language) = self.language.as_ref().filter(|_| *uri == self.graphql) {
                headers.insert(LANGUAGE.clone(), language.clone());
            }
            Request::new(request, timeout)
        };
        let answer = self.transport.send(request(token.clone(), body.clone())).await?;
        if answer.status() != StatusCode::UNAUTHORIZED || !self.credentials.refused(&token).await {
            return Ok((answer, token));
        }
        let token = self.credentials.header(&*self.transport).await?;
        Ok((self.transport.send(request(token.clone(), body)).await?, token))
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

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// What the server says in a refusal: the `message` and the `errors` of its JSON, or the beginning
/// of its body.
fn refusal(kind: ErrorKind, status: StatusCode, is_json: bool, body: &[u8], secrets: &[&str]) -> Error {
    const QUOTED: usize = 200;
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: Option<String>,
        errors: Option<Box<RawValue>>,
    }
    if let Some(Refusal { message, errors }) = object(body) {
        let mut errors = errors.map(|errors| reasons(errors.get())).unwrap_or_default();
        conceal_errors(&mut errors, secrets);
        if let Some(message) = message {
            return Error::new(kind, format!("the server answered {status}: {}", conceal(&message, secrets)))
                .with_errors(errors);
        }
        if !errors.is_empty() {
            return Error::new(kind, format!("the server answered {status}")).with_errors(errors);
        }
    }
    let text = String::from_utf8_lossy(body);
    // Before the cut, which could leave a part of the token.
    let text = conceal(text.trim(), secrets);
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

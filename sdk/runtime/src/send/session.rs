//! Requests of one account, each sent once and signed.

use crate::auth::{TokenInfo, read_token_info, uri};
use crate::document::OperationType;
use crate::endpoint::{Endpoints, shown};
use crate::error::{Error, ErrorKind, Result};
use crate::hook::Hooks;
use crate::limits::Slot;
use crate::pool::{Patience, Pool, Tried};
use crate::response::http::{ExpectedBody, request_id};
use crate::retry::RetryPolicy;
use crate::secrets::Secrets;
use crate::transport::{BoxFuture, Request, Transport, UploadRequest};
use crate::upload::Storages;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode, Uri};
use reqwest::Url;
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
    #[cfg_attr(not(feature = "webhook"), allow(dead_code, reason = "only the REST interface needs it"))]
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
    /// How many requests may complete the nested connections of one answer.
    pub(crate) max_nested_requests: usize,
}

/// What a call sends.
pub(crate) struct Outgoing<'o> {
    /// What hooks and traces call it.
    pub(crate) operation: &'o str,
    /// Whether it does no harm to execute it twice.
    pub(crate) kind: OperationType,
    pub(crate) method: Method,
    pub(crate) uri: &'o Uri,
    pub(crate) body: Bytes,
    pub(crate) expected: ExpectedBody,
    /// What must not be seen in the answer, besides tokens.
    pub(crate) secrets: Vec<String>,
}

/// With what a request can be sent now.
pub(crate) struct Turn {
    /// The index of the token.
    pub(crate) token: usize,
    pub(crate) slot: Slot,
    /// The token as a header.
    pub(crate) signature: HeaderValue,
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
                Ok(Some(header)) => fetched.push((token, header)),
                Ok(None) => {}
                Err(error) => return Err((Some(token), error.with_token_name(self.pool.name(token)))),
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
    #[cfg_attr(not(feature = "webhook"), allow(dead_code, reason = "only the REST interface needs it"))]
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

    /// What must not be seen in anything that the server said to any of the tokens at hand.
    pub(crate) fn all_secrets(&self) -> Secrets {
        Secrets::new(self.pool.held().collect(), &self.graphql)
    }

    /// What must not be seen in the answer to a request that was signed like that.
    pub(crate) fn secrets(&self, signature: HeaderValue) -> Secrets {
        let mut signatures = vec![signature];
        if self.pool.len() > 1 {
            signatures.extend(self.pool.held());
        }
        Secrets::new(signatures, &self.graphql)
    }

    /// Asks what the tokens are good for: the scopes that all of them have.
    pub(crate) async fn check(&self, policy: RetryPolicy) -> Result<TokenInfo> {
        let mut patience = Patience::new(policy);
        let mut scopes: Option<Vec<String>> = None;
        for token in 0..self.pool.len() {
            let name = self.pool.name(token);
            let info =
                self.check_token(token, &mut patience).await.map_err(|error| error.with_token_name(name))?;
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
        let (answer, signature) = answer;
        let secrets = self.secrets(signature);
        read_token_info(self.introspect.host().unwrap_or_default(), &answer, &secrets)
            .map_err(|error| error.with_request_id(request_id(answer.headers(), &secrets).as_deref()))
    }

    async fn introspect(
        &self,
        token: usize,
        patience: &mut Patience,
    ) -> Result<(Response<Vec<u8>>, HeaderValue)> {
        let mut held = self.pool.credentials(token).held();
        let signature = loop {
            if let Some(signature) = held {
                break signature;
            }
            let slot = self.pool.slot(token, patience).await?;
            held = self.pool.credentials(token).fetch(&self.transport, slot).await?;
        };
        let request = self.request(Method::GET, &self.introspect, signature.clone(), Bytes::new());
        let slot = self.pool.slot(token, patience).await?;
        let time = CHECK_TIMEOUT.min(self.settings.request_timeout);
        let answer = self.transport.send(Request::new(request, time)).await;
        slot.answered();
        let answer = answer.map_err(|error| error.redacted(&self.secrets(signature.clone())))?;
        Ok((answer, signature))
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

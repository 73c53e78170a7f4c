//! Over HTTP.

use super::{BoxFuture, Request, Transport, UploadRequest};
use crate::answer::Secrets;
use crate::endpoint::shown;
use crate::error::{Error, ErrorKind, Result};
use ::http::header::AUTHORIZATION;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// Request identifier of an answer.
pub(crate) static REQUEST_ID: ::http::HeaderName = ::http::HeaderName::from_static("x-request-id");

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest answer that is read when nothing else was said. A page of 100 records with long texts
/// has a few MiB.
const MAX_ANSWER_SIZE: u64 = 256 * 1024 * 1024;

/// What is set aside for an answer because its header announces it: headers can be wrong.
const ANNOUNCED: u64 = 8 * 1024 * 1024;

/// How the transport is made that a client has unless it is given another one.
#[derive(Default)]
pub(crate) struct HttpSettings {
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) proxy: Option<SecretString>,
    pub(crate) client: Option<reqwest::ClientBuilder>,
    pub(crate) max_answer_size: Option<u64>,
}

impl HttpSettings {
    /// The name of a setting that was made: it would be lost on another transport.
    pub(crate) fn made(&self) -> Option<&'static str> {
        let made = [
            (self.connect_timeout.is_some(), "connect_timeout"),
            (self.proxy.is_some(), "proxy"),
            (self.client.is_some(), "http_client"),
            (self.max_answer_size.is_some(), "max_answer_size"),
        ];
        made.into_iter().find_map(|(is_made, name)| is_made.then_some(name))
    }
}
/// No storage has more to say.
const MAX_UPLOAD_ANSWER: u64 = 1 << 20;

/// How much is read of an answer that means failure.
const MAX_REFUSAL: u64 = 1 << 20;

/// The transport of a client that was given no other.
pub(crate) struct Http {
    client: reqwest::Client,
    max_answer_size: u64,
}

impl Http {
    pub(crate) fn new(settings: HttpSettings) -> Result<Self> {
        let max_answer_size = settings.max_answer_size.unwrap_or(MAX_ANSWER_SIZE);
        if max_answer_size == 0 {
            return Err(Error::configuration("`max_answer_size` is 0: no answer could be read"));
        }
        let mut builder = match settings.client {
            // What is sent again is decided by the retry policy, which knows mutations.
            Some(builder) => builder.retry(reqwest::retry::never()).connection_verbose(false),
            None => {
                let agent = concat!("xurrent-rust/", env!("CARGO_PKG_VERSION"));
                reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).user_agent(agent)
            }
        };
        if let Some(timeout) = settings.connect_timeout {
            if timeout.is_zero() {
                return Err(Error::configuration("`connect_timeout` is zero: nothing could be reached"));
            }
            builder = builder.connect_timeout(timeout);
        }
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(through(proxy.expose_secret())?);
        }
        // A redirect would send the token to an address that nobody configured.
        let client = builder.redirect(reqwest::redirect::Policy::none()).build().map_err(|error| {
            Error::configuration("the HTTP client cannot be built").with_source(error.without_url())
        })?;
        Ok(Self { client, max_answer_size })
    }

    async fn exchange(&self, request: Request) -> Result<::http::Response<Vec<u8>>> {
        let host = request.http.uri().host().unwrap_or_default().to_owned();
        let secrets = secrets(&request.http);
        let unreachable = |error| unreachable(&host, error);
        let mut sent = reqwest::Request::try_from(request.http).map_err(unreachable)?;
        *sent.timeout_mut() = Some(request.timeout);
        let response = self.client.execute(sent).await.map_err(unreachable)?;
        read(
            response,
            self.max_answer_size,
            ": ask for less at once, or raise `max_answer_size`",
            unreachable,
        )
        .await
        .map_err(|error| error.concealed(&secrets))
    }

    async fn upload(&self, request: UploadRequest) -> Result<::http::Response<Vec<u8>>> {
        let host = request.http.uri().host().unwrap_or_default().to_owned();
        let secrets = secrets(&request.http);
        let unreachable = |error| unreachable(&host, error);
        let request = request.http.map(reqwest::Body::wrap);
        let sent = reqwest::Request::try_from(request).map_err(unreachable)?;
        let response = self.client.execute(sent).await.map_err(unreachable)?;
        let answer = read(response, MAX_UPLOAD_ANSWER, "", unreachable).await;
        answer.map_err(|error| error.concealed(&secrets))
    }
}

/// A proxy for everything. A user name and a password in its address are sent to it and not shown.
pub(crate) fn through(proxy: &str) -> Result<reqwest::Proxy> {
    let unusable = |why: &str| Error::configuration(format!("the proxy {:?} {why}", shown(proxy)));
    let url = Url::parse(proxy).map_err(|_| unusable("is no URL: give it like `http://proxy:3128`"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unusable("cannot be used: give it like `http://proxy:3128`"));
    }
    reqwest::Proxy::all(url).map_err(|_| unusable("cannot be used"))
}

/// What must not be seen in the answer to a request.
fn secrets<B>(request: &::http::Request<B>) -> Secrets {
    Secrets::new(request.headers().get(AUTHORIZATION).cloned().into_iter().collect(), request.uri())
}

/// Reads an answer, piece by piece, as long as it is not too large. One that means failure is read up to
/// a limit of its own: its status says more than the rest of its body.
async fn read(
    mut response: reqwest::Response,
    max_size: u64,
    advice: &str,
    unreachable: impl Fn(reqwest::Error) -> Error,
) -> Result<::http::Response<Vec<u8>>> {
    let mut answer = ::http::Response::new(Vec::new());
    *answer.status_mut() = response.status();
    std::mem::swap(answer.headers_mut(), response.headers_mut());
    let request_id = answer.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let status = answer.status();
    let body = match status.is_success() {
        true => body(response, max_size, advice, unreachable).await,
        false => beginning(response, max_size.min(MAX_REFUSAL), unreachable).await,
    };
    *answer.body_mut() = body.map_err(|error| error.with_request_id(request_id.as_deref()))?;
    Ok(answer)
}

async fn beginning(
    mut response: reqwest::Response,
    most: u64,
    unreachable: impl Fn(reqwest::Error) -> Error,
) -> Result<Vec<u8>> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut body = Vec::new();
    while body.len() < most
        && let Some(piece) = response.chunk().await.map_err(&unreachable)?
    {
        body.extend_from_slice(&piece[..piece.len().min(most - body.len())]);
    }
    Ok(body)
}

async fn body(
    mut response: reqwest::Response,
    max_size: u64,
    advice: &str,
    unreachable: impl Fn(reqwest::Error) -> Error,
) -> Result<Vec<u8>> {
    let check = |size: u64| {
        let too_large = || {
            let message = format!("the answer has more than {max_size} bytes{advice}");
            Err(Error::new(ErrorKind::Decode, message))
        };
        if size <= max_size { Ok(()) } else { too_large() }
    };
    let announced = response.content_length().unwrap_or_default();
    check(announced)?;
    let mut body = Vec::with_capacity(usize::try_from(announced.min(ANNOUNCED)).unwrap_or_default());
    while let Some(piece) = response.chunk().await.map_err(&unreachable)? {
        check((body.len() + piece.len()) as u64)?;
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn unreachable(host: &str, error: reqwest::Error) -> Error {
    let what = if error.is_timeout() { "did not answer in time" } else { "cannot be reached" };
    let unsent = error.is_connect();
    let error = Error::new(ErrorKind::Transport, format!("{host} {what}")).with_source(error.without_url());
    if unsent { error.before_sending() } else { error }
}

impl Transport for Http {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<::http::Response<Vec<u8>>>> {
        Box::pin(self.exchange(request))
    }

    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<::http::Response<Vec<u8>>>> {
        Box::pin(self.upload(request))
    }
}

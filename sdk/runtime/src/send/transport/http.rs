//! The HTTP transport.

use super::body::{self, Limit};
use super::clients::{Clients, cannot_be_built};
use super::{BoxFuture, Request, Transport, UploadRequest};
use crate::api::Api;
use crate::error::{Error, ErrorKind, Result};
use crate::redact::redact_url;
use crate::response::http::header_str;
use crate::secrets::{Secrets, sensitive};
use ::http::header::{ACCEPT_ENCODING, HeaderName, HeaderValue};
use ::http::{Response, StatusCode};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::io;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest interval of HTTP/2 keep-alive pings. Shorter when requests have less time than several of
/// them.
const MAX_PING_INTERVAL: Duration = Duration::from_secs(15);

/// The largest response that is read by default. A page of 100 records with long texts has a few MiB.
const MAX_RESPONSE_SIZE: u64 = 256 * 1024 * 1024;

/// Responses to uploads are short.
const MAX_UPLOAD_RESPONSE: Limit = Limit { size: 1 << 20, advice: "" };

const CERTIFICATES: &str = "install the certificates of authorities (the package `ca-certificates`), name \
     their file in the environment variable SSL_CERT_FILE, or give `http_client` a builder with \
     `tls_certs_only`";

/// The settings of the HTTP transport.
#[derive(Default)]
pub struct HttpSettings {
    /// How long a connection may take.
    pub connect_timeout: Option<Duration>,
    /// The proxy for all servers.
    pub proxy: Option<SecretString>,
    /// The HTTP client underneath.
    pub client: Option<reqwest::ClientBuilder>,
    /// The largest response that is read.
    pub max_response_size: Option<u64>,
}

impl HttpSettings {
    pub(crate) fn first_set(&self) -> Option<&'static str> {
        let settings = [
            (self.connect_timeout.is_some(), "connect_timeout"),
            (self.proxy.is_some(), "proxy"),
            (self.client.is_some(), "http_client"),
            (self.max_response_size.is_some(), "max_response_size"),
        ];
        settings.into_iter().find_map(|(is_set, name)| is_set.then_some(name))
    }
}

pub(crate) struct Http {
    pub(crate) clients: Clients,
    limit: Limit,
    /// The header with the identifier of a request.
    request_id: HeaderName,
}

impl Http {
    pub(crate) fn new(settings: HttpSettings, request_timeout: Duration, api: &Api) -> Result<Self> {
        let size = settings.max_response_size.unwrap_or(MAX_RESPONSE_SIZE);
        if size == 0 {
            return Err(Error::configuration("`max_response_size` is 0: no response could be read"));
        }
        if settings.connect_timeout.is_some_and(|timeout| timeout.is_zero()) {
            return Err(Error::configuration("`connect_timeout` is zero: no server could be reached"));
        }
        let proxy = settings.proxy.as_ref().map(|proxy| through(proxy.expose_secret())).transpose()?;
        let (connect_timeout, user_agent) = (settings.connect_timeout, api.user_agent);
        let finish = move |mut builder: reqwest::ClientBuilder| {
            if let Some(timeout) = connect_timeout {
                builder = builder.connect_timeout(timeout);
            }
            if let Some(proxy) = &proxy {
                builder = builder.proxy(proxy.clone());
            }
            // The retry policy decides on retries, since mutations differ.
            builder = builder.retry(reqwest::retry::never()).no_gzip();
            // A redirect would send the token to an address that nobody configured.
            builder.redirect(reqwest::redirect::Policy::none())
        };
        #[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
        install_ring();
        let clients = match settings.client {
            Some(builder) => {
                let client = finish(builder.connection_verbose(false)).build().map_err(cannot_be_built)?;
                Clients::one(client)
            }
            None => {
                let ping_interval = (request_timeout / 4).clamp(Duration::from_secs(1), MAX_PING_INTERVAL);
                let make = move || {
                    let builder =
                        reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).user_agent(user_agent);
                    // Otherwise all attempts would use a connection to a server that is silent.
                    finish(
                        builder
                            .http2_keep_alive_interval(ping_interval)
                            .http2_keep_alive_timeout(ping_interval)
                            .http2_keep_alive_while_idle(true),
                    )
                };
                Clients::new(make, CERTIFICATES)?
            }
        };
        let advice = ": ask for less at once, or raise `max_response_size`";
        Ok(Self { clients, limit: Limit { size, advice }, request_id: api.request_id.clone() })
    }

    async fn execute(
        &self,
        mut request: ::http::Request<reqwest::Body>,
        timeout: Option<Duration>,
        limit: Limit,
    ) -> Result<Response<Vec<u8>>> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let signatures = sensitive(request.headers()).cloned().collect();
        let secrets = Secrets::new(signatures, request.uri());
        let client = self.clients.get(request.uri().scheme_str())?;
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let mut request = reqwest::Request::try_from(request)
            .map_err(|error| Error::configuration("invalid request").with_source(error.without_url()))?;
        *request.timeout_mut() = timeout;
        let response = client.execute(request).await.map_err(|error| unanswered(&host, error))?;
        let status = response.status();
        let request_id = header_str(response.headers(), &self.request_id);
        let lost = |error| lost(&host, status, error);
        let damaged = |error: io::Error| {
            let message = format!("{host} answered {status}, but its gzip body is damaged");
            Error::new(ErrorKind::Transport, message).with_source(error)
        };
        let result = body::read(response, limit, lost, damaged).await;
        result.map_err(|error| error.with_request_id(request_id.as_deref()).redacted(&secrets))
    }
}

/// Makes `ring` the cryptography of rustls, unless the program has installed another provider.
#[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
fn install_ring() {
    // Fails when another thread has just installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A proxy for all servers. Errors redact the user name and the password in its URL.
pub(crate) fn through(proxy: &str) -> Result<reqwest::Proxy> {
    let unusable = |why: &str| Error::configuration(format!("the proxy {:?} {why}", redact_url(proxy)));
    let url =
        Url::parse(proxy).map_err(|_| unusable("is no URL; expected for example `http://proxy:3128`"))?;
    if !matches!(url.scheme(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h") {
        return Err(unusable(
            "is not supported; expected for example `http://proxy:3128` or `socks5h://proxy:1080`",
        ));
    }
    reqwest::Proxy::all(url).map_err(|_| unusable("is invalid"))
}

/// The error of a request without a response.
fn unanswered(host: &str, error: reqwest::Error) -> Error {
    let unreached = error.is_connect();
    let is_unprocessed = is_unprocessed(&error);
    let what = match (unreached, is_unprocessed, error.is_timeout()) {
        (true, ..) => "could not be reached",
        (_, true, _) => "refused the request unprocessed",
        (.., true) => "did not answer in time",
        _ => "did not answer the request",
    };
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Transport };
    let error = Error::new(kind, format!("{host} {what}")).with_source(error.without_url());
    if unreached || is_unprocessed { error.not_executed() } else { error }
}

/// The server has said over HTTP/2 that it did not begin with a request: it reset its stream with
/// `REFUSED_STREAM`, or its `GOAWAY` names an earlier stream as the last one (RFC 9113, 8.7). `h2` gives
/// the error of a `GOAWAY` to streams beyond the last one only.
fn is_unprocessed(error: &reqwest::Error) -> bool {
    let sources = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let error = sources.into_iter().find_map(|cause| cause.downcast_ref::<h2::Error>());
    error.is_some_and(|error| {
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (error.is_go_away() || is_refused)
    })
}

/// The error of a response that broke off.
fn lost(host: &str, status: StatusCode, error: reqwest::Error) -> Error {
    let (kind, when) = match error.is_timeout() {
        true => (ErrorKind::Timeout, " in time"),
        false => (ErrorKind::Transport, ""),
    };
    let message = format!("{host} answered {status}, but its response broke off{when}");
    Error::new(kind, message).with_source(error.without_url())
}

impl Transport for Http {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        let timeout = Some(request.timeout);
        Box::pin(self.execute(request.http.map(reqwest::Body::from), timeout, self.limit))
    }

    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        Box::pin(self.execute(request.http.map(reqwest::Body::wrap), None, MAX_UPLOAD_RESPONSE))
    }
}

//! The HTTP transport.

use super::body::{self, Limit};
use super::clients::{CERTIFICATES, Clients, cannot_be_built, own_client};
use super::failure::{lost, unanswered};
use super::{BoxFuture, DownloadBody, DownloadRequest, Request, Transport, UploadRequest};
use crate::api::Api;
use crate::error::{Error, ErrorKind, Result};
use crate::redact::redact_url;
use crate::response::http::header_str;
use crate::secrets::{Secrets, sensitive};
use ::http::Response;
use ::http::header::{ACCEPT_ENCODING, HeaderName, HeaderValue};
use futures_util::stream::try_unfold;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::io;
use std::time::Duration;

/// The longest interval of HTTP/2 keep-alive pings. Shorter when requests have less time than several of
/// them.
const MAX_PING_INTERVAL: Duration = Duration::from_secs(15);

/// The largest response that is read by default. A page of 100 records with long texts has a few MiB.
const MAX_RESPONSE_SIZE: u64 = 256 * 1024 * 1024;

/// Responses to uploads are short.
const MAX_UPLOAD_RESPONSE: Limit = Limit { size: 1 << 20, advice: "" };

/// The settings of the HTTP transport.
#[derive(Default)]
pub struct HttpSettings {
    /// How long a connection may take.
    pub connect_timeout: Option<Duration>,
    /// The proxy for all servers.
    pub proxy: Option<SecretString>,
    /// The HTTP client underneath.
    pub client: Option<HttpClientBuilder>,
    /// The largest response that is read.
    pub max_response_size: Option<u64>,
    /// The HTTP client underneath WebSockets.
    #[cfg(feature = "subscriptions")]
    pub websocket_client: Option<HttpClientBuilder>,
}

/// Returns the builder of an HTTP client. A function, so that programs do not compile the code that drops a builder.
pub(crate) type HttpClientBuilder = Box<dyn FnOnce() -> reqwest::ClientBuilder + Send + Sync>;

impl HttpSettings {
    pub(crate) fn first_set(&self) -> Option<&'static str> {
        let settings = [
            (self.connect_timeout.is_some(), "connect_timeout"),
            (self.proxy.is_some(), "proxy"),
            (self.client.is_some(), "http_client"),
            (self.max_response_size.is_some(), "max_response_size"),
            #[cfg(feature = "subscriptions")]
            (self.websocket_client.is_some(), "subscription_http_client"),
        ];
        settings.into_iter().find_map(|(is_set, name)| is_set.then_some(name))
    }
}

pub(crate) struct Http {
    pub(crate) clients: Clients,
    limit: Limit,
    /// The header with the identifier of a request.
    request_id: HeaderName,
    #[cfg(feature = "subscriptions")]
    upgrades: super::upgrade::Upgrades,
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
        #[cfg(feature = "subscriptions")]
        let upgrades = super::upgrade::Upgrades::new(
            settings.websocket_client.map(|builder| builder()),
            settings.client.is_some(),
            user_agent,
            finish.clone(),
        )?;
        let clients = match settings.client {
            Some(builder) => {
                let client = finish(builder().connection_verbose(false)).build().map_err(cannot_be_built)?;
                Clients::one(client)
            }
            None => {
                let ping_interval = (request_timeout / 4).clamp(Duration::from_secs(1), MAX_PING_INTERVAL);
                let make = move || {
                    let builder = own_client(user_agent);
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
        Ok(Self {
            clients,
            limit: Limit { size, advice },
            request_id: api.request_id.clone(),
            #[cfg(feature = "subscriptions")]
            upgrades,
        })
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
        let mut request = valid(request)?;
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

    async fn stream(&self, request: ::http::Request<()>) -> Result<Response<DownloadBody>> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let client = self.clients.get(request.uri().scheme_str())?;
        let request = valid(request.map(|()| reqwest::Body::default()))?;
        let mut response = client.execute(request).await.map_err(|error| unanswered(&host, error))?;
        let (status, version) = (response.status(), response.version());
        let headers = std::mem::take(response.headers_mut());
        let chunks = try_unfold(response, move |mut response| {
            let host = host.clone();
            async move {
                let chunk = response.chunk().await.map_err(|error| lost(&host, status, error))?;
                Ok(chunk.map(|chunk| (chunk, response)))
            }
        });
        let mut streamed = Response::new(Box::pin(chunks) as DownloadBody);
        (*streamed.status_mut(), *streamed.version_mut(), *streamed.headers_mut()) =
            (status, version, headers);
        Ok(streamed)
    }
}

fn valid(request: ::http::Request<reqwest::Body>) -> Result<reqwest::Request> {
    reqwest::Request::try_from(request)
        .map_err(|error| Error::configuration("invalid request").with_source(error.without_url()))
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

impl Transport for Http {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        let timeout = Some(request.timeout);
        Box::pin(self.execute(request.http.map(reqwest::Body::from), timeout, self.limit))
    }

    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        Box::pin(self.execute(request.http.map(reqwest::Body::wrap), None, MAX_UPLOAD_RESPONSE))
    }

    fn download(&self, request: DownloadRequest) -> BoxFuture<'_, Result<Response<DownloadBody>>> {
        Box::pin(self.stream(request.http))
    }

    #[cfg(feature = "subscriptions")]
    fn connect(&self, request: super::WebSocketRequest) -> BoxFuture<'_, Result<super::Handshake>> {
        Box::pin(self.upgrades.connect(request))
    }
}

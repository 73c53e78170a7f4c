//! Outbound HTTP for key discovery and handshakes: small responses from public addresses, with short time
//! limits.

use super::error::{Error, Result};
use super::issuer::ip_address;
use super::public_address::{PublicNames, is_public};
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use std::time::Duration;
use url::Url;
use xurrent_values::redact::redact_url;

/// The maximum size of a response, by `content-length` and as received.
pub(super) const MAX_RESPONSE: usize = 64 * 1024;
const CONNECT: Duration = Duration::from_secs(2);
pub(super) const TOTAL: Duration = Duration::from_secs(5);

#[cfg(feature = "__tls")]
const CERTIFICATES: &str = "install the certificates of authorities (the package `ca-certificates`), name \
     their file in the environment variable SSL_CERT_FILE, give `root_certificate`, or give \
     `public_key` so that nothing is fetched";

#[cfg(not(feature = "__tls"))]
const WITHOUT_TLS: &str = "no TLS: enable one of the features `rustls`, `rustls-ring` and `native-tls`, or give \
     `public_key` so that nothing is fetched";

pub(super) struct Fetcher {
    http: reqwest::Client,
    /// The error for `https`, if the build has no TLS or the machine no certificate authorities.
    unencrypted_only: Option<Error>,
    loopback: bool,
}

impl Fetcher {
    /// Without certificate authorities on the machine, `http` still works.
    pub(super) fn new(loopback: bool, authorities: &[String], proxy: Option<&SecretString>) -> Result<Self> {
        let proxies = match proxy {
            Some(proxy) => host(proxy.expose_secret()).into_iter().collect(),
            None => proxies_of_environment(),
        };
        let proxy = proxy.map(|proxy| through(proxy.expose_secret())).transpose()?;
        #[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
        install_ring();
        #[cfg(feature = "__tls")]
        let certificates = certificates(authorities)?;
        #[cfg(not(feature = "__tls"))]
        if !authorities.is_empty() {
            return Err(Error::new(WITHOUT_TLS));
        }
        let make = || {
            let builder = reqwest::Client::builder()
                .connect_timeout(CONNECT)
                .timeout(TOTAL)
                .redirect(reqwest::redirect::Policy::none())
                .dns_resolver(PublicNames { loopback, proxies: proxies.clone() })
                // Requests are rare, so an idle connection may be dead when it is used. And a connection
                // depends on the Tokio runtime that opened it, so no other runtime may use it.
                .pool_max_idle_per_host(0)
                // The size limit is for the decoded body.
                .no_gzip()
                .referer(false)
                .https_only(!loopback)
                .user_agent(concat!("xurrent-rust/", env!("CARGO_PKG_VERSION")));
            #[cfg(feature = "__tls")]
            let builder = builder.tls_certs_merge(certificates.clone());
            match &proxy {
                Some(proxy) => builder.proxy(proxy.clone()),
                None => builder,
            }
        };
        let cannot_be_built = |error: reqwest::Error| {
            Error::new("the HTTP client cannot be built").with_cause(&error.without_url())
        };
        #[cfg(feature = "__tls")]
        let (http, unencrypted_only) = match make().build() {
            Ok(http) => (http, None),
            Err(error) => {
                let why = Error::new(format!("no server can be trusted: {CERTIFICATES}"));
                let http = make().tls_certs_only([]).build().map_err(cannot_be_built)?;
                (http, Some(why.with_cause(&error.without_url())))
            }
        };
        #[cfg(not(feature = "__tls"))]
        let (http, unencrypted_only) =
            (make().build().map_err(cannot_be_built)?, Some(Error::new(WITHOUT_TLS)));
        Ok(Self { http, unencrypted_only, loopback })
    }

    /// Checks that URLs with this scheme can be fetched: `https` only if the build has TLS and the machine
    /// authorities.
    pub(super) fn check(&self, scheme: &str) -> Result<()> {
        match &self.unencrypted_only {
            Some(error) if scheme != "http" => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Fetches a URL that was checked to be on the account's host, and returns the status and the body. The
    /// error is for logs and never contains the query of the URL.
    pub(super) async fn get(&self, url: Url) -> Result<(u16, Vec<u8>), String> {
        // Names are checked when they are resolved. IP addresses are not resolved.
        let allowed = |host: IpAddr| is_public(host) || (self.loopback && host.is_loopback());
        if ip_address(&url).is_some_and(|host| !allowed(host)) {
            return Err("its host is not a public address".to_owned());
        }
        self.check(url.scheme()).map_err(|error| error.to_string())?;
        let mut response = self.http.get(url).send().await.map_err(why)?;
        let mut body = Vec::new();
        let mut is_too_large = response.content_length().is_some_and(|length| length > MAX_RESPONSE as u64);
        while !is_too_large && let Some(chunk) = response.chunk().await.map_err(why)? {
            body.extend_from_slice(&chunk);
            is_too_large = body.len() > MAX_RESPONSE;
        }
        if is_too_large {
            return Err(format!("the response is larger than {MAX_RESPONSE} bytes"));
        }
        Ok((response.status().as_u16(), body))
    }
}

#[cfg(feature = "__tls")]
fn certificates(authorities: &[String]) -> Result<Vec<reqwest::Certificate>> {
    let mut certificates = Vec::new();
    for pem in authorities {
        match reqwest::Certificate::from_pem_bundle(pem.as_bytes()) {
            Ok(read) if !read.is_empty() => certificates.extend(read),
            _ => {
                return Err(Error::new(
                    "invalid root certificate: expected PEM with `-----BEGIN CERTIFICATE-----`",
                ));
            }
        }
    }
    Ok(certificates)
}

/// Makes `ring` the cryptography of rustls, unless the program has installed another provider.
#[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
fn install_ring() {
    // Fails when another thread has just installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A proxy for all requests. Credentials in its URL are sent to it and redacted in errors.
fn through(proxy: &str) -> Result<reqwest::Proxy> {
    let unusable = |why: &str| Error::new(format!("the proxy {:?} {why}", redact_url(proxy)));
    let url =
        Url::parse(proxy).map_err(|_| unusable("is not a URL: expected for example `http://proxy:3128`"))?;
    match url.scheme() {
        "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h" => {
            reqwest::Proxy::all(url).map_err(|_| unusable("cannot be used"))
        }
        _ => Err(unusable(
            "has an unsupported scheme: expected for example `http://proxy:3128` or `socks5h://proxy:1080`",
        )),
    }
}

fn why(error: reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "no response in time"
    } else if error.is_connect() {
        "the connection failed"
    } else {
        "the response was not received"
    };
    // The innermost cause, such as a name without a public address or an untrusted certificate.
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    format!("{what}: {cause}")
}

/// The hosts of the proxies in the environment variables that the HTTP client reads.
fn proxies_of_environment() -> Vec<String> {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    names.iter().filter_map(|name| host(&std::env::var(name).ok()?)).collect()
}

/// The host of a proxy, with or without a scheme.
fn host(proxy: &str) -> Option<String> {
    let url = Url::parse(proxy).ok().filter(Url::has_host);
    let url = url.or_else(|| Url::parse(&format!("http://{proxy}")).ok())?;
    url.host_str().map(str::to_owned)
}

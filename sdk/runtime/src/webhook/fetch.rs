//! The only way out of this module: small answers, quickly, from the public internet.

use super::address::{PublicNames, is_public};
use crate::error::{Error, Result};
use crate::transport::http::through;
use reqwest::{Certificate, Client};
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use std::time::Duration;
use url::{Host, Url};

/// The most bytes of an answer: 64 KiB, as announced and as sent.
pub(super) const MAX_ANSWER: usize = 64 * 1024;
const CONNECT: Duration = Duration::from_secs(2);
pub(super) const TOTAL: Duration = Duration::from_secs(5);

/// An answer, whatever its status.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

pub(super) struct Fetcher {
    /// Or why nothing can be fetched, as on a machine without certificate authorities. A verifier that
    /// was given its keys needs no network.
    http: std::result::Result<Client, String>,
    loopback: bool,
}

impl Fetcher {
    pub(super) fn new(
        loopback: bool,
        certificates: Vec<Certificate>,
        proxy: Option<&SecretString>,
    ) -> Result<Self> {
        let proxies = match proxy {
            Some(proxy) => host(proxy.expose_secret()).into_iter().collect(),
            None => proxies_of_environment(),
        };
        let mut builder = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(PublicNames { loopback, proxies })
            // Two requests an hour are not worth a connection that may be dead when it is used.
            .pool_max_idle_per_host(0)
            // An answer is as large as it says.
            .no_gzip()
            .referer(false)
            .tls_certs_merge(certificates)
            .https_only(!loopback)
            .user_agent(concat!("xurrent-rust/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = proxy {
            builder = builder.proxy(through(proxy.expose_secret())?);
        }
        let http =
            builder.build().map_err(|error| format!("the HTTP client cannot be built: {}", cause(&error)));
        Ok(Self { http, loopback })
    }

    /// Fails where nothing can be fetched.
    pub(super) fn check(&self) -> Result<()> {
        let advice = "install the certificate authorities of the system (`ca-certificates`), or give \
                      `root_certificate`, or `public_key` so that no key is fetched";
        self.http.as_ref().map(drop).map_err(|why| Error::configuration(format!("{why}: {advice}")))
    }

    /// Gets an address that was checked to be one of the account. The error is for the log; it never
    /// holds the query of the address.
    pub(super) async fn get(&self, url: Url) -> Result<Answer, String> {
        let host = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        // A name is checked when it is resolved, a number never is.
        let allowed = |host: IpAddr| is_public(host) || (self.loopback && host.is_loopback());
        if host.is_some_and(|host| !allowed(host)) {
            return Err("its host is not a public address".to_owned());
        }
        let http = self.http.as_ref().map_err(Clone::clone)?;
        let mut response = http.get(url).send().await.map_err(why)?;
        let too_large = || format!("the answer is larger than {MAX_ANSWER} bytes");
        if response.content_length().is_some_and(|length| length > MAX_ANSWER as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(why)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: response.status().as_u16(), body })
    }
}

fn why(error: reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_connect() {
        "it cannot be reached"
    } else {
        "the answer did not arrive"
    };
    // The innermost cause: a name that is not public, a certificate that is not trusted.
    format!("{what}: {}", cause(&error.without_url()))
}

fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// The hosts of the proxies in the environment, which the client reads by itself.
fn proxies_of_environment() -> Vec<String> {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    names.iter().filter_map(|name| host(&std::env::var(name).ok()?)).collect()
}

/// The host of a proxy, which may be given without a scheme.
fn host(proxy: &str) -> Option<String> {
    let url = Url::parse(proxy).ok().filter(Url::has_host);
    let url = url.or_else(|| Url::parse(&format!("http://{proxy}")).ok())?;
    url.host_str().map(str::to_owned)
}

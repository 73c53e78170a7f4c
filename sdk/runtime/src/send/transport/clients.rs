//! The pool of `reqwest` clients, one for each Tokio runtime.

use super::require_runtime;
use crate::error::{Error, Result};
use crate::send::lock;
use std::sync::Mutex;
use std::time::Duration;
use tokio::runtime::Id;

/// How many runtimes have a client at once. The least recently used one is dropped.
const MAX_RUNTIMES: usize = 16;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) const CERTIFICATES: &str = "install the certificates of authorities (the package `ca-certificates`), name \
     their file in the environment variable SSL_CERT_FILE, or give `http_client` a builder with \
     `tls_certs_only`";

/// Why no server with TLS can be reached in a build without TLS.
fn without_tls() -> Option<Error> {
    let why = "no TLS: enable one of the features `rustls`, `rustls-ring` and `native-tls`";
    (!cfg!(feature = "__tls")).then(|| Error::configuration(why))
}

/// Clients with the same settings, one for each Tokio runtime: a connection works only while the runtime
/// runs on which it was opened, so no runtime uses the connections of another.
pub(crate) struct Clients {
    make: Box<dyn Fn() -> Result<reqwest::Client> + Send + Sync>,
    /// Why no server with TLS can be reached.
    unencrypted_only: Option<Error>,
    /// The clients with their runtimes, the most recently used one last. The first client is built before
    /// there is a runtime.
    clients: Mutex<Vec<(Option<Id>, reqwest::Client)>>,
}

impl Clients {
    /// Clients that this function configures. The first one is built at once, to detect mistakes. Without
    /// certificates of authorities on the machine, only plain HTTP works; `advice` is for the error of TLS.
    pub(crate) fn new(
        configured: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
        advice: &str,
    ) -> Result<Self> {
        let mut unencrypted_only = without_tls();
        let client = configured().build().or_else(|error| {
            let why = format!("no certificates of authorities: {advice}");
            unencrypted_only = Some(Error::configuration(why).with_source(error.without_url()));
            without_authorities(configured()).build().map_err(cannot_be_built)
        })?;
        let is_limited = unencrypted_only.is_some();
        let make = move || {
            let builder = configured();
            let builder = if is_limited { without_authorities(builder) } else { builder };
            builder.build().map_err(cannot_be_built)
        };
        Ok(Self { make: Box::new(make), unencrypted_only, clients: Mutex::new(vec![(None, client)]) })
    }

    /// One client for all runtimes, whose builder can be used only once.
    pub(crate) fn one(client: reqwest::Client) -> Self {
        let make = move || Ok(client.clone());
        Self { make: Box::new(make), unencrypted_only: without_tls(), clients: Mutex::default() }
    }

    /// Fails when a server with this scheme needs TLS, and the build has none or the machine no certificates
    /// of authorities.
    pub(crate) fn check(&self, scheme: Option<&str>) -> Result<()> {
        match &self.unencrypted_only {
            Some(error) if scheme != Some("http") => Err(error.duplicate()),
            _ => Ok(()),
        }
    }

    /// The client for a request with this scheme on the current runtime.
    pub(crate) fn get(&self, scheme: Option<&str>) -> Result<reqwest::Client> {
        self.check(scheme)?;
        let runtime = require_runtime()?.id();
        let mut clients = lock(&self.clients);
        let known = clients.iter().position(|(of, _)| of.is_none_or(|of| of == runtime));
        let client = match known {
            Some(known) => clients.remove(known).1,
            None => (self.make)()?,
        };
        clients.push((Some(runtime), client.clone()));
        if clients.len() > MAX_RUNTIMES {
            clients.remove(0);
        }
        Ok(client)
    }
}

/// A builder with the defaults of this crate.
pub(super) fn own_client(user_agent: &'static str) -> reqwest::ClientBuilder {
    reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).user_agent(user_agent)
}

fn without_authorities(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    #[cfg(feature = "__tls")]
    let builder = builder.tls_certs_only([]);
    builder
}

pub(crate) fn cannot_be_built(error: reqwest::Error) -> Error {
    Error::configuration("could not build the HTTP client").with_source(error.without_url())
}

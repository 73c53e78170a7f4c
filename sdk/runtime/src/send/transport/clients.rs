//! The pool of `reqwest` clients, one for each Tokio runtime.

use super::require_runtime;
use crate::error::{Error, Result};
use std::sync::{Mutex, PoisonError};
use tokio::runtime::Id;

/// How many runtimes have a client at once. The least recently used one is dropped.
const MAX_RUNTIMES: usize = 16;

/// Clients with the same settings, one for each Tokio runtime: a connection works only while the runtime
/// runs on which it was opened, so no runtime uses the connections of another.
pub(crate) struct Clients {
    make: Option<Box<dyn Fn() -> reqwest::ClientBuilder + Send + Sync>>,
    /// Why no server with TLS can be reached.
    unencrypted_only: Option<Error>,
    clients: Mutex<Vec<Of>>,
}

/// A client and its runtime. The first client is built before there is a runtime.
struct Of {
    runtime: Option<Id>,
    client: reqwest::Client,
}

impl Clients {
    /// Clients that this function configures. The first one is built at once, to detect mistakes. Without
    /// certificates of authorities on the machine, only plain HTTP works; `advice` is for the error of TLS.
    pub(crate) fn new(
        make: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
        advice: &str,
    ) -> Result<Self> {
        let (client, unencrypted_only) = match make().build() {
            Ok(client) => (client, None),
            Err(error) => {
                let client = make().tls_certs_only([]).build().map_err(cannot_be_built)?;
                let why = format!("no certificates of authorities: {advice}");
                (client, Some(Error::configuration(why).with_source(error.without_url())))
            }
        };
        Ok(Self { make: Some(Box::new(make)), unencrypted_only, ..Self::one(client) })
    }

    /// One client for all runtimes, whose builder can be used only once.
    pub(crate) fn one(client: reqwest::Client) -> Self {
        let clients = Mutex::new(vec![Of { runtime: None, client }]);
        Self { make: None, unencrypted_only: None, clients }
    }

    /// Whether a server with this scheme can be reached.
    ///
    /// # Errors
    /// When it needs TLS and no certificates of authorities are installed.
    pub(crate) fn check(&self, scheme: Option<&str>) -> Result<()> {
        match &self.unencrypted_only {
            Some(error) if scheme != Some("http") => Err(error.duplicate()),
            _ => Ok(()),
        }
    }

    /// The client for a request with this scheme on the current runtime.
    ///
    /// # Errors
    /// Those of [`check`](Self::check), and when there is no runtime.
    pub(crate) fn get(&self, scheme: Option<&str>) -> Result<reqwest::Client> {
        self.check(scheme)?;
        let runtime = require_runtime()?.id();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(make) = &self.make else {
            return clients
                .first()
                .map(|of| of.client.clone())
                .ok_or_else(|| Error::configuration("no client"));
        };
        let known = clients.iter().position(|of| of.runtime.is_none_or(|of| of == runtime));
        let of = match known {
            Some(last) if last + 1 == clients.len() && clients[last].runtime.is_some() => {
                return Ok(clients[last].client.clone());
            }
            Some(known) => Of { runtime: Some(runtime), client: clients.remove(known).client },
            None => {
                let make =
                    || if self.unencrypted_only.is_some() { make().tls_certs_only([]) } else { make() };
                Of { runtime: Some(runtime), client: make().build().map_err(cannot_be_built)? }
            }
        };
        let client = of.client.clone();
        clients.push(of);
        if clients.len() > MAX_RUNTIMES {
            clients.remove(0);
        }
        Ok(client)
    }
}

pub(crate) fn cannot_be_built(error: reqwest::Error) -> Error {
    Error::configuration("could not build the HTTP client").with_source(error.without_url())
}

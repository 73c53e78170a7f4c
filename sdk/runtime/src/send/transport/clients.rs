//! Clients of `reqwest`: how they are made, and which one a request is sent with.

use super::require_runtime;
use crate::error::{Error, Result};
use std::sync::{Mutex, PoisonError};
use tokio::runtime::Id;

/// How many runtimes have a client at once. The one that was not used for longest is given up.
const MAX_RUNTIMES: usize = 16;

/// The same client for every runtime: a connection is driven by the runtime that it was made on, and
/// nothing moves on it while that one is not driven. So no runtime uses the connections of another.
pub(crate) struct Clients {
    make: Option<Box<dyn Fn() -> reqwest::ClientBuilder + Send + Sync>>,
    /// What a server with TLS cannot be reached for.
    unencrypted_only: Option<Error>,
    clients: Mutex<Vec<Of>>,
}

/// A client, and the runtime that uses it. The first client is made before there is a runtime.
struct Of {
    runtime: Option<Id>,
    client: reqwest::Client,
}

impl Clients {
    /// Clients that are made by this function. The first one is made at once, so that mistakes are
    /// found. Without certificates of authorities on the machine, what is not encrypted can still be
    /// sent; `advice` says what helps.
    pub(crate) fn new(
        make: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
        advice: &str,
    ) -> Result<Self> {
        let (client, unencrypted_only) = match make().build() {
            Ok(client) => (client, None),
            Err(error) => {
                let client = make().tls_certs_only([]).build().map_err(cannot_be_built)?;
                let why = format!("no server can be trusted: {advice}");
                (client, Some(Error::configuration(why).with_source(error.without_url())))
            }
        };
        Ok(Self { make: Some(Box::new(make)), unencrypted_only, ..Self::one(client) })
    }

    /// One client for all runtimes: its builder serves only once.
    pub(crate) fn one(client: reqwest::Client) -> Self {
        let clients = Mutex::new(vec![Of { runtime: None, client }]);
        Self { make: None, unencrypted_only: None, clients }
    }

    /// Whether this can be reached with them.
    ///
    /// # Errors
    /// When the scheme demands TLS, and there are no certificates of authorities.
    pub(crate) fn check(&self, scheme: Option<&str>) -> Result<()> {
        match &self.unencrypted_only {
            Some(error) if scheme != Some("http") => Err(error.duplicate()),
            _ => Ok(()),
        }
    }

    /// The client for a request that is sent on the present runtime to an address with this scheme.
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
    Error::configuration("the HTTP client cannot be built").with_source(error.without_url())
}

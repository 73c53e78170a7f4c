//! Starting a sandbox: sockets, certificate, engine and tasks.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{Sandbox, SandboxBuilder};
use crate::error::SandboxError;
use crate::fault::Faults;
use crate::oauth::OAuth;
use crate::replay::Replay;
use crate::server;
use crate::server::state::ServerState;
use crate::tls;
use crate::webhook;

impl Sandbox {
    /// A builder with the default settings: free ports, [`DEMO_TOKEN`](crate::DEMO_TOKEN),
    /// [`DEMO_ACCOUNT`](crate::DEMO_ACCOUNT), [`DEMO_CLIENT_ID`](crate::DEMO_CLIENT_ID) with its secret
    /// and all scopes. Only the schema has no default.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }
}

impl SandboxBuilder {
    /// Reads the schema, seeds the store and starts listening. Requires a tokio runtime.
    ///
    /// # Errors
    /// If the schema is missing or not valid, a port is in use, the certificate cannot be generated, or a
    /// certificate or recording in the settings cannot be read.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        if self.schema.json.is_none() {
            return Err(SandboxError::MissingSchema);
        }
        let trusted = self.webhooks.trusted_certificates()?;
        let identity = tls::identity()?;
        let (http_listener, http) = listen(self.port).await?;
        let (https_listener, https) = listen(self.https_port).await?;
        let replay = self.replay.as_deref().map(|path| Replay::load(path, &format!("http://{http}")));
        let replay = replay.transpose()?;
        let engine = Arc::new(self.engine_at(Some((http, https)))?);
        let oauth = OAuth::new(self.oauth.clone());
        let mut state =
            ServerState::new(Arc::clone(&engine), oauth, self.token.clone(), self.schema.account.clone());
        state.users = self.users.clone();
        state.faults = Faults::new(self.faults.clone());
        state.latency = self.latency;
        state.replay = replay;
        let state = Arc::new(state);
        let delivery = tokio::spawn(webhook::deliver(engine, trusted));
        let (stop, stopped) = watch::channel(());
        let acceptor = identity.acceptor.clone();
        let servers = [
            tokio::spawn(server::serve(http_listener, Arc::clone(&state), stopped.clone())),
            tokio::spawn(server::serve_secure(https_listener, acceptor, Arc::clone(&state), stopped)),
        ];
        let (root_certificate, stop) = (&identity.root, Some(stop));
        Ok(Sandbox { address: http, root_certificate, state, settings: self, stop, servers, delivery })
    }
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), SandboxError> {
    let failed = |source| SandboxError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

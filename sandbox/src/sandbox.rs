//! A running sandbox and how to start one.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::engine::Engine;
use crate::error::SandboxError;
use crate::server::{self, RecordedRequest, Shared};

/// The personal access token a sandbox takes unless told otherwise.
pub const DEMO_TOKEN: &str = "sandbox-personal-access-token";

/// The account a sandbox serves unless told otherwise.
pub const DEMO_ACCOUNT: &str = "wdc";

/// How long [`Sandbox::shutdown`] waits for requests that are being answered.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(5);

/// A Xurrent API on a loopback socket.
///
/// It listens on `127.0.0.1` only and stops when dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// Settings for a [`Sandbox`], from [`Sandbox::builder`].
#[derive(Debug, Clone)]
pub struct SandboxBuilder {
    schema_json: Option<String>,
    port: u16,
    token: String,
    account: String,
}

impl Sandbox {
    /// Starts with the default settings: a free port, [`DEMO_TOKEN`] and [`DEMO_ACCOUNT`]. Only
    /// the schema has no default.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder {
            schema_json: None,
            port: 0,
            token: DEMO_TOKEN.to_owned(),
            account: DEMO_ACCOUNT.to_owned(),
        }
    }

    /// Where to send GraphQL requests.
    #[must_use]
    pub fn graphql_url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// The bearer token the sandbox takes.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// The account id to send in `X-Xurrent-Account`.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.shared.account
    }

    /// What was sent to the sandbox so far, in the order of the answers. Refused requests are among
    /// them.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.requests()
    }

    /// The engine behind the socket, to judge documents or look at the store without a request.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    /// Stops listening and waits until the requests under way are answered, for five seconds at
    /// most.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            // An error only says that the server has already gone.
            let _ = stop.send(());
        }
        if tokio::time::timeout(SHUTDOWN_PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl SandboxBuilder {
    /// The schema to serve: the text of an introspection result, `{"data":{"__schema": ...}}` or
    /// without the `data`. Required.
    #[must_use]
    pub fn schema_json(mut self, schema_json: impl Into<String>) -> Self {
        self.schema_json = Some(schema_json.into());
        self
    }

    /// The port to listen on; 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The personal access token to take. Default: [`DEMO_TOKEN`].
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    /// The account id to ask for in `X-Xurrent-Account`. Default: [`DEMO_ACCOUNT`].
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        account.clone_into(&mut self.account);
        self
    }

    /// Reads the schema, fills the store and starts listening. Needs a running tokio runtime.
    ///
    /// # Errors
    /// Without a schema, with one that is not valid, or when the port is taken.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        let schema_json = self.schema_json.ok_or(SandboxError::MissingSchema)?;
        let engine = Engine::for_account(&schema_json, &self.account)?;
        let listen = |source| SandboxError::Listen { port: self.port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let shared = Arc::new(Shared::new(engine, self.token, self.account));
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(server::serve(listener, Arc::clone(&shared), stopped));
        Ok(Sandbox { address, shared, stop: Some(stop), server })
    }
}

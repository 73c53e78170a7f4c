//! A running sandbox.

mod builder;
mod initial_records;

use parking_lot::Mutex;
use secrecy::ExposeSecret as _;
use std::iter;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use crate::bulk::BulkJob;
use crate::bulk::jobs::Jobs;
use crate::engine::Engine;
use crate::error::SandboxError;
use crate::fault::Fault;
use crate::oauth::OAuth;
use crate::replay::Replay;
use crate::rest::PATH as REST_PATH;
use crate::server::state::{ServerState, TOKEN_USER};
use crate::server::{self, RecordedRequest};
use crate::storage::UploadedFile;
use crate::tls;
use crate::webhook;
pub use builder::SandboxBuilder;

/// The time limit of [`Sandbox::shutdown`] for requests in flight.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// A Xurrent API on a loopback socket.
///
/// It listens on `127.0.0.1` only, for http and https, and stops when dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    /// The certificate authority, as PEM.
    pub(crate) root_certificate: &'static str,
    state: Arc<ServerState>,
    settings: SandboxBuilder,
    /// Dropped to stop both servers.
    stop: watch::Sender<()>,
    /// Both servers and the delivery to webhooks, aborted on drop.
    tasks: JoinSet<()>,
    delivery: AbortHandle,
}

impl Sandbox {
    /// Starts a sandbox with the default settings. It listens on free ports, so that any number can run at
    /// once, and stops when dropped. Requires a tokio runtime.
    ///
    /// # Errors
    /// If the system has no free port, or the certificate cannot be generated.
    pub async fn start() -> Result<Self, SandboxError> {
        Self::builder().start().await
    }

    /// A builder with the default settings: free ports, [`DEMO_TOKEN`](crate::DEMO_TOKEN),
    /// [`DEMO_ACCOUNT`](crate::DEMO_ACCOUNT), [`DEMO_CLIENT_ID`](crate::DEMO_CLIENT_ID) with its secret,
    /// all scopes, and Xurrent's schema.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    /// The URL of the GraphQL endpoint.
    #[must_use]
    pub fn graphql_url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// The URL of the explorer page, for browsers.
    #[must_use]
    pub fn explorer_url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The URL of the OAuth token endpoint: `POST` a form with `client_id`, `client_secret` and
    /// `grant_type=client_credentials`.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    /// The URL of the token introspection endpoint: `GET` with the headers of a GraphQL request.
    #[must_use]
    pub fn introspect_url(&self) -> String {
        format!("http://{}/introspect", self.address)
    }

    /// The base URL of the REST interface, of which the sandbox has `/webhooks`.
    #[must_use]
    pub fn rest_url(&self) -> String {
        format!("http://{}{REST_PATH}", self.address)
    }

    /// The personal access token that the sandbox accepts, beside the tokens it issues.
    #[must_use]
    pub fn token(&self) -> &str {
        self.settings.token.expose_secret()
    }

    /// The id of the OAuth client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.state.oauth.settings.client_id
    }

    /// The secret of the OAuth client.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        self.state.oauth.settings.client_secret.expose_secret()
    }

    /// The environment of a client, as names and values: `XURRENT_GRAPHQL_URL`, `XURRENT_TOKEN` and so on.
    /// `Client::from_vars` of the SDK takes it, as does [`envs`](std::process::Command::envs) of a command.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("XURRENT_GRAPHQL_URL", self.graphql_url()),
            ("XURRENT_TOKEN", self.token().to_owned()),
            ("XURRENT_ACCOUNT", self.account().to_owned()),
            ("XURRENT_TOKEN_URL", self.token_url()),
            ("XURRENT_CLIENT_ID", self.client_id().to_owned()),
            ("XURRENT_CLIENT_SECRET", self.client_secret().to_owned()),
            ("XURRENT_REST_URL", self.rest_url()),
            ("XURRENT_ACCOUNT_URL", self.account_url().to_owned()),
        ]
    }

    /// Revokes all tokens that the sandbox has issued: the next request with one of them gets 401. The
    /// personal access token stays valid.
    pub fn revoke_tokens(&self) {
        self.state.oauth.revoke_all();
    }

    /// Revokes one token, also a personal access token, until it is [restored](Self::restore).
    pub fn revoke(&self, token: &str) {
        self.state.revoked.lock().push(token.into());
    }

    /// Makes a [revoked](Self::revoke) token valid again.
    pub fn restore(&self, token: &str) {
        self.state.revoked.lock().retain(|revoked| revoked.expose_secret() != token);
    }

    /// The account id to send in `X-Xurrent-Account`.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.state.account
    }

    /// The requests so far, refused ones included, in the order of their responses.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state.requests.lock().clone()
    }

    /// When each request arrived, in this order. It includes requests whose client has gone, which
    /// [`requests`](Self::requests) may lack.
    #[must_use]
    pub fn arrivals(&self) -> Vec<Instant> {
        self.state.arrivals.lock().clone()
    }

    /// The files in the attachment storage, by key.
    #[must_use]
    pub fn uploads(&self) -> Vec<UploadedFile> {
        self.engine().uploads().files.lock().values().cloned().collect()
    }

    /// The exports and imports so far, in the order in which they began.
    #[must_use]
    pub fn bulk_jobs(&self) -> Vec<BulkJob> {
        self.state.bulk.list()
    }

    /// Advances the clock of exports and imports, which is the real one otherwise: five minutes after its end, a job is
    /// not found, and the URL of its file expires.
    pub fn advance_bulk(&self, duration: Duration) {
        self.state.bulk.advance(duration);
    }

    /// Queues faults for the next requests: each fault applies to one request of its kind, in this order
    /// and after the faults queued before.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.faults.lock().extend(faults);
    }

    /// Removes all queued faults.
    pub fn clear_faults(&self) {
        self.state.faults.lock().clear();
    }

    /// The number of queued faults.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        self.state.faults.lock().len()
    }

    /// The engine behind the socket, to validate documents or read the store without a request.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.state.engine
    }

    /// A builder with the settings of this sandbox, on free ports. The new sandbox starts with the initial
    /// records; the two share nothing that changes.
    pub fn to_builder(&self) -> SandboxBuilder {
        self.settings.clone().port(0).https_port(0)
    }

    /// Stops listening and waits for requests in flight, for up to five seconds.
    pub async fn shutdown(self) {
        let Self { stop, mut tasks, delivery, .. } = self;
        delivery.abort();
        drop(stop);
        // The drop aborts the tasks that are left after the time limit.
        let _ = timeout(SHUTDOWN_TIMEOUT, async { while tasks.join_next().await.is_some() {} }).await;
    }
}

impl SandboxBuilder {
    /// Reads the schema, seeds the store and starts listening. Requires a tokio runtime.
    ///
    /// # Errors
    /// If the schema or a record is not valid, a port is in use, the certificate cannot be generated, or a
    /// certificate or recording in the settings cannot be read.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        let trusted = self.webhooks.trusted_certificates()?;
        let identity = tls::identity()?;
        let (http_listener, http) = listen(self.port).await?;
        let (https_listener, https) = listen(self.https_port).await?;
        let replay = self.replay.as_deref().map(|path| Replay::load(path, &format!("http://{http}")));
        let replay = replay.transpose()?;
        let engine = Arc::new(self.engine_at(Some((http, https)))?);
        let owner = (TOKEN_USER.to_owned(), self.token.clone());
        let state = Arc::new(ServerState {
            engine: Arc::clone(&engine),
            oauth: OAuth::new(self.oauth.clone()),
            bulk: Jobs::new(self.bulk.clone(), &format!("http://{http}")),
            users: iter::once(owner).chain(self.users.clone()).collect(),
            revoked: Mutex::default(),
            account: self.schema.account.clone(),
            faults: Mutex::new(self.faults.clone().into()),
            latency: self.latency,
            replay,
            requests: Mutex::default(),
            arrivals: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        let delivery = tasks.spawn(webhook::deliver(engine, trusted));
        let (stop, stopped) = watch::channel(());
        let acceptor = Some(identity.acceptor.clone());
        tasks.spawn(server::serve(http_listener, None, Arc::clone(&state), stopped.clone()));
        tasks.spawn(server::serve(https_listener, acceptor, Arc::clone(&state), stopped));
        let root_certificate = &identity.root;
        Ok(Sandbox { address: http, root_certificate, state, settings: self, stop, tasks, delivery })
    }
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), SandboxError> {
    let failed = |source| SandboxError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

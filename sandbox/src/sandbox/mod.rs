//! A running sandbox.

mod builder;
mod start;

use secrecy::ExposeSecret as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::engine::Engine;
use crate::fault::Fault;
use crate::server::RecordedRequest;
use crate::server::state::ServerState;
use crate::storage::UploadedFile;
use crate::webhook::REST_PATH;
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
    stop: Option<watch::Sender<()>>,
    servers: [JoinHandle<()>; 2],
    /// The task that delivers to webhooks.
    delivery: JoinHandle<()>,
}

impl Sandbox {
    /// The URL of the GraphQL endpoint.
    #[must_use]
    pub fn graphql_url(&self) -> String {
        format!("http://{}/graphql", self.address)
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
        self.state.token.expose_secret()
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
        self.engine().uploads().all()
    }

    /// Queues faults for the next requests: each fault applies to one request of its kind, in this order
    /// and after the faults queued before.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.faults.add(faults);
    }

    /// Removes all queued faults.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// The number of queued faults.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        self.state.faults.left()
    }

    /// The engine behind the socket, to validate documents or read the store without a request.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.state.engine
    }

    /// A builder with the settings of this sandbox, on free ports. The new sandbox starts with the initial
    /// records; the two share nothing that changes.
    #[must_use]
    pub fn to_builder(&self) -> SandboxBuilder {
        self.settings.clone().port(0).https_port(0)
    }

    /// Stops listening and waits for requests in flight, for up to five seconds.
    pub async fn shutdown(mut self) {
        self.delivery.abort();
        drop(self.stop.take());
        let [http, https] = &mut self.servers;
        let stopped = async {
            let _ = tokio::join!(http, https);
        };
        // The drop aborts whatever is left after the time limit.
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, stopped).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
        self.delivery.abort();
    }
}

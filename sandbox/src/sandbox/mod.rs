//! A running sandbox and how to start one.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::engine::{Engine, Ground, Setup};
use crate::error::SandboxError;
use crate::fault::{Fault, Faults};
use crate::limits;
use crate::node_id;
use crate::node_limit::NODE_CEILING;
use crate::oauth::{self, OAuth};
use crate::replay::Replay;
use crate::scopes::Scopes;
use crate::secret::Secret;
use crate::server::{self, RecordedRequest, Shared};
use crate::storage::{Storage, UploadedFile, Uploads};
use crate::tls;
use crate::value_lists::{self, ValueLists};
use crate::webhook::{self, DeliveryAttempt, DeliveryFault, NotTested, Outbox, Places, Webhooks};

/// The personal access token a sandbox takes unless told otherwise.
pub const DEMO_TOKEN: &str = "sandbox-personal-access-token";

/// The account a sandbox serves unless told otherwise.
pub const DEMO_ACCOUNT: &str = "wdc";

/// How long [`Sandbox::shutdown`] waits for requests that are being answered.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(5);

/// A Xurrent API on a loopback socket.
///
/// It listens on `127.0.0.1` only, for http and for https, and stops when dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    /// The certificate authority, as PEM.
    pub(crate) root: &'static str,
    shared: Arc<Shared>,
    /// What it was started with.
    settings: SandboxBuilder,
    /// Dropped to stop both servers.
    stop: Option<watch::Sender<()>>,
    servers: [JoinHandle<()>; 2],
    /// Delivers to webhooks.
    delivery: JoinHandle<()>,
}

/// Settings for a [`Sandbox`], from [`Sandbox::builder`].
#[derive(Debug, Clone)]
pub struct SandboxBuilder {
    schema_json: Option<Arc<str>>,
    /// What has been made of the schema, once it is known.
    ground: Option<Arc<Ground>>,
    port: u16,
    https_port: u16,
    token: Secret,
    account: String,
    oauth: oauth::Settings,
    scopes: Scopes,
    drift: bool,
    value_lists: ValueLists,
    as_enums: bool,
    users: Vec<(String, Secret)>,
    limits: limits::Settings,
    max_nodes: u64,
    latency: Duration,
    faults: Vec<Fault>,
    storage: Storage,
    uploaded: Vec<(String, String, u64)>,
    replay: Option<PathBuf>,
    webhooks: Webhooks,
}

impl Sandbox {
    /// Starts with the default settings: a free port, [`DEMO_TOKEN`], [`DEMO_ACCOUNT`],
    /// [`DEMO_CLIENT_ID`](crate::DEMO_CLIENT_ID) with its secret, all scopes and no drift. Only the
    /// schema has no default.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder {
            schema_json: None,
            ground: None,
            port: 0,
            https_port: 0,
            token: Secret::new(DEMO_TOKEN),
            account: DEMO_ACCOUNT.to_owned(),
            oauth: oauth::Settings::default(),
            scopes: Scopes::All,
            drift: false,
            value_lists: value_lists::KNOWN.clone(),
            as_enums: false,
            users: Vec::new(),
            limits: limits::Settings::default(),
            max_nodes: NODE_CEILING,
            latency: Duration::ZERO,
            faults: Vec::new(),
            storage: Storage::default(),
            uploaded: Vec::new(),
            replay: None,
            webhooks: Webhooks::default(),
        }
    }

    /// Where to send GraphQL requests.
    #[must_use]
    pub fn graphql_url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// Where to get tokens by OAuth client credentials: `POST` a form with `client_id`,
    /// `client_secret` and `grant_type=client_credentials`.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    /// Where to ask what a token may do: `GET` with the headers of a GraphQL request.
    #[must_use]
    pub fn introspect_url(&self) -> String {
        format!("http://{}/introspect", self.address)
    }

    /// Where the REST interface is, as far as the sandbox has it: `/webhooks` below this.
    #[must_use]
    pub fn rest_url(&self) -> String {
        format!("http://{}{}", self.address, webhook::REST_PATH)
    }

    /// The personal access token the sandbox takes as bearer token, beside the ones it issues.
    #[must_use]
    pub fn token(&self) -> &str {
        self.shared.token.expose()
    }

    /// The OAuth client the sandbox knows.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.shared.oauth.settings.client_id
    }

    /// The secret of [`client_id`](Self::client_id).
    #[must_use]
    pub fn client_secret(&self) -> &str {
        self.shared.oauth.settings.client_secret.expose()
    }

    /// Makes all tokens invalid that the sandbox has issued, so the next call with one of them is
    /// answered with 401. The personal access token stays good.
    pub fn revoke_tokens(&self) {
        self.shared.oauth.revoke_all();
    }

    /// Makes one token invalid, also a personal access token, until it is [restored](Self::restore).
    pub fn revoke(&self, token: &str) {
        self.revoked().push(Secret::new(token));
    }

    /// Makes a token good again that was [revoked](Self::revoke).
    pub fn restore(&self, token: &str) {
        self.revoked().retain(|revoked| revoked.expose() != token);
    }

    fn revoked(&self) -> MutexGuard<'_, Vec<Secret>> {
        self.shared.revoked.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// When each request came, in this order. Requests that nobody waited for are among them, though
    /// they may be missing in [`requests`](Self::requests).
    #[must_use]
    pub fn arrivals(&self) -> Vec<Instant> {
        self.shared.arrivals()
    }

    /// The files that are in the attachment storage, by their keys.
    #[must_use]
    pub fn uploads(&self) -> Vec<UploadedFile> {
        self.shared.engine.uploads().all()
    }

    /// Lets the next GraphQL requests, token calls or uploads go wrong: each fault meets one of them, in
    /// this order and after those given before.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.faults.add(faults);
    }

    /// From now on nothing goes wrong.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// How many faults have met no request yet.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        self.shared.faults.left()
    }

    /// What was delivered to webhooks so far, or tried to be, in the order of the outcomes.
    #[must_use]
    pub fn deliveries(&self) -> Vec<DeliveryAttempt> {
        self.shared.engine.outbox().map(Outbox::attempts).unwrap_or_default()
    }

    /// Waits until nothing is to be delivered to webhooks any more: everything is through or was
    /// dropped. That can take as long as all [retries](Webhooks::retry_after).
    pub async fn deliveries_settled(&self) {
        if let Some(outbox) = self.shared.engine.outbox() {
            outbox.settled().await;
        }
    }

    /// Lets the next attempts to deliver something go wrong: each fault meets one of them, in this order
    /// and after those given before.
    pub fn delivery_faults(&self, faults: impl IntoIterator<Item = DeliveryFault>) {
        if let Some(outbox) = self.shared.engine.outbox() {
            outbox.add_faults(faults);
        }
    }

    /// Delivers what is in a file to a webhook, which has its id in GraphQL, and tells how many deliveries
    /// that are. They are queued like others, in the order of the file, with the ids and the messages
    /// that they have there. Their signature is a new one, as the policy of the webhook says: old tokens
    /// would be refused. Handshakes are left out.
    ///
    /// A line of the file is what [`DeliveryAttempt::to_line`] gives, or what `serde_json` writes of a
    /// `Delivery` of the SDK: see the guide `docs/webhooks.md`.
    ///
    /// # Errors
    /// When the file cannot be read or a line is no delivery, with its number; when there is no such
    /// webhook, or when it is disabled or not verified. Then nothing is delivered.
    pub fn replay_deliveries(
        &self,
        recording: impl AsRef<Path>,
        webhook: &str,
    ) -> Result<usize, SandboxError> {
        let key = node_id::decode(webhook).unwrap_or_default();
        self.shared.engine.replay_deliveries(recording.as_ref(), &key)
    }

    /// Takes a webhook for verified, for receivers that cannot answer a `webhook.verify`. `id` is its id
    /// in GraphQL. Whether there is such a webhook.
    pub fn verify_webhook(&self, id: &str) -> bool {
        node_id::decode(id).is_some_and(|key| self.shared.engine.verify_webhook(&key))
    }

    /// Delivers the event of a webhook with what it would say of the newest record of its type, though
    /// nothing has changed: `object_id` is 12345. `id` is the webhook's id in GraphQL; it may be disabled.
    ///
    /// # Errors
    /// When there is no such webhook, and when it has not been verified.
    pub fn test_webhook(&self, id: &str) -> Result<(), NotTested> {
        let key = node_id::decode(id).ok_or(NotTested::Unknown)?;
        self.shared.engine.test_webhook(&key)
    }

    /// The engine behind the socket, to judge documents or look at the store without a request.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    /// The settings of this sandbox, for another one on a free port. It starts at once because the
    /// schema is not read again, and with the records that this one had at the start, so a test
    /// suite can have one for each test. They share nothing that changes.
    #[must_use]
    pub fn twin(&self) -> SandboxBuilder {
        self.settings.clone().port(0).https_port(0)
    }

    /// Stops listening and waits until the requests under way are answered, for five seconds at
    /// most.
    pub async fn shutdown(mut self) {
        self.delivery.abort();
        drop(self.stop.take());
        let [http, https] = &mut self.servers;
        let stopped = async {
            let _ = tokio::join!(http, https);
        };
        // What is left after that is stopped by the drop.
        let _ = tokio::time::timeout(SHUTDOWN_PATIENCE, stopped).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
        self.delivery.abort();
    }
}

impl SandboxBuilder {
    /// The schema to serve: the text of an introspection result, `{"data":{"__schema": ...}}` or
    /// without the `data`. Required.
    #[must_use]
    pub fn schema_json(mut self, schema_json: impl Into<String>) -> Self {
        (self.schema_json, self.ground) = (Some(schema_json.into().into()), None);
        self
    }

    /// The port to listen on; 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The port to listen on for https; 0, the default, takes a free one.
    #[must_use]
    pub fn https_port(mut self, port: u16) -> Self {
        self.https_port = port;
        self
    }

    /// The personal access token to take. Default: [`DEMO_TOKEN`].
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.token = Secret::new(token);
        self
    }

    /// The OAuth client to know, and its secret. Default:
    /// [`DEMO_CLIENT_ID`](crate::DEMO_CLIENT_ID) and
    /// [`DEMO_CLIENT_SECRET`](crate::DEMO_CLIENT_SECRET).
    #[must_use]
    pub fn oauth_client(mut self, id: &str, secret: &str) -> Self {
        id.clone_into(&mut self.oauth.client_id);
        self.oauth.client_secret = Secret::new(secret);
        self
    }

    /// How long an issued token is good for. Default: an hour. `expires_in` is in whole seconds,
    /// rounded down.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.oauth.lifetime = lifetime;
        self
    }

    /// Whether token answers come without `expires_in`, which the standard allows. Default: no.
    #[must_use]
    pub fn omit_expires_in(mut self, omit: bool) -> Self {
        self.oauth.omits_expires_in = omit;
        self
    }

    /// The only scopes tokens have, such as `request:Read` or `configurationItem:Update`: a record
    /// type with a small first letter and `Read`, `Create`, `Update` or `Delete`. A root field
    /// whose scope is missing is answered with the GraphQL error `Missing required scope(s): ...`.
    /// Default: all scopes.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        let scopes: BTreeSet<String> = scopes.into_iter().map(Into::into).collect();
        self.scopes = Scopes::Only(scopes);
        self
    }

    /// Whether to serve a later version of the schema: nothing is taken away or changed, but there
    /// are more fields, types, enum values and a further root field, and records use them. A client
    /// made for the plain schema has to go on working. Default: no.
    #[must_use]
    pub fn drift(mut self, drift: bool) -> Self {
        (self.drift, self.ground) = (drift, None);
        self
    }

    /// The values of scalars that are lists of values, by the name of the scalar, beside those that are
    /// known of Xurrent's schema or in place of them. Where the schema has an enum of that name, the
    /// enum counts. Default: no others.
    #[must_use]
    pub fn value_lists(mut self, lists: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        self.value_lists.extend(lists);
        self.ground = None;
        self
    }

    /// Whether to serve lists of values as enums, as a server may do instead of scalars: all whose
    /// values are names of GraphQL. A client has to go on working. Default: no.
    #[must_use]
    pub fn value_lists_as_enums(mut self, as_enums: bool) -> Self {
        (self.as_enums, self.ground) = (as_enums, None);
        self
    }

    /// The account id to ask for in `X-Xurrent-Account`. Default: [`DEMO_ACCOUNT`].
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        account.clone_into(&mut self.account);
        self.ground = None;
        self
    }

    /// A further user, with a personal access token; the same name again gives that user another. All
    /// users may do the same, and `me` is the same person for them; they have limits of their own.
    #[must_use]
    pub fn user(mut self, name: &str, token: &str) -> Self {
        self.users.push((name.to_owned(), Secret::new(token)));
        self
    }

    /// Enforces that no user sends more than so many requests in any window of this length: 20 in
    /// two seconds is what the API allows. One too many is answered with 429 and does not count.
    /// Default: no limit.
    #[must_use]
    pub fn burst(mut self, requests: usize, window: Duration) -> Self {
        self.limits.burst = Some(limits::Burst { requests, window });
        self
    }

    /// Enforces that no user sends more than so many requests, each of which costs 1, or uses more
    /// cost. The window begins with the first request and is in whole seconds, rounded up; an hour
    /// is what the API has. Beyond it, requests are answered with 429. Default: no limit.
    #[must_use]
    pub fn budget(mut self, requests: u64, cost: u64, window: Duration) -> Self {
        let seconds = window.as_secs() + u64::from(window.subsec_nanos() > 0);
        self.limits.budget = Some(limits::Budget { requests, cost, seconds });
        self
    }

    /// Refuses, with a GraphQL error, documents that ask for more nodes than this, as a server does
    /// that finds a query too costly: the first 100 records with 50 of something in each are 5,000.
    /// Default: 500,000, which is what the API has.
    #[must_use]
    pub fn max_nodes(mut self, limit: u64) -> Self {
        self.max_nodes = limit;
        self
    }

    /// How long every GraphQL request waits before anything happens. Default: not at all.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Where attachments go. Default: [`Storage::s3`].
    #[must_use]
    pub fn storage(mut self, storage: Storage) -> Self {
        self.storage = storage;
        self
    }

    /// A file that has been uploaded before: its key, its name and its size in bytes. Inputs can only
    /// name keys that something was uploaded under.
    #[must_use]
    pub fn uploaded(mut self, key: &str, filename: &str, size: u64) -> Self {
        self.uploaded.push((key.to_owned(), filename.to_owned(), size));
        self
    }

    /// What goes wrong with the first requests: see [`Sandbox::faults`]. Default: nothing.
    #[must_use]
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults.extend(faults);
        self
    }

    /// A recording to answer from, which a client made with its `record`: see the guide
    /// `docs/recording.md`. A GraphQL request gets the recorded answer to the same operation, document
    /// and variables, with its status and headers; the same request once more gets the next one.
    /// What was not recorded is a GraphQL error that says so. Tokens and accounts are the sandbox's
    /// own. In a recording without values, variables only have to look alike. Default: none.
    #[must_use]
    pub fn replay(mut self, recording: impl Into<PathBuf>) -> Self {
        self.replay = Some(recording.into());
        self
    }

    /// How webhooks are delivered. Default: [`Webhooks::default`].
    #[must_use]
    pub fn webhooks(mut self, webhooks: Webhooks) -> Self {
        self.webhooks = webhooks;
        self
    }

    /// Makes the engine alone, without a socket. It has the schema, the account, the scopes, the
    /// drift, the value lists and the uploaded files of these settings; credentials and port play no part.
    ///
    /// # Errors
    /// Without a schema or with one that is not valid.
    pub fn engine(mut self) -> Result<Engine, SandboxError> {
        self.engine_at(None)
    }

    fn engine_at(&mut self, addresses: Option<(SocketAddr, SocketAddr)>) -> Result<Engine, SandboxError> {
        let outbox = addresses.map(|(http, https)| {
            let (account, rest_url) = (self.account.clone(), format!("http://{http}{}", webhook::REST_PATH));
            let places = Places { account, account_url: format!("https://{https}"), rest_url };
            Outbox::new(self.webhooks.clone(), places)
        });
        let setup = Setup {
            scopes: self.scopes.clone(),
            max_nodes: self.max_nodes,
            origin: addresses.map(|(http, _)| format!("http://{http}")),
            account_url: addresses.map(|(_, https)| format!("https://{https}")),
            limits: self.limits.clone(),
            uploads: Uploads::new(self.storage.clone(), self.uploaded.clone()),
            outbox,
        };
        Ok(Engine::set_up(self.ground()?, setup))
    }

    fn ground(&mut self) -> Result<Arc<Ground>, SandboxError> {
        if let Some(ground) = &self.ground {
            return Ok(Arc::clone(ground));
        }
        let schema_json = self.schema_json.as_deref().ok_or(SandboxError::MissingSchema)?;
        let ground =
            Ground::new(schema_json, &self.account, self.drift, self.value_lists.clone(), self.as_enums)?;
        Ok(Arc::clone(self.ground.insert(Arc::new(ground))))
    }

    /// Reads the schema, fills the store and starts listening. Needs a running tokio runtime.
    ///
    /// # Errors
    /// Without a schema, with one that is not valid, when a port is taken, when no certificate can be
    /// made, or when the recording to replay cannot be read.
    pub async fn start(mut self) -> Result<Sandbox, SandboxError> {
        if self.schema_json.is_none() {
            return Err(SandboxError::MissingSchema);
        }
        let trusted = self.webhooks.trusted()?;
        let identity = tls::identity()?;
        let (http_listener, http) = listen(self.port).await?;
        let (https_listener, https) = listen(self.https_port).await?;
        let (token, account, oauth) = (self.token.clone(), self.account.clone(), self.oauth.clone());
        let (users, faults, latency) = (self.users.clone(), Faults::new(self.faults.clone()), self.latency);
        let replay = self.replay.as_deref().map(|path| Replay::load(path, &format!("http://{http}")));
        let replay = replay.transpose()?;
        let engine = self.engine_at(Some((http, https)))?;
        let mut shared = Shared::new(engine, OAuth::new(oauth), token, account);
        (shared.users, shared.faults, shared.latency) = (users, faults, latency);
        shared.replay = replay;
        let shared = Arc::new(shared);
        let delivery = tokio::spawn(webhook::deliver(Arc::clone(&shared), trusted));
        let (stop, stopped) = watch::channel(());
        let acceptor = identity.acceptor.clone();
        let servers = [
            tokio::spawn(server::serve(http_listener, Arc::clone(&shared), stopped.clone())),
            tokio::spawn(server::serve_secure(https_listener, acceptor, Arc::clone(&shared), stopped)),
        ];
        let (root, stop) = (&identity.root, Some(stop));
        Ok(Sandbox { address: http, root, shared, settings: self, stop, servers, delivery })
    }
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), SandboxError> {
    let failed = |source| SandboxError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

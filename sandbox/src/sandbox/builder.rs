//! The settings of a sandbox.

use parking_lot::RwLock;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::account::Account;
use crate::async_query::Results;
use crate::bulk::BulkJobs;
use crate::defaults::{DEMO_TOKEN, NO_ORIGIN};
use crate::engine::Engine;
use crate::error::SandboxError;
use crate::fault::Fault;
use crate::limits::{Budget, Burst, LimitSettings, Limits};
use crate::node_limit::MAX_NODES;
use crate::oauth::OAuthSettings;
use crate::records::{self, Keys, RecordSource};
use crate::rest::PATH as REST_PATH;
use crate::scopes::Scopes;
use crate::seed::SeedSettings;
use crate::shared_schema::{SchemaSettings, SharedSchema};
use crate::storage::{Storage, UploadedFile, Uploads};
use crate::webhook::{AccountUrls, Outbox, Policies, Webhooks};

/// Settings for a [`Sandbox`](crate::Sandbox), from [`Sandbox::builder`](crate::Sandbox::builder).
#[derive(Debug, Clone)]
#[must_use = "settings have no effect until the sandbox is started"]
pub struct SandboxBuilder {
    pub(super) schema: SchemaSettings,
    pub(super) seed: SeedSettings,
    pub(super) records: Vec<RecordSource>,
    pub(super) port: u16,
    pub(super) https_port: u16,
    pub(super) token: SecretString,
    pub(super) oauth: OAuthSettings,
    scopes: Scopes,
    pub(super) users: Vec<(String, SecretString)>,
    limits: LimitSettings,
    max_nodes: u64,
    pub(super) latency: Duration,
    pub(super) faults: Vec<Fault>,
    storage: Storage,
    uploaded: Vec<UploadedFile>,
    pub(super) replay: Option<PathBuf>,
    pub(super) webhooks: Webhooks,
    pub(super) bulk: BulkJobs,
}

impl Engine {
    /// Makes an engine from an introspection result, with the sandbox's initial records.
    ///
    /// # Errors
    /// If the text is not an introspection result or its schema is not valid.
    pub fn new(schema_json: &str) -> Result<Self, SandboxError> {
        SandboxBuilder::new().schema_json(schema_json).engine()
    }
}

impl SandboxBuilder {
    pub(super) fn new() -> Self {
        Self {
            schema: SchemaSettings::default(),
            seed: SeedSettings::default(),
            records: Vec::new(),
            port: 0,
            https_port: 0,
            token: DEMO_TOKEN.into(),
            oauth: OAuthSettings::default(),
            scopes: Scopes::All,
            users: Vec::new(),
            limits: LimitSettings::default(),
            max_nodes: MAX_NODES,
            latency: Duration::ZERO,
            faults: Vec::new(),
            storage: Storage::default(),
            uploaded: Vec::new(),
            replay: None,
            webhooks: Webhooks::default(),
            bulk: BulkJobs::default(),
        }
    }

    /// The schema: the text of an introspection result, `{"data":{"__schema": ...}}` or without the
    /// `data`. Default: Xurrent's, which the crate contains.
    pub fn schema_json(mut self, schema_json: impl Into<String>) -> Self {
        self.schema.json = Some(schema_json.into().into());
        self
    }

    /// The http port. Default: 0, a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The https port. Default: 0, a free one.
    pub fn https_port(mut self, port: u16) -> Self {
        self.https_port = port;
        self
    }

    /// The personal access token to accept. Default: [`DEMO_TOKEN`].
    pub fn token(mut self, token: &str) -> Self {
        self.token = token.into();
        self
    }

    /// The OAuth client to issue tokens to, and its secret. Default:
    /// [`DEMO_CLIENT_ID`](crate::DEMO_CLIENT_ID) and [`DEMO_CLIENT_SECRET`](crate::DEMO_CLIENT_SECRET).
    pub fn oauth_client(mut self, id: &str, secret: &str) -> Self {
        (self.oauth.client_id, self.oauth.client_secret) = (id.to_owned(), secret.into());
        self
    }

    /// The lifetime of issued tokens. Default: an hour. `expires_in` is rounded down to whole seconds.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.oauth.lifetime = lifetime;
        self
    }

    /// Whether token responses omit `expires_in`, which the standard allows. Default: no.
    pub fn omit_expires_in(mut self, omit: bool) -> Self {
        self.oauth.omits_expires_in = omit;
        self
    }

    /// The scopes of all tokens, such as `request:Read` or `configurationItem:Update`: a record type with
    /// a lower-case first letter and `Read`, `Create`, `Update` or `Delete`. A root field whose scope is
    /// missing fails with the GraphQL error `Missing required scope(s): ...`. Default: all scopes.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = Scopes::Only(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Whether to serve a later version of the schema: nothing is removed or changed, but there are more
    /// fields, types, enum values and a further root field, and records use them. Clients of the original
    /// schema must keep working. Default: no.
    pub fn schema_evolution(mut self, evolve: bool) -> Self {
        self.schema.evolves = evolve;
        self
    }

    /// The values of value list scalars, by the name of the scalar. They add to the known lists of
    /// Xurrent's schema or replace them; an enum of that name in the schema takes precedence. Default:
    /// the known lists.
    pub fn value_lists(mut self, lists: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        self.schema.value_lists.extend(lists);
        self
    }

    /// Whether to serve value lists as enums instead of scalars, as a server may do, if all values are
    /// GraphQL names. Clients must keep working. Default: no.
    pub fn value_lists_as_enums(mut self, as_enums: bool) -> Self {
        self.schema.lists_are_enums = as_enums;
        self
    }

    /// The account id to require in `X-Xurrent-Account`. Default: [`DEMO_ACCOUNT`](crate::DEMO_ACCOUNT).
    pub fn account(mut self, account: &str) -> Self {
        self.schema.account = account.to_owned();
        self
    }

    /// Adds a user with a personal access token; the same name again adds another token. All users have
    /// the same permissions and the same `me`, but limits of their own.
    pub fn user(mut self, name: &str, token: &str) -> Self {
        self.users.push((name.to_owned(), token.into()));
        self
    }

    /// The maximum number of requests of a user in any window of this length. The API allows 20 in two
    /// seconds. Requests beyond it get 429 and do not count. Default: no limit.
    pub fn burst(mut self, requests: usize, window: Duration) -> Self {
        self.limits.burst = Some(Burst { requests, window });
        self
    }

    /// The maximum number of requests and cost of a user; each request costs 1. The window begins with
    /// the first request and is rounded up to whole seconds. The API's window is an hour. Requests beyond
    /// it get 429. Default: no limit.
    pub fn budget(mut self, requests: u64, cost: u64, window: Duration) -> Self {
        let seconds = window.as_secs() + u64::from(window.subsec_nanos() > 0);
        self.limits.budget = Some(Budget { requests, cost, seconds });
        self
    }

    /// The maximum number of nodes of a document; larger ones fail with a GraphQL error, as on a server
    /// that rejects costly queries. The first 100 records with 50 of something in each are 5,000.
    /// Default: 500,000, as the API.
    pub fn max_nodes(mut self, limit: u64) -> Self {
        self.max_nodes = limit;
        self
    }

    /// The delay of every GraphQL request. Default: none.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// The attachment storage. Default: [`Storage::s3`].
    pub fn storage(mut self, storage: Storage) -> Self {
        self.storage = storage;
        self
    }

    /// Adds an uploaded file: its key, its name and its size in bytes. Inputs can only name keys of
    /// uploaded files.
    pub fn uploaded(mut self, key: &str, filename: &str, size: u64) -> Self {
        let (key, filename) = (key.to_owned(), filename.to_owned());
        let content_type = "application/octet-stream".to_owned();
        self.uploaded.push(UploadedFile { key, filename, content_type, size, hash: 0, content: None });
        self
    }

    /// Queues faults for the first requests: see [`Sandbox::faults`](crate::Sandbox::faults). Default:
    /// none.
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults.extend(faults);
        self
    }

    /// A recording to replay, which a client made with its `record`: see the guide `docs/recording.md`. A
    /// GraphQL request gets the recorded response to the same operation, document and variables, with its
    /// status and headers; repeated requests get the recorded responses in turn. A request that was not
    /// recorded gets a GraphQL error that says so. Tokens and accounts are the sandbox's own. In a
    /// recording without values, variables match by shape. Default: none.
    pub fn replay(mut self, recording: impl Into<PathBuf>) -> Self {
        self.replay = Some(recording.into());
        self
    }

    /// The webhook settings. Default: [`Webhooks::default`].
    pub fn webhooks(mut self, webhooks: Webhooks) -> Self {
        self.webhooks = webhooks;
        self
    }

    /// The settings of exports and imports. Default: [`BulkJobs::default`].
    pub fn bulk(mut self, bulk: BulkJobs) -> Self {
        self.bulk = bulk;
        self
    }

    /// Makes the engine without a socket, with the schema, account, scopes, schema evolution, value lists
    /// and uploaded files of these settings. Credentials and ports are ignored.
    ///
    /// # Errors
    /// If the schema or a record is not valid.
    pub fn engine(self) -> Result<Engine, SandboxError> {
        self.engine_at(None)
    }

    /// `addresses` are those of http and https.
    pub(super) fn engine_at(
        &self,
        addresses: Option<(SocketAddr, SocketAddr)>,
    ) -> Result<Engine, SandboxError> {
        let account_url = addresses.map(|(_, https)| format!("https://{https}"));
        let account_url = account_url.unwrap_or_else(|| NO_ORIGIN.to_owned());
        let outbox = addresses.map(|(http, _)| {
            let (account, account_url) = (self.schema.account.clone(), account_url.clone());
            let rest_url = format!("http://{http}{REST_PATH}");
            Outbox::new(self.webhooks.clone(), AccountUrls { account, account_url, rest_url })
        });
        let shared = SharedSchema::get(&self.schema)?;
        let mut store = shared.store(&self.schema, &self.seed)?;
        let own_keys = match self.records.as_slice() {
            [] => Keys::default(),
            sources => records::add(&shared.model, Arc::make_mut(&mut store), &self.schema.account, sources)?,
        };
        let account = Account {
            store: RwLock::new(store),
            own_keys,
            shared,
            scopes: self.scopes.clone(),
            origin: addresses.map_or_else(|| NO_ORIGIN.to_owned(), |(http, _)| format!("http://{http}")),
            uploads: Uploads::new(self.storage.clone(), self.uploaded.clone()),
            outbox,
            policies: Policies::new(account_url),
        };
        let limits = Limits::new(self.limits.clone());
        Ok(Engine { account, limits, max_nodes: self.max_nodes, results: Results::default() })
    }
}

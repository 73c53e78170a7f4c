//! From the configuration to verifiers, an inbox and a target.

use super::load::{SECRETS, variable};
use super::{Account, Config, Span, WorkerConfig};
use crate::error::{Error, chain};
use crate::target::{Command, Destination, Filter, Http, Target, Webhook};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use xurrent_receiver::inbox::SchemaVersion;
#[cfg(feature = "postgres")]
use xurrent_receiver::inbox::postgres;
use xurrent_receiver::inbox::sqlite::{SqliteInbox, SqliteInboxBuilder};
use xurrent_receiver::webhook::Verifier;
use xurrent_receiver::{Inbox, InboxError, InboxReplayProtection, WorkerBuilder};

/// Applies a setting if there is one.
pub(crate) fn set<B, V>(builder: B, value: Option<V>, apply: impl FnOnce(B, V) -> B) -> B {
    match value {
        Some(value) => apply(builder, value),
        None => builder,
    }
}

/// The same for durations.
pub(crate) fn set_time<B>(builder: B, value: Option<Span>, apply: impl FnOnce(B, Duration) -> B) -> B {
    set(builder, value.map(|span| span.0), apply)
}

impl WorkerConfig {
    pub(crate) fn apply(&self, mut builder: WorkerBuilder) -> WorkerBuilder {
        builder = set(builder, self.concurrency, |builder, count| builder.concurrency(count));
        builder = set(builder, self.max_attempts, |builder, count| builder.max_attempts(count));
        builder = set_time(builder, self.lease, |builder, time| builder.lease(time));
        let (first, longest) = self.backoff();
        builder = builder.backoff(first, longest);
        builder = builder.handler_timeout(self.handler_timeout());
        if self.in_order { builder.in_order() } else { builder }
    }

    /// The first and the longest wait after a failure.
    fn backoff(&self) -> (Duration, Duration) {
        let first = self.backoff.map_or(Duration::from_secs(1), |span| span.0);
        (first, self.max_backoff.map_or(Duration::from_secs(60 * 60), |span| span.0))
    }

    /// How long the target may take for a delivery.
    pub(crate) fn handler_timeout(&self) -> Duration {
        self.handler_timeout.map_or(Duration::from_secs(5 * 60), |span| span.0)
    }
}

/// The configured inbox, before it is opened.
enum Store {
    Sqlite(SqliteInboxBuilder),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::PostgresInboxBuilder>, postgres::Tls),
}

/// Reads a connection string.
#[cfg(feature = "postgres")]
fn connect_options(key: &str, url: &SecretString) -> Result<postgres::ConnectOptions, Error> {
    url.expose_secret().parse().map_err(|error| Error::Configuration(format!("`{key}`: {error}")))
}

/// An inbox, and what only one in a file can do.
pub(crate) struct Opened {
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) file: Option<SqliteInbox>,
}

impl Config {
    /// The socket for operators, if there is one.
    pub(crate) fn control_socket(&self) -> Option<PathBuf> {
        let beside = |sqlite: &PathBuf| {
            let mut path = self.at(sqlite).into_os_string();
            path.push(".sock");
            path.into()
        };
        let configured = self.control_socket.as_ref().map(|path| self.at(path));
        configured.or_else(|| self.inbox.sqlite.as_ref().map(beside))
    }

    /// A verifier for each account.
    pub(crate) fn verifiers(&self) -> Result<Vec<Verifier>, Error> {
        if self.account.is_empty() {
            return Err(Error::configuration("no [[account]]: name at least one, with its `url`"));
        }
        if self.verification.unsigned && self.account.len() > 1 {
            let why = "`verification.unsigned` with several accounts: only a signature tells them apart";
            return Err(Error::configuration(why));
        }
        self.account.iter().map(|account| self.verifier(account)).collect()
    }

    fn verifier(&self, account: &Account) -> Result<Verifier, Error> {
        let Account { url, issuers, algorithm, public_key_file, audience } = account;
        let mut builder = Verifier::builder().account_url(url).replay_store(InboxReplayProtection);
        for issuer in issuers {
            builder = builder.issuer(issuer);
        }
        builder = match (algorithm, public_key_file) {
            (Some(algorithm), Some(file)) => {
                builder.public_key(*algorithm, self.text("account.public_key_file", file)?)
            }
            (None, None) => builder,
            _ => {
                return Err(Error::configuration(
                    "`account`: give `algorithm` and `public_key_file` together",
                ));
            }
        };
        let settings = &self.verification;
        builder = set(builder, audience.as_ref(), |builder, audience| builder.audience(audience));
        for id in &settings.webhook_ids {
            builder = builder.webhook_id(*id);
        }
        let query = self.secret("verification.query_secret", settings.query_secret_file.as_deref())?;
        builder = match (&settings.query_parameter, query) {
            (Some(name), Some(secret)) => builder.secret_query_parameter(name, secret),
            (None, None) => builder,
            _ => return Err(together("query_parameter", "query_secret_file")),
        };
        let password = self.secret("verification.basic_password", settings.basic_password_file.as_deref())?;
        builder = match (&settings.basic_user, password) {
            (Some(user), Some(password)) => builder.basic_auth(user, password),
            (None, None) => builder,
            _ => return Err(together("basic_user", "basic_password_file")),
        };
        builder = set_time(builder, settings.leeway, |builder, time| builder.leeway(time));
        builder = set_time(builder, settings.max_age, |builder, time| builder.max_age(time));
        builder = set_time(builder, settings.expiry_grace, |builder, time| builder.expiry_grace(time));
        // The receiver has a limit of its own, which must be raised as well.
        builder = set(builder, self.limits.body, |builder, bytes| builder.max_body_size(bytes));
        builder = set(builder, self.root_certificate()?, |builder, pem| builder.root_certificate(pem));
        if settings.require_all_claims {
            builder = builder.require_all_claims();
        }
        if settings.unsigned {
            builder = builder.dangerously_accept_unsigned();
        }
        if settings.dangerously_allow_loopback {
            builder = builder.dangerously_allow_loopback();
        }
        builder.build().map_err(|error| Error::Configuration(format!("`account`: {}", chain(&error))))
    }

    /// A certificate authority of the hosts of accounts, as PEM.
    pub(crate) fn root_certificate(&self) -> Result<Option<String>, Error> {
        let file = self.verification.root_certificate_file.as_ref();
        file.map(|file| self.text("verification.root_certificate_file", file)).transpose()
    }

    /// Whether something beside the address authenticates unsigned deliveries.
    pub(crate) fn has_secret(&self) -> bool {
        self.verification.query_parameter.is_some() || self.verification.basic_user.is_some()
    }

    fn store(&self) -> Result<Store, Error> {
        let url = self.secret("inbox.postgres_url", self.inbox.postgres_url_file.as_deref())?;
        match (&self.inbox.sqlite, url) {
            (Some(file), None) => {
                let builder = SqliteInbox::builder(self.at(file));
                let builder = set(builder, self.inbox.max_size, |builder, bytes| builder.max_size(bytes));
                let retention = self.inbox.retention;
                Ok(Store::Sqlite(set_time(builder, retention, |builder, time| builder.retention(time))))
            }
            (None, Some(url)) => self.postgres(&url),
            _ => Err(Error::configuration("`inbox`: give either `sqlite` or `postgres_url_file`")),
        }
    }

    #[cfg(feature = "postgres")]
    fn postgres(&self, url: &SecretString) -> Result<Store, Error> {
        let postgres::ConnectOptions { config, tls } = connect_options("inbox.postgres_url", url)?;
        let builder = postgres::PostgresInbox::builder(config);
        let builder =
            set(builder, self.inbox.max_connections, |builder, count| builder.max_connections(count));
        let builder =
            set_time(builder, self.inbox.poll_interval, |builder, time| builder.poll_interval(time));
        let builder = set_time(builder, self.inbox.retention, |builder, time| builder.retention(time));
        Ok(Store::Postgres(Box::new(builder), tls))
    }

    #[cfg(not(feature = "postgres"))]
    fn postgres(&self, _: &SecretString) -> Result<Store, Error> {
        let settings = (self.inbox.max_connections, self.inbox.poll_interval);
        let why = "`inbox.postgres_url`: this program was built without the feature `postgres`";
        Err(Error::Configuration(match settings {
            (None, None) => why.to_owned(),
            _ => format!("{why}, which `max_connections` and `poll_interval` need too"),
        }))
    }

    /// Opens the inbox.
    pub(crate) async fn open_inbox(&self, migrate: bool, accept_loss: bool) -> Result<Opened, Error> {
        let opened: Result<Opened, InboxError> = match self.store()? {
            Store::Sqlite(mut builder) => {
                if accept_loss {
                    builder = builder.accept_loss();
                }
                if !migrate {
                    builder = builder.no_migration();
                }
                builder.open().await.map(|file| Opened { inbox: Arc::new(file.clone()), file: Some(file) })
            }
            #[cfg(feature = "postgres")]
            Store::Postgres(builder, tls) => {
                let builder = if migrate { *builder } else { builder.no_migration() };
                builder.open(tls).await.map(|inbox| Opened { inbox: Arc::new(inbox), file: None })
            }
        };
        opened.map_err(inbox_error)
    }

    /// Checks the inbox without changing it.
    pub(crate) async fn check_inbox(&self) -> Result<SchemaVersion, Error> {
        let checked = match self.store()? {
            Store::Sqlite(builder) => builder.lock_timeout(Duration::ZERO).check().await,
            #[cfg(feature = "postgres")]
            Store::Postgres(builder, tls) => builder.check(tls).await,
        };
        checked.map_err(inbox_error)
    }

    /// The filter and the target of deliveries.
    pub(crate) fn destination(&self) -> Result<Destination, Error> {
        let target = &self.target;
        let secret = self.secret("target.secret", target.secret_file.as_deref())?;
        let target = match (&target.url, &target.command, &target.table) {
            (Some(url), None, None) => {
                let no_secret = "`target.secret_file` is missing: it holds the secret that signs requests";
                let webhook = Webhook::new(&secret.ok_or(Error::configuration(no_secret))?)?;
                let authority = target.root_certificate_file.as_deref();
                let authority = authority.map(|file| self.text("target.root_certificate_file", file));
                let (authority, backoff) = (authority.transpose()?, self.worker.backoff());
                Target::Http(Box::new(Http::new(url, webhook, authority.as_deref(), backoff)?))
            }
            (None, _, _) if secret.is_some() || target.root_certificate_file.is_some() => {
                let why = "`target`: `secret_file` and `root_certificate_file` are for a `url`";
                return Err(Error::configuration(why));
            }
            (None, Some(command), None) => Target::Command(Command::new(command, &self.folder)?),
            (None, None, Some(name)) => self.table(name)?,
            _ => return Err(Error::configuration("`target`: give one of `url`, `command` and `table`")),
        };
        Ok(Destination { filter: Filter::new(&self.filter.events, &self.filter.records)?, target })
    }

    #[cfg(feature = "postgres")]
    fn table(&self, name: &str) -> Result<Target, Error> {
        let of_inbox = || self.secret("inbox.postgres_url", self.inbox.postgres_url_file.as_deref());
        let (key, url) = match self.secret("target.postgres_url", self.target.postgres_url_file.as_deref())? {
            Some(url) => ("target.postgres_url", Some(url)),
            None => ("inbox.postgres_url", of_inbox()?),
        };
        let url =
            url.ok_or(Error::configuration("`target.postgres_url_file` is missing: where the table is"))?;
        let connections = self.worker.concurrency.unwrap_or(8).max(1);
        crate::target::Table::new(name, connect_options(key, &url)?, connections).map(Target::Table)
    }

    #[cfg(not(feature = "postgres"))]
    fn table(&self, _: &str) -> Result<Target, Error> {
        self.secret("target.postgres_url", self.target.postgres_url_file.as_deref())?;
        Err(Error::configuration("`target.table`: this program was built without the feature `postgres`"))
    }

    /// A secret of the environment or of a file, whose last line feed does not belong to it.
    fn secret(&self, key: &'static str, file: Option<&Path>) -> Result<Option<SecretString>, Error> {
        debug_assert!(SECRETS.contains(&key));
        let (secret, place) = match (self.secrets.get(key), file) {
            (Some(_), Some(_)) => {
                return Err(Error::Configuration(format!("`{key}_file` and {}: give one", variable(key))));
            }
            (Some(secret), None) => (secret.clone(), variable(key)),
            (None, Some(file)) => {
                let text = self.text(&format!("{key}_file"), file)?;
                (text.trim_end_matches(['\n', '\r']).into(), format!("`{key}_file`"))
            }
            (None, None) => return Ok(None),
        };
        match secret.expose_secret().is_empty() {
            true => Err(Error::Configuration(format!("{place} is empty"))),
            false => Ok(Some(secret)),
        }
    }

    fn text(&self, key: &str, file: &Path) -> Result<String, Error> {
        let file = self.at(file);
        std::fs::read_to_string(&file).map_err(|error| {
            Error::Configuration(format!("`{key}`: cannot read {}: {error}", file.display()))
        })
    }

    fn at(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}

fn together(one: &str, other: &str) -> Error {
    Error::Configuration(format!("`verification`: give `{one}` and `{other}` together"))
}

fn inbox_error(error: InboxError) -> Error {
    Error::Failed(match error {
        InboxError::Lost { .. } => format!("{error} (`serve --accept-loss`)"),
        InboxError::Outdated { .. } => format!("{error} (`xurrent-receiver migrate`)"),
        error => error.to_string(),
    })
}

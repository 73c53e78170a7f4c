//! The inbox of several machines: tables on a PostgreSQL server.
//!
//! Any number of receivers store into it and any number of workers take from it: rows are locked with
//! `FOR UPDATE SKIP LOCKED`, so nobody waits for anybody, except that workers
//! [in order](crate::WorkerBuilder::in_order) take turns for the moment of taking. The tables are made
//! in the first schema of the `search_path`; their names begin with `xurrent_`.
//!
//! Deliveries of a record that are stored by two connections at the same moment may be handled in
//! either order, but never at once.

mod queries;
mod schema;

use super::recent_size::UsualSize;
use super::{
    Batch, DEFAULT_KEEP, DeadLetter, DeliveryId, Depth, Inbox, InboxError, Lease, Outcome, Stored, Take,
    Taken,
};
use crate::authenticator::Accepted;
use deadpool_postgres::{Client, Hook, HookError, Manager, Pool, Runtime};
use futures_core::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
pub use tokio_postgres;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, NoTls, Socket};

/// How often workers look for what other machines stored.
const DEFAULT_POLL: Duration = Duration::from_secs(1);

const DEFAULT_CONNECTIONS: usize = 16;

/// How long an operation waits for a connection, and a new connection for the server.
const PATIENCE: Duration = Duration::from_secs(5);

/// What every connection is told. Nothing may be confirmed before it is on the disk, and nothing may
/// wait for ever.
const SESSION: &str = "
    SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE;
    SET statement_timeout = '30s';
    SET idle_in_transaction_session_timeout = '30s';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
";

/// An inbox on a server. Clones share their connections.
#[derive(Debug, Clone)]
pub struct PostgresInbox {
    pool: Pool,
    changes: watch::Sender<()>,
    keep: Duration,
    poll: Duration,
    usual: Arc<UsualSize>,
}

/// Settings of an inbox on a server.
#[derive(Debug, Clone)]
#[must_use = "nothing is opened before `open`"]
pub struct PostgresInboxBuilder {
    config: Config,
    connections: usize,
    keep: Duration,
    poll: Duration,
}

impl PostgresInbox {
    /// Opens the inbox on a server that needs no encryption: one on this machine or behind a socket.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use xurrent_receiver::inbox::postgres::PostgresInbox;
    ///
    /// let inbox = PostgresInbox::open("host=/run/postgresql user=receiver dbname=webhooks".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`PostgresInboxBuilder::open`].
    pub async fn open(config: Config) -> Result<Self, InboxError> {
        Self::builder(config).open(NoTls).await
    }

    /// Settings for the inbox on this server.
    pub fn builder(config: Config) -> PostgresInboxBuilder {
        PostgresInboxBuilder {
            config,
            connections: DEFAULT_CONNECTIONS,
            keep: DEFAULT_KEEP,
            poll: DEFAULT_POLL,
        }
    }

    /// Closes all connections. All later operations end with [`InboxError::Closed`].
    pub fn close(&self) {
        self.pool.close();
    }

    async fn client(&self) -> Result<Client, InboxError> {
        self.pool.get().await.map_err(|error| match error {
            deadpool_postgres::PoolError::Closed => InboxError::Closed,
            deadpool_postgres::PoolError::Backend(error) => storage(error),
            error => InboxError::storage(error),
        })
    }

    async fn taken(self, take: Take) -> Result<Transit, InboxError> {
        let mut client = self.client().await?;
        let taken = queries::take(&mut client, take).await?;
        let mut transit = Transit { batch: Batch { taken, wait: self.poll }, inbox: self.clone() };
        // Whoever got all it wanted comes again without being told when.
        if transit.batch.taken.len() < take.limit
            && let Some(next) = queries::wait(&client).await?
        {
            transit.batch.wait = next.min(self.poll);
        }
        Ok(transit)
    }

    fn changed(&self) {
        self.changes.send_replace(());
    }
}

impl PostgresInboxBuilder {
    /// How long a handled delivery is remembered, so that a late duplicate is known. A week by
    /// default. Its body is gone at once.
    pub fn keep(mut self, keep: Duration) -> Self {
        self.keep = keep;
        self
    }

    /// How many connections are used at once: 16 by default, at least 2.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(2);
        self
    }

    /// How often workers look for what other machines stored: every second by default. What this
    /// process stored they know at once.
    pub fn poll(mut self, poll: Duration) -> Self {
        self.poll = poll.max(Duration::from_millis(10));
        self
    }

    /// Connects, and makes the tables or brings them up to date. `tls` encrypts the connections:
    /// [`NoTls`], or a connector of a crate like `tokio-postgres-rustls`.
    ///
    /// # Errors
    ///
    /// [`InboxError::NotDurable`] when the server does not flush what it confirms,
    /// [`InboxError::Newer`] when a newer version of this crate made the tables, or what the server
    /// said.
    pub async fn open<T>(self, tls: T) -> Result<PostgresInbox, InboxError>
    where
        T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
        T::Stream: Sync + Send,
        T::TlsConnect: Sync + Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let Self { mut config, connections, keep, poll } = self;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(PATIENCE * 2);
        }
        let pool = Pool::builder(Manager::new(config, tls))
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(InboxError::storage)?;
        let usual = Arc::default();
        let inbox = PostgresInbox { pool, changes: watch::Sender::new(()), keep, poll, usual };
        let mut client = inbox.client().await?;
        for setting in ["fsync", "full_page_writes"] {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).await.map_err(storage)?;
            if row.try_get::<_, String>(0).map_err(storage)? == "off" {
                return Err(InboxError::NotDurable { setting });
            }
        }
        schema::migrate(&mut client).await?;
        drop(client);
        Ok(inbox)
    }
}

impl Inbox for PostgresInbox {
    fn store(&self, delivery: Accepted) -> BoxFuture<'_, Result<Stored, InboxError>> {
        self.usual.note(delivery.body.len());
        Box::pin(async move {
            let stored = queries::store(&self.client().await?, &delivery).await?;
            self.changed();
            Ok(stored)
        })
    }

    fn take(&self, take: Take) -> BoxFuture<'_, Result<Batch, InboxError>> {
        let (reply, taken) = oneshot::channel();
        let inbox = self.clone();
        // A task of its own: what was taken for somebody who left has to go back.
        let taking = async move {
            let transit = inbox.taken(take).await;
            let _ = reply.send(transit);
        };
        Box::pin(async move {
            tokio::spawn(taking);
            taken.await.map_err(|_| InboxError::Closed)?.map(Transit::arrive)
        })
    }

    fn renew(&self, leases: Vec<Lease>, length: Duration) -> BoxFuture<'_, Result<Vec<Lease>, InboxError>> {
        Box::pin(async move { queries::renew(&self.client().await?, &leases, length).await })
    }

    fn settle(&self, lease: Lease, outcome: Outcome) -> BoxFuture<'_, Result<bool, InboxError>> {
        Box::pin(async move {
            let settled = queries::settle(&self.client().await?, lease, &outcome, self.keep).await?;
            if matches!(outcome, Outcome::Retry { .. } | Outcome::GiveBack) {
                self.changed();
            }
            Ok(settled)
        })
    }

    fn depth(&self) -> BoxFuture<'_, Result<Depth, InboxError>> {
        Box::pin(async move { queries::depth(&self.client().await?).await })
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), InboxError>> {
        Box::pin(async move { queries::probe(&self.client().await?, self.usual.get()).await })
    }

    fn dead_letters(
        &self,
        after: Option<DeliveryId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DeadLetter>, InboxError>> {
        let after = after.map_or(0, |id| id.0);
        Box::pin(async move { queries::dead_letters(&self.client().await?, after, limit).await })
    }

    fn requeue(&self, id: DeliveryId) -> BoxFuture<'_, Result<bool, InboxError>> {
        Box::pin(async move {
            let requeued = queries::requeue(&self.client().await?, id).await?;
            self.changed();
            Ok(requeued)
        })
    }

    fn discard(&self, id: DeliveryId) -> BoxFuture<'_, Result<bool, InboxError>> {
        Box::pin(async move { queries::discard(&self.client().await?, id, self.keep).await })
    }

    fn purge(&self) -> BoxFuture<'_, Result<u64, InboxError>> {
        Box::pin(async move { queries::purge(&self.client().await?).await })
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

/// Taken deliveries on their way to a worker. If it is gone when they arrive, they go back.
struct Transit {
    batch: Batch,
    inbox: PostgresInbox,
}

impl Transit {
    fn arrive(mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }
}

impl Drop for Transit {
    fn drop(&mut self) {
        let taken = std::mem::take(&mut self.batch.taken);
        if let Ok(runtime) = tokio::runtime::Handle::try_current()
            && !taken.is_empty()
        {
            let inbox = self.inbox.clone();
            runtime.spawn(async move {
                for Taken { lease, .. } in taken {
                    // A lease that cannot be given back expires.
                    let _ = inbox.settle(lease, Outcome::GiveBack).await;
                }
            });
        }
    }
}

/// As the server takes a length of time; it refuses absurd ones, so ten years are the longest.
fn seconds(duration: Duration) -> f64 {
    const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    duration.min(LONGEST).as_secs_f64()
}

fn storage(error: tokio_postgres::Error) -> InboxError {
    match error.code() {
        Some(&SqlState::DISK_FULL) => InboxError::Full,
        _ => InboxError::storage(error),
    }
}

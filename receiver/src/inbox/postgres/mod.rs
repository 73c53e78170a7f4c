//! An inbox that several machines share: tables on a PostgreSQL server.
//!
//! Any number of receivers and workers share the tables. Rows are locked with `FOR UPDATE SKIP LOCKED`,
//! so workers do not block each other; only workers [in order](crate::WorkerBuilder::in_order) take their
//! deliveries one after the other. The tables are created in the first schema of the `search_path`, with
//! names that begin with `xurrent_`. The server is PostgreSQL 11 or newer.
//!
//! When two connections store deliveries of one record at the same moment, the deliveries may be handled
//! in either order, but never concurrently.

mod client;
mod connection_string;
mod group_commit;
mod schema;
mod tls;

use super::database::{Database, Effects, NUL_REPLACEMENT, Row, Shared, Statement};
use super::{DEFAULT_RETENTION, InboxError, InboxFuture, RawDelivery, SchemaVersion, Stored, Take};
use client::{MAX_DEADLOCKS, client, is_deadlock};
pub use connection_string::ConnectOptions;
use deadpool_postgres::{Client, GenericClient, Hook, HookError, Manager, Pool, Runtime};
use futures_core::future::BoxFuture;
use group_commit::Waiting;
use rusqlite::types::Value;
use schema::storage;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
pub use tls::{InvalidConnectionString, Tls};
use tokio::sync::{mpsc, oneshot};
pub use tokio_postgres;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Config, NoTls, Socket};

/// How long an operation waits for a connection, and a new connection for the server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The advisory lock for taking in order: each worker must see what the previous one took.
const TAKE_LOCK: i64 = 0x0078_7572_7475_726e;

/// Locks the deliveries of leases, and those that are released when they end, in the order in which storing locks
/// deliveries. Otherwise two transactions could each wait for the other.
///
/// The statement that locks reads one table and an array. The server evaluates it again for each row that was changed
/// meanwhile, so a join in it would take a time that grows with the square of the leases.
const IN_LOCK_ORDER: &str = "AND id = ANY (ARRAY(
    SELECT id FROM xurrent_delivery WHERE id = ANY (ARRAY(
        SELECT leased_id FROM leased UNION ALL
        SELECT (SELECT min(later.id) FROM xurrent_delivery AS later WHERE later.state < 2 AND later.ordered
                AND later.account = own.account AND later.record = own.record AND later.id > own.id)
        FROM xurrent_delivery AS own
        WHERE own.id = ANY (ARRAY(SELECT leased_id FROM leased)) AND own.ordered AND NOT own.held
    )) ORDER BY account, record, id FOR UPDATE
))";

/// Settings of every connection: commits are durable, statements and transactions have time limits, and rows are found
/// one by one with an index. A plan that is made while the tables are small or have no statistics would read all of
/// them, also once they are large. Where a plan cannot do without, it seems so costly that the server would compile it.
const SESSION: &str = "
    SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE;
    SET statement_timeout = '30s';
    SET idle_in_transaction_session_timeout = '30s';
    SET enable_seqscan = off;
    SET enable_bitmapscan = off;
    SET enable_nestloop = off;
    SET jit = off;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
";

/// An inbox on a server. Clones share their connections.
#[derive(Debug, Clone)]
pub struct PostgresInbox {
    pool: Pool,
    stores: mpsc::Sender<Waiting>,
    shared: Arc<Shared>,
    /// What this process has noted in the tables: 0 nothing, 1 that a worker takes without order, 2 that one takes in
    /// order.
    noted: Arc<AtomicU8>,
}

/// Configures an inbox on a server.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `open` is called"]
pub struct PostgresInboxBuilder {
    config: Config,
    max_connections: usize,
    retention: Duration,
    poll_interval: Duration,
    migrate: bool,
}

impl PostgresInbox {
    /// Opens the inbox over an unencrypted connection, such as a Unix socket on this machine. For TLS see
    /// [`ConnectOptions`].
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

    /// Configures the inbox on this server.
    pub fn builder(config: Config) -> PostgresInboxBuilder {
        PostgresInboxBuilder {
            config,
            max_connections: 16,
            retention: DEFAULT_RETENTION,
            poll_interval: Duration::from_secs(1),
            migrate: true,
        }
    }

    /// A connection to a server whose commits are durable.
    async fn checked_client(&self) -> Result<Client, InboxError> {
        let client = self.client().await?;
        for setting in ["fsync", "full_page_writes"] {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).await.map_err(storage)?;
            if row.try_get::<_, String>(0).map_err(storage)? == "off" {
                return Err(InboxError::NotDurable { setting });
            }
        }
        Ok(client)
    }

    async fn client(&self) -> Result<Client, InboxError> {
        client(&self.pool).await
    }

    /// Notes in the tables how a worker that has started takes. One that takes in order counts more.
    async fn note_order(&self, client: &Client, in_order: bool) -> Result<(), tokio_postgres::Error> {
        let note = 1 + u8::from(in_order);
        if self.noted.load(Ordering::Relaxed) < note {
            let sql = "UPDATE xurrent_inbox SET in_order = $1 WHERE in_order <> $1";
            client.execute(sql, &[&in_order]).await?;
            self.noted.fetch_max(note, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// All times are those of the server.
impl Database for PostgresInbox {
    /// The server deletes the previous row later.
    const PROBE: &'static [&'static str] =
        &["INSERT INTO xurrent_probe (id, at, padding) VALUES (0, statement_timestamp(), $1)
           ON CONFLICT (id) DO UPDATE SET at = excluded.at, padding = excluded.padding"];

    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn store_delivery(&self, delivery: RawDelivery) -> InboxFuture<'_, Stored> {
        Box::pin(async move {
            let (reply, stored) = oneshot::channel();
            let waiting = Waiting { delivery: without_nul(delivery), is_leased: false, reply };
            self.stores.send(waiting).await.map_err(|_| InboxError::Closed)?;
            stored.await.map_err(|_| InboxError::Closed)?
        })
    }

    fn run(&self, statements: Vec<Statement>, effects: Effects) -> InboxFuture<'_, Vec<Vec<Row>>> {
        Box::pin(async move {
            let client = self.client().await?;
            let mut results = Vec::new();
            for statement in &statements {
                let mut deadlocks = 0;
                let rows = loop {
                    match query(&client, statement).await {
                        Err(error) if is_deadlock(&error) && deadlocks < MAX_DEADLOCKS => deadlocks += 1,
                        rows => break rows.map_err(storage)?,
                    }
                };
                results.push(rows);
            }
            if effects.wakes {
                self.shared.changes.send_replace(());
            }
            Ok(results)
        })
    }

    fn run_take(&self, take: Statement, next: Statement, options: Take) -> InboxFuture<'_, Vec<Vec<Row>>> {
        Box::pin(async move {
            let mut client = self.client().await?;
            self.note_order(&client, options.in_order).await.map_err(storage)?;
            let taken = if options.in_order {
                let transaction = client.transaction().await.map_err(storage)?;
                let lock =
                    transaction.prepare_cached("SELECT pg_advisory_xact_lock($1)").await.map_err(storage)?;
                transaction.execute(&lock, &[&TAKE_LOCK]).await.map_err(storage)?;
                let taken = query(&transaction, &take).await.map_err(storage)?;
                transaction.commit().await.map_err(storage)?;
                taken
            } else {
                query(&client, &take).await.map_err(storage)?
            };
            // A worker that got as many as it asked for takes again without waiting.
            let next = match taken.len() < options.limit {
                true => query(&client, &next).await.map_err(storage)?,
                false => Vec::new(),
            };
            Ok(vec![taken, next])
        })
    }

    /// Operations that run keep their connections until they have finished.
    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.pool.close() })
    }
}

async fn query(
    client: &impl GenericClient,
    Statement { sql, values }: &Statement,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let sql = sql
        .replace("{deliveries}", "xurrent_delivery")
        .replace("{open}", "xurrent_delivery")
        .replace("{now}", "statement_timestamp()")
        .replace("{after(}", "statement_timestamp() + interval '1 millisecond' * CAST((")
        .replace("{ms(}", "CAST(1000 * extract(epoch FROM ")
        .replace("{)}", ") AS bigint)")
        .replace("{not_held}", "NOT held")
        .replace("{turn}", "")
        .replace("{from_next}", "WHERE id = ANY (ARRAY(SELECT next_id FROM next))")
        .replace("{in(}", "= ANY (ARRAY(")
        .replace("{in)}", "))")
        .replace("{body}", "body")
        .replace("{in_lock_order}", IN_LOCK_ORDER)
        .replace("{skip_locked}", "FOR UPDATE SKIP LOCKED")
        .replace("{elements_of_$1}", "json_array_elements(CAST(CAST($1 AS text) AS json))");
    let statement = client.prepare_cached(&sql).await?;
    let values: Vec<_> = values.iter().map(parameter).collect();
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as _).collect();
    let rows = client.query(&statement, &values).await?;
    let read = |row: &tokio_postgres::Row| {
        let values: Vec<_> = (0..row.len()).map(|column| value(row, column)).collect::<Result<_, _>>()?;
        Ok(Row(values.into_iter()))
    };
    rows.iter().map(read).collect()
}

/// The delivery as the server stores it.
fn without_nul(mut delivery: RawDelivery) -> RawDelivery {
    let RawDelivery { id, origin, token, account, event, record, body: _ } = &mut delivery;
    let texts = [id.as_mut(), origin.as_mut(), token.as_mut(), Some(account), Some(event), record.as_mut()];
    for text in texts.into_iter().flatten().filter(|text| text.contains('\0')) {
        *text = text.replace('\0', NUL_REPLACEMENT);
    }
    delivery
}

fn parameter(value: &Value) -> Box<dyn ToSql + Send + Sync + '_> {
    match value {
        Value::Integer(number) => Box::new(number),
        Value::Blob(bytes) => Box::new(bytes),
        Value::Text(text) => Box::new(text.replace('\0', NUL_REPLACEMENT)),
        Value::Real(_) | Value::Null => Box::new(None::<String>),
    }
}

fn value(row: &tokio_postgres::Row, column: usize) -> Result<Value, tokio_postgres::Error> {
    Ok(match row.columns().get(column).map(|column| column.type_()) {
        Some(&Type::INT8) => row.try_get::<_, Option<i64>>(column)?.into(),
        Some(&Type::BYTEA) => row.try_get::<_, Option<Vec<u8>>>(column)?.into(),
        _ => row.try_get::<_, Option<String>>(column)?.into(),
    })
}

impl PostgresInboxBuilder {
    /// How long a handled delivery is remembered, so that late duplicates are recognised: a week by
    /// default. Its body is deleted at once.
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// The maximum number of connections: 16 by default, at least 2.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections.max(2);
        self
    }

    /// How often workers look for deliveries that other machines stored: every second by default.
    /// Deliveries that this process stores are taken at once.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval.max(Duration::from_millis(10));
        self
    }

    /// Fails with [`InboxError::Outdated`] instead of creating or migrating the tables. The user of the database needs
    /// no other rights on them than `SELECT`, `INSERT`, `UPDATE` and `DELETE`.
    pub fn no_migration(mut self) -> Self {
        self.migrate = false;
        self
    }

    /// Connects, checks that the inbox could be opened, and returns the version of its tables. Changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn check<T>(self, tls: T) -> Result<SchemaVersion, InboxError>
    where
        T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
        T::Stream: Sync + Send,
        T::TlsConnect: Sync + Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let inbox = self.connect(tls)?;
        schema::check(&inbox.checked_client().await?).await
    }

    /// Connects and creates or migrates the tables. `tls` encrypts the connections: that of
    /// [`ConnectOptions`], [`NoTls`], or a connector of yours.
    ///
    /// # Errors
    ///
    /// [`InboxError::NotDurable`] when the server does not flush what it commits, [`InboxError::Newer`]
    /// when a newer version of this crate created the tables, [`InboxError::Outdated`] with
    /// [`no_migration`](Self::no_migration), or [`InboxError::Storage`].
    pub async fn open<T>(self, tls: T) -> Result<PostgresInbox, InboxError>
    where
        T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
        T::Stream: Sync + Send,
        T::TlsConnect: Sync + Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let migrate = self.migrate;
        let inbox = self.connect(tls)?;
        let mut client = inbox.checked_client().await?;
        if migrate {
            schema::migrate(&mut client).await?;
        } else {
            let SchemaVersion { found, known, .. } = schema::check(&client).await?;
            if found < known {
                return Err(InboxError::Outdated { found, known });
            }
        }
        drop(client);
        Ok(inbox)
    }

    fn connect<T>(self, tls: T) -> Result<PostgresInbox, InboxError>
    where
        T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
        T::Stream: Sync + Send,
        T::TlsConnect: Sync + Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let Self { mut config, max_connections, retention, poll_interval, migrate: _ } = self;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(CONNECT_TIMEOUT * 2);
        }
        let pool = Pool::builder(Manager::new(config, tls))
            .max_size(max_connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(CONNECT_TIMEOUT))
            .create_timeout(Some(CONNECT_TIMEOUT))
            .recycle_timeout(Some(CONNECT_TIMEOUT))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(InboxError::storage)?;
        let shared = Arc::new(Shared::new(retention, poll_interval));
        let stores = group_commit::start(pool.clone(), Arc::clone(&shared));
        Ok(PostgresInbox { pool, stores, shared, noted: Arc::default() })
    }
}

//! An embedded inbox: one SQLite file, without a server.
//!
//! The file uses a write-ahead log and `synchronous = FULL`: stored deliveries survive a crash of the
//! process or of the system, and a loss of power on disks that honour flushes. Operations that wait at
//! the same time share one flush. The file belongs to one process and must be on a local disk.
//!
//! Two more files are beside it: the write-ahead log (`-wal`), while the inbox is open or after a crash,
//! and a high-water mark (`-mark`) with the number of the last acknowledged delivery, which detects losses:
//! see [`InboxError::Lost`] and [`InboxError::Replaced`].

mod backup;
mod file;
mod high_water_mark;
mod schema;
mod store;
mod writer;

use super::database::{Database, Effects, Row, Shared, Statement};
use super::{DEFAULT_RETENTION, InboxError, InboxFuture, RawDelivery, SchemaVersion, Stored, Take};
use backup::Backup;
use futures_core::future::BoxFuture;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::store;
use tokio::sync::{mpsc, oneshot};
use writer::{Command, Operation, QUEUE_CAPACITY};

/// The longest time until a worker looks again.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// An inbox in a file. Clones share the file, which is closed when the last one is dropped, or by
/// [`close`](crate::Inbox::close). Another process can open the file when that returns.
#[derive(Debug, Clone)]
pub struct SqliteInbox {
    commands: mpsc::Sender<Command>,
    shared: Arc<Shared>,
    /// Whether a worker has taken in order: only then is it worth noting which deliveries are held.
    in_order: Arc<AtomicBool>,
}

/// Configures an embedded inbox.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `open` is called"]
pub struct SqliteInboxBuilder {
    retention: Duration,
    options: file::Options,
}

impl SqliteInbox {
    /// Opens the inbox in this file, or creates it. Only the owner may read a file that is created.
    ///
    /// Deliveries that a crashed process had taken are pending again.
    ///
    /// # Errors
    ///
    /// [`InboxError::Locked`] when another process uses the file, [`InboxError::Newer`] when a newer
    /// version of this crate created it, [`InboxError::Lost`] when acknowledged deliveries are missing,
    /// or [`InboxError::Storage`].
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, InboxError> {
        Self::builder(path).open().await
    }

    /// Copies what is stored now into a new file, from which an inbox can be opened: the file of this inbox is
    /// locked, so other programs cannot copy it. Other operations wait meanwhile. A copy is not changed afterwards, so a
    /// restored one lacks the deliveries that were acknowledged later.
    ///
    /// ```no_run
    /// # async fn example(inbox: xurrent_receiver::inbox::sqlite::SqliteInbox) -> Result<(), xurrent_receiver::InboxError> {
    /// inbox.backup("/var/backups/inbox-monday.sqlite").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InboxError::Storage`] when the file exists already or cannot be written, or [`InboxError::Closed`].
    pub async fn backup(&self, path: impl Into<PathBuf>) -> Result<(), InboxError> {
        let (reply, done) = oneshot::channel();
        let path = std::path::absolute(path.into()).map_err(InboxError::storage)?;
        let command = Command::Backup(Backup { path, reply });
        self.commands.send(command).await.map_err(|_| InboxError::Closed)?;
        done.await.map_err(|_| InboxError::Closed)?
    }

    /// Configures the inbox in this file.
    pub fn builder(path: impl Into<PathBuf>) -> SqliteInboxBuilder {
        let (path, lock_timeout) = (path.into(), Duration::from_secs(5));
        let options = file::Options { path, max_size: None, lock_timeout, accept_loss: false, migrate: true };
        SqliteInboxBuilder { retention: DEFAULT_RETENTION, options }
    }
}

impl Database for SqliteInbox {
    /// A new row must fit before the space of the previous one is free again.
    const PROBE: &'static [&'static str] = &[
        "INSERT INTO probe (at, padding) VALUES (:now, $1)",
        "DELETE FROM probe WHERE id < (SELECT max(id) FROM probe)",
    ];

    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn store_delivery(&self, delivery: RawDelivery) -> InboxFuture<'_, Stored> {
        Box::pin(async move {
            let effects = Effects { acknowledges: true, wakes: true };
            let store = store(delivery, self.in_order.load(Ordering::Relaxed));
            let rows = self.run(store, effects).await?;
            Ok(if rows.iter().all(Vec::is_empty) { Stored::Duplicate } else { Stored::New })
        })
    }

    /// Runs the statements in the next transaction and returns when it is durable.
    fn run(&self, statements: Vec<Statement>, effects: Effects) -> InboxFuture<'_, Vec<Vec<Row>>> {
        Box::pin(async move {
            let (reply, result) = oneshot::channel();
            let statements = statements.into_iter().map(translate).collect();
            let command = Command::Run(Operation { statements, effects, lease: None, reply });
            self.commands.send(command).await.map_err(|_| InboxError::Closed)?;
            result.await.map_err(|_| InboxError::Closed)?
        })
    }

    fn run_take(&self, take: Statement, next: Statement, options: Take) -> InboxFuture<'_, Vec<Vec<Row>>> {
        self.in_order.fetch_or(options.in_order, Ordering::Relaxed);
        self.run(vec![take, next], Effects::default())
    }

    /// Another process can open the file when this returns.
    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (done, closed) = oneshot::channel();
            if self.commands.send(Command::Close(done)).await.is_ok() {
                let _ = closed.await;
            }
            self.commands.closed().await;
        })
    }
}

/// Open deliveries. A statement that selects `id` and `due` and sorts by `due` merges those that are held with the others:
/// the index has both in order.
const OPEN: &str =
    "(SELECT id, state, due FROM delivery INDEXED BY delivery_turn WHERE state < 2 AND held = 0
    UNION ALL SELECT id, state, due FROM delivery INDEXED BY delivery_turn WHERE state < 2 AND held = 1)";

fn translate(Statement { sql, values }: Statement) -> Statement {
    // Only statements of all databases have placeholders.
    if !sql.contains('{') {
        return Statement { sql, values };
    }
    let sql = sql
        .replace("{deliveries}", "delivery")
        .replace("{open}", OPEN)
        .replace("{now}", ":now")
        .replace("{after(}", ":now + (")
        .replace("{ms(}", "(")
        .replace("{)}", ")")
        .replace("{not_held}", "held = 0")
        .replace("{turn}", "INDEXED BY delivery_turn")
        .replace("{from_next}", "FROM next WHERE id = next_id")
        .replace("{in(}", "IN (")
        .replace("{in)}", ")")
        .replace("{skip_locked}", "")
        .replace(
            "{body}",
            "coalesce(body, (SELECT content FROM delivery_body WHERE delivery_body.id = delivery.id))",
        )
        .replace("{in_lock_order}", "")
        .replace("{elements_of_$1}", "json_each($1)");
    Statement { sql: sql.into(), values }
}

impl SqliteInboxBuilder {
    /// How long a handled delivery is remembered, so that late duplicates are recognised: a week by
    /// default. Its body is deleted at once.
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// The maximum size of the file in bytes: unlimited by default. A delivery that does not fit is not
    /// stored, and its sender gets 503. Workers may exceed it, to handle what a
    /// full file holds.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.options.max_size = Some(bytes);
        self
    }

    /// How long to wait until another process closes the file: 5 seconds by default.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.options.lock_timeout = timeout;
        self
    }

    /// Opens a file that lacks acknowledged deliveries, instead of failing with [`InboxError::Lost`].
    /// Restore what can be restored first: the missing deliveries stay lost. Their number is logged as
    /// an error.
    pub fn accept_loss(mut self) -> Self {
        self.options.accept_loss = true;
        self
    }

    /// Fails with [`InboxError::Outdated`] instead of creating or migrating the tables.
    pub fn no_migration(mut self) -> Self {
        self.options.migrate = false;
        self
    }

    /// Checks that the inbox could be opened, and returns the version of its tables. Changes no delivery.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), xurrent_receiver::InboxError> {
    /// # use xurrent_receiver::inbox::sqlite::SqliteInbox;
    /// if !SqliteInbox::builder("inbox.sqlite").check().await?.is_current() {
    ///     println!("opening the inbox will migrate it");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`SqliteInbox::open`].
    pub async fn check(self) -> Result<SchemaVersion, InboxError> {
        let checked = tokio::task::spawn_blocking(move || file::check(&self.options));
        checked.await.map_err(InboxError::storage)?
    }

    /// Opens the inbox.
    ///
    /// # Errors
    ///
    /// As [`SqliteInbox::open`], and [`InboxError::Outdated`] with [`no_migration`](Self::no_migration).
    pub async fn open(self) -> Result<SqliteInbox, InboxError> {
        let (commands, received) = mpsc::channel(QUEUE_CAPACITY);
        let (opened, done) = oneshot::channel();
        let shared = Arc::new(Shared::new(self.retention, MAX_WAIT));
        let of_writer = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("xurrent-inbox".to_owned())
            .spawn(move || writer::run(self.options, received, &of_writer, opened))
            .map_err(InboxError::storage)?;
        done.await.map_err(|_| InboxError::Closed)??;
        Ok(SqliteInbox { commands, shared, in_order: Arc::default() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should stop")]
mod tests {
    use super::*;
    use crate::inbox::leases;
    use rusqlite::{Connection, StatementStatus};

    fn store_some(connection: &mut Connection, record: &str, count: i64) {
        let transaction = connection.transaction().unwrap();
        for _ in 0..count {
            let mut delivery = RawDelivery::new("https://wdc.xurrent.com", "request.update", "{}");
            delivery.record = Some(record.to_owned());
            let stored = store(delivery, true);
            let rows = stored
                .iter()
                .map(|statement| writer::execute(&transaction, statement, 0, None).unwrap().len());
            assert_eq!(rows.collect::<Vec<_>>(), [0, 0, 1]);
        }
        transaction.commit().unwrap();
    }

    fn take_statement(in_order: bool) -> Statement {
        translate(leases::take(Take { limit: 1, lease: Duration::from_secs(60), in_order }))
    }

    /// Takes one delivery and returns its record and the number of steps that SQLite took.
    fn take_one(connection: &Connection, in_order: bool) -> (Option<String>, i32) {
        let take = take_statement(in_order);
        let mut taken = writer::execute(connection, &take, 1, None).unwrap();
        let statement = connection.prepare_cached(&take.sql).unwrap();
        let steps = statement.reset_status(StatementStatus::VmStep);
        (taken.pop().and_then(|mut row| row.queued().delivery.record), steps)
    }

    #[test]
    fn ten_thousand_held_deliveries_do_not_slow_down_taking_others() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, true).unwrap();
        store_some(&mut connection, "failing", 1);
        let (first, few) = take_one(&connection, true);
        assert_eq!(first.as_deref(), Some("failing"));
        store_some(&mut connection, "failing", 10_000);
        store_some(&mut connection, "other", 2);
        let (other, many) = take_one(&connection, true);
        assert_eq!(other.as_deref(), Some("other"));
        assert!(many < few + 100, "{few} steps alone, {many} steps with held deliveries");
        let (none, many) = take_one(&connection, true);
        assert_eq!(none, None);
        assert!(many < few + 100, "{few} steps alone, {many} steps to find nothing");
    }

    #[test]
    fn ten_thousand_due_deliveries_do_not_slow_down_taking_one() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, true).unwrap();
        store_some(&mut connection, "first", 2);
        let (first, few) = take_one(&connection, false);
        assert_eq!(first.as_deref(), Some("first"));
        store_some(&mut connection, "first", 10_000);
        store_some(&mut connection, "other", 10_000);
        let (second, many) = take_one(&connection, false);
        assert_eq!(second.as_deref(), Some("first"));
        assert!(many < few + 100, "{few} steps alone, {many} steps with due deliveries");
    }

    #[test]
    fn the_statement_that_takes_is_prepared_once() {
        let folder = tempfile::TempDir::new().unwrap();
        let options = SqliteInbox::builder(folder.path().join("inbox")).options;
        let (connection, _mark) = file::open(&options, 0).unwrap();
        for _ in 0..3 {
            take_one(&connection, true);
        }
        let take = connection.prepare_cached(&take_statement(true).sql).unwrap();
        assert_eq!(take.get_status(StatementStatus::RePrepare), 0);
    }
}

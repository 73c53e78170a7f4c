//! The thread that owns the file. Operations that wait at the same time share one transaction, and so
//! one flush.

use super::backup::Backup;
use super::file;
use super::high_water_mark::HighWaterMark;
use super::store::taken;
use crate::inbox::arrivals::Reservation;
use crate::inbox::database::{Effects, Row, Shared, Statement, milliseconds};
use crate::inbox::{InboxError, Taken};
use rusqlite::{Connection, Transaction};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};

const MAX_OPERATIONS: usize = 512;
pub(super) const QUEUE_CAPACITY: usize = 1024;

/// How long a transaction waits at most for as many senders as the previous one acknowledged, which may send again:
/// they share its flush.
const MAX_GATHER: Duration = Duration::from_millis(1);

/// How often the wait checks whether they have come.
const GATHER_STEP: Duration = Duration::from_micros(50);

pub(super) enum Command {
    Run(Operation),
    Backup(Backup),
    Close(oneshot::Sender<()>),
}

/// Statements that run in one transaction, and their caller.
pub(super) struct Operation {
    pub(super) statements: Vec<Statement>,
    pub(super) effects: Effects,
    /// For how long a delivery that is stored is leased to a worker, in milliseconds, if it is.
    pub(super) lease: Option<i64>,
    pub(super) reply: oneshot::Sender<Result<Vec<Vec<Row>>, InboxError>>,
}

/// Opens the file and runs operations until the inbox is closed or all its handles are dropped.
pub(super) fn run(
    options: file::Options,
    mut commands: mpsc::Receiver<Command>,
    shared: &Shared,
    opened: oneshot::Sender<Result<(), InboxError>>,
) {
    // A monotonic clock in milliseconds since 1970: leases are unaffected when the system clock is set.
    let (base, started) = (SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(), Instant::now());
    let now = || i64::try_from((base + started.elapsed()).as_millis()).unwrap_or(i64::MAX / 4);
    let mut writer = match file::open(&options, now()) {
        Ok((connection, mark)) => Writer { connection, mark, max_size: options.max_size },
        Err(error) => {
            let _ = opened.send(Err(error));
            return;
        }
    };
    if opened.send(Ok(())).is_err() {
        return;
    }
    let (mut closed, mut gather, mut acknowledged) = (None, Duration::ZERO, 0);
    while closed.is_none()
        && let Some(first) = commands.blocking_recv()
    {
        let waiting = Instant::now();
        while commands.len() + 1 < acknowledged && waiting.elapsed() < gather {
            std::thread::sleep(GATHER_STEP);
        }
        let (mut operations, mut backups) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(command) = next {
            match command {
                // The caller is gone.
                Command::Run(operation) if operation.reply.is_closed() => {}
                Command::Run(operation) => operations.push(operation),
                Command::Backup(backup) => backups.push(backup),
                Command::Close(done) => closed = Some(done),
            }
            let more = closed.is_none() && operations.len() < MAX_OPERATIONS;
            next = if more { commands.try_recv().ok() } else { None };
        }
        let reservation = reserve(shared, &mut operations);
        let wakes = operations.iter().any(|operation| operation.effects.wakes && operation.lease.is_none());
        acknowledged = operations.iter().filter(|operation| operation.effects.acknowledges).count();
        let begun = Instant::now();
        let taken = writer.run_all(operations, now());
        if let Some(reservation) = reservation {
            reservation.hand_over(taken);
        }
        // A part of what a transaction takes, and nothing for a single sender.
        gather = if acknowledged > 1 { (begun.elapsed() / 4).min(MAX_GATHER) } else { Duration::ZERO };
        if wakes {
            shared.changes.send_replace(());
        }
        backups.into_iter().for_each(|backup: Backup| backup.run(&writer.connection));
    }
    // Operations that still wait find the channel closed.
    drop(commands);
    drop(writer.connection);
    writer.mark.flush();
    if let Some(done) = closed {
        let _ = done.send(());
    }
}

/// Leases deliveries that are about to be stored to a worker that waits for some.
fn reserve(shared: &Shared, operations: &mut [Operation]) -> Option<Reservation> {
    let stores = |operation: &&mut Operation| operation.effects.stores();
    let reservation = shared.waiting.reserve(operations.iter_mut().filter(stores).count())?;
    for operation in operations.iter_mut().filter(stores).take(reservation.places) {
        operation.lease = Some(milliseconds(reservation.lease));
    }
    Some(reservation)
}

/// An open file.
struct Writer {
    connection: Connection,
    mark: HighWaterMark,
    max_size: Option<u64>,
}

/// The rows of each statement of an operation.
type OperationResult = Result<Vec<Vec<Row>>, InboxError>;

impl Writer {
    /// Runs all operations in one transaction. If it fails, no delivery is acknowledged, and the others run again:
    /// workers handle what the inbox holds when nothing more can be stored. Returns what was stored on a lease.
    fn run_all(&mut self, operations: Vec<Operation>, now: i64) -> Vec<Taken> {
        if operations.is_empty() {
            return Vec::new();
        }
        match self.transact(&operations, now) {
            Ok(results) => {
                let end = |(operation, mut result): (Operation, OperationResult)| {
                    let Operation { statements, lease, reply, .. } = operation;
                    let rows = lease.and_then(|_| result.as_mut().ok());
                    let of_worker = rows.and_then(|rows| taken(statements, rows, now));
                    // Callers may be gone.
                    let _ = reply.send(result);
                    of_worker
                };
                operations.into_iter().zip(results).filter_map(end).collect()
            }
            Err(error) => {
                let (acknowledging, others): (Vec<_>, Vec<_>) =
                    operations.into_iter().partition(|operation| operation.effects.acknowledges);
                let (failed, again) =
                    if acknowledging.is_empty() { (others, Vec::new()) } else { (acknowledging, others) };
                failed.into_iter().for_each(|operation| drop(operation.reply.send(Err(error.clone()))));
                self.run_all(again, now)
            }
        }
    }

    /// Runs all operations in one transaction. One that fails changes nothing and does not affect the others, unless
    /// SQLite rolls back the transaction.
    fn transact(&mut self, operations: &[Operation], now: i64) -> Result<Vec<OperationResult>, InboxError> {
        let acknowledges = operations.iter().any(|operation| operation.effects.acknowledges);
        let mut transaction = self.connection.transaction().map_err(storage)?;
        // Savepoints cost more than the statements of most operations, so only a transaction with a failed one has them.
        let all = operations.iter().map(|operation| run_statements(&transaction, operation, now));
        let all: Result<Vec<_>, InboxError> = all.collect();
        let max_size = self.max_size.filter(|_| acknowledges);
        let results = match all.and_then(|rows| file::check_size(&transaction, max_size).map(|()| rows)) {
            Ok(rows) => rows.into_iter().map(Ok).collect(),
            Err(_) => {
                drop(transaction);
                transaction = self.connection.transaction().map_err(storage)?;
                run_each(&transaction, operations, now, self.max_size)
            }
        };
        if let Some(Err(error)) = results.last()
            && transaction.is_autocommit()
        {
            return Err(error.clone());
        }
        // Other operations are not affected: the deliveries of a deleted file are still handled while it is open.
        if acknowledges {
            self.mark.check_files()?;
        }
        transaction.commit().map_err(storage)?;
        if acknowledges {
            // The file may have been deleted during the commit.
            self.mark.check_files()?;
            self.mark.raise(&self.connection);
        }
        Ok(results)
    }
}

/// Runs operations, each in a savepoint, up to the first one that ends the transaction.
fn run_each(
    transaction: &Transaction<'_>,
    operations: &[Operation],
    now: i64,
    max_size: Option<u64>,
) -> Vec<OperationResult> {
    let mut results = Vec::with_capacity(operations.len());
    for operation in operations {
        results.push(run_alone(transaction, operation, now, max_size));
        if transaction.is_autocommit() {
            break;
        }
    }
    results
}

/// Runs an operation so that it changes nothing if it fails: a savepoint undoes its earlier statements.
fn run_alone(
    transaction: &Transaction<'_>,
    operation: &Operation,
    now: i64,
    max_size: Option<u64>,
) -> OperationResult {
    let run = |sql| transaction.prepare_cached(sql)?.execute([]);
    run("SAVEPOINT operation").map_err(storage)?;
    // Workers may take and end what a full file holds, although an index or a reason may need a page before a delivery
    // that ends frees its own.
    let max_size = max_size.filter(|_| operation.effects.acknowledges);
    let rows = run_statements(transaction, operation, now);
    let rows = rows.and_then(|rows| file::check_size(transaction, max_size).map(|()| rows));
    if rows.is_err() && !transaction.is_autocommit() {
        run("ROLLBACK TO operation").map_err(storage)?;
    }
    if !transaction.is_autocommit() {
        run("RELEASE operation").map_err(storage)?;
    }
    rows
}

fn run_statements(connection: &Connection, operation: &Operation, now: i64) -> OperationResult {
    let rows =
        operation.statements.iter().map(|statement| execute(connection, statement, now, operation.lease));
    rows.collect::<rusqlite::Result<_>>().map_err(storage)
}

pub(super) fn execute(
    connection: &Connection,
    statement: &Statement,
    now: i64,
    lease: Option<i64>,
) -> rusqlite::Result<Vec<Row>> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    // `$1` is the first value.
    let number = |name: &str| name.strip_prefix('$')?.parse::<usize>().ok();
    for index in 1..=prepared.parameter_count() {
        let name = prepared.parameter_name(index).unwrap_or_default();
        match (number(name), name) {
            (Some(number), _) => prepared.raw_bind_parameter(index, statement.values.get(number - 1))?,
            (None, ":is_leased") => prepared.raw_bind_parameter(index, lease.is_some())?,
            (None, ":due") => prepared.raw_bind_parameter(index, now + lease.unwrap_or(0))?,
            (None, _) => prepared.raw_bind_parameter(index, now)?,
        }
    }
    let columns = prepared.column_count();
    let (mut rows, mut found) = (prepared.raw_query(), Vec::new());
    while let Some(row) = rows.next()? {
        let values: Vec<_> = (0..columns).map(|column| row.get(column)).collect::<rusqlite::Result<_>>()?;
        found.push(Row(values.into_iter()));
    }
    Ok(found)
}

fn storage(error: rusqlite::Error) -> InboxError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => InboxError::Full,
        _ => InboxError::storage(error),
    }
}

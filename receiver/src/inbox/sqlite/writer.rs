//! The thread that owns the file. Operations that wait at the same time share one transaction, and so
//! one flush.

use super::file;
use super::high_water_mark::HighWaterMark;
use crate::inbox::InboxError;
use crate::inbox::operations::{Effects, Row, Statement};
use rusqlite::Connection;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot, watch};

const MAX_OPERATIONS: usize = 512;
pub(super) const QUEUE_CAPACITY: usize = 1024;

pub(super) enum Command {
    Run(Operation),
    Close(oneshot::Sender<()>),
}

/// Statements that run in one transaction, and their caller.
pub(super) struct Operation {
    pub(super) statements: Vec<Statement>,
    pub(super) effects: Effects,
    pub(super) reply: oneshot::Sender<Result<Vec<Vec<Row>>, InboxError>>,
}

/// Opens the file and runs operations until the inbox is closed or all its handles are dropped.
pub(super) fn run(
    options: file::Options,
    mut commands: mpsc::Receiver<Command>,
    changes: &watch::Sender<()>,
    opened: oneshot::Sender<Result<(), InboxError>>,
) {
    // A monotonic clock in milliseconds since 1970: leases are unaffected when the system clock is set.
    let (base, started) = (SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(), Instant::now());
    let now = || i64::try_from((base + started.elapsed()).as_millis()).unwrap_or(i64::MAX / 4);
    let (mut connection, mut mark) = match file::open(&options, now()) {
        Ok(opened) => opened,
        Err(error) => {
            let _ = opened.send(Err(error));
            return;
        }
    };
    if opened.send(Ok(())).is_err() {
        return;
    }
    let mut closed = None;
    while closed.is_none()
        && let Some(first) = commands.blocking_recv()
    {
        let mut operations = Vec::new();
        let mut next = Some(first);
        while let Some(command) = next {
            match command {
                // The caller is gone.
                Command::Run(operation) if operation.reply.is_closed() => {}
                Command::Run(operation) => operations.push(operation),
                Command::Close(done) => closed = Some(done),
            }
            let more = closed.is_none() && operations.len() < MAX_OPERATIONS;
            next = if more { commands.try_recv().ok() } else { None };
        }
        let wakes = operations.iter().any(|operation| operation.effects.wakes);
        run_all(&mut connection, &mut mark, operations, now());
        if wakes {
            changes.send_replace(());
        }
    }
    // Operations that still wait find the channel closed.
    drop(commands);
    drop(connection);
    mark.flush();
    if let Some(done) = closed {
        let _ = done.send(());
    }
}

/// Runs all operations in one transaction. If it fails, each runs in a transaction of its own, so that one
/// that does not fit fails alone.
fn run_all(connection: &mut Connection, mark: &mut HighWaterMark, operations: Vec<Operation>, now: i64) {
    if operations.is_empty() {
        return;
    }
    // Callers may be gone.
    match transact(connection, mark, &operations, now) {
        Ok(results) => {
            for (operation, result) in operations.into_iter().zip(results) {
                let _ = operation.reply.send(Ok(result));
            }
        }
        Err(_) if operations.len() > 1 => {
            operations.into_iter().for_each(|operation| run_all(connection, mark, vec![operation], now));
        }
        Err(error) => {
            operations.into_iter().for_each(|operation| drop(operation.reply.send(Err(error.clone()))));
        }
    }
}

fn transact(
    connection: &mut Connection,
    mark: &mut HighWaterMark,
    operations: &[Operation],
    now: i64,
) -> Result<Vec<Vec<Vec<Row>>>, InboxError> {
    let acknowledges = operations.iter().any(|operation| operation.effects.acknowledges);
    let transaction = connection.transaction().map_err(storage)?;
    let run = |operation: &Operation| {
        operation.statements.iter().map(|statement| execute(&transaction, statement, now)).collect()
    };
    let results = operations.iter().map(run).collect::<rusqlite::Result<_>>().map_err(storage)?;
    // Other operations are not affected: the deliveries of a deleted file are still handled while it is open.
    if acknowledges {
        mark.check_files()?;
    }
    transaction.commit().map_err(storage)?;
    if acknowledges {
        // The file may have been deleted during the commit.
        mark.check_files()?;
        mark.raise(connection);
    }
    Ok(results)
}

pub(super) fn execute(
    connection: &Connection,
    statement: &Statement,
    now: i64,
) -> rusqlite::Result<Vec<Row>> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    if prepared.parameter_index(":now")?.is_some() {
        prepared.raw_bind_parameter(":now", now)?;
    }
    for (number, value) in (1..).zip(&statement.values) {
        prepared.raw_bind_parameter(format!("${number}").as_str(), value)?;
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

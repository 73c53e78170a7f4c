//! The thread that owns the file. Operations that wait at the same time share one transaction, and so
//! one flush.

use super::file;
use super::high_water_mark::HighWaterMark;
use crate::inbox::InboxError;
use rusqlite::Connection;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot, watch};

/// The maximum number of operations in one transaction.
const MAX_JOBS: usize = 512;

/// The capacity of the queue of operations.
pub(super) const QUEUE_CAPACITY: usize = 1024;

pub(super) enum Command {
    Run(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// An operation with its caller.
pub(super) trait Job: Send {
    /// Whether the caller is gone, so that the operation need not start.
    fn is_abandoned(&self) -> bool;
    /// Runs within the transaction of the connection.
    fn run(&mut self, connection: &Connection, now: i64) -> rusqlite::Result<()>;
    /// Reports to the caller, after the transaction is durable or has failed.
    fn finish(self: Box<Self>, committed: Result<(), InboxError>);
    fn effects(&self) -> Effects;
}

/// A closure as a job. It may run twice, so it borrows its input.
pub(super) struct Operation<F, T> {
    pub(super) run: F,
    pub(super) result: Option<T>,
    pub(super) reply: oneshot::Sender<Result<T, InboxError>>,
    pub(super) effects: Effects,
}

/// The effects of an operation beside its result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effects {
    /// The result is acknowledged to a sender, so it must not be written to a deleted file.
    pub(super) acknowledges: bool,
    /// Workers are notified that a delivery may be pending.
    pub(super) wakes: bool,
}

impl<F, T> Job for Operation<F, T>
where
    F: Fn(&Connection, i64) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, connection: &Connection, now: i64) -> rusqlite::Result<()> {
        self.result = None;
        self.result = Some((self.run)(connection, now)?);
        Ok(())
    }

    fn finish(self: Box<Self>, committed: Result<(), InboxError>) {
        let Self { result, reply, .. } = *self;
        // The caller may be gone.
        let _ = reply.send(committed.and_then(|()| result.ok_or(InboxError::Closed)));
    }

    fn effects(&self) -> Effects {
        self.effects
    }
}

/// Opens the file and runs operations until the inbox is closed or all its handles are dropped.
pub(super) fn run(
    path: PathBuf,
    options: file::Options,
    mut commands: mpsc::Receiver<Command>,
    changes: watch::Sender<()>,
    opened: oneshot::Sender<Result<(), InboxError>>,
) {
    let clock = Clock::start();
    let (mut connection, mut mark) = match file::open(&path, &options, clock.now()) {
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
        let mut jobs = Vec::new();
        let mut next = Some(first);
        while let Some(command) = next {
            match command {
                Command::Run(job) if job.is_abandoned() => {}
                Command::Run(job) => jobs.push(job),
                Command::Close(done) => closed = Some(done),
            }
            let more = closed.is_none() && jobs.len() < MAX_JOBS;
            next = if more { commands.try_recv().ok() } else { None };
        }
        let wakes = jobs.iter().any(|job| job.effects().wakes);
        run_all(&mut connection, &mut mark, jobs, clock.now());
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

/// Runs all jobs in one transaction. If it fails, each runs in a transaction of its own, so that one
/// that does not fit fails alone.
fn run_all(connection: &mut Connection, mark: &mut HighWaterMark, mut jobs: Vec<Box<dyn Job>>, now: i64) {
    if jobs.is_empty() {
        return;
    }
    let committed = transact(connection, mark, &mut jobs, now);
    if committed.is_err() && jobs.len() > 1 {
        for mut job in jobs {
            let committed = transact(connection, mark, std::slice::from_mut(&mut job), now);
            job.finish(committed);
        }
    } else {
        for job in jobs {
            job.finish(committed.clone());
        }
    }
}

fn transact(
    connection: &mut Connection,
    mark: &mut HighWaterMark,
    jobs: &mut [Box<dyn Job>],
    now: i64,
) -> Result<(), InboxError> {
    let acknowledges = jobs.iter().any(|job| job.effects().acknowledges);
    let transaction = connection.transaction().map_err(storage)?;
    for job in jobs.iter_mut() {
        job.run(&transaction, now).map_err(storage)?;
    }
    // Other jobs are not affected: the deliveries of a deleted file are still handled while it is open.
    if acknowledges {
        mark.check_files()?;
    }
    transaction.commit().map_err(storage)?;
    if acknowledges {
        // The file may have been deleted during the commit.
        mark.check_files()?;
        mark.raise(connection);
    }
    Ok(())
}

fn storage(error: rusqlite::Error) -> InboxError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => InboxError::Full,
        _ => InboxError::storage(error),
    }
}

/// A monotonic clock in milliseconds since 1970: leases are unaffected when the system clock is set.
#[derive(Debug, Clone, Copy)]
struct Clock {
    base: Duration,
    started: Instant,
}

impl Clock {
    fn start() -> Self {
        let base = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { base, started: Instant::now() }
    }

    fn now(&self) -> i64 {
        milliseconds(self.base + self.started.elapsed())
    }
}

/// Converts to the time unit of the file.
pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

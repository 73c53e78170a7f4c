//! The one thread that uses the file: what waits for it shares a transaction, so it shares the wait
//! for the disk.

use super::file;
use super::high_water_mark::Mark;
use crate::inbox::InboxError;
use rusqlite::Connection;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot, watch};

/// How many operations share one transaction at most.
const SHARED: usize = 512;

/// How many operations wait; the next one waits for its place.
pub(super) const WAITING: usize = 1024;

/// What the thread is told.
pub(super) enum Message {
    Work(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// An operation, and who waits for it.
pub(super) trait Job: Send {
    /// Nobody waits any more, so it need not begin.
    fn is_abandoned(&self) -> bool;
    /// Does it, within the transaction of the connection.
    fn run(&mut self, connection: &Connection, now: i64) -> rusqlite::Result<()>;
    /// Says how it went, when the transaction is durable or given up.
    fn conclude(self: Box<Self>, ended: Result<(), InboxError>);
    fn effects(&self) -> Effects;
}

/// A closure as a job. It can run twice, so it borrows what it stores.
pub(super) struct Work<F, T, D, U> {
    pub(super) run: F,
    pub(super) result: Option<T>,
    /// What the result becomes once it is durable.
    pub(super) deliver: D,
    /// Where it goes. A job without is done for its own sake.
    pub(super) reply: Option<oneshot::Sender<Result<U, InboxError>>>,
    pub(super) effects: Effects,
}

/// What a job is besides its result.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Effects {
    /// It is answered for, so it must not go to a file that is gone.
    pub(super) acknowledges: bool,
    /// A worker may have something to do afterwards.
    pub(super) wakes: bool,
}

impl<F, T, D, U> Job for Work<F, T, D, U>
where
    F: Fn(&Connection, i64) -> rusqlite::Result<T> + Send,
    T: Send,
    D: FnOnce(T) -> U + Send,
    U: Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.as_ref().is_some_and(oneshot::Sender::is_closed)
    }

    fn run(&mut self, connection: &Connection, now: i64) -> rusqlite::Result<()> {
        self.result = None;
        self.result = Some((self.run)(connection, now)?);
        Ok(())
    }

    fn conclude(self: Box<Self>, ended: Result<(), InboxError>) {
        let Self { result, deliver, reply, .. } = *self;
        let Some(reply) = reply else { return };
        let result = ended.and_then(|()| result.ok_or(InboxError::Closed)).map(deliver);
        // Whoever is gone needs no answer.
        let _ = reply.send(result);
    }

    fn effects(&self) -> Effects {
        self.effects
    }
}

/// Opens the file and serves until it is closed or nobody is left.
pub(super) fn serve(
    path: PathBuf,
    options: file::Options,
    mut messages: mpsc::Receiver<Message>,
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
        && let Some(first) = messages.blocking_recv()
    {
        let mut jobs = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Work(job) if job.is_abandoned() => {}
                Message::Work(job) => jobs.push(job),
                Message::Close(done) => closed = Some(done),
            }
            let more = closed.is_none() && jobs.len() < SHARED;
            next = if more { messages.try_recv().ok() } else { None };
        }
        let wakes = jobs.iter().any(|job| job.effects().wakes);
        together(&mut connection, &mut mark, jobs, clock.now());
        if wakes {
            changes.send_replace(());
        }
    }
    // What still waits finds the channel closed.
    drop(messages);
    drop(connection);
    mark.flush();
    if let Some(done) = closed {
        let _ = done.send(());
    }
}

/// Runs all jobs in one transaction; where that fails, each in its own, so that one that does not
/// fit spoils no other.
fn together(connection: &mut Connection, mark: &mut Mark, mut jobs: Vec<Box<dyn Job>>, now: i64) {
    if jobs.is_empty() {
        return;
    }
    let done = transact(connection, mark, &mut jobs, now);
    match done {
        Err(_) if jobs.len() > 1 => {
            for job in jobs {
                let mut alone = vec![job];
                let done = transact(connection, mark, &mut alone, now);
                conclude(alone, &done);
            }
        }
        done => conclude(jobs, &done),
    }
}

fn transact(
    connection: &mut Connection,
    mark: &mut Mark,
    jobs: &mut [Box<dyn Job>],
    now: i64,
) -> Result<(), InboxError> {
    let acknowledges = jobs.iter().any(|job| job.effects().acknowledges);
    let transaction = connection.transaction().map_err(storage)?;
    for job in jobs.iter_mut() {
        job.run(&transaction, now).map_err(storage)?;
    }
    // Other jobs go on: what a deleted file holds is still handled while it is open.
    if acknowledges {
        mark.in_place()?;
    }
    transaction.commit().map_err(storage)?;
    if acknowledges {
        // It may have been deleted while the commit was under way.
        mark.in_place()?;
        mark.acknowledge(connection);
    }
    Ok(())
}

fn conclude(jobs: Vec<Box<dyn Job>>, done: &Result<(), InboxError>) {
    for job in jobs {
        job.conclude(done.clone());
    }
}

fn storage(error: rusqlite::Error) -> InboxError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => InboxError::Full,
        _ => InboxError::storage(error),
    }
}

/// Milliseconds since 1970 that never jump while the process lives: leases outlast a clock that is
/// set.
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

/// As the file counts time.
pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

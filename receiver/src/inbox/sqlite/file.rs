//! Opening the file: for one process, and so that a commit means it is on the disk.

use super::high_water_mark::Mark;
use super::schema;
use crate::inbox::InboxError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, params};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

/// What the builder sets.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) max_size: Option<u64>,
    pub(super) wait_for_lock: Duration,
    pub(super) accept_loss: bool,
}

/// Opens or makes the file. Whatever was taken is pending again: who took it is gone.
pub(super) fn open(path: &Path, options: &Options, now: i64) -> Result<(Connection, Mark), InboxError> {
    // It is looked at later, wherever the process is then.
    let path = &std::path::absolute(path).map_err(InboxError::storage)?;
    Mark::check_presence(path, options.accept_loss)?;
    create(path).map_err(InboxError::storage)?;
    let mut connection = Connection::open(path).map_err(InboxError::storage)?;
    // What is left of a damaged log stays as it is, for whoever can make something of it.
    keep_log(&connection, true)?;
    prepare(&mut connection, options).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            InboxError::Locked { path: path.to_owned() }
        }
        Some(ErrorCode::DiskFull) => InboxError::Full,
        _ => InboxError::storage(error),
    })?;
    Mark::check(&connection, path, options.accept_loss)?;
    keep_log(&connection, false)?;
    schema::migrate(&mut connection)?;
    let mark = Mark::start(&connection, path)?;
    give_back(&connection, now).map_err(InboxError::storage)?;
    if let Some(bytes) = options.max_size {
        limit(&connection, bytes).map_err(InboxError::storage)?;
    }
    Ok((connection, mark))
}

/// Whether the log stays when the connection is closed.
fn keep_log(connection: &Connection, is_kept: bool) -> Result<(), InboxError> {
    let setting = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection.set_db_config(setting, is_kept).map(drop).map_err(InboxError::storage)
}

/// A file for its owner alone, whose name is on the disk as well: SQLite flushes what is in it.
fn create(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new();
    file.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    file.open(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Not every system lets a folder be opened; those that do not have no need to.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn prepare(connection: &mut Connection, options: &Options) -> rusqlite::Result<()> {
    connection.busy_timeout(options.wait_for_lock)?;
    // Before the first look at the file: without other processes there is no shared memory to keep.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A commit waits until the log is on the disk, and on macOS until it is really there.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    // A backlog changes pages all over the file: 16 MiB of them wait in memory and in the log, so that
    // each is written to its place once for many changes. The log shrinks again after a flood.
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4 * 1024)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    connection.set_prepared_statement_cache_capacity(64);
    // The lock is taken by the first write and kept.
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")
}

/// What was taken is pending, and what waited for another attempt is due: a restart may be the cure,
/// and the clock may have been wrong.
fn give_back(connection: &Connection, now: i64) -> rusqlite::Result<()> {
    let due = "UPDATE delivery SET state = 0, due = min(received, ?1) WHERE state < 2 AND due > ?1";
    connection.execute(due, params![now]).map(drop)
}

fn limit(connection: &Connection, bytes: u64) -> rusqlite::Result<()> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = (i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1)).max(1);
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn a_commit_waits_for_the_disk() {
        let folder = tempfile::TempDir::new().unwrap();
        let options = Options { max_size: None, wait_for_lock: Duration::ZERO, accept_loss: false };
        let (connection, _mark) = open(&folder.path().join("inbox"), &options, 0).unwrap();
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        let text = |name| connection.pragma_query_value(None, name, |row| row.get::<_, String>(0)).unwrap();
        assert_eq!((number("synchronous"), text("journal_mode").as_str()), (2, "wal"));
        assert_eq!((number("fullfsync"), number("checkpoint_fullfsync")), (1, 1));
        assert_eq!(text("locking_mode"), "exclusive");
    }
}

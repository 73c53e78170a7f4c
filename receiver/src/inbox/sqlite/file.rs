//! Opening of the file, for one process and with durable commits.

use super::high_water_mark::{HighWaterMark, check_loss, last_id, read};
use super::schema;
use crate::inbox::{InboxError, SchemaVersion};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, params};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) path: PathBuf,
    pub(super) max_size: Option<u64>,
    pub(super) lock_timeout: Duration,
    pub(super) accept_loss: bool,
    pub(super) migrate: bool,
}

/// Opens or creates the file. Taken deliveries are pending again: their workers are gone.
pub(super) fn open(options: &Options, now: i64) -> Result<(Connection, HighWaterMark), InboxError> {
    // The path is used later, when the working directory may have changed.
    let path = &std::path::absolute(&options.path).map_err(InboxError::storage)?;
    // A new database in place of one that had acknowledged deliveries would delete the rest of its log.
    if !options.accept_loss && is_missing(path) {
        check_loss(path, read(path)?, false)?;
    }
    if !options.migrate && is_missing(path) {
        let SchemaVersion { found, known, .. } = schema::none();
        return Err(InboxError::Outdated { found, known });
    }
    create(path).map_err(InboxError::storage)?;
    let mut connection = connect(path, options)?;
    keep_log(&connection, false)?;
    schema::migrate(&mut connection, options.migrate)?;
    let mark = HighWaterMark::start(&connection, path)?;
    // Retries are due as well: the restart may have repaired what failed, and the clock may have been wrong.
    let give_back = "UPDATE delivery SET state = 0, due = min(received, ?1) WHERE state < 2 AND due > ?1";
    connection.execute(give_back, params![now]).map_err(InboxError::storage)?;
    Ok((connection, mark))
}

/// Checks that the file could be opened, and changes nothing that it holds.
pub(super) fn check(options: &Options) -> Result<SchemaVersion, InboxError> {
    let path = &std::path::absolute(&options.path).map_err(InboxError::storage)?;
    if is_missing(path) {
        check_loss(path, read(path)?, options.accept_loss)?;
        let folder = path.parent().unwrap_or(path);
        return match std::fs::metadata(folder).map_err(InboxError::storage)?.is_dir() {
            true => Ok(schema::none()),
            false => Err(InboxError::storage(io::Error::from(io::ErrorKind::NotADirectory))),
        };
    }
    schema::check(&connect(path, options)?)
}

fn is_missing(path: &Path) -> bool {
    std::fs::metadata(path).map_or(true, |file| file.len() == 0)
}

/// Connects to a file that exists, and checks it for losses.
fn connect(path: &Path, options: &Options) -> Result<Connection, InboxError> {
    let mut connection = Connection::open(path).map_err(InboxError::storage)?;
    // A damaged log stays as it is, so that it can be repaired.
    keep_log(&connection, true)?;
    prepare(&mut connection, options).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            InboxError::Locked { path: path.to_owned() }
        }
        Some(ErrorCode::DiskFull) => InboxError::Full,
        _ => InboxError::storage(error),
    })?;
    let stored = last_id(&connection).map_err(InboxError::storage)?;
    check_loss(path, read(path)? - stored, options.accept_loss)?;
    Ok(connection)
}

fn keep_log(connection: &Connection, is_kept: bool) -> Result<(), InboxError> {
    let setting = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection.set_db_config(setting, is_kept).map(drop).map_err(InboxError::storage)
}

/// Creates the file with access for its owner only, and flushes its directory entry. SQLite flushes
/// the content.
fn create(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new();
    file.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    file.open(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Systems that cannot open a folder do not need this.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn prepare(connection: &mut Connection, options: &Options) -> rusqlite::Result<()> {
    connection.busy_timeout(options.lock_timeout)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Plans do not depend on values, so statements are not prepared again for new ones.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "
        -- Set before the file is first read: with a single process no shared memory is needed.
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA journal_mode = WAL;
        -- A commit waits until the log is on the disk; macOS needs its own flush for that.
        PRAGMA synchronous = FULL;
        PRAGMA fullfsync = ON;
        PRAGMA checkpoint_fullfsync = ON;
        -- A backlog changes pages all over the file. A cache and a log of 16 MiB collect many changes
        -- of a page into one write. The log shrinks again afterwards.
        PRAGMA cache_size = -16384;
        PRAGMA wal_autocheckpoint = 4096;
        PRAGMA journal_size_limit = 67108864;
        -- Statements with `RETURNING` note old pages so that they can be undone alone. Those notes
        -- need no file: they are useless after a crash.
        PRAGMA temp_store = MEMORY;
        -- The first write takes the lock, and the connection keeps it.
        BEGIN EXCLUSIVE; COMMIT",
    )
}

/// Fails if the file holds more than this. Pages that are free do not count.
pub(super) fn check_size(connection: &Connection, max_size: Option<u64>) -> Result<(), InboxError> {
    let Some(max_size) = max_size else { return Ok(()) };
    let used = "SELECT (page_count - freelist_count) * page_size
                FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    let used = connection.prepare_cached(used).and_then(|mut used| used.query_one([], |row| row.get(0)));
    let used: i64 = used.map_err(InboxError::storage)?;
    if u64::try_from(used).is_ok_and(|used| used > max_size) { Err(InboxError::Full) } else { Ok(()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should stop")]
mod tests {
    use super::*;

    #[test]
    fn a_commit_waits_for_the_disk() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("inbox");
        let options =
            Options { path, max_size: None, lock_timeout: Duration::ZERO, accept_loss: false, migrate: true };
        let (connection, _mark) = open(&options, 0).unwrap();
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        let text = |name| connection.pragma_query_value(None, name, |row| row.get::<_, String>(0)).unwrap();
        assert_eq!((number("synchronous"), text("journal_mode").as_str()), (2, "wal"));
        assert_eq!((number("fullfsync"), number("checkpoint_fullfsync")), (1, 1));
        assert_eq!(text("locking_mode"), "exclusive");
    }
}

//! The high-water mark: the number of the last acknowledged delivery, in a file beside the database.
//!
//! The mark is written after each commit and before the responses, without a flush: it survives the end
//! of the process immediately, and a loss of power after some seconds. Commits are flushed first, so a
//! mark ahead of the database means that deliveries are lost.

use crate::inbox::InboxError;
use rusqlite::{Connection, OptionalExtension};
use std::error::Error;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use tracing::error;

/// The mark of an open database, which also detects that the database was deleted or replaced.
#[derive(Debug)]
pub(super) struct HighWaterMark {
    path: PathBuf,
    identities: [Option<(u64, u64)>; 2],
    file: File,
    acknowledged: i64,
    has_failed: bool,
}

impl HighWaterMark {
    /// Opens the mark of a database that was checked. Numbers above the mark follow, so that none is
    /// used twice.
    pub(super) fn start(connection: &Connection, path: &Path) -> Result<Self, InboxError> {
        let stored = last_id(connection).map_err(InboxError::storage)?;
        let acknowledged = read(path)?.max(stored);
        if acknowledged > stored {
            let update = format!(
                "DELETE FROM sqlite_sequence WHERE name = 'delivery';
                 INSERT INTO sqlite_sequence VALUES ('delivery', {acknowledged})"
            );
            connection.execute_batch(&update).map_err(InboxError::storage)?;
        }
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(beside(path, "-mark")).map_err(InboxError::storage)?;
        let mut mark = Self {
            path: path.to_owned(),
            identities: identities(path),
            file,
            acknowledged,
            has_failed: false,
        };
        mark.write().and_then(|()| mark.file.sync_all()).map_err(InboxError::storage)?;
        Ok(mark)
    }

    /// Fails when the database or its log was deleted or replaced: commits go to a deleted file.
    pub(super) fn check_files(&self) -> Result<(), InboxError> {
        let is_in_place = identities(&self.path) == self.identities;
        if is_in_place { Ok(()) } else { Err(InboxError::Replaced { path: self.path.clone() }) }
    }

    /// Raises the mark to what was committed. A failure is only logged: the commit is durable.
    pub(super) fn raise(&mut self, connection: &Connection) {
        let Ok(stored) = last_id(connection) else { return };
        if stored <= self.acknowledged {
            return;
        }
        self.acknowledged = stored;
        let written = self.write();
        if let Err(error) = &written
            && !self.has_failed
        {
            error!(error = error as &dyn Error, "could not write the mark: losses may go undetected");
        }
        self.has_failed = written.is_err();
    }

    pub(super) fn flush(self) {
        if let Err(error) = self.file.sync_all() {
            error!(error = &error as &dyn Error, "could not flush the mark: losses may go undetected");
        }
    }

    /// One write of constant length, so that no partial number is left behind.
    fn write(&mut self) -> io::Result<()> {
        self.file.rewind()?;
        self.file.write_all(format!("{:020}\n", self.acknowledged).as_bytes())
    }
}

/// Fails if acknowledged deliveries are missing. `accept_loss` only logs their number.
pub(super) fn check_loss(path: &Path, missing: i64, accept_loss: bool) -> Result<(), InboxError> {
    let missing = u64::try_from(missing).unwrap_or(0);
    if missing == 0 {
        return Ok(());
    }
    let lost = InboxError::Lost { path: path.to_owned(), missing };
    error!(error = &lost as &dyn Error, accept_loss, "acknowledged deliveries are lost");
    if accept_loss { Ok(()) } else { Err(lost) }
}

/// Reads the mark: 0 if there is none.
pub(super) fn read(path: &Path) -> Result<i64, InboxError> {
    let mut text = Vec::new();
    match File::open(beside(path, "-mark")) {
        Ok(file) => file.take(64).read_to_end(&mut text).map_err(InboxError::storage)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(InboxError::storage(error)),
    };
    Ok(String::from_utf8_lossy(&text).trim().parse().unwrap_or_else(|_| {
        error!(path = %beside(path, "-mark").display(), "the mark is damaged: a loss of deliveries may go undetected");
        0
    }))
}

/// The highest number that a delivery ever had.
pub(super) fn last_id(connection: &Connection) -> rusqlite::Result<i64> {
    let has_table = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'";
    if connection.prepare_cached(has_table)?.query_row([], |_| Ok(())).optional()?.is_none() {
        return Ok(0);
    }
    let query = "SELECT seq FROM sqlite_sequence WHERE name = 'delivery'";
    Ok(connection.prepare_cached(query)?.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Device and inode of the database and of its write-ahead log, which detect that one was replaced. `None` on
/// systems other than Unix, where an open file cannot be deleted.
fn identities(path: &Path) -> [Option<(u64, u64)>; 2] {
    #[cfg(unix)]
    return [path.to_owned(), beside(path, "-wal")].map(|file| {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(file).ok().map(|file| (file.dev(), file.ino()))
    });
    #[cfg(not(unix))]
    [path; 2].map(|_| None)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

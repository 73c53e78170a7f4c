//! Whether the file is still the one that was opened, and whether it holds all that was acknowledged.
//!
//! The mark is a file of its own beside the database. It has the number of the last delivery that was
//! answered as stored, and is written after each commit and before the answers, without a flush: it
//! survives the end of the process at once, and a loss of power some seconds later. Since a commit is
//! flushed before, a mark that is ahead of the database means that deliveries are lost.

use crate::inbox::InboxError;
use rusqlite::{Connection, OptionalExtension, params};
use std::error::Error;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use tracing::error;

/// The file, its write-ahead log, and what was acknowledged of them.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    files: [(PathBuf, Option<Identity>); 2],
    file: File,
    acknowledged: i64,
    has_failed: bool,
}

/// Where a file is on its disk.
type Identity = (u64, u64);

impl Mark {
    /// Compares the mark with the open database. Without a mark, one is made: there is nothing to
    /// compare with.
    ///
    /// `accept_loss`: go on without what is lost. Its numbers are not used again.
    pub(super) fn check(connection: &Connection, path: &Path, accept_loss: bool) -> Result<(), InboxError> {
        let (marked, stored) = (read(path)?, last(connection).map_err(InboxError::storage)?);
        if marked <= stored {
            return Ok(());
        }
        let missing = u64::try_from(marked - stored).unwrap_or(0);
        let lost = InboxError::Lost { path: path.to_owned(), missing };
        error!(error = &lost as &dyn Error, accept_loss, "acknowledged deliveries are lost");
        if accept_loss { Ok(()) } else { Err(lost) }
    }

    /// A database that is gone is not made anew when deliveries in it were acknowledged: what is left
    /// of its log would be deleted.
    pub(super) fn check_presence(path: &Path, accept_loss: bool) -> Result<(), InboxError> {
        let is_there = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
        let missing = u64::try_from(read(path)?).unwrap_or(0);
        if is_there || accept_loss || missing == 0 {
            return Ok(());
        }
        let lost = InboxError::Lost { path: path.to_owned(), missing };
        error!(error = &lost as &dyn Error, "acknowledged deliveries are lost");
        Err(lost)
    }

    /// Begins to mark, with a database that was checked. Numbers go on after the mark.
    pub(super) fn start(connection: &Connection, path: &Path) -> Result<Self, InboxError> {
        let stored = last(connection).map_err(InboxError::storage)?;
        let acknowledged = read(path)?.max(stored);
        if acknowledged > stored {
            advance(connection, acknowledged).map_err(InboxError::storage)?;
        }
        let files = [path.to_owned(), beside(path, "-wal")].map(|file| {
            let identity = identity(&file);
            (file, identity)
        });
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(beside(path, "-mark")).map_err(InboxError::storage)?;
        let mut mark = Self { path: path.to_owned(), files, file, acknowledged, has_failed: false };
        mark.write().and_then(|()| mark.file.sync_all()).map_err(InboxError::storage)?;
        Ok(mark)
    }

    /// An error when the file or its log was deleted or replaced: what is committed now is nowhere.
    pub(super) fn in_place(&self) -> Result<(), InboxError> {
        let is_in_place = self.files.iter().all(|(file, opened)| identity(file) == *opened);
        let replaced = || InboxError::Replaced { path: self.path.clone() };
        if is_in_place { Ok(()) } else { Err(replaced()) }
    }

    /// Marks what was committed. Without the mark it is as durable, so that is only logged.
    pub(super) fn acknowledge(&mut self, connection: &Connection) {
        let Ok(stored) = last(connection) else { return };
        if stored <= self.acknowledged {
            return;
        }
        self.acknowledged = stored;
        let written = self.write();
        if let Err(error) = &written
            && !self.has_failed
        {
            error!(error = error as &dyn Error, "the mark cannot be written: a loss may go unnoticed");
        }
        self.has_failed = written.is_err();
    }

    pub(super) fn flush(&self) {
        if let Err(error) = self.file.sync_all() {
            error!(error = &error as &dyn Error, "the mark cannot be flushed: a loss may go unnoticed");
        }
    }

    /// In one write of always the same length.
    fn write(&mut self) -> io::Result<()> {
        self.file.rewind()?;
        self.file.write_all(format!("{:020}\n", self.acknowledged).as_bytes())
    }
}

/// The number in the mark; 0 without one.
fn read(path: &Path) -> Result<i64, InboxError> {
    let mut text = Vec::new();
    match File::open(beside(path, "-mark")) {
        Ok(file) => file.take(64).read_to_end(&mut text).map_err(InboxError::storage)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(InboxError::storage(error)),
    };
    Ok(String::from_utf8_lossy(&text).trim().parse().unwrap_or_else(|_| {
        error!(path = %beside(path, "-mark").display(), "the mark has no number: a loss may go unnoticed");
        0
    }))
}

/// The highest number that a delivery ever had.
fn last(connection: &Connection) -> rusqlite::Result<i64> {
    let has_table = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'";
    if connection.prepare_cached(has_table)?.query_row([], |_| Ok(())).optional()?.is_none() {
        return Ok(0);
    }
    let last = "SELECT seq FROM sqlite_sequence WHERE name = 'delivery'";
    Ok(connection.prepare_cached(last)?.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

fn advance(connection: &Connection, last: i64) -> rusqlite::Result<()> {
    let update = "UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'delivery'";
    if connection.execute(update, params![last])? == 0 {
        connection.execute("INSERT INTO sqlite_sequence VALUES ('delivery', ?1)", params![last])?;
    }
    Ok(())
}

/// Elsewhere than on Unix, a file that is open cannot be deleted.
fn identity(path: &Path) -> Option<Identity> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

//! Copies of the file while it is in use.

use crate::inbox::InboxError;
use rusqlite::Connection;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use tokio::sync::oneshot;

/// A copy that is asked for, and its caller.
pub(super) struct Backup {
    pub(super) path: PathBuf,
    pub(super) reply: oneshot::Sender<Result<(), InboxError>>,
}

impl Backup {
    /// Copies what is stored now. The log is part of the copy, so one file is enough.
    pub(super) fn run(self, connection: &Connection) {
        // The caller may be gone.
        let _ = self.reply.send(copy(connection, &self.path));
    }
}

fn copy(connection: &Connection, path: &Path) -> Result<(), InboxError> {
    let file = create(path).map_err(InboxError::storage)?;
    let written = write(connection, path, &file);
    if written.is_err() {
        // What is there is no copy.
        let _ = std::fs::remove_file(path);
    }
    written
}

fn write(connection: &Connection, path: &Path, file: &File) -> Result<(), InboxError> {
    let name =
        path.to_str().ok_or(io::Error::from(io::ErrorKind::InvalidFilename)).map_err(InboxError::storage)?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(InboxError::storage)?;
    file.sync_all().map_err(InboxError::storage)?;
    // Systems that cannot open a folder do not need this.
    let folder = path.parent().filter(|_| cfg!(unix)).map(File::open);
    folder.map_or(Ok(()), |folder| folder?.sync_all()).map_err(InboxError::storage)
}

/// Creates the file with access for its owner only. One that is there is not replaced.
fn create(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new();
    file.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    file.open(path)
}

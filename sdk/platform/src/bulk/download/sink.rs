//! Where the bytes of a download go: a writer, or a file that gets its name when it is complete.

use super::download_error;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{Builder, TempPath};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::spawn_blocking;
use xurrent_runtime::{Error, Result};

/// A target of bytes.
pub(super) trait Sink: Send {
    fn write(&mut self, chunk: &[u8]) -> impl Future<Output = io::Result<()>> + Send;

    /// Discards what was written. False if that is impossible.
    fn restart(&mut self) -> impl Future<Output = io::Result<bool>> + Send;

    /// Writes what is buffered.
    fn finish(&mut self) -> impl Future<Output = io::Result<()>> + Send;
}

pub(super) struct WriterSink<'w, W>(pub(super) &'w mut W);

impl<W: AsyncWrite + Unpin + Send> Sink for WriterSink<'_, W> {
    async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.0.write_all(chunk).await
    }

    async fn restart(&mut self) -> io::Result<bool> {
        Ok(false)
    }

    async fn finish(&mut self) -> io::Result<()> {
        self.0.flush().await
    }
}

/// A temporary file beside the target, removed when it is dropped.
pub(super) struct FileSink {
    file: File,
    temporary: TempPath,
    target: PathBuf,
    overwrites: bool,
}

impl FileSink {
    /// Creates the temporary file. A target that exists is an error, before anything is downloaded.
    pub(super) async fn create(target: &Path, overwrites: bool) -> Result<Self> {
        let target = target.to_owned();
        let created = spawn_blocking(move || {
            if !overwrites && target.symlink_metadata().is_ok() {
                return Err(exists(&target));
            }
            let folder = match target.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            let temporary = Builder::new().prefix(".download-").suffix(".part").tempfile_in(folder);
            let (file, temporary) = temporary.map_err(|error| not_written_to(&target, error))?.into_parts();
            Ok(Self { file: File::from_std(file), temporary, target, overwrites })
        });
        created.await.unwrap_or_else(|error| Err(not_written(io::Error::other(error))))
    }

    /// Gives the complete file its name.
    pub(super) async fn persist(self) -> Result<()> {
        let Self { file, temporary, target, overwrites } = self;
        file.sync_all().await.map_err(|error| not_written_to(&target, error))?;
        drop(file);
        let persisted = spawn_blocking(move || {
            let persisted = match overwrites {
                true => temporary.persist(&target),
                false => temporary.persist_noclobber(&target),
            };
            persisted.map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => exists(&target),
                _ => not_written_to(&target, error.error),
            })
        });
        persisted.await.unwrap_or_else(|error| Err(not_written(io::Error::other(error))))
    }
}

impl Sink for FileSink {
    async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.file.write_all(chunk).await
    }

    async fn restart(&mut self) -> io::Result<bool> {
        self.file.set_len(0).await?;
        self.file.rewind().await?;
        Ok(true)
    }

    async fn finish(&mut self) -> io::Result<()> {
        self.file.flush().await
    }
}

fn exists(path: &Path) -> Error {
    download_error(format!("{} exists already: call `.overwrite()` to replace it", path.display()))
}

fn not_written_to(path: &Path, error: io::Error) -> Error {
    download_error(format!("could not write {}", path.display())).with_source(error)
}

pub(super) fn not_written(error: io::Error) -> Error {
    download_error("could not write what was downloaded").with_source(error)
}

//! The bytes of a file: from memory, the file system or a reader.

use super::upload_error;
use bytes::Bytes;
use futures_util::StreamExt as _;
use std::fmt;
use std::fs::Metadata;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;
use sync_wrapper::SyncWrapper;
use tempfile::NamedTempFile;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncRead, AsyncWriteExt};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::io::ReaderStream;
use xurrent_runtime::{Error, Result};

const CHUNK_SIZE: usize = 64 * 1024;

type Reader = Pin<Box<dyn AsyncRead + Send>>;

/// The bytes of a file, from the first one on.
pub(crate) type FileBytes = SyncWrapper<ReaderStream<Reader>>;

pub(crate) enum Content {
    Path(PathBuf),
    Bytes(Bytes),
    /// None once it was opened: it cannot be read again.
    Reader(Option<SyncWrapper<Reader>>),
    /// The content of a reader.
    Spooled(NamedTempFile),
}

impl Content {
    /// The size, if it is known without reading everything.
    pub(crate) async fn length(&self, declared: Option<u64>, stall_timeout: Duration) -> Result<Option<u64>> {
        let length = match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Path(path) => {
                let about = async { Ok(((), tokio::fs::metadata(path).await?)) };
                in_time(path, stall_timeout, about).await?.1.len()
            }
            Self::Reader(_) | Self::Spooled(_) => return Ok(declared),
        };
        match declared {
            Some(declared) if declared != length => Err(upload_error(format!(
                "the file has {length} bytes, not the {declared} that were declared"
            ))),
            _ => Ok(Some(length)),
        }
    }

    /// Whether it can be read more than once.
    pub(crate) fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Reader(_))
    }

    /// Reads a reader to its end, into a temporary file, and returns its size.
    pub(crate) async fn spool(&mut self, limit: u64, stall_timeout: Duration) -> Result<u64> {
        let Self::Reader(reader) = self else { return Ok(0) };
        let mut chunks = once(reader)?;
        let failed =
            |error| upload_error("could not write a temporary file for the upload").with_source(error);
        let spooled = spawn_blocking(NamedTempFile::new).await;
        let spooled = spooled.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(failed)?;
        let mut file = File::from_std(spooled.reopen().map_err(failed)?);
        let mut length = 0_u64;
        let stalled = |_| upload_error(format!("the reader stalled for {stall_timeout:?}"));
        while let Some(chunk) = timeout(stall_timeout, chunks.get_mut().next()).await.map_err(stalled)? {
            let chunk = chunk.map_err(broken)?;
            length += chunk.len() as u64;
            if length > limit {
                return Err(upload_error(format!(
                    "the file is larger than the {limit} bytes that the storage takes"
                )));
            }
            file.write_all(&chunk).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        *self = Self::Spooled(spooled);
        Ok(length)
    }

    /// Opens the content at its beginning. Each time with a new file handle: a cancelled attempt may still
    /// be reading.
    pub(crate) async fn open(&mut self, stall_timeout: Duration) -> Result<FileBytes> {
        Ok(match self {
            Self::Bytes(bytes) => chunks(Box::pin(Cursor::new(bytes.clone()))),
            Self::Path(path) => {
                let opened = async {
                    let file = open_options().open(&path).await?;
                    let about = file.metadata().await?;
                    Ok((file, about))
                };
                // It may have been replaced since its size was read.
                chunks(Box::pin(in_time(path, stall_timeout, opened).await?.0))
            }
            Self::Spooled(spooled) => {
                let file = spooled.reopen().map_err(|error| unreadable(spooled.path(), error))?;
                chunks(Box::pin(File::from_std(file)))
            }
            Self::Reader(reader) => once(reader)?,
        })
    }
}

fn chunks(reader: Reader) -> FileBytes {
    SyncWrapper::new(ReaderStream::with_capacity(reader, CHUNK_SIZE))
}

fn once(reader: &mut Option<SyncWrapper<Reader>>) -> Result<FileBytes> {
    let reader = reader.take().ok_or_else(|| upload_error("the reader was read already"))?;
    Ok(chunks(reader.into_inner()))
}

/// Opening a pipe without a writer would block a thread forever.
fn open_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    options.custom_flags(libc::O_NONBLOCK);
    options
}

/// Waits for the file system, which may be remote, and checks that there is a file.
async fn in_time<T>(
    path: &Path,
    stall_timeout: Duration,
    work: impl Future<Output = io::Result<(T, Metadata)>>,
) -> Result<(T, Metadata)> {
    let late = |_| upload_error(format!("could not open {} within {stall_timeout:?}", path.display()));
    let done = timeout(stall_timeout, work).await.map_err(late)?;
    let done = done.map_err(|error| unreadable(path, error))?;
    if done.1.is_file() {
        return Ok(done);
    }
    let path = path.display();
    Err(upload_error(format!("{path} is not a file: use `Upload::reader` for what is read like one")))
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    upload_error(format!("could not read {}", path.display())).with_source(error)
}

pub(super) fn broken(error: io::Error) -> Error {
    upload_error("could not read the file to its end").with_source(error)
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Reader(_) | Self::Spooled(_) => f.write_str("a reader"),
        }
    }
}

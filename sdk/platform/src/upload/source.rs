//! The bytes of a file: from memory, the file system or a reader.

use bytes::{Bytes, BytesMut};
use std::fmt;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use xurrent_runtime::{Error, ErrorKind, Result};

/// How much is read at a time.
const CHUNK_SIZE: usize = 64 * 1024;

/// A reader, which is read once. The mutex is never locked: it only makes a reader `Sync`.
pub(super) struct Reader(Mutex<Pin<Box<dyn AsyncRead + Send>>>);

impl Reader {
    pub(super) fn new(reader: impl AsyncRead + Send + 'static) -> Self {
        Self(Mutex::new(Box::pin(reader)))
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let reader = self.get_mut().0.get_mut().unwrap_or_else(PoisonError::into_inner);
        reader.as_mut().poll_read(context, buffer)
    }
}

/// The bytes of a file, from the first one on.
pub(super) enum FileBytes {
    Whole(Bytes),
    /// A reader, and its buffer.
    Read(Reader, BytesMut),
}

impl FileBytes {
    pub(super) fn read(reader: Reader) -> Self {
        Self::Read(reader, BytesMut::new())
    }

    /// The next bytes; empty at the end.
    pub(super) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        match self {
            Self::Whole(bytes) => Poll::Ready(Ok(bytes.split_to(bytes.len().min(CHUNK_SIZE)))),
            Self::Read(reader, buffer) => {
                if buffer.len() < CHUNK_SIZE {
                    buffer.resize(CHUNK_SIZE, 0);
                }
                let mut read = ReadBuf::new(buffer);
                ready!(Pin::new(reader).poll_read(context, &mut read))?;
                let length = read.filled().len();
                Poll::Ready(Ok(buffer.split_to(length).freeze()))
            }
        }
    }
}

/// The content of a file to be uploaded.
pub(super) enum Content {
    Path(PathBuf),
    Bytes(Bytes),
    /// None once it was opened: it cannot be read again.
    Reader(Option<Reader>),
    /// The content of a reader.
    Spooled(NamedTempFile),
}

impl Content {
    /// The size, if it is known without reading everything.
    pub(super) async fn length(&self, declared: Option<u64>, stall_timeout: Duration) -> Result<Option<u64>> {
        let length = match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Path(path) => {
                let about = in_time(path, stall_timeout, tokio::fs::metadata(path)).await?;
                check_file(path, &about)?;
                about.len()
            }
            Self::Reader(_) | Self::Spooled(_) => return Ok(declared),
        };
        match declared {
            Some(declared) if declared != length => Err(Error::new(
                ErrorKind::Upload,
                format!("the file has {length} bytes, not the {declared} that were declared"),
            )),
            _ => Ok(Some(length)),
        }
    }

    /// Whether it can be read more than once.
    pub(super) fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Reader(_))
    }

    /// Reads a reader to its end, into a temporary file, and returns its size.
    pub(super) async fn spool(&mut self, limit: u64, stall_timeout: Duration) -> Result<u64> {
        let Self::Reader(reader) = self else { return Ok(0) };
        let mut reader = reader.take().ok_or_else(used_up)?;
        let failed = |error| {
            Error::new(ErrorKind::Upload, "could not write a temporary file for the upload")
                .with_source(error)
        };
        let spooled = blocking(NamedTempFile::new).await.map_err(failed)?;
        let file = spooled.reopen().map_err(failed)?;
        let mut file = File::from_std(file);
        let (mut buffer, mut length) = (vec![0; CHUNK_SIZE], 0_u64);
        loop {
            let read = timeout(stall_timeout, reader.read(&mut buffer)).await.map_err(|_| {
                Error::new(ErrorKind::Upload, format!("the reader stalled for {stall_timeout:?}"))
            })?;
            let read = read.map_err(broken)?;
            if read == 0 {
                break;
            }
            length += read as u64;
            if length > limit {
                return Err(Error::new(
                    ErrorKind::Upload,
                    format!("the file is larger than the {limit} bytes that the storage takes"),
                ));
            }
            file.write_all(&buffer[..read]).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        *self = Self::Spooled(spooled);
        Ok(length)
    }

    /// Opens the content at its beginning. Each time with a new file handle: a cancelled attempt may still
    /// be reading.
    pub(super) async fn open(&mut self, stall_timeout: Duration) -> Result<FileBytes> {
        match self {
            Self::Bytes(bytes) => Ok(FileBytes::Whole(bytes.clone())),
            Self::Path(path) => {
                let opened = async {
                    let file = open_options().open(&path).await?;
                    let about = file.metadata().await?;
                    Ok((file, about))
                };
                let (file, about) = in_time(path, stall_timeout, opened).await?;
                // The file may have been replaced.
                check_file(path, &about)?;
                Ok(FileBytes::read(Reader::new(file)))
            }
            Self::Spooled(spooled) => {
                let file = spooled.reopen().map_err(|error| unreadable(spooled.path(), error))?;
                Ok(FileBytes::read(Reader::new(File::from_std(file))))
            }
            Self::Reader(reader) => Ok(FileBytes::read(reader.take().ok_or_else(used_up)?)),
        }
    }
}

/// Opening a pipe without a writer would block a thread forever.
fn open_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    options.custom_flags(libc::O_NONBLOCK);
    options
}

/// Waits for the file system, which may be remote.
async fn in_time<T>(
    path: &Path,
    stall_timeout: Duration,
    work: impl Future<Output = io::Result<T>>,
) -> Result<T> {
    let Ok(done) = timeout(stall_timeout, work).await else {
        let message = format!("could not open {} within {stall_timeout:?}", path.display());
        return Err(Error::new(ErrorKind::Upload, message));
    };
    done.map_err(|error| unreadable(path, error))
}

fn check_file(path: &Path, about: &Metadata) -> Result<()> {
    match about.is_file() {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::Upload,
            format!("{} is not a file: use `Upload::reader` for what is read like one", path.display()),
        )),
    }
}

async fn blocking<T: Send + 'static>(work: fn() -> io::Result<T>) -> io::Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Upload, format!("could not read {}", path.display())).with_source(error)
}

/// The error of a file that breaks off.
pub(super) fn broken(error: io::Error) -> Error {
    Error::new(ErrorKind::Upload, "could not read the file to its end").with_source(error)
}

fn used_up() -> Error {
    Error::new(ErrorKind::Upload, "the reader was read already")
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

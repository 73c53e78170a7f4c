//! The calls that download a file to the file system or to a writer.

use super::OPERATION;
use super::attempt::Downloading;
use super::settings::Download;
use super::sink::{FileSink, Sink, WriterSink, not_written};
use crate::address::result_address;
use http::Uri;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::AsyncWrite;
use xurrent_runtime::send::CallState;
use xurrent_runtime::transport::{BoxFuture, require_runtime};
use xurrent_runtime::{Error, Result};

/// How long a download may take, unless its retry policy says.
const TIME_LIMIT: Duration = Duration::from_secs(2 * 3_600);

impl Download {
    /// Downloads to a new file, which the owner alone can read. It has its name only when it is complete: until then, it
    /// is a temporary file beside it, which is removed when the download fails or is cancelled.
    pub fn to_file(self, path: impl Into<PathBuf>) -> FileDownload {
        FileDownload { download: self, path: path.into(), overwrites: false }
    }

    /// Downloads to a writer, flushes it, and returns the number of bytes. After an error, the writer has the
    /// beginning of the file. Since it cannot start again, a download that was cut off needs a server that can
    /// resume, or that sends the same file again.
    ///
    /// # Errors
    /// Those of [`FileDownload::send`].
    pub async fn to_writer<W: AsyncWrite + Unpin + Send>(self, writer: &mut W) -> Result<u64> {
        self.run(&mut WriterSink(writer)).await
    }

    async fn run<S: Sink>(mut self, sink: &mut S) -> Result<u64> {
        require_runtime()?;
        if self.stall_timeout.is_zero() {
            return Err(Error::configuration("`stall_timeout` of a download is zero"));
        }
        let uri = self.address()?;
        self.client.retry = self.client.retry.limited(TIME_LIMIT);
        let call = CallState::new(&self.client, OPERATION, None)?;
        let received = call.run(Downloading::new(&self, &uri, sink)).await?;
        sink.finish().await.map_err(not_written)?;
        Ok(received)
    }

    fn address(&self) -> Result<Uri> {
        result_address(self.url.expose(), self.client.endpoint())
    }
}

/// A download to a file.
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is awaited"]
pub struct FileDownload {
    download: Download,
    path: PathBuf,
    overwrites: bool,
}

/// A file that was downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
}

impl FileDownload {
    /// Replaces a file that has this name, at once and only when the download is complete. Without this it is an error.
    pub fn overwrite(mut self) -> Self {
        self.overwrites = true;
        self
    }

    /// Downloads the file.
    ///
    /// # Errors
    /// [`Configuration`](xurrent_runtime::ErrorKind::Configuration), before anything is sent, when the URL is not one
    /// that the API gives. [`Download`](xurrent_runtime::ErrorKind::Download) when the file exists already or cannot be
    /// written, is larger than allowed, or has no length, so that a truncated one would look complete.
    /// [`Status`](xurrent_runtime::ErrorKind::Status) when the server refuses it, such as after the URL expired.
    /// [`Transport`](xurrent_runtime::ErrorKind::Transport) or [`Timeout`](xurrent_runtime::ErrorKind::Timeout)
    /// when it is cut off or stalls.
    pub async fn send(self) -> Result<DownloadedFile> {
        let downloading: BoxFuture<'_, _> = Box::pin(self.run());
        downloading.await
    }

    async fn run(self) -> Result<DownloadedFile> {
        let Self { download, path, overwrites } = self;
        require_runtime()?;
        download.address()?;
        let mut sink = FileSink::create(&path, overwrites).await?;
        let size = download.run(&mut sink).await?;
        sink.persist().await?;
        Ok(DownloadedFile { path, size })
    }
}

xurrent_runtime::impl_call!(FileDownload: DownloadedFile, download.client);

//! A file to be uploaded.

use super::source::Content;
use bytes::Bytes;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use sync_wrapper::SyncWrapper;
use tokio::io::AsyncRead;
use xurrent_runtime::{Error, Result};

const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest file name, in bytes, as in file systems.
const MAX_NAME: usize = 255;

/// A function that is called with the bytes sent and the size.
pub(crate) type OnProgress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// A file to be uploaded.
///
/// ```
/// use std::time::Duration;
/// use xurrent_platform::Upload;
///
/// let report = Upload::path("reports/march.pdf")
///     .file_name("report.pdf")
///     .on_progress(|sent, total| println!("{sent} of {total} bytes"));
/// let log = Upload::bytes("server.log", "started\n").content_type("text/plain");
/// # let reader = tokio::io::empty();
/// let export = Upload::reader("export.csv", reader).size(1_234_567).stall_timeout(Duration::from_secs(10));
/// ```
///
/// A file is never in memory as a whole, unless it was given as bytes. A storage needs the length before
/// the content. So a reader without a [`size`](Self::size) is first read to its end into a temporary file,
/// up to the size limit of the storage, which is deleted afterwards.
#[must_use = "a file is uploaded only when it is given to a client"]
pub struct Upload {
    pub(crate) content: Content,
    name: Option<String>,
    content_type: Option<String>,
    pub(crate) size: Option<u64>,
    pub(crate) progress: Option<OnProgress>,
    pub(crate) stall_timeout: Duration,
}

impl Upload {
    /// A file of the file system. Its name is the last part of the path. It is opened when it is uploaded,
    /// and must not change its size meanwhile.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self::new(Content::Path(path.into()), None)
    }

    /// A file with this name and content.
    pub fn bytes(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::new(Content::Bytes(content.into()), Some(name.into()))
    }

    /// A file with this name and the content of a reader. With its [`size`](Self::size), it is sent while
    /// it is read, and only once, since it cannot be read again.
    pub fn reader(name: impl Into<String>, reader: impl AsyncRead + Send + 'static) -> Self {
        Self::new(Content::Reader(Some(SyncWrapper::new(Box::pin(reader)))), Some(name.into()))
    }

    fn new(content: Content, name: Option<String>) -> Self {
        Self { content, name, content_type: None, size: None, progress: None, stall_timeout: STALL_TIMEOUT }
    }

    /// The name of the file in Xurrent. Its extension must be one that the storage allows.
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The content type, such as `text/csv`. By default, that of the file extension, or
    /// `application/octet-stream`.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Declares the size in bytes. When the file has another size, the upload fails and nothing is stored.
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Calls this function with the bytes of the file that were sent and its size. Each attempt begins with
    /// 0. It must not block, which would stall the upload.
    pub fn on_progress(mut self, progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// How long the upload may stall: opening and reading the file, sending it, and waiting for the
    /// response. 60 seconds by default. An upload that does not stall may take any time;
    /// [`RetryPolicy::time_limit`](xurrent_runtime::RetryPolicy::time_limit) limits the whole.
    pub fn stall_timeout(mut self, timeout: Duration) -> Self {
        self.stall_timeout = timeout;
        self
    }

    /// The name of the file, if it is valid.
    ///
    /// # Errors
    /// When it is missing, or would change in the key of the file.
    #[doc(hidden)]
    pub fn checked_name(&self) -> Result<&str> {
        let name = match (&self.name, &self.content) {
            (Some(name), _) => name,
            (None, Content::Path(path)) => {
                let name = path.file_name().ok_or_else(|| {
                    Error::configuration(format!("{} names no file: call `.file_name(..)`", path.display()))
                })?;
                name.to_str().ok_or_else(|| {
                    Error::configuration(format!("{name:?} is not in UTF-8: call `.file_name(..)`"))
                })?
            }
            (None, _) => "",
        };
        let why = if name.trim().is_empty() {
            "is blank"
        } else if matches!(name, "." | "..") || name.contains(['/', '\\']) {
            "is a path; expected its last part"
        } else if name.chars().any(char::is_control) {
            "has control characters in it"
        } else if name.len() > MAX_NAME {
            "is longer than 255 bytes"
        } else {
            return Ok(name);
        };
        Err(Error::configuration(format!("invalid file name {name:?}: it {why}")))
    }

    /// The content type that was set, or that of the file extension.
    pub(crate) fn checked_content_type(&self, name: &str) -> Result<String> {
        let Some(given) = &self.content_type else {
            return Ok(mime_guess::from_path(name).first_or_octet_stream().to_string());
        };
        let token =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
        let essence = given.split(';').next().unwrap_or_default().trim();
        let is_valid = essence.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub));
        if is_valid && !given.chars().any(char::is_control) {
            return Ok(given.clone());
        }
        Err(Error::configuration(format!("invalid content type {given:?}; expected for example `text/csv`")))
    }
}

impl fmt::Debug for Upload {
    /// Without the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("content", &self.content)
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("size", &self.size)
            .field("stall_timeout", &self.stall_timeout)
            .finish_non_exhaustive()
    }
}

/// A file in the attachment storage. It belongs to a record once its key is in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedFile {
    /// The key for the `...Attachments` inputs of mutations.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its name.
    pub name: String,
    /// Its content type.
    pub content_type: String,
}

//! What to download, and within which limits.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use xurrent_runtime::ClientCore;

const MAX_SIZE: u64 = 4 << 30;

const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// The URL of a file, which gives it to anyone until it expires. It is never printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct DownloadUrl(SecretString);

impl DownloadUrl {
    /// A URL of an earlier export or import, such as one that was stored.
    pub fn new(url: impl Into<SecretString>) -> Self {
        Self(url.into())
    }

    /// Its text, to be stored like a secret.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for DownloadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DownloadUrl([redacted])")
    }
}

type OnProgress = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// The download of a file, to a [file](Self::to_file) or a [writer](Self::to_writer).
///
/// The URL must be `https` with a public host name, or on the server of the API. No token is sent there, and redirects
/// are not followed. The requests do not count against the limits of the API.
///
/// The content is never in memory as a whole. It is complete, or the download is an error. A download that is cut off
/// goes on where it was if the server supports that and the file is unchanged, and otherwise starts again, as often as
/// the [`RetryPolicy`](xurrent_runtime::RetryPolicy) allows. A policy without a time limit has one of 2 hours.
#[derive(Clone)]
#[must_use = "a download does nothing until it has a target"]
pub struct Download {
    pub(super) client: ClientCore,
    pub(super) url: DownloadUrl,
    pub(super) max_size: u64,
    pub(super) stall_timeout: Duration,
    pub(super) progress: Option<OnProgress>,
}

impl Download {
    /// The download of a client. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, url: &DownloadUrl) -> Self {
        let (client, url) = (client.clone(), url.clone());
        Self { client, url, max_size: MAX_SIZE, stall_timeout: STALL_TIMEOUT, progress: None }
    }

    /// The largest file that is downloaded, in bytes: 4 GiB by default.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = bytes;
        self
    }

    /// How long the server may send nothing: 60 seconds by default. The download is then retried.
    pub fn stall_timeout(mut self, timeout: Duration) -> Self {
        self.stall_timeout = timeout;
        self
    }

    /// Calls this function with the bytes so far, and the size if it is known. A download that starts again begins with 0
    /// again. It must not block.
    pub fn on_progress(mut self, progress: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Sets the retry policy of this download, in place of the client's.
    pub fn retry(mut self, policy: xurrent_runtime::RetryPolicy) -> Self {
        self.client.retry = policy;
        self
    }
}

impl fmt::Debug for Download {
    /// Without the URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("max_size", &self.max_size)
            .field("stall_timeout", &self.stall_timeout)
            .finish_non_exhaustive()
    }
}

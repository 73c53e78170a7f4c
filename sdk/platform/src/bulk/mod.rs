//! What exports and imports have in common: the progress, the failure, and the download of files.
//!
//! Both are jobs: `start` reads the response to the request that starts one, `token` is what it is known by, `wait`
//! polls for its `status`, and `download` fetches its file.

pub(crate) mod download;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod token;
pub(crate) mod wait;

pub use download::{Download, DownloadUrl, DownloadedFile, FileDownload};
pub use status::{BulkFailure, ImportResults, Progress};

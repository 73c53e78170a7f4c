//! Downloads of the files of exports and imports.
//!
//! `settings` is what to download, `resume` decides where a response continues a file, `sink` is where its bytes go,
//! `attempt` fetches them; `call` is the whole.

mod attempt;
mod call;
mod resume;
mod settings;
mod sink;

pub use call::{DownloadedFile, FileDownload};
pub use settings::{Download, DownloadUrl};

use xurrent_runtime::{Error, ErrorKind};

/// The name of downloads in hooks and traces.
const OPERATION: &str = "download";

fn download_error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Download, message)
}

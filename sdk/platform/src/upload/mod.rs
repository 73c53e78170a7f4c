//! Uploads to the attachment storage of an account.
//!
//! In the order of an upload: `file` is what to upload and `source` its bytes, `storage` is where the API
//! sends it, `body` is the request, `response` is what comes back; `call` is the whole.

mod body;
mod call;
mod file;
mod response;
mod source;
mod storage;

pub(crate) use call::OPERATION;
pub use call::{UploadCall, upload_all};
pub use file::{Upload, UploadedFile};
pub(crate) use storage::{ATTACHMENT_STORAGE, Storages, StoragesByAccount};
#[cfg(feature = "import")]
pub(crate) use {body::FormBody, call::watched};

use xurrent_runtime::{Error, ErrorKind};

fn upload_error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Upload, message)
}

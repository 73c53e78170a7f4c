//! Errors of a measurement. The program prints them and distinguishes none.

use std::io;
use std::path::Path;

/// Why a measurement failed. A missed target is not an error.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// For `map_err`: adds the file and the failed action.
pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |error| format!("cannot {action} {}: {error}", path.display()).into()
}

/// The error when the SDK and its peer do not do the same.
pub(crate) const DIFFERENT: &str = "the SDK and its peer have different results";

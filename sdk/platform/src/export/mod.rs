//! Exports of records in bulk, as CSV or Excel files. They are part of the REST interface.
//!
//! [`NewExport`] says what to export, the `export_start` of a client returns an [`ExportToken`], its `export_wait`
//! an [`ExportFile`], and its `download` fetches that. A token is a value that another process can go on with.
//!
//! # Costs
//! One request starts an export, and each poll is one. The download is not of the API and costs nothing. The server
//! runs a full export, without [`from`](NewExport::from), of more than 10,000 records once a day.
//!
//! # Retries
//! An export is started again only if it certainly had not begun. After a lost response, a timeout and most statuses
//! 5xx that is unknown, and the error says so: an export may be running then, whose token nobody has. It ends by
//! itself and changes nothing, but counts against the limits. Polls are retried like queries. With tokens of several users,
//! a poll may use that of another user than the start did: all of them need the rights for it.
//!
//! Source: <https://developer.xurrent.com/v1/export/>

#[cfg(feature = "export-zip")]
mod archive;
mod call;
mod new_export;
#[cfg(feature = "export-rows")]
mod rows;

#[cfg(feature = "export-zip")]
pub use archive::{ArchivedFile, ExportArchive};
pub use call::{ExportCall, ExportFile, ExportToken, ExportWait};
pub use new_export::{ExportFormat, LineSeparator, NewExport};
#[cfg(feature = "export-rows")]
pub use rows::Rows;

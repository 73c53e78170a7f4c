//! Imports of records in bulk, from CSV files. They are part of the REST interface.
//!
//! [`NewImport`] is a file and the type of its records, the `import_start` of a client returns an [`ImportToken`], and
//! its `import_wait` the [`ImportEnd`] with the counted records and the log file. A token is a value that another process
//! can go on with. The owner of the API's token needs the role of account administrator.
//!
//! # Costs
//! One request uploads the file and starts the import, and each poll is one.
//!
//! # Retries
//! An import is started again only if it certainly had not begun: the server refused the request, was not reached, or
//! did not get the whole file. After a lost response, a timeout and most statuses 5xx that is unknown, and the error
//! says so: the import log of the account has it, if it has begun. Polls are retried like queries. With tokens of several
//! users, a poll may use that of another user than the start did: all of them need the role.
//!
//! Source: <https://developer.xurrent.com/v1/import/>

mod call;
mod wait;

pub use crate::bulk::ImportResults;
pub use call::{ImportCall, NewImport};
pub use wait::{ImportEnd, ImportToken, ImportWait};

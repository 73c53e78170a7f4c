//! The call that waits for an import.

use crate::bulk::status::ImportResults;
use crate::bulk::wait::{Job, Waiting, wait};
use crate::bulk::{DownloadUrl, token::token};
use crate::settings::Platform;
use xurrent_runtime::transport::BoxFuture;
use xurrent_runtime::{ClientCore, Error, ErrorKind, Result};

pub(super) const JOB: Job = Job {
    name: "import",
    create: "imports.create",
    progress: "imports.progress",
    advice: "import later, or fewer records at once",
};

token! {
    /// An import that has begun: what `Client::import_wait` waits for, also in another process.
    ///
    /// It is a text for the server, and gives nobody access without a token of the API. As a value of `serde` it is a
    /// string.
    ImportToken, "import"
}

wait! {
    /// A call that waits for an import. Each poll costs one request and is retried like a query.
    ///
    /// It can be dropped and made again: the import goes on. The server may forget it some minutes after its end.
    ImportWait: ImportEnd, "import"
}

/// An import that is done. Lines that were refused are counted as failures; the others were imported.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImportEnd {
    /// The counted records.
    pub results: ImportResults,
    /// The log file, which says why lines were refused.
    pub log_file: Option<DownloadUrl>,
}

impl ImportWait {
    /// The call of a client. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, platform: &Platform, token: ImportToken) -> Self {
        Self { waiting: Waiting::new(client, platform, &JOB, token.into()) }
    }

    /// Waits for the end of the import.
    ///
    /// # Errors
    /// [`ErrorKind::JobFailed`] when the import ended in the state `error` or `failed`, with its
    /// [`BulkFailure`](crate::bulk::BulkFailure): the counted records so far, and the log file. What was imported by then
    /// stays. [`ErrorKind::Timeout`] when it does not end in time; [`ErrorKind::Status`] with status 404 when the server
    /// does not know the token any more. Otherwise those of a query.
    pub async fn send(self) -> Result<ImportEnd> {
        let waiting: BoxFuture<'_, _> = Box::pin(self.waiting.done());
        let (status, response) = waiting.await?;
        let results = status.results.ok_or_else(|| {
            let message = format!("the response to `{}` is done, but has no `results`", JOB.progress);
            Error::new(ErrorKind::Decode, message).with_request_id(response.request_id.as_deref())
        })?;
        Ok(ImportEnd { results, log_file: status.log_file })
    }
}

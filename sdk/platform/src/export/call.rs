//! The calls that start an export and wait for it.

use super::new_export::NewExport;
use crate::bulk::wait::{Job, Waiting, wait};
use crate::bulk::{DownloadUrl, start, token::token};
use crate::form::Form;
use crate::rest::{RestBody, RestCall, RestClient};
use crate::settings::Platform;
use http::{Method, StatusCode};
use std::fmt;
use xurrent_runtime::jiff::Timestamp;
use xurrent_runtime::send::HttpResponse;
use xurrent_runtime::transport::BoxFuture;
use xurrent_runtime::{ClientCore, Error, ErrorKind, Result};

const JOB: Job = Job {
    name: "export",
    create: "exports.create",
    progress: "exports.progress",
    advice: "give `from` to export only changes, or start a full export of more than 10,000 records a day later",
};

token! {
    /// An export that has begun: what `Client::export_wait` waits for, also in another process.
    ///
    /// It is a text for the server, and gives nobody access without a token of the API. As a value of `serde` it is a
    /// string.
    ExportToken, "export"
}

/// A call that starts an export. Costs one request. The [module](super) documents when it is retried.
#[must_use = "a call does nothing until it is awaited"]
pub struct ExportCall {
    client: ClientCore,
    /// An invalid export is an error when it is sent.
    call: Result<RestCall>,
}

impl ExportCall {
    /// The call of a client. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, platform: &Platform, export: &NewExport) -> Self {
        let rest = RestClient { core: client.clone(), platform: platform.clone() };
        let call = export.fields().and_then(|fields| {
            let call = RestCall::new(&rest, JOB.create, Method::POST, std::iter::once(JOB.name))?;
            let form = Form::new(fields.iter().map(|(name, value)| (*name, value.as_str())));
            let body = RestBody::Form(form.content_type()?, [form.head, form.tail].concat().into());
            Ok(RestCall { body: Some(body), may_be_empty: true, ..call })
        });
        Self { client: rest.core, call }
    }

    /// Sends the call. None if no record was changed since [`from`](NewExport::from).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`], before the request is sent, for an invalid export or a missing REST endpoint;
    /// [`ErrorKind::Unauthorized`] for a token that is refused or may not export; [`ErrorKind::Status`] for status
    /// 422 with the reason of each parameter in [`Error::errors`]; [`ErrorKind::Decode`] for an invalid response, after
    /// which an export is running.
    pub async fn send(self) -> Result<Option<ExportToken>> {
        let sent: BoxFuture<'_, Result<HttpResponse>> = Box::pin(self.call?.send(&self.client));
        let response = sent.await.map_err(|error| start::failed(&JOB, error))?;
        match response.status {
            StatusCode::NO_CONTENT => Ok(None),
            _ => start::read(&JOB, &response).map(Some),
        }
    }
}

impl fmt::Debug for ExportCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExportCall").field(&JOB.create).finish()
    }
}

xurrent_runtime::impl_call!(ExportCall: Option<ExportToken>, client);

wait! {
    /// A call that waits for an export. Each poll costs one request and is retried like a query.
    ///
    /// It can be dropped and made again: the export goes on. The server forgets it five minutes after its end.
    ExportWait: ExportFile, "export"
}

/// The file of an export.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ExportFile {
    /// Its URL, which gives the file to anyone.
    pub url: DownloadUrl,
    /// When the URL expires: the server says two days.
    pub expires_at: Option<Timestamp>,
}

impl ExportWait {
    /// The call of a client. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, platform: &Platform, token: ExportToken) -> Self {
        Self { waiting: Waiting::new(client, platform, &JOB, token.into()) }
    }

    /// Waits for the end of the export.
    ///
    /// # Errors
    /// [`ErrorKind::JobFailed`] when the export failed, with its [`BulkFailure`](crate::bulk::BulkFailure), and
    /// [`ErrorKind::RateLimited`] when it did because of a limit; [`ErrorKind::Timeout`] when it does not end in
    /// time; [`ErrorKind::Status`] with status 404 when the server does not know the token any more. Otherwise those of
    /// a query.
    pub async fn send(self) -> Result<ExportFile> {
        let waiting: BoxFuture<'_, _> = Box::pin(self.waiting.done());
        let (status, response) = waiting.await?;
        let url = status.url.ok_or_else(|| {
            Error::new(
                ErrorKind::Decode,
                format!("the response to `{}` is done, but has no `url`", JOB.progress),
            )
            .with_request_id(response.request_id.as_deref())
        })?;
        Ok(ExportFile { url, expires_at: status.expires_at })
    }
}

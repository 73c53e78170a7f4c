//! One upload, from its checks to the key of the file.

use super::body::{FormBody, UploadProgress};
use super::file::{Upload, UploadedFile};
use super::storage::{Provider, Storage};
use super::{response, upload_error};
use crate::form::{FileInfo, Form};
use crate::settings::Platform;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Response, Uri};
use http_body::Body as _;
use std::fmt;
use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tracing::debug;
use xurrent_runtime::send::{CallState, Sending, lock, token};
use xurrent_runtime::transport::{BoxFuture, UploadBody, UploadRequest, require_runtime};
use xurrent_runtime::{ClientCore, Error, ErrorKind, Result};

/// The name of uploads in hooks and traces.
pub(crate) const OPERATION: &str = "upload";

/// How many files of a list are uploaded at once.
const CONCURRENT: usize = 4;

/// The upload of one file.
///
/// Costs one request to the storage. Another one asks the API for the storage: every 60 seconds, and when a
/// file with the same name was uploaded since, which would be replaced. A file changes nothing in Xurrent
/// before its key is in an input. So it is retried, by the [`RetryPolicy`](xurrent_runtime::RetryPolicy),
/// whenever the storage was not reached, did not answer or failed (status 429 or 5xx), and once more with a
/// new permission when the storage refuses one that was used before. A reader whose size was declared is sent
/// once.
#[must_use = "a call does nothing until it is awaited"]
pub struct UploadCall {
    client: ClientCore,
    platform: Platform,
    upload: Upload,
}

/// Uploads several files, a few at once, and returns them in the order of the list. The first error ends
/// all of them.
///
/// # Errors
/// Those of [`UploadCall::send`].
pub async fn upload_all(
    client: &ClientCore,
    platform: &Platform,
    uploads: Vec<Upload>,
) -> Result<Vec<UploadedFile>> {
    let calls = uploads.into_iter().enumerate().map(|(place, upload)| {
        let call = UploadCall::new(client, platform, upload).into_future();
        async move { call.await.map(|file| (place, file)) }
    });
    let mut files: Vec<_> = stream::iter(calls).buffer_unordered(CONCURRENT).try_collect().await?;
    files.sort_by_key(|(place, _)| *place);
    Ok(files.into_iter().map(|(_, file)| file).collect())
}

impl UploadCall {
    /// Uploads a file to the attachment storage of the account. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, platform: &Platform, upload: Upload) -> Self {
        Self { client: client.clone(), platform: platform.clone(), upload }
    }

    /// Uploads the file.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when the name or a setting is invalid, before anything is sent.
    /// [`ErrorKind::Upload`] when the file cannot be read, has another size than declared, or is refused by
    /// the rules of the storage, which are checked before it is sent where that is possible, and when there
    /// is no storage that it may be sent to. [`ErrorKind::Status`] or [`ErrorKind::Unauthorized`] when the
    /// storage refuses it, [`ErrorKind::Transport`] or [`ErrorKind::Timeout`] when it does not answer,
    /// [`ErrorKind::Decode`] when its response has no key. The query for the storage has the errors of any
    /// query.
    pub async fn send(self) -> Result<UploadedFile> {
        Box::pin(self.run()).await
    }

    async fn run(self) -> Result<UploadedFile> {
        let Self { client, platform, upload } = self;
        let call = CallState::new(&client, OPERATION, None)?;
        require_runtime()?;
        if upload.stall_timeout.is_zero() {
            return Err(Error::configuration("`stall_timeout` of an upload is zero"));
        }
        let name = upload.checked_name()?.to_owned();
        let content_type = upload.checked_content_type(&name)?;
        let sending = Uploading {
            client: &client,
            platform: &platform,
            upload,
            info: FileInfo { name, content_type, head: 0, tail: 0 },
            size: None,
            storage: None,
            permission: Permission::New,
            is_sent: false,
        };
        call.run(sending).await
    }
}

impl fmt::Debug for UploadCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.upload.fmt(f)
    }
}

xurrent_runtime::impl_call!(UploadCall: UploadedFile, client);

struct Uploading<'c> {
    client: &'c ClientCore,
    platform: &'c Platform,
    upload: Upload,
    info: FileInfo,
    size: Option<u64>,
    /// The storage of the last attempt, unless it refused the file. Whatever is sent there again is the same
    /// file.
    storage: Option<Arc<Storage>>,
    permission: Permission,
    /// Whether the last attempt reached the storage.
    is_sent: bool,
}

/// The permission that the last attempt was made with.
#[derive(Clone, Copy, PartialEq)]
enum Permission {
    /// Handed out for this upload.
    New,
    /// Handed out before.
    Kept,
    /// Handed out before, and refused.
    KeptAndRefused,
    /// Handed out instead of one that was refused.
    Renewed,
}

impl Sending for Uploading<'_> {
    type Output = UploadedFile;

    async fn attempt(&mut self, call: &mut CallState<'_>) -> Result<UploadedFile> {
        self.is_sent = false;
        if self.size.is_none() {
            self.size = self.upload.content.length(self.upload.size, self.upload.stall_timeout).await?;
        }
        let (storage, is_kept) = match self.storage.take() {
            // A permission may expire between two attempts.
            Some(storage) => (storage, true),
            None => self.platform.storages.get(self.client, &self.info.name).await?,
        };
        if is_kept && self.permission == Permission::New {
            self.permission = Permission::Kept;
        }
        storage.check_name(&self.info.name)?;
        let size = match self.size {
            Some(size) => size,
            None => {
                let (limit, stall_timeout) = (storage.size_limit, self.upload.stall_timeout);
                *self.size.insert(self.upload.content.spool(limit, stall_timeout).await?)
            }
        };
        storage.check_size(size)?;
        call.span.record("size", size);
        let result = self.send(&storage, size, call).await;
        let status = result.as_ref().err().and_then(Error::status);
        if status.is_some_and(|status| (400..500).contains(&status) && status != 429) {
            self.platform.storages.forget(&storage);
        } else {
            self.storage = Some(storage);
        }
        let FileInfo { name, content_type, .. } = self.info.clone();
        result.map(|key| UploadedFile { key, size, name, content_type })
    }

    fn is_repeatable(&self) -> bool {
        self.upload.content.is_repeatable()
    }

    fn renew(&mut self, _error: &Error) -> bool {
        let is_refused = self.permission == Permission::KeptAndRefused;
        if is_refused {
            debug!("the storage refuses a permission that was used before");
            self.permission = Permission::Renewed;
        }
        is_refused
    }

    fn may_retry(&self, error: &Error, _call: &CallState<'_>) -> bool {
        match error.status() {
            _ if !self.is_sent => false,
            Some(status) => status == 429 || (500..600).contains(&status),
            None => error.has_no_response(),
        }
    }

    fn timed_out(&self, limit: Duration, _call: &CallState<'_>) -> Error {
        Error::new(ErrorKind::Timeout, format!("not uploaded within the time limit of {limit:?}"))
    }
}

impl Uploading<'_> {
    /// Sends the file, once, and returns its key.
    async fn send(&mut self, storage: &Storage, size: u64, call: &mut CallState<'_>) -> Result<String> {
        let parameters = storage.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let FileInfo { name, content_type, .. } = &self.info;
        let fields = std::iter::once(("Content-Type", content_type.as_str())).chain(parameters);
        let form = Form::with_file(fields, name, content_type);
        let content_type = form.content_type()?;
        let uri = Uri::try_from(storage.uri.as_str())
            .map_err(|error| upload_error("invalid URL of the attachment storage").with_source(error))?;
        self.is_sent = true;
        let permit = match storage.provider {
            Provider::S3 => None,
            Provider::Local => Some(call.acquire().await?),
        };
        let file = self.upload.content.open(self.upload.stall_timeout).await?;
        let info = FileInfo { head: form.head.len(), tail: form.tail.len(), ..self.info.clone() };
        let (body, progress) = FormBody::new(form, file, size, self.upload.progress.clone());
        let length = body.size_hint().exact().unwrap_or_default();
        let mut request = http::Request::new(UploadBody::new(body));
        (*request.method_mut(), *request.uri_mut()) = (Method::POST, uri);
        request.extensions_mut().insert(info);
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        let mut secrets = storage.secrets();
        if let Some(permit) = &permit {
            self.client.sign(headers, permit.signature.clone());
            secrets.extend(headers.get(AUTHORIZATION).map(|header| token(header).to_owned()));
        }
        call.begin();
        let sent = self.client.upload(UploadRequest::new(request, OPERATION));
        let response = watched(Box::pin(sent), &progress, self.upload.stall_timeout).await;
        if let Some(permit) = permit {
            permit.release();
        }
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        // The transport only knows that the body broke off.
        let response = response.map_err(|error| lock(&progress).failure.take().unwrap_or(error));
        let response = response.inspect_err(|_| call.unanswered(None))?;
        if response::is_permission_refused(&response) && self.permission == Permission::Kept {
            self.permission = Permission::KeptAndRefused;
        }
        let request_id = response::request_id(&response, &self.client.api().request_id, &secrets);
        call.responded(response.status(), request_id.as_deref(), None);
        let mut key = response::key(storage, &response, &secrets);
        let mut progress = lock(&progress);
        if response.status().is_success() && !progress.is_whole {
            let early = "the storage answered before it had the whole file";
            key = Err(progress.failure.take().unwrap_or_else(|| Error::new(ErrorKind::Transport, early)));
        }
        key.map_err(|error| error.with_request_id(request_id.as_deref()))
    }
}

/// Cancels a request that has stalled.
pub(crate) async fn watched(
    mut request: BoxFuture<'_, Result<Response<Vec<u8>>>>,
    progress: &Mutex<UploadProgress>,
    stall_timeout: Duration,
) -> Result<Response<Vec<u8>>> {
    let stalls_at = || lock(progress).moved + stall_timeout;
    loop {
        match timeout_at(stalls_at(), &mut request).await {
            Ok(response) => return response,
            Err(_) if stalls_at() > Instant::now() => {}
            Err(_) => {
                let message = format!("the upload stalled for {stall_timeout:?}");
                return Err(Error::new(ErrorKind::Timeout, message));
            }
        }
    }
}

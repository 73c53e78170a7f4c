//! The call that uploads a file and starts its import.

use super::wait::{ImportToken, JOB};
use crate::bulk::start;
use crate::form::{FileInfo, Form};
use crate::rest::{RestCall, RestClient};
use crate::settings::Platform;
use crate::upload::{FormBody, Upload, watched};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Uri};
use http_body::Body as _;
use std::fmt;
use std::time::Duration;
use xurrent_runtime::send::{CallState, HttpResponse, Sending, lock, receive};
use xurrent_runtime::transport::{UploadBody, UploadRequest, require_runtime};
use xurrent_runtime::{ClientCore, Error, ErrorKind, Result, uri};

/// The largest content of a reader whose size was not declared, which is read into a temporary file first.
const MAX_SPOOLED: u64 = 4 << 30;

/// An import, for `Client::import_start`.
///
/// ```
/// use xurrent_platform::Upload;
/// use xurrent_platform::import::NewImport;
///
/// let people = NewImport::new("people", Upload::path("people.csv"));
/// ```
#[derive(Debug)]
#[must_use = "an import does nothing until it is given to a call"]
pub struct NewImport {
    record_type: String,
    file: Upload,
}

impl NewImport {
    /// An import of records of a type, such as `people` or `cis`: see the
    /// [list](https://developer.xurrent.com/v1/import/). The file is CSV or TSV in UTF-8 or UTF-16LE, whose first line
    /// has the names of the columns. It is streamed, and never in memory as a whole unless it was given as bytes.
    pub fn new(record_type: impl Into<String>, file: Upload) -> Self {
        Self { record_type: record_type.into(), file }
    }
}

/// A call that uploads a file and starts its import. Costs one request. The [module](super) documents when it is
/// retried. A reader whose size was declared is sent once.
#[must_use = "a call does nothing until it is awaited"]
pub struct ImportCall {
    client: ClientCore,
    platform: Platform,
    import: NewImport,
}

impl ImportCall {
    /// The call of a client. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, platform: &Platform, import: NewImport) -> Self {
        Self { client: client.clone(), platform: platform.clone(), import }
    }

    /// Sends the file.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`], before anything is sent, for an invalid type or file name or a missing REST
    /// endpoint; [`ErrorKind::Upload`] when the file cannot be read or has another size than declared;
    /// [`ErrorKind::Unauthorized`] for a token that is refused or not an administrator's; [`ErrorKind::Status`] for
    /// status 422 with the reasons in [`Error::errors`]; [`ErrorKind::Decode`] for an invalid response, after which an
    /// import is running.
    pub async fn send(self) -> Result<ImportToken> {
        Box::pin(self.run()).await
    }

    async fn run(self) -> Result<ImportToken> {
        let Self { client, platform, import: NewImport { record_type, file } } = self;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if record_type.is_empty() || !record_type.bytes().all(is_name) {
            let message = format!("the type of the import is {record_type:?}; expected for example `people`");
            return Err(Error::configuration(message));
        }
        if file.stall_timeout.is_zero() {
            return Err(Error::configuration("`stall_timeout` of an import is zero"));
        }
        require_runtime()?;
        let rest = RestClient { core: client.clone(), platform };
        let url = RestCall::new(&rest, JOB.create, Method::POST, std::iter::once(JOB.name))?.url;
        let name = file.checked_name()?.to_owned();
        let content_type = file.checked_content_type(&name)?;
        let info = FileInfo { name, content_type, head: 0, tail: 0 };
        let sending = Starting { client: &client, uri: uri(&url)?, record_type, file, info, is_sent: false };
        let call = CallState::new(&client, JOB.create, Some(true))?;
        let response = call.run(sending).await.map_err(|error| match error.status() {
            Some(403) => error.with_detail("; an import needs the role of account administrator"),
            _ => start::failed(&JOB, error),
        })?;
        start::read(&JOB, &response)
    }
}

impl fmt::Debug for ImportCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.import.fmt(f)
    }
}

xurrent_runtime::impl_call!(ImportCall: ImportToken, client);

struct Starting<'c> {
    client: &'c ClientCore,
    uri: Uri,
    record_type: String,
    file: Upload,
    info: FileInfo,
    /// Whether the last attempt reached the server.
    is_sent: bool,
}

impl Sending for Starting<'_> {
    type Output = HttpResponse;

    async fn attempt(&mut self, call: &mut CallState<'_>) -> Result<HttpResponse> {
        self.is_sent = false;
        let (content, stall_timeout) = (&mut self.file.content, self.file.stall_timeout);
        let size = match content.length(self.file.size, stall_timeout).await? {
            Some(size) => size,
            None => *self.file.size.insert(content.spool(MAX_SPOOLED, stall_timeout).await?),
        };
        call.span.record("size", size);
        let acquired = call.acquire().await?;
        let bytes = self.file.content.open(stall_timeout).await?;
        let form =
            Form::with_file([("type", self.record_type.as_str())], &self.info.name, &self.info.content_type);
        let mut request = http::Request::new(());
        (*request.method_mut(), *request.uri_mut()) = (Method::POST, self.uri.clone());
        let headers = request.headers_mut();
        self.client.sign(headers, acquired.signature.clone());
        headers.insert(CONTENT_TYPE, form.content_type()?);
        headers.extend(self.client.api().call_headers.clone());
        let info = FileInfo { head: form.head.len(), tail: form.tail.len(), ..self.info.clone() };
        request.extensions_mut().insert(info);
        let (body, progress) = FormBody::new(form, bytes, size, self.file.progress.clone());
        let length = HeaderValue::from(body.size_hint().exact().unwrap_or_default());
        request.headers_mut().insert(CONTENT_LENGTH, length);
        let request = request.map(|()| UploadBody::new(body));
        let secrets = self.client.secrets_of(acquired.signature.clone());
        call.begin();
        self.is_sent = true;
        let sent = self.client.upload(UploadRequest::new(request, JOB.create));
        let response = watched(Box::pin(sent), &progress, stall_timeout).await;
        let mut progress = lock(&progress);
        // The transport only knows that the body broke off.
        let response = response.map_err(|error| progress.failure.take().unwrap_or(error));
        let result = receive(self.client, call, acquired, response, false, secrets);
        match result {
            Ok(_) if !progress.is_whole => {
                let early = "the server answered before it had the whole file";
                Err(progress.failure.take().unwrap_or_else(|| Error::new(ErrorKind::Decode, early)))
            }
            // A request that did not end is none.
            Err(error) if !progress.is_whole => Err(error.not_executed()),
            result => result,
        }
    }

    fn is_repeatable(&self) -> bool {
        self.file.content.is_repeatable()
    }

    fn may_retry(&self, error: &Error, _call: &CallState<'_>) -> bool {
        let is_temporary = match error.status() {
            Some(status) => matches!(status, 429 | 502..=504),
            None => error.has_no_response() || error.is_rate_limited(),
        };
        self.is_sent && is_temporary && error.is_not_executed()
    }

    fn timed_out(&self, limit: Duration, _call: &CallState<'_>) -> Error {
        Error::new(ErrorKind::Timeout, format!("not uploaded within the time limit of {limit:?}"))
    }
}

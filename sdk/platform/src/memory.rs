//! A transport in memory that takes uploads: for tests of code that uses the client.

use crate::form::FileInfo;
use crate::upload::{ATTACHMENT_STORAGE, OPERATION};
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::fmt;
use std::sync::{Arc, Mutex};
use xurrent_runtime::send::lock;
use xurrent_runtime::transport::{BoxFuture, DownloadBody, DownloadRequest, Request, UploadRequest};
use xurrent_runtime::{Error, MemoryRequest, Result, Transport};

/// Answers requests with a function of yours, without a socket, and remembers them.
///
/// ```
/// # use xurrent_platform::{MemoryTransport, Xurrent};
/// # use serde_json::json;
/// # mod client { xurrent_runtime::client! { /// A client.
/// # xurrent_platform, xurrent_platform::Xurrent } }
/// # use client::ClientBuilder;
/// let transport = MemoryTransport::new(|request| match request.operation.as_str() {
///     "me" => json!({"data": {"me": null}}),
///     other => json!({"errors": [{"message": format!("no answer for {other}")}]}),
/// });
/// # let builder = ClientBuilder::from(Xurrent { account: Some("test".to_owned()), ..Xurrent::default() });
/// let client = builder
///     .personal_access_token("token")
///     .transport(transport.clone())
///     .build()?;
/// // ... call your code with the client ...
/// assert!(transport.requests().is_empty());
/// # Ok::<(), xurrent_runtime::Error>(())
/// ```
#[derive(Clone)]
pub struct MemoryTransport {
    inner: xurrent_runtime::MemoryTransport,
    /// None if it takes no uploads.
    uploads: Arc<Mutex<Option<Vec<MemoryUpload>>>>,
}

/// A file as the attachment storage would have seen it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryUpload {
    /// The key that it was given: `uploads/<number>/<name>`, the first number being 1.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its content type.
    pub content_type: String,
    /// Its content.
    pub content: Bytes,
}

impl MemoryTransport {
    /// `answer` returns the whole response, `{"data": ..}` or `{"errors": ..}`. Operations are named as by
    /// the client; `asyncResult` is a result that is fetched later, and names such as `webhooksApi.create`
    /// are of the REST interface. For `download`, it returns a string with the content of the file.
    pub fn new(answer: impl Fn(&MemoryRequest) -> Value + Send + Sync + 'static) -> Self {
        let uploads = Arc::<Mutex<Option<_>>>::default();
        let shared = Arc::clone(&uploads);
        let inner = xurrent_runtime::MemoryTransport::new(move |request| {
            match request.operation == ATTACHMENT_STORAGE.name && lock(&shared).is_some() {
                true => storage(),
                false => answer(request),
            }
        });
        Self { inner, uploads }
    }

    /// Takes uploads of files of any kind and size, and keeps them. It answers the query
    /// `attachmentStorage` by itself then.
    #[must_use]
    pub fn take_uploads(self) -> Self {
        lock(&self.uploads).get_or_insert_default();
        self
    }

    /// The files that were uploaded so far.
    pub fn uploads(&self) -> Vec<MemoryUpload> {
        lock(&self.uploads).clone().unwrap_or_default()
    }

    /// The requests so far, in the order in which they were sent.
    pub fn requests(&self) -> Vec<MemoryRequest> {
        self.inner.requests()
    }

    async fn take(&self, request: UploadRequest) -> Result<Response<Vec<u8>>> {
        let info = request.http.extensions().get::<FileInfo>().cloned();
        let info = info.ok_or_else(|| Error::configuration("the request uploads no file"))?;
        let form = request.http.into_body().collect().await.map_err(Error::no_response)?.to_bytes();
        let content = form.slice(info.head..form.len() - info.tail);
        let mut uploads = lock(&self.uploads);
        let files = uploads.get_or_insert_default();
        let key = format!("uploads/{}/{}", files.len() + 1, info.name);
        let escaped = key.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        files.push(MemoryUpload { key, name: info.name, content_type: info.content_type, content });
        let mut response =
            Response::new(format!("<PostResponse><Key>{escaped}</Key></PostResponse>").into_bytes());
        *response.status_mut() = StatusCode::CREATED;
        Ok(response)
    }
}

fn storage() -> Value {
    json!({"data": {"attachmentStorage": {
        "uploadUri": "https://storage.invalid/",
        "provider": "s3",
        "providerParameters": {},
        "sizeLimit": i64::MAX,
        "allowedExtensions": [],
    }}})
}

impl Transport for MemoryTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        self.inner.send(request)
    }

    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        if request.operation != OPERATION {
            // The file of an import.
            return self.inner.upload(request);
        }
        if lock(&self.uploads).is_some() {
            return Box::pin(self.take(request));
        }
        let message = "this transport takes no uploads: call `.take_uploads()`";
        Box::pin(async move { Err(Error::configuration(message)) })
    }

    fn download(&self, request: DownloadRequest) -> BoxFuture<'_, Result<Response<DownloadBody>>> {
        self.inner.download(request)
    }

    fn reaches_server(&self) -> bool {
        false
    }
}

impl fmt::Debug for MemoryTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

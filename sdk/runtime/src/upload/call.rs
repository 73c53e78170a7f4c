//! One upload from its checks to the key: attempts, and what is told about them.

use super::body::{Course, UploadBody};
use super::form::Form;
use super::storage::{Provider, Storage};
use super::{Upload, UploadedFile, answer};
use crate::attempts::{Attempts, pause};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::Tried;
use crate::retry::RetryPolicy;
use crate::session::Turn;
use crate::transport::{BoxFuture, UploadRequest, require_runtime};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Response, Uri};
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{Instrument, Span, debug, field::Empty, info_span};

/// What hooks and traces call it.
pub(crate) const UPLOAD: &str = "upload";

/// How many files of a list are uploaded at once.
const AT_ONCE: usize = 4;

/// The upload of one file.
///
/// Costs one request for where the files of the account go, which is asked every 60 seconds, or when a
/// file with the same name has gone there since and would be replaced, and one to the storage. Until its key is in an input a file changes nothing in Xurrent. So it is
/// sent again, by the [`RetryPolicy`], whenever the storage was not reached, did not answer or failed
/// (status 429 or 5xx), and once more with a new permission when the storage refuses one that was
/// kept; a reader of which the size was given is sent once.
#[must_use = "a call does nothing until it is awaited"]
pub struct UploadCall {
    client: Client,
    upload: Upload,
}

impl Client {
    /// Uploads a file to the account's attachment storage.
    pub fn upload(&self, upload: Upload) -> UploadCall {
        UploadCall { client: self.clone(), upload }
    }

    /// Uploads several files, a few at once, and gives them in the order of the list. The first error
    /// ends all of them. The facade calls this.
    ///
    /// # Errors
    /// Those of [`upload`](Self::upload).
    #[doc(hidden)]
    pub async fn upload_all(&self, uploads: Vec<Upload>) -> Result<Vec<UploadedFile>> {
        let mut waiting = uploads.into_iter().enumerate();
        let mut running = JoinSet::new();
        let mut files = Vec::new();
        loop {
            while running.len() < AT_ONCE
                && let Some((place, upload)) = waiting.next()
            {
                let call = self.upload(upload);
                running.spawn(async move { (place, call.await) });
            }
            let Some(done) = running.join_next().await else { break };
            let (place, file) = done
                .map_err(|error| Error::new(ErrorKind::Upload, "an upload broke off").with_source(error))?;
            files.push((place, file?));
        }
        files.sort_by_key(|(place, _)| *place);
        Ok(files.into_iter().map(|(_, file)| file).collect())
    }
}

impl UploadCall {
    /// When the file is sent again, in place of the client's policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.client.retry = policy;
        self
    }

    /// Uploads the file.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when the name or a setting cannot be used, before anything is sent.
    /// [`ErrorKind::Upload`] when the file cannot be read, is not as large as was said, or is none that
    /// the storage takes, which is found before it is sent where that is possible, and when there is no
    /// storage that it may be sent to. [`ErrorKind::Status`] or [`ErrorKind::Unauthorized`] when the
    /// storage refuses it, [`ErrorKind::Transport`] or [`ErrorKind::Timeout`] when it does not answer,
    /// [`ErrorKind::Decode`] when its answer has no key. Asking for the storage has the errors of a query.
    pub async fn send(self) -> Result<UploadedFile> {
        self.into_future().await
    }

    async fn run(self) -> Result<UploadedFile> {
        let Self { client, upload } = self;
        let policy = client.retry;
        policy.check()?;
        require_runtime()?;
        upload.check_stall_timeout()?;
        let name = upload.checked_name()?.to_owned();
        let content_type = upload.checked_content_type(&name)?;
        let account = client.session.account();
        let span = info_span!(
            "xurrent",
            operation = UPLOAD,
            account,
            attempts = Empty,
            status = Empty,
            request_id = Empty,
            size = Empty
        );
        let mut course = Sending {
            client: &client,
            attempts: Attempts::new(policy),
            span: span.clone(),
            upload,
            name,
            content_type,
            tried: Tried::default(),
            is_permission_refused: false,
            signed: None,
        };
        let run = course.run().instrument(span.clone());
        let result = match policy.time_limit {
            None => run.await,
            Some(limit) => timeout(limit, run).await.unwrap_or_else(|_| {
                let message = format!("not uploaded within the time limit of {limit:?}");
                Err(Error::new(ErrorKind::Timeout, message))
            }),
        };
        span.record("attempts", course.attempts.len());
        // One of several attempts may have stored the file.
        let result =
            result.map_err(|error| if course.attempts.len() > 1 { error.maybe_executed() } else { error });
        // An error of asking for the storage has attempts of its own.
        result.map_err(|error| match error.attempts().is_empty() {
            true => error.with_attempts(course.attempts.to_vec()),
            false => error,
        })
    }
}

impl fmt::Debug for UploadCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.upload.fmt(f)
    }
}

impl IntoFuture for UploadCall {
    type Output = Result<UploadedFile>;
    type IntoFuture = BoxFuture<'static, Result<UploadedFile>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// What happened to an upload so far.
struct Sending<'c> {
    client: &'c Client,
    attempts: Attempts,
    span: Span,
    upload: Upload,
    name: String,
    content_type: String,
    tried: Tried,
    /// Whether the storage refuses its permission in the last answer.
    is_permission_refused: bool,
    /// The token of the last request, and how it was signed with it.
    signed: Option<(usize, HeaderValue)>,
}

impl Sending<'_> {
    async fn run(&mut self) -> Result<UploadedFile> {
        let storages = &self.client.session.storages;
        let said = self.upload.size;
        let mut size = self.upload.content.length(said, self.upload.stall_timeout).await?;
        let (mut renewed_permission, mut renewed_token) = (false, false);
        // What goes there again is the same file.
        let mut last: Option<Arc<Storage>> = None;
        loop {
            let (storage, was_kept) = match last.take() {
                // A permission may end between two attempts.
                Some(storage) => (storage, true),
                None => storages.get(self.client, &self.name).await?,
            };
            storage.check_name(&self.name)?;
            let size = match size {
                Some(size) => size,
                None => *size.insert(self.spool(&storage).await?),
            };
            storage.check_size(size)?;
            self.span.record("size", size);
            let repeatable = self.upload.content.is_repeatable();
            let error = match self.attempt(&storage, size).await {
                Ok(key) => {
                    let (name, content_type) = (self.name.clone(), self.content_type.clone());
                    return Ok(UploadedFile { key, size, name, content_type });
                }
                Err(error) => error,
            };
            let refused = error.status().is_some_and(|status| (400..500).contains(&status) && status != 429);
            if refused {
                storages.forget(&storage);
            } else {
                last = Some(Arc::clone(&storage));
            }
            if self.is_permission_refused && was_kept && repeatable && !renewed_permission {
                renewed_permission = true;
                self.attempts.uncount();
                debug!("a permission that was used before is refused");
                continue;
            }
            if error.kind() == ErrorKind::Unauthorized
                && repeatable
                && !renewed_token
                && let Some((token, signature)) = &self.signed
                && self.client.session.pool.refused(*token, signature, &mut self.tried)
            {
                renewed_token = true;
                self.attempts.uncount();
                continue;
            }
            self.go_on(error, repeatable).await?;
        }
    }

    /// Finds out how much a reader holds.
    async fn spool(&mut self, storage: &Storage) -> Result<u64> {
        self.upload.content.spool(storage.size_limit, self.upload.stall_timeout).await
    }

    /// Sends the file, once, and gives its key.
    async fn attempt(&mut self, storage: &Arc<Storage>, size: u64) -> Result<String> {
        let form = Form::new(&storage.parameters, &self.name, &self.content_type);
        let content_type = format!("multipart/form-data; boundary={}", form.boundary);
        let content_type = HeaderValue::try_from(content_type)
            .map_err(|error| Error::configuration("no boundary for a form").with_source(error))?;
        let uri = Uri::try_from(storage.uri.as_str()).map_err(|error| {
            Error::new(ErrorKind::Upload, "nothing can be sent to the attachment storage").with_source(error)
        })?;
        (self.signed, self.is_permission_refused) = (None, false);
        // A token that cannot be had counts as well, or it would be asked for without an end.
        self.attempts.begin();
        let slot = match storage.provider {
            Provider::S3 => None,
            Provider::Local => {
                let turn = self.client.session.turn(&mut self.tried, &mut self.attempts.patience).await;
                let Turn { token, slot, signature } = turn.map_err(|(_, error)| error)?;
                self.signed = Some((token, signature));
                Some(slot)
            }
        };
        let course = Course::begin();
        let file = self.upload.content.open(self.upload.stall_timeout).await?;
        let body = UploadBody::new(form, file, size, self.upload.progress.clone(), Arc::clone(&course));
        let length = body.length();
        let mut request = http::Request::new(body);
        (*request.method_mut(), *request.uri_mut()) = (Method::POST, uri);
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        if let Some((_, signature)) = &self.signed {
            self.client.session.sign(headers, signature.clone());
        }
        let sent = self.client.session.upload(UploadRequest::new(request));
        let answer = watched(sent, &course, self.upload.stall_timeout).await;
        if let Some(slot) = slot {
            slot.answered();
        }
        let mut secrets = storage.secrets();
        secrets.extend(self.signed.as_ref().map(|(_, signature)| crate::auth::token(signature).to_owned()));
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        // What carried the body knows at most that it broke off.
        let answer = answer.map_err(|error| course.failure().unwrap_or(error)).inspect_err(|_| {
            debug!(attempt = self.attempts.len(), "no answer");
        })?;
        self.is_permission_refused = answer::is_permission_refused(&answer);
        let request_id = answer::request_id(&answer, &secrets);
        self.end(&answer, request_id.as_deref());
        self.accepted(storage, &answer, &course, &secrets)
            .map_err(|error| error.with_request_id(request_id.as_deref()))
    }

    /// The key, if the storage has taken the file, and all of it.
    fn accepted(
        &self,
        storage: &Storage,
        answer: &Response<Vec<u8>>,
        course: &Course,
        secrets: &[&str],
    ) -> Result<String> {
        let key = answer::key(storage, answer, secrets);
        if answer.status().is_success() && !course.is_whole() {
            let early =
                || Error::new(ErrorKind::Transport, "the storage answered before it had the whole file");
            return Err(course.failure().unwrap_or_else(early));
        }
        key
    }

    /// Returns when the file is to be sent again, or the error when it is not.
    async fn go_on(&mut self, error: Error, repeatable: bool) -> Result<()> {
        let may_repeat = match error.status() {
            Some(status) => status == 429 || (500..600).contains(&status),
            None => error.has_no_response(),
        };
        if !may_repeat || !repeatable || !self.attempts.are_left() {
            return Err(error);
        }
        let wait = pause(&error, self.attempts.counted());
        self.attempts.wait(error, wait).await
    }

    fn end(&mut self, answer: &Response<Vec<u8>>, request_id: Option<&str>) {
        let status = answer.status().as_u16();
        self.span.record("status", status).record("request_id", request_id);
        debug!(attempt = self.attempts.len(), status, request_id, "answered");
        self.attempts.end(Some(status), request_id);
    }
}

/// Gives an exchange up when nothing has moved for too long.
async fn watched(
    mut exchange: BoxFuture<'_, Result<Response<Vec<u8>>>>,
    course: &Course,
    patience: Duration,
) -> Result<Response<Vec<u8>>> {
    loop {
        match timeout_at(course.moved() + patience, &mut exchange).await {
            Ok(answer) => return answer,
            Err(_) if course.moved() + patience > Instant::now() => {}
            Err(_) => {
                let message = format!("nothing moved between the file and the storage for {patience:?}");
                return Err(Error::new(ErrorKind::Timeout, message));
            }
        }
    }
}

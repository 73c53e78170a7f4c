//! The attempts of a download.

use super::resume::{Place, Seen, ask, place};
use super::settings::Download;
use super::sink::{Sink, not_written};
use super::{OPERATION, download_error};
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::header::{ACCEPT_ENCODING, HeaderValue};
use http::{Response, StatusCode, Uri};
use std::time::Duration;
use tokio::time::timeout;
use xurrent_runtime::send::{CallState, Secrets, Sending, retry_after};
use xurrent_runtime::transport::{DownloadBody, DownloadRequest};
use xurrent_runtime::{Error, ErrorKind, Result};

pub(super) struct Downloading<'d, S> {
    download: &'d Download,
    uri: &'d Uri,
    sink: &'d mut S,
    /// How many bytes the sink has.
    received: u64,
    /// The file, from the last response.
    seen: Option<Seen>,
}

impl<'d, S: Sink> Downloading<'d, S> {
    pub(super) fn new(download: &'d Download, uri: &'d Uri, sink: &'d mut S) -> Self {
        Self { download, uri, sink, received: 0, seen: None }
    }
}

impl<S: Sink> Sending for Downloading<'_, S> {
    type Output = u64;

    async fn attempt(&mut self, call: &mut CallState<'_>) -> Result<u64> {
        let mut request = http::Request::new(());
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        // A part of a compressed file could not be continued.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        ask(headers, self.seen.as_ref(), self.received);
        call.begin();
        let sent = self.download.client.download(DownloadRequest::new(request, OPERATION));
        let response = match timeout(self.download.stall_timeout, sent).await {
            Ok(response) => response,
            Err(_) => Err(self.stalled()),
        };
        let response = response.inspect_err(|_| call.unanswered(None))?;
        let secrets = Secrets::of_url(self.uri, None);
        let request_id = self.download.client.request_id(response.headers(), &secrets);
        call.responded(response.status(), request_id.as_deref(), None);
        let result = self.receive(response).await;
        call.span.record("size", self.received);
        result.map_err(|error| error.with_request_id(request_id.as_deref()))
    }

    fn may_retry(&self, error: &Error, _call: &CallState<'_>) -> bool {
        match error.status() {
            Some(status) => status == 416 || status == 429 || (500..600).contains(&status),
            None => error.has_no_response(),
        }
    }

    fn timed_out(&self, limit: Duration, _call: &CallState<'_>) -> Error {
        Error::new(ErrorKind::Timeout, format!("not downloaded within the time limit of {limit:?}"))
    }
}

impl<S: Sink> Downloading<'_, S> {
    fn stalled(&self) -> Error {
        let limit = self.download.stall_timeout;
        Error::new(ErrorKind::Timeout, format!("the download stalled for {limit:?}"))
    }

    /// Writes what a response adds to the file. Returns the size of the complete file.
    async fn receive(&mut self, response: Response<DownloadBody>) -> Result<u64> {
        let status = response.status();
        if !matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
            if status == StatusCode::RANGE_NOT_SATISFIABLE {
                // The file is another one.
                self.restart().await?;
            }
            return Err(refused(status).with_retry_after(retry_after(response.headers())));
        }
        let (place, seen) = place(&response, self.seen.as_ref(), self.received)?;
        let mut skipped = 0;
        match place {
            Place::Next => {}
            Place::Other => self.restart().await?,
            Place::Again => skipped = self.received,
        }
        let size = seen.size;
        self.seen = Some(seen);
        if let Some(size) = size {
            self.check_size(size)?;
        }
        self.report(size);
        let mut body = response.into_body();
        loop {
            let next = timeout(self.download.stall_timeout, body.next()).await.map_err(|_| self.stalled())?;
            let Some(chunk) = next.transpose()? else { break };
            self.take(chunk, &mut skipped, size).await?;
        }
        if skipped == 0 && size.is_none_or(|size| size == self.received) {
            return Ok(self.received);
        }
        let (got, all) = (self.received - skipped, size.unwrap_or(self.received));
        Err(Error::new(ErrorKind::Transport, format!("the file broke off after {got} of {all} bytes")))
    }

    /// Writes a chunk, without the bytes at its beginning that the sink has.
    async fn take(&mut self, mut chunk: Bytes, skipped: &mut u64, size: Option<u64>) -> Result<()> {
        let known = usize::try_from(*skipped).unwrap_or(usize::MAX).min(chunk.len());
        *skipped -= known as u64;
        let chunk = chunk.split_off(known);
        let received = self.received + chunk.len() as u64;
        self.check_size(received)?;
        if let Some(size) = size.filter(|size| received > *size) {
            return Err(download_error(format!(
                "the file has more than the {size} bytes that the server announced"
            )));
        }
        self.sink.write(&chunk).await.map_err(not_written)?;
        self.received = received;
        self.report(size);
        Ok(())
    }

    async fn restart(&mut self) -> Result<()> {
        if !self.sink.restart().await.map_err(not_written)? {
            let received = self.received;
            return Err(download_error(format!(
                "the download was cut off after {received} bytes and cannot go on: the server sends the whole file \
                 again, and the writer has its beginning; download to a file"
            )));
        }
        (self.received, self.seen) = (0, None);
        Ok(())
    }

    fn check_size(&self, size: u64) -> Result<()> {
        let limit = self.download.max_size;
        match size > limit {
            true => Err(download_error(format!("the file has more than {limit} bytes: raise `max_size`"))),
            false => Ok(()),
        }
    }

    fn report(&self, size: Option<u64>) {
        if let Some(progress) = &self.download.progress {
            progress(self.received, size);
        }
    }
}

fn refused(status: StatusCode) -> Error {
    let advice = match status {
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => ": the URL may have expired",
        _ if status.is_redirection() => ": redirects are not followed",
        _ => "",
    };
    let message = format!("the server of the file answered {status}{advice}");
    Error::new(ErrorKind::Status, message).with_status(status.as_u16())
}

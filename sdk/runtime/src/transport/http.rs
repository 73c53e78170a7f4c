//! Over HTTP.

use super::{BoxFuture, Request, Transport, UploadRequest};
use crate::error::{Error, ErrorKind, Result};
use std::time::Duration;

/// Request identifier of an answer.
pub(crate) static REQUEST_ID: ::http::HeaderName = ::http::HeaderName::from_static("x-request-id");

/// No storage has more to say.
const MAX_UPLOAD_ANSWER: usize = 1 << 20;

/// The transport of a client that was given no other.
pub(crate) struct Http(reqwest::Client);

impl Http {
    pub(crate) fn new() -> Result<Self> {
        reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            // A redirect would send the token to an address that nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("xurrent-rust/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
            .map_err(|error| Error::configuration("the HTTP client cannot be built").with_source(error))
    }

    async fn exchange(&self, request: Request) -> Result<::http::Response<Vec<u8>>> {
        let host = request.http.uri().host().unwrap_or_default().to_owned();
        let unreachable = |error| unreachable(&host, error);
        let mut sent = reqwest::Request::try_from(request.http).map_err(unreachable)?;
        *sent.timeout_mut() = Some(request.timeout);
        let mut response = self.0.execute(sent).await.map_err(unreachable)?;
        let mut answer = ::http::Response::new(Vec::new());
        *answer.status_mut() = response.status();
        std::mem::swap(answer.headers_mut(), response.headers_mut());
        let request_id = answer.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
        let body = response.bytes().await;
        let body = body.map_err(|error| unreachable(error).with_request_id(request_id.as_deref()))?;
        *answer.body_mut() = body.into();
        Ok(answer)
    }

    async fn upload(&self, request: UploadRequest) -> Result<::http::Response<Vec<u8>>> {
        let host = request.http.uri().host().unwrap_or_default().to_owned();
        let unreachable = |error| unreachable(&host, error);
        let request = request.http.map(reqwest::Body::wrap);
        let sent = reqwest::Request::try_from(request).map_err(unreachable)?;
        let mut response = self.0.execute(sent).await.map_err(unreachable)?;
        let mut answer = ::http::Response::new(Vec::new());
        *answer.status_mut() = response.status();
        std::mem::swap(answer.headers_mut(), response.headers_mut());
        while let Some(piece) = response.chunk().await.map_err(unreachable)? {
            if answer.body().len() + piece.len() > MAX_UPLOAD_ANSWER {
                let message = format!("{host} answered with more than {MAX_UPLOAD_ANSWER} bytes");
                return Err(Error::new(ErrorKind::Transport, message));
            }
            answer.body_mut().extend_from_slice(&piece);
        }
        Ok(answer)
    }
}

fn unreachable(host: &str, error: reqwest::Error) -> Error {
    let what = if error.is_timeout() { "did not answer in time" } else { "cannot be reached" };
    let unsent = error.is_connect();
    let error = Error::new(ErrorKind::Transport, format!("{host} {what}")).with_source(error.without_url());
    if unsent { error.before_sending() } else { error }
}

impl Transport for Http {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<::http::Response<Vec<u8>>>> {
        Box::pin(self.exchange(request))
    }

    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<::http::Response<Vec<u8>>>> {
        Box::pin(self.upload(request))
    }
}

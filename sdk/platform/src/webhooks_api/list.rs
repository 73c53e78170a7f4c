//! Lists of webhooks, paginated.

use super::webhook::RestWebhook;
use crate::rest::{RestCall, RestClient, json, next_page};
use futures_core::Stream;
use http::Method;
use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec::IntoIter;
use url::Url;
use xurrent_runtime::send::{ExpectedBody, HttpResponse};
use xurrent_runtime::transport::BoxFuture;
use xurrent_runtime::{DEFAULT_MAX_REQUESTS, Error, ErrorKind, Result, RetryPolicy};

const OPERATION: &str = "webhooksApi.list";

/// The largest page of the REST interface.
const MAX_PAGE_SIZE: usize = 100;

/// A list of webhooks. [`stream`](Self::stream) or [`all`](Self::all) fetch it.
#[derive(Debug, Clone)]
#[must_use = "a list does nothing until `stream` or `all` is called"]
pub struct WebhookList {
    client: RestClient,
    filter: Option<&'static str>,
    page_size: usize,
}

impl WebhookList {
    pub(super) fn new(client: RestClient) -> Self {
        Self { client, filter: None, page_size: MAX_PAGE_SIZE }
    }

    /// Only enabled ones.
    pub fn enabled(mut self) -> Self {
        self.filter = Some("enabled");
        self
    }

    /// Only disabled ones, by administrators or by Xurrent.
    pub fn disabled(mut self) -> Self {
        self.filter = Some("disabled");
        self
    }

    /// How many a request fetches: 1 to 100, which is the default.
    pub fn page_size(mut self, size: usize) -> Self {
        self.page_size = size;
        self
    }

    /// When the request of a page is retried, instead of the client's policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.client.core.set_retry(policy);
        self
    }

    /// Streams the webhooks. Sends one request for each page when it is polled. Fetch [`all`](Self::all)
    /// before you enable, disable or delete webhooks of a list: the pages of the server would shift.
    pub fn stream(self) -> WebhookStream {
        let next = match self.first_page() {
            Ok(url) => Next::Page(url),
            Err(error) => Next::Failed(error),
        };
        WebhookStream { client: self.client, next, buffer: Vec::new().into_iter(), fetched: HashSet::new() }
    }

    /// Fetches all webhooks, in the order of the server.
    ///
    /// # Errors
    /// Those of [`WebhookStream::try_next`].
    pub async fn all(self) -> Result<Vec<RestWebhook>> {
        let (mut stream, mut webhooks) = (self.stream(), Vec::new());
        while let Some(webhook) = stream.try_next().await? {
            webhooks.push(webhook);
        }
        Ok(webhooks)
    }

    fn first_page(&self) -> Result<Url> {
        if !(1..=MAX_PAGE_SIZE).contains(&self.page_size) {
            let message = format!("invalid page size {}; expected 1 to {MAX_PAGE_SIZE}", self.page_size);
            return Err(Error::configuration(message));
        }
        let path: Vec<&str> = ["webhooks"].into_iter().chain(self.filter).collect();
        let mut url = self.client.url(&path)?;
        url.query_pairs_mut().append_pair("per_page", &self.page_size.to_string());
        Ok(url)
    }
}

/// A stream of webhooks, in the order of the server. `try_next` needs no trait in scope.
pub struct WebhookStream {
    client: RestClient,
    next: Next,
    buffer: IntoIter<RestWebhook>,
    /// The pages that were fetched, to detect a pagination loop.
    fetched: HashSet<Url>,
}

enum Next {
    /// The next page is at this URL.
    Page(Url),
    Fetching(Url, BoxFuture<'static, Result<HttpResponse>>),
    Failed(Error),
    Done,
}

impl WebhookStream {
    /// The next webhook, or none after the last. A cancelled call loses nothing.
    ///
    /// # Errors
    /// Those of [`WebhooksApi`](super::WebhooksApi), and
    /// [`ErrorKind::Pagination`](xurrent_runtime::ErrorKind::Pagination) when the next page is not of the same
    /// list on the same server, or was fetched before. The stream ends with the first error.
    pub async fn try_next(&mut self) -> Result<Option<RestWebhook>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    fn fetch(&self, url: Url) -> BoxFuture<'static, Result<HttpResponse>> {
        let call = RestCall {
            client: self.client.core.clone(),
            operation: OPERATION,
            method: Method::GET,
            url,
            body: None,
            expected: ExpectedBody::Json,
            secrets: Vec::new(),
        };
        Box::pin(call.send())
    }

    /// Reads a page and the URL of the next one.
    fn read(&mut self, url: Url, response: &HttpResponse) -> Result<()> {
        self.buffer = json::<Vec<RestWebhook>>(response, OPERATION)?.into_iter();
        let Some(next) = next_page(&response.headers, &url, &response.secrets)
            .map_err(|error| error.with_request_id(response.request_id.as_deref()))?
        else {
            return Ok(());
        };
        self.fetched.insert(url);
        let failed = |message: String| {
            Err(Error::new(ErrorKind::Pagination, message).with_request_id(response.request_id.as_deref()))
        };
        if self.fetched.contains(&next) {
            return failed("pagination loop: the next page of webhooks was fetched before".to_owned());
        }
        if self.fetched.len() >= DEFAULT_MAX_REQUESTS {
            return failed(format!("the webhooks have more than {DEFAULT_MAX_REQUESTS} pages"));
        }
        self.next = Next::Page(next);
        Ok(())
    }
}

impl Stream for WebhookStream {
    type Item = Result<RestWebhook>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(webhook) = self.buffer.next() {
                return Poll::Ready(Some(Ok(webhook)));
            }
            match &mut self.next {
                Next::Page(url) => {
                    let url = url.clone();
                    let fetch = self.fetch(url.clone());
                    self.next = Next::Fetching(url, fetch);
                }
                Next::Fetching(url, fetch) => {
                    let response = ready!(fetch.as_mut().poll(context));
                    let url = url.clone();
                    self.next = Next::Done;
                    if let Err(error) = response.and_then(|response| self.read(url, &response)) {
                        self.next = Next::Failed(error);
                    }
                }
                Next::Failed(_) => {
                    if let Next::Failed(error) = std::mem::replace(&mut self.next, Next::Done) {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Next::Done => return Poll::Ready(None),
            }
        }
    }
}

impl Unpin for WebhookStream {}

impl fmt::Debug for WebhookStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookStream")
    }
}

//! Lists of webhooks, page by page.

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
use xurrent_runtime::{DEFAULT_MAX_REQUESTS, Error, ErrorKind, MAX_PAGE_SIZE, Result, RetryPolicy};

const OPERATION: &str = "webhooksApi.list";

/// Which webhooks are wanted. It ends in [`stream`](Self::stream) or [`all`](Self::all).
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

    /// Only those that are on.
    pub fn enabled(mut self) -> Self {
        self.filter = Some("enabled");
        self
    }

    /// Only those that are off, whoever has switched them off.
    pub fn disabled(mut self) -> Self {
        self.filter = Some("disabled");
        self
    }

    /// How many come with one request: 1 to 100, which is the default.
    pub fn page_size(mut self, size: usize) -> Self {
        self.page_size = size;
        self
    }

    /// When a page is asked for again, in place of the client's policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.client.core.set_retry(policy);
        self
    }

    /// The webhooks one by one. Sends nothing before it is polled, and then one request for each page,
    /// when it is needed. Whoever enables, disables or removes webhooks of a list should have
    /// [`all`](Self::all) of it first: a server that counts pages would pass over others.
    pub fn stream(self) -> WebhookStream {
        let next = match self.first_page() {
            Ok(url) => Next::Page(url),
            Err(error) => Next::Failed(error),
        };
        WebhookStream { client: self.client, next, buffer: Vec::new().into_iter(), followed: HashSet::new() }
    }

    /// All of them at once, in the order of the server.
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
            let message = format!("a page has 1 to {MAX_PAGE_SIZE} webhooks, not {}", self.page_size);
            return Err(Error::configuration(message));
        }
        let path: Vec<&str> = ["webhooks"].into_iter().chain(self.filter).collect();
        let mut url = self.client.url(&path)?;
        url.query_pairs_mut().append_pair("per_page", &self.page_size.to_string());
        Ok(url)
    }
}

/// Webhooks one by one, in the order of the server. `try_next` needs no trait in scope.
pub struct WebhookStream {
    client: RestClient,
    next: Next,
    buffer: IntoIter<RestWebhook>,
    /// The pages that were asked for: one that comes back means that they run in a circle.
    followed: HashSet<Url>,
}

enum Next {
    /// The next page is here.
    Page(Url),
    Fetching(Url, BoxFuture<'static, Result<HttpResponse>>),
    Failed(Error),
    Done,
}

impl WebhookStream {
    /// The next webhook, or nothing after the last. One that is given up can be called again: nothing
    /// is lost.
    ///
    /// # Errors
    /// Those of [`WebhooksApi`](super::WebhooksApi), and
    /// [`ErrorKind::Pagination`](xurrent_runtime::ErrorKind::Pagination) when the server names a next page that is
    /// not of the same list on the same server, or one that was there before. The stream ends with the
    /// first one.
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

    /// Takes over a page and finds the next one.
    fn turn(&mut self, url: Url, answer: &HttpResponse) -> Result<()> {
        self.buffer = json::<Vec<RestWebhook>>(answer, OPERATION)?.into_iter();
        let Some(next) = next_page(&answer.headers, &url, &answer.secrets)
            .map_err(|error| error.with_request_id(answer.request_id.as_deref()))?
        else {
            return Ok(());
        };
        self.followed.insert(url);
        let failed = |message: String| {
            Err(Error::new(ErrorKind::Pagination, message).with_request_id(answer.request_id.as_deref()))
        };
        if self.followed.contains(&next) {
            return failed("a page of webhooks names one as the next that was there before".to_owned());
        }
        if self.followed.len() >= DEFAULT_MAX_REQUESTS {
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
                    let answer = ready!(fetch.as_mut().poll(context));
                    let url = url.clone();
                    self.next = Next::Done;
                    if let Err(error) = answer.and_then(|answer| self.turn(url, &answer)) {
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

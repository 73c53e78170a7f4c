//! Lists of webhooks, paginated.

use super::webhook::RestWebhook;
use crate::rest::{RestCall, RestClient, json, next_page};
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _, TryStreamExt as _};
use http::Method;
use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use url::Url;
use xurrent_runtime::send::HttpResponse;
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
        self.client.core.retry = policy;
        self
    }

    /// Streams the webhooks. Sends one request for each page when it is polled. Fetch [`all`](Self::all)
    /// before you enable, disable or delete webhooks of a list: the pages of the server would shift.
    pub fn stream(self) -> WebhookStream {
        let state = (self.client.core.clone(), Some(self.first_page()), HashSet::new());
        let pages = stream::try_unfold(state, |(client, page, mut fetched)| async move {
            let Some(page) = page else { return Ok(None) };
            let page: RestCall = page?;
            let response = page.clone().send(&client).await?;
            let webhooks: Vec<RestWebhook> = json(&response, OPERATION)?;
            let next = page_after(page, &response, &mut fetched)
                .map_err(|error| error.with_request_id(response.request_id.as_deref()));
            Ok(Some((webhooks, (client, next.transpose(), fetched))))
        });
        WebhookStream(pages.map_ok(|page| stream::iter(page.into_iter().map(Ok))).try_flatten().boxed())
    }

    /// Fetches all webhooks, in the order of the server.
    ///
    /// # Errors
    /// Those of [`WebhookStream::try_next`].
    pub async fn all(self) -> Result<Vec<RestWebhook>> {
        self.stream().0.try_collect().await
    }

    fn first_page(&self) -> Result<RestCall> {
        if !(1..=MAX_PAGE_SIZE).contains(&self.page_size) {
            let message = format!("invalid page size {}; expected 1 to {MAX_PAGE_SIZE}", self.page_size);
            return Err(Error::configuration(message));
        }
        let path = ["webhooks"].into_iter().chain(self.filter);
        let mut call = RestCall::new(&self.client, OPERATION, Method::GET, path)?;
        call.url.query_pairs_mut().append_pair("per_page", &self.page_size.to_string());
        Ok(call)
    }
}

/// The call for the page after this one. `fetched` has the pages before, to detect a pagination loop.
fn page_after(
    page: RestCall,
    response: &HttpResponse,
    fetched: &mut HashSet<Url>,
) -> Result<Option<RestCall>> {
    let next = next_page(&response.headers, &page.url, &response.secrets)?;
    let Some(url) = next else { return Ok(None) };
    fetched.insert(page.url);
    let message = if fetched.contains(&url) {
        "pagination loop: the next page of webhooks was fetched before".to_owned()
    } else if fetched.len() >= DEFAULT_MAX_REQUESTS {
        format!("the webhooks have more than {DEFAULT_MAX_REQUESTS} pages")
    } else {
        return Ok(Some(RestCall { url, ..page }));
    };
    Err(Error::new(ErrorKind::Pagination, message))
}

/// A stream of webhooks, in the order of the server. `try_next` needs no trait in scope.
pub struct WebhookStream(BoxStream<'static, Result<RestWebhook>>);

impl WebhookStream {
    /// The next webhook, or none after the last. A cancelled call loses nothing.
    ///
    /// # Errors
    /// Those of [`WebhooksApi`](super::WebhooksApi), and
    /// [`ErrorKind::Pagination`](xurrent_runtime::ErrorKind::Pagination) when the next page is not of the same
    /// list on the same server, or was fetched before. The stream ends with the first error.
    pub async fn try_next(&mut self) -> Result<Option<RestWebhook>> {
        self.0.try_next().await
    }
}

impl Stream for WebhookStream {
    type Item = Result<RestWebhook>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl fmt::Debug for WebhookStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookStream")
    }
}

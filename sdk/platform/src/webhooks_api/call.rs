//! The calls for webhooks.

use super::fields::{Fields, NewWebhook, WebhookChanges};
use super::list::WebhookList;
use super::webhook::RestWebhook;
use crate::node_id::NodeId;
use crate::rest::{RestBody, RestCall, RestClient, json};
use crate::settings::Platform;
use http::Method;
use std::fmt;
use xurrent_runtime::send::HttpResponse;
use xurrent_runtime::transport::BoxFuture;
use xurrent_runtime::{ClientCore, Error, Id, Result};

/// The webhooks of an account, through the REST interface. For administrators only.
///
/// The calls are made like all others of the client, with its tokens, limits and hooks, under names
/// such as `webhooksApi.create`. Reads are retried like queries, changes and tests like mutations: only when
/// they were certainly not executed.
///
/// Errors, beside those that are named: [`ErrorKind::Configuration`](xurrent_runtime::ErrorKind::Configuration)
/// when there is no REST endpoint or an id or URL is invalid, before anything is sent; [`ErrorKind::Unauthorized`](xurrent_runtime::ErrorKind::Unauthorized) for a token that is refused or
/// not an administrator's; [`ErrorKind::Status`](xurrent_runtime::ErrorKind::Status) for status
/// 404 when there is no such webhook, and for status 422 with all reasons in [`Error::errors`]; [`ErrorKind::Decode`](xurrent_runtime::ErrorKind::Decode) for an invalid
/// response, which of a change means that it was executed.
///
/// Source: <https://developer.xurrent.com/v1/webhooks/events/>
#[derive(Debug, Clone)]
pub struct WebhooksApi {
    client: RestClient,
}

impl WebhooksApi {
    /// The webhooks of the account of a client. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, platform: &Platform) -> Self {
        Self { client: RestClient { core: client.clone(), platform: platform.clone() } }
    }

    /// Creates a webhook. Costs one request, which is retried only when it was certainly not executed.
    /// Xurrent posts `webhook.verify` to its URL at once, and nothing else before that is confirmed.
    ///
    /// ```no_run
    /// # async fn example(api: xurrent_platform::webhooks_api::WebhooksApi) -> xurrent_runtime::Result<()> {
    /// use xurrent_platform::webhooks_api::NewWebhook;
    /// use xurrent_webhook_events::WebhookEvent;
    ///
    /// let new = NewWebhook::new(WebhookEvent::RequestCreate, "https://user:secret@example.com/hook")
    ///     .name("Requests to the data warehouse");
    /// let webhook = api.create(new).await?;
    /// println!("{} posts to {}", webhook.id, webhook.uri); // https://***@example.com/hook
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, webhook: NewWebhook) -> WebhookCall<RestWebhook> {
        self.change("webhooksApi.create", Method::POST, None, webhook.0)
    }

    /// All webhooks of the account. A page of up to 100 costs one request.
    ///
    /// ```no_run
    /// # async fn example(api: xurrent_platform::webhooks_api::WebhooksApi) -> xurrent_runtime::Result<()> {
    /// let mut webhooks = api.list().stream();
    /// while let Some(webhook) = webhooks.try_next().await? {
    ///     println!("{} posts to {}", webhook.event, webhook.uri);
    /// }
    /// for webhook in api.list().disabled().all().await? {
    ///     println!("{} was disabled: {:?}", webhook.uri, webhook.last_error);
    ///     api.enable(webhook.id).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> WebhookList {
        WebhookList::new(self.client.clone())
    }

    /// Fetches one webhook with all its fields. Costs one request. A missing one is an error with status 404.
    pub fn get(&self, id: impl Into<WebhookId>) -> WebhookCall<RestWebhook> {
        self.call("webhooksApi.get", Method::GET, Some(id.into()), None, json)
    }

    /// Changes a webhook. Costs one request, which is retried only when it was certainly not executed.
    pub fn update(&self, id: impl Into<WebhookId>, changes: WebhookChanges) -> WebhookCall<RestWebhook> {
        self.change("webhooksApi.update", Method::PATCH, Some(id.into()), changes.0)
    }

    /// Enables a webhook, also one that Xurrent has disabled. Costs one request.
    pub fn enable(&self, id: impl Into<WebhookId>) -> WebhookCall<RestWebhook> {
        let fields = WebhookChanges::new().disabled(false).0;
        self.change("webhooksApi.enable", Method::PATCH, Some(id.into()), fields)
    }

    /// Disables a webhook: it sends nothing until it is [enabled](Self::enable). Costs one request.
    pub fn disable(&self, id: impl Into<WebhookId>) -> WebhookCall<RestWebhook> {
        let fields = WebhookChanges::new().disabled(true).0;
        self.change("webhooksApi.disable", Method::PATCH, Some(id.into()), fields)
    }

    /// Deletes a webhook. Costs one request, which is retried only when it was certainly not executed.
    pub fn delete(&self, id: impl Into<WebhookId>) -> WebhookCall<()> {
        self.order("webhooksApi.delete", Method::DELETE, id.into(), None)
    }

    /// Makes Xurrent post a test event to the webhook, without changing a record. Its `object_id` is 12345. A
    /// disabled webhook can be tested as well. Costs one request, which is retried only when it was certainly
    /// not executed. It returns before the event arrives.
    pub fn test(&self, id: impl Into<WebhookId>) -> WebhookCall<()> {
        self.order("webhooksApi.test", Method::POST, id.into(), Some("test"))
    }

    /// A call whose response holds nothing.
    fn order(
        &self,
        operation: &'static str,
        method: Method,
        id: WebhookId,
        action: Option<&str>,
    ) -> WebhookCall<()> {
        let mut call = self.call(operation, method, Some(id), action, |_, _| Ok(()));
        call.call = call.call.map(|call| RestCall { may_be_empty: true, ..call });
        call
    }

    fn change(
        &self,
        operation: &'static str,
        method: Method,
        id: Option<WebhookId>,
        fields: Fields,
    ) -> WebhookCall<RestWebhook> {
        let mut call = self.call(operation, method, id, None, |response, operation| {
            json(response, operation).map_err(Error::mutation_executed)
        });
        call.call = call.call.and_then(|call| {
            fields.check()?;
            Ok(RestCall { secrets: fields.secrets(), body: Some(RestBody::Json(fields.object)), ..call })
        });
        call
    }

    /// A call for all webhooks or for one, or for an action of one.
    fn call<T>(
        &self,
        operation: &'static str,
        method: Method,
        id: Option<WebhookId>,
        action: Option<&str>,
        read: fn(&HttpResponse, &'static str) -> Result<T>,
    ) -> WebhookCall<T> {
        let id = id.map(WebhookId::into_segment).transpose();
        let call = id.and_then(|id| {
            let path = ["webhooks"].into_iter().chain(id.as_deref()).chain(action);
            RestCall::new(&self.client, operation, method, path)
        });
        WebhookCall { client: self.client.core.clone(), call, operation, read }
    }
}

/// The number of a webhook, or its id in GraphQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookId(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Number(i64),
    Node(Id),
}

impl WebhookId {
    /// The segment of a URL. Only valid ids are put into one, so that none leads anywhere else.
    fn into_segment(self) -> Result<String> {
        let invalid = |what: String| Error::configuration(format!("invalid {what} of a webhook"));
        match self.0 {
            Kind::Number(number) if number > 0 => Ok(number.to_string()),
            Kind::Number(number) => Err(invalid(format!("number {number}"))),
            Kind::Node(id) => NodeId::decode(&id)
                .map(|node| node.encode().to_string())
                .ok_or_else(|| invalid(format!("id {:?}", id.as_str()))),
        }
    }
}

impl From<i64> for WebhookId {
    fn from(number: i64) -> Self {
        Self(Kind::Number(number))
    }
}

impl From<Id> for WebhookId {
    fn from(id: Id) -> Self {
        Self(Kind::Node(id))
    }
}

impl From<&Id> for WebhookId {
    fn from(id: &Id) -> Self {
        id.clone().into()
    }
}

impl From<&RestWebhook> for WebhookId {
    fn from(webhook: &RestWebhook) -> Self {
        webhook.id.into()
    }
}

/// A call of the REST interface for webhooks. Costs one request.
#[must_use = "a call does nothing until it is awaited"]
pub struct WebhookCall<T> {
    client: ClientCore,
    /// An invalid call is an error when it is sent.
    call: Result<RestCall>,
    operation: &'static str,
    read: fn(&HttpResponse, &'static str) -> Result<T>,
}

impl<T> WebhookCall<T> {
    /// Sends the call.
    ///
    /// # Errors
    /// See [`WebhooksApi`].
    pub async fn send(self) -> Result<T> {
        let sent: BoxFuture<'_, Result<HttpResponse>> = Box::pin(self.call?.send(&self.client));
        (self.read)(&sent.await?, self.operation)
    }
}

impl<T> fmt::Debug for WebhookCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookCall").field(&self.operation).finish()
    }
}

xurrent_runtime::impl_call!(WebhookCall<T>: T, client);

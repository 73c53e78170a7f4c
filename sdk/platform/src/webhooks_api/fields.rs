//! The fields of webhooks that are created or changed.

use super::webhook::WebhookUri;
use std::borrow::Cow;
use std::fmt;
use url::Url;
use xurrent_runtime::{Error, InputObject, InputValue, IntoInput, Result, redact_url};
use xurrent_webhook_events::WebhookEvent as Event;

#[derive(Clone, Default)]
pub(super) struct Fields {
    pub(super) object: InputObject,
    uri: Option<WebhookUri>,
}

impl Fields {
    /// The secrets among them.
    pub(super) fn secrets(&self) -> Vec<String> {
        self.uri.as_ref().map(WebhookUri::secrets).unwrap_or_default()
    }

    /// Checks the event and the URL.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(InputValue::Text(event)) = self.object.get("event")
            && event.trim().is_empty()
        {
            return Err(Error::configuration("the event of a webhook is empty"));
        }
        let Some(uri) = &self.uri else { return Ok(()) };
        let refused = |why: &str| {
            Err(Error::configuration(format!("the URL {:?} of a webhook {why}", redact_url(uri.expose()))))
        };
        match Url::parse(uri.expose()) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
            Ok(_) => refused("has an unsupported scheme: use https"),
            Err(_) => refused("is invalid"),
        }
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.object.iter() {
            match &self.uri {
                Some(uri) if name == "uri" => map.entry(&name, uri),
                _ => map.entry(&name, value),
            };
        }
        map.finish()
    }
}

macro_rules! optional_fields {
    () => {
        /// The name; by default, the server chooses one.
        pub fn name(mut self, name: impl Into<String>) -> Self {
            self.0.object.set("name", InputValue::Text(Cow::Owned(name.into())));
            self
        }

        /// The description. `None` clears it.
        pub fn description(mut self, description: impl IntoInput<String>) -> Self {
            self.0.object.set("description", description.into_input());
            self
        }

        /// Who is mailed about failed deliveries, instead of the administrators. `None` clears it.
        pub fn mail_exceptions_to(mut self, address: impl IntoInput<String>) -> Self {
            self.0.object.set("mail_exceptions_to", address.into_input());
            self
        }

        /// Whether it is disabled.
        pub fn disabled(mut self, disabled: bool) -> Self {
            self.0.object.set("disabled", InputValue::Boolean(disabled));
            self
        }
    };
}

/// A webhook to be created.
#[derive(Debug, Clone)]
#[must_use = "fields do nothing until they are given to a call"]
pub struct NewWebhook(pub(super) Fields);

impl NewWebhook {
    /// A webhook that posts this event to this URL. The URL may have a user name, a password and secret
    /// parameters, which Xurrent sends along.
    pub fn new(event: impl Into<Event>, uri: impl Into<WebhookUri>) -> Self {
        Self(WebhookChanges::new().event(event).uri(uri).0)
    }

    optional_fields!();
}

/// Changes of a webhook. Fields that are not set are kept.
#[derive(Debug, Clone, Default)]
#[must_use = "fields do nothing until they are given to a call"]
pub struct WebhookChanges(pub(super) Fields);

impl WebhookChanges {
    /// No changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The event.
    pub fn event(mut self, event: impl Into<Event>) -> Self {
        self.0.object.set("event", InputValue::Text(Cow::Owned(event.into().as_str().to_owned())));
        self
    }

    /// The URL. The webhook sends nothing until the new URL is verified.
    pub fn uri(mut self, uri: impl Into<WebhookUri>) -> Self {
        let uri = uri.into();
        self.0.object.set("uri", InputValue::Text(Cow::Owned(uri.expose().to_owned())));
        self.0.uri = Some(uri);
        self
    }

    optional_fields!();
}

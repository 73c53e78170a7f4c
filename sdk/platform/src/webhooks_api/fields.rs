//! What a webhook is made of, and what is changed of it.

use super::webhook::WebhookUri;
use std::borrow::Cow;
use std::fmt;
use url::Url;
use xurrent_runtime::{Error, InputObject, InputValue, IntoInput, Result, redact_url};
use xurrent_webhook::Event;

/// The fields that were set, and the address among them.
#[derive(Clone, Default)]
pub(super) struct Fields {
    pub(super) object: InputObject,
    uri: Option<WebhookUri>,
}

impl Fields {
    fn set(&mut self, name: &'static str, value: InputValue) {
        self.object.set(name, value);
    }

    fn set_event(&mut self, event: &Event) {
        self.set("event", InputValue::Text(Cow::Owned(event.as_str().to_owned())));
    }

    fn set_uri(&mut self, uri: WebhookUri) {
        self.set("uri", InputValue::Text(Cow::Owned(uri.expose().to_owned())));
        self.uri = Some(uri);
    }

    /// What of this must not be seen.
    pub(super) fn secrets(&self) -> Vec<String> {
        self.uri.as_ref().map(WebhookUri::secrets).unwrap_or_default()
    }

    /// Finds what no server could take.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(InputValue::Text(event)) = self.object.get("event")
            && event.trim().is_empty()
        {
            return Err(Error::configuration("the event of a webhook is empty"));
        }
        let Some(uri) = &self.uri else { return Ok(()) };
        let refused = |why: &str| {
            Err(Error::configuration(format!(
                "the address {:?} of a webhook {why}",
                redact_url(uri.expose())
            )))
        };
        match Url::parse(uri.expose()) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") => {
                refused("is none that can be posted to: use https")
            }
            Ok(_) => Ok(()),
            Err(_) => refused("is no URL"),
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
        /// What it is called; the server chooses when nothing is said.
        pub fn name(mut self, name: impl Into<String>) -> Self {
            self.0.set("name", InputValue::Text(Cow::Owned(name.into())));
            self
        }

        /// What it is for. `None` clears it.
        pub fn description(mut self, description: impl IntoInput<String>) -> Self {
            self.0.set("description", description.into_input());
            self
        }

        /// Who is mailed when deliveries fail, in place of the administrators. `None` clears it.
        pub fn mail_exceptions_to(mut self, address: impl IntoInput<String>) -> Self {
            self.0.set("mail_exceptions_to", address.into_input());
            self
        }

        /// Whether it is off.
        pub fn disabled(mut self, disabled: bool) -> Self {
            self.0.set("disabled", InputValue::Boolean(disabled));
            self
        }
    };
}

/// A webhook to be made.
#[derive(Debug, Clone)]
#[must_use = "fields do nothing until they are given to a call"]
pub struct NewWebhook(pub(super) Fields);

impl NewWebhook {
    /// A webhook that posts to this address when this happens. The address can hold a user name and a
    /// password, and secret parameters, which Xurrent sends along.
    pub fn new(event: impl Into<Event>, uri: impl Into<WebhookUri>) -> Self {
        let mut fields = Fields::default();
        fields.set_event(&event.into());
        fields.set_uri(uri.into());
        Self(fields)
    }

    optional_fields!();
}

/// What is to be changed of a webhook. What is not set stays as it is.
#[derive(Debug, Clone, Default)]
#[must_use = "fields do nothing until they are given to a call"]
pub struct WebhookChanges(pub(super) Fields);

impl WebhookChanges {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What it is called for.
    pub fn event(mut self, event: impl Into<Event>) -> Self {
        self.0.set_event(&event.into());
        self
    }

    /// Where it posts to. It has to be verified again then, and sends nothing before.
    pub fn uri(mut self, uri: impl Into<WebhookUri>) -> Self {
        self.0.set_uri(uri.into());
        self
    }

    optional_fields!();
}

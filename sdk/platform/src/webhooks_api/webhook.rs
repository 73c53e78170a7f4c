//! A webhook in the REST interface.

use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::fmt;
use url::Url;
use xurrent_runtime::{Id, Timestamp, redact_url};
use xurrent_values::redact::redact;
use xurrent_webhook_events::WebhookEvent as Event;

/// A webhook of the account. Unknown fields are ignored.
///
/// Source: <https://developer.xurrent.com/v1/webhooks/events/>
#[derive(Debug, Clone, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct RestWebhook {
    /// Its number, the `webhook_id` of its deliveries.
    pub id: i64,
    /// Its id in GraphQL, if the server sends it.
    #[serde(rename = "nodeID")]
    pub node_id: Option<Id>,
    /// Its name.
    pub name: Option<String>,
    /// The event that it is for.
    pub event: Event,
    /// The URL of its deliveries.
    pub uri: WebhookUri,
    /// Whether it is disabled: by an administrator, or by Xurrent after 20 failures in a row over more than a
    /// week.
    #[serde(default, deserialize_with = "boolean")]
    pub disabled: bool,
    /// The error of the last delivery, such as `404 Not Found`. Only of a disabled webhook.
    pub last_error: Option<String>,
    /// Its description. Not in lists.
    pub description: Option<String>,
    /// Who is mailed about failed deliveries, instead of the administrators. Not in lists.
    pub mail_exceptions_to: Option<String>,
    /// Its app offerings, for events of app instances. Not in lists.
    pub app_offering_references: Option<Vec<String>>,
    /// Whether receivers find the keys of its policy by OpenID Connect discovery. Not in lists.
    #[serde(default, deserialize_with = "boolean")]
    pub openid_connect_discovery: bool,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

impl<'de> Deserialize<'de> for RestWebhook {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut webhook = Self::deserialize(deserializer)?;
        // The error of a failed connection repeats the URL.
        let secrets = webhook.uri.secrets();
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        webhook.last_error = webhook.last_error.map(|error| redact(&error, &secrets).into_owned());
        Ok(webhook)
    }
}

/// Reads `true` or `false`, as a boolean or, as documented, as a text. Null is `false`.
fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Bool(value) => Ok(value),
        Value::String(text) if text == "true" => Ok(true),
        Value::Null => Ok(false),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err(D::Error::custom("expected true or false")),
    }
}

/// The URL of a webhook. It is printed without its user name, password and parameters, which may be
/// secrets: `https://***@example.com/hook?***`.
#[derive(Clone)]
pub struct WebhookUri(SecretString);

impl WebhookUri {
    /// The whole URL.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Its secrets.
    pub(super) fn secrets(&self) -> Vec<String> {
        let Ok(url) = Url::parse(self.expose()) else { return Vec::new() };
        let mut secrets = Vec::new();
        if !url.username().is_empty() || url.password().is_some() {
            secrets.push(self.expose().to_owned());
            secrets.push(format!("{}:{}@", url.username(), url.password().unwrap_or_default()));
            secrets.extend(url.password().map(str::to_owned));
        }
        secrets.extend(url.query().map(str::to_owned));
        secrets.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
        secrets
    }
}

impl<U: Into<SecretString>> From<U> for WebhookUri {
    fn from(uri: U) -> Self {
        Self(uri.into())
    }
}

impl From<&Self> for WebhookUri {
    fn from(uri: &Self) -> Self {
        uri.clone()
    }
}

impl fmt::Display for WebhookUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact_url(self.expose()))
    }
}

impl fmt::Debug for WebhookUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", redact_url(self.expose()))
    }
}

impl Serialize for WebhookUri {
    /// Redacted, so that logs as JSON have no secret either.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WebhookUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let uri = SecretString::deserialize(deserializer)?;
        if uri.expose_secret().is_empty() { Err(D::Error::custom("an empty URL")) } else { Ok(Self(uri)) }
    }
}

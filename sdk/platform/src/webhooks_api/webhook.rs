//! A webhook as the REST interface has it.

use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use url::Url;
use xurrent_runtime::{Id, Timestamp, redact_url};
use xurrent_values::redact::redact;
use xurrent_webhook::Event;

/// A webhook of the account. What the interface adds to it later is ignored.
///
/// Source: <https://developer.xurrent.com/v1/webhooks/events/>
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Written")]
#[non_exhaustive]
pub struct RestWebhook {
    /// The number, which deliveries name as `webhook_id`.
    pub id: i64,
    /// The id that the GraphQL interface has for it, where the server says so.
    pub node_id: Option<Id>,
    /// Its name.
    pub name: Option<String>,
    /// What it is called for.
    pub event: Event,
    /// Where it posts to.
    pub uri: WebhookUri,
    /// Whether it is off: an administrator, or Xurrent itself after 20 failures in a row over more
    /// than a week, has switched it off.
    pub disabled: bool,
    /// Why the last delivery failed, such as `404 Not Found`. Only on a webhook that is disabled.
    pub last_error: Option<String>,
    /// What it is for. Not in lists.
    pub description: Option<String>,
    /// Who is mailed when deliveries fail, in place of the administrators. Not in lists.
    pub mail_exceptions_to: Option<String>,
    /// The app offerings it is for, when it is for events of app instances. Not in lists.
    pub app_offering_references: Option<Vec<String>>,
    /// Whether receivers find the keys of its policy by OpenID Connect discovery. Not in lists.
    pub openid_connect_discovery: bool,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// The same as it is written.
#[derive(Deserialize)]
struct Written {
    id: i64,
    #[serde(rename = "nodeID")]
    node_id: Option<Id>,
    name: Option<String>,
    event: Event,
    uri: WebhookUri,
    #[serde(default, deserialize_with = "truth")]
    disabled: bool,
    last_error: Option<String>,
    description: Option<String>,
    mail_exceptions_to: Option<String>,
    app_offering_references: Option<Vec<String>>,
    #[serde(default, deserialize_with = "truth")]
    openid_connect_discovery: bool,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

impl From<Written> for RestWebhook {
    fn from(written: Written) -> Self {
        let Written { id, node_id, name, event, uri, disabled, last_error, .. } = written;
        let Written { description, mail_exceptions_to, created_at, updated_at, .. } = written;
        let Written { app_offering_references, openid_connect_discovery, .. } = written;
        // A failed connection is described with where it went.
        let secrets = uri.secrets();
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let last_error = last_error.map(|error| redact(&error, &secrets).into_owned());
        Self {
            id,
            node_id,
            name,
            event,
            uri,
            disabled,
            last_error,
            description,
            mail_exceptions_to,
            app_offering_references,
            openid_connect_discovery,
            created_at,
            updated_at,
        }
    }
}

/// `true` or `false`, as a boolean or, as the documentation has it, as a text.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    struct Truth;
    impl Visitor<'_> for Truth {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true or false")
        }

        fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
            Ok(value)
        }

        fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<bool, E> {
            match value {
                "true" => Ok(true),
                "false" => Ok(false),
                other => Err(E::invalid_value(Unexpected::Str(other), &self)),
            }
        }

        fn visit_unit<E>(self) -> Result<bool, E> {
            Ok(false)
        }
    }
    deserializer.deserialize_any(Truth)
}

/// Where a webhook posts to. It can hold a user name, a password and a secret parameter, so it is shown
/// without them: `https://***@example.com/hook?***`.
#[derive(Clone)]
pub struct WebhookUri(SecretString);

impl WebhookUri {
    /// The address in full.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What must not be seen of it.
    pub(super) fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![];
        if let Ok(url) = Url::parse(self.expose()) {
            if !url.username().is_empty() || url.password().is_some() {
                secrets.push(self.expose().to_owned());
                secrets.push(format!("{}:{}@", url.username(), url.password().unwrap_or_default()));
                secrets.extend(url.password().map(str::to_owned));
            }
            secrets.extend(url.query().map(str::to_owned));
            secrets.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
        }
        secrets
    }
}

impl From<&str> for WebhookUri {
    fn from(uri: &str) -> Self {
        Self(uri.into())
    }
}

impl From<String> for WebhookUri {
    fn from(uri: String) -> Self {
        Self(uri.into())
    }
}

impl From<SecretString> for WebhookUri {
    fn from(uri: SecretString) -> Self {
        Self(uri)
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
    /// As it is shown: what is logged as JSON holds no secret either.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WebhookUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = WebhookUri;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an address")
            }

            fn visit_str<E: serde::de::Error>(self, uri: &str) -> Result<WebhookUri, E> {
                if uri.is_empty() { Err(E::custom("an empty address")) } else { Ok(uri.into()) }
            }
        }
        deserializer.deserialize_str(Text)
    }
}

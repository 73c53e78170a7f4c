//! The settings of subscriptions.

use crate::api::{EndpointRules, uri};
use crate::error::{Error, Result};
use crate::secrets::{MIN_SECRET_LEN, token};
use http::{HeaderValue, Uri};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

const ACKNOWLEDGE_TIMEOUT: Duration = Duration::from_secs(10);

const PING_INTERVAL: Duration = Duration::from_secs(30);

const MAX_EVENT_SIZE: u32 = 16 * 1024 * 1024;

/// Stands for the current token in the texts of a payload.
const TOKEN: &str = "{token}";

/// The configuration of subscriptions. The builder documents the settings.
#[derive(Default)]
#[allow(missing_docs, reason = "documented where they are set")]
pub struct SubscriptionConfig {
    pub endpoint: Option<String>,
    /// The payload of `connection_init`, as JSON.
    pub payload: Option<SecretString>,
    pub acknowledge_timeout: Option<Duration>,
    pub ping_interval: Option<Duration>,
    pub max_event_size: Option<u32>,
}

/// The settings of subscriptions, checked.
#[derive(Clone)]
pub(crate) struct SubscriptionSettings {
    pub(crate) endpoint: Uri,
    payload: Option<SecretString>,
    /// From the request for a WebSocket to the acknowledgement.
    pub(crate) acknowledge_timeout: Duration,
    /// After this time of silence the server is asked whether it is alive.
    pub(crate) ping_interval: Duration,
    pub(crate) max_event_size: u32,
}

impl SubscriptionConfig {
    /// Checks the settings. `graphql` is the endpoint of requests.
    pub(crate) fn check(self, rules: &EndpointRules, graphql: &Url) -> Result<SubscriptionSettings> {
        let endpoint = match &self.endpoint {
            None => uri(graphql)?,
            // A WebSocket begins as an HTTP request.
            Some(url) => match (url.strip_prefix("wss:"), url.strip_prefix("ws:")) {
                (Some(rest), _) => uri(&rules.parse(&format!("https:{rest}"))?)?,
                (_, Some(rest)) => uri(&rules.parse(&format!("http:{rest}"))?)?,
                _ => uri(&rules.parse(url)?)?,
            },
        };
        let settings = SubscriptionSettings {
            endpoint,
            payload: self.payload,
            acknowledge_timeout: self.acknowledge_timeout.unwrap_or(ACKNOWLEDGE_TIMEOUT),
            ping_interval: self.ping_interval.unwrap_or(PING_INTERVAL),
            max_event_size: self.max_event_size.unwrap_or(MAX_EVENT_SIZE),
        };
        let refuse = |why: &str| Err(Error::configuration(why));
        if !settings.value()?.as_ref().is_none_or(Value::is_object) {
            return refuse("`connection_payload` is not a JSON object");
        }
        if settings.acknowledge_timeout.is_zero() {
            return refuse("`acknowledge_timeout` is zero: no subscription could begin");
        }
        if settings.ping_interval.is_zero() {
            return refuse("`ping_interval` is zero: no server could respond in time");
        }
        match settings.max_event_size {
            0 => refuse("`max_event_size` is 0: no event could be read"),
            _ => Ok(settings),
        }
    }
}

impl SubscriptionSettings {
    fn value(&self) -> Result<Option<Value>> {
        let Some(payload) = &self.payload else { return Ok(None) };
        let value = serde_json::from_str(payload.expose_secret());
        // Without the source, which can quote a secret.
        value.map(Some).map_err(|_| Error::configuration("`connection_payload` is not JSON"))
    }

    /// The payload of `connection_init` as JSON, with the token of this header; and its texts, to be redacted.
    pub(crate) fn payload(&self, signature: &HeaderValue) -> Result<(Option<String>, Vec<String>)> {
        let mut secrets = Vec::new();
        let value = self.value()?.map(|mut value| {
            fill_in(&mut value, token(signature), &mut secrets);
            value.to_string()
        });
        Ok((value, secrets))
    }
}

/// Fills in the token, and lists the texts that are long enough to be secrets.
fn fill_in(value: &mut Value, token: &str, secrets: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            *text = text.replace(TOKEN, token);
            secrets.extend((text.len() >= MIN_SECRET_LEN).then(|| text.clone()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill_in(item, token, secrets)),
        Value::Object(fields) => fields.values_mut().for_each(|value| fill_in(value, token, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl fmt::Debug for SubscriptionConfig {
    /// Without the payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionConfig")
            .field("payload", &self.payload.is_some())
            .field("ping_interval", &self.ping_interval)
            .finish_non_exhaustive()
    }
}

//! Fetches the introspection result of a live endpoint.

use crate::schema::IntrospectionQuery;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::time::Duration;
use xurrent_runtime::http::{HeaderName, HeaderValue};
use xurrent_runtime::{
    Api, ApiSettings, Authentication, ClientCore, EndpointRules, Error, ErrorKind, RawQuery, Result,
    RetryPolicy, client::ClientConfig,
};

/// An endpoint of any API, with headers for it. Each of their values is a secret.
#[derive(Debug, Default)]
pub struct Endpoint {
    /// Its URL.
    pub url: String,
    /// The headers of the request.
    pub headers: Vec<(String, SecretString)>,
    /// Whether the URL may be one of plain `http` beyond this machine, where others can read the headers.
    pub allow_plain_http: bool,
}

impl ApiSettings for Endpoint {
    type State = ();

    fn resolve(self, rules: &EndpointRules) -> Result<(Api, ())> {
        let mut api = Api::new(rules.parse(&self.url)?);
        api.authentication = Authentication::None;
        api.user_agent = concat!("xurrent-generator/", env!("CARGO_PKG_VERSION"));
        for (name, value) in self.headers {
            // Without the value, which may be a secret.
            let invalid = || Error::configuration(format!("invalid header {name:?}"));
            let header = HeaderName::try_from(&name).map_err(|_| invalid())?;
            let mut value = HeaderValue::try_from(value.expose_secret()).map_err(|_| invalid())?;
            value.set_sensitive(true);
            api.headers.append(header, value);
        }
        Ok((api, ()))
    }
}

impl Endpoint {
    /// Fetches the introspection result, as JSON, within this time. Sends up to three requests: the later ones
    /// ask for less, for older servers.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when the URL or a header is not valid; otherwise as
    /// [`introspect`]. No error holds the value of a header.
    pub async fn introspect(self, timeout: Duration) -> Result<String> {
        let config = ClientConfig {
            retry: RetryPolicy::never(),
            allow_plain_http: self.allow_plain_http,
            request_timeout: Some(timeout),
            ..ClientConfig::default()
        };
        let (client, ()) = config.build(self)?;
        introspect(&client).await
    }
}

/// Fetches the introspection result of the API of a client, as JSON. Sends up to three requests: the later ones
/// ask for less, for older servers.
///
/// # Errors
/// When the server cannot be reached, refuses the request, or does not respond in GraphQL.
pub async fn introspect(client: &ClientCore) -> Result<String> {
    let mut query = IntrospectionQuery::default();
    loop {
        let call = RawQuery::new(client, query.document(), json!({})).operation_name("Introspection");
        match call.send().await {
            Ok(response) => return Ok(response.as_text().to_owned()),
            Err(error) => query = less(query, &error).ok_or(error)?,
        }
    }
}

/// The query without what the server does not support. Some servers refuse a document with status 400, others
/// with GraphQL errors.
fn less(query: IntrospectionQuery, error: &Error) -> Option<IntrospectionQuery> {
    let is_refusal = matches!(error.kind(), ErrorKind::GraphQl | ErrorKind::Status);
    if is_refusal { query.without(&error.to_string()) } else { None }
}

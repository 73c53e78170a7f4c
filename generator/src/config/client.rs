//! The client of a generated crate.

use crate::Error;
use crate::names;
use serde::Deserialize;

/// What the API prescribes to its clients.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Client {
    /// The GraphQL endpoint, unless a program sets another one.
    pub endpoint: Option<String>,
    /// How a request carries the token: `bearer` by default.
    pub authentication: Authentication,
    /// The header with the account of a client, if the API has accounts.
    pub account: Option<Account>,
    /// The header `User-Agent`: `<crate>/<version>` by default.
    pub user_agent: Option<String>,
}

/// How a request carries the token of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Authentication {
    /// `bearer`: `Authorization: Bearer <token>`.
    #[default]
    Bearer,
    /// `none`: the API is public.
    None,
    /// The name of a header that holds the token as it is, such as `x-api-key`.
    Header(String),
}

impl From<String> for Authentication {
    fn from(text: String) -> Self {
        match text.as_str() {
            "bearer" => Self::Bearer,
            "none" => Self::None,
            _ => Self::Header(text.to_ascii_lowercase()),
        }
    }
}

/// The header with the account of a client.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The name of the header.
    pub header: String,
    /// The name of the method of the builder that sets it.
    pub method: String,
}

impl Client {
    pub(super) fn check(&self) -> Result<(), Error> {
        let refuse = |key: &str, value: &str, expected: &str| {
            Err(Error::Config(format!("has {value:?} as `{key}` of the client: expected {expected}")))
        };
        if let Some(endpoint) = &self.endpoint
            && !(endpoint.starts_with("https://") || endpoint.starts_with("http://"))
        {
            return refuse("endpoint", endpoint, "a URL such as \"https://api.example.com/graphql\"");
        }
        if let Authentication::Header(name) = &self.authentication
            && !is_header(name)
        {
            return refuse("authentication", name, "\"bearer\", \"none\" or the name of a header");
        }
        if let Some(Account { header, method }) = &self.account {
            if !is_header(&header.to_ascii_lowercase()) {
                return refuse("account.header", header, "the name of a header");
            }
            if !names::is_identifier(method) {
                return refuse("account.method", method, "a Rust name such as \"account\"");
            }
        }
        match &self.user_agent {
            Some(agent) if agent.is_empty() || !agent.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => {
                refuse("user_agent", agent, "ASCII text")
            }
            _ => Ok(()),
        }
    }
}

/// Whether HTTP can have a header of this name, in lower case.
fn is_header(name: &str) -> bool {
    let is_token =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

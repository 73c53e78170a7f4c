//! Settings of a client from environment variables.

use crate::location::{Location, Region, Stage, valid_account, valid_domain};
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use std::ffi::OsString;
use xurrent_runtime::{EndpointRules, Error, Result};

const ACCOUNT: &str = "XURRENT_ACCOUNT";
const STAGE: &str = "XURRENT_STAGE";
const REGION: &str = "XURRENT_REGION";
const DOMAIN: &str = "XURRENT_DOMAIN";
const GRAPHQL_URL: &str = "XURRENT_GRAPHQL_URL";
const TOKEN_URL: &str = "XURRENT_TOKEN_URL";
const REST_URL: &str = "XURRENT_REST_URL";
const TOKEN: &str = "XURRENT_TOKEN";
const CLIENT_ID: &str = "XURRENT_CLIENT_ID";
const CLIENT_SECRET: &str = "XURRENT_CLIENT_SECRET";

/// The location and the account in the environment. Settings of the builder take precedence over them.
#[derive(Clone)]
pub struct Environment {
    account: Option<String>,
    stage: Option<String>,
    region: Option<String>,
    domain: Option<String>,
    graphql_url: Option<String>,
    token_url: Option<String>,
    rest_url: Option<String>,
    /// Variables without a usable value.
    problems: Vec<String>,
    /// Why there are no credentials.
    no_credentials: String,
}

/// A personal access token, or the id and the secret of an OAuth application.
pub struct EnvironmentCredentials {
    /// The client id; none for a personal access token.
    pub id: Option<String>,
    /// The client secret, or the token.
    pub secret: SecretString,
}

impl Environment {
    /// Reads the variables with this function, such as [`std::env::var_os`]. An empty variable counts as
    /// not set.
    #[inline]
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> (Self, Option<EnvironmentCredentials>) {
        Self::read_with(&variable)
    }

    /// Not generic, so that it is compiled in this crate.
    fn read_with(variable: &dyn Fn(&str) -> Option<OsString>) -> (Self, Option<EnvironmentCredentials>) {
        let mut problems = Vec::new();
        let mut read = |name: &str| match variable(name)?.into_string() {
            Ok(value) => Some(value).filter(|value| !value.trim().is_empty()),
            Err(_) => {
                problems.push(format!("`{name}` is not UTF-8"));
                None
            }
        };
        let secrets = (read(TOKEN), read(CLIENT_ID), read(CLIENT_SECRET));
        let no_credentials = match &secrets {
            (_, Some(_), None) => format!("`{CLIENT_ID}` needs `{CLIENT_SECRET}`, which is not set"),
            (_, None, Some(_)) => format!("`{CLIENT_SECRET}` needs `{CLIENT_ID}`, which is not set"),
            _ => format!("neither `{TOKEN}` is set, nor `{CLIENT_ID}` and `{CLIENT_SECRET}`"),
        };
        let credentials = match secrets {
            (Some(token), ..) => Some(EnvironmentCredentials { id: None, secret: token.into() }),
            (None, Some(id), Some(secret)) => {
                Some(EnvironmentCredentials { id: Some(id), secret: secret.into() })
            }
            _ => None,
        };
        let (account, stage, region, domain) = (read(ACCOUNT), read(STAGE), read(REGION), read(DOMAIN));
        let (graphql_url, token_url, rest_url) = (read(GRAPHQL_URL), read(TOKEN_URL), read(REST_URL));
        let is_invalid = |token: &EnvironmentCredentials| {
            token.id.is_none() && HeaderValue::try_from(token.secret.expose_secret()).is_err()
        };
        if credentials.as_ref().is_some_and(is_invalid) {
            problems.push(format!("`{TOKEN}` has characters that no HTTP header can hold"));
        }
        let this = Self {
            account,
            stage,
            region,
            domain,
            graphql_url,
            token_url,
            rest_url,
            problems,
            no_credentials,
        };
        (this, credentials)
    }

    /// Adds the location that the builder does not have.
    pub(crate) fn complete(
        mut self,
        account: &mut Option<String>,
        location: &mut Location,
        rules: &EndpointRules,
    ) -> Result<()> {
        let mut problems = std::mem::take(&mut self.problems);
        if !rules.has_credentials {
            problems.push(self.no_credentials.clone());
        }
        if account.is_none() {
            match &self.account {
                Some(account) => problems.extend(valid_account(account).err().map(|it| named(ACCOUNT, &it))),
                None => problems.push(format!("`{ACCOUNT}` is not set")),
            }
            *account = self.account.take();
        }
        match (location.stage, &location.domain, &location.endpoints) {
            (None, None, None) => self.locate(location, rules, &mut problems),
            (Some(_), None, None) => self.add_region(location, &mut problems),
            _ => {}
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::configuration(format!(
            "missing or invalid environment variables: {}",
            problems.join("; ")
        )))
    }

    fn locate(&self, location: &mut Location, rules: &EndpointRules, problems: &mut Vec<String>) {
        let locations = [(STAGE, &self.stage), (DOMAIN, &self.domain), (GRAPHQL_URL, &self.graphql_url)];
        let set: Vec<_> =
            locations.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| *name).collect();
        match set.len() {
            0 if rules.has_transport => {}
            0 => problems.push(format!("none of `{STAGE}`, `{DOMAIN}` and `{GRAPHQL_URL}` is set")),
            1 => {}
            _ => problems.push(format!("only one of `{}` can be set", set.join("` and `"))),
        }
        let beside = [
            (REGION, &self.region, STAGE, self.stage.is_some() || location.region.is_some()),
            (TOKEN_URL, &self.token_url, GRAPHQL_URL, self.graphql_url.is_some()),
            (REST_URL, &self.rest_url, GRAPHQL_URL, self.graphql_url.is_some()),
        ];
        for (name, _, other, _) in
            beside.iter().filter(|(_, value, _, has_other)| value.is_some() && !has_other)
        {
            problems.push(format!("`{name}` needs `{other}`, which is not set"));
        }
        if let Some(stage) = &self.stage {
            location.stage = stage.parse::<Stage>().map_err(|it| problems.push(named(STAGE, &it))).ok();
            self.add_region(location, problems);
        }
        if let Some(domain) = &self.domain {
            problems.extend(valid_domain(domain).err().map(|it| named(DOMAIN, &it)));
            location.domain = Some(domain.clone());
        }
        let urls =
            [(GRAPHQL_URL, &self.graphql_url), (TOKEN_URL, &self.token_url), (REST_URL, &self.rest_url)];
        for (name, url) in urls {
            let error = url.as_ref().and_then(|url| rules.parse(url).err());
            problems.extend(error.map(|it| named(name, &it)));
        }
        if let Some(graphql) = &self.graphql_url {
            match &self.token_url {
                Some(token) => location.endpoints = Some((graphql.clone(), token.clone())),
                None => problems.push(format!("`{GRAPHQL_URL}` needs `{TOKEN_URL}`, which is not set")),
            }
            location.rest_endpoint = location.rest_endpoint.take().or_else(|| self.rest_url.clone());
        }
    }

    fn add_region(&self, location: &mut Location, problems: &mut Vec<String>) {
        let region = self.region.as_deref().filter(|_| location.region.is_none());
        if let Some(region) = region {
            location.region = region.parse::<Region>().map_err(|it| problems.push(named(REGION, &it))).ok();
        }
    }
}

fn named(variable: &str, error: &Error) -> String {
    format!("`{variable}`: {error:#}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Xurrent;
    use xurrent_runtime::client::ClientConfig;

    const SECRET: &str = "very-secret-value";

    /// The GraphQL endpoint of a client with these variables, or the error.
    fn build_with(variables: &[(&str, &str)], settings: Xurrent) -> Result<String> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        let (environment, credentials) = Environment::read(|name| find(name).map(|(_, value)| value.into()));
        let mut config = ClientConfig::default();
        if let Some(EnvironmentCredentials { id, secret }) = credentials {
            config.credentials.add(id, secret);
        }
        let settings = Xurrent { environment: Some(environment), ..settings };
        assert!(!format!("{settings:?} {:?}", config.credentials).contains(SECRET));
        config.build(settings).map(|(core, _)| format!("{} {}", core.api().label, core.endpoint()))
    }

    fn build(variables: &[(&str, &str)]) -> Result<String> {
        build_with(variables, Xurrent::default())
    }

    fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        [(ACCOUNT, "wdc"), (TOKEN, SECRET)].iter().chain(more).copied().collect()
    }

    #[test]
    fn every_location_can_be_set() {
        let urls = [(GRAPHQL_URL, "http://127.0.0.1:1/graphql"), (TOKEN_URL, "http://127.0.0.1:1/token")];
        let cases = [
            (with(&[(STAGE, "production")]), "wdc https://graphql.xurrent.com/"),
            (with(&[(STAGE, "QA"), (REGION, "us")]), "wdc https://graphql.us.xurrent.qa/"),
            (with(&[(STAGE, "demo"), (REGION, ""), (DOMAIN, " ")]), "wdc https://graphql.xurrent-demo.com/"),
            (with(&[(DOMAIN, "4me.com")]), "wdc https://graphql.4me.com/"),
            (with(&urls), "wdc http://127.0.0.1:1/graphql"),
            (
                with(&[urls[0], urls[1], (REST_URL, "http://127.0.0.1:1/v1")]),
                "wdc http://127.0.0.1:1/graphql",
            ),
        ];
        for (variables, expected) in cases {
            assert_eq!(build(&variables).unwrap(), expected);
        }
        let client = [(ACCOUNT, "wdc"), (CLIENT_ID, "id"), (CLIENT_SECRET, SECRET), (STAGE, "qa")];
        assert_eq!(build(&client).unwrap(), "wdc https://graphql.xurrent.qa/");
        // A token takes precedence, also over half of the credentials of a client.
        assert!(build(&with(&[(STAGE, "qa"), (CLIENT_ID, "id")])).is_ok());
    }

    #[test]
    fn settings_of_the_builder_take_precedence() {
        let all = with(&[(STAGE, "production"), (REGION, "us"), (TOKEN_URL, "of another location")]);
        let at = |location| Xurrent { location, ..Xurrent::default() };
        let account = Xurrent { account: Some("other".to_owned()), ..Xurrent::default() };
        let domain = Location { domain: Some("4me.com".to_owned()), ..Location::default() };
        let stage = Location { stage: Some(Stage::Qa), ..Location::default() };
        let region = Location { region: Some(Region::Ch), ..Location::default() };
        assert_eq!(build_with(&all[..4], account).unwrap(), "other https://graphql.us.xurrent.com/");
        assert_eq!(build_with(&all, at(domain)).unwrap(), "wdc https://graphql.4me.com/");
        assert_eq!(build_with(&all, at(stage)).unwrap(), "wdc https://graphql.us.xurrent.qa/");
        assert_eq!(build_with(&all[..4], at(region)).unwrap(), "wdc https://graphql.ch.xurrent.com/");
    }

    #[test]
    fn an_error_lists_all_that_is_missing_or_wrong_and_no_secret() {
        let error = build(&[]).unwrap_err().to_string();
        let expected = "neither `XURRENT_TOKEN` is set, nor `XURRENT_CLIENT_ID` and `XURRENT_CLIENT_SECRET`; \
                        `XURRENT_ACCOUNT` is not set; none of `XURRENT_STAGE`, `XURRENT_DOMAIN` and \
                        `XURRENT_GRAPHQL_URL` is set";
        assert_eq!(error, format!("missing or invalid environment variables: {expected}"));
        let wrong = [
            (ACCOUNT, "https://wdc"),
            (CLIENT_SECRET, SECRET),
            (STAGE, "prod"),
            (REGION, "moon"),
            (TOKEN_URL, "https://user:very-secret-value@example.com/token"),
            (DOMAIN, "localhost"),
        ];
        let error = build(&wrong).unwrap_err();
        assert!(error.is_configuration());
        for part in [
            "`XURRENT_ACCOUNT`: invalid account",
            "`XURRENT_CLIENT_SECRET` needs `XURRENT_CLIENT_ID`",
            "only one of `XURRENT_STAGE` and `XURRENT_DOMAIN` can be set",
            "`XURRENT_STAGE`: unknown stage \"prod\"; expected one of production, qa, demo",
            "`XURRENT_REGION`: unknown region \"moon\"",
            "`XURRENT_TOKEN_URL` needs `XURRENT_GRAPHQL_URL`",
            "`XURRENT_TOKEN_URL`: the URL of an endpoint must not hold a user name or password",
            "`XURRENT_DOMAIN`: invalid domain",
        ] {
            assert!(error.to_string().contains(part), "{part:?} is not in {error}");
        }
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");

        for (more, part) in [
            (&[(REGION, "us"), (DOMAIN, "4me.com")][..], "`XURRENT_REGION` needs `XURRENT_STAGE`"),
            (&[(GRAPHQL_URL, "https://a.example")], "`XURRENT_GRAPHQL_URL` needs `XURRENT_TOKEN_URL`"),
            (&[(GRAPHQL_URL, "http://a.example"), (TOKEN_URL, "https://b.example")], "unencrypted"),
        ] {
            let error = build(&with(more)).unwrap_err().to_string();
            assert!(error.contains(part), "{part:?} is not in {error}");
        }
        let token = [(ACCOUNT, "wdc"), (TOKEN, "very-secret-value\n"), (STAGE, "qa")];
        let error = build(&token).unwrap_err();
        assert!(error.to_string().contains("`XURRENT_TOKEN` has characters"), "{error}");
        assert!(!format!("{error:?}").contains(SECRET));
    }

    #[cfg(unix)]
    #[test]
    fn other_encodings_are_errors() {
        use std::os::unix::ffi::OsStringExt;
        let invalid = || OsString::from_vec(b"very-secret-value\xff".to_vec());
        let (environment, credentials) = Environment::read(|name| (name == TOKEN).then(invalid));
        assert!(credentials.is_none());
        let settings = Xurrent { environment: Some(environment), ..Xurrent::default() };
        let error = ClientConfig::default().build(settings).unwrap_err().to_string();
        assert!(error.contains("`XURRENT_TOKEN` is not UTF-8") && !error.contains(SECRET), "{error}");
    }
}

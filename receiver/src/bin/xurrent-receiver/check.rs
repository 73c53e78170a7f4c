//! `check` and `migrate`: what can be wrong before the start.

use crate::admin::Request;
use crate::config::{Account, Config, set};
use crate::control;
use crate::error::{Error, chain};
use crate::output::line;
use reqwest::header::DATE;
use reqwest::{Certificate, Client, redirect};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};
use xurrent_receiver::inbox::SchemaVersion;
use xurrent_receiver::webhook::Verifier;

/// The time limit of a request to an account.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How far the clock may be off: the default leeway of a verifier.
const MAX_DRIFT: Duration = Duration::from_secs(60);

/// Checks everything, prints a line for each result, and fails if one is an error.
pub(crate) async fn check(config: &Config) -> ExitCode {
    let mut report = Report { has_failed: false };
    // First: verifiers prepare TLS for the clients below.
    let verifiers = report.add("verification", config.verifiers(), |all| format!("{} account(s)", all.len()));
    if config.verification.unsigned && !config.has_secret() {
        report
            .warn("verification", "anyone who knows the address can forge deliveries: require a secret too");
    }
    report.add("inbox", inbox(config).await, String::clone);
    if let Some(verifiers) = verifiers {
        let target = match config.destination() {
            Ok(destination) => destination.check().await,
            Err(error) => Err(error),
        };
        report.add("target", target, |()| "valid".to_owned());
        for (account, verifier) in config.account.iter().zip(verifiers) {
            let reached = report.add(&account.url, reach(config, account).await, |(text, _)| text.clone());
            for issuer in account.issuers.iter().filter(|_| account.public_key_file.is_none()) {
                report.add(&format!("keys of {issuer}"), keys(&verifier, issuer).await, String::clone);
            }
            if let Some((_, Some(date))) = reached {
                report.add("clock", compare(date), String::clone);
            }
        }
    }
    if report.has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Creates or migrates the tables.
pub(crate) async fn migrate(config: &Config) -> Result<(), Error> {
    let before = config.check_inbox().await?;
    if before.is_current() {
        return line(&format!("the inbox has {}", current(before)));
    }
    config.open_inbox(true, false).await?.inbox.close().await;
    let SchemaVersion { found, known, .. } = before;
    line(&format!("migrated the inbox from version {found} to version {known}"))?;
    let after = config.check_inbox().await?;
    match after.minimum > found && found > 0 {
        true => line(&format!("programs of a version before {} can no longer use it", after.minimum)),
        false => Ok(()),
    }
}

/// Describes a version that needs no migration.
fn current(SchemaVersion { found, minimum, known }: SchemaVersion) -> String {
    match found > known {
        true => format!(
            "version {found} of a newer program; this one, of version {known}, can use it, as all from {minimum}"
        ),
        false => format!("version {found}, the current one"),
    }
}

struct Report {
    has_failed: bool,
}

impl Report {
    /// Prints the result, and returns its value.
    fn add<T>(
        &mut self,
        what: &str,
        result: Result<T, Error>,
        describe: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.print("ok", what, &describe(&value));
                Some(value)
            }
            Err(error) => {
                self.has_failed = true;
                self.print("error", what, &error.to_string());
                None
            }
        }
    }

    fn warn(&mut self, what: &str, text: &str) {
        self.print("warning", what, text);
    }

    fn print(&mut self, level: &str, what: &str, text: &str) {
        self.has_failed |= line(&format!("{level}: {what}: {text}")).is_err();
    }
}

async fn inbox(config: &Config) -> Result<String, Error> {
    // A service that runs has the file open.
    if let Some(path) = config.control_socket()
        && control::ask(&path, &Request::Stats).await?.is_some()
    {
        return Ok("in use by the running service, which answers".to_owned());
    }
    let version = config.check_inbox().await?;
    Ok(match (version.is_current(), version.found) {
        (true, _) => current(version),
        (false, 0) => "there is none yet; `migrate` or `serve` creates it".to_owned(),
        (false, found) => format!("version {found}; `migrate` or `serve` migrates it to {}", version.known),
    })
}

/// Reaches the host of an account, and returns the status and the `Date` of its response.
async fn reach(config: &Config, account: &Account) -> Result<(String, Option<SystemTime>), Error> {
    let failed = |error: reqwest::Error| Error::Failed(chain(&error.without_url()));
    let authority = config.root_certificate()?;
    let authority = authority.map(|pem| Certificate::from_pem(pem.as_bytes())).transpose().map_err(failed)?;
    let builder = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none());
    let builder = set(builder, authority, |builder, authority| builder.tls_certs_merge([authority]));
    let client = builder.build().map_err(failed)?;
    let url = format!("{}/.well-known/openid-configuration", account.url.trim_end_matches('/'));
    let response = client.get(url).send().await.map_err(failed)?;
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
    let more = match (date.is_some(), account.issuers.is_empty() && account.public_key_file.is_none()) {
        (false, _) => "; it names no time, so the clock was not compared",
        // A policy has keys of its own, and any name.
        (true, true) => "; to check the keys of policies, name them in `issuers`",
        (true, false) => "",
    };
    Ok((format!("responds with status {}{more}", response.status().as_u16()), date))
}

/// Fetches the signing keys of a policy.
async fn keys(verifier: &Verifier, issuer: &str) -> Result<String, Error> {
    let keys = verifier.fetch_keys(issuer).await.map_err(|refused| {
        Error::Failed(format!("{}: deliveries would be refused; check `issuers`", refused.reason()))
    })?;
    if keys.is_empty() {
        let why = "it publishes no key of a supported algorithm: deliveries would be refused";
        return Err(Error::failed(why));
    }
    let mut names = BTreeMap::<String, Vec<&str>>::new();
    for (kid, algorithm) in keys {
        names.entry(kid).or_default().push(algorithm.as_str());
    }
    let names = names.iter().map(|(kid, algorithms)| format!("{kid:?} ({})", algorithms.join(", ")));
    Ok(names.collect::<Vec<_>>().join(", "))
}

fn compare(date: SystemTime) -> Result<String, Error> {
    let now = SystemTime::now();
    let drift = now.duration_since(date).unwrap_or_else(|error| error.duration());
    if drift > MAX_DRIFT {
        let why = "deliveries would be refused by their times; set the clock";
        return Err(Error::Failed(format!("it is off by {} seconds: {why}", drift.as_secs())));
    }
    Ok(format!("agrees within {} seconds", drift.as_secs() + 1))
}

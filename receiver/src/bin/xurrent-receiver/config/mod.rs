//! The configuration: a TOML file, and environment variables that replace its values.

mod load;
mod setup;

pub(crate) use load::{PREFIX, load};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};
pub(crate) use setup::{Opened, set, set_time};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use xurrent_receiver::webhook::Algorithm;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(default = "default_listen")]
    pub(crate) listen: SocketAddr,
    #[serde(default = "default_path", deserialize_with = "url_path")]
    pub(crate) path: String,
    pub(crate) monitoring: Option<SocketAddr>,
    control_socket: Option<PathBuf>,
    #[serde(default = "default_shutdown_timeout")]
    pub(crate) shutdown_timeout: Span,
    #[serde(default)]
    pub(crate) log: Log,
    pub(crate) account: Vec<Account>,
    #[serde(default)]
    pub(crate) verification: Verification,
    inbox: InboxConfig,
    #[serde(default)]
    pub(crate) limits: Limits,
    #[serde(default)]
    pub(crate) worker: WorkerConfig,
    #[serde(default)]
    filter: FilterConfig,
    target: TargetConfig,
    /// The folder of the file, which relative paths start from.
    #[serde(skip)]
    folder: PathBuf,
    /// Secrets in environment variables, by their keys.
    #[serde(skip)]
    secrets: BTreeMap<&'static str, SecretString>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Log {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) issuers: Vec<String>,
    #[serde(default, deserialize_with = "algorithm")]
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) public_key_file: Option<PathBuf>,
    audience: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Verification {
    pub(crate) unsigned: bool,
    webhook_ids: Vec<i64>,
    query_parameter: Option<String>,
    query_secret_file: Option<PathBuf>,
    basic_user: Option<String>,
    basic_password_file: Option<PathBuf>,
    require_all_claims: bool,
    leeway: Option<Span>,
    max_age: Option<Span>,
    expiry_grace: Option<Span>,
    root_certificate_file: Option<PathBuf>,
    dangerously_allow_loopback: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InboxConfig {
    sqlite: Option<PathBuf>,
    max_size: Option<u64>,
    postgres_url_file: Option<PathBuf>,
    max_connections: Option<usize>,
    poll_interval: Option<Span>,
    retention: Option<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) body: Option<usize>,
    pub(crate) read_timeout: Option<Span>,
    pub(crate) deadline: Option<Span>,
    pub(crate) max_concurrent_requests: Option<usize>,
    pub(crate) head_timeout: Option<Span>,
    pub(crate) max_connections: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WorkerConfig {
    pub(crate) concurrency: Option<usize>,
    pub(crate) in_order: bool,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) backoff: Option<Span>,
    pub(crate) max_backoff: Option<Span>,
    pub(crate) lease: Option<Span>,
    pub(crate) handler_timeout: Option<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FilterConfig {
    events: Vec<String>,
    records: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetConfig {
    url: Option<String>,
    secret_file: Option<PathBuf>,
    root_certificate_file: Option<PathBuf>,
    command: Option<Vec<String>>,
    table: Option<String>,
    postgres_url_file: Option<PathBuf>,
}

/// A duration, such as `30s`, `5m` or `7d`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span(pub(crate) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let invalid =
            |_| de::Error::custom(format!("invalid duration {text:?}; expected for example \"30s\""));
        humantime::parse_duration(&text).map(Self).map_err(invalid)
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_path() -> String {
    "/xurrent".to_owned()
}

fn default_shutdown_timeout() -> Span {
    Span(Duration::from_secs(20))
}

/// A path without the patterns of the router.
fn url_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let path = String::deserialize(deserializer)?;
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/-_.~".contains(char);
    match path.starts_with('/') && path.chars().all(is_plain) {
        true => Ok(path),
        false => Err(de::Error::custom(format!("invalid path {path:?}; expected for example \"/xurrent\""))),
    }
}

fn algorithm<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Algorithm>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let known = Algorithm::ALL.map(Algorithm::as_str).join(", ");
    let unknown = || de::Error::custom(format!("unknown algorithm {name:?}; expected one of {known}"));
    Algorithm::from_name(&name).map(Some).ok_or_else(unknown)
}

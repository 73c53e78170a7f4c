//! `Cargo.toml`.

use super::options::{Package, Runtime};
use crate::Config;

pub(super) fn text(package: &Package, config: &Config) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let source = |folder: &str| match &package.runtime {
        Runtime::Version(version) => format!("version = {}", quoted(version)),
        Runtime::Path(path) => {
            format!("path = {}", quoted(&format!("{}{folder}", path.trim_end_matches(['/', '\\']))))
        }
    };
    let more = config.dependencies.iter().map(|(name, source)| format!("{name} = {source}\n"));
    TEMPLATE
        .replace("{more}", &more.collect::<String>())
        .replace("{name}", &package.name)
        .replace("{derive}", &source("/../derive"))
        .replace("{runtime}", &source(""))
}

const TEMPLATE: &str = r#"[package]
name = "{name}"
description = "Typed client for a GraphQL API, generated from its schema"
version = "0.1.0"
edition = "2024"
rust-version = "1.88"

[features]
default = ["rustls"]
# TLS: rustls with aws-lc or with ring, or the library of the operating system.
rustls = ["xurrent-runtime/rustls"]
rustls-ring = ["xurrent-runtime/rustls-ring"]
native-tls = ["xurrent-runtime/native-tls"]
# A client without `async`: the module `blocking`.
blocking = ["xurrent-runtime/blocking"]
# Subscriptions over WebSockets: the module `subscriptions`, and the functions `Client::subscribe_..`.
subscriptions = ["xurrent-runtime/subscriptions"]
# `Client::execute`: operations of `#[derive(GraphQLQuery)]` of the crate `graphql_client`.
graphql-client = ["xurrent-runtime/graphql-client"]
# Types of these crates as leaves of selections and as inputs.
chrono = ["xurrent-runtime/chrono"]
time = ["xurrent-runtime/time"]
# Enums as values of a command line: `clap::ValueEnum`.
clap = ["xurrent-runtime/clap"]

[dependencies]
xurrent-derive = { {derive} }
xurrent-runtime = { {runtime}, default-features = false }
{more}
[dev-dependencies]
# Of the example.
tokio = { version = "1", default-features = false, features = ["macros", "rt-multi-thread"] }
"#;

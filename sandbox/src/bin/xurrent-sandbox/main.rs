//! The program `xurrent-sandbox`: a Xurrent API on a loopback socket.

mod output_file;
mod records;
mod webhooks;

use clap::Parser;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use xurrent_generator::error_chain;
use xurrent_sandbox::{
    DEMO_ACCOUNT, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_TOKEN, Fault, Sandbox, Storage,
};

/// Serves a Xurrent GraphQL API on 127.0.0.1, for tests.
///
/// A GraphQL engine validates documents against the given schema and executes them over deterministic
/// demo records. Mutations change the records until the sandbox stops.
#[derive(Debug, Parser)]
#[command(version, about, after_long_help = FILES_HELP)]
struct Arguments {
    /// The introspection result of the schema to serve, as JSON [default: Xurrent's, built in]
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,

    /// The http port; 0 for a free one
    #[arg(long, value_name = "N", default_value_t = 4010)]
    port: u16,

    /// The https port; 0 for a free one [default: the one after --port]
    #[arg(long, value_name = "N")]
    https_port: Option<u16>,

    /// Write the certificate authority of the https port to this file, as PEM; it is new at each start
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,

    /// The personal access token to accept as bearer token
    #[arg(long, value_name = "TOKEN", default_value = DEMO_TOKEN)]
    token: String,

    /// The account id to require in the X-Xurrent-Account header
    #[arg(long, value_name = "ID", default_value = DEMO_ACCOUNT)]
    account: String,

    /// The OAuth client id to issue tokens to
    #[arg(long, value_name = "ID", default_value = DEMO_CLIENT_ID)]
    client_id: String,

    /// The secret of the OAuth client
    #[arg(long, value_name = "SECRET", default_value = DEMO_CLIENT_SECRET)]
    client_secret: String,

    /// Serve a later version of the schema, with more fields, types and values
    #[arg(long)]
    schema_evolution: bool,

    /// Refuse more than 20 requests in two seconds, and 3,600 requests or a cost of 5,000 in an hour
    #[arg(long)]
    limits: bool,

    /// Refuse requests of a user beyond this number in any window of these seconds, such as 20/2
    #[arg(long, value_name = "REQUESTS/SECONDS", value_parser = burst)]
    burst: Option<(usize, Duration)>,

    /// Refuse requests of a user beyond this number or cost within these seconds, such as 3600,5000/3600
    #[arg(long, value_name = "REQUESTS,COST/SECONDS", value_parser = budget)]
    budget: Option<(u64, u64, Duration)>,

    /// Refuse documents that select more nodes than this
    #[arg(long, value_name = "N")]
    max_nodes: Option<u64>,

    /// A further user with a personal access token; can be repeated
    #[arg(long = "user", value_name = "NAME=TOKEN", value_parser = user)]
    users: Vec<(String, String)>,

    /// The attachment storage: an S3 bucket, the account's own server, or none
    #[arg(long, value_name = "s3|local|none", default_value = "s3", value_parser = storage)]
    storage: Storage,

    /// Delay every GraphQL request
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    latency: u64,

    /// Apply the faults of this file to the requests, one after the other; --help describes the file
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,

    /// Replay this recording instead of serving demo records
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,

    #[command(flatten)]
    records: records::RecordArguments,

    #[command(flatten)]
    webhooks: webhooks::WebhookArguments,
}

const FILES_HELP: &str = concat!(
    "The file of --records:\n\n",
    include_str!("../../records/file.md"),
    "\nThe file of --faults:\n\n",
    include_str!("../../fault/script.md")
);

/// The https port: by default the one after a given http port, or else a free one.
fn https_port(port: u16, given: Option<u16>) -> u16 {
    given.unwrap_or(if port == 0 { 0 } else { port.wrapping_add(1) })
}

/// Parses `20/2`: requests and seconds.
fn burst(text: &str) -> Result<(usize, Duration), String> {
    let (requests, window) = in_seconds(text)?;
    let requests = requests.parse().map_err(|_| format!("invalid number of requests {requests:?}"))?;
    Ok((requests, window))
}

/// Parses `3600,5000/3600`: requests, cost and seconds.
fn budget(text: &str) -> Result<(u64, u64, Duration), String> {
    let (amounts, window) = in_seconds(text)?;
    let amounts = amounts.split_once(',').and_then(|(requests, cost)| {
        let amount = |text: &str| text.trim().parse().ok();
        amount(requests).zip(amount(cost))
    });
    let (requests, cost) = amounts.ok_or("expected for example 3600,5000/3600")?;
    Ok((requests, cost, window))
}

fn in_seconds(text: &str) -> Result<(&str, Duration), String> {
    let (what, seconds) = text.split_once('/').ok_or("missing seconds; expected for example 20/2")?;
    let window = webhooks::seconds(seconds)?;
    if window.is_zero() { Err("the window is empty".to_owned()) } else { Ok((what.trim(), window)) }
}

fn user(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, token)| !name.is_empty() && !token.is_empty());
    parts.map(|(name, token)| (name.to_owned(), token.to_owned())).ok_or("expected NAME=TOKEN".to_owned())
}

fn storage(name: &str) -> Result<Storage, String> {
    match name {
        "s3" => Ok(Storage::s3()),
        "local" => Ok(Storage::local()),
        "none" => Ok(Storage::none()),
        _ => Err("expected `s3`, `local` or `none`".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xurrent-sandbox: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<(), String> {
    let mut builder = arguments.records.apply(Sandbox::builder());
    if let Some(file) = &arguments.schema {
        let schema = std::fs::read_to_string(file);
        let schema = schema.map_err(|error| format!("cannot read the schema {}: {error}", file.display()))?;
        builder = builder.schema_json(schema);
    }
    let burst = arguments.burst.or_else(|| arguments.limits.then_some((20, Duration::from_secs(2))));
    if let Some((requests, window)) = burst {
        builder = builder.burst(requests, window);
    }
    let hour = Duration::from_secs(3_600);
    let budget = arguments.budget.or_else(|| arguments.limits.then_some((3_600, 5_000, hour)));
    if let Some((requests, cost, window)) = budget {
        builder = builder.budget(requests, cost, window);
    }
    if let Some(limit) = arguments.max_nodes {
        builder = builder.max_nodes(limit);
    }
    for (name, token) in &arguments.users {
        builder = builder.user(name, token);
    }
    if let Some(file) = &arguments.faults {
        let script = std::fs::read_to_string(file);
        let script = script.map_err(|error| format!("cannot read the faults {}: {error}", file.display()))?;
        builder = builder.faults(
            Fault::script(&script).map_err(|error| format!("{}: {}", file.display(), error_chain(&error)))?,
        );
    }
    if let Some(recording) = &arguments.replay {
        builder = builder.replay(recording);
    }
    let sandbox = builder
        .port(arguments.port)
        .https_port(https_port(arguments.port, arguments.https_port))
        .token(&arguments.token)
        .account(&arguments.account)
        .oauth_client(&arguments.client_id, &arguments.client_secret)
        .schema_evolution(arguments.schema_evolution)
        .storage(arguments.storage)
        .latency(Duration::from_millis(arguments.latency))
        .webhooks(arguments.webhooks.settings()?)
        .start()
        .await
        .map_err(|error| error_chain(&error))?;
    if let Some(file) = &arguments.ca_file {
        output_file::create(file, "-----BEGIN CERTIFICATE-----")
            .and_then(|mut file| file.write_all(sandbox.root_certificate().as_bytes()))
            .map_err(|error| format!("cannot write the certificate authority {}: {error}", file.display()))?;
    }
    println!("The sandbox serves {}", sandbox.graphql_url());
    println!("The explorer for browsers is at {}", sandbox.explorer_url());
    println!("The account URL is {}\n\nEnvironment of a client:", sandbox.account_url());
    for (name, value) in sandbox.environment() {
        println!("  export {name}={value}");
    }
    println!("Use either XURRENT_TOKEN or XURRENT_TOKEN_URL with the client id and secret.\n");
    let rotate = sandbox.graphql_url().replace("/graphql", "/sandbox/rotate-keys");
    println!("Rotate the keys of webhook policies: curl -X POST {rotate}\n");
    arguments.webhooks.deliver(&sandbox)?;
    println!("Press Ctrl-C or send SIGTERM to stop.");
    shutdown_signal().await?;
    sandbox.shutdown().await;
    Ok(())
}

/// Waits for Ctrl-C, or for SIGTERM, which Docker and CI systems send.
async fn shutdown_signal() -> Result<(), String> {
    let failed = |error| format!("cannot wait for signals: {error}");
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.map_err(failed),
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(failed)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_files_in_the_help_are_valid() {
        Arguments::command().debug_assert();
        let records = FILES_HELP.split("```").nth(1).unwrap().strip_prefix("json").unwrap();
        Sandbox::builder().records(serde_json::from_str(records).unwrap()).engine().unwrap();
        let script = FILES_HELP.split("```").nth(3).unwrap().strip_prefix("json").unwrap();
        assert_eq!(Fault::script(script).unwrap().len(), 11);
    }

    #[test]
    fn the_https_port_follows_the_http_port_by_default() {
        assert_eq!([4010, 0, u16::MAX].map(|port| https_port(port, None)), [4011, 0, 0]);
        assert_eq!([Some(0), Some(443)].map(|given| https_port(4010, given)), [0, 443]);
    }

    #[test]
    fn limits_are_parsed_or_refused() {
        assert_eq!(burst("20/2").unwrap(), (20, Duration::from_secs(2)));
        assert_eq!(burst("3/0.5").unwrap(), (3, Duration::from_millis(500)));
        assert_eq!(budget("3600, 5000/3600").unwrap(), (3_600, 5_000, Duration::from_secs(3_600)));
        for text in ["", "20", "20/", "/2", "20/0", "20/-1", "20/x", "x/2", "-1/2", "20/1e300", "20/inf"] {
            assert!(burst(text).is_err() && budget(text).is_err(), "{text}");
        }
        assert_eq!(user("Grace=a=b").unwrap(), ("Grace".to_owned(), "a=b".to_owned()));
        assert!(["", "Grace", "=token", "Grace="].iter().all(|text| user(text).is_err()));
    }
}

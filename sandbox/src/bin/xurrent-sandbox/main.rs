//! `xurrent-sandbox`: a Xurrent GraphQL API on a loopback socket.

mod output_file;
mod webhooks;

use clap::Parser;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use xurrent_sandbox::{
    DEMO_ACCOUNT, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_TOKEN, Fault, Sandbox, Storage,
};

/// Serves a Xurrent GraphQL API on 127.0.0.1, for tests.
///
/// Documents are judged by a real GraphQL engine over the given schema and run over made-up but
/// stable records. Mutations change the records until the sandbox stops.
#[derive(Debug, Parser)]
#[command(version, about, after_long_help = SCRIPT)]
struct Arguments {
    /// The schema to serve: a file with an introspection result in JSON
    #[arg(long, value_name = "FILE", default_value = "schema.json")]
    schema: PathBuf,

    /// The port to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 4010)]
    port: u16,

    /// The port to listen on for https; 0 takes a free one [default: the one after --port]
    #[arg(long, value_name = "N")]
    https_port: Option<u16>,

    /// Write the certificate authority of the https port to this file, as PEM; a new one each time
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,

    /// The personal access token to accept as bearer token
    #[arg(long, value_name = "TOKEN", default_value = DEMO_TOKEN)]
    token: String,

    /// The account id to accept in the X-Xurrent-Account header
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
    drift: bool,

    /// Refuse more than 20 requests in two seconds, and 3,600 requests or a cost of 5,000 in an hour
    #[arg(long)]
    limits: bool,

    /// Refuse more requests of a user than this in any window of so many seconds: 20/2
    #[arg(long, value_name = "REQUESTS/SECONDS", value_parser = burst)]
    burst: Option<(usize, Duration)>,

    /// Refuse more requests of a user, or more cost, than this within so many seconds: 3600,5000/3600
    #[arg(long, value_name = "REQUESTS,COST/SECONDS", value_parser = budget)]
    budget: Option<(u64, u64, Duration)>,

    /// Refuse documents that ask for more nodes than this as too costly
    #[arg(long, value_name = "N")]
    max_nodes: Option<u64>,

    /// A further user with a personal access token; can be given several times
    #[arg(long = "user", value_name = "NAME=TOKEN", value_parser = user)]
    users: Vec<(String, String)>,
    /// Where attachments go: a bucket of `s3`, the account's own server, or nowhere
    #[arg(long, value_name = "s3|local|none", default_value = "s3", value_parser = storage)]
    storage: Storage,

    /// Answer GraphQL requests no sooner than this
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    latency: u64,

    /// Let requests go wrong, one after the other, as this file says: --help shows how it is written
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,

    /// Answer GraphQL requests from this recording instead of made-up records
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,

    #[command(flatten)]
    webhooks: webhooks::Delivering,
}

/// No limit of the API has a longer window than a few hours.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3_600);

const SCRIPT: &str = r#"Faults:
  A file for --faults is a JSON array. Each object in it is for one request, in their order, or for as
  many as `times` says; behind the last one nothing goes wrong any more.

  [
    { "times": 3 },
    { "fault": { "status": 429 }, "headers": { "retry-after": "1" } },
    { "fault": { "status": 503 }, "body": "<h1>Down</h1>", "headers": { "content-type": "text/html" } },
    { "fault": { "status": 504 }, "after_execution": true, "operation": "requestCreate" },
    { "fault": "cut_body", "delay_ms": 50, "times": 2 },
    { "fault": { "slow_body_ms": 500 }, "user": "Grace" },
    { "fault": { "errors": ["out of order"] } },
    { "fault": { "status": 503 }, "on": "token_call" }
  ]

  fault            "none" when left out, or
                     "cut_before"               the connection breaks instead of the execution
                     "cut_after"                it breaks instead of the answer
                     "cut_body"                 it breaks in the middle of the answer
                     { "status": 503 }          this answer instead of the execution
                     { "slow_body_ms": 500 }    the answer takes this long to come through
                     { "errors": ["..."] }      GraphQL errors beside the data
                     "repeated_cursor"          a page says that it is followed by itself
                     "no_cursor"                a page is followed by one, but not told by which:
                     "empty_cursor"               its cursor is null, or an empty text
                     { "long_pages": 5 }        pages have up to so many records too many
                     { "max_nodes": 50 }        a document that asks for more nodes is refused
  body             the body that goes with a status; otherwise a message in JSON
  after_execution  true: the request is executed before it is answered with a status
  headers          headers of the answer
  delay_ms         waits before anything else happens
  operation        only for GraphQL requests with this `operationName`
  user             only for GraphQL requests of this user of --user
  on               "token_call", "upload", "poll" for the result of asynchronous work, "discovery" for the
                   keys of webhook policies, or "rest": for such a request instead of a GraphQL request
  times            for so many requests, 1 when left out"#;

/// The port for https: behind a free one, or the last, comes a free one.
fn https_port(port: u16, given: Option<u16>) -> u16 {
    given.unwrap_or(if port == 0 { 0 } else { port.checked_add(1).unwrap_or(0) })
}

/// `20/2`: so many requests in so many seconds.
fn burst(text: &str) -> Result<(usize, Duration), String> {
    let (requests, window) = in_seconds(text)?;
    let requests = requests.parse().map_err(|_| format!("{requests:?} is no number of requests"))?;
    Ok((requests, window))
}

/// `3600,5000/3600`: so many requests and so much cost in so many seconds.
fn budget(text: &str) -> Result<(u64, u64, Duration), String> {
    let (amounts, window) = in_seconds(text)?;
    let amounts = amounts.split_once(',').and_then(|(requests, cost)| {
        let amount = |text: &str| text.trim().parse().ok();
        amount(requests).zip(amount(cost))
    });
    let (requests, cost) = amounts.ok_or("write the requests and the cost like 3600,5000/3600")?;
    Ok((requests, cost, window))
}

fn in_seconds(text: &str) -> Result<(&str, Duration), String> {
    let (what, seconds) = text.split_once('/').ok_or("the seconds are missing: write them behind a `/`")?;
    let window = seconds.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let window = window.filter(|window| !window.is_zero() && *window <= LONGEST);
    Ok((what.trim(), window.ok_or_else(|| format!("{seconds:?} is no number of seconds"))?))
}

fn user(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, token)| !name.is_empty() && !token.is_empty());
    parts
        .map(|(name, token)| (name.to_owned(), token.to_owned()))
        .ok_or("write it like NAME=TOKEN".to_owned())
}

fn storage(name: &str) -> Result<Storage, String> {
    match name {
        "s3" => Ok(Storage::s3()),
        "local" => Ok(Storage::local()),
        "none" => Ok(Storage::none()),
        _ => Err("give `s3`, `local` or `none`".to_owned()),
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
    let schema = std::fs::read_to_string(&arguments.schema).map_err(|error| {
        let file = arguments.schema.display();
        format!("cannot read the schema {file}: {error} (name another one with --schema)")
    })?;
    let mut builder = Sandbox::builder();
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
        builder =
            builder.faults(Fault::script(&script).map_err(|error| format!("{}: {error}", file.display()))?);
    }
    if let Some(recording) = &arguments.replay {
        builder = builder.replay(recording);
    }
    let sandbox = builder
        .schema_json(schema)
        .port(arguments.port)
        .https_port(https_port(arguments.port, arguments.https_port))
        .token(&arguments.token)
        .account(&arguments.account)
        .oauth_client(&arguments.client_id, &arguments.client_secret)
        .drift(arguments.drift)
        .storage(arguments.storage)
        .latency(Duration::from_millis(arguments.latency))
        .webhooks(arguments.webhooks.settings()?)
        .start()
        .await
        .map_err(|error| match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        })?;
    if let Some(file) = &arguments.ca_file {
        output_file::create(file, "-----BEGIN CERTIFICATE-----")
            .and_then(|mut file| file.write_all(sandbox.root_certificate().as_bytes()))
            .map_err(|error| format!("cannot write the authority {}: {error}", file.display()))?;
    }
    println!("The sandbox serves {}", sandbox.graphql_url());
    println!("The account is at {}", sandbox.account_url());
    println!();
    println!("Point a client at it with");
    println!("  export XURRENT_GRAPHQL_URL={}", sandbox.graphql_url());
    println!("  export XURRENT_TOKEN={}", sandbox.token());
    println!("  export XURRENT_ACCOUNT={}", sandbox.account());
    println!("or, to get tokens by OAuth client credentials, with these instead of the token");
    println!("  export XURRENT_TOKEN_URL={}", sandbox.token_url());
    println!("  export XURRENT_CLIENT_ID={}", sandbox.client_id());
    println!("  export XURRENT_CLIENT_SECRET={}", sandbox.client_secret());
    println!("and, for webhooks, with");
    println!("  export XURRENT_REST_URL={}", sandbox.rest_url());
    println!("  export XURRENT_ACCOUNT_URL={}", sandbox.account_url());
    println!();
    arguments.webhooks.deliver(&sandbox)?;
    println!("Ctrl-C or SIGTERM stops it.");
    shutdown_signal().await?;
    sandbox.shutdown().await;
    Ok(())
}

/// Waits for Ctrl-C, or for SIGTERM, with which Docker and CI systems end a process.
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
    fn the_script_in_the_help_can_be_used() {
        Arguments::command().debug_assert();
        let (start, end) = (SCRIPT.find('[').unwrap(), SCRIPT.rfind("\n  ]").unwrap());
        assert_eq!(Fault::script(&SCRIPT[start..end + 4]).unwrap().len(), 11);
    }

    #[test]
    fn the_port_for_https_is_the_next_one_unless_it_is_given() {
        assert_eq!([4010, 0, u16::MAX].map(|port| https_port(port, None)), [4011, 0, 0]);
        assert_eq!([Some(0), Some(443)].map(|given| https_port(4010, given)), [0, 443]);
    }

    #[test]
    fn limits_are_read_or_refused() {
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

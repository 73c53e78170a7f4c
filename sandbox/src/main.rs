//! `xurrent-sandbox`: a Xurrent GraphQL API on a loopback socket.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use xurrent_sandbox::{DEMO_ACCOUNT, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_TOKEN, Sandbox};

/// Serves a Xurrent GraphQL API on 127.0.0.1, for tests.
///
/// Documents are judged by a real GraphQL engine over the given schema and run over made-up but
/// stable records. Mutations change the records until the sandbox stops.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// The schema to serve: a file with an introspection result in JSON
    #[arg(long, value_name = "FILE", default_value = "schema.json")]
    schema: PathBuf,

    /// The port to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 4010)]
    port: u16,

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

    /// Answer GraphQL requests no sooner than this
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    latency: u64,

    /// Answer GraphQL requests from this recording instead of made-up records
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
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
    if arguments.limits {
        let (burst, hour) = (Duration::from_secs(2), Duration::from_secs(3_600));
        builder = builder.burst(20, burst).budget(3_600, 5_000, hour);
    }
    if let Some(recording) = &arguments.replay {
        builder = builder.replay(recording);
    }
    let sandbox = builder
        .schema_json(schema)
        .port(arguments.port)
        .token(&arguments.token)
        .account(&arguments.account)
        .oauth_client(&arguments.client_id, &arguments.client_secret)
        .drift(arguments.drift)
        .latency(Duration::from_millis(arguments.latency))
        .start()
        .await
        .map_err(|error| match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        })?;
    println!("The sandbox serves {}", sandbox.graphql_url());
    println!();
    println!("Point a client at it with");
    println!("  export XURRENT_GRAPHQL_URL={}", sandbox.graphql_url());
    println!("  export XURRENT_TOKEN={}", sandbox.token());
    println!("  export XURRENT_ACCOUNT={}", sandbox.account());
    println!("or, to get tokens by OAuth client credentials, with these instead of the token");
    println!("  export XURRENT_TOKEN_URL={}", sandbox.token_url());
    println!("  export XURRENT_CLIENT_ID={}", sandbox.client_id());
    println!("  export XURRENT_CLIENT_SECRET={}", sandbox.client_secret());
    println!();
    println!("Ctrl-C stops it.");
    tokio::signal::ctrl_c().await.map_err(|error| format!("cannot wait for ctrl-c: {error}"))?;
    sandbox.shutdown().await;
    Ok(())
}

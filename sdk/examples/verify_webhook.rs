//! Looks at one delivery of a webhook: verifies it and prints what it says.
//!
//! ```text
//! cargo run --example verify_webhook -- --account-url https://wdc.xurrent.com < body.json
//! cargo run --example verify_webhook -- --help
//! ```

use clap::Parser;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use std::error::Error;
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use xurrent::webhook::{Algorithm, Delivery, Links, MAX_BODY, Message, Payload, Verifier};

/// Verify the body of a webhook's delivery, and print it as JSON.
///
/// The body is read from standard input, as it was posted. With --public-key nothing is sent;
/// without it, the keys are fetched from the issuer that the token names, which must be the
/// account's own host. A handshake is verified like any other event; its callback is not called.
///
/// Exit codes: 0 verified, the delivery is on standard output; 1 refused, the reason is on standard
/// error; 2 wrong usage.
#[derive(Parser)]
#[command(name = "verify_webhook")]
struct Arguments {
    /// The address of the account, such as https://wdc.xurrent.com: its issuers are trusted.
    #[arg(long, value_name = "URL", required_unless_present = "issuer")]
    account_url: Option<String>,
    /// Trust this issuer only, exactly as the claim `iss` has it.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The public key of the webhook policy, as PEM.
    #[arg(long, value_name = "FILE", requires = "algorithm")]
    public_key: Option<PathBuf>,
    /// The algorithm of the webhook policy: RS256, RS384, RS512, ES256, ES384 or ES512.
    #[arg(long, value_name = "NAME", requires = "public_key", value_parser = algorithm)]
    algorithm: Option<Algorithm>,
    /// Demand this audience.
    #[arg(long, value_name = "TEXT")]
    audience: Option<String>,
    /// A header of the delivery, such as "x-xurrent-delivery: 3f0c..". May be repeated.
    #[arg(long = "header", value_name = "NAME:VALUE", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// How old the token may be, in seconds: for a delivery that was kept for a while. An expiry
    /// that has passed is forgiven for as long.
    #[arg(long, value_name = "SECONDS", default_value_t = 63)]
    max_age: u64,
    /// Accept a body without signature. Anybody can have written it.
    #[arg(long, conflicts_with_all = ["public_key", "audience"])]
    dangerously_accept_unsigned: bool,
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    Algorithm::from_name(name).ok_or_else(|| "not one of RS256, RS384, RS512, ES256, ES384, ES512".to_owned())
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("not of the form NAME:VALUE")?;
    let name = name.trim().parse().map_err(|_| format!("{name:?} is no name of a header"))?;
    let value = value.trim().parse().map_err(|_| "not a value of a header")?;
    Ok((name, value))
}

#[tokio::main]
async fn main() -> ExitCode {
    match look(Arguments::parse()).await {
        Ok(shown) => {
            println!("{shown}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("refused: {reason}");
            ExitCode::FAILURE
        }
    }
}

async fn look(arguments: Arguments) -> Result<String, Box<dyn Error>> {
    let verifier = verifier(&arguments)?;
    let headers: HeaderMap = arguments.headers.into_iter().collect();
    // One byte more than allowed is enough to be refused.
    let mut body = Vec::new();
    std::io::stdin().take(MAX_BODY as u64 + 1).read_to_end(&mut body)?;
    let delivery = verifier.verify(&headers, &body).await.map_err(|refused| refused.reason().to_string())?;
    shown(&delivery)
}

fn verifier(arguments: &Arguments) -> Result<Verifier, Box<dyn Error>> {
    let age = Duration::from_secs(arguments.max_age);
    let mut builder = Verifier::builder().max_age(age);
    if arguments.max_age > 63 {
        builder = builder.expiry_grace(age);
    }
    if let Some(url) = &arguments.account_url {
        builder = builder.account_url(url);
    }
    if let Some(issuer) = &arguments.issuer {
        builder = builder.issuer(issuer);
    }
    if let (Some(path), Some(algorithm)) = (&arguments.public_key, arguments.algorithm) {
        let pem = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        builder = builder.public_key(algorithm, pem);
    }
    if let Some(audience) = &arguments.audience {
        builder = builder.audience(audience);
    }
    if arguments.dangerously_accept_unsigned {
        builder = builder.dangerously_accept_unsigned();
    }
    Ok(builder.build()?)
}

/// The delivery with its payload as it is typed. What was received keeps all its digits.
#[derive(Serialize)]
struct Shown<'d> {
    signed: bool,
    delivery: Option<&'d str>,
    origin: Option<&'d str>,
    links: &'d Links,
    message: &'d Message,
    payload: Payload,
}

fn shown(delivery: &Delivery) -> Result<String, Box<dyn Error>> {
    let shown = Shown {
        signed: delivery.signed,
        delivery: delivery.id.as_deref(),
        origin: delivery.origin.as_deref(),
        links: &delivery.links,
        message: &delivery.message,
        payload: delivery.typed_payload()?,
    };
    Ok(serde_json::to_string_pretty(&shown)?)
}

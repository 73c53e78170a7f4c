//! The arguments for webhooks.

use crate::output_file::create as create_file;
use clap::Args;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;
use xurrent_generator::error_chain;
use xurrent_sandbox::{DeliveryAttempt, Sandbox, Webhooks};

#[derive(Debug, Args)]
#[command(next_help_heading = "Webhooks")]
pub(super) struct WebhookArguments {
    /// The delays before the retries of a delivery in seconds, such as 1,5,0.5; empty for no retry
    #[arg(long, value_name = "SECONDS,..", value_parser = delays, default_value = "5,10,20,40,80,160,320,640,1280")]
    webhook_retries: Delays,

    /// Disable a webhook after this number of failures in a row over these seconds
    #[arg(long, value_name = "FAILURES/SECONDS", value_parser = failures, default_value = "20/604800")]
    webhook_disable_after: (u32, Duration),

    /// Allow webhooks to other machines, not only to loopback addresses
    #[arg(long)]
    webhook_any_address: bool,

    /// Trust this certificate authority for deliveries over https, as PEM
    #[arg(long, value_name = "FILE")]
    webhook_ca_file: Option<PathBuf>,

    /// Record all deliveries in this file, one JSON object per line, for --deliver
    #[arg(long, value_name = "FILE")]
    save_deliveries: Option<PathBuf>,

    /// Deliver the recorded deliveries of this file
    #[arg(long, value_name = "FILE", requires = "to")]
    deliver: Option<PathBuf>,

    /// The URL for --deliver
    #[arg(long, value_name = "URL", requires = "deliver")]
    to: Option<String>,

    /// Sign the deliveries of --deliver: es256, rs512, hs256, ...; asymmetric algorithms use OpenID Connect
    /// discovery
    #[arg(long, value_name = "ALGORITHM", requires = "deliver")]
    sign_with: Option<String>,
}

/// A newtype, because clap treats a `Vec` as a repeatable argument.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Delays(Vec<Duration>);

fn delays(text: &str) -> Result<Delays, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(seconds).collect::<Result<_, _>>().map(Delays)
}

fn failures(text: &str) -> Result<(u32, Duration), String> {
    let (failures, period) = text.split_once('/').ok_or("missing seconds; expected for example 20/604800")?;
    let failures = failures.trim().parse().ok().filter(|failures| *failures > 0);
    Ok((failures.ok_or("invalid number of failures; expected at least 1")?, seconds(period)?))
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.trim().parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let year = Duration::from_secs(366 * 24 * 3_600);
    seconds.filter(|seconds| *seconds <= year).ok_or_else(|| format!("invalid number of seconds {text:?}"))
}

impl WebhookArguments {
    /// The settings, with an observer that prints every attempt to standard error.
    pub(super) fn settings(&self) -> Result<Webhooks, String> {
        if self.deliver.is_some() && self.deliver == self.save_deliveries {
            return Err(
                "--save-deliveries would overwrite the file of --deliver; choose another file".to_owned()
            );
        }
        let create = |path: &PathBuf| {
            create_file(path, "{\"id\":").map_err(|error| format!("cannot write {}: {error}", path.display()))
        };
        let file = self.save_deliveries.as_ref().map(create).transpose()?.map(Mutex::new);
        let (failures, period) = self.webhook_disable_after;
        let observe = move |attempt: &DeliveryAttempt| {
            eprintln!("{}", line(attempt));
            if let Some((file, line)) = file.as_ref().zip(attempt.to_line())
                && let Err(error) = writeln!(file.lock(), "{line}")
            {
                eprintln!("cannot save a delivery: {error}");
            }
        };
        let mut webhooks = Webhooks::default();
        if let Some(path) = &self.webhook_ca_file {
            let pem = std::fs::read_to_string(path);
            webhooks = webhooks
                .root_certificate(pem.map_err(|error| format!("cannot read {}: {error}", path.display()))?);
        }
        Ok(webhooks
            .retry_after(self.webhook_retries.0.clone())
            .disable_after(failures, period)
            .any_address(self.webhook_any_address)
            .observe(observe))
    }

    /// Queues the deliveries of --deliver.
    pub(super) fn deliver(&self, sandbox: &Sandbox) -> Result<(), String> {
        let Some((file, to)) = self.deliver.as_ref().zip(self.to.as_deref()) else {
            return Ok(());
        };
        // Created disabled, so that there is no handshake.
        let mut webhook =
            json!({ "event": "automation_rule", "uri": to, "name": "Replay of a file", "disabled": true });
        if let Some(algorithm) = &self.sign_with {
            let input = json!({ "jwtAlg": algorithm, "jwtClaimExpiresIn": 5 });
            let policy = run(sandbox, "webhookPolicy", "Create", "id publicKeyPem", input)?;
            webhook["webhookPolicyId"] = policy["id"].clone();
            webhook["openidConnectDiscovery"] = policy["publicKeyPem"].is_string().into();
            if let Some(pem) = policy["publicKeyPem"].as_str() {
                println!("The deliveries are signed with\n{pem}");
            }
        }
        let webhook = run(sandbox, "webhook", "Create", "id", webhook)?;
        let id = webhook["id"].as_str().unwrap_or_default();
        sandbox.verify_webhook(id);
        run(sandbox, "webhook", "Update", "id", json!({ "id": id, "disabled": false }))?;
        let count = sandbox.replay_deliveries(file, id).map_err(|error| error_chain(&error))?;
        println!("Delivering {count} from {} to {to}", file.display());
        Ok(())
    }
}

/// Runs a mutation and returns its record.
fn run(sandbox: &Sandbox, record: &str, action: &str, fields: &str, input: Value) -> Result<Value, String> {
    let input_type = format!("{}{}{action}Input", record[..1].to_uppercase(), &record[1..]);
    let query = format!(
        "mutation($input: {input_type}!) {{
            done: {record}{action}(input: $input) {{ {record} {{ {fields} }} errors {{ message }} }} }}"
    );
    let response = sandbox.engine().execute(&json!({ "query": query, "variables": { "input": input } }));
    match &response["data"]["done"][record] {
        Value::Null => {
            let errors = [&response["errors"], &response["data"]["done"]["errors"]];
            let errors = errors.into_iter().filter_map(Value::as_array).flatten();
            let messages: Vec<&str> = errors.filter_map(|error| error["message"].as_str()).collect();
            Err(messages.join("; "))
        }
        record => Ok(record.clone()),
    }
}

/// The log line of an attempt.
fn line(attempt: &DeliveryAttempt) -> String {
    let DeliveryAttempt { webhook_id, event, uri, attempt: number, duration, .. } = attempt;
    let status = || attempt.outcome.as_ref().map(u16::to_string).unwrap_or_default();
    let outcome = attempt.error().unwrap_or_else(status);
    format!(
        "webhook {webhook_id}, attempt {number}: {event} to {uri}: {outcome} ({} ms)",
        duration.as_millis()
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn delays_and_failures_are_parsed_or_refused() {
        assert_eq!(delays("1, 0.5").unwrap().0, [Duration::from_secs(1), Duration::from_millis(500)]);
        assert!(delays("").unwrap().0.is_empty());
        assert_eq!(failures("3/0").unwrap(), (3, Duration::ZERO));
        for text in ["", "3", "0/1", "x/1", "3/x", "3/-1", "3/inf", "3/1e300"] {
            assert!(failures(text).is_err(), "{text}");
        }
        assert!(["x", "1,x", "-1", "1;2"].iter().all(|text| delays(text).is_err()));
    }
}

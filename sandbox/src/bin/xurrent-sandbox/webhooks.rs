//! The arguments about webhooks.

use crate::output_file::create as create_file;
use clap::Args;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use xurrent_sandbox::{DeliveryAttempt, Sandbox, Webhooks};

/// How webhooks are delivered.
#[derive(Debug, Args)]
#[command(next_help_heading = "Webhooks")]
pub(super) struct Delivering {
    /// How many seconds to wait before each further attempt to deliver something, like 1,5,0.5; nothing
    /// for no further attempt
    #[arg(long, value_name = "SECONDS,..", value_parser = waits, default_value = "5,10,20,40,80,160,320,640,1280")]
    webhook_retries: Waits,

    /// Disable a webhook after so many failures in a row over so many seconds
    #[arg(long, value_name = "FAILURES/SECONDS", value_parser = failures, default_value = "20/604800")]
    webhook_disable_after: (u32, Duration),

    /// Let webhooks lead to other machines, and not to this one only
    #[arg(long)]
    webhook_any_address: bool,

    /// Trust the certificates of this authority, as PEM, when webhooks lead to https
    #[arg(long, value_name = "FILE")]
    webhook_ca_file: Option<PathBuf>,

    /// Write what is delivered to this file, one JSON object a line, for --deliver
    #[arg(long, value_name = "FILE")]
    save_deliveries: Option<PathBuf>,

    /// Deliver once more what stands in this file
    #[arg(long, value_name = "FILE", requires = "to")]
    deliver: Option<PathBuf>,

    /// Where --deliver leads
    #[arg(long, value_name = "URL", requires = "deliver")]
    to: Option<String>,

    /// Sign what --deliver delivers: es256, rs512, hs256, ...; with a public key by OpenID Connect
    /// discovery
    #[arg(long, value_name = "ALGORITHM", requires = "deliver")]
    sign_with: Option<String>,
}

/// A type of its own, because a list would be read as an argument that can be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Waits(Vec<Duration>);

fn waits(text: &str) -> Result<Waits, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(seconds).collect::<Result<_, _>>().map(Waits)
}

fn failures(text: &str) -> Result<(u32, Duration), String> {
    let (failures, period) = text.split_once('/').ok_or("write the seconds behind a `/`")?;
    let failures = failures.trim().parse().ok().filter(|failures| *failures > 0);
    Ok((failures.ok_or("a webhook is disabled after one failure or more")?, seconds(period)?))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.trim().parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let year = Duration::from_secs(366 * 24 * 3_600);
    seconds.filter(|wait| *wait <= year).ok_or_else(|| format!("{text:?} is no number of seconds"))
}

impl Delivering {
    /// The settings. Every attempt is printed on standard error.
    pub(super) fn settings(&self) -> Result<Webhooks, String> {
        if self.deliver.is_some() && self.deliver == self.save_deliveries {
            return Err(
                "--save-deliveries would overwrite what --deliver reads: name another file".to_owned()
            );
        }
        let create = |path: &PathBuf| {
            create_file(path, "{\"id\":").map_err(|error| format!("cannot write {}: {error}", path.display()))
        };
        let file = self.save_deliveries.as_ref().map(create).transpose()?.map(Mutex::new);
        let (failures, period) = self.webhook_disable_after;
        let observe = move |attempt: &DeliveryAttempt| {
            eprintln!("{}", line(attempt));
            if let Some((file, line)) = file.as_ref().zip(attempt.to_line()) {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                if let Err(error) = writeln!(file, "{line}") {
                    eprintln!("a delivery cannot be saved: {error}");
                }
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

    /// Starts to deliver what is to be delivered once more.
    pub(super) fn deliver(&self, sandbox: &Sandbox) -> Result<(), String> {
        let Some((file, to)) = self.deliver.as_ref().zip(self.to.as_deref()) else {
            return Ok(());
        };
        // Enabled only when it is verified: who is told of old deliveries need not prove anything.
        let mut webhook = json!({ "event": "automation_rule", "uri": to, "name": "Deliveries of a file", "disabled": true });
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
        let count = sandbox.replay_deliveries(file, id).map_err(|error| error.to_string())?;
        println!("Delivering {count} from {} to {to}", file.display());
        Ok(())
    }
}

/// The record that a mutation leads to.
fn run(sandbox: &Sandbox, record: &str, action: &str, fields: &str, input: Value) -> Result<Value, String> {
    let input_type = format!("{}{}{action}Input", record[..1].to_uppercase(), &record[1..]);
    let query = format!(
        "mutation($input: {input_type}!) {{
            done: {record}{action}(input: $input) {{ {record} {{ {fields} }} errors {{ message }} }} }}"
    );
    let answer = sandbox.engine().execute(&json!({ "query": query, "variables": { "input": input } }));
    match &answer["data"]["done"][record] {
        Value::Null => {
            let errors = [&answer["errors"], &answer["data"]["done"]["errors"]];
            let errors = errors.into_iter().filter_map(Value::as_array).flatten();
            let messages: Vec<&str> = errors.filter_map(|error| error["message"].as_str()).collect();
            Err(messages.join("; "))
        }
        record => Ok(record.clone()),
    }
}

/// What became of an attempt.
fn line(attempt: &DeliveryAttempt) -> String {
    let DeliveryAttempt { webhook_id, event, uri, attempt: number, took, .. } = attempt;
    let outcome = match &attempt.outcome {
        Ok(status) => attempt.error().unwrap_or_else(|| status.to_string()),
        Err(why) => why.clone(),
    };
    format!("webhook {webhook_id}, attempt {number}: {event} to {uri}: {outcome} ({} ms)", took.as_millis())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn waits_and_failures_are_read_or_refused() {
        assert_eq!(waits("1, 0.5").unwrap().0, [Duration::from_secs(1), Duration::from_millis(500)]);
        assert!(waits("").unwrap().0.is_empty());
        assert_eq!(failures("3/0").unwrap(), (3, Duration::ZERO));
        for text in ["", "3", "0/1", "x/1", "3/x", "3/-1", "3/inf", "3/1e300"] {
            assert!(failures(text).is_err(), "{text}");
        }
        assert!(["x", "1,x", "-1", "1;2"].iter().all(|text| waits(text).is_err()));
    }
}

//! `replay`: recorded deliveries, passed to the target.

use crate::config::Config;
use crate::error::Error;
use crate::output::{line, plain};
use crate::target::Passed;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;
use xurrent_receiver::inbox::QueueId;
use xurrent_receiver::{QueuedDelivery, RawDelivery};

/// The parts of a line that matter: a signed body has a token, a dead letter a message and ids.
#[derive(Deserialize)]
struct Recorded<'j> {
    jwt: Option<String>,
    #[serde(borrow)]
    message: Option<&'j RawValue>,
    delivery: Option<String>,
    origin: Option<String>,
}

/// The claim of a token that holds the message.
#[derive(Deserialize)]
struct Claims<'j> {
    #[serde(borrow)]
    data: &'j RawValue,
}

/// Passes each delivery in turn, and fails if one fails.
pub(crate) async fn replay(config: &Config, file: &Path) -> Result<ExitCode, Error> {
    // Checks the rest of the configuration as well.
    config.verifiers()?;
    let destination = config.destination()?;
    let failed = |error| Error::Failed(format!("cannot read {}: {error}", file.display()));
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let limit = config.worker.handler_timeout();
    let (mut done, mut left_out, mut failures) = (0, 0, 0);
    for (number, json) in lines(&text) {
        let delivery = match read(json) {
            Ok(delivery) => delivery,
            Err(problem) => {
                failures += 1;
                line(&format!("line {number}: not a delivery: {problem}"))?;
                continue;
            }
        };
        let name = format!("line {number}: {} of {}", delivery.event, delivery.object_id);
        let result = match tokio::time::timeout(limit, destination.pass(&delivery)).await {
            Ok(Ok(Passed::Handled)) => {
                done += 1;
                "handled".to_owned()
            }
            Ok(Ok(Passed::LeftOut)) => {
                left_out += 1;
                "left out by the filter".to_owned()
            }
            Ok(Err(failure)) => {
                failures += 1;
                format!("failed: {}", failure.reason())
            }
            Err(_) => {
                failures += 1;
                format!("failed: timed out after {limit:?}")
            }
        };
        line(&format!("{}: {}", plain(&name), plain(&result)))?;
    }
    line(&format!("handled {done}, left out {left_out}, failed {failures}"))?;
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The lines with their numbers, or the whole text if it is a single value on several lines.
fn lines(text: &str) -> Vec<(usize, &str)> {
    if serde_json::from_str::<&RawValue>(text).is_ok() {
        return vec![(1, text)];
    }
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).collect()
}

fn read(json: &str) -> Result<QueuedDelivery, String> {
    // The texts of these errors can repeat private data.
    let recorded: Recorded<'_> = serde_json::from_str(json).map_err(|_| "invalid JSON".to_owned())?;
    let claims;
    let message = match (&recorded.jwt, recorded.message) {
        (Some(token), _) => {
            claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
            let claims =
                claims.as_deref().and_then(|claims| serde_json::from_slice::<Claims<'_>>(claims).ok());
            claims.ok_or("the token has no `data`")?.data.get()
        }
        (None, Some(message)) => message.get(),
        (None, None) => json,
    };
    let mut raw = RawDelivery::new("", "", message.to_owned());
    (raw.id, raw.origin) = (recorded.delivery, recorded.origin);
    let delivery = raw.decode().map_err(|rejection| rejection.to_string())?;
    Ok(QueuedDelivery { queue_id: QueueId(0), received: SystemTime::now(), attempt: 1, delivery })
}

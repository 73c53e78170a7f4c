//! Faults written as JSON.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

use super::{Effect, Fault, RequestKind};
use crate::error::SandboxError;

/// The maximum number of faults: more are a typing error.
const MAX_FAULTS: usize = 1_000_000;

/// One object of a script.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entry {
    fault: Effect,
    body: Option<String>,
    after_execution: bool,
    headers: BTreeMap<String, String>,
    delay_ms: u64,
    operation: Option<String>,
    user: Option<String>,
    on: RequestKind,
    #[serde(default = "once")]
    times: usize,
}

fn once() -> usize {
    1
}

impl Fault {
    #[doc = include_str!("script.md")]
    ///
    /// # Errors
    /// If the text is not such an array, with the line, and if a status or a header is invalid.
    pub fn script(json: &str) -> Result<Vec<Self>, SandboxError> {
        let invalid = |reason: String| SandboxError::Script { reason };
        let entries: Vec<Entry> = serde_json::from_str(json).map_err(|error| invalid(error.to_string()))?;
        let mut faults = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            let times = entry.times;
            let fault = entry.fault().map_err(|reason| invalid(format!("entry {}: {reason}", index + 1)))?;
            if times > MAX_FAULTS - faults.len() {
                return Err(invalid(format!("entry {}: more than {MAX_FAULTS} faults", index + 1)));
            }
            faults.extend(std::iter::repeat_n(fault, times));
        }
        Ok(faults)
    }
}

impl Entry {
    fn fault(self) -> Result<Fault, String> {
        match self.fault {
            // A status below 200 announces another response.
            Effect::Status(status) if status < 200 || StatusCode::from_u16(status).is_err() => {
                return Err(format!("{status} is not the status of a response"));
            }
            Effect::Status(_) => {}
            _ if self.body.is_some() || self.after_execution => {
                return Err("`body` and `after_execution` require a `status`".to_owned());
            }
            _ => {}
        }
        if self.on != RequestKind::GraphQl && (self.operation.is_some() || self.user.is_some()) {
            return Err("`operation` and `user` require a GraphQL request".to_owned());
        }
        let mut fault = Fault::new(self.fault).delayed(Duration::from_millis(self.delay_ms));
        for (name, value) in &self.headers {
            let header = HeaderName::try_from(name).ok().zip(HeaderValue::from_str(value).ok());
            fault.headers.push(header.ok_or_else(|| format!("invalid header {name:?}: {value:?}"))?);
        }
        (fault.body, fault.is_executed, fault.kind) = (self.body, self.after_execution, self.on);
        (fault.operation, fault.user) = (self.operation, self.user);
        Ok(fault)
    }
}

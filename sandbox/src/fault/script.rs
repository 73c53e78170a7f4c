//! Faults written down as JSON.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

use super::Fault;
use crate::error::SandboxError;

/// One object of a script.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    fault: Kind,
    body: Option<String>,
    #[serde(default)]
    after_execution: bool,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    delay_ms: u64,
    operation: Option<String>,
    user: Option<String>,
    #[serde(default)]
    on: On,
    #[serde(default = "once")]
    times: usize,
}

/// What kind of request it is for.
#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "snake_case")]
enum On {
    #[default]
    GraphqlRequest,
    TokenCall,
    Upload,
    Poll,
    Discovery,
    Rest,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    None,
    Status(u16),
    CutBefore,
    CutAfter,
    CutBody,
    SlowBodyMs(u64),
    Errors(Vec<String>),
    RepeatedCursor,
    NoCursor,
    EmptyCursor,
    LongPages(usize),
    MaxNodes(u64),
}

fn once() -> usize {
    1
}

/// More faults than this are a slip of the keyboard.
const MOST: usize = 1_000_000;

pub(super) fn read(json: &str) -> Result<Vec<Fault>, SandboxError> {
    let entries: Vec<Entry> = serde_json::from_str(json).map_err(|error| wrong(error.to_string()))?;
    let mut faults = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let times = entry.times;
        let fault = entry.fault().map_err(|reason| wrong(format!("entry {}: {reason}", index + 1)))?;
        if times > MOST - faults.len() {
            return Err(wrong(format!("entry {}: more than {MOST} faults", index + 1)));
        }
        faults.extend(std::iter::repeat_n(fault, times));
    }
    Ok(faults)
}

fn wrong(reason: String) -> SandboxError {
    SandboxError::Script { reason }
}

impl Entry {
    fn fault(self) -> Result<Fault, String> {
        let is_status = matches!(self.fault, Kind::Status(_));
        if !is_status && (self.body.is_some() || self.after_execution) {
            return Err("`body` and `after_execution` go with a `status`".to_owned());
        }
        if self.on != On::GraphqlRequest && (self.operation.is_some() || self.user.is_some()) {
            return Err("only GraphQL requests have an `operation` and a `user`".to_owned());
        }
        let mut fault = self.fault.fault()?.delayed(Duration::from_millis(self.delay_ms));
        if let Some(body) = self.body {
            fault = fault.body(body);
        }
        for (name, value) in &self.headers {
            let header = HeaderName::try_from(name).ok().zip(HeaderValue::from_str(value).ok());
            fault.headers.push(header.ok_or_else(|| format!("HTTP has no header {name:?}: {value:?}"))?);
        }
        fault.is_executed = self.after_execution;
        fault = match self.on {
            On::GraphqlRequest => fault,
            On::TokenCall => fault.on_token_call(),
            On::Upload => fault.on_upload(),
            On::Poll => fault.on_poll(),
            On::Discovery => fault.on_discovery(),
            On::Rest => fault.on_rest(),
        };
        (fault.operation, fault.user) = (self.operation, self.user);
        Ok(fault)
    }
}

impl Kind {
    fn fault(self) -> Result<Fault, String> {
        Ok(match self {
            Self::None => Fault::none(),
            // An answer below 200 only announces another one.
            Self::Status(status) if status < 200 || StatusCode::from_u16(status).is_err() => {
                return Err(format!("{status} is not the status of an answer"));
            }
            Self::Status(status) => Fault::status(status),
            Self::CutBefore => Fault::cut_before(),
            Self::CutAfter => Fault::cut_after(),
            Self::CutBody => Fault::cut_body(),
            Self::SlowBodyMs(duration) => Fault::slow_body(Duration::from_millis(duration)),
            Self::Errors(messages) => Fault::errors(messages),
            Self::RepeatedCursor => Fault::repeated_cursor(),
            Self::NoCursor => Fault::no_cursor(),
            Self::EmptyCursor => Fault::empty_cursor(),
            Self::LongPages(more) => Fault::long_pages(more),
            Self::MaxNodes(limit) => Fault::max_nodes(limit),
        })
    }
}

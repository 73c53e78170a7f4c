//! Answers from a recording, in place of those of the engine.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::error::SandboxError;

/// What stands in a recording where something was left out.
const LEFT_OUT: &str = "***";

/// Where a recording says that results of asynchronous work are.
const RESULTS_AT: &str = "https://replay.invalid";

/// The form of the lines that is understood.
const VERSION: u32 = 1;

/// The exchanges of a recording, and which of them are over.
#[derive(Debug)]
pub(crate) struct Replay {
    /// Whether values were recorded. Without them, requests are known by what their variables look like.
    values: bool,
    exchanges: Vec<Exchange>,
    used: Mutex<Vec<bool>>,
}

#[derive(Debug, Deserialize)]
struct Head {
    recording: String,
    version: u32,
    values: bool,
}

#[derive(Debug, Deserialize)]
struct Exchange {
    request: Sent,
    answer: Option<Received>,
}

#[derive(Debug, Deserialize)]
struct Sent {
    to: String,
    operation: Option<String>,
    document: Option<String>,
    #[serde(default)]
    variables: Value,
    number: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Received {
    status: u16,
    headers: Vec<(String, String)>,
    json: Option<Box<RawValue>>,
    text: Option<String>,
}

/// What a recording answers.
pub(crate) enum Replayed {
    Answer(StatusCode, String, Vec<(HeaderName, HeaderValue)>),
    /// No answer came when it was recorded.
    Nothing,
    /// This was not recorded, and why one can tell.
    Unknown(String),
}

impl Replay {
    /// Reads a recording. `origin` is where results of asynchronous work will be asked for.
    pub(crate) fn load(path: &Path, origin: &str) -> Result<Self, SandboxError> {
        let refused = |reason: String| SandboxError::Recording { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        let text = text.replace(RESULTS_AT, origin);
        let mut lines = text.lines();
        let head: Head = serde_json::from_str(lines.next().unwrap_or_default())
            .map_err(|error| refused(format!("it does not begin like a recording: {error}")))?;
        if head.recording != "xurrent" || head.version != VERSION {
            return Err(refused(format!("it is no Xurrent recording of version {VERSION}")));
        }
        let read = |(index, line)| {
            serde_json::from_str(line).map_err(|error| refused(format!("line {}: {error}", index + 2)))
        };
        let exchanges: Vec<Exchange> = lines.enumerate().map(read).collect::<Result<_, _>>()?;
        let used = Mutex::new(vec![false; exchanges.len()]);
        Ok(Self { values: head.values, exchanges, used })
    }

    /// The answer to a GraphQL request: the first one recorded that was not given yet.
    pub(crate) fn graphql(&self, body: &Value) -> Replayed {
        let asked = |name: &str| body.get(name).and_then(Value::as_str);
        let (operation, document) = (asked("operationName"), asked("query").unwrap_or_default());
        let variables = body.get("variables").unwrap_or(&Value::Null);
        let is_document = |sent: &Sent| {
            sent.document.as_deref().is_some_and(|recorded| self.is_document(recorded, document))
                && sent.operation.as_deref() == operation
        };
        let found = self.take(|sent| {
            sent.to == "graphql" && is_document(sent) && self.is_value(&sent.variables, variables)
        });
        match found {
            Found::Next(exchange) => exchange.replayed(),
            Found::Last(_, times) => Replayed::Unknown(format!(
                "{} was recorded {times} times like this, and is asked once more",
                name(operation)
            )),
            Found::Nothing => Replayed::Unknown(self.unknown(operation, is_document)),
        }
    }

    /// The answer to a poll. The last one stays.
    pub(crate) fn result(&self, number: &str) -> Replayed {
        let number = number.parse().ok();
        match self.take(|sent| sent.to == "async_result" && sent.number == number) {
            Found::Next(exchange) | Found::Last(exchange, _) => exchange.replayed(),
            Found::Nothing => Replayed::Unknown("no such result was recorded".to_owned()),
        }
    }

    fn take(&self, fits: impl Fn(&Sent) -> bool) -> Found<'_> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut last, mut times) = (None, 0);
        for (exchange, used) in self.exchanges.iter().zip(used.iter_mut()) {
            if !fits(&exchange.request) {
                continue;
            }
            if !std::mem::replace(used, true) {
                return Found::Next(exchange);
            }
            last = Some(exchange);
            times += 1;
        }
        last.map_or(Found::Nothing, |exchange| Found::Last(exchange, times))
    }

    fn unknown(&self, operation: Option<&str>, is_document: impl Fn(&Sent) -> bool) -> String {
        let sent = || self.exchanges.iter().map(|exchange| &exchange.request);
        let name = name(operation);
        if sent().any(is_document) {
            return format!("{name} was recorded with other variables only");
        }
        if sent().any(|sent| sent.to == "graphql" && sent.operation.as_deref() == operation) {
            return format!("{name} was recorded with another document only");
        }
        let recorded: BTreeSet<&str> = sent().filter_map(|sent| sent.operation.as_deref()).collect();
        let recorded: Vec<&str> = recorded.into_iter().collect();
        format!("{name} was not recorded; what was: {}", recorded.join(", "))
    }

    fn is_document(&self, recorded: &str, asked: &str) -> bool {
        recorded == asked || (recorded.contains(LEFT_OUT) && without_texts(recorded) == without_texts(asked))
    }

    /// Whether a value can be the one that was recorded, of which some texts were left out.
    fn is_value(&self, recorded: &Value, asked: &Value) -> bool {
        match (recorded, asked) {
            (Value::String(recorded), Value::String(asked)) => {
                !self.values || recorded == asked || recorded.contains(LEFT_OUT)
            }
            (Value::Number(recorded), Value::Number(asked)) => !self.values || recorded == asked,
            (Value::Array(recorded), Value::Array(asked)) => {
                recorded.len() == asked.len()
                    && recorded.iter().zip(asked).all(|(recorded, asked)| self.is_value(recorded, asked))
            }
            (Value::Object(recorded), Value::Object(asked)) => {
                recorded.len() == asked.len()
                    && recorded.iter().all(|(name, recorded)| {
                        asked.get(name).is_some_and(|asked| self.is_value(recorded, asked))
                    })
            }
            (recorded, asked) => recorded == asked,
        }
    }
}

enum Found<'r> {
    Next(&'r Exchange),
    /// All that fit were given, so many.
    Last(&'r Exchange, usize),
    Nothing,
}

impl Exchange {
    fn replayed(&self) -> Replayed {
        let Some(answer) = &self.answer else { return Replayed::Nothing };
        // Of this very connection.
        const NOT_REPEATED: [&str; 5] =
            ["connection", "content-encoding", "content-length", "date", "transfer-encoding"];
        let headers = answer
            .headers
            .iter()
            .filter(|(name, value)| !NOT_REPEATED.contains(&name.as_str()) && value != LEFT_OUT);
        let headers = headers.filter_map(|(name, value)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        });
        let body = answer.json.as_ref().map(|json| json.get().to_owned());
        let body = body.or_else(|| answer.text.clone()).unwrap_or_default();
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Replayed::Answer(status, body, headers.collect())
    }
}

fn name(operation: Option<&str>) -> String {
    operation.map_or_else(|| "a document without a name".to_owned(), |name| format!("`{name}`"))
}

/// A document without what is in its texts, which a recording can leave out.
fn without_texts(document: &str) -> String {
    let mut whole = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(start) = rest.find(['"', '#']) {
        whole.push_str(&rest[..=start]);
        let behind = &rest[start + 1..];
        rest = match (rest.as_bytes()[start], behind.strip_prefix("\"\"")) {
            (b'#', _) => {
                let end = behind.find(['\n', '\r']).unwrap_or(behind.len());
                whole.push_str(&behind[..end]);
                &behind[end..]
            }
            (_, Some(block)) => behind_quotes(block, "\"\"\""),
            (_, None) => behind_quotes(behind, "\""),
        };
    }
    whole + rest
}

/// What comes behind the next quotes that no backslash stands before.
fn behind_quotes<'t>(text: &'t str, quotes: &str) -> &'t str {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if !is_escaped && text.as_bytes()[at..].starts_with(quotes.as_bytes()) {
            return &text[at + quotes.len()..];
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    ""
}

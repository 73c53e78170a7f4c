//! Replay of a recording in place of the engine.

use apollo_parser::{Lexer, TokenKind};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::SandboxError;
use crate::server::response::ApiResponse;

/// Replaces redacted values in a recording.
const REDACTED: &str = "***";

/// The origin of result URLs in a recording.
const RESULTS_AT: &str = "https://replay.invalid";

const VERSION: u32 = 1;

#[derive(Debug)]
pub(crate) struct Replay {
    /// Whether values were recorded. Without them, variables match by shape.
    values: bool,
    interactions: Vec<Interaction>,
}

#[derive(Debug, Deserialize)]
struct Head {
    recording: String,
    version: u32,
    values: bool,
}

#[derive(Debug, Deserialize)]
struct Interaction {
    request: RecordedRequest,
    #[serde(alias = "answer")]
    response: Option<RecordedResponse>,
    #[serde(skip)]
    is_replayed: AtomicBool,
}

#[derive(Debug, Deserialize)]
struct RecordedRequest {
    to: String,
    operation: Option<String>,
    document: Option<String>,
    #[serde(default)]
    variables: Value,
    number: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct RecordedResponse {
    status: u16,
    headers: Vec<(String, String)>,
    json: Option<Box<RawValue>>,
    text: Option<String>,
}

impl Replay {
    /// Reads a recording. `origin` replaces the origin of result URLs.
    pub(crate) fn load(path: &Path, origin: &str) -> Result<Self, SandboxError> {
        let refused = |reason: String| SandboxError::Recording { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        let text = text.replace(RESULTS_AT, origin);
        let mut lines = text.lines();
        let head: Head = serde_json::from_str(lines.next().unwrap_or_default())
            .map_err(|error| refused(format!("the first line is not the header of a recording: {error}")))?;
        if head.recording != "xurrent" || head.version != VERSION {
            return Err(refused(format!("not a Xurrent recording of version {VERSION}")));
        }
        let read = |(index, line)| {
            serde_json::from_str(line).map_err(|error| refused(format!("line {}: {error}", index + 2)))
        };
        let interactions: Vec<Interaction> = lines.enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { values: head.values, interactions })
    }

    /// The response to a GraphQL request: the first recorded one that was not replayed yet.
    pub(crate) fn graphql(&self, body: &Map<String, Value>) -> ApiResponse {
        let field = |name: &str| body.get(name).and_then(Value::as_str);
        let (operation, document) = (field("operationName"), field("query").unwrap_or_default());
        let variables = body.get("variables").unwrap_or(&Value::Null);
        let is_document = |sent: &RecordedRequest| {
            sent.document.as_deref().is_some_and(|recorded| is_document(recorded, document))
                && sent.operation.as_deref() == operation
        };
        let (next, matching) = self.take(|sent| {
            sent.to == "graphql" && is_document(sent) && self.is_value(&sent.variables, variables)
        });
        match (next, matching.len()) {
            (Some(next), _) => next.response(),
            (None, 0) => not_recorded(&self.unknown(operation, is_document)),
            (None, times) => not_recorded(&format!(
                "{} was recorded {times} times with these variables and is sent once more",
                name(operation)
            )),
        }
    }

    /// The response to a poll. The last one repeats.
    pub(crate) fn result(&self, number: &str) -> ApiResponse {
        let number = number.parse().ok();
        let (next, matching) = self.take(|sent| sent.to == "async_result" && sent.number == number);
        let found = next.or(matching.last().copied()).map(Interaction::response);
        found.unwrap_or_else(|| not_recorded("no such result was recorded"))
    }

    /// The next matching interaction that was not replayed yet, and all matching ones.
    fn take(&self, fits: impl Fn(&RecordedRequest) -> bool) -> (Option<&Interaction>, Vec<&Interaction>) {
        let matching: Vec<_> = self.interactions.iter().filter(|it| fits(&it.request)).collect();
        let next = matching.iter().find(|it| !it.is_replayed.swap(true, Ordering::Relaxed));
        (next.copied(), matching)
    }

    fn unknown(&self, operation: Option<&str>, is_document: impl Fn(&RecordedRequest) -> bool) -> String {
        let sent = || self.interactions.iter().map(|interaction| &interaction.request);
        let name = name(operation);
        if sent().any(is_document) {
            return format!("{name} was recorded with other variables");
        }
        if sent().any(|sent| sent.to == "graphql" && sent.operation.as_deref() == operation) {
            return format!("{name} was recorded with another document");
        }
        let recorded: BTreeSet<&str> = sent().filter_map(|sent| sent.operation.as_deref()).collect();
        let recorded: Vec<&str> = recorded.into_iter().collect();
        format!("{name} was not recorded; recorded operations: {}", recorded.join(", "))
    }

    /// Whether a value matches the recorded one, in which strings may be redacted.
    fn is_value(&self, recorded: &Value, asked: &Value) -> bool {
        match (recorded, asked) {
            (Value::String(recorded), Value::String(asked)) => {
                !self.values || recorded == asked || recorded.contains(REDACTED)
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

impl Interaction {
    fn response(&self) -> ApiResponse {
        let Some(response) = &self.response else {
            return ApiResponse { is_cut: true, ..ApiResponse::message(StatusCode::BAD_GATEWAY, "") };
        };
        // Headers of the recorded connection.
        const NOT_REPEATED: [&str; 5] =
            ["connection", "content-encoding", "content-length", "date", "transfer-encoding"];
        let headers = response
            .headers
            .iter()
            .filter(|(name, value)| !NOT_REPEATED.contains(&name.as_str()) && value != REDACTED);
        let headers = headers.filter_map(|(name, value)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        });
        let body = response.json.as_ref().map(|json| json.get().to_owned());
        let body = body.or_else(|| response.text.clone()).unwrap_or_default();
        let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        ApiResponse { headers: headers.collect(), ..ApiResponse::text(status, body) }
    }
}

fn not_recorded(reason: &str) -> ApiResponse {
    let message = format!("The recording: {reason}");
    ApiResponse::json(StatusCode::OK, &json!({ "errors": [{ "message": message }] }))
}

fn name(operation: Option<&str>) -> String {
    operation.map_or_else(|| "a document without a name".to_owned(), |name| format!("`{name}`"))
}

/// Whether a document matches the recorded one, in which strings may be redacted.
fn is_document(recorded: &str, asked: &str) -> bool {
    recorded == asked || (recorded.contains(REDACTED) && without_strings(recorded).eq(without_strings(asked)))
}

/// The tokens of a document, without the content of strings.
fn without_strings(document: &str) -> impl Iterator<Item = Option<&str>> {
    let tokens = Lexer::new(document).filter_map(Result::ok);
    tokens.map(|token| (token.kind() != TokenKind::StringValue).then(|| token.data()))
}

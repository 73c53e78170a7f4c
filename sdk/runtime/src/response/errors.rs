//! Parsing of reported errors: those of GraphQL, and whatever else servers send, within limits.

use crate::decode::Decoder;
use crate::error::GraphQlError;
use crate::quote::{BRIEF, MESSAGE, beginning, escape_json};
use crate::scalar::Json;
use crate::secrets::Secrets;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The largest number of errors that are kept of a response.
const MAX_ERRORS: usize = 10_000;

/// Characters of all messages, paths and extensions together, beyond which each text is cut to
/// [`SHORT`].
const MAX_TEXT: usize = 256 * 1024;

/// Characters of each text beyond [`MAX_TEXT`].
const SHORT: usize = 20;

/// The largest number of path segments: no valid path is longer than a response is deep.
const MAX_PATH: usize = 2 * crate::decode::MAX_DEPTH;

/// Bytes of JSON beyond which a value is not parsed: as a tree it takes many times the memory.
const MAX_PARSED: usize = 64 * 1024;

/// Parses the `errors` of a response: GraphQL errors, texts, or fields with their messages.
/// Unrecognised shapes are kept as text.
pub(crate) fn parse(json: &str, secrets: &Secrets) -> Vec<GraphQlError> {
    let mut parser = Parser { secrets, errors: Vec::new(), text: 0, left_out: 0 };
    // Item by item, however many there are.
    let list = Decoder::new(json.as_bytes()).list("a list", &mut |decoder| {
        parser.item(decoder.raw()?);
        Ok(())
    });
    if list.is_err() {
        parser.other(json);
    }
    let Parser { mut errors, left_out, .. } = parser;
    if left_out > 0 {
        errors.push(error(format!("and {left_out} more errors"), secrets));
    }
    errors
}

struct Parser<'s> {
    secrets: &'s Secrets,
    errors: Vec<GraphQlError>,
    /// Characters kept so far.
    text: usize,
    /// Errors beyond [`MAX_ERRORS`].
    left_out: usize,
}

/// An error of the GraphQL specification, unless it has a `field`.
#[derive(Deserialize)]
struct Entry<'j> {
    #[serde(borrow)]
    message: Option<&'j RawValue>,
    #[serde(borrow)]
    path: Option<&'j RawValue>,
    #[serde(borrow)]
    extensions: Option<&'j RawValue>,
    #[serde(borrow)]
    locations: Option<&'j RawValue>,
    #[serde(borrow)]
    field: Option<&'j RawValue>,
    /// Of an error in a payload.
    #[serde(borrow)]
    code: Option<&'j RawValue>,
}

impl Parser<'_> {
    fn item(&mut self, json: &str) {
        if self.errors.len() >= MAX_ERRORS {
            self.left_out += 1;
            return;
        }
        let is_object = json.starts_with('{');
        let entry = is_object.then(|| serde_json::from_str::<Entry<'_>>(json).ok()).flatten();
        if let Some(Entry { message, path, extensions, locations, field: None, code }) = entry
            && (message.is_some() || path.is_some() || extensions.is_some() || locations.is_some())
        {
            let message = match message.map(RawValue::get) {
                Some(text) if text.starts_with('"') => self.unescape(text, MESSAGE),
                Some(other) => match serde_json::from_str::<Vec<String>>(other) {
                    Ok(messages) if other.len() <= MAX_PARSED => self.quote(&messages.join("; "), MESSAGE),
                    _ => self.quote(other, MESSAGE),
                },
                None => self.quote(&without_message(json, extensions), MESSAGE),
            };
            let path = path.map(|path| self.path(path.get())).unwrap_or_default();
            let extensions = extensions.and_then(|extensions| self.extensions(extensions.get()));
            let code = code.map(|code| self.text(code.get()));
            let position = locations.and_then(|locations| position(locations.get()));
            self.errors.push(GraphQlError {
                path,
                code,
                extensions,
                position,
                ..error(message, self.secrets)
            });
            return;
        }
        let before = self.errors.len();
        self.other(json);
        if self.errors.len() == before {
            // Every entry is an error, even an empty one.
            self.push(None, json);
        }
    }

    /// Parses JSON that is not a list of GraphQL errors.
    fn other(&mut self, json: &str) {
        if json.starts_with('"') {
            let message = self.unescape(json, MESSAGE);
            return self.push_quoted(None, message);
        }
        match tree(json) {
            Some(reason) => self.reason(None, reason),
            // Larger or deeper than any meaningful error.
            None => self.push(None, json),
        }
    }

    /// Parses a text, a field with its message, or an object of fields with their messages.
    fn reason(&mut self, field: Option<&str>, reason: Value) {
        match reason {
            Value::Null => {}
            Value::Array(items) => match items.as_slice() {
                [Value::String(name), message] if field.is_none() => self.reason(Some(name), message.clone()),
                _ => items.into_iter().for_each(|item| self.reason(field, item)),
            },
            Value::Object(mut fields) => match (take(&mut fields, "field"), take(&mut fields, "message")) {
                (Some(Value::String(field)), Some(message)) => self.reason(Some(&field), message),
                (None, Some(message)) => self.reason(field, message),
                (None, None) => {
                    fields.into_iter().for_each(|(field, reason)| self.reason(Some(&field), reason));
                }
                (named, message) => {
                    fields.extend(named.map(|named| ("field".to_owned(), named)));
                    fields.extend(message.map(|message| ("message".to_owned(), message)));
                    self.push(field, &Value::Object(fields).to_string());
                }
            },
            Value::String(message) => self.push(field, &message),
            other => self.push(field, &other.to_string()),
        }
    }

    fn push(&mut self, field: Option<&str>, message: &str) {
        let message = self.quote(message, MESSAGE);
        self.push_quoted(field, message);
    }

    fn push_quoted(&mut self, field: Option<&str>, message: String) {
        if self.errors.len() >= MAX_ERRORS {
            self.left_out += 1;
            return;
        }
        let path = field.map(|field| self.quote(field, BRIEF)).into_iter().collect();
        self.errors.push(GraphQlError { path, ..error(message, self.secrets) });
    }

    /// Parses a path: usually a list of names and numbers, sometimes a single text.
    fn path(&mut self, json: &str) -> Vec<String> {
        match serde_json::from_str::<Vec<&RawValue>>(if json.len() <= MAX_PARSED { json } else { "" }) {
            Ok(segments) => segments.iter().take(MAX_PATH).map(|json| self.text(json.get())).collect(),
            Err(_) => vec![self.text(json)],
        }
    }

    /// Quotes a name, a number or a code.
    fn text(&mut self, json: &str) -> String {
        if json.starts_with('"') { self.unescape(json, BRIEF) } else { self.quote(json, BRIEF) }
    }

    /// Quotes the content of a JSON text, or its beginning.
    fn unescape(&mut self, json: &str, max: usize) -> String {
        if json.len() <= MAX_PARSED {
            let text: String = serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
            return self.quote(&text, max);
        }
        let beginning = beginning(json, MAX_PARSED);
        // The cut may be inside an escape of up to two times six characters.
        let text = (0..=12).find_map(|less| {
            let beginning = beginning.get(..beginning.len() - less)?;
            serde_json::from_str::<String>(&format!("{beginning}\"")).ok()
        });
        let text = self.secrets.quote_beginning(&text.unwrap_or_default(), self.limit(max));
        self.text += text.len();
        text
    }

    fn quote(&mut self, text: &str, max: usize) -> String {
        let text = self.secrets.quote(text, self.limit(max));
        self.text += text.len();
        text
    }

    /// Redacts extensions. Those that are too long become a text with their beginning.
    fn extensions(&mut self, json: &str) -> Option<Json> {
        let max = self.limit(MESSAGE);
        let kept = match json.len() <= max {
            true => escape_json(&self.secrets.redact(json)),
            false => Value::from(self.secrets.quote(json, max)).to_string(),
        };
        self.text += kept.len();
        Json::from_text(kept).ok()
    }

    fn limit(&self, max: usize) -> usize {
        if self.text > MAX_TEXT { max.min(SHORT) } else { max }
    }
}

/// An error without a path.
fn error(message: String, secrets: &Secrets) -> GraphQlError {
    let scopes_at = secrets.missing_scopes.and_then(|text| message.find(text).map(|at| at + text.len()));
    GraphQlError {
        message,
        path: Vec::new(),
        code: None,
        extensions: None,
        hint: None,
        position: None,
        scopes_at,
    }
}

/// The first position of an error in the document.
fn position(json: &str) -> Option<(usize, usize)> {
    #[derive(Deserialize)]
    struct Location {
        line: usize,
        column: usize,
    }
    let json = Some(json).filter(|json| json.len() <= MAX_PARSED)?;
    let first = serde_json::from_str::<Vec<Location>>(json).ok()?.into_iter().next()?;
    Some((first.line, first.column))
}

fn tree(json: &str) -> Option<Value> {
    Some(json).filter(|json| json.len() <= MAX_PARSED).and_then(|json| serde_json::from_str(json).ok())
}

/// Removes a field from an object and returns it unless it is null.
fn take(fields: &mut Map<String, Value>, name: &str) -> Option<Value> {
    fields.remove(name).filter(|value| !value.is_null())
}

/// The message for an error that has none: its unknown fields, or else its extensions.
fn without_message(json: &str, extensions: Option<&RawValue>) -> String {
    let Some(Value::Object(mut fields)) = tree(json) else { return json.to_owned() };
    for known in ["message", "path", "extensions", "locations"] {
        fields.remove(known);
    }
    match (fields.is_empty(), extensions) {
        (true, Some(extensions)) => extensions.get().to_owned(),
        (true, None) => "the server gives no message".to_owned(),
        (false, _) => Value::Object(fields).to_string(),
    }
}

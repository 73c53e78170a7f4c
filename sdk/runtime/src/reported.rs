//! Errors that a server reports, in whatever form: all of its words, within bounds, and what they say
//! about limits.

use crate::answer::{Answer, Secrets};
use crate::auth::object;
use crate::error::{Error, GraphQlError};
use crate::quote::{BRIEF, MESSAGE, escape_json};
use crate::retry::LONGEST;
use crate::scalar::Json;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

/// How many errors of an answer are kept.
const MAX_ERRORS: usize = 10_000;

/// How many characters are kept of all messages, paths and extensions together, beyond which each is
/// [`SCARCE`].
const MAX_TEXT: usize = 256 * 1024;

/// How many characters are kept of a text when there are too many.
const SCARCE: usize = 20;

/// How many steps are kept of a path: none is longer than an answer is deep.
const MAX_PATH: usize = 2 * crate::decode::MAX_DEPTH;

/// How much of a value is looked at, in bytes of JSON: as a tree it takes many times the memory.
const MAX_READ: usize = 64 * 1024;

/// Reads what an answer has under `errors`: errors as GraphQL has them, texts, pairs of a field and a
/// message, or whatever else a server says. Of what is none of these nothing is lost either.
pub(crate) fn errors(json: &str, secrets: &Secrets) -> Vec<GraphQlError> {
    let mut reader = Reader { secrets, errors: Vec::new(), text: 0, left_out: 0 };
    if !json.starts_with('[')
        || serde_json::Deserializer::from_str(json).deserialize_seq(&mut reader).is_err()
    {
        reader.whole(json);
    }
    reader.finish()
}

/// One item after the other, however many there are.
impl<'de> Visitor<'de> for &mut Reader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<&RawValue>()? {
            self.item(item.get());
        }
        Ok(())
    }
}

struct Reader<'s> {
    secrets: &'s Secrets,
    errors: Vec<GraphQlError>,
    /// How many characters they have.
    text: usize,
    /// How many there are beside them.
    left_out: usize,
}

/// An error as GraphQL has it.
#[derive(Deserialize)]
struct Entry<'j> {
    #[serde(borrow)]
    message: Option<&'j RawValue>,
    #[serde(default, borrow)]
    path: Option<&'j RawValue>,
    #[serde(default, borrow)]
    extensions: Option<&'j RawValue>,
    #[serde(default, borrow)]
    locations: Option<&'j RawValue>,
    /// Not GraphQL.
    #[serde(default, borrow)]
    field: Option<&'j RawValue>,
}

impl Reader<'_> {
    fn item(&mut self, json: &str) {
        if self.errors.len() >= MAX_ERRORS {
            self.left_out += 1;
            return;
        }
        let is_object = json.starts_with('{');
        let entry = is_object.then(|| serde_json::from_str::<Entry<'_>>(json).ok()).flatten();
        if let Some(Entry { message, path, extensions, locations, field: None }) = entry
            && (message.is_some() || path.is_some() || extensions.is_some() || locations.is_some())
        {
            let message = match message.map(RawValue::get) {
                Some(text) if text.starts_with('"') => self.text_of(text, MESSAGE),
                Some(other) => self.quote(other, MESSAGE),
                None => self.quote(&rest(json, extensions), MESSAGE),
            };
            let path = path.map(|path| self.path(path.get())).unwrap_or_default();
            let extensions = extensions.and_then(|extensions| self.json(extensions.get()));
            self.errors.push(GraphQlError { message, path, extensions });
            return;
        }
        let before = self.errors.len();
        self.whole(json);
        if self.errors.len() == before {
            // An entry is an error, also one that says nothing.
            self.quoted(None, json);
        }
    }

    /// What is no list of errors.
    fn whole(&mut self, json: &str) {
        if json.starts_with('"') {
            let text = self.text_of(json, MESSAGE);
            return self.push(None, text);
        }
        match tree(json) {
            Some(reason) => self.reason(None, reason),
            // Larger, or nested deeper, than anything that can be meant.
            None => self.quoted(None, json),
        }
    }

    /// A text, a field and its message, or fields and their messages.
    fn reason(&mut self, field: Option<&str>, reason: Value) {
        match reason {
            Value::Null => {}
            Value::Array(items) => match items.as_slice() {
                [Value::String(name), message] if field.is_none() => self.reason(Some(name), message.clone()),
                _ => items.into_iter().for_each(|item| self.reason(field, item)),
            },
            Value::Object(mut fields) => match (taken(&mut fields, "field"), taken(&mut fields, "message")) {
                (Some(Value::String(field)), Some(message)) => self.reason(Some(&field), message),
                (None, Some(message)) => self.reason(field, message),
                (None, None) => {
                    fields.into_iter().for_each(|(field, reason)| self.reason(Some(&field), reason));
                }
                (named, message) => {
                    fields.extend(named.map(|named| ("field".to_owned(), named)));
                    fields.extend(message.map(|message| ("message".to_owned(), message)));
                    self.quoted(field, &Value::Object(fields).to_string());
                }
            },
            Value::String(message) => self.quoted(field, &message),
            other => self.quoted(field, &other.to_string()),
        }
    }

    fn quoted(&mut self, field: Option<&str>, message: &str) {
        let message = self.quote(message, MESSAGE);
        self.push(field, message);
    }

    fn push(&mut self, field: Option<&str>, message: String) {
        if self.errors.len() >= MAX_ERRORS {
            self.left_out += 1;
            return;
        }
        let path = field.map(|field| self.quote(field, BRIEF)).into_iter().collect();
        self.errors.push(GraphQlError { message, path, extensions: None });
    }

    /// A path is usually a list of names and numbers, sometimes a single text.
    fn path(&mut self, json: &str) -> Vec<String> {
        let segment = |this: &mut Self, json: &str| match json.starts_with('"') {
            true => this.text_of(json, BRIEF),
            false => this.quote(json, BRIEF),
        };
        match serde_json::from_str::<Vec<&RawValue>>(if json.len() <= MAX_READ { json } else { "" }) {
            Ok(segments) => segments.iter().take(MAX_PATH).map(|json| segment(self, json.get())).collect(),
            Err(_) => vec![segment(self, json)],
        }
    }

    /// What is in a JSON text, or in its beginning.
    fn text_of(&mut self, json: &str, most: usize) -> String {
        if json.len() <= MAX_READ {
            let text: String = serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
            return self.quote(&text, most);
        }
        let beginning = &json[..json.floor_char_boundary(MAX_READ)];
        // The cut may be within an escape, which has at most two times six characters.
        let text = (0..=12).find_map(|less| {
            let beginning = beginning.get(..beginning.len() - less)?;
            serde_json::from_str::<String>(&format!("{beginning}\"")).ok()
        });
        let most = self.most(most);
        let text = self.secrets.quote_beginning(&text.unwrap_or_default(), most);
        self.text += text.len();
        text
    }

    fn quote(&mut self, text: &str, most: usize) -> String {
        let text = self.secrets.quote(text, self.most(most));
        self.text += text.len();
        text
    }

    /// Whatever else the server says. What is too long becomes a text with its beginning.
    fn json(&mut self, json: &str) -> Option<Json> {
        let most = self.most(MESSAGE);
        let kept = match json.len() <= most {
            true => escape_json(&self.secrets.blot_out(json)),
            false => Value::from(self.secrets.quote(json, most)).to_string(),
        };
        self.text += kept.len();
        Json::from_text(kept).ok()
    }

    fn most(&self, most: usize) -> usize {
        if self.text > MAX_TEXT { most.min(SCARCE) } else { most }
    }

    fn finish(mut self) -> Vec<GraphQlError> {
        if self.left_out > 0 {
            let message = format!("and {} more errors", self.left_out);
            self.errors.push(GraphQlError { message, path: Vec::new(), extensions: None });
        }
        self.errors
    }
}

fn tree(json: &str) -> Option<Value> {
    Some(json).filter(|json| json.len() <= MAX_READ).and_then(|json| serde_json::from_str(json).ok())
}

/// Takes a field out of an object, unless it is null.
fn taken(fields: &mut Map<String, Value>, name: &str) -> Option<Value> {
    fields.remove(name).filter(|value| !value.is_null())
}

/// What an error without a message says instead.
fn rest(json: &str, extensions: Option<&RawValue>) -> String {
    let Some(Value::Object(mut fields)) = tree(json) else { return json.to_owned() };
    for kept in ["message", "path", "extensions", "locations"] {
        fields.remove(kept);
    }
    match (fields.is_empty(), extensions) {
        (true, Some(extensions)) => extensions.get().to_owned(),
        (true, None) => "the server gives no message".to_owned(),
        (false, _) => Value::Object(fields).to_string(),
    }
}

/// Whether data, of an answer or of its part, has no value for any field.
pub(crate) fn is_empty(data: &str) -> bool {
    serde_json::from_str::<Option<HashMap<String, &RawValue>>>(data)
        .is_ok_and(|data| data.is_none_or(|data| data.values().all(|value| value.get() == "null")))
}

/// Codes in the extensions of an error for a budget that is used up.
const USED_UP: [&str; 5] =
    ["THROTTLED", "RATE_LIMITED", "RATE_LIMIT_EXCEEDED", "RATELIMITED", "TOO_MANY_REQUESTS"];

/// Codes for a request that asks for too much at once.
const TOO_MUCH: [&str; 3] = ["MAX_COMPLEXITY_EXCEEDED", "MAX_COST_EXCEEDED", "QUERY_TOO_COMPLEX"];

#[derive(Deserialize, Default)]
#[serde(default)]
struct Extensions {
    code: Option<String>,
    #[serde(alias = "retryAfter")]
    retry_after: Option<Value>,
}

fn extensions(error: &GraphQlError) -> Extensions {
    error
        .extensions
        .as_ref()
        .and_then(|extensions| object(extensions.as_text().as_bytes()))
        .unwrap_or_default()
}

fn has_code(error: &GraphQlError, codes: &[&str]) -> bool {
    let Some(code) = extensions(error).code else { return false };
    let code = code.replace(['-', ' '], "_");
    codes.iter().any(|known| known.eq_ignore_ascii_case(&code))
}

/// Whether an error says that the request asks for too much at once.
pub(crate) fn is_too_much(error: &GraphQlError) -> bool {
    has_code(error, &TOO_MUCH)
}

/// Whether all that the server reports is that a budget is used up.
pub(crate) fn is_used_up(errors: &[GraphQlError]) -> bool {
    !errors.is_empty() && errors.iter().all(|error| has_code(error, &USED_UP))
}

/// How long the errors ask to wait.
pub(crate) fn retry_after(errors: &[GraphQlError]) -> Option<Duration> {
    let waits = errors.iter().filter_map(|error| {
        let seconds = match extensions(error).retry_after? {
            Value::Number(seconds) => seconds.as_f64()?,
            Value::String(seconds) => seconds.trim().parse().ok()?,
            _ => return None,
        };
        Duration::try_from_secs_f64(seconds).ok().filter(|wait| !wait.is_zero() && *wait <= LONGEST)
    });
    waits.max()
}

/// Looks for a limit in an answer of success. Such an answer has no data, and begins with its errors or
/// with the data that is null: all others are passed over at once. The error is marked as not executed when the
/// answer has no data at all.
pub(crate) fn limited(answer: &Answer, operation: &str) -> Option<Error> {
    #[derive(Deserialize)]
    struct Envelope<'j> {
        #[serde(default, borrow, deserialize_with = "present")]
        data: Option<&'j RawValue>,
        #[serde(borrow)]
        errors: &'j RawValue,
    }
    /// Null counts as well.
    fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
        <&RawValue>::deserialize(deserializer).map(Some)
    }
    let begin = answer.body.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
    let is_likely = begin.starts_with(b"\"errors\"") || begin.starts_with(b"\"extensions\"") || {
        let data =
            begin.strip_prefix(b"\"data\"").and_then(|rest| rest.trim_ascii_start().strip_prefix(b":"));
        data.is_some_and(|data| data.trim_ascii_start().starts_with(b"null"))
    };
    if !is_likely {
        return None;
    }
    let envelope: Envelope<'_> = serde_json::from_slice(&answer.body).ok()?;
    let is_refusal = envelope.data.is_none();
    let errors = errors(envelope.errors.get(), &answer.secrets);
    let has_no_data = envelope.data.is_none_or(|data| data.get() == "null");
    if !has_no_data || !is_used_up(&errors) {
        return None;
    }
    let error = Error::rate_limited(operation, errors, &answer.headers);
    // Where data is null, a mutation may have been executed in part. Without data, nothing was.
    Some(if is_refusal { error.not_executed() } else { error })
}

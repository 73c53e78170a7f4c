//! Redaction of recordings: secrets always, values on request.

use super::document::{closing_quote, names, without_texts};
use super::substitute::Substitutes;
use crate::document::PAYLOAD_ERRORS;
use crate::redact::{REDACTED, redact, redact_url};
use reqwest::Url;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::{BTreeSet, HashMap};

/// The URLs of asynchronous results in a replay. The number follows.
const RESULTS: &str = "https://replay.invalid/async_queries/";

/// The recorded characters of a body that is not JSON.
const MAX_BODY_TEXT: usize = 4_096;

/// Removes secrets from everything that is recorded, and values if they are not recorded.
pub(super) struct Redactor {
    values: bool,
    secrets: Vec<String>,
    /// The URLs of asynchronous results, with their numbers.
    results: HashMap<String, usize>,
    substitutes: Substitutes,
    /// The names in the current document.
    names: BTreeSet<String>,
}

impl Redactor {
    pub(super) fn new(values: bool) -> Self {
        Self {
            values,
            secrets: Vec::new(),
            results: HashMap::new(),
            substitutes: Substitutes::default(),
            names: BTreeSet::new(),
        }
    }

    /// Redacts this text from now on.
    pub(super) fn add_secret(&mut self, secret: Option<&str>) {
        let secret = secret.map(str::trim).filter(|secret| !secret.is_empty());
        if let Some(secret) = secret.filter(|secret| !self.secrets.iter().any(|known| known == secret)) {
            self.secrets.push(secret.to_owned());
        }
    }

    /// The number of an asynchronous result, by its URL.
    pub(super) fn result(&mut self, address: &str) -> usize {
        let address = match Url::parse(address.trim()) {
            Ok(mut url) => {
                url.set_fragment(None);
                url.to_string()
            }
            Err(_) => address.to_owned(),
        };
        let next = self.results.len() + 1;
        *self.results.entry(address).or_insert(next)
    }

    pub(super) fn remember_names(&mut self, document: &str) {
        if !self.values {
            self.names = names(document);
        }
    }

    pub(super) fn forget_names(&mut self) {
        self.names.clear();
    }

    pub(super) fn document(&self, document: &str) -> String {
        let document = self.text(document);
        if self.values { document } else { without_texts(&document) }
    }

    /// Redacts secrets, and credentials and queries of URLs.
    pub(super) fn text(&self, text: &str) -> String {
        let secrets: Vec<&str> = self.secrets.iter().map(String::as_str).collect();
        let mut rest = &*redact(text, &secrets);
        let mut whole = String::with_capacity(rest.len());
        while let Some(start) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
            let (before, address) = rest.split_at(start);
            let end = address.find(|c: char| c.is_whitespace() || "\"'<>)]}".contains(c));
            let (address, behind) = address.split_at(end.unwrap_or(address.len()));
            whole.extend([before, &redact_url(address)]);
            rest = behind;
        }
        whole + rest
    }

    /// The beginning of a body that is not JSON.
    pub(super) fn body_text(&self, text: &str) -> Option<String> {
        self.values.then(|| self.text(text).chars().take(MAX_BODY_TEXT).collect())
    }

    /// JSON without personal data: only secrets are redacted.
    pub(super) fn json_with_values(&mut self, json: &str) -> Option<Box<RawValue>> {
        let values = std::mem::replace(&mut self.values, true);
        let json = self.json(json);
        self.values = values;
        json
    }

    /// Redacts JSON, in one line and with all digits of its numbers. Returns none if it is not JSON.
    pub(super) fn json(&mut self, json: &str) -> Option<Box<RawValue>> {
        serde_json::from_str::<IgnoredAny>(json).ok()?;
        let mut whole = String::with_capacity(json.len());
        // The current key of each open object or array.
        let mut keys: Vec<String> = vec![String::new()];
        let mut rest = json;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '"' => {
                    let length = 2 + closing_quote(&rest[1..]).unwrap_or_default();
                    let text: String = serde_json::from_str(&rest[..length]).ok()?;
                    let is_key = rest[length..].trim_start().starts_with(':');
                    let kept = if is_key { self.text(&text) } else { self.value(&keys, text.clone()) };
                    whole.push_str(&serde_json::to_string(&kept).ok()?);
                    // Unredacted: it decides whether the value is secret.
                    if is_key && let Some(key) = keys.last_mut() {
                        *key = text;
                    }
                    length
                }
                '-' | '0'..='9' => {
                    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
                    let length = end.unwrap_or(rest.len());
                    self.number(&rest[..length], &mut whole);
                    length
                }
                _ => {
                    match first {
                        '{' => keys.push(String::new()),
                        '[' => keys.push(keys.last().cloned().unwrap_or_default()),
                        '}' | ']' => drop(keys.pop()),
                        _ => {}
                    }
                    if !first.is_ascii_whitespace() {
                        whole.push(first);
                    }
                    first.len_utf8()
                }
            };
            rest = &rest[length..];
        }
        RawValue::from_string(whole).ok()
    }

    fn number(&self, number: &str, whole: &mut String) {
        let is_zero = number.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-'));
        if self.values || is_zero {
            whole.push_str(number);
        } else {
            whole.extend(number.chars().map(|c| if c.is_ascii_digit() { '1' } else { c }));
        }
    }

    /// Redacts a text value.
    fn value(&mut self, keys: &[String], text: String) -> String {
        let key = keys.last().map_or("", String::as_str);
        match secrecy(key) {
            _ if text.is_empty() => return text,
            Secrecy::Result => return format!("{RESULTS}{}", self.result(&text)),
            Secrecy::Secret => return REDACTED.to_owned(),
            Secrecy::None => {}
        }
        let in_error = keys.iter().any(|key| key == "errors" || key == PAYLOAD_ERRORS);
        match key {
            _ if self.values => self.text(&text),
            "__typename" => text,
            "message" if in_error || keys.len() == 2 => self.without_quotes(&self.text(&text)),
            "path" if in_error => self.text(&text),
            _ => self.substitutes.text(text),
        }
    }

    /// Redacts quoted texts in a message, except names in the document.
    fn without_quotes(&self, message: &str) -> String {
        const QUOTES: [(char, char); 5] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('«', '»')];
        let mut whole = String::with_capacity(message.len());
        let mut rest = message;
        while let Some((start, (open, close))) = rest
            .char_indices()
            .find_map(|(at, c)| QUOTES.iter().find(|(open, _)| *open == c).map(|quotes| (at, *quotes)))
        {
            let (before, quoted) = rest.split_at(start + open.len_utf8());
            whole.push_str(before);
            // An apostrophe or an unclosed quote.
            let Some(end) = quoted.find(close).filter(|_| !is_apostrophe(before, quoted)) else {
                rest = quoted;
                continue;
            };
            let name = &quoted[..end];
            whole.push_str(if self.names.contains(name) { name } else { REDACTED });
            whole.push(close);
            rest = &quoted[end + close.len_utf8()..];
        }
        whole + rest
    }
}

/// Whether the quote between these parts is inside a word, as in `doesn't`.
fn is_apostrophe(before: &str, behind: &str) -> bool {
    let mut last = before.chars().rev();
    last.next() == Some('\'')
        && last.next().is_some_and(char::is_alphanumeric)
        && behind.starts_with(char::is_alphanumeric)
}

enum Secrecy {
    None,
    /// The URL of an asynchronous result.
    Result,
    Secret,
}

/// Classifies a value by its key, which may be an alias.
fn secrecy(key: &str) -> Secrecy {
    const SECRET: &str = "authorization credential password passphrase privatekey secret signature token";
    let key: String =
        key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match key.as_str() {
        "resulturl" => Secrecy::Result,
        "tokentype" => Secrecy::None,
        // Of the attachment storage: it grants write access.
        "policy" => Secrecy::Secret,
        key if SECRET.split(' ').any(|word| key.contains(word)) => Secrecy::Secret,
        _ => Secrecy::None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn json(redactor: &mut Redactor, text: &str) -> String {
        redactor.json(text).unwrap().get().to_owned()
    }

    #[test]
    fn json_is_put_into_one_line_with_all_its_digits() {
        let text = " {\n \"a\\u0041\\\"\" : [ 120.50, -0, 1e+2, 9007199254740993.30 ],\r\t\"é\":\"x\\ny\", \"n\":null }\n";
        let line = r#"{"aA\"":[120.50,-0,1e+2,9007199254740993.30],"é":"x\ny","n":null}"#;
        assert_eq!(json(&mut Redactor::new(true), text), line);
        for broken in ["", "{", "{\"a\":}", "[1,]", "<html>", "\"", "{} {}"] {
            assert!(Redactor::new(true).json(broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn secrets_are_recognized_by_text_and_by_key() {
        let mut redactor = Redactor::new(true);
        redactor.add_secret(Some("to/ken-\"4711"));
        let text = r#"{"x":"a to\/ken-\"4711 b","to/ken-\"4711":1,"apiToken":"v","client_secret":["v",{"b":"w"}],
            "token_type":"bearer","x-amz-credential":"v","policy":"v","webhookPolicy":{"name":"n"},
            "link":"see https://u:p@a.b/c?d=e, or (http://f.g/h?i) or https://j.k/l"}"#;
        assert_eq!(
            json(&mut redactor, text),
            concat!(
                r#"{"x":"a *** b","***":1,"apiToken":"***","client_secret":["***",{"b":"w"}],"#,
                r#""token_type":"bearer","x-amz-credential":"***","policy":"***","webhookPolicy":{"name":"n"},"#,
                r#""link":"see https://***@a.b/c?*** or (http://f.g/h?***) or https://j.k/l"}"#
            )
        );
    }

    #[test]
    fn urls_of_results_are_numbered() {
        let mut redactor = Redactor::new(false);
        let text =
            r#"{"resultUrl":"https://a.b/1","result_url":"https://a.b/2","resultURL":"https://a.b/1#x"}"#;
        let recorded = json(&mut redactor, text);
        assert_eq!(recorded.matches("/async_queries/1").count(), 2, "{recorded}");
        assert_eq!(redactor.result("https://a.b/2"), 2);
        assert_eq!(redactor.result("https://a.b/3"), 3);
    }

    #[test]
    fn substitutes_have_the_same_kind_and_length() {
        let mut redactor = Redactor::new(false);
        let text = r#"["Howard","Ann","Howard","","2025-06-01","2025-06-01T10:11:12Z","2025-06-01T10:11:12.345+02:00",
            "no_target","24:00","10:11:12","-120.50","2025-06-01 and more"]"#;
        assert_eq!(
            json(&mut redactor, text),
            concat!(
                r#"["v1-xxx","v2-","v1-xxx","","2000-01-01","2000-01-01T00:00:00Z","2000-01-01T00:00:00+02:00","#,
                r#""no_target","00:00","00:00:00","-111.11","v3-xxxxxxxxxxxxxxxx"]"#
            )
        );
        let numbers = r#"{"a":[0,0.00,-7,120.50,1e5],"b":true,"c":null,"__typename":"Person"}"#;
        let stand_ins = r#"{"a":[0,0.00,-1,111.11,1e1],"b":true,"c":null,"__typename":"Person"}"#;
        assert_eq!(json(&mut redactor, numbers), stand_ins);
    }

    #[test]
    fn messages_quote_names_of_the_document_only() {
        let mut redactor = Redactor::new(false);
        redactor.remember_names("query { me { noSuchField } }");
        let text = r#"{"errors":[{"message":"`noSuchField` doesn't exist on 'Person', nor \"Howard\" it's “x” 'y",
            "path":["me","noSuchField"],"extensions":{"value":"Howard"}}]}"#;
        assert_eq!(
            json(&mut redactor, text),
            concat!(
                r#"{"errors":[{"message":"`noSuchField` doesn't exist on '***', nor \"***\" it's “***” 'y","#,
                r#""path":["me","noSuchField"],"extensions":{"value":"v1-xxx"}}]}"#
            )
        );
        // A message of the API as a whole, and one that is a field of a record.
        assert_eq!(json(&mut redactor, r#"{"message":"Bad 'x'"}"#), r#"{"message":"Bad '***'"}"#);
        assert_eq!(
            json(&mut redactor, r#"{"data":{"a":{"message":"Bad"}}}"#),
            r#"{"data":{"a":{"message":"v2-"}}}"#
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            "[0-9T:+.-]{0,25}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-f\"\\\\é]{0,4}", inner, 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    /// Whether two values differ in texts and numbers only.
    fn is_alike(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::String(one), Value::String(other)) => one.is_empty() == other.is_empty(),
            (Value::Number(_), Value::Number(_)) => true,
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_alike(one, other))
            }
            (Value::Object(one), Value::Object(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| is_alike(one, other)))
            }
            (one, other) => one == other,
        }
    }

    proptest! {
        #[test]
        fn any_json_keeps_its_values_or_its_shape(value in any_json()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let kept = json(&mut Redactor::new(true), &text);
                prop_assert!(!kept.contains('\n'));
                prop_assert_eq!(kept, value.to_string());
                let alike = json(&mut Redactor::new(false), &text);
                let alike: Value = serde_json::from_str(&alike).unwrap();
                prop_assert!(is_alike(&value, &alike), "{} {}", value, alike);
            }
        }
    }
}

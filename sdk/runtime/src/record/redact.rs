//! What is left out of a recording: secrets always, values on request.

use super::document::{names, without_texts};
use crate::auth::conceal;
use crate::document::PAYLOAD_ERRORS;
use crate::endpoint::shown;
use reqwest::Url;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::{BTreeSet, HashMap};

/// What stands for what was left out.
pub(super) const LEFT_OUT: &str = "***";

/// Where results of asynchronous work are, for whoever replays a recording. The number follows.
const RESULTS: &str = "https://replay.invalid/async_queries/";

/// How much is kept of a body that is no JSON, in characters.
const MAX_PAGE: usize = 4_096;

/// Knows what must not be in a recording.
pub(super) struct Redactor {
    values: bool,
    secrets: Vec<String>,
    /// The addresses of results, with their numbers.
    results: HashMap<String, usize>,
    /// What stands for a text: the same for the same one.
    stand_ins: HashMap<String, usize>,
    /// The names in the document at hand.
    names: BTreeSet<String>,
}

impl Redactor {
    pub(super) fn new(values: bool) -> Self {
        let (results, stand_ins) = (HashMap::new(), HashMap::new());
        Self { values, secrets: Vec::new(), results, stand_ins, names: BTreeSet::new() }
    }

    /// From now on this is left out wherever it occurs.
    pub(super) fn add_secret(&mut self, secret: Option<&str>) {
        let secret = secret.map(str::trim).filter(|secret| !secret.is_empty());
        if let Some(secret) = secret.filter(|secret| !self.secrets.iter().any(|known| known == secret)) {
            self.secrets.push(secret.to_owned());
        }
    }

    /// The number of a result, by its address.
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

    /// A text of the server's own: without secrets, and without what makes an address one.
    pub(super) fn text(&self, text: &str) -> String {
        let secrets: Vec<&str> = self.secrets.iter().map(String::as_str).collect();
        let mut rest = &*conceal(text, &secrets);
        let mut whole = String::with_capacity(rest.len());
        while let Some(start) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
            let (before, address) = rest.split_at(start);
            let end = address.find(|c: char| c.is_whitespace() || "\"'<>)]}".contains(c));
            let (address, behind) = address.split_at(end.unwrap_or(address.len()));
            whole.extend([before, &shown(address)]);
            rest = behind;
        }
        whole + rest
    }

    /// The beginning of a body that is no JSON.
    pub(super) fn page(&self, text: &str) -> Option<String> {
        self.values.then(|| self.text(text).chars().take(MAX_PAGE).collect())
    }

    /// What the server says about a token: no values of anybody's.
    pub(super) fn said(&mut self, json: &str) -> Option<Box<RawValue>> {
        let values = std::mem::replace(&mut self.values, true);
        let said = self.json(json);
        self.values = values;
        said
    }

    /// JSON in one line, with all digits of its numbers. Nothing when it is no JSON.
    pub(super) fn json(&mut self, json: &str) -> Option<Box<RawValue>> {
        serde_json::from_str::<IgnoredAny>(json).ok()?;
        let mut whole = String::with_capacity(json.len());
        // The key that each open object or array is at.
        let mut keys: Vec<String> = vec![String::new()];
        let mut rest = json;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '"' => {
                    let length = 2 + closing(&rest[1..]);
                    let text: String = serde_json::from_str(&rest[..length]).ok()?;
                    let is_key = rest[length..].trim_start().starts_with(':');
                    let text = if is_key { self.text(&text) } else { self.value(&keys, text) };
                    whole.push_str(&serde_json::to_string(&text).ok()?);
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

    /// A text among variables or in an answer.
    fn value(&mut self, keys: &[String], text: String) -> String {
        let key = keys.last().map_or("", String::as_str);
        match secrecy(key) {
            _ if text.is_empty() => return text,
            Secrecy::Result => return format!("{RESULTS}{}", self.result(&text)),
            Secrecy::Secret => return LEFT_OUT.to_owned(),
            Secrecy::None => {}
        }
        let in_error = keys.iter().any(|key| key == "errors" || key == PAYLOAD_ERRORS);
        match key {
            _ if self.values => self.text(&text),
            "__typename" => text,
            "message" if in_error || keys.len() == 2 => self.without_quotes(&self.text(&text)),
            "path" if in_error => self.text(&text),
            _ => self.stand_in(text),
        }
    }

    /// A message without what it quotes, unless that is a name in the document.
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
            // An apostrophe, or a quote that is not closed.
            let Some(end) = quoted.find(close).filter(|_| !is_apostrophe(before, quoted)) else {
                rest = quoted;
                continue;
            };
            let name = &quoted[..end];
            whole.push_str(if self.names.contains(name) { name } else { LEFT_OUT });
            whole.push(close);
            rest = &quoted[end + close.len_utf8()..];
        }
        whole + rest
    }

    /// A text of the same kind and length, which is the same for the same text. Dates and times stay
    /// such, so that they can be read.
    fn stand_in(&mut self, text: String) -> String {
        const WORDS: [&str; 3] = ["best_effort", "no_target", "clock_stopped"];
        if WORDS.contains(&text.as_str()) {
            return text;
        }
        let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        if let Some(rest) = form.strip_prefix("0000-00-00") {
            if rest.is_empty() {
                return "2000-01-01".to_owned();
            }
            if rest.starts_with("T00:00:00") {
                let offset = text[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
                return format!("2000-01-01T00:00:00{offset}");
            }
        }
        if form == "00:00" || form == "00:00:00" {
            return form;
        }
        if form.chars().all(|c| matches!(c, '0' | '.' | '-')) {
            return form.replace('0', "1");
        }
        let length = text.chars().count();
        let next = self.stand_ins.len() + 1;
        let number = *self.stand_ins.entry(text).or_insert(next);
        format!("{:x<length$}", format!("v{number}-"))
    }
}

/// Inside of a word, as in `doesn't`.
fn is_apostrophe(before: &str, behind: &str) -> bool {
    let mut last = before.chars().rev();
    last.next() == Some('\'')
        && last.next().is_some_and(char::is_alphanumeric)
        && behind.starts_with(char::is_alphanumeric)
}

/// Where a JSON text ends, behind its first quote.
fn closing(text: &str) -> usize {
    let mut is_escaped = false;
    text.bytes()
        .position(|byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        })
        .unwrap_or_default()
}

enum Secrecy {
    None,
    /// The address of a result.
    Result,
    Secret,
}

/// What a value is by its name, also by one that an alias was made of.
fn secrecy(key: &str) -> Secrecy {
    const SECRET: [&str; 8] = [
        "authorization",
        "credential",
        "password",
        "passphrase",
        "privatekey",
        "secret",
        "signature",
        "token",
    ];
    let key: String =
        key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match key.as_str() {
        "resulturl" => Secrecy::Result,
        "tokentype" => Secrecy::None,
        // Of the storage of attachments: it allows to write there.
        "policy" => Secrecy::Secret,
        key if SECRET.iter().any(|word| key.contains(word)) => Secrecy::Secret,
        _ => Secrecy::None,
    }
}

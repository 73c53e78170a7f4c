//! What is wrong with an input, as payloads put it.

use serde_json::{Value, json};

use crate::path::upper_first;
use crate::store::Fields;

/// A complaint about one input field, as payloads carry them.
pub(super) fn complaint(path: &[&str], message: String) -> Fields {
    match json!({ "path": path, "message": message }) {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// The one message that is spoken in several languages. Of a language such as `nl-BE` the first
/// part counts; one that is not spoken is answered in English.
pub(super) fn blank(field: &str, language: &str) -> String {
    let predicate = match language.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "de" => "muss ausgefüllt werden",
        "fr" => "doit être rempli",
        "nl" => "moet opgegeven zijn",
        _ => "cannot be blank",
    };
    format!("{} {predicate}", label(field))
}

/// The name of the input field a path leads to; the numbers in it are places in lists.
pub(super) fn last<'a>(path: &[&'a str]) -> &'a str {
    path.iter().rev().find(|step| !step.starts_with(|c: char| c.is_ascii_digit())).copied().unwrap_or("id")
}

/// How a message names a field: `serviceInstance` is "Service instance".
pub(super) fn label(name: &str) -> String {
    let mut out = String::new();
    for c in upper_first(name).chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push(' ');
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

//! Messages of validation errors, and paths of input fields.

use serde_json::Value;

use crate::path::{upper_first, words};

/// The only translated message. Only the first part of a language such as `nl-BE` counts; unknown languages
/// get English.
pub(super) fn blank(field: &str, language: &str) -> String {
    let predicate = match language.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "de" => "muss ausgefüllt werden",
        "fr" => "doit être rempli",
        "nl" => "moet opgegeven zijn",
        _ => "cannot be blank",
    };
    format!("{} {predicate}", label(field))
}

/// The last field name in a path, which also contains list indexes.
pub(super) fn last<'a>(path: &[&'a str]) -> &'a str {
    path.iter().rev().find(|step| !step.starts_with(|c: char| c.is_ascii_digit())).copied().unwrap_or("id")
}

/// The label of a field in messages: "Service instance" for `serviceInstance`.
pub(super) fn label(name: &str) -> String {
    upper_first(&words(name, ' '))
}

/// A path with further steps.
pub(super) fn join<'a>(parent: &[&'a str], steps: &[&'a str]) -> Vec<&'a str> {
    [parent, steps].concat()
}

/// The items of a list with their indexes, as steps of a path.
pub(super) fn indexed(list: &Value) -> impl Iterator<Item = (String, &Value)> {
    list.as_array().into_iter().flatten().enumerate().map(|(index, item)| (index.to_string(), item))
}

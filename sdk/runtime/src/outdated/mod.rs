//! Errors of a server whose schema is not the one that a program was generated from: which field of which struct
//! they are about.
//!
//! The server says where in the document it found something that its schema does not have. `position` finds what
//! is there, `owner` the struct that it was selected by. `evidence` decides whether the error is of that kind: for
//! any other one nothing is added.

mod evidence;
mod origin;
mod owner;
mod position;

pub(crate) use origin::{Origin, Root, Sent};

use crate::error::GraphQlError;
use evidence::{InputField, input_field, is_about, is_undefined_field};
use position::{Item, Place};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Body {
    query: String,
    #[serde(default)]
    variables: Value,
}

/// Adds hints to the errors of a request that was not executed.
pub(crate) fn explain(errors: &mut [GraphQlError], sent: &Sent) {
    if matches!(sent.origin, Origin::Unknown) {
        return;
    }
    let Ok(body) = serde_json::from_slice::<Body>(&sent.body) else { return };
    let mut is_first = true;
    for error in errors {
        let Some(subject) = subject(error, &body, &sent.origin) else { continue };
        let advice = sent.advice;
        error.hint = Some(match std::mem::take(&mut is_first) {
            true => format!(
                "{subject}: the schema of the server is not the one that this crate was generated from; {advice}"
            ),
            false => subject,
        });
    }
}

/// What of the program the error is about.
fn subject(error: &GraphQlError, body: &Body, origin: &Origin) -> Option<String> {
    if let Some(field) = input_field(error) {
        return subject_of_input(&field, &body.variables);
    }
    let place = error.position.and_then(|(line, column)| position::at(&body.query, line, column));
    if let Some(Place { path, item }) = place {
        return is_about(error, item.name()).then(|| describe(&path, item, origin));
    }
    // The path through the document: `query people`, `people`, `nodes`, `name`.
    let path: Vec<&str> =
        error.path.iter().map(String::as_str).filter(|key| !key.starts_with("...")).collect();
    let [operation, path @ .., name] = path.as_slice() else { return None };
    if !operation.starts_with("query") && !operation.starts_with("mutation")
        || !is_undefined_field(error, name)
    {
        return None;
    }
    let path: Vec<&str> = path.iter().chain([name]).copied().collect();
    Some(describe(&path, Item::Field(name), origin))
}

fn describe(path: &[&str], item: Item<'_>, origin: &Origin) -> String {
    let owner = owner::of(origin, path);
    let field = owner.and_then(|owner| Some((owner.rust()?, owner.is_whole)));
    match (item, field) {
        (Item::Field(name), Some((field, true))) => format!("`{field}` selects `{name}`"),
        (Item::Field(name), Some((field, false))) => format!("`{field}` needs `{name}`"),
        (Item::Argument(name), Some((field, _))) => format!("`{field}` gives the argument `{name}`"),
        (Item::Fragment(name), Some((field, _))) => format!("`{field}` selects on `{name}`"),
        (Item::Variable(name), _) => format!("the variable `${name}` is declared with another type"),
        (Item::Field(name), None) => match owner {
            Some(owner) => format!("`{}` is selected with `{name}`", owner.table.name),
            None => format!("the call selects `{}`", path.join(".")),
        },
        (Item::Argument(name), None) => {
            format!("the call of `{}` gives the argument `{name}`", path.join("."))
        }
        (Item::Fragment(name), None) => format!("the call selects on `{name}`"),
    }
}

/// The field of an input, if the variables of the request have it or, of one that is required, lack it.
fn subject_of_input(field: &InputField, variables: &Value) -> Option<String> {
    let InputField { ty, name, is_required } = field;
    match (is_required, has_key(variables, name)) {
        (false, true) => Some(format!("the input `{ty}` is sent with `{name}`")),
        (true, false) => Some(format!("the input `{ty}` is sent without `{name}`, which is required")),
        _ => None,
    }
}

fn has_key(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| key == name || has_key(value, name)),
        Value::Array(items) => items.iter().any(|value| has_key(value, name)),
        _ => false,
    }
}

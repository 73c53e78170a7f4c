//! Whether an error says that the server's schema lacks something, or has it otherwise.

use crate::error::GraphQlError;
use serde::Deserialize;
use serde_json::Value;

/// Codes of graphql-ruby for documents that do not fit the schema.
const CODES: &[&str] = &[
    "undefinedField",
    "argumentNotAccepted",
    "undefinedType",
    "missingRequiredArguments",
    "argumentLiteralsIncompatible",
    "selectionMismatch",
    "variableMismatch",
    "variableRequiresValidType",
];

/// Parts of the messages of engines without codes: graphql-js and those that follow it, apollo-compiler.
const MESSAGES: &[&str] = &[
    "Cannot query field",
    "does not have a field",
    "doesn't exist on type",
    "Unknown argument",
    "doesn't accept argument",
    "is not supported by",
    "Unknown type",
    "cannot find type",
    "No such type",
    "does not exist in",
    "does not exist on",
    "is required, but it was not provided",
    "the required argument",
    "must have a selection of subfields",
    "must not have a selection",
    "Type mismatch on variable",
];

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Extensions {
    code: Option<String>,
    field_name: Option<String>,
    problems: Vec<Problem>,
}

/// What graphql-ruby says about the value of a variable.
#[derive(Deserialize)]
struct Problem {
    path: Vec<Value>,
    explanation: String,
}

fn extensions(error: &GraphQlError) -> Extensions {
    let text = error.extensions.as_ref().map(|json| json.as_text().trim_start());
    let object = text.filter(|text| text.starts_with('{'));
    object.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Whether the error says that the schema has no such thing as `name`, or has it otherwise.
pub(super) fn is_about(error: &GraphQlError, name: &str) -> bool {
    let Extensions { code, field_name, .. } = extensions(error);
    if field_name.is_some_and(|field| field != name) {
        return false;
    }
    code.is_some_and(|code| CODES.contains(&code.as_str()))
        || MESSAGES.iter().any(|part| error.message.contains(part)) && has_word(&error.message, name)
}

/// Whether the error is that of graphql-ruby for a field that the schema does not have.
pub(super) fn is_undefined_field(error: &GraphQlError, name: &str) -> bool {
    let Extensions { code, field_name, .. } = extensions(error);
    code.as_deref() == Some("undefinedField") && field_name.as_deref() == Some(name)
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').any(|part| part == word)
}

/// A field of an input object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InputField {
    pub(super) ty: String,
    pub(super) name: String,
    /// Whether the server requires it; it does not have it otherwise.
    pub(super) is_required: bool,
}

/// The field of an input object that the error is about, in the value of a variable.
pub(super) fn input_field(error: &GraphQlError) -> Option<InputField> {
    let field = |ty: &str, name: &str, is_required| {
        let is_name = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let field = InputField { ty: ty.to_owned(), name: name.to_owned(), is_required };
        (is_name(ty) && is_name(name)).then_some(field)
    };
    // graphql-ruby
    for Problem { path, explanation } in extensions(error).problems {
        if let Some(ty) = explanation.strip_prefix("Field is not defined on ")
            && let Some(name) = path.last().and_then(Value::as_str)
        {
            return field(ty.trim_end_matches('.'), name, false);
        }
    }
    let message = error.message.as_str();
    // apollo-compiler
    if let Some((name, ty)) =
        message.strip_prefix("Input object has key ").and_then(|it| it.split_once(" not in type "))
    {
        return field(ty, name, false);
    }
    if let Some((ty, name)) = message
        .strip_prefix("Missing value for non-null input object field ")
        .and_then(|it| it.split_once('.'))
    {
        return field(ty, name, true);
    }
    // graphql-js
    let (before, ty) = message.split_once("\" is not defined by type \"")?;
    let (_, name) = before.rsplit_once("Field \"")?;
    field(ty.split('"').next()?, name, false)
}

//! The texts and the names in recorded GraphQL documents.

use crate::redact::REDACTED;
use std::collections::BTreeSet;

/// The parts of a document between its texts. A text that is not closed extends to the end.
fn outside_of_texts(document: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    let bytes = document.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'#' => at += document[at..].find(['\n', '\r']).unwrap_or(document.len() - at),
            b'"' => {
                parts.push(&document[start..at]);
                let rest = &document[at..];
                let length = match rest.strip_prefix("\"\"\"") {
                    Some(block) => 6 + block_length(block),
                    None => 2 + closing_quote(&rest[1..]).unwrap_or(rest.len()),
                };
                at = (at + length).min(document.len());
                start = at;
            }
            _ => at += 1,
        }
    }
    parts.push(&document[start..]);
    parts
}

/// The position of the quote that closes a text, in GraphQL and in JSON.
pub(super) fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}

fn block_length(text: &str) -> usize {
    let is_end = |at: &usize| !text[..*at].ends_with('\\');
    text.match_indices("\"\"\"").map(|(at, _)| at).find(is_end).unwrap_or(text.len())
}

/// The document with its texts redacted.
pub(super) fn without_texts(document: &str) -> String {
    outside_of_texts(document).join(&format!("\"{REDACTED}\""))
}

/// The names in a document, which messages of the server may quote.
pub(super) fn names(document: &str) -> BTreeSet<String> {
    outside_of_texts(document)
        .into_iter()
        .flat_map(|part| part.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')))
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{names, without_texts};

    #[test]
    fn texts_are_left_out_in_every_form() {
        for (document, rest) in [
            ("{ a }", "{ a }"),
            ("{ a(b: \"secret\") { c } }", "{ a(b: \"***\") { c } }"),
            ("{ a(b: \"\") }", "{ a(b: \"***\") }"),
            (r#"{ a(b: "x\"y\\", c: 1) }"#, r#"{ a(b: "***", c: 1) }"#),
            (r#"{ a(b: """x "y" \""" z""") }"#, r#"{ a(b: "***") }"#),
            ("{ a # \"no text\n(b: \"é\") }", "{ a # \"no text\n(b: \"***\") }"),
            ("{ a(b: \"open", "{ a(b: \"***\""),
            ("{ a(b: \"\"\"open", "{ a(b: \"***\""),
            ("\"", "\"***\""),
        ] {
            assert_eq!(without_texts(document), rest, "{document}");
        }
    }

    #[test]
    fn names_are_those_outside_of_texts() {
        let names = names("query q($id: ID!) { node(id: $id, name: \"Howard\") { ... on Person { a_1 } } }");
        for name in ["query", "q", "id", "ID", "node", "Person", "a_1"] {
            assert!(names.contains(name), "{name}");
        }
        assert!(!names.contains("Howard"));
    }
}

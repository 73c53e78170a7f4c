//! GraphQL documents in recordings: their texts and their names.

use super::redact::LEFT_OUT;
use std::collections::BTreeSet;

/// A piece of a document.
enum Piece<'d> {
    /// A text with its quotes.
    Text,
    /// Anything else.
    Plain(&'d str),
}

/// Splits a document at its texts. Whatever is not closed goes to the end.
fn pieces(document: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    let bytes = document.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'#' => at += document[at..].find(['\n', '\r']).unwrap_or(document.len() - at),
            b'"' => {
                let quotes = if document[at..].starts_with("\"\"\"") { 3 } else { 1 };
                pieces.push(Piece::Plain(&document[start..at]));
                let text = &document[at + quotes..];
                let length = if quotes == 3 { block_length(text) } else { text_length(text) };
                pieces.push(Piece::Text);
                at = (at + quotes + length + quotes).min(document.len());
                start = at;
            }
            _ => at += 1,
        }
    }
    pieces.push(Piece::Plain(&document[start..]));
    pieces
}

fn text_length(text: &str) -> usize {
    closing_quote(text).unwrap_or(text.len())
}

/// Where a text ends, behind its first quote: the same in GraphQL and in JSON.
pub(super) fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}

fn block_length(text: &str) -> usize {
    let mut at = 0;
    while let Some(next) = text[at..].find("\"\"\"") {
        if !text[..at + next].ends_with('\\') {
            return at + next;
        }
        at += next + 3;
    }
    text.len()
}

/// The document with each text in it left out.
pub(super) fn without_texts(document: &str) -> String {
    let mut rest = String::with_capacity(document.len());
    for piece in pieces(document) {
        match piece {
            Piece::Plain(plain) => rest.push_str(plain),
            Piece::Text => rest.extend(["\"", LEFT_OUT, "\""]),
        }
    }
    rest
}

/// The names in a document: what a message of the server may quote.
pub(super) fn names(document: &str) -> BTreeSet<String> {
    let plain = pieces(document).into_iter().filter_map(|piece| match piece {
        Piece::Plain(plain) => Some(plain),
        Piece::Text => None,
    });
    plain
        .flat_map(|plain| plain.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')))
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

//! Quoting of untrusted text for logs and errors: on one line, limited in length, with secrets redacted.

use crate::redact::{REDACTED, Secrets};
use std::fmt::{self, Write};

/// The maximum length of a quoted message in characters.
pub const MESSAGE: usize = 2_000;

/// The maximum length of other quoted text in characters, such as a name, a cursor or the beginning of HTML.
pub const BRIEF: usize = 200;

/// Quotes at most `most` characters of a text, with secrets redacted. `is_cut` says that the text continues.
pub fn quote(text: &[u8], secrets: &[&str], most: usize, is_cut: bool) -> String {
    let secrets = Secrets::new(secrets);
    let mut quoted = String::new();
    let (mut at, mut count) = (0, 0);
    // Stops at the limit, so that the cost does not depend on the size of the text. No part of a secret is
    // left at the end.
    while at < text.len() {
        if count >= most {
            quoted.push('…');
            return quoted;
        }
        if let Some(length) = secrets.length_at(text, at, is_cut) {
            quoted.push_str(REDACTED);
            count += REDACTED.len();
            at += length;
        } else {
            let (character, length) = first(&text[at..]);
            // Writing to a `String` does not fail.
            let _ = escape(character, &mut quoted);
            count += 1;
            at += length;
        }
    }
    if is_cut {
        quoted.push('…');
    }
    quoted
}

/// The beginning of a text: at most `max` bytes, cut between characters.
pub fn beginning(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// The first character of a text, which may be invalid UTF-8, and its length in bytes.
fn first(text: &[u8]) -> (char, usize) {
    let mut chunks = text[..text.len().min(4)].utf8_chunks();
    let chunk = chunks.next().map(|chunk| (chunk.valid().chars().next(), chunk.invalid().len()));
    match chunk {
        Some((Some(character), _)) => (character, character.len_utf8()),
        Some((None, invalid)) => (char::REPLACEMENT_CHARACTER, invalid.max(1)),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// Writes a character, escaped if a terminal or a log would not print it.
fn escape(character: char, out: &mut impl Write) -> fmt::Result {
    match character {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        character if is_invisible(character) => write!(out, "\\u{{{:x}}}", u32::from(character)),
        character => out.write_char(character),
    }
}

/// Whether a character is invisible: control characters, line and paragraph separators, and characters that
/// change the text direction or have no width. Joiners, which some scripts need, are not.
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Escapes invisible characters in JSON.
pub fn escape_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        // Only between values, since JSON strings cannot contain them.
        if matches!(character, '\n' | '\r' | '\t') {
            escaped.push(' ');
        } else if is_invisible(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a `String` does not fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// A writer that escapes invisible characters, so that its text stays on one line.
#[derive(Debug)]
pub struct OneLine<'o, O>(pub &'o mut O);

impl<O: Write> Write for OneLine<'_, O> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|character| escape(character, self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_one_line_and_shows_what_is_in_it() {
        let text = "a\u{1b}[2J\r\nb\u{202e}c\u{2028}d\u{85}e\u{7f}\u{e0041}\0 é 𝄞 नि\u{200d}";
        let expected =
            r"a\u{1b}[2J\r\nb\u{202e}c\u{2028}d\u{85}e\u{7f}\u{e0041}\u{0} é 𝄞 नि".to_owned() + "\u{200d}";
        assert_eq!(quote(text.as_bytes(), &[], 100, false), expected);
        let mut line = String::new();
        OneLine(&mut line).write_str(text).unwrap_or_default();
        assert_eq!(line, expected);
        assert_eq!(escape_json("[\"a\u{9b}\u{e0041}\",\n1]"), "[\"a\\u009b\\udb40\\udc41\", 1]");
    }

    #[test]
    fn a_beginning_is_cut_between_characters() {
        assert_eq!([0, 1, 2, 3, 9].map(|max| beginning("aé!", max)), ["", "a", "a", "aé", "aé!"]);
    }

    #[test]
    fn a_quoted_text_ends_where_no_part_of_a_secret_is_left() {
        let token = "token-".repeat(50);
        let text = format!("{}{}", format!("{token} ").repeat(100), "x".repeat(1_000_000));
        let quoted = quote(text.as_bytes(), &[&token], 399, false);
        assert_eq!(quoted, "*** ".repeat(99) + "***…");
        assert_eq!(quote(b"no token-tok", &[&token], 100, true), "no ***…");
        assert_eq!(quote(b"no tok", &[&token], 100, true), "no tok…");
        assert_eq!(quote(&[0xff; 1_000_000], &[&token], 3, false), "\u{fffd}\u{fffd}\u{fffd}…");
    }
}

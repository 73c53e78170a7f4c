//! Byte order marks.

/// Some editors put a byte order mark before a text; it is no part of it.
pub(crate) fn without_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

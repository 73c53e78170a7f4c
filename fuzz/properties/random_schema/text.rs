//! Descriptions, reasons and literals, with characters that Rust, Markdown or GraphQL could stumble over.

use super::Random;

const TEXTS: &[&str] = &[
    "",
    " ",
    "Plain words.",
    "Two lines\nof text.",
    "Two paragraphs.\n\nThe second one.",
    "\r\ncarriage\rreturns\r\n",
    "`code` and ``` three",
    "```rust\nlet x: Missing = 1;\n```",
    "    let indented = code;",
    "[link](http://example.com) [broken] [`Missing`] [a]: b",
    "<b>tag</b> <unclosed & <!-- comment",
    "*/ /* // /// //! #[doc] */",
    "\"quoted\" 'single' \\ backslash \\u{41} \\n",
    "ends with a backslash \\",
    "\"\"\"",
    "# heading\n- list\n+ list\n1. number\n===\n---\n> quote\n| a | b |",
    "https://example.com/a?b=c&d=[e]#f, http://x. ftp://y ://",
    "right-to-left \u{202e}override\u{202c} isolate \u{2066}x\u{2069} mark \u{200f}",
    "line separators \u{2028} and \u{2029}, byte order mark \u{feff}, zero\u{200b}width",
    "emoji \u{1f600} \u{1f468}\u{200d}\u{1f469} combining e\u{301} \u{10ffff}",
    "controls \u{1} \u{8} \u{b} \u{c} \u{1b} \u{7f} \u{9f}",
    "{braces} {} {{ }} {0} $macro $crate $ty:ty #hash r#\"raw\"# ~ ^ % @",
    "_under_ *star* ~~gone~~ **bold** __dunder__ &amp; &#39;",
    "\ttab\tseparated\t",
    "#![allow(missing)]",
    "ends with a quote \"",
];

pub(super) fn text(random: &mut Random) -> String {
    let text = (*random.pick(TEXTS)).to_owned();
    match random.below(12) {
        0 => format!("{text} {}", random.pick(TEXTS)),
        1 if random.one_in(10) => text.repeat(40),
        _ => text,
    }
}

pub(super) fn description(random: &mut Random) -> Option<String> {
    random.one_in(4).then(|| text(random))
}

pub(super) fn deprecated(random: &mut Random) -> Option<Option<String>> {
    random.one_in(12).then(|| random.one_in(2).then(|| text(random)))
}

/// A string literal: quoted, or a block.
pub(super) fn string(random: &mut Random) -> String {
    let text = text(random);
    let is_block =
        !text.contains(|c: char| c == '"' || c == '\\' || (c.is_control() && c != '\n' && c != '\t'));
    if is_block && random.one_in(3) { format!("\"\"\"{text}\"\"\"") } else { quoted(&text) }
}

/// A quoted string: JSON's escapes are a subset of GraphQL's.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

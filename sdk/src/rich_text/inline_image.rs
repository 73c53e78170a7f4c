//! Images in Markdown, and the scanner that finds them.
//!
//! All bytes that it searches for are ASCII, so it cuts only between characters. Each search for an end is
//! bounded by the next image or not repeated, so that the time is linear in the length of the text.

use crate::Attachment;
use std::collections::BTreeMap;
use std::ops::Range;

/// How deep parentheses may be nested in a URL, as in Markdown.
const MAX_NESTED: usize = 32;

/// An image of a record's text that is one of the record's attachments.
///
/// ```
/// use xurrent::InlineImage;
///
/// let text = "Look: ![](attachments/5/screen.png){:width=200} ![](https://example.com/logo.png)";
/// let images = InlineImage::find(text);
/// assert_eq!(images.len(), 1);
/// assert_eq!(images[0].key, "attachments/5/screen.png");
/// assert_eq!(images[0].attributes, Some("width=200"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InlineImage<'t> {
    /// The key of the attachment, as it stands in the text.
    pub key: &'t str,
    /// The attributes between `{:` and `}` behind the image.
    pub attributes: Option<&'t str>,
    /// The place of the image in the text, attributes included.
    pub range: Range<usize>,
}

impl<'t> InlineImage<'t> {
    /// The inline images of a Markdown text, in their order.
    ///
    /// Links, images with a URL, and text in code or behind a backslash are not inline images.
    pub fn find(markdown: &'t str) -> Vec<Self> {
        images(markdown).collect()
    }

    /// The attachment that this image shows, from the attachments of the same record and text.
    ///
    /// Its `expiring_url` expires soon: fetch the attachment again when the image is displayed again, and
    /// never store the URL.
    pub fn attachment<'a>(&self, attachments: &'a [Attachment]) -> Option<&'a Attachment> {
        attachments.iter().find(|attachment| attachment.key.as_deref() == Some(self.key))
    }
}

/// The images of a text whose destination is a key, not a URL.
pub(super) fn images(text: &str) -> impl Iterator<Item = InlineImage<'_>> {
    let mut scanner = Scanner { text, at: 0, last_runs: None };
    std::iter::from_fn(move || scanner.next_image()).filter(|image| !is_web_address(image.key))
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// The start of the last run of each number of backticks, once a backtick was found.
    last_runs: Option<BTreeMap<usize, usize>>,
}

impl<'t> Scanner<'t> {
    fn next_image(&mut self) -> Option<InlineImage<'t>> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if let Some(end) = self.fenced_code() {
                self.at = end;
            } else if byte == b'`' {
                self.at = self.code_span();
            } else if let Some(image) = image(self.text, self.at) {
                self.at = image.range.end;
                return Some(image);
            } else {
                self.at += if byte == b'\\' { 2 } else { 1 };
            }
        }
    }

    /// The end of the code block whose fence begins on this line.
    fn fenced_code(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        if self.at > 0 && bytes[self.at - 1] != b'\n' {
            return None;
        }
        let mut begin = next_line(bytes, self.at);
        let (mark, length, rest) = fence(&bytes[self.at..begin])?;
        // A backtick behind the fence makes it a code span.
        if mark == b'`' && rest.contains(&b'`') {
            return None;
        }
        while begin < bytes.len() {
            let end = next_line(bytes, begin);
            if let Some((closing, closing_length, rest)) = fence(&bytes[begin..end])
                && closing == mark
                && closing_length >= length
                && rest.trim_ascii().is_empty()
            {
                return Some(end);
            }
            begin = end;
        }
        Some(bytes.len())
    }

    /// The end of the code span that begins here, or of its opening backticks if it has no end.
    fn code_span(&mut self) -> usize {
        let bytes = self.text.as_bytes();
        let length = run(&bytes[self.at..], b'`');
        let begin = self.at + length;
        let last_runs = self.last_runs.get_or_insert_with(|| backticks(bytes, 0).collect());
        if last_runs.get(&length).is_none_or(|last| *last < begin) {
            return begin;
        }
        let closing = backticks(bytes, begin).find(|(closing, _)| *closing == length);
        closing.map_or(begin, |(_, at)| at + length)
    }
}

/// The runs of backticks from `at` on, as length and position.
fn backticks(bytes: &[u8], mut at: usize) -> impl Iterator<Item = (usize, usize)> {
    std::iter::from_fn(move || {
        at += bytes[at..].iter().position(|byte| *byte == b'`')?;
        let (begin, length) = (at, run(&bytes[at..], b'`'));
        at += length;
        Some((length, begin))
    })
}

/// The image that begins at `begin`.
fn image(text: &str, begin: usize) -> Option<InlineImage<'_>> {
    let bytes = text.as_bytes();
    let rest = bytes.get(begin..)?.strip_prefix(b"![")?;
    let open = begin + 2 + description(rest)? + 1;
    bytes.get(open).filter(|byte| **byte == b'(')?;
    let inside = open + 1 + blanks(&bytes[open + 1..]);
    let (key, behind) = match bytes.get(inside)? {
        b'<' => {
            let begin = inside + 1;
            let end = begin + bytes[begin..].iter().position(|byte| matches!(byte, b'<' | b'>' | b'\n'))?;
            bytes.get(end).filter(|byte| **byte == b'>')?;
            (begin..end, end + 1)
        }
        _ => {
            let end = inside + address(&bytes[inside..])?;
            (inside..end, end)
        }
    };
    let close = title(bytes, behind)?;
    let key = text.get(key).filter(|key| !key.is_empty())?;
    let end = close + 1;
    let attributes = text.get(end..).and_then(attributes);
    let length = attributes.map_or(0, |attributes| attributes.len() + 3);
    Some(InlineImage { key, attributes, range: begin..end + length })
}

/// The length of a description: up to the closing bracket.
fn description(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b']' => return Some(at),
            b'[' => return None,
            _ => at += 1,
        }
    }
}

/// The length of a destination, up to white space or the closing parenthesis of the image.
fn address(bytes: &[u8]) -> Option<usize> {
    let mut nested = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' if nested == MAX_NESTED => return None,
            b'(' => nested += 1,
            b')' if nested == 0 => return Some(at),
            b')' => nested -= 1,
            b'\\' | b'<' => return None,
            byte if byte.is_ascii_whitespace() => return (nested == 0).then_some(at),
            byte if byte.is_ascii_control() => return None,
            _ => {}
        }
    }
    None
}

/// Skips a title and returns the position of the closing parenthesis of the image.
fn title(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + blanks(&bytes[at..]);
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(at) {
        at += 1 + bytes[at + 1..].iter().position(|byte| byte == quote)? + 1;
        at += blanks(&bytes[at..]);
    }
    (bytes.get(at) == Some(&b')')).then_some(at)
}

/// The attributes between `{:` and `}` at the beginning of a text, on one line.
fn attributes(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("{:")?;
    let end = rest.find(['{', '}', '\n'])?;
    rest[end..].starts_with('}').then(|| &rest[..end])
}

/// `https://host/path`, `//host/path`, `data:...`: anything with a scheme or a host.
fn is_web_address(address: &str) -> bool {
    let scheme = address.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    scheme || address.starts_with("//")
}

/// The character, the length and the rest of a line that is a fence.
fn fence(line: &[u8]) -> Option<(u8, usize, &[u8])> {
    let indented = run(line, b' ');
    let line = line.get(indented..).filter(|_| indented < 4)?;
    let mark = *line.first().filter(|byte| matches!(byte, b'`' | b'~'))?;
    let length = run(line, mark);
    (length >= 3).then(|| (mark, length, &line[length..]))
}

/// The start of the line behind the one at `begin`.
fn next_line(bytes: &[u8], begin: usize) -> usize {
    let end = bytes[begin..].iter().position(|byte| *byte == b'\n');
    end.map_or(bytes.len(), |end| begin + end + 1)
}

/// How often `byte` is repeated at the beginning.
fn run(bytes: &[u8], byte: u8) -> usize {
    bytes.iter().take_while(|found| **found == byte).count()
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

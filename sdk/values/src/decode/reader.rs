//! A position in a JSON text. Usual values are read here; the parser reads all others, and reports what is invalid.

use super::error::DecodeError;
use super::keys::is_same;
use super::parser::{invalid_text, syntax};
use jiter::{Jiter, JiterError, NumberInt, Peek};
use std::mem::take;
use std::ops::Range;
use std::str::from_utf8;

/// Reads a JSON text from front to back.
pub(super) struct Reader<'j> {
    bytes: &'j [u8],
    /// The beginning of `bytes` that is UTF-8, usually all. Its parts need no check.
    text: &'j str,
    at: usize,
    /// Memory of the parser for strings with escapes.
    tape: Vec<u8>,
}

impl<'j> Reader<'j> {
    pub(super) fn new(bytes: &'j [u8]) -> Self {
        let text = from_utf8(bytes).or_else(|error| from_utf8(&bytes[..error.valid_up_to()]));
        Self { bytes, text: text.unwrap_or_default(), at: 0, tape: Vec::new() }
    }

    /// A second one at the same position.
    pub(super) fn fork(&self) -> Self {
        Self { tape: Vec::new(), ..*self }
    }

    /// The offset of the next byte.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The text of a range.
    pub(super) fn text(&self, range: Range<usize>) -> Result<&'j str, DecodeError> {
        match self.text.get(range.clone()) {
            Some(text) => Ok(text),
            None => from_utf8(&self.bytes[range.clone()]).map_err(|error| invalid_text(range.start, error)),
        }
    }

    /// The next byte behind white space, which tells the type of the next value.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<Peek, DecodeError> {
        match self.bytes.get(self.at) {
            Some(byte) if *byte > b' ' => Ok(Peek::new(*byte)),
            _ => self.parse(|json| json.peek()),
        }
    }

    /// Skips `{"name":` or `,"name":` if exactly that comes next, which is the usual case.
    #[inline]
    pub(super) fn pass(&mut self, opening: u8, name: &str) -> bool {
        let end = self.at + name.len() + 4;
        let matches = match self.bytes.get(self.at..end) {
            Some([first, b'"', key @ .., b'"', b':']) => *first == opening && is_same(key, name.as_bytes()),
            _ => false,
        };
        if matches {
            self.at = end;
        }
        matches
    }

    /// Reads the next key of an object that was opened with `{` or continues with `,`; none at its end.
    #[inline]
    pub(super) fn key<'k>(
        &mut self,
        opening: u8,
        unescaped: &'k mut String,
    ) -> Result<Option<&'k str>, DecodeError>
    where
        'j: 'k,
    {
        match self.bytes.get(self.at..).unwrap_or_default() {
            [first, b'"', rest @ ..] if *first == opening => {
                let (begin, length) = (self.at + 2, plain_length(rest));
                if let Some([b'"', b':', ..]) = rest.get(length..)
                    && let Some(key) = self.text.get(begin..begin + length)
                {
                    self.at = begin + length + 2;
                    return Ok(Some(key));
                }
            }
            [b'}', ..] if opening == b',' => {
                self.at += 1;
                return Ok(None);
            }
            _ => {}
        }
        self.parse_key(opening, unescaped)
    }

    fn parse_key<'k>(
        &mut self,
        opening: u8,
        unescaped: &'k mut String,
    ) -> Result<Option<&'k str>, DecodeError> {
        unescaped.clear();
        let is_key = self.parse(|json| {
            let key = match opening {
                b'{' => json.known_object(),
                _ => json.next_key(),
            };
            Ok(key?.map(|key| unescaped.push_str(key)).is_some())
        })?;
        Ok(is_key.then_some(unescaped))
    }

    /// Opens an array. Whether it has a first element.
    pub(super) fn array(&mut self) -> Result<bool, DecodeError> {
        self.parse(|json| Ok(json.known_array()?.is_some()))
    }

    /// Whether the array has another element.
    #[inline]
    pub(super) fn array_step(&mut self) -> Result<bool, DecodeError> {
        match self.bytes.get(self.at..) {
            Some([b',', next, ..]) if *next > b' ' && *next != b']' => {
                self.at += 1;
                Ok(true)
            }
            _ => self.parse(|json| Ok(json.array_step()?.is_some())),
        }
    }

    /// Reads a null, if it comes next.
    #[inline]
    pub(super) fn null(&mut self) -> Result<bool, DecodeError> {
        if self.peek()? != Peek::Null {
            return Ok(false);
        }
        if !self.literal(b"null") {
            self.parse(|json| json.known_null())?;
        }
        Ok(true)
    }

    /// Reads the boolean that comes next.
    #[inline]
    pub(super) fn boolean(&mut self, peek: Peek) -> Result<bool, DecodeError> {
        if self.literal(b"true") {
            Ok(true)
        } else if self.literal(b"false") {
            Ok(false)
        } else {
            self.parse(|json| json.known_bool(peek))
        }
    }

    #[inline]
    fn literal(&mut self, text: &[u8]) -> bool {
        let matches = self.bytes.get(self.at..self.at + text.len()) == Some(text);
        if matches {
            self.at += text.len();
        }
        matches
    }

    /// Reads the string that comes next.
    #[inline]
    pub(super) fn string<'s>(&mut self, unescaped: &'s mut String) -> Result<&'s str, DecodeError>
    where
        'j: 's,
    {
        let begin = self.at + 1;
        let end = begin + plain_length(self.bytes.get(begin..).unwrap_or_default());
        if self.bytes.get(end) == Some(&b'"')
            && let Some(text) = self.text.get(begin..end)
        {
            self.at = end + 1;
            return Ok(text);
        }
        self.parse_string(unescaped)
    }

    fn parse_string<'s>(&mut self, unescaped: &'s mut String) -> Result<&'s str, DecodeError> {
        unescaped.clear();
        self.parse(|json| json.known_str().map(|text| unescaped.push_str(text)))?;
        Ok(unescaped)
    }

    /// Reads the number that comes next, if it is an integer that fits. Otherwise nothing is read.
    pub(super) fn integer(&mut self, peek: Peek) -> Option<i64> {
        let mut json = Jiter::new(&self.bytes[self.at..]);
        match json.known_int(peek) {
            Ok(NumberInt::Int(value)) => {
                self.at += json.current_index();
                Some(value)
            }
            _ => None,
        }
    }

    /// Reads the number that comes next, if it is not too large. Otherwise nothing is read.
    pub(super) fn float(&mut self, peek: Peek) -> Option<f64> {
        let mut json = Jiter::new(&self.bytes[self.at..]);
        let value = json.known_float(peek).ok().filter(|value| value.is_finite())?;
        self.at += json.current_index();
        Some(value)
    }

    /// Reads the number that comes next, as text.
    pub(super) fn number(&mut self, peek: Peek) -> Result<&'j str, DecodeError> {
        let start = self.at;
        self.parse(|json| json.known_number_bytes(peek).map(drop))?;
        self.text(start..self.at)
    }

    /// Reads any value.
    pub(super) fn skip(&mut self) -> Result<(), DecodeError> {
        self.parse(|json| json.next_skip())
    }

    /// Checks that only white space is left.
    pub(super) fn finish(&mut self) -> Result<(), DecodeError> {
        self.parse(|json| json.finish())
    }

    /// Takes a step with the parser. On an error, the position stays.
    fn parse<T>(
        &mut self,
        step: impl FnOnce(&mut Jiter<'j>) -> Result<T, JiterError>,
    ) -> Result<T, DecodeError> {
        let mut json = Jiter::with_tape(&self.bytes[self.at..], take(&mut self.tape));
        let result = step(&mut json).map_err(|error| syntax(self.at, error));
        if result.is_ok() {
            self.at += json.current_index();
        }
        self.tape = json.into_tape();
        result
    }
}

/// The number of bytes before the first quote, backslash or control character.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut length = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let (quote, backslash) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
        // The high bit of a byte is set if it is zero, or less than a space. Borrows set it in others too, but
        // only above such a byte.
        let found = (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (word.wrapping_sub(ONES * b' ' as u64) & !word);
        let found = found & (ONES << 7);
        if found != 0 {
            return length + found.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let is_plain = |byte: &&u8| !matches!(**byte, b'"' | b'\\' | ..b' ');
    length + rest.iter().take_while(is_plain).count()
}

#[cfg(test)]
mod tests {
    use super::plain_length;

    #[test]
    fn strings_end_at_the_first_byte_that_is_not_plain() {
        for length in 0..40 {
            for byte in 0..=u8::MAX {
                // Followed by bytes that borrow from each other.
                let mut text = vec![b'a'; length];
                text.push(byte);
                text.extend(b"\"!\x1f \\]\0\xff\x80\x7f#[\"\"\\\x01");
                let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
                let expected = text.iter().position(|byte| !is_plain(byte));
                assert_eq!(Some(plain_length(&text)), expected, "{text:?}");
                assert_eq!(plain_length(&text[..=length]), length + usize::from(is_plain(&byte)));
            }
        }
    }
}

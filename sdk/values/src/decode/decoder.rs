//! A pull parser that expects the keys of a selection in their order.

use super::error::{DecodeError, DecodeErrorKind, Decoded, MAX_DEPTH};
use super::keys::{SeenFields, find, find_prefixed};
use super::parser::{at, text, wrong_type};
use super::selection::Table;
use jiter::{Jiter, NumberInt, Peek};
use std::ops::Range;

/// A value that is decoded in place.
///
/// Encoding is a trait of its own, [`Encode`](crate::Encode), so that a program that only decodes does not
/// compile it.
pub trait Field {
    /// The placeholder before decoding. Users never see it: a field that keeps it is reported as missing.
    fn placeholder() -> Self
    where
        Self: Sized;

    /// Decodes the next JSON value into this one.
    ///
    /// # Errors
    /// If the JSON value has another type.
    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded;
}

/// Reads a JSON text from front to back.
pub struct Decoder<'j> {
    text: &'j [u8],
    /// The offset in `text` at which `json` starts. It restarts behind every expected key.
    base: usize,
    json: Jiter<'j>,
    depth: usize,
    /// The prefix of the keys of the next object: see [`prefixed`](Self::prefixed).
    prefix: &'static str,
}

impl<'j> Decoder<'j> {
    /// A decoder for a JSON text.
    #[must_use]
    pub fn new(json: &'j [u8]) -> Self {
        Self { text: json, base: 0, json: Jiter::new(json), depth: 0, prefix: "" }
    }

    /// Decodes an object into `fields`, which are in the order of `table.fields`.
    ///
    /// A response has its keys in the order of the selection, so the next name is tried first.
    ///
    /// # Errors
    /// If the value is not an object, or a field is missing, duplicate or invalid.
    pub fn object(&mut self, table: &'static Table, fields: &mut [&mut dyn Field]) -> Decoded {
        let prefix = std::mem::take(&mut self.prefix);
        self.expect(table.name, |peek| peek == Peek::Object)?;
        self.enter()?;
        let names = &table.fields[..table.fields.len().min(fields.len())];
        let mut seen = SeenFields::new(names.len());
        let mut expected = 0;
        let mut opening = b'{';
        loop {
            let index = match names.get(expected) {
                Some(name) if prefix.is_empty() && self.pass(opening, name) => Some(expected),
                _ => match self.plain_key(opening) {
                    Some(key) if prefix.is_empty() => find(names, expected, key),
                    Some(key) => find_prefixed(names, expected, prefix, key),
                    None => {
                        let key = match opening {
                            b'{' => self.json.known_object(),
                            _ => self.json.next_key(),
                        };
                        match at(self.base, key)? {
                            None => break,
                            Some(key) => find_prefixed(names, expected, prefix, key.as_bytes()),
                        }
                    }
                },
            };
            opening = b',';
            match index {
                Some(index) => {
                    let name = names[index];
                    if !seen.insert(index) {
                        return Err(DecodeError::new(DecodeErrorKind::Duplicate).at_key(table.name, name));
                    }
                    fields[index].decode(self).map_err(|error| error.at_key(table.name, name))?;
                    expected = index + 1;
                }
                None => self.skip()?,
            }
        }
        self.depth -= 1;
        match seen.first_missing() {
            None => Ok(()),
            Some(index) => Err(DecodeError::new(DecodeErrorKind::Missing).at_key(table.name, names[index])),
        }
    }

    /// Skips `{"name":` or `,"name":` if exactly that comes next, which is the usual case. Comparing bytes
    /// costs a fraction of parsing an unknown key.
    #[inline]
    fn pass(&mut self, opening: u8, name: &str) -> bool {
        let begin = self.base + self.json.current_index();
        let end = begin + name.len() + 4;
        let matches = match self.text.get(begin..end) {
            Some([first, b'"', key @ .., b'"', b':']) => *first == opening && key == name.as_bytes(),
            _ => false,
        };
        if matches {
            self.begin_at(end);
        }
        matches
    }

    /// Reads a key without white space and escapes, in ASCII. Everything else, including invalid JSON, is
    /// left to the parser.
    #[inline]
    fn plain_key(&mut self, opening: u8) -> Option<&'j [u8]> {
        let begin = self.base + self.json.current_index();
        let [first, b'"', rest @ ..] = self.text.get(begin..)? else { return None };
        let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        let length = rest.iter().position(|byte| !plain(byte))?;
        let (key, [b'"', b':', ..]) = rest.split_at_checked(length)? else { return None };
        if *first != opening {
            return None;
        }
        self.begin_at(begin + length + 4);
        Some(key)
    }

    fn begin_at(&mut self, index: usize) {
        self.base = index;
        self.json = Jiter::new(&self.text[index..]);
    }

    /// Sets the prefix of the keys of the next object.
    pub fn prefixed(&mut self, prefix: &'static str) {
        self.prefix = prefix;
    }

    /// The `__typename` of the next object, without consuming it.
    ///
    /// # Errors
    /// If the next value is not an object or has no `__typename`.
    pub fn typename(&self, expected: &'static str) -> Result<String, DecodeError> {
        let mut typename = None;
        self.fork().entries(expected, &mut |scan, key| match key {
            "__typename" => scan.once::<String>(&mut typename),
            _ => scan.skip(),
        })?;
        typename.ok_or_else(|| DecodeError::new(DecodeErrorKind::Missing).at_key(expected, "__typename"))
    }

    /// Skips any value.
    ///
    /// # Errors
    /// If it is not JSON.
    pub fn skip(&mut self) -> Decoded {
        at(self.base, self.json.next_skip())
    }

    /// A second decoder at the same position, to look ahead.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { json: self.json.clone(), ..*self }
    }
}

/// Steps of hand-written decoders.
#[doc(hidden)]
impl<'j> Decoder<'j> {
    /// Reads an object key by key. `each` must consume the value.
    pub fn entries(
        &mut self,
        expected: &'static str,
        each: &mut dyn FnMut(&mut Self, &str) -> Decoded,
    ) -> Decoded {
        self.expect(expected, |peek| peek == Peek::Object)?;
        self.enter()?;
        // Most keys are borrowed from the text. The parser cannot lend one while it reads the value.
        let mut copied = String::new();
        let mut opening = b'{';
        loop {
            let name = match self.plain_key(opening).map(std::str::from_utf8) {
                Some(Ok(name)) => name,
                _ => {
                    let key = match opening {
                        b'{' => self.json.known_object(),
                        _ => self.json.next_key(),
                    };
                    let Some(key) = at(self.base, key)? else { break };
                    copied.clear();
                    copied.push_str(key);
                    &copied
                }
            };
            opening = b',';
            each(self, name).map_err(|error| error.at_plain_key(name))?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Decodes the value of a key that may occur once.
    pub fn once<T: Field>(&mut self, value: &mut Option<T>) -> Decoded {
        if value.is_some() {
            return Err(DecodeError::new(DecodeErrorKind::Duplicate));
        }
        value.insert(T::placeholder()).decode(self)
    }

    /// Reads an array. `item` must consume the element.
    pub fn list(&mut self, expected: &'static str, item: &mut dyn FnMut(&mut Self) -> Decoded) -> Decoded {
        self.expect(expected, |peek| peek == Peek::Array)?;
        self.enter()?;
        let mut next = at(self.base, self.json.known_array())?;
        let mut index = 0;
        while next.is_some() {
            item(self).map_err(|error| error.at_index(index))?;
            index += 1;
            next = at(self.base, self.json.array_step())?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Consumes a null, if it comes next.
    pub fn null(&mut self) -> Result<bool, DecodeError> {
        if self.peek()? == Peek::Null {
            at(self.base, self.json.known_null())?;
            Ok(true)
        } else {
            Ok(false)
        }
    }

    pub fn string(&mut self, expected: &'static str) -> Result<&str, DecodeError> {
        self.expect(expected, |peek| peek == Peek::String)?;
        at(self.base, self.json.known_str())
    }

    pub fn boolean(&mut self, expected: &'static str) -> Result<bool, DecodeError> {
        let peek = self.expect(expected, |peek| peek == Peek::True || peek == Peek::False)?;
        at(self.base, self.json.known_bool(peek))
    }

    pub fn integer(&mut self, expected: &'static str) -> Result<i64, DecodeError> {
        let peek = self.expect(expected, Peek::is_num)?;
        let start = self.json.clone();
        if let Ok(NumberInt::Int(value)) = self.json.known_int(peek) {
            return Ok(value);
        }
        // The parser refuses 19 digits even if they fit.
        self.json = start;
        let digits = self.number(peek)?;
        digits.parse().map_err(|_| DecodeError::invalid(expected, digits))
    }

    pub fn float(&mut self, expected: &'static str) -> Result<f64, DecodeError> {
        let peek = self.expect(expected, Peek::is_num)?;
        let start = self.json.clone();
        match self.json.known_float(peek) {
            Ok(value) if value.is_finite() => Ok(value),
            _ => {
                self.json = start;
                Err(DecodeError::invalid(expected, self.number(peek)?))
            }
        }
    }

    /// The text of a number, or the content of a string.
    pub fn number_or_string(&mut self, expected: &'static str) -> Result<&str, DecodeError> {
        match self.expect(expected, |peek| peek == Peek::String || peek.is_num())? {
            Peek::String => at(self.base, self.json.known_str()),
            peek => self.number(peek),
        }
    }

    /// Reads a value and returns its position in the text.
    pub fn placed<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<(T, Range<usize>), DecodeError> {
        self.peek()?;
        let start = self.base + self.json.current_index();
        let value = read(self)?;
        Ok((value, start..self.base + self.json.current_index()))
    }

    /// Reads a value and returns its text as well. If `read` fails, the value is skipped and the inner
    /// result has the error. The outer error is for invalid JSON.
    pub fn with_text<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<(&'j str, Result<T, DecodeError>), DecodeError> {
        let mut ahead = self.fork();
        match ahead.placed(read) {
            Ok((value, place)) => {
                *self = ahead;
                Ok((text(&self.text[place.clone()], place.start)?, Ok(value)))
            }
            Err(error) => Ok((self.raw()?, Err(error))),
        }
    }

    /// Whether an array comes next.
    pub fn is_list(&mut self) -> Result<bool, DecodeError> {
        Ok(self.peek()? == Peek::Array)
    }

    /// The text of any value.
    pub fn raw(&mut self) -> Result<&'j str, DecodeError> {
        let peek = self.peek()?;
        let start = self.json.current_index();
        at(self.base, self.json.known_skip(peek))?;
        text(self.json.slice_to_current(start), self.base + start)
    }

    /// Checks that only white space is left.
    pub fn finish(&mut self) -> Decoded {
        at(self.base, self.json.finish())
    }

    fn number(&mut self, peek: Peek) -> Result<&str, DecodeError> {
        let start = self.base + self.json.current_index();
        text(at(self.base, self.json.known_number_bytes(peek))?, start)
    }

    fn peek(&mut self) -> Result<Peek, DecodeError> {
        at(self.base, self.json.peek())
    }

    /// Checks the type of the next value.
    #[inline(always)]
    fn expect(
        &mut self,
        expected: &'static str,
        fits: impl FnOnce(Peek) -> bool,
    ) -> Result<Peek, DecodeError> {
        let peek = self.peek()?;
        if fits(peek) { Ok(peek) } else { Err(wrong_type(expected, peek)) }
    }

    fn enter(&mut self) -> Decoded {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DecodeError::new(DecodeErrorKind::TooDeep));
        }
        Ok(())
    }
}

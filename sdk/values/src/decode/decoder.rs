//! A pull parser that expects the keys of a selection in their order.

use super::error::{DecodeError, DecodeErrorKind, Decoded, MAX_DEPTH};
use super::keys::{FieldIndex, SeenFields};
use super::parser::wrong_type;
use super::reader::Reader;
use super::selection::Table;
use jiter::Peek;
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
    json: Reader<'j>,
    /// The last string with escapes, without them.
    unescaped: String,
    index: FieldIndex,
    depth: usize,
    /// The prefix of the keys of the next object: see [`prefixed`](Self::prefixed).
    prefix: &'static str,
}

impl<'j> Decoder<'j> {
    /// A decoder for a JSON text.
    #[must_use]
    pub fn new(json: &'j [u8]) -> Self {
        Self {
            json: Reader::new(json),
            unescaped: String::new(),
            index: FieldIndex::default(),
            depth: 0,
            prefix: "",
        }
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
                Some(name) if prefix.is_empty() && self.json.pass(opening, name) => Some(expected),
                _ => match self.json.key(opening, &mut self.unescaped)? {
                    None => break,
                    // Comparing nothing is slow on some processors.
                    Some(key) if prefix.is_empty() => self.index.find(table, key.as_bytes()),
                    Some(key) => match key.strip_prefix(prefix) {
                        Some(name) => self.index.find(table, name.as_bytes()),
                        None => None,
                    },
                },
            };
            opening = b',';
            match index {
                Some(index) if index < names.len() => {
                    let name = names[index];
                    if !seen.insert(index) {
                        return Err(DecodeError::new(DecodeErrorKind::Duplicate).at_key(table.name, name));
                    }
                    fields[index].decode(self).map_err(|error| error.at_key(table.name, name))?;
                    expected = index + 1;
                }
                _ => self.skip()?,
            }
        }
        self.depth -= 1;
        match seen.first_missing() {
            None => Ok(()),
            Some(index) => Err(DecodeError::new(DecodeErrorKind::Missing).at_key(table.name, names[index])),
        }
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
        self.json.skip()
    }

    /// A second decoder at the same position, to look ahead.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { json: self.json.fork(), unescaped: String::new(), index: FieldIndex::default(), ..*self }
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
        // Most keys are borrowed from the text. The decoder cannot lend one while it reads the value.
        let mut unescaped = String::new();
        let mut opening = b'{';
        while let Some(name) = self.json.key(opening, &mut unescaped)? {
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
        let mut has_next = self.json.array()?;
        let mut index = 0;
        while has_next {
            item(self).map_err(|error| error.at_index(index))?;
            index += 1;
            has_next = self.json.array_step()?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Consumes a null, if it comes next.
    pub fn null(&mut self) -> Result<bool, DecodeError> {
        self.json.null()
    }

    pub fn string(&mut self, expected: &'static str) -> Result<&str, DecodeError> {
        self.expect(expected, |peek| peek == Peek::String)?;
        self.json.string(&mut self.unescaped)
    }

    pub fn boolean(&mut self, expected: &'static str) -> Result<bool, DecodeError> {
        let peek = self.expect(expected, |peek| peek == Peek::True || peek == Peek::False)?;
        self.json.boolean(peek)
    }

    pub fn integer(&mut self, expected: &'static str) -> Result<i64, DecodeError> {
        let peek = self.expect(expected, Peek::is_num)?;
        if let Some(value) = self.json.integer(peek) {
            return Ok(value);
        }
        // The parser refuses 19 digits even if they fit.
        let digits = self.json.number(peek)?;
        digits.parse().map_err(|_| DecodeError::invalid(expected, digits))
    }

    pub fn float(&mut self, expected: &'static str) -> Result<f64, DecodeError> {
        let peek = self.expect(expected, Peek::is_num)?;
        match self.json.float(peek) {
            Some(value) => Ok(value),
            None => Err(DecodeError::invalid(expected, self.json.number(peek)?)),
        }
    }

    /// The text of a number, or the content of a string.
    pub fn number_or_string(&mut self, expected: &'static str) -> Result<&str, DecodeError> {
        match self.expect(expected, |peek| peek == Peek::String || peek.is_num())? {
            Peek::String => self.json.string(&mut self.unescaped),
            peek => self.json.number(peek),
        }
    }

    /// Reads a value and returns its position in the text.
    pub fn placed<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<(T, Range<usize>), DecodeError> {
        self.json.peek()?;
        let start = self.json.at();
        let value = read(self)?;
        Ok((value, start..self.json.at()))
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
                Ok((self.json.text(place)?, Ok(value)))
            }
            Err(error) => Ok((self.raw()?, Err(error))),
        }
    }

    /// Whether an array comes next.
    pub fn is_list(&mut self) -> Result<bool, DecodeError> {
        Ok(self.json.peek()? == Peek::Array)
    }

    /// The text of any value.
    pub fn raw(&mut self) -> Result<&'j str, DecodeError> {
        let (_, place) = self.placed(Self::skip)?;
        self.json.text(place)
    }

    /// Checks that only white space is left.
    pub fn finish(&mut self) -> Decoded {
        self.json.finish()
    }

    /// Checks the type of the next value.
    #[inline(always)]
    fn expect(
        &mut self,
        expected: &'static str,
        fits: impl FnOnce(Peek) -> bool,
    ) -> Result<Peek, DecodeError> {
        let peek = self.json.peek()?;
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

//! A field of a derived selection, and the place where its value waits for the others.

use crate::decode::{DecodeError, DecodeErrorKind, Decoded, Decoder, Field, Selection};

/// How one field is selected, counted and read. A constant of the derive's, so that each field
/// asks for one trait once, and a type that does not fit is reported once.
#[derive(Debug)]
pub struct Part<T> {
    /// What is asked for.
    pub selection: Selection,
    /// See `Select::NODES`.
    pub nodes: u64,
    /// See `Select::CONNECTIONS`.
    pub connections: u64,
    /// Rust name of a leaf.
    pub name: &'static str,
    /// See `Select::WRAPPERS`.
    pub wrappers: u32,
    /// Reads a value.
    pub read: fn(&mut Decoder<'_>) -> Result<T, DecodeError>,
}

impl<T> Part<T> {
    /// A place for a value.
    #[must_use]
    pub fn slot(&self) -> Slot<T> {
        Slot { value: None, read: self.read }
    }
}

/// A place for a value.
#[derive(Debug)]
pub struct Slot<T> {
    value: Option<T>,
    read: fn(&mut Decoder<'_>) -> Result<T, DecodeError>,
}

impl<T> Slot<T> {
    /// What was read.
    ///
    /// # Errors
    /// When nothing was.
    pub fn take(self) -> Result<T, DecodeError> {
        self.value.ok_or_else(|| DecodeError::new(DecodeErrorKind::Missing))
    }
}

impl<T> Field for Slot<T> {
    fn vacant() -> Self {
        Self { value: None, read: |_| Err(DecodeError::new(DecodeErrorKind::Missing)) }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        self.value = Some((self.read)(decoder)?);
        Ok(())
    }
}

/// Whether a `Connection` is among the wrappers: it also wants the total and the end.
pub(super) const fn is_page(wrappers: u32) -> bool {
    let mut rest = wrappers;
    while rest != 0 {
        if rest & 3 == 3 {
            return true;
        }
        rest >>= 2;
    }
    false
}

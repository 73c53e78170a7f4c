//! A field of a derived selection, and the place where its value waits for the others.

use crate::decode::{DecodeError, DecodeErrorKind, Decoded, Decoder, Field, Read, Selection};

/// How one field is selected, counted and read. A constant of the derive's, so that the type of each
/// field is looked at once.
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
    /// Whether the type can hold a field of this kind at all.
    pub fits: bool,
    /// Reads a value.
    pub read: Read<T>,
}

impl<T> Part<T> {
    /// A type that can hold no field of this kind. Every use of it is an error of a check.
    #[doc(hidden)]
    pub const UNFIT: Self = Self {
        selection: Selection::Leaf,
        nodes: 0,
        connections: 0,
        name: "",
        wrappers: 0,
        fits: false,
        read: |_| Err(DecodeError::new(DecodeErrorKind::Missing)),
    };

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
    read: Read<T>,
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

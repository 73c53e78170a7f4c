//! The fields of derived selections.

use crate::decode::{DecodeError, DecodeErrorKind, Decoded, Decoder, Field, Read, Selection};

/// How a field is selected, counted and decoded.
#[derive(Debug)]
pub struct Part<T> {
    /// The selection of the field.
    pub selection: Selection,
    /// See `Select::NODES`.
    pub nodes: u64,
    /// See `Select::CONNECTIONS`.
    pub connections: u64,
    /// See `Select::WRAPPERS`.
    pub wrappers: u32,
    /// Whether the type can hold a field of this kind.
    pub fits: bool,
    /// Decodes a value.
    pub read: Read<T>,
}

impl<T> Part<T> {
    /// For a type that cannot hold a field of this kind. A check refuses it at compile time.
    #[doc(hidden)]
    pub const UNFIT: Self = Self {
        selection: Selection::Leaf,
        nodes: 0,
        connections: 0,
        wrappers: 0,
        fits: false,
        read: |_| Err(DecodeError::new(DecodeErrorKind::Missing)),
    };

    /// An empty slot.
    #[must_use]
    pub fn slot(&self) -> Slot<T> {
        Slot::new(self.read)
    }
}

/// The value of a field, once it is decoded.
#[derive(Debug)]
pub struct Slot<T> {
    value: Option<T>,
    read: Read<T>,
}

impl<T> Slot<T> {
    /// An empty slot.
    pub(super) fn new(read: Read<T>) -> Self {
        Self { value: None, read }
    }
}

/// The slots of up to 16 fields, as a tuple. Taking all values at once takes the compiler less time than one by one.
pub trait Slots {
    /// The values of the fields, as a tuple.
    type Values;

    /// The decoded values.
    ///
    /// # Errors
    /// If a field is missing.
    fn take(self) -> Result<Self::Values, DecodeError>;
}

macro_rules! slots {
    ($($first:ident $($rest:ident)*)?) => {$(
        impl<$first, $($rest),*> Slots for (Slot<$first>, $(Slot<$rest>,)*) {
            type Values = ($first, $($rest,)*);

            #[allow(non_snake_case)]
            fn take(self) -> Result<Self::Values, DecodeError> {
                let ($first, $($rest,)*) = self;
                match ($first.value, $($rest.value,)*) {
                    (Some($first), $(Some($rest),)*) => Ok(($first, $($rest,)*)),
                    _ => Err(DecodeError::new(DecodeErrorKind::Missing)),
                }
            }
        }
        slots!($($rest)*);
    )?};
}

slots!(A B C D E F G H I J K L M N O P);

impl<T> Field for Slot<T> {
    fn placeholder() -> Self {
        Self::new(|_| Err(DecodeError::new(DecodeErrorKind::Missing)))
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        self.value = Some((self.read)(decoder)?);
        Ok(())
    }
}

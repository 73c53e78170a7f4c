//! A selection with keys of the SDK beside it.

use std::marker::PhantomData;
use xurrent_runtime::{DecodeError, Decoder, Select, Selection};

/// The fields of `K`, whose names no selection has, and those of `T`, on the same object.
pub(crate) struct Keyed<On, K, T>(PhantomData<(On, K, T)>);

impl<On, K: Select<On>, T: Select<On>> Keyed<On, K, T> {
    pub(crate) const SELECTION: Selection = Selection::Flattened(Self::PARTS);
    /// A constant of its own, which Rust 1.88 needs to borrow it.
    const PARTS: &'static [Selection] = &[K::SELECTION, T::SELECTION];

    /// Reads the same object twice: the keys of `T` are its own.
    pub(crate) fn read(decoder: &mut Decoder<'_>) -> Result<(K, T), DecodeError> {
        let record = T::read(&mut decoder.fork())?;
        Ok((K::read(decoder)?, record))
    }
}

//! Compile-time choice between variables that fit their argument and those that do not.

use crate::input::{InputValue, IntoInput};
use std::marker::PhantomData;

/// A value for a variable of type `T`. [`NotVariable`] has the same functions for a value that does
/// not fit, so that our check reports it and not the compiler.
#[derive(Debug)]
pub struct AsVariable<T, N, V> {
    value: V,
    wanted: PhantomData<(T, N)>,
}

impl<T, N, V> AsVariable<T, N, V> {
    /// Wraps a value that may fit.
    pub fn new(value: V) -> Self {
        Self { value, wanted: PhantomData }
    }
}

impl<T, N, V: IntoInput<T, N>> AsVariable<T, N, V> {
    /// The value fits.
    #[must_use]
    pub fn fits(self) -> Fits<true> {
        Fits
    }

    /// The value that is sent.
    #[must_use]
    pub fn into_value(self) -> InputValue {
        self.value.into_input()
    }
}

/// The fallback of [`AsVariable`].
pub trait NotVariable: Sized {
    /// The value does not fit.
    fn fits(self) -> Fits<false> {
        Fits
    }

    /// Never called, since the check fails.
    fn into_value(self) -> InputValue {
        InputValue::Null
    }
}

impl<T, N, V> NotVariable for AsVariable<T, N, V> {}

/// Whether a variable fits, as a type.
#[derive(Debug, Clone, Copy)]
pub struct Fits<const FITS: bool>;

/// Whether a variable fits, by the return type of a function that is never called.
#[must_use]
pub const fn fits<G, const FITS: bool>(_: fn(G) -> Fits<FITS>) -> bool {
    FITS
}

//! A field of the struct of variables, and whether it fits what it is used for.

use crate::input::{InputValue, IntoInput};
use std::marker::PhantomData;

/// A value for a variable of type `T`. [`NotVariable`] has the same functions for a value that does
/// not fit, so that the check of the variable finds words for it and not the compiler.
#[derive(Debug)]
pub struct AsVariable<T, N, V> {
    value: V,
    wanted: PhantomData<(T, N)>,
}

impl<T, N, V> AsVariable<T, N, V> {
    /// A value that may fit.
    pub fn new(value: V) -> Self {
        Self { value, wanted: PhantomData }
    }
}

impl<T, N, V: IntoInput<T, N>> AsVariable<T, N, V> {
    /// It does.
    #[must_use]
    pub fn fits(self) -> Fits {
        Fits
    }

    /// The value that is sent.
    #[must_use]
    pub fn into_value(self) -> InputValue {
        self.value.into_input()
    }
}

/// What [`AsVariable`] falls back on.
pub trait NotVariable: Sized {
    /// It does not.
    fn fits(self) -> Unfit {
        Unfit
    }

    /// Never called, since the check fails.
    fn into_value(self) -> InputValue {
        InputValue::Null
    }
}

impl<T, N, V> NotVariable for AsVariable<T, N, V> {}

/// Yes, as a type.
#[derive(Debug, Clone, Copy)]
pub struct Fits;

/// No, as a type.
#[derive(Debug, Clone, Copy)]
pub struct Unfit;

/// Yes or no.
pub trait Answer {
    /// As a value.
    const FITS: bool;
}

impl Answer for Fits {
    const FITS: bool = true;
}

impl Answer for Unfit {
    const FITS: bool = false;
}

/// The answer of a function that is never called: its type is enough.
#[must_use]
pub const fn fits<G, A: Answer>(_: fn(G) -> A) -> bool {
    A::FITS
}

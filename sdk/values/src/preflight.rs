//! What a program expects of the schema of a server.

use crate::decode::Selection;
use crate::input::{Expected, InputType};
use crate::reference::{Abstract, Interface};

/// A type that can be compared with the schema of a server: a selection, a generated record, an input or an
/// enum of the schema, or a tuple of up to 16 of them, which may be nested.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared with the schema of a server",
    label = "neither a selection nor a type of the schema",
    note = "a selection with `#[derive(Select)]`, a generated record, an input or an enum can be, and a tuple of up to 16 of them"
)]
pub trait Preflight {
    /// What all generated records have in common: see [`InputType::Kind`].
    #[doc(hidden)]
    type Kind: PreflightKind<Self>;

    /// What it expects.
    #[doc(hidden)]
    const EXPECTED: Expected = Self::Kind::EXPECTED;
}

/// A kind of types that expect something.
#[doc(hidden)]
pub trait PreflightKind<T: ?Sized> {
    /// See [`Preflight::EXPECTED`].
    const EXPECTED: Expected;
}

/// Types that set [`Preflight::EXPECTED`] themselves.
#[doc(hidden)]
#[derive(Debug)]
pub enum OwnPreflight {}

impl<T: ?Sized> PreflightKind<T> for OwnPreflight {
    const EXPECTED: Expected = Expected::Nothing;
}

#[diagnostic::do_not_recommend]
impl<T: InputType> Preflight for T {
    type Kind = OwnPreflight;
    const EXPECTED: Expected = T::EXPECTED;
}

impl<K: Abstract> Preflight for Interface<K> {
    type Kind = OwnPreflight;
    const EXPECTED: Expected = Expected::Selection {
        rust: K::NAME,
        on: K::NAME,
        selection: &Selection::Interface { node: K::NODE },
        variables: &[],
    };
}

macro_rules! tuples {
    ($first:ident $($rest:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<$first: Preflight, $($rest: Preflight),*> Preflight for ($first, $($rest,)*) {
            type Kind = OwnPreflight;
            const EXPECTED: Expected = Expected::All(&[$first::EXPECTED, $($rest::EXPECTED),*]);
        }
        tuples! { $($rest)* }
    };
    () => {};
}

tuples! { A B C D E F G H I J K L M N O P }

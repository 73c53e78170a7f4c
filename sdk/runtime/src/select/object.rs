//! Generated output types.

use super::Select;
use super::const_str::{equal, split};
use super::flatten::common_name;
use super::{Expected, WireLeaf};
use crate::decode::{DecodeError, Decoder, Field, Selection, Table, read_field};
use crate::reference::Ref;
use crate::scalar::Id;
use std::marker::PhantomData;
use xurrent_values::PreflightKind;

/// An object with a [`Table`]: every generated output type.
pub trait Object: Field + Send + 'static {
    /// The names of this type.
    const TABLE: &'static Table;

    /// The field with its id, if it has one.
    #[doc(hidden)]
    const ID: &'static str = "id";

    /// The type of its id in a [`Ref`].
    #[doc(hidden)]
    const ID_TYPE: IdType = IdType::of::<Id>();
}

/// The type of an id: the Rust name of a leaf, and the `Option` around it.
#[derive(Debug, Clone, Copy)]
pub struct IdType(&'static str, u32);

impl IdType {
    /// That of a leaf.
    #[doc(hidden)]
    #[must_use]
    pub const fn of<I: WireLeaf>() -> Self {
        Self(I::NAME, I::WRAPPERS)
    }

    const fn is(self, other: Self) -> bool {
        equal(self.0, other.0) && self.1 == other.1
    }
}

/// A reference to a type whose id is in a field of another name, which becomes `id`.
struct Keyed<T>(T);

impl<T: Object> Keyed<T> {
    const TABLE: &'static Table = &Table {
        name: T::TABLE.name,
        fields: &["id"],
        nested: &[("id", Selection::Field { field: T::ID, selection: &Selection::Leaf })],
        source: "",
    };
}

#[diagnostic::do_not_recommend]
impl<T: Object, I: WireLeaf> Select<T> for Ref<T, I> {
    const SELECTION: Selection = match equal(T::ID, "id") {
        true => Selection::Reference,
        false => Selection::Object(Keyed::<T>::TABLE),
    };
    const FITS: bool = common_name(T::TABLE.fields, &[T::ID]).is_some() && T::ID_TYPE.is(IdType::of::<I>());

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        read_field(decoder)
    }
}

/// Selections on a generated output type, such as the type itself.
#[doc(hidden)]
#[derive(Debug)]
pub struct ObjectPreflight<On>(PhantomData<On>);

impl<On: Object, T: Select<On>> PreflightKind<T> for ObjectPreflight<On> {
    const EXPECTED: Expected = Expected::Selection {
        rust: match T::SELECTION {
            Selection::Object(table) => split(table.source, b'\n').0,
            _ => "",
        },
        on: On::TABLE.name,
        selection: &T::SELECTION,
        variables: &[],
    };
}

/// What every generated output type has: a selection of itself, and conversions.
#[doc(hidden)]
#[macro_export]
macro_rules! object_impls {
    ($type:ident) => {
        #[diagnostic::do_not_recommend]
        impl $crate::Select<$type> for $type {
            const SELECTION: $crate::Selection = $crate::Selection::Object(<$type as $crate::Object>::TABLE);
            #[inline]
            fn read(decoder: &mut $crate::Decoder<'_>) -> ::std::result::Result<Self, $crate::DecodeError> {
                $crate::decode::read_field(decoder)
            }
        }
        impl $crate::Preflight for $type {
            type Kind = $crate::select::ObjectPreflight<$type>;
        }
        impl ::std::fmt::Debug for $type {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(self as &dyn $crate::Encode, f)
            }
        }
        impl $crate::serde::Serialize for $type {
            #[inline]
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::serde::Serialize::serialize(self as &dyn $crate::Encode, serializer)
            }
        }
        impl<'de> $crate::serde::Deserialize<'de> for $type {
            #[inline]
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::decode::deserialize(deserializer)
            }
        }
    };
}

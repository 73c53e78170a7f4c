//! Generated output types.

use super::Select;
use super::const_str::equal;
use super::flatten::common_name;
use crate::decode::{DecodeError, Decoder, Field, Selection, Table, read_field};
use crate::reference::Ref;

/// An object with a [`Table`]: every generated output type.
pub trait Object: Field + Send + 'static {
    /// The names of this type.
    const TABLE: &'static Table;
    /// The field with its id, if it has one.
    #[doc(hidden)]
    const ID: &'static str = "id";
}

/// A reference to a type whose id is in a field of another name, which becomes `id`.
struct Keyed<T>(T);

impl<T: Object> Keyed<T> {
    const TABLE: &'static Table = &Table {
        name: T::TABLE.name,
        fields: &["id"],
        nested: &[("id", Selection::Field { field: T::ID, selection: &Selection::Leaf })],
    };
}

#[diagnostic::do_not_recommend]
impl<T: Object> Select<T> for Ref<T> {
    const NODES: u64 = 1;
    const CONNECTIONS: u64 = 0;
    const SELECTION: Selection = match equal(T::ID, "id") {
        true => Selection::Reference,
        false => Selection::Object(Keyed::<T>::TABLE),
    };
    const FITS: bool = common_name(T::TABLE.fields, &[T::ID]).is_some();

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        read_field(decoder)
    }
}

/// What every generated output type has: a selection of itself, and conversions.
#[doc(hidden)]
#[macro_export]
macro_rules! object_impls {
    ($type:ident) => {
        #[diagnostic::do_not_recommend]
        impl $crate::Select<$type> for $type {
            const NODES: u64 = 1;
            const CONNECTIONS: u64 = 0;
            const SELECTION: $crate::Selection = $crate::Selection::Object(<$type as $crate::Object>::TABLE);
            #[inline]
            fn read(decoder: &mut $crate::Decoder<'_>) -> ::std::result::Result<Self, $crate::DecodeError> {
                $crate::decode::read_field(decoder)
            }
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

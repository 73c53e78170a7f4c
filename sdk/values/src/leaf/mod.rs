//! Leaf types: scalars, enums, and custom types made from one of them.

/// Implements [`Leaf`] for types of other crates.
macro_rules! foreign_leaf {
    ($($type:ty as $wire:ty, |$value:ident| $convert:expr;)*) => {$(
        impl Leaf for $type {
            type Wire = $wire;

            fn from_wire($value: $wire) -> Result<Self, String> {
                $convert
            }
        }
    )*};
}

#[cfg(feature = "chrono")]
mod chrono;
mod part;
#[cfg(feature = "time")]
mod time;
#[doc(hidden)]
pub mod wrappers;

pub use part::{Part, Slot, Slots};

use self::wrappers::{LIST, NULLABLE, around};
use crate::decode::{DecodeError, DecodeErrorKind, Decoder, Field, read_field};
use crate::scalar::{Date, Decimal, Id, Json, TimeOfDay, Timestamp};
use std::marker::PhantomData;

/// A type that can hold a scalar or an enum of the schema.
///
/// The scalars and enums of this crate implement it, and `Option` and `Vec` of them. For a type of your own,
/// name the type that it is made from:
///
/// ```
/// use xurrent_values::Leaf;
///
/// struct Email(String);
///
/// impl Leaf for Email {
///     type Wire = String;
///
///     fn from_wire(text: String) -> Result<Self, String> {
///         if text.contains('@') { Ok(Self(text)) } else { Err(format!("{text:?} is not an email address")) }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a scalar or an enum of the schema",
    label = "not a `Leaf`",
    note = "write a scalar or an enum of this crate, or implement `Leaf` for your type"
)]
pub trait Leaf: Sized {
    /// The type of this crate that it is made from.
    type Wire: WireLeaf;

    /// Converts the value.
    ///
    /// # Errors
    /// The reason why the value cannot be used. Decoding then fails with it and the path.
    fn from_wire(wire: Self::Wire) -> Result<Self, String>;
}

fn read<T: Leaf>(decoder: &mut Decoder<'_>) -> Result<T, DecodeError> {
    let wire = read_field(decoder)?;
    T::from_wire(wire).map_err(|reason| DecodeError::new(DecodeErrorKind::Refused { reason }))
}

/// A leaf type of this crate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a leaf type of this crate",
    label = "write a scalar or an enum of this crate here, such as `String`"
)]
pub trait WireLeaf: Field + Sized {
    /// Its Rust name.
    #[doc(hidden)]
    const NAME: &'static str;
    /// The `Option`s and `Vec`s around it: see [`wrappers`].
    #[doc(hidden)]
    const WRAPPERS: u32 = 0;
}

#[diagnostic::do_not_recommend]
impl<T: WireLeaf> WireLeaf for Option<T> {
    const NAME: &'static str = T::NAME;
    const WRAPPERS: u32 = around(T::WRAPPERS, NULLABLE);
}

#[diagnostic::do_not_recommend]
impl<T: WireLeaf> WireLeaf for Vec<T> {
    const NAME: &'static str = T::NAME;
    const WRAPPERS: u32 = around(T::WRAPPERS, LIST);
}

impl<T: Leaf> Leaf for Option<T> {
    type Wire = Option<T::Wire>;

    fn from_wire(wire: Self::Wire) -> Result<Self, String> {
        wire.map(T::from_wire).transpose()
    }
}

impl<T: Leaf> Leaf for Vec<T> {
    type Wire = Vec<T::Wire>;

    fn from_wire(wire: Self::Wire) -> Result<Self, String> {
        wire.into_iter().map(T::from_wire).collect()
    }
}

/// What a type holds as a leaf.
#[derive(Debug, Clone, Copy)]
pub struct LeafType {
    /// The Rust name of the leaf inside, unless the type is none.
    pub name: Option<&'static str>,
    /// The hash of the name by FNV-1a, or 0: comparing it takes the compiler less time.
    pub hash: u64,
    /// The `Option`s and `Vec`s around it: see [`wrappers`].
    pub wrappers: u32,
}

/// The hash of a name by FNV-1a, as the derive computes it.
const fn hash(name: &str) -> u64 {
    let (bytes, mut hash, mut at) = (name.as_bytes(), 0xcbf2_9ce4_8422_2325_u64, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

/// A field that is a leaf. Of other types, `AsLeaf::<T>::TYPE` and `slot` are those of [`NotLeaf`], so that the check
/// of the field reports the error in its own words.
#[derive(Debug)]
pub struct AsLeaf<T>(PhantomData<T>);

impl<T: Leaf> AsLeaf<T> {
    /// What the type holds.
    pub const TYPE: LeafType = LeafType {
        name: Some(<T::Wire as WireLeaf>::NAME),
        hash: hash(<T::Wire as WireLeaf>::NAME),
        wrappers: <T::Wire as WireLeaf>::WRAPPERS,
    };

    /// An empty slot.
    #[must_use]
    pub fn slot() -> Slot<T> {
        Slot::new(read)
    }
}

/// The fallback of [`AsLeaf`].
pub trait NotLeaf<T> {
    /// No leaf.
    const TYPE: LeafType = LeafType { name: None, hash: 0, wrappers: 0 };

    /// A slot that is never filled.
    #[must_use]
    fn slot() -> Slot<T> {
        Slot::placeholder()
    }
}

impl<T> NotLeaf<T> for AsLeaf<T> {}

/// Implements [`Leaf`] and [`WireLeaf`] for a type of this crate.
#[doc(hidden)]
#[macro_export]
macro_rules! leaf_impls {
    ($($type:ident),*) => {$(
        #[diagnostic::do_not_recommend]
        impl $crate::WireLeaf for $type {
            const NAME: &'static str = ::std::stringify!($type);
        }
        impl $crate::Leaf for $type {
            type Wire = Self;
            #[inline]
            fn from_wire(wire: Self) -> ::std::result::Result<Self, ::std::string::String> {
                ::std::result::Result::Ok(wire)
            }
        }
    )*};
}

leaf_impls!(String, bool, i64, f64, Id, Decimal, Date, TimeOfDay, Timestamp, Json);

foreign_leaf! {
    jiff::Timestamp as Timestamp, |wire| wire.instant().ok_or_else(|| no_instant(wire));
}

/// The error for a timestamp without a point in time.
fn no_instant(timestamp: Timestamp) -> String {
    format!("{timestamp} is not a point in time: use `Timestamp` for fields that can hold such values")
}

/// Converts a point in time to a type of another crate, through its text.
#[cfg(any(feature = "chrono", feature = "time"))]
fn parse_instant<T, E>(
    wire: Timestamp,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, String> {
    wire.instant().ok_or_else(|| no_instant(wire))?;
    parse(&wire.to_string()).map_err(|_| format!("{wire} is out of the range of {name}"))
}

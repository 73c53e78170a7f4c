//! Leaves: scalars and enums, and types of the user's own that stand for one.

#[cfg(feature = "chrono")]
mod chrono;
mod part;
#[cfg(feature = "time")]
mod time;
#[doc(hidden)]
pub mod wrappers;

pub use part::{Part, Slot};

use self::wrappers::{LIST, NULLABLE, around};
use crate::decode::{DecodeError, DecodeErrorKind, Decoder, Field, Selection, read_field};
use crate::scalar::{Date, Decimal, Id, Json, TimeOfDay, Timestamp};
use std::marker::PhantomData;

/// A type that can hold a scalar or an enum of the schema.
///
/// The scalars of this crate, its enums, `Option` and `Vec` of them implement it. A type of your
/// own does by saying which of them it is made from:
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
///         if text.contains('@') { Ok(Self(text)) } else { Err(format!("{text:?} is no address")) }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a scalar or an enum of the schema",
    label = "not a `Leaf`",
    note = "write a scalar or an enum of this crate, or implement `Leaf` for your type"
)]
pub trait Leaf: Sized {
    /// What it is made from: the type that this crate has for the scalar or the enum.
    type Wire: WireLeaf;

    /// Makes it.
    ///
    /// # Errors
    /// Why the value cannot be used; the answer is then an error that names the place.
    fn from_wire(wire: Self::Wire) -> Result<Self, String>;

    /// How a field of this type is selected and read.
    #[doc(hidden)]
    const LEAF: Part<Self> = Part {
        selection: Selection::Leaf,
        nodes: 0,
        connections: 0,
        name: <Self::Wire as WireLeaf>::NAME,
        wrappers: <Self::Wire as WireLeaf>::WRAPPERS,
        fits: true,
        read,
    };
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
    /// What is wrapped around it: see `Select::WRAPPERS`.
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

/// The part of a leaf: `AsLeaf::<T>::PART` is [`Leaf::LEAF`] if there is such, and otherwise that of
/// [`NotLeaf`], so that the check of the field finds words for it and not the compiler.
#[derive(Debug)]
pub struct AsLeaf<T>(PhantomData<T>);

impl<T: Leaf> AsLeaf<T> {
    /// The part.
    pub const PART: Part<T> = T::LEAF;
}

/// What [`AsLeaf`] falls back on.
pub trait NotLeaf<T> {
    /// No part.
    const PART: Part<T> = Part::UNFIT;
}

impl<T> NotLeaf<T> for AsLeaf<T> {}

/// Implements [`Leaf`] for a type that stands for itself.
#[doc(hidden)]
#[macro_export]
macro_rules! leaf_impls {
    ($type:ident) => {
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
    };
}

leaf_impls!(String);
leaf_impls!(bool);
leaf_impls!(i64);
leaf_impls!(f64);
leaf_impls!(Id);
leaf_impls!(Decimal);
leaf_impls!(Date);
leaf_impls!(TimeOfDay);
leaf_impls!(Timestamp);
leaf_impls!(Json);

/// Why a timestamp cannot be a type that has points in time only.
fn no_instant(timestamp: Timestamp) -> String {
    format!("{timestamp} is no point in time: take a `Timestamp` of this crate where such words can occur")
}

impl Leaf for jiff::Timestamp {
    type Wire = Timestamp;

    fn from_wire(wire: Timestamp) -> Result<Self, String> {
        wire.instant().ok_or_else(|| no_instant(wire))
    }
}

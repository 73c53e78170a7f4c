//! Types of root fields whose fields can be selected.

use super::{Object, Select};
use crate::decode::{DecodeError, Decoder};
use crate::reference::{Abstract, Interface};

/// What a root field returns, if it has fields: an object, an interface or a union, with the `Option`s and
/// `Vec`s of the schema around it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no fields to select",
    label = "only an object, an interface or a union has fields"
)]
pub trait Selectable {
    /// The type inside, which has the fields.
    type On;
    /// The same `Option`s and `Vec`s around a selection.
    type With<S>;

    /// Decodes a value.
    ///
    /// # Errors
    /// When the JSON does not fit.
    #[doc(hidden)]
    fn read<S: Select<Self::On>>(decoder: &mut Decoder<'_>) -> Result<Self::With<S>, DecodeError>;
}

#[diagnostic::do_not_recommend]
impl<T: Object> Selectable for T {
    type On = T;
    type With<S> = S;

    fn read<S: Select<T>>(decoder: &mut Decoder<'_>) -> Result<S, DecodeError> {
        S::read(decoder)
    }
}

#[diagnostic::do_not_recommend]
impl<K: Abstract> Selectable for Interface<K> {
    type On = Self;
    type With<S> = S;

    fn read<S: Select<Self>>(decoder: &mut Decoder<'_>) -> Result<S, DecodeError> {
        S::read(decoder)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Selectable> Selectable for Option<T> {
    type On = T::On;
    type With<S> = Option<T::With<S>>;

    fn read<S: Select<T::On>>(decoder: &mut Decoder<'_>) -> Result<Self::With<S>, DecodeError> {
        if decoder.null()? { Ok(None) } else { T::read::<S>(decoder).map(Some) }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Selectable> Selectable for Vec<T> {
    type On = T::On;
    type With<S> = Vec<T::With<S>>;

    fn read<S: Select<T::On>>(decoder: &mut Decoder<'_>) -> Result<Self::With<S>, DecodeError> {
        let mut list = Vec::new();
        decoder.list("a list", &mut |decoder| {
            list.push(T::read::<S>(decoder)?);
            Ok(())
        })?;
        Ok(list)
    }
}

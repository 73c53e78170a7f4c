//! Types of root fields whose fields can be selected.

use super::{Object, Select};
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
    type With<S: Select<Self::On>>: Select<Self::On>;
}

#[diagnostic::do_not_recommend]
impl<T: Object> Selectable for T {
    type On = T;
    type With<S: Select<T>> = S;
}

#[diagnostic::do_not_recommend]
impl<K: Abstract> Selectable for Interface<K> {
    type On = Self;
    type With<S: Select<Self>> = S;
}

#[diagnostic::do_not_recommend]
impl<T: Selectable> Selectable for Option<T> {
    type On = T::On;
    type With<S: Select<T::On>> = Option<T::With<S>>;
}

#[diagnostic::do_not_recommend]
impl<T: Selectable> Selectable for Vec<T> {
    type On = T::On;
    type With<S: Select<T::On>> = Vec<T::With<S>>;
}

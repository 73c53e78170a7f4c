//! What a default selection asks for inside a field, by the type of the field.

use crate::decode::Selection;
use crate::reference::{Abstract, Interface};
use crate::select::Object;

/// An output type that is fetched in whole, with options and lists around it.
pub trait Selected {
    /// What is selected inside the field.
    const SELECTION: Selection;
}

impl<T: Object> Selected for T {
    const SELECTION: Selection = Selection::Object(T::TABLE);
}

impl<T: Selected> Selected for Option<T> {
    const SELECTION: Selection = T::SELECTION;
}

impl<T: Selected> Selected for Vec<T> {
    const SELECTION: Selection = T::SELECTION;
}

impl<K: Abstract> Selected for Interface<K> {
    const SELECTION: Selection = Selection::Interface { node: K::NODE };
}

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

/// The names of fields that are declared as `name: Type`.
#[must_use]
pub const fn names<const N: usize>(mut declarations: [&'static str; N]) -> [&'static str; N] {
    let mut index = 0;
    while index < N {
        declarations[index] = wire_name(declarations[index]);
        index += 1;
    }
    declarations
}

/// The names of fields that are declared as `name: Type`, with what is selected inside them.
#[must_use]
pub const fn nested<const N: usize>(
    mut declarations: [(&'static str, Selection); N],
) -> [(&'static str, Selection); N] {
    let mut index = 0;
    while index < N {
        declarations[index].0 = wire_name(declarations[index].0);
        index += 1;
    }
    declarations
}

/// The name in a declaration `name: Type`.
#[must_use]
pub const fn wire_name(declaration: &'static str) -> &'static str {
    declaration.split_at(colon(declaration)).0
}

/// The name and the type of an argument that is declared as `name: Type` or `name: Type = default`.
#[must_use]
pub const fn argument(declaration: &'static str) -> (&'static str, &'static str) {
    let bytes = declaration.as_bytes();
    let (name, rest) = declaration.split_at(colon(declaration));
    let mut end = name.len() + 2;
    while end < bytes.len() && bytes[end] != b' ' {
        end += 1;
    }
    (name, rest.split_at(end - name.len()).0.split_at(2).1)
}

const fn colon(declaration: &str) -> usize {
    let bytes = declaration.as_bytes();
    let mut index = 0;
    while index < bytes.len() && bytes[index] != b':' {
        index += 1;
    }
    index
}

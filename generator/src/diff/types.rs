//! What differs between two types, and what that does to values that are sent and received.

use super::surface::Item;
use crate::config::ScalarKind;
use crate::ir::RustType;
use crate::schema::TypeRef;

/// The differences between two types, at all levels of lists.
#[derive(Default, PartialEq, Eq)]
pub(super) struct TypeChange {
    /// The innermost type has another name.
    pub(super) is_named: bool,
    /// Null became possible somewhere.
    pub(super) may_be_null: bool,
    /// Null is no longer possible somewhere.
    pub(super) is_never_null: bool,
    /// How many more levels of lists there are.
    pub(super) lists: isize,
}

impl TypeChange {
    pub(super) fn of(old: &TypeRef, new: &TypeRef) -> Self {
        let (mut old, mut new, mut this) = (old, new, Self::default());
        loop {
            this.may_be_null |= !old.is_nullable() && new.is_nullable();
            this.is_never_null |= old.is_nullable() && !new.is_nullable();
            match (old.item(), new.item()) {
                (Some(inner_old), Some(inner_new)) => (old, new) = (inner_old, inner_new),
                (inner_old, inner_new) => {
                    this.is_named = old.name() != new.name();
                    this.lists = levels(inner_new) - levels(inner_old);
                    return this;
                }
            }
        }
    }

    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

fn levels(item: Option<&TypeRef>) -> isize {
    item.map_or(0, |item| 1 + levels(item.item()))
}

/// The type within lists and options.
pub(super) fn base(ty: &RustType) -> &RustType {
    match ty {
        RustType::List(inner) | RustType::Nullable(inner) => base(inner),
        other => other,
    }
}

/// Whether a program that decodes `old` decodes a response with `new` instead.
pub(super) fn decodes(old: &Item<'_>, new: &Item<'_>) -> bool {
    use ScalarKind::{Date, Decimal, Float, Id, Int, Json, String, Time, Timestamp};
    let (Some(was), Some(is)) = (&old.rust.ty, &new.rust.ty) else { return false };
    // References are selected by the id.
    if old.rust.selection != new.rust.selection {
        return false;
    }
    match (base(was), base(is)) {
        (was, is) if was == is => true,
        (RustType::Scalar(Json), is) => is_leaf(is),
        (RustType::Scalar(String | Id), is) | (RustType::Generated(_), is)
            if old.rust.selection.is_empty() =>
        {
            matches!(is, RustType::Scalar(String | Id | Date | Time | Timestamp) | RustType::Generated(_))
        }
        (RustType::Scalar(Float | Decimal), RustType::Scalar(Int)) => true,
        (RustType::Scalar(Decimal), RustType::Scalar(Float)) => true,
        _ => false,
    }
}

fn is_leaf(ty: &RustType) -> bool {
    matches!(ty, RustType::Scalar(_) | RustType::Path(_) | RustType::Generated(_))
}

/// Whether the server takes a JSON value of `old` where it expects `new`.
pub(super) fn accepts(old: &RustType, new: &RustType) -> bool {
    use ScalarKind::{Date, Decimal, Float, Id, Int, Json, String, Time, Timestamp};
    match (base(old), base(new)) {
        (old, new) if old == new => true,
        (RustType::Scalar(Int), RustType::Scalar(Float | Id | Decimal | Json)) => true,
        (RustType::Scalar(String), RustType::Scalar(Id)) => true,
        (RustType::Scalar(Id | Date | Time | Timestamp), RustType::Scalar(String)) => true,
        (_, RustType::Scalar(Json)) => true,
        (RustType::Filter { values: old, ranges }, RustType::Filter { values: new, ranges: more }) => {
            ranges <= more && accepts(old, new)
        }
        _ => false,
    }
}

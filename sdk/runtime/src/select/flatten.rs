//! Compile-time checks that flattened selections have no response key in common.

use super::const_str::{equal, fail};
use crate::decode::Selection;

/// Checks that a flattened selection has no key that the struct, with its `own` fields, has already.
#[track_caller]
pub const fn check_flattened(
    own: &Selection,
    on: &str,
    name: &str,
    fits: bool,
    flattened: &Selection,
    wrappers: u32,
) {
    if !fits {
        fail(
            "`{}` is not a selection on `{}`: only another selection on the same type can be flattened",
            &[name, on],
        );
    }
    if wrappers != 0 {
        fail("`{}` is flattened: write the selection itself, without `Option` or `Vec` around it", &[name]);
    }
    if let Some(key) = shared_key(own, flattened) {
        fail(
            "`{}` is selected twice, here and by `{}`: remove one of them, or give this field another name \
             with `#[select(rename = ..)]`",
            &[key, name],
        );
    }
}

/// Checks that two flattened selections have no key in common.
#[track_caller]
pub const fn check_disjoint(left: &Selection, left_name: &str, right: &Selection, right_name: &str) {
    if let Some(key) = shared_key(left, right) {
        fail(
            "`{}` is selected twice, by `{}` and by `{}`: remove it from one of them",
            &[key, left_name, right_name],
        );
    }
}

/// Checks that a flattened operation has no variables: their values could not be passed to it.
#[track_caller]
pub const fn check_no_variables(name: &str, variables: &[(&str, &str)]) {
    if let [(variable, _), ..] = variables {
        fail(
            "`{}` is flattened and has a variable, `${}`, whose value it would not get: write the field \
             that uses it here",
            &[name, variable],
        );
    }
}

/// A key that two selections on one object have in common.
const fn shared_key(left: &Selection, right: &Selection) -> Option<&'static str> {
    match (left, right) {
        (Selection::Flattened(parts), other) | (other, Selection::Flattened(parts)) => {
            let mut parts = *parts;
            while let [first, rest @ ..] = parts {
                if let Some(key) = shared_key(first, other) {
                    return Some(key);
                }
                parts = rest;
            }
            None
        }
        // Keys of variants differ by type: only variants for the same type can have one in common.
        (Selection::Variants(left), Selection::Variants(right)) => {
            let mut index = 0;
            while index < left.len() * right.len() {
                let (left, right) = (&left[index / right.len()], &right[index % right.len()]);
                if equal(left.0, right.0)
                    && let Some(key) = shared_key(&left.2, &right.2)
                {
                    return Some(key);
                }
                index += 1;
            }
            None
        }
        _ => common_name(own_keys(left), own_keys(right)),
    }
}

/// The keys of a selection that is neither flattened nor one of variants.
const fn own_keys(selection: &Selection) -> &'static [&'static str] {
    match selection {
        Selection::Object(table) => table.fields,
        Selection::Reference | Selection::Interface { node: Some(_) } => &["id"],
        _ => &[],
    }
}

pub(super) const fn common_name(left: &[&'static str], right: &[&'static str]) -> Option<&'static str> {
    let mut index = 0;
    while index < left.len() * right.len() {
        let name = left[index / right.len()];
        if equal(name, right[index % right.len()]) {
            return Some(name);
        }
        index += 1;
    }
    None
}

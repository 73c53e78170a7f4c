//! Checks of flattened selections: no key may be asked for twice. As in [`check`](super::check), they
//! are evaluated while the user's crate is checked.

use super::const_str::{fail, same};
use crate::decode::Selection;

/// Checks that a flattened selection has no key that the struct has already.
#[track_caller]
pub const fn check_flattened(
    own: &[&'static str],
    on: &str,
    name: &str,
    fits: bool,
    flattened: &Selection,
    wrappers: u32,
) {
    if !fits {
        fail(&[
            "`",
            name,
            "` is not a selection on `",
            on,
            "`: only another selection on the same type can be flattened",
        ]);
    }
    if wrappers != 0 {
        fail(&["`", name, "` is flattened: write the selection itself, without `Option` or `Vec` around it"]);
    }
    if let Some(key) = common(own, flattened) {
        fail(&[
            "`",
            key,
            "` is selected twice, here and by `",
            name,
            "`: remove one of them, or give this field another name with `#[select(rename = ..)]`",
        ]);
    }
}

/// Checks that two flattened selections have no key in common.
#[track_caller]
pub const fn check_disjoint(left: &Selection, left_name: &str, right: &Selection, right_name: &str) {
    if let Some(key) = shared(left, right) {
        fail(&[
            "`",
            key,
            "` is selected twice, by `",
            left_name,
            "` and by `",
            right_name,
            "`: remove it from one of them",
        ]);
    }
}

/// Checks that a flattened operation has no variables: nobody could give them their values.
#[track_caller]
pub const fn check_no_variables(name: &str, variables: &[(&str, &str)]) {
    if let [(variable, _), ..] = variables {
        fail(&[
            "`",
            name,
            "` is flattened and has a variable, `$",
            variable,
            "`, whose value it would not get: write the field that uses it here",
        ]);
    }
}

/// A key that two selections of one object have in common.
const fn shared(left: &Selection, right: &Selection) -> Option<&'static str> {
    match left {
        Selection::Flattened(parts) => {
            let mut index = 0;
            while index < parts.len() {
                let found = shared(&parts[index], right);
                if found.is_some() {
                    return found;
                }
                index += 1;
            }
            None
        }
        Selection::Variants(variants) => shared_in_variants(variants, right),
        Selection::Object(table) => common(table.fields, right),
        Selection::Reference | Selection::Interface { node: true } => common(&["id"], right),
        _ => None,
    }
}

/// Keys of variants differ by type: only variants for the same type can have one in common.
const fn shared_in_variants(
    left: &'static [(&'static str, &'static str, Selection)],
    right: &Selection,
) -> Option<&'static str> {
    match right {
        Selection::Flattened(parts) => {
            let mut index = 0;
            while index < parts.len() {
                let found = shared_in_variants(left, &parts[index]);
                if found.is_some() {
                    return found;
                }
                index += 1;
            }
            None
        }
        Selection::Variants(right) => {
            let mut index = 0;
            while index < left.len() * right.len() {
                let (left, right) = (&left[index / right.len()], &right[index % right.len()]);
                if same(left.0, right.0) {
                    let found = shared(&left.2, &right.2);
                    if found.is_some() {
                        return found;
                    }
                }
                index += 1;
            }
            None
        }
        _ => None,
    }
}

/// One of these keys that a selection has, too.
const fn common(own: &[&'static str], selection: &Selection) -> Option<&'static str> {
    match selection {
        Selection::Flattened(parts) => {
            let mut index = 0;
            while index < parts.len() {
                let found = common(own, &parts[index]);
                if found.is_some() {
                    return found;
                }
                index += 1;
            }
            None
        }
        Selection::Object(table) => common_name(own, table.fields),
        Selection::Reference | Selection::Interface { node: true } => common_name(own, &["id"]),
        _ => None,
    }
}

pub(super) const fn common_name(left: &[&'static str], right: &[&'static str]) -> Option<&'static str> {
    let mut index = 0;
    while index < left.len() * right.len() {
        let name = left[index / right.len()];
        if same(name, right[index % right.len()]) {
            return Some(name);
        }
        index += 1;
    }
    None
}

//! What the derive cannot see, checked in constants of the user's crate: the messages are what a
//! user reads, at the type that was written.

use super::const_str::{decimal, ends_with, fail, same, text, utf8};
use super::wrappers::{CONNECTION, LIST, NULLABLE, around, count};
use super::{MAX_NODES, MAX_SELECTION_DEPTH, Part};

/// The field that is checked: all texts are the derive's.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// GraphQL name of the type that has the field.
    pub on: &'static str,
    /// GraphQL name of the field.
    pub field: &'static str,
    /// What must be wrapped around the type: as text, and as in `Select::WRAPPERS`.
    pub open: &'static str,
    /// Closes `open`.
    pub close: &'static str,
    /// As in `Select::WRAPPERS`.
    pub wrappers: u32,
    /// The schema's type: of a leaf its Rust name, of an object its GraphQL name.
    pub expected: &'static str,
    /// The type that the user wrote, without what is wrapped around it.
    pub base: &'static str,
    /// What is wrapped around it in the source. A type alias can hide more.
    pub written: u32,
    /// Whether the type can hold such a field at all.
    pub fits: bool,
}

impl Place {
    /// What a leaf says about itself in one text: the type that has it, its name, what must be wrapped
    /// around its type, in two parts, and the type that the user wrote.
    const fn unpacked(text: &'static str) -> Self {
        let mut parts = [""; 5];
        let mut part = 0;
        let mut rest = text.as_bytes();
        while part < 4 {
            let mut end = 0;
            while end < rest.len() && rest[end] != b'|' {
                end += 1;
            }
            let (first, more) = rest.split_at(end);
            parts[part] = utf8(first);
            rest = if more.is_empty() { more } else { more.split_at(1).1 };
            part += 1;
        }
        parts[4] = utf8(rest);
        let [on, field, open, close, base] = parts;
        Self { on, field, open, close, base, expected: "", wrappers: 0, written: 0, fits: false }
    }
}

/// The part of a leaf, checked: its type must be called `expected`, and wrapped like the schema's.
/// Everything that only a message needs is packed into one text, so that a leaf is little to compile.
#[track_caller]
pub const fn checked_leaf<T>(
    part: Part<T>,
    expected: &'static str,
    wrappers: u32,
    written: u32,
    default: bool,
    text: &'static str,
) -> Part<T> {
    let found = if default { part.wrappers >> 2 } else { part.wrappers };
    if !part.fits || found != wrappers || !same(expected, part.name) {
        let fits = part.fits;
        check_leaf(Place { expected, wrappers, written, fits, ..Place::unpacked(text) }, part.name, found);
    }
    part
}

/// Checks the type of a leaf: its name, and what is wrapped around it.
#[track_caller]
const fn check_leaf(place: Place, name: &str, wrappers: u32) {
    let Place { on, field, open, close, expected, .. } = place;
    if !place.fits {
        fail(&[
            "`",
            field,
            "` of `",
            on,
            "` is of type `",
            expected,
            "`, which `",
            place.base,
            "` cannot hold: write `",
            open,
            expected,
            close,
            "`, or a type of your own that implements `Leaf`",
        ]);
    }
    if !same(expected, name) {
        // A type of the user's own, or an alias, is not what it is called.
        let is_itself = ends_with(place.base, name);
        fail(&[
            "`",
            field,
            "` of `",
            on,
            "` is of type `",
            expected,
            "`, which `",
            place.base,
            if is_itself { "" } else { "`, made from `" },
            if is_itself { "" } else { name },
            if is_itself { "` cannot hold: write `" } else { "`, cannot hold: write `" },
            open,
            expected,
            close,
            "`",
        ]);
    }
    // Behind an alias, only the schema's type can be named.
    let base = if wrappers == place.written { place.base } else { expected };
    check_wrappers(place, base, "", wrappers);
}

/// Checks what is wrapped around the type of an object.
#[track_caller]
pub const fn check_object(place: Place, wrappers: u32) {
    check_selection(place);
    if wrappers == place.written {
        check_wrappers(place, place.base, "", wrappers);
    } else {
        check_wrappers(place, "T", ", where `T` is the selection itself", wrappers);
    }
}

/// Checks that the type of an object is a selection on the schema's type.
#[track_caller]
const fn check_selection(place: Place) {
    let Place { on, field, expected, base, fits, .. } = place;
    if !fits {
        fail(&[
            "`",
            field,
            "` of `",
            on,
            "` is of type `",
            expected,
            "`, and `",
            base,
            "` is not a selection on it: write one with `#[derive(Select)]` and `#[select(on = ",
            expected,
            ")]`",
        ]);
    }
}

/// Checks the type inside a variant of an enum.
#[track_caller]
pub const fn check_variant(on: &str, base: &str, fits: bool, wrappers: u32) {
    if !fits {
        fail(&[
            "`",
            base,
            "` is not a selection on `",
            on,
            "`: write one with `#[derive(Select)]` and `#[select(on = ",
            on,
            ")]`",
        ]);
    }
    if wrappers != 0 {
        fail(&["a variant holds the selection on `", on, "` itself, without `Option` or `Vec` around it"]);
    }
}

#[track_caller]
const fn check_wrappers(place: Place, base: &str, note: &str, wrappers: u32) {
    let Place { on, field, open, close, wrappers: expected, .. } = place;
    if wrappers == expected {
        return;
    }
    let (problem, more) = if count(wrappers, CONNECTION) > 0 {
        ("` is not a connection", "")
    } else if expected & 3 == NULLABLE && wrappers == expected >> 2 {
        ("` may be null", ", or say what null means with `#[select(required)]` or `#[select(default)]`")
    } else if wrappers & 15 == around(NULLABLE, NULLABLE) {
        ("` needs no second `Option`", "")
    } else if wrappers & 3 == NULLABLE && wrappers >> 2 == expected {
        ("` is never null here", "")
    } else {
        match (count(expected, LIST), count(wrappers, LIST)) {
            (expected, written) if expected == written => ("` may be null in another place", ""),
            (0, _) => ("` is not a list", ""),
            (_, 0) => ("` is a list", ""),
            (expected, written) if expected < written => ("` is not a list of lists", ""),
            _ => ("` is a list of lists", ""),
        }
    };
    fail(&["`", field, "` of `", on, problem, ": write `", open, base, close, "`", note, more]);
}

/// Checks that what has a connection can be asked for its further pages.
#[track_caller]
pub const fn check_parent(on: &str, field: &str, is_node: bool) {
    if !is_node {
        fail(&[
            "`",
            on,
            "` cannot be fetched by an id, which is how the rest of `",
            field,
            "` would be: write `first = ..` in place of `all`",
        ]);
    }
}

/// Checks the type of a nested connection. A `Vec` or a `Connection` without `Option` is accepted
/// where the connection may be null: null is then an error.
#[track_caller]
pub const fn check_connection(place: Place, wrappers: u32) {
    check_selection(place);
    let Place { on, field, expected, base, .. } = place;
    let nullable = wrappers & 3 == NULLABLE;
    let inner = if nullable { wrappers >> 2 } else { wrappers };
    let base = if wrappers == place.written { base } else { "T" };
    if inner != LIST && inner != CONNECTION {
        fail(&[
            "`",
            field,
            "` of `",
            on,
            "` is a connection: write `Vec<",
            base,
            ">` or `Connection<",
            base,
            ">`, where `",
            base,
            "` is a selection on `",
            expected,
            "`",
        ]);
    }
    if nullable && place.wrappers & 3 != NULLABLE {
        fail(&["`", field, "` of `", on, "` is never null here: write `Vec<", base, ">`"]);
    }
}

/// A variable, and the field of the user's struct that has its value.
#[derive(Debug, Clone, Copy)]
pub struct VariablePlace {
    /// Its name.
    pub name: &'static str,
    /// The type of the argument, in GraphQL.
    pub ty: &'static str,
    /// Its Rust type, in three parts.
    pub open: &'static str,
    /// The second: the type inside of what is wrapped around it.
    pub rust: &'static str,
    /// The third.
    pub close: &'static str,
    /// Whether the argument may be null.
    pub nullable: bool,
    /// The user's struct.
    pub holder: &'static str,
}

/// Checks the type of a variable.
#[track_caller]
pub const fn check_variable(place: VariablePlace, fits: bool) {
    let VariablePlace { name, ty, open, rust, close, nullable, holder } = place;
    if fits {
        return;
    }
    let or = if nullable { "`, or an `Option` of it, in `" } else { "` in `" };
    fail(&[
        "`$",
        name,
        "` is for an argument of type `",
        ty,
        "`: declare `",
        name,
        ": ",
        open,
        rust,
        close,
        or,
        holder,
        "`",
    ]);
}

/// Checks that one record of a selection can be fetched at all.
#[track_caller]
pub const fn check_limits(name: &str, nodes: u64, depth: u32) {
    if nodes > MAX_NODES {
        let (digits, length) = decimal(nodes);
        fail(&[
            "one record of `",
            name,
            "` asks for ",
            text(&digits, length),
            " nodes, and a request may ask for 500000: make `first` smaller in a nested connection",
        ]);
    }
    if depth > MAX_SELECTION_DEPTH {
        let (digits, length) = decimal(depth as u64);
        fail(&[
            "`",
            name,
            "` nests ",
            text(&digits, length),
            " objects in each other, and 13 are allowed: fetch the inner ones by their ids",
        ]);
    }
}

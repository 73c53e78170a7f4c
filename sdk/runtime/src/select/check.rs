//! What the derive cannot see, checked in constants of the user's crate: the messages are what a
//! user reads, at the type that was written.

use super::{MAX_DEPTH, MAX_NODES};

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

const NULLABLE: u32 = 1;
const LIST: u32 = 2;
const CONNECTION: u32 = 3;

/// Checks the type of a leaf: its name, and what is wrapped around it.
#[track_caller]
pub const fn check_leaf(place: Place, name: &str, wrappers: u32) {
    let Place { on, field, open, close, expected, .. } = place;
    if !place.fits {
        fail(&[
            "`",
            field,
            "` of `",
            on,
            "` is a `",
            expected,
            "`, which `",
            place.base,
            "` cannot hold: write `",
            open,
            expected,
            close,
            "`, or implement `Leaf` for `",
            place.base,
            "`",
        ]);
    }
    if !same(expected, name) {
        fail(&[
            "`",
            field,
            "` of `",
            on,
            "` is a `",
            expected,
            "`, which `",
            name,
            "` cannot hold: write `",
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
            "` is a `",
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
    let (problem, more) = if has(wrappers, CONNECTION) {
        ("` is not a connection", "")
    } else if expected & 3 == NULLABLE && wrappers == expected >> 2 {
        ("` may be null", ", or say what null means with `#[select(required)]` or `#[select(default)]`")
    } else if wrappers & 3 == NULLABLE && wrappers >> 2 == expected {
        ("` is never null here", "")
    } else {
        match (has(expected, LIST), has(wrappers, LIST)) {
            (true, false) => ("` is a list", ""),
            (false, true) => ("` is not a list", ""),
            _ => ("` may be null in another place", ""),
        }
    };
    fail(&["`", field, "` of `", on, problem, ": write `", open, base, close, "`", note, more]);
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
    if depth > MAX_DEPTH {
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

const fn has(wrappers: u32, kind: u32) -> bool {
    let mut rest = wrappers;
    while rest != 0 {
        if rest & 3 == kind {
            return true;
        }
        rest >>= 2;
    }
    false
}

pub(super) const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

const DIGITS: usize = 20;

/// The digits of a number, and how many there are; they stand at the end.
const fn decimal(mut number: u64) -> ([u8; DIGITS], usize) {
    let mut digits = [b'0'; DIGITS];
    let mut length = 0;
    while length == 0 || number > 0 {
        length += 1;
        digits[DIGITS - length] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    (digits, length)
}

const fn text(digits: &[u8; DIGITS], length: usize) -> &str {
    match std::str::from_utf8(digits.split_at(DIGITS - length).1) {
        Ok(text) => text,
        Err(_) => "too many",
    }
}

/// Ends the compilation with a message. A panic in a constant takes one text only, so that it is
/// put together here.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "a panic in a constant is how a compile error with a text of one's own is made"
)]
pub(super) const fn fail(parts: &[&str]) -> ! {
    const SPACE: usize = 1024;
    let mut bytes = [0; SPACE];
    let mut length = 0;
    let mut part = 0;
    while part < parts.len() {
        let from = parts[part].as_bytes();
        let mut index = 0;
        while index < from.len() && length < SPACE {
            bytes[length] = from[index];
            length += 1;
            index += 1;
        }
        part += 1;
    }
    match std::str::from_utf8(bytes.split_at(length).0) {
        Ok(message) => panic!("{}", message),
        Err(_) => panic!("the selection does not fit the schema"),
    }
}

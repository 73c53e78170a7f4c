//! Compile-time checks of the types in a derived selection, with messages for its author.
//!
//! The derive checks names. Only the compiler sees types, so these checks run in constants of the
//! user's crate, at the type that was written.

use super::const_str::{Decimal, Message, ends_with, equal, fail, split};
use super::{LeafType, MAX_SELECTION_DEPTH, Part};
use crate::decode::{ConnectionShape, NodeLookup, Selection};
use xurrent_values::leaf::wrappers::{CONNECTION, LIST, NULLABLE, around, count};

/// The field that is checked, for messages about it. The derive fills it in.
#[derive(Debug, Clone, Copy)]
pub struct FieldContext {
    /// GraphQL name of the type that has the field.
    pub on: &'static str,
    /// GraphQL name of the field.
    pub field: &'static str,
    /// The expected wrappers in Rust, such as `Option<Vec<`.
    pub open: &'static str,
    /// The closing brackets for `open`.
    pub close: &'static str,
    /// The expected wrappers, encoded like `Select::WRAPPERS`.
    pub wrappers: u32,
    /// The GraphQL name of the object.
    pub expected: &'static str,
    /// The type as written by the user, without its wrappers.
    pub base: &'static str,
    /// The wrappers as written by the user. A type alias can hide more.
    pub written: u32,
    /// Whether the type can hold a field of this kind.
    pub fits: bool,
}

/// The leaves of a selection.
#[derive(Debug, Clone, Copy)]
pub struct Leaves<'a> {
    /// GraphQL name of the type that has the fields.
    pub on: &'a str,
    /// What the type of each field holds, and in the schema the Rust name of the leaf with its hash and the wrappers
    /// around it; last the wrappers as written by the user.
    pub types: &'a [(LeafType, &'a str, u64, u32, u32)],
    /// The strings of messages, a line for each field, separated by `|`: its GraphQL name, `open`, `close` and `base` of
    /// [`FieldContext`].
    pub texts: &'a str,
}

impl Leaves<'_> {
    const fn is_right(&self, index: usize) -> bool {
        let (found, _, hash, wrappers, _) = &self.types[index];
        found.hash == *hash && found.wrappers == *wrappers
    }

    /// Whether all types are those of the schema.
    #[must_use]
    pub const fn are_right(&self) -> bool {
        let mut index = 0;
        while index < self.types.len() {
            if !self.is_right(index) {
                return false;
            }
            index += 1;
        }
        true
    }
}

/// Checks that the type of a leaf is that of the schema. All leaves of a selection are checked in one constant, since
/// each constant costs compile time; so the message is that of the first wrong leaf and of those after it.
#[track_caller]
pub const fn check_leaf(leaves: &Leaves<'_>, index: usize) {
    if leaves.is_right(index) {
        return;
    }
    let (mut message, mut texts, mut at) = (Message::new(), leaves.texts, 0);
    while at < leaves.types.len() {
        let (text, rest) = split(texts, b'\n');
        if at >= index && !leaves.is_right(at) {
            message.write(if at > index { "\n" } else { "" }, &[]);
            explain_leaf(&mut message, leaves, at, text);
        }
        (texts, at) = (rest, at + 1);
    }
    message.fail()
}

const fn explain_leaf(message: &mut Message, leaves: &Leaves<'_>, index: usize, text: &str) {
    let (LeafType { name, wrappers: found, .. }, expected, _, wrappers, written) = leaves.types[index];
    let (field, rest) = split(text, b'|');
    let (open, rest) = split(rest, b'|');
    let (close, base) = split(rest, b'|');
    let on = leaves.on;
    let arguments = &[field, on, expected, base, open, expected, close];
    match name {
        None => message.write(
            "`{}` of `{}` is of type `{}`, which `{}` cannot hold: write `{}{}{}`, or a type of your own \
             that implements `Leaf`",
            arguments,
        ),
        Some(name) if equal(expected, name) => {
            // Behind an alias, only the schema's type can be named.
            let base = if found == written { base } else { expected };
            let context = Written { on, field, open, close, base, note: "" };
            explain_wrappers(message, context, wrappers, found);
        }
        Some(name) if ends_with(base, name) => {
            message.write("`{}` of `{}` is of type `{}`, which `{}` cannot hold: write `{}{}{}`", arguments);
        }
        // A custom type or an alias: its wire type has another name.
        Some(name) => message.write(
            "`{}` of `{}` is of type `{}`, which `{}`, made from `{}`, cannot hold: write `{}{}{}`",
            &[field, on, expected, base, name, open, expected, close],
        ),
    }
}

/// Checks that the type of an object is a selection on the schema's type, with the schema's wrappers.
#[track_caller]
pub const fn check_object(context: FieldContext, wrappers: u32) {
    check_selection(context);
    if wrappers == context.written {
        check_wrappers(context, context.base, "", wrappers);
    } else {
        check_wrappers(context, "T", ", where `T` is the selection itself", wrappers);
    }
}

#[track_caller]
const fn check_selection(context: FieldContext) {
    let FieldContext { on, field, expected, base, fits, .. } = context;
    if !fits {
        fail(
            "`{}` of `{}` is of type `{}`, and `{}` is not a selection on it: write one with \
             `#[derive(Select)]` and `#[select(on = {})]`",
            &[field, on, expected, base, expected],
        );
    }
}

#[track_caller]
const fn check_wrappers(context: FieldContext, base: &str, note: &str, wrappers: u32) {
    let FieldContext { on, field, open, close, wrappers: expected, .. } = context;
    if wrappers != expected {
        let mut message = Message::new();
        explain_wrappers(&mut message, Written { on, field, open, close, base, note }, expected, wrappers);
        message.fail()
    }
}

/// What a message says about a field, and the type that it should have: `open`, `base`, `close`.
struct Written<'a> {
    on: &'a str,
    field: &'a str,
    open: &'a str,
    close: &'a str,
    base: &'a str,
    note: &'a str,
}

const fn explain_wrappers(message: &mut Message, written: Written<'_>, expected: u32, wrappers: u32) {
    let (problem, more) = if count(wrappers, CONNECTION) > 0 {
        ("is not a connection", "")
    } else if expected & 3 == NULLABLE && wrappers == expected >> 2 {
        ("may be null", ", or say what null means with `#[select(required)]` or `#[select(default)]`")
    } else if wrappers & 15 == around(NULLABLE, NULLABLE) {
        ("needs no second `Option`", "")
    } else if wrappers & 3 == NULLABLE && wrappers >> 2 == expected {
        ("is never null here", "")
    } else {
        match (count(expected, LIST), count(wrappers, LIST)) {
            (expected, written) if expected == written => ("may be null in another place", ""),
            (0, _) => ("is not a list", ""),
            (_, 0) => ("is a list", ""),
            (expected, written) if expected < written => ("is not a list of lists", ""),
            _ => ("is a list of lists", ""),
        }
    };
    let Written { on, field, open, close, base, note } = written;
    message
        .write("`{}` of `{}` {}: write `{}{}{}`{}{}", &[field, on, problem, open, base, close, note, more]);
}

/// Checks the type of a nested connection. A `Vec` or a `Connection` without `Option` is accepted
/// where the connection may be null: null is then a decode error.
#[track_caller]
pub const fn check_connection(context: FieldContext, wrappers: u32) {
    check_selection(context);
    let FieldContext { on, field, expected, base, .. } = context;
    let nullable = wrappers & 3 == NULLABLE;
    let inner = if nullable { wrappers >> 2 } else { wrappers };
    let base = if wrappers == context.written { base } else { "T" };
    if inner != LIST && inner != CONNECTION {
        fail(
            "`{}` of `{}` is a connection: write `Vec<{}>` or `Connection<{}>`, where `{}` is a selection \
             on `{}`",
            &[field, on, base, base, base, expected],
        );
    }
    if nullable && context.wrappers & 3 != NULLABLE {
        fail("`{}` of `{}` is never null here: write `Vec<{}>`", &[field, on, base]);
    }
}

/// The part of a connection whose parts have these names: one of its two parts.
#[must_use]
pub const fn shaped<T>(nodes: Part<T>, edges: Part<T>, shape: &'static ConnectionShape) -> Part<T> {
    let part = if shape.node.is_some() { edges } else { nodes };
    match part.selection {
        Selection::Connection { page, nodes, .. } => {
            Part { selection: Selection::Connection { shape, page, nodes }, ..part }
        }
        _ => part,
    }
}

/// Checks that a connection has the total count that a [`Connection`](super::Connection) holds.
#[track_caller]
pub const fn check_total(context: FieldContext, wrappers: u32, shape: &ConnectionShape, connection: &str) {
    if shape.total_count.is_none() && count(wrappers, CONNECTION) > 0 {
        let FieldContext { on, field, base, .. } = context;
        fail(
            "`{}` of `{}` has no total count, which a `Connection` holds: write `Vec<{}>`, or a struct with \
             `#[derive(Select)]` and `#[select(on = {})]`",
            &[field, on, base, connection],
        );
    }
}

/// Checks that the remaining pages of a connection can be fetched by the id of its parent, and returns the query
/// of that.
#[track_caller]
pub const fn check_parent(on: &str, field: &str, node: Option<&'static NodeLookup>) -> &'static NodeLookup {
    match node {
        Some(lookup) => lookup,
        None => fail(
            "`{}` cannot be fetched by an id, which is how the rest of `{}` would be: write `first = ..` in \
             place of `all`",
            &[on, field],
        ),
    }
}

/// Fails the compilation with a message of the derive, unless a condition holds.
#[track_caller]
pub const fn check(holds: bool, message: &str) {
    if !holds {
        fail(message, &[]);
    }
}

/// Checks that a request can hold one record of a selection.
#[track_caller]
pub const fn check_limits(name: &str, nodes: u64, depth: u32, max_nodes: u64) {
    if nodes > max_nodes {
        fail(
            "one record of `{}` asks for {} nodes, and a request may ask for {}: make `first` smaller in a \
             nested connection",
            &[name, Decimal::new(nodes).as_str(), Decimal::new(max_nodes).as_str()],
        );
    }
    if depth > MAX_SELECTION_DEPTH {
        fail(
            "`{}` nests {} objects in each other, and {} are allowed: fetch the inner ones by their ids",
            &[name, Decimal::new(depth as u64).as_str(), Decimal::new(MAX_SELECTION_DEPTH as u64).as_str()],
        );
    }
}

//! The types that a comparison surely needs, so that one request fetches most of them.

use super::calls::RootCall;
use super::declared::Declared;
use super::live::Live;
use super::nested_inputs;
use crate::decode::{AllPages, NodeLookup, Selection};
use std::collections::BTreeSet;
use xurrent_values::Expected;

/// Scalars that every server has, and nothing is to be known of.
const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

pub(super) fn of_type(expected: &Expected, names: &mut BTreeSet<String>) {
    match expected {
        Expected::Nothing => {}
        Expected::Selection { on, selection, .. } => {
            names.insert((*on).to_owned());
            of_selection(selection, names);
        }
        Expected::Input(table) => nested_inputs::names(table(), names),
        Expected::Enum { name, .. } => {
            names.insert((*name).to_owned());
        }
        Expected::All(all) => all.iter().for_each(|expected| of_type(expected, names)),
    }
}

pub(super) fn of_call(call: &RootCall, live: &Live, names: &mut BTreeSet<String>) {
    names.extend(live.root(call.root.operation).map(str::to_owned));
    for (name, ty) in call.root.arguments {
        if call.arguments.get(name).is_some() {
            add(ty, names);
        }
    }
    if call.root.connection.is_some() {
        names.insert("PageInfo".to_owned());
    }
    of_selection(&call.selection, names);
}

fn add(ty: &str, names: &mut BTreeSet<String>) {
    let name = Declared(ty).name();
    if !BUILT_IN.contains(&name) {
        names.insert(name.to_owned());
    }
}

fn of_selection(selection: &Selection, names: &mut BTreeSet<String>) {
    match selection {
        Selection::Leaf | Selection::Reference | Selection::Interface { node: None } => {}
        Selection::Interface { node: Some(lookup) } => of_lookup(lookup, names),
        Selection::Object(table) => {
            if table.rust_name().is_some() {
                names.insert(table.name.to_owned());
            }
            for (key, selection) in table.nested {
                let index = table.fields.iter().position(|field| field == key);
                if let Some((_, ty)) = index.and_then(|index| table.declared(index))
                    && !is_leaf(selection)
                {
                    add(ty, names);
                }
                of_selection(selection, names);
            }
        }
        Selection::Payload { selection, .. } | Selection::Field { selection, .. } => {
            of_selection(selection, names);
        }
        Selection::Flattened(parts) => parts.iter().for_each(|part| of_selection(part, names)),
        Selection::Connection { page, nodes, .. } => {
            if *page {
                names.insert("PageInfo".to_owned());
            }
            of_selection(nodes, names);
        }
        Selection::AllPages(AllPages { lookup, connection, .. }) => {
            names.insert("PageInfo".to_owned());
            of_lookup(lookup, names);
            of_selection(connection, names);
        }
        Selection::Variants(variants) => {
            for (name, _, selection) in *variants {
                names.insert((*name).to_owned());
                of_selection(selection, names);
            }
        }
    }
}

fn of_lookup(lookup: &NodeLookup, names: &mut BTreeSet<String>) {
    names.insert(lookup.interface.to_owned());
}

fn is_leaf(selection: &Selection) -> bool {
    match selection {
        Selection::Leaf => true,
        Selection::Field { selection, .. } => is_leaf(selection),
        _ => false,
    }
}

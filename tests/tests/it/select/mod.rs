//! Selections of every form, compiled and run against the sandbox. What comes back is compared with
//! what a document written by hand brings, which goes through no code of the derive.

#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp, missing_docs)]

mod arguments;
mod errors;
mod interfaces;
mod leaves;
mod random;
mod records;
mod refusals;
mod shapes;
mod through_node;

use crate::raw_json::Raw;
use crate::sandboxed::client;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use xurrent::{Client, Connection};
use xurrent_sandbox::Sandbox;

/// A client, and what answers it.
struct Api {
    sandbox: Sandbox,
    client: Client,
}

impl Api {
    async fn new() -> Self {
        let (sandbox, client) = client().await;
        Self { sandbox, client }
    }

    /// The data of a document written by hand.
    async fn data(&self, document: &str) -> Value {
        self.client
            .raw(document, json!({}))
            .await
            .unwrap_or_else(|error| panic!("{error}: {document}"))
            .to_value()
    }

    /// Compares with the nodes of a root connection, selected as `nodes { .. }` says.
    async fn same_nodes<T: Raw>(&self, records: &[T], root: &str, selection: &str) -> Value {
        let data = self.data(&format!("{{ {root} {{ nodes {{ {selection} }} }} }}")).await;
        let (root, _) = root.split_once('(').unwrap();
        let nodes = data[root]["nodes"].clone();
        assert_eq!(records.len(), nodes.as_array().unwrap().len(), "{root}");
        for (index, (record, raw)) in records.iter().zip(nodes.as_array().unwrap()).enumerate() {
            record.same(raw, &format!("{root}[{index}]"));
        }
        filled(&nodes);
        nodes
    }
}

/// Panics when a key is null, or a list empty, wherever it occurs: nothing was compared then.
fn filled(raw: &Value) {
    fn visit(raw: &Value, place: &str, seen: &mut BTreeMap<String, bool>) {
        let value = match raw {
            Value::Array(items) => {
                items.iter().for_each(|item| visit(item, place, seen));
                !items.is_empty()
            }
            Value::Object(fields) => {
                fields.iter().for_each(|(key, value)| visit(value, &format!("{place}.{key}"), seen));
                true
            }
            value => !value.is_null(),
        };
        *seen.entry(place.to_owned()).or_default() |= value;
    }
    let mut seen = BTreeMap::new();
    visit(raw, "", &mut seen);
    let empty: Vec<_> = seen.into_iter().filter(|(_, value)| !value).map(|(place, _)| place).collect();
    assert!(empty.is_empty(), "never a value: {empty:?}");
}

/// All values of `__typename`.
fn typenames(raw: &Value) -> BTreeSet<&str> {
    match raw {
        Value::Array(items) => items.iter().flat_map(typenames).collect(),
        Value::Object(fields) => {
            let own = fields.get("__typename").and_then(Value::as_str);
            own.into_iter().chain(fields.values().flat_map(typenames)).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// The fields of one variant: their keys begin with the name of its type.
fn variant(raw: &Value, name: &str) -> Value {
    assert_eq!(raw["__typename"], name);
    let fields = raw.as_object().unwrap().iter();
    let own = fields.filter_map(|(key, value)| {
        Some((key.strip_prefix(name)?.strip_prefix('_')?.to_owned(), value.clone()))
    });
    own.collect()
}

impl<T: Raw> Raw for Connection<T> {
    fn same(&self, raw: &Value, place: &str) {
        self.nodes.same(raw, place);
        self.total_count.same(&raw["totalCount"], place);
        self.page_info.has_next_page.same(&raw["pageInfo"]["hasNextPage"], place);
        self.page_info.end_cursor.same(&raw["pageInfo"]["endCursor"], place);
    }
}

/// Declares a selection, and how it is compared with raw JSON that has the names of the Rust fields
/// as keys. What stands behind `+` is flattened. In an enum, the keys of a variant begin with its name and `_`.
macro_rules! selection {
    (
        #[$($on:tt)*]
        $vis:vis struct $name:ident { $($(#[$($option:tt)*])* $field:ident: $ty:ty,)* }
        $(+ { $($flat:ident: $flat_ty:ty,)* })?
    ) => {
        #[derive(Debug, Select)]
        #[$($on)*]
        $vis struct $name { $($(#[$($option)*])* $field: $ty,)* $($(#[select(flatten)] $flat: $flat_ty,)*)? }
        impl Raw for $name {
            fn same(&self, raw: &Value, place: &str) {
                $({
                    let key = stringify!($field).trim_start_matches("r#");
                    let place = format!("{place}.{key}");
                    let value = raw.get(key).unwrap_or_else(|| panic!("{place} is not in {raw}"));
                    self.$field.same(value, &place);
                })*
                $($(self.$flat.same(raw, place);)*)?
            }
        }
    };
    (#[$($on:tt)*] $vis:vis enum $name:ident { $($variant:ident($ty:ty),)* .. }) => {
        #[derive(Debug, Select)]
        #[$($on)*]
        $vis enum $name { $($variant($ty),)* #[select(other)] Other(String) }
        impl Raw for $name {
            fn same(&self, raw: &Value, place: &str) {
                match self {
                    $(Self::$variant(value) => value.same(&variant(raw, stringify!($variant)), place),)*
                    Self::Other(name) => {
                        assert!(![$(stringify!($variant)),*].contains(&name.as_str()), "{place}");
                        assert_eq!(raw["__typename"], name.as_str(), "{place}");
                    }
                }
            }
        }
    };
    (#[$($on:tt)*] $vis:vis enum $name:ident { $($variant:ident($ty:ty),)* }) => {
        #[derive(Debug, Select)]
        #[$($on)*]
        $vis enum $name { $($variant($ty),)* }
        impl Raw for $name {
            fn same(&self, raw: &Value, place: &str) {
                match self {
                    $(Self::$variant(value) => value.same(&variant(raw, stringify!($variant)), place),)*
                }
            }
        }
    };
}
use selection;

//! Selections of the SDK.

use super::model::{Selected, Selection, Value};
use super::package::{FIRST, MANIFEST, rust_name, wrapped};
use crate::error::Error;
use crate::peer_serde::model::{Definition, Kind, Model, folder};
use crate::run::root;
use crate::scratch::Sources;
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};

/// The package over the SDK. The types of leaves are those of the SDK's own structs.
pub(crate) fn package(selections: &[Selection], sdk: &Model) -> Result<Sources, Error> {
    let types: BTreeMap<(String, &str), String> =
        sdk.values().flatten().flat_map(leaf_types).map(|(on, wire, ty)| ((on, wire), ty)).collect();
    let mut used = BTreeSet::from(["Select".to_owned()]);
    let mut structs = String::new();
    for Selection { name, on, fields } in selections {
        structs.push_str(&format!("\n#[derive(Select)]\n#[select(on = {on})]\npub struct {name} {{\n"));
        for Selected { name, ty, value } in fields {
            let ty = match value {
                Value::Leaf => {
                    let ty = types.get(&(on.clone(), name.as_str())).ok_or_else(|| Error::Source {
                        file: folder(),
                        message: format!("`{on}` has no field for `{name}`"),
                    })?;
                    used.extend(names(ty));
                    ty.clone()
                }
                Value::Object(object) => wrapped(ty, object),
                Value::Connection { node, .. } => {
                    structs.push_str(&format!("    #[select(first = {FIRST})]\n"));
                    format!("Vec<{node}>")
                }
            };
            structs.push_str(&format!("    pub {}: {ty},\n", rust_name(name)));
        }
        structs.push_str("}\n");
    }
    let path = toml::Value::from(root().join("sdk").to_string_lossy().into_owned());
    let manifest = format!("{MANIFEST}xurrent = {{ path = {path} }}\n\n[workspace]\n");
    let used: Vec<String> = used.into_iter().collect();
    let library = format!("//! Selections.\n\nuse xurrent::{{{}}};\n{structs}", used.join(", "));
    Ok(Sources::from([("Cargo.toml".to_owned(), manifest), ("src/lib.rs".to_owned(), library)]))
}

/// The fields of a generated struct: GraphQL names and Rust types.
fn leaf_types(definition: &Definition) -> Vec<(String, &str, String)> {
    let Kind::Object(fields) = &definition.kind else { return Vec::new() };
    let ty = |ty: &syn::Type| ty.to_token_stream().to_string().replace("rt :: ", "").replace(' ', "");
    fields.iter().map(|field| (definition.name.to_string(), field.wire.as_str(), ty(&field.ty))).collect()
}

/// The names in a type that have to be imported.
fn names(ty: &str) -> impl Iterator<Item = String> {
    const PRELUDE: [&str; 6] = ["Option", "Vec", "String", "bool", "i64", "f64"];
    let names = ty.split(['<', '>']).filter(|name| !name.is_empty() && !PRELUDE.contains(name));
    names.map(str::to_owned)
}

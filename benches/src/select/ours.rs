//! Selections of the SDK.

use super::model::{FIRST, PACKAGE, Selection, Value, wrapped};
use crate::error::Error;
use crate::files::{Sources, root};
use crate::peer_serde::model::{Kind, Model};
use crate::scratch;
use std::collections::{BTreeMap, BTreeSet};

/// Types that need no import.
const PRELUDE: [&str; 6] = ["Option", "Vec", "String", "bool", "i64", "f64"];

/// The package over the SDK. The types of leaves are those of the SDK's own structs.
pub(crate) fn package(selections: &[Selection], sdk: &Model) -> Result<Sources, Error> {
    let mut types = BTreeMap::new();
    for definition in sdk.values().flatten() {
        if let Kind::Object(fields) = &definition.kind {
            let on = definition.name.as_str();
            types.extend(fields.iter().map(|field| ((on, field.wire()), field.ty.replace("rt::", ""))));
        }
    }
    let mut used = BTreeSet::from(["Select"]);
    let mut structs = String::new();
    for Selection { name, on, fields } in selections {
        structs += &format!("\n#[derive(Select)]\n#[select(on = {on})]\npub struct {name} {{\n");
        for field in fields {
            let ty = match &field.value {
                Value::Leaf => {
                    let missing = || format!("`{on}` has no field for `{}`", field.name);
                    let ty = types.get(&(on.as_str(), field.name.as_str())).ok_or_else(missing)?;
                    used.extend(
                        ty.split(['<', '>']).filter(|name| !name.is_empty() && !PRELUDE.contains(name)),
                    );
                    ty.clone()
                }
                Value::Object(object) => wrapped(&field.ty, object),
                Value::Connection { node, .. } => {
                    structs += &format!("    #[select(first = {FIRST})]\n");
                    format!("Vec<{node}>")
                }
            };
            structs += &format!("    pub {}: {ty},\n", field.rust_name());
        }
        structs += "}\n";
    }
    let path = toml::Value::from(root().join("sdk").to_string_lossy().into_owned());
    let manifest = scratch::package(PACKAGE, &format!("xurrent = {{ path = {path} }}\n\n[workspace]\n"));
    let used: Vec<&str> = used.into_iter().collect();
    let library = format!("//! Selections.\n\nuse xurrent::{{{}}};\n{structs}", used.join(", "));
    Ok(Sources::from([("Cargo.toml".to_owned(), manifest), ("src/lib.rs".to_owned(), library)]))
}

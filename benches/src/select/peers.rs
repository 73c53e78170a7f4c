//! Structs with the derives of the peers. Their custom scalars and enums are texts.

use super::model::{Selected, Selection, Value};
use super::package::{FIRST, MANIFEST, rust_name, wrapped};
use crate::scratch::Sources;
use heck::ToLowerCamelCase;
use std::collections::BTreeMap;
use xurrent_generator::Schema;

/// A connection of the peer.
const NODES: &str = "
#[derive(Deserialize)]
pub struct Nodes<T> {
    pub nodes: Option<Vec<Option<T>>>,
}
";

/// The package over `serde`.
pub(crate) fn serde(selections: &[Selection]) -> Sources {
    let mut library = format!("//! Plain structs.\n\nuse serde::Deserialize;\n{NODES}");
    for Selection { name, fields, .. } in selections {
        library.push_str(&format!(
            "\n#[derive(Deserialize)]\n#[serde(rename_all = \"camelCase\")]\npub struct {name} {{\n"
        ));
        for field in fields {
            let ty = match &field.value {
                Value::Leaf => wrapped(&field.ty, plain(field.ty.name(), "i64", "String")),
                Value::Object(object) => wrapped(&field.ty, object),
                Value::Connection { node, .. } => wrapped(&field.ty, &format!("Nodes<{node}>")),
            };
            library.push_str(&line("serde", field, &ty));
        }
        library.push_str("}\n");
    }
    let manifest =
        format!("{MANIFEST}serde = {{ version = \"1\", features = [\"derive\"] }}\n\n[workspace]\n");
    Sources::from([("Cargo.toml".to_owned(), manifest), ("src/lib.rs".to_owned(), library)])
}

const WORKSPACE: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"schema\", \"user\"]\n";

const CYNIC: &str = "cynic = { version = \"3\", features = [\"rkyv\"] }\n";

const BUILD_CYNIC: &str =
    "\n[build-dependencies]\ncynic-codegen = { version = \"3\", features = [\"rkyv\"] }\n";

/// Both packages register the schema, because the derives look it up in their own package.
const BUILD: &str = r#"fn main() -> Result<(), Box<dyn std::error::Error>> {
    cynic_codegen::register_schema("xurrent").from_sdl_file("../schema.graphql")?.as_default()?;
    Ok(())
}
"#;

/// The package over `cynic`, in `user/`, and its schema module, in `schema/`.
pub(crate) fn cynic(selections: &[Selection], schema: &Schema, sdl: String) -> Sources {
    let mut module = String::from(
        "//! The schema module, and its scalars.\n\n#[cynic::schema(\"xurrent\")]\npub mod schema {}\n",
    );
    for ty in &schema.types {
        let name = &ty.name;
        if ty.kind.is_leaf() && plain(name, "", "").is_empty() && name != "ID" {
            module.push_str(&format!(
                "\n#[derive(cynic::Scalar)]\n#[cynic(graphql_type = \"{name}\")]\npub struct {name}(pub String);\n"
            ));
        }
    }
    let mut connections = BTreeMap::new();
    let mut structs = String::new();
    for Selection { name, on, fields } in selections {
        structs.push_str(&head(name, on));
        for field in fields {
            let ty = match &field.value {
                Value::Leaf => {
                    let scalar = match field.ty.name() {
                        "ID" => "cynic::Id".to_owned(),
                        name => format!("xurrent_schema::{name}"),
                    };
                    wrapped(&field.ty, plain(field.ty.name(), "i32", &scalar))
                }
                Value::Object(object) => wrapped(&field.ty, object),
                Value::Connection { node, nodes } => {
                    let connection = format!("{node}Of{}", field.ty.name());
                    let ty = wrapped(&field.ty, &connection);
                    connections.insert(connection, (field.ty.name(), wrapped(nodes, node)));
                    structs.push_str(&format!("    #[arguments(first: {FIRST})]\n"));
                    ty
                }
            };
            structs.push_str(&line("cynic", field, &ty));
        }
        structs.push_str("}\n");
    }
    for (name, (on, nodes)) in connections {
        structs.push_str(&head(&name, on));
        structs.push_str(&format!("    pub nodes: {nodes},\n}}\n"));
    }
    let package =
        |name: &str, more: &str| format!("{}{CYNIC}{more}{BUILD_CYNIC}", MANIFEST.replacen("user", name, 1));
    let more = "xurrent-schema = { path = \"../schema\" }\n";
    Sources::from(
        [
            ("Cargo.toml", WORKSPACE.to_owned()),
            ("schema.graphql", sdl),
            ("schema/Cargo.toml", package("xurrent-schema", "")),
            ("schema/build.rs", BUILD.to_owned()),
            ("schema/src/lib.rs", module),
            ("user/Cargo.toml", package("user", more)),
            ("user/build.rs", BUILD.to_owned()),
            ("user/src/lib.rs", format!("//! Fragments.\n\nuse xurrent_schema::schema;\n{structs}")),
        ]
        .map(|(path, text)| (path.to_owned(), text)),
    )
}

fn head(name: &str, on: &str) -> String {
    format!("\n#[derive(cynic::QueryFragment)]\n#[cynic(graphql_type = \"{on}\")]\npub struct {name} {{\n")
}

/// A field, renamed if its Rust name does not convert back to its GraphQL name.
fn line(attribute: &str, field: &Selected, ty: &str) -> String {
    let name = rust_name(&field.name);
    let rename = match name.to_lower_camel_case() == field.name {
        true => String::new(),
        false => format!("    #[{attribute}(rename = \"{}\")]\n", field.name),
    };
    format!("{rename}    pub {name}: {ty},\n")
}

/// The Rust type of a scalar or an enum.
fn plain<'t>(name: &str, int: &'t str, text: &'t str) -> &'t str {
    match name {
        "Boolean" => "bool",
        "Float" => "f64",
        "String" => "String",
        "Int" => int,
        _ => text,
    }
}

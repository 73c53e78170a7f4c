//! Structs with the derives of the peers. Their custom scalars and enums are texts.

use super::model::{FIRST, PACKAGE, Selected, Selection, Value, wrapped};
use crate::files::Sources;
use crate::scratch;
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
        library += "\n#[derive(Deserialize)]\n#[serde(rename_all = \"camelCase\")]\n";
        library += &format!("pub struct {name} {{\n");
        for field in fields {
            let ty = match &field.value {
                Value::Leaf => plain(field.ty.name(), "i64", "String").to_owned(),
                Value::Object(object) => object.clone(),
                Value::Connection { node, .. } => format!("Nodes<{node}>"),
            };
            library += &line("serde", field, &wrapped(&field.ty, &ty));
        }
        library += "}\n";
    }
    let dependencies = "serde = { version = \"1\", features = [\"derive\"] }\n\n[workspace]\n";
    let manifest = scratch::package(PACKAGE, dependencies);
    Sources::from([("Cargo.toml".to_owned(), manifest), ("src/lib.rs".to_owned(), library)])
}

const WORKSPACE: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"schema\", \"user\"]\n";

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
            module += &format!("\n#[derive(cynic::Scalar)]\n#[cynic(graphql_type = \"{name}\")]\n");
            module += &format!("pub struct {name}(pub String);\n");
        }
    }
    let mut connections = BTreeMap::new();
    let mut structs = String::new();
    for Selection { name, on, fields } in selections {
        structs += &head(name, on);
        for field in fields {
            let ty = match &field.value {
                Value::Leaf if field.ty.name() == "ID" => "cynic::Id".to_owned(),
                Value::Leaf => {
                    let scalar = format!("xurrent_schema::{}", field.ty.name());
                    plain(field.ty.name(), "i32", &scalar).to_owned()
                }
                Value::Object(object) => object.clone(),
                Value::Connection { node, nodes } => {
                    let connection = format!("{node}Of{}", field.ty.name());
                    connections.insert(connection.clone(), (field.ty.name(), wrapped(nodes, node)));
                    structs += &format!("    #[arguments(first: {FIRST})]\n");
                    connection
                }
            };
            structs += &line("cynic", field, &wrapped(&field.ty, &ty));
        }
        structs += "}\n";
    }
    for (name, (on, nodes)) in connections {
        structs += &format!("{}    pub nodes: {nodes},\n}}\n", head(&name, on));
    }
    let package = |name: &str, more: &str| {
        let features = "{ version = \"3\", features = [\"rkyv\"] }";
        let build = format!("\n[build-dependencies]\ncynic-codegen = {features}\n");
        scratch::package(name, &format!("cynic = {features}\n{more}{build}"))
    };
    let more = "xurrent-schema = { path = \"../schema\" }\n";
    Sources::from(
        [
            ("Cargo.toml", WORKSPACE.to_owned()),
            ("schema.graphql", sdl),
            ("schema/Cargo.toml", package("xurrent-schema", "")),
            ("schema/build.rs", BUILD.to_owned()),
            ("schema/src/lib.rs", module),
            ("user/Cargo.toml", package(PACKAGE, more)),
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
    let name = field.rust_name();
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

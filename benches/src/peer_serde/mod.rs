//! Peer: structs with `serde` derives, with the same fields and docs as the SDK's.

pub(crate) mod model;

use crate::files::Sources;
use crate::scratch;
use model::{Definition, Kind, Member, Model};

pub(crate) const PACKAGE: &str = "serde-records";

const DEPENDENCIES: &str = r#"
rust_decimal = { version = "1", default-features = false, features = ["std", "serde"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
"#;

/// The sources of the package, below `records/`.
pub(crate) fn package(model: &Model) -> Sources {
    let mut sources = Sources::from([
        ("records/Cargo.toml".to_owned(), scratch::package(PACKAGE, DEPENDENCIES)),
        ("records/src/shared.rs".to_owned(), include_str!("shared.rs.template").to_owned()),
    ]);
    let mut library =
        String::from("//! Plain structs of the schema, with derives.\n#![allow(unused_imports)]\n");
    library += "pub mod shared;\n";
    // Files that hold nothing but root fields have no types.
    for (module, definitions) in model.iter().filter(|(_, definitions)| !definitions.is_empty()) {
        let uses = "use crate::shared::*;\nuse crate::*;\nuse serde::{Deserialize, Serialize};\n";
        let text = definitions.iter().map(definition).collect::<String>();
        sources.insert(format!("records/src/{module}.rs"), format!("{uses}{text}"));
        library += &format!("mod {module};\npub use self::{module}::*;\n");
    }
    sources.insert("records/src/lib.rs".to_owned(), library);
    sources
}

fn definition(definition: &Definition) -> String {
    let Definition { docs, name, kind } = definition;
    let (keyword, members): (_, String) = match kind {
        Kind::Object(fields) | Kind::Input(fields) => ("struct", fields.iter().map(field).collect()),
        Kind::Enum(values) => {
            let values = values.iter().map(|value| member(value, "", &value.name));
            let unrecognized = "    /// A value that the schema did not have when this crate was generated.
    #[serde(untagged)]
    Unrecognized(String),\n";
            ("enum", values.chain([unrecognized.to_owned()]).collect())
        }
        Kind::Alias(ty) => return format!("{docs}pub type {name} = {};\n", plain(ty)),
    };
    format!("{docs}#[derive(Debug, Clone, Serialize, Deserialize)]\npub {keyword} {name} {{\n{members}}}\n")
}

fn field(field: &Member) -> String {
    let Member { name, required, .. } = field;
    let ty = plain(&field.ty);
    match required {
        true => member(field, "", &format!("pub {name}: {ty}")),
        false => {
            member(field, ", skip_serializing_if = \"Option::is_none\"", &format!("pub {name}: Option<{ty}>"))
        }
    }
}

fn member(member: &Member, serde: &str, code: &str) -> String {
    let Member { docs, signature, .. } = member;
    let wire = member.wire();
    format!("{docs}    /// `{signature}`\n    #[serde(rename = \"{wire}\"{serde})]\n    {code},\n")
}

/// The type that a plain struct has where the SDK has `ty`.
fn plain(ty: &str) -> String {
    let ty = ty.trim_start_matches("rt::");
    let (name, inner) = ty.strip_suffix('>').and_then(|ty| ty.split_once('<')).unwrap_or((ty, ""));
    let plain = match (name, inner) {
        ("Id" | "Timestamp" | "TimeOfDay" | "Date", _) => "String",
        ("Decimal", _) => "rust_decimal::Decimal",
        ("Json", _) => "serde_json::Value",
        ("Filter", "rt::Id") => "IdFilter",
        ("Filter", _) => "StringFilter",
        ("RangeFilter", "rt::Timestamp") => "DateTimeFilter",
        ("RangeFilter", "rt::Date") => "DateFilter",
        ("RangeFilter", "rt::Decimal") => "DecimalFilter",
        ("RangeFilter", _) => "IntFilter",
        ("Ref", _) | (_, "") => name,
        (_, inner) => return format!("{name}<{}>", plain(inner)),
    };
    plain.to_owned()
}

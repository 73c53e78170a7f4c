//! Canonical form of `schema.json`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};
use std::collections::BTreeMap;

/// Why the generator cannot use an introspection result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSchema {
    /// It holds no schema.
    #[error("not an introspection result: `__schema` is missing")]
    NoSchema,
    /// A part has the wrong shape.
    #[error("not an introspection result: {0}")]
    Shape(#[from] serde_json::Error),
    /// The generator refuses it.
    #[error(transparent)]
    Generator(#[from] xurrent_generator::Error),
}

impl InvalidSchema {
    pub(crate) fn advice(&self) -> &'static str {
        use xurrent_generator::Error;
        match self {
            Self::NoSchema | Self::Shape(_) => {
                "check that the address is a GraphQL endpoint with full introspection"
            }
            Self::Generator(
                Error::UnknownOverride { .. } | Error::BadRename { .. } | Error::Collision { .. },
            ) => "change schema.overrides.toml, or pass another file with --overrides, then fetch again",
            Self::Generator(_) => {
                "the generator does not support this schema; contact the operator of the server"
            }
        }
    }
}

/// Formats an introspection result, with or without `{"data": ..}` around it, in canonical form:
/// equal schemas become equal bytes.
///
/// Types and their parts are sorted by name, keys have a fixed order, and each level is indented by
/// one space. Introspection types and the directives of the GraphQL specification are omitted. The
/// five built-in scalars are always listed, without a description. `isDeprecated` of an input value
/// is written only where it is true.
///
/// # Errors
/// When the value is not an introspection result. The generator validates the schema itself.
pub fn canonical(introspection: &Value) -> Result<String, InvalidSchema> {
    Schema::read(introspection)?.text()
}

const BUILT_IN_SCALARS: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];
const BUILT_IN_DIRECTIVES: [&str; 5] = ["deprecated", "include", "oneOf", "skip", "specifiedBy"];

/// A schema in canonical order. Keys are written in the order of the fields.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Schema {
    query_type: Option<Named>,
    mutation_type: Option<Named>,
    subscription_type: Option<Named>,
    pub(crate) types: Vec<Type>,
    #[serde(default)]
    directives: Vec<Directive>,
}

#[derive(Serialize, Deserialize)]
struct Named {
    name: String,
}

#[derive(Default, Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Type {
    kind: String,
    pub(crate) name: String,
    description: Option<String>,
    fields: Option<Vec<Field>>,
    input_fields: Option<Vec<InputValue>>,
    interfaces: Option<Vec<TypeRef>>,
    enum_values: Option<Vec<EnumValue>>,
    possible_types: Option<Vec<TypeRef>>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Field {
    name: String,
    description: Option<String>,
    #[serde(default)]
    args: Vec<InputValue>,
    #[serde(rename = "type")]
    ty: TypeRef,
    #[serde(default)]
    is_deprecated: bool,
    deprecation_reason: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct InputValue {
    name: String,
    description: Option<String>,
    #[serde(rename = "type")]
    ty: TypeRef,
    default_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_deprecated: Option<bool>,
    /// Absent, null, or a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecation_reason: Option<Option<String>>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct EnumValue {
    name: String,
    description: Option<String>,
    #[serde(default)]
    is_deprecated: bool,
    deprecation_reason: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct TypeRef {
    kind: Option<String>,
    name: Option<String>,
    of_type: Option<Box<TypeRef>>,
}

#[derive(Serialize, Deserialize)]
struct Directive {
    name: String,
    description: Option<String>,
    #[serde(default)]
    locations: Vec<String>,
    #[serde(default)]
    args: Vec<InputValue>,
}

impl Schema {
    pub(crate) fn read(introspection: &Value) -> Result<Self, InvalidSchema> {
        let container = introspection.get("data").unwrap_or(introspection);
        let schema = container.get("__schema").filter(|schema| !schema.is_null());
        let mut schema = Self::deserialize(schema.ok_or(InvalidSchema::NoSchema)?)?;
        schema.normalize();
        Ok(schema)
    }

    pub(crate) fn text(&self) -> Result<String, InvalidSchema> {
        let mut bytes = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b" "));
        let data = BTreeMap::from([("data", BTreeMap::from([("__schema", self)]))]);
        data.serialize(&mut serializer)?;
        bytes.push(b'\n');
        // JSON is always UTF-8.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn normalize(&mut self) {
        self.types.retain(|ty| !ty.name.starts_with("__"));
        self.types.retain(|ty| !(ty.kind == "SCALAR" && BUILT_IN_SCALARS.contains(&ty.name.as_str())));
        for name in BUILT_IN_SCALARS {
            // The generator refuses another kind of type with this name.
            if self.types.iter().all(|ty| ty.name != name) {
                let (kind, name) = ("SCALAR".to_owned(), name.to_owned());
                self.types.push(Type { kind, name, ..Type::default() });
            }
        }
        self.types.iter_mut().for_each(Type::normalize);
        self.types.sort_by(|left, right| left.name.cmp(&right.name));
        self.directives.retain(|directive| !BUILT_IN_DIRECTIVES.contains(&directive.name.as_str()));
        for directive in &mut self.directives {
            directive.locations.sort();
            normalize_inputs(&mut directive.args);
        }
        self.directives.sort_by(|left, right| left.name.cmp(&right.name));
    }
}

impl Type {
    fn normalize(&mut self) {
        if matches!(self.kind.as_str(), "OBJECT" | "INTERFACE") {
            self.interfaces.get_or_insert_default();
        }
        for field in self.fields.iter_mut().flatten() {
            normalize_inputs(&mut field.args);
            field.deprecation_reason.take_if(|_| !field.is_deprecated);
        }
        for value in self.enum_values.iter_mut().flatten() {
            value.deprecation_reason.take_if(|_| !value.is_deprecated);
        }
        if let Some(inputs) = &mut self.input_fields {
            normalize_inputs(inputs);
        }
        self.fields.iter_mut().for_each(|fields| fields.sort_by(|left, right| left.name.cmp(&right.name)));
        self.enum_values
            .iter_mut()
            .for_each(|values| values.sort_by(|left, right| left.name.cmp(&right.name)));
        for types in [&mut self.interfaces, &mut self.possible_types].into_iter().flatten() {
            types.sort_by(|left, right| left.name.cmp(&right.name));
        }
    }
}

fn normalize_inputs(inputs: &mut [InputValue]) {
    for input in inputs.iter_mut() {
        if input.is_deprecated == Some(true) {
            input.deprecation_reason.get_or_insert(None);
        } else {
            (input.is_deprecated, input.deprecation_reason) = (None, None);
        }
    }
    inputs.sort_by(|left, right| left.name.cmp(&right.name));
}

//! Introspection results and the SDL that the engine reads.

use apollo_compiler::Schema;
use apollo_compiler::schema::SchemaBuilder;
use apollo_compiler::validation::Valid;
use xurrent_generator::schema::{EnumValue, Introspection, Kind};

use crate::error::SandboxError;
use crate::value_lists::{self, ValueLists};

/// Prints the schema of an introspection result in the schema definition language.
///
/// Accepts the result with or without the enclosing `data`, and a byte order mark before it.
/// Descriptions, deprecations with their reasons, default values, interfaces, unions and custom
/// directives are kept; the introspection types (`__Type`, ...), the built-in scalars and the built-in
/// directives are left out, because every GraphQL engine defines them.
///
/// # Errors
/// [`SandboxError::Json`] if the text is not JSON, [`SandboxError::Introspection`] if the JSON is not
/// an introspection result.
pub fn sdl(introspection_json: &str) -> Result<String, SandboxError> {
    print(introspection_json, None)
}

/// Like [`sdl`], with the scalars of these lists printed as enums.
pub(crate) fn print(introspection_json: &str, enums: Option<&ValueLists>) -> Result<String, SandboxError> {
    let json = introspection_json.trim_start_matches('\u{feff}');
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let result: Introspection = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        match error.inner().is_data() {
            true => SandboxError::Introspection {
                path: error.path().to_string(),
                reason: error.inner().to_string(),
            },
            false => SandboxError::Json(error.into_inner()),
        }
    })?;
    deserializer.end()?;
    let mut schema = result
        .into_schema()
        .ok_or_else(|| SandboxError::Introspection { path: "$".into(), reason: "no `__schema`".into() })?;
    for ty in schema.types.iter_mut().filter(|ty| ty.kind == Kind::Scalar) {
        let values = enums.and_then(|enums| enums.get(&ty.name));
        if let Some(values) = values.filter(|values| value_lists::are_names(values)) {
            let value = |name: &String| EnumValue { name: name.clone(), ..EnumValue::default() };
            (ty.kind, ty.enum_values) = (Kind::Enum, Some(values.iter().map(value).collect()));
        }
    }
    Ok(schema.to_string())
}

/// Parses and validates the schema of an introspection result.
#[cfg(test)]
pub(crate) fn valid_schema(introspection_json: &str) -> Result<Valid<Schema>, SandboxError> {
    validate(Schema::builder().parse(sdl(introspection_json)?, "schema.graphql"))
}

/// Builds and validates a schema.
pub(crate) fn validate(builder: SchemaBuilder) -> Result<Valid<Schema>, SandboxError> {
    let schema = builder.build().and_then(Schema::validate);
    schema.map_err(|invalid| SandboxError::Schema(invalid.errors.to_string()))
}

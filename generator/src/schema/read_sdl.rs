//! Schema definition language to a checked schema, by way of an introspection result.

use super::{IntrospectionQuery, Schema};
use crate::Error;
use apollo_compiler::introspection::partial_execute;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::{ExecutableDocument, Name, Schema as Sdl};
use std::collections::{BTreeMap, BTreeSet};

/// Directives of the GraphQL specification that the engine applies. Others say nothing about the schema and need
/// no definition, but for `@oneOf`, which is read here.
const KNOWN: [&str; 2] = ["deprecated", "specifiedBy"];

/// How many mistakes of a text are printed. Each is quoted with its lines, and the others often follow from them.
const MAX_MISTAKES: usize = 10;

impl Schema {
    /// Reads the schema definition language. Directives of an engine, such as those of Apollo Federation, may
    /// lack their definition, types may be extended that are not defined, and built-in scalars may be defined.
    ///
    /// # Errors
    /// When the text is not valid, with the place and the reason.
    pub fn from_sdl(text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let invalid = |reason: String| Error::Schema(format!("the schema is no valid SDL:\n{reason}"));
        let builder = Sdl::builder().adopt_orphan_extensions().ignore_builtin_redefinitions();
        let parsed = builder.parse(text, "schema.graphql").build();
        let mut schema = parsed.map_err(|error| invalid(first(&error.errors)))?;
        let (one_of, specifications) = (one_of(&schema), specifications(&schema));
        without_unknown_directives(&mut schema);
        let schema = schema.validate().map_err(|error| invalid(first(&error.errors)))?;
        let query = IntrospectionQuery { one_of: false, ..IntrospectionQuery::default() }.document();
        let response = || {
            let document = ExecutableDocument::parse_and_validate(&schema, query, "introspection.graphql");
            let document = document.map_err(|error| first(&error.errors))?;
            let operation = document.operations.get(None).map_err(|error| format!("{error:?}"))?;
            let variables = coerce_variable_values(&schema, operation, &Default::default());
            let variables = variables.map_err(|error| format!("{error:?}"))?;
            partial_execute(&schema, &schema.implementers_map(), &document, operation, &variables)
                .map_err(|error| format!("{error:?}"))
        };
        let mut schema = Self::from_json(&serde_json::to_string(&response().map_err(invalid)?)?)?;
        for ty in schema.types.iter_mut().filter(|ty| one_of.contains(&ty.name)) {
            ty.is_one_of = Some(true);
        }
        for ty in &mut schema.types {
            ty.specified_by_url = specifications.get(&ty.name).cloned();
        }
        Ok(schema)
    }
}

/// The first mistakes, and how many more there are.
fn first(mistakes: &DiagnosticList) -> String {
    let mut text: String = mistakes.iter().take(MAX_MISTAKES).map(|mistake| mistake.to_string()).collect();
    let more = mistakes.len().saturating_sub(MAX_MISTAKES);
    if more > 0 {
        text.push_str(&format!("and {more} more"));
    }
    text
}

/// The input objects that take exactly one of their fields.
fn one_of(schema: &Sdl) -> BTreeSet<String> {
    let types = schema.types.iter().filter(|(_, ty)| ty.directives().has("oneOf"));
    types.map(|(name, _)| name.to_string()).collect()
}

/// The addresses of the specifications of scalars, which older engines do not introspect.
fn specifications(schema: &Sdl) -> BTreeMap<String, String> {
    let url = |ty: &ExtendedType| {
        let directive = ty.directives().get("specifiedBy")?;
        Some(directive.specified_argument_by_name("url")?.as_str()?.to_owned())
    };
    schema.types.iter().filter_map(|(name, ty)| Some((name.to_string(), url(ty)?))).collect()
}

fn without_unknown_directives(schema: &mut Sdl) {
    let is_known = |name: &Name| KNOWN.contains(&name.as_str());
    schema.schema_definition.make_mut().directives.0.clear();
    for ty in schema.types.values_mut() {
        match ty {
            ExtendedType::Scalar(ty) => ty.make_mut().directives.0.retain(|it| is_known(&it.name)),
            ExtendedType::Union(ty) => ty.make_mut().directives.0.clear(),
            ExtendedType::Object(ty) => {
                let ty = ty.make_mut();
                ty.directives.0.clear();
                ty.fields.values_mut().for_each(|field| clean_field(field.make_mut()));
            }
            ExtendedType::Interface(ty) => {
                let ty = ty.make_mut();
                ty.directives.0.clear();
                ty.fields.values_mut().for_each(|field| clean_field(field.make_mut()));
            }
            ExtendedType::Enum(ty) => {
                let ty = ty.make_mut();
                ty.directives.0.clear();
                for value in ty.values.values_mut() {
                    value.make_mut().directives.0.retain(|it| is_known(&it.name));
                }
            }
            ExtendedType::InputObject(ty) => {
                let ty = ty.make_mut();
                ty.directives.0.retain(|it| is_known(&it.name));
                for field in ty.fields.values_mut() {
                    field.make_mut().directives.0.retain(|it| is_known(&it.name));
                }
            }
        }
    }
}

fn clean_field(field: &mut apollo_compiler::ast::FieldDefinition) {
    field.directives.0.retain(|it| KNOWN.contains(&it.name.as_str()));
    for argument in &mut field.arguments {
        argument.make_mut().directives.0.retain(|it| KNOWN.contains(&it.name.as_str()));
    }
}

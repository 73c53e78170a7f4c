//! A server of the schemas of all cases, on a socket: an engine that is not ours executes each document.

use crate::http;
use apollo_compiler::ast::Type;
use apollo_compiler::executable::Operation;
use apollo_compiler::resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::JsonValue;
use apollo_compiler::schema::{ExtendedType, Name};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A schema that is served, and what its fields return in place of the usual data.
pub(crate) struct Served {
    schema: Valid<Schema>,
    answers: BTreeMap<String, Value>,
}

impl Served {
    pub(crate) fn new(sdl: &str, answers: BTreeMap<String, Value>) -> Self {
        Self { schema: Schema::parse_and_validate(sdl, "schema.graphql").unwrap(), answers }
    }
}

/// Serves schemas by the path of the request for as long as this process lives, and returns the origin.
pub(crate) fn serve(schemas: BTreeMap<String, Served>) -> String {
    http::serve(move |request| {
        let response = execute(&schemas[request.path()], &serde_json::from_slice(&request.body).unwrap());
        ("200 OK", response.to_string())
    })
}

fn execute(served: &Served, request: &Value) -> Value {
    let refused = |message: String| json!({"errors": [{ "message": message }]});
    let schema = &served.schema;
    let query = request["query"].as_str().unwrap();
    let document = match ExecutableDocument::parse_and_validate(schema, query, "query.graphql") {
        Ok(document) => document,
        Err(error) => return refused(error.errors.to_string()),
    };
    let operation = document.operations.get(None).unwrap();
    if let Some(ty) = broken_one_of(schema, operation, &request["variables"]) {
        return refused(format!("exactly one field of {ty} must be given, and not null"));
    }
    let variables = serde_json::from_value(request["variables"].clone()).unwrap_or_default();
    let root = Data { served, ty: operation.object_type(), arguments: Arc::default() };
    match Execution::new(schema, &document).raw_variable_values(&variables).execute_sync(&root) {
        Ok(response) => serde_json::to_value(&response).unwrap(),
        Err(error) => refused(error.message().to_string()),
    }
}

/// The type of a variable of which not exactly one field is given: the engine does not know `@oneOf`.
fn broken_one_of(schema: &Schema, operation: &Operation, variables: &Value) -> Option<String> {
    let types = operation.variables.iter().map(|it| (it.name.as_str(), it.ty.inner_named_type()));
    let mut types = types.filter(|(_, ty)| schema.types[*ty].directives().has("oneOf"));
    let broken = types.find(|(name, _)| {
        let given = variables[name].as_object().filter(|fields| fields.len() == 1);
        given.is_none_or(|fields| fields.values().any(Value::is_null))
    });
    broken.map(|(_, ty)| ty.to_string())
}

/// An object whose fields tell their names, and the arguments of the last field above that has some.
#[derive(Clone)]
struct Data<'a> {
    served: &'a Served,
    ty: &'a Name,
    arguments: Arc<str>,
}

impl ObjectValue for Data<'_> {
    fn type_name(&self) -> &str {
        self.ty
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let name = info.field_name();
        let mut below = self.clone();
        let mut text = name.to_owned();
        if !info.arguments().is_empty() {
            let arguments: BTreeMap<_, _> =
                info.arguments().iter().map(|(name, value)| (name.as_str(), value)).collect();
            below.arguments = serde_json::to_string(&arguments).unwrap().into();
            text = format!("{name}({})", below.arguments);
        }
        if name == "seen" {
            text = self.arguments.to_string();
        }
        let path = format!("{}.{name}", self.ty);
        let ty = &info.field_definition().ty;
        let given = self.served.answers.get(&path);
        Ok(below.value(ty, given, &text))
    }
}

impl<'a> Data<'a> {
    /// A value of this type: a given one, or one of the usual data.
    fn value(&self, ty: &Type, given: Option<&Value>, text: &str) -> ResolvedValue<'a> {
        if given.is_some_and(|it| it == "null") {
            return ResolvedValue::null();
        }
        let (Type::Named(name) | Type::NonNullNamed(name)) = ty else {
            let values = match given {
                Some(Value::Array(values)) => values.iter().map(Some).collect(),
                // A payload without errors.
                None if text.to_ascii_lowercase().ends_with("errors") => Vec::new(),
                given => vec![given],
            };
            return ResolvedValue::list(
                values.into_iter().map(|it| self.value(ty.item_type(), it, text)).collect::<Vec<_>>(),
            );
        };
        let (name, definition) = self.served.schema.types.get_key_value(name).unwrap();
        let types = &self.served.schema.types;
        let possible = match definition {
            ExtendedType::Object(_) => name,
            ExtendedType::Interface(_) | ExtendedType::Union(_) => {
                let given = given.and_then(Value::as_str);
                let is_given = |ty: &&Name| given.is_none_or(|given| *ty == given);
                let mut possible = types
                    .iter()
                    .filter(|(ty, _)| self.served.schema.is_subtype(name, ty) && types[*ty].is_object());
                possible.find(|(ty, _)| is_given(ty)).unwrap().0
            }
            _ => {
                let value = given.cloned().unwrap_or_else(|| usual(name, definition, text));
                return ResolvedValue::leaf(serde_json::from_value::<JsonValue>(value).unwrap());
            }
        };
        ResolvedValue::object(Data { ty: possible, ..self.clone() })
    }
}

/// A leaf of the usual data.
fn usual(name: &str, definition: &ExtendedType, text: &str) -> Value {
    match (name, definition) {
        (_, ExtendedType::Enum(values)) => json!(values.values.first().unwrap().0),
        ("Boolean", _) => json!(!text.starts_with("has")),
        ("Int", _) => json!(7),
        ("Float", _) => json!(1.5),
        ("ID", _) => json!("17"),
        ("Day", _) => json!("2026-11-29"),
        ("Money", _) => json!({"cents": 100}),
        _ => json!(text),
    }
}

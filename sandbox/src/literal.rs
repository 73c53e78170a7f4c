//! Errors of invalid literals in a document, in the style of graphql-ruby.
//!
//! Extensions and path are those of an error that the real server is known to return: the path leads
//! through the document, from the operation type on, not through the response. The message, the name after
//! the operation type and the steps for fragments follow graphql-ruby.

use apollo_compiler::ast::{Type, Value};
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::parser::{LineColumn, SourceMap};
use apollo_compiler::response::{GraphQLError, ResponseDataPathSegment};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};
use serde_json::{Value as Json, json};

use crate::model::Model;
use crate::scalar;

/// The engine's names of errors about literals. A test fails if they change.
const LITERAL_ERRORS: [&str; 4] =
    ["UnsupportedValueType", "UndefinedEnumValue", "IntCoercionError", "FloatCoercionError"];

/// The errors of a document: those that the engine found, and invalid values of custom scalars, which the
/// engine does not check.
pub(crate) fn errors(
    schema: &Schema,
    model: &Model,
    document: &ExecutableDocument,
    found: Option<&DiagnosticList>,
) -> Vec<GraphQLError> {
    let (mut errors, mut reported) = (Vec::new(), Vec::new());
    for diagnostic in found.iter().flat_map(|found| found.iter()) {
        let is_of_literal =
            diagnostic.error.unstable_error_name().is_some_and(|it| LITERAL_ERRORS.contains(&it));
        match diagnostic.line_column_range().filter(|_| is_of_literal) {
            Some(place) => reported.push((place.start, diagnostic.to_json())),
            None => errors.push(diagnostic.to_json()),
        }
    }
    let (sources, path) = (&document.sources, Vec::new());
    let mut checker = LiteralChecker { schema, model, sources, reported, path, errors };
    for operation in document.operations.iter() {
        let name = operation.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        let step = format!("{}{name}", operation.operation_type);
        checker.below(&step, |checker| checker.selections(&operation.selection_set));
    }
    for (name, fragment) in &document.fragments {
        checker.below(&format!("fragment {name}"), |checker| checker.selections(&fragment.selection_set));
    }
    // Errors elsewhere, such as in the default of a variable, keep the engine's message.
    let LiteralChecker { mut errors, reported, .. } = checker;
    errors.extend(reported.into_iter().map(|(_, error)| error));
    errors
}

struct LiteralChecker<'a> {
    schema: &'a Schema,
    model: &'a Model,
    sources: &'a SourceMap,
    /// The literal errors of the engine with their positions; removed when the literal is visited.
    reported: Vec<(LineColumn, GraphQLError)>,
    path: Vec<String>,
    errors: Vec<GraphQLError>,
}

impl LiteralChecker<'_> {
    fn below(&mut self, step: &str, visit: impl FnOnce(&mut Self)) {
        self.path.push(step.to_owned());
        visit(self);
        self.path.pop();
    }

    fn selections(&mut self, set: &SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => self.below(field.response_key(), |checker| {
                    for argument in &field.arguments {
                        if let Some(of) = field.definition.argument_by_name(&argument.name) {
                            checker.value(("Field", &field.name), &of.name, &of.ty, &argument.value);
                        }
                    }
                    checker.selections(&field.selection_set);
                }),
                Selection::InlineFragment(fragment) => {
                    let on = fragment.type_condition.as_ref().map(|on| format!("... on {on}"));
                    let step = on.as_deref().unwrap_or("...");
                    self.below(step, |checker| checker.selections(&fragment.selection_set));
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// Checks the value of an argument or input field.
    fn value(&mut self, (kind, owner): (&str, &Name), name: &Name, ty: &Type, value: &Node<Value>) {
        self.below(name, |checker| {
            if checker.is_invalid(ty, value) {
                let path = checker.path.iter().map(|step| ResponseDataPathSegment::Field(Name::new_unchecked(step)));
                let extensions = [
                    ("code", "argumentLiteralsIncompatible"),
                    ("typeName", kind),
                    ("argumentName", name.as_str()),
                ];
                let text = value.serialize().no_indent().to_string();
                checker.errors.push(GraphQLError {
                    message: format!(
                        "Argument '{name}' on {kind} '{owner}' has an invalid value ({text}). Expected type '{ty}'."
                    ),
                    locations: checker.start(value).into_iter().collect(),
                    path: path.collect(),
                    extensions: extensions.into_iter().map(|(name, text)| (name.into(), text.into())).collect(),
                });
            }
            checker.fields(ty, value);
        });
    }

    fn start(&self, value: &Node<Value>) -> Option<LineColumn> {
        Some(value.location()?.line_column_range(self.sources)?.start)
    }

    /// Checks the fields of input objects.
    fn fields(&mut self, ty: &Type, value: &Node<Value>) {
        match (value.as_ref(), self.schema.types.get(ty.inner_named_type())) {
            (Value::List(items), _) => items.iter().for_each(|item| self.fields(ty, item)),
            (Value::Object(fields), Some(ExtendedType::InputObject(input))) => {
                for (name, value) in fields {
                    if let Some(field) = input.fields.get(name) {
                        self.value(("InputObject", &input.name), name, &field.ty, value);
                    }
                }
            }
            _ => {}
        }
    }

    fn is_invalid(&mut self, ty: &Type, value: &Node<Value>) -> bool {
        // The engine checks variables.
        if value.as_variable().is_some() {
            return false;
        }
        let start = self.start(value);
        let before = self.reported.len();
        self.reported.retain(|(place, _)| Some(place) != start.as_ref());
        let is_reported = self.reported.len() < before;
        let (schema, model) = (self.schema, self.model);
        let is_wrong = match (value.as_ref(), schema.types.get(ty.inner_named_type())) {
            (Value::List(items), _) if ty.is_list() => {
                items.iter().fold(false, |found, item| self.is_invalid(ty.item_type(), item) | found)
            }
            (Value::Null, _) => false,
            (value, Some(ExtendedType::Scalar(scalar))) => json_of(value).is_some_and(|json| {
                scalar::check(&scalar.name, model.enum_values(&scalar.name), &json).is_err()
            }),
            _ => false,
        };
        is_wrong | is_reported
    }
}

/// A literal as JSON; `None` if it contains a variable.
fn json_of(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Variable(_) => return None,
        Value::Null => Json::Null,
        Value::Enum(name) => json!(name.as_str()),
        Value::String(text) => json!(text),
        Value::Boolean(value) => json!(value),
        Value::Int(number) => number.as_str().parse().ok()?,
        Value::Float(number) => number.as_str().parse().ok()?,
        Value::List(items) => Json::Array(items.iter().map(|item| json_of(item)).collect::<Option<_>>()?),
        Value::Object(fields) => {
            let field = |(name, value): &(Name, Node<Value>)| Some((name.to_string(), json_of(value)?));
            Json::Object(fields.iter().map(field).collect::<Option<_>>()?)
        }
    })
}

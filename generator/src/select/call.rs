//! Functions around generated calls.

use super::error::SelectError;
use super::print::{Source, replaced};
use super::resolve::{Operation, Part, SelectedField};
use crate::ir::{Call, RustType};
use crate::names;
use apollo_compiler::ast::Value;

impl Source<'_> {
    /// A function around a generated call, where the operation is one root field that it can express.
    pub(super) fn call(
        &mut self,
        operation: &Operation<'_>,
        field: &SelectedField<'_>,
    ) -> Result<Option<String>, SelectError> {
        let (declared, selected) = match &field.part {
            Part::Object(declared, selected) | Part::Connection(declared, selected, _) => {
                (*declared, selected)
            }
            Part::Leaf(_) | Part::TypeName => return Ok(None),
        };
        let mut calls = self.ir.files.values().flat_map(|file| &file.calls);
        let call = calls.find(|call| {
            call.field.name == declared.graphql && call.operation.keyword() == operation.keyword
        });
        let Some(call) = call.filter(|call| expresses(call, field)) else { return Ok(None) };

        let mut parameters = vec!["client: &Client".to_owned()];
        let mut given = Vec::new();
        for parameter in &call.parameters {
            parameters.push(format!("{}: {}", parameter.rust, self.rust(&parameter.ty)));
            given.push(parameter.rust.clone());
        }
        let mut chain = Vec::new();
        let ty = self.selection(selected, None)?;
        let Some(connection) = &call.connection else {
            let result = replaced(&call.ty, &ty);
            let chain = [format!(".select::<{ty}>()"), ".await".to_owned()];
            return Ok(Some(function(operation, &call.rust, &parameters, &result, &given, &chain)));
        };
        for (name, value) in &field.arguments {
            let option = connection.options.iter().find(|option| option.argument == *name);
            let (setter, declared) = match option.map(|option| (option.function, option.ty.clone())) {
                Some(("order", of)) => ("order", Some(RustType::List(Box::new(of)))),
                Some((function, of)) => (function, Some(of)),
                None => ("limit", None),
            };
            match (declared, value) {
                (Some(RustType::Generated(of)), Value::Enum(value)) => {
                    let variant = self.variant(&of, value)?;
                    chain.push(format!(".{setter}({}::{variant})", self.import(&of)));
                }
                (Some(ty), _) => {
                    parameters.push(format!("{setter}: {}", self.rust(&ty)));
                    chain.push(format!(".{setter}({setter})"));
                }
                (None, Value::Int(size)) => chain.push(format!(".{setter}({})", size.as_str())),
                (None, _) => {
                    parameters.push(format!("{setter}: usize"));
                    chain.push(format!(".{setter}({setter})"));
                }
            }
        }
        chain.extend([format!(".select::<{ty}>()"), ".all()".to_owned(), ".await".to_owned()]);
        Ok(Some(function(operation, &call.rust, &parameters, &format!("Vec<{ty}>"), &given, &chain)))
    }
}

/// Whether a generated call can send the arguments of a root field.
fn expresses(call: &Call, field: &SelectedField<'_>) -> bool {
    let options = call.connection.iter().flat_map(|connection| &connection.options);
    let options: Vec<&str> = options.map(|option| option.argument.as_str()).collect();
    let is_whole = matches!(field.part, Part::Connection(_, _, true));
    let required = |name: &str| call.parameters.iter().any(|parameter| parameter.argument.name == name);
    let setter = |name: &str| call.connection.is_some() && (name == "first" || options.contains(&name));
    // An argument that is a constant would become a parameter.
    let is_variable = |value: &Value| matches!(value, Value::Variable(_));
    field.key == field_name(field)
        && !is_whole
        && field.arguments.iter().all(|(name, value)| setter(name) || (required(name) && is_variable(value)))
}

fn field_name<'f>(field: &'f SelectedField<'_>) -> &'f str {
    match &field.part {
        Part::TypeName => "__typename",
        Part::Leaf(declared) | Part::Object(declared, _) | Part::Connection(declared, ..) => {
            &declared.graphql
        }
    }
}

/// A function that sends one call.
fn function(
    operation: &Operation<'_>,
    call: &str,
    parameters: &[String],
    result: &str,
    given: &[String],
    chain: &[String],
) -> String {
    let name = operation.name.as_deref().map_or_else(|| call.to_owned(), names::snake);
    let call = format!(".{call}({})", given.join(", "));
    let line = format!("    client{call}{}", chain.concat());
    let body = match line.len() {
        ..=100 => line,
        _ => format!("    client\n        {call}\n        {}", chain.join("\n        ")),
    };
    format!("pub async fn {name}({}) -> SDK::Result<{result}> {{\n{body}\n}}\n", parameters.join(", "))
}

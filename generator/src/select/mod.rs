//! Selections for a GraphQL document: the structs to derive, and the calls.
//!
//! `resolve` checks a document against the representation and merges its fragments; `print` writes Rust.

mod call;
mod error;
mod print;
mod resolve;

pub use error::SelectError;

use crate::Generator;
use apollo_compiler::ast::{Definition, Document};
use apollo_compiler::validation::DiagnosticList;

impl Generator {
    /// Rust source for the operations of a GraphQL document: a struct with `#[derive(Select)]` for each
    /// selection, and a function that sends the operation.
    ///
    /// `sdk` is the path of the crate of the SDK.
    ///
    /// # Errors
    /// When the text is not valid GraphQL, has no operation, or selects something that the schema
    /// does not have, or something that a derived selection cannot express.
    pub fn select(&self, document: &str, sdk: &str) -> Result<String, SelectError> {
        let document = Document::parse(document, "query.graphql")
            .map_err(|error| SelectError(syntax_errors(&error.errors)))?;
        let mut source = print::Source::new(&self.ir);
        for definition in &document.definitions {
            match definition {
                Definition::OperationDefinition(operation) => {
                    source.operation(&resolve::operation(&self.ir, &document, operation)?)?;
                }
                Definition::FragmentDefinition(_) => {}
                _ => return Err(SelectError("write operations and fragments, not a schema".to_owned())),
            }
        }
        source.finish(sdk).ok_or_else(|| SelectError("the document has no operation".to_owned()))
    }
}

/// The first syntax error, since the others follow from it.
fn syntax_errors(errors: &DiagnosticList) -> String {
    let error = errors.iter().next();
    let place = error.as_ref().and_then(|error| error.line_column_range());
    let place = place.map(|range| format!(" in line {}, column {}", range.start.line, range.start.column));
    let message = error.map(|error| error.error.to_string()).unwrap_or_default();
    format!("the document has a syntax error{}: {message}", place.unwrap_or_default())
}

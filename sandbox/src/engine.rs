//! GraphQL without a socket: a schema, a store and the engine that runs documents over them.

use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::OperationType;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::{ExecutionResponse, GraphQLError, JsonMap, JsonValue};
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Name, Schema};
use serde::Serialize;
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

use crate::ceiling;
use crate::data::Source;
use crate::error::SandboxError;
use crate::limits::{Limits, Standing};
use crate::model::Model;
use crate::mutation::MutationRoot;
use crate::resolve::QueryRoot;
use crate::sandbox::DEMO_ACCOUNT;
use crate::schema::valid_schema;
use crate::seed;
use crate::store::Store;

/// A schema with a store behind it.
///
/// Documents and variables are judged by `apollo-compiler` alone. Engines share nothing, so each
/// test can have its own.
pub struct Engine {
    schema: Valid<Schema>,
    implementers: HashMap<Name, Implementers>,
    model: Model,
    store: RwLock<Arc<Store>>,
    limits: Limits,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes an engine from an introspection result, with the sandbox's own records.
    ///
    /// # Errors
    /// When the text is not an introspection result or the schema in it is not valid.
    pub fn new(schema_json: &str) -> Result<Self, SandboxError> {
        Self::for_account(schema_json, DEMO_ACCOUNT)
    }

    /// The same, with `account` as the name of the own account.
    pub(crate) fn for_account(schema_json: &str, account: &str) -> Result<Self, SandboxError> {
        let schema = valid_schema(schema_json)?;
        if schema.schema_definition.query.is_none() {
            return Err(SandboxError::NoQueryType);
        }
        let model = Model::new(&schema);
        let store = seed::store(&model, account);
        Ok(Self {
            implementers: schema.implementers_map(),
            store: RwLock::new(Arc::new(store)),
            limits: Limits::default(),
            schema,
            model,
        })
    }

    /// Judges a document without running it.
    ///
    /// # Errors
    /// One message for each rule the document breaks.
    pub fn validate(&self, document: &str) -> Result<(), Vec<String>> {
        match ExecutableDocument::parse_and_validate(&self.schema, document, "document.graphql") {
            Ok(_) => Ok(()),
            Err(invalid) => {
                Err(invalid.errors.iter().map(|diagnostic| diagnostic.to_json().message).collect())
            }
        }
    }

    /// Runs a request body (`query`, `variables`, `operationName`) and returns the response body.
    ///
    /// Root connections select by their `filter` argument. A filter field speaks of the record's
    /// field of that name, of a connection in the plural, or of a field of a related record
    /// (`requestedForVip` is `requestedFor.vip`); the values of one field are alternatives, the
    /// fields of one filter must all hold. `values: []` finds empty fields, and together with
    /// `negate: true` filled ones. Texts are compared exactly, `query` looks for all its words in
    /// the record's texts. A filter or order field the sandbox cannot find on the record is
    /// answered with an error, not ignored.
    ///
    /// Mutations change the store for all later calls.
    #[must_use]
    pub fn execute(&self, body: &Value) -> Value {
        let standing = self.limits.charge();
        serde_json::to_value(self.answer(body, &standing)).unwrap_or_default()
    }

    /// Like [`Engine::execute`], as text and with what the request cost. The text keeps the fields
    /// in the order the document asks for them; `serde_json::Value` sorts them by name.
    pub(crate) fn respond(&self, body: &Value) -> (String, Standing) {
        let standing = self.limits.charge();
        let response = self.answer(body, &standing);
        let text = serde_json::to_string(&response).unwrap_or_default();
        (text, standing)
    }

    pub(crate) fn standing(&self) -> Standing {
        self.limits.look()
    }

    fn answer(&self, body: &Value, standing: &Standing) -> Response {
        let mut response = match self.run(body, standing) {
            Ok(ExecutionResponse { errors, data }) => Response { errors, data: Some(data) },
            Err(errors) => Response { errors, data: None },
        };
        // The engine marks errors of resolvers as such; the real server does not.
        for error in &mut response.errors {
            if let Some(message) = error.message.strip_prefix("resolver error: ") {
                error.message = message.to_owned();
            }
        }
        response
    }

    fn run(&self, body: &Value, standing: &Standing) -> Result<ExecutionResponse, Vec<GraphQLError>> {
        let refuse = |message: &str| vec![GraphQLError::new(message, None, &Default::default())];
        let Some(query) = body.get("query").and_then(Value::as_str) else {
            return Err(refuse("the request has no `query` text"));
        };
        let operation_name = match body.get("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name.as_str()),
            Some(_) => return Err(refuse("`operationName` is not a text")),
        };
        let raw = match body.get("variables") {
            None | Some(Value::Null) => JsonMap::new(),
            Some(variables) => match JsonValue::from(variables.clone()) {
                JsonValue::Object(variables) => variables,
                _ => return Err(refuse("`variables` is not an object")),
            },
        };
        let document = ExecutableDocument::parse_and_validate(&self.schema, query, "document.graphql")
            .map_err(|invalid| -> Vec<GraphQLError> {
                invalid.errors.iter().map(|e| e.to_json()).collect()
            })?;
        let request_error =
            |error: apollo_compiler::request::RequestError| vec![error.to_graphql_error(&document.sources)];
        let operation = document.operations.get(operation_name).map_err(request_error)?;
        let variables = coerce_variable_values(&self.schema, operation, &raw).map_err(request_error)?;
        ceiling::check(&self.model, &document, operation, &variables).map_err(|message| refuse(&message))?;

        let execution = Execution::new(&self.schema, &document)
            .operation(operation)
            .coerced_variable_values(&variables)
            .implementers_map(&self.implementers)
            .enable_schema_introspection(true);
        let root_type = operation.object_type().as_str();
        match operation.operation_type {
            OperationType::Mutation => {
                execution.execute_sync(&MutationRoot::new(&self.model, &self.store, root_type))
            }
            OperationType::Query | OperationType::Subscription => {
                let store = Arc::clone(&self.store.read().unwrap_or_else(PoisonError::into_inner));
                let source = Source { model: &self.model, store: &store };
                execution.execute_sync(&QueryRoot::new(source, root_type, standing))
            }
        }
        .map_err(request_error)
    }
}

/// A response body. `data` is missing when the request was refused as a whole, and null when an
/// error in it left nothing to send.
#[derive(Serialize)]
struct Response {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<GraphQLError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Option<JsonMap>>,
}

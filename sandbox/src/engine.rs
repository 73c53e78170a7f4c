//! The GraphQL engine: a schema, a store, and `apollo-compiler` executing documents over them.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::{Operation, OperationType};
use apollo_compiler::request::{RequestError, coerce_variable_values};
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::{ExecutionResponse, GraphQLError, JsonMap, JsonValue};
use apollo_compiler::validation::Valid;
use parking_lot::RwLock;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::async_query::{self, AsyncJob, Progress, Results};
use crate::defaults::NO_ORIGIN;
use crate::exact_number;
use crate::limits::{LimitSettings, Limits, QuotaSnapshot};
use crate::literal;
use crate::model::Model;
use crate::mutation::{Action, AsyncResultRoot, MutationContext, MutationRoot};
use crate::node_limit;
use crate::query_root::{self, QueryRoot};
use crate::scopes::{READ, Scopes, scope};
use crate::shared_schema::SharedSchema;
use crate::source::{PageFault, Source};
use crate::storage::Uploads;
use crate::store::Store;
use crate::webhook::{Outbox, Policies};

/// The language of a request without a language header.
pub(crate) const ENGLISH: &str = "en";

/// A GraphQL engine over a schema and a store of its own, without a socket.
///
/// `apollo-compiler` alone validates documents and coerces variables. Engines share nothing that
/// changes, so each test can have its own.
pub struct Engine {
    shared: Arc<SharedSchema>,
    store: RwLock<Arc<Store>>,
    pub(crate) limits: Limits,
    /// The node limit of a document.
    pub(crate) max_nodes: u64,
    scopes: Scopes,
    origin: String,
    results: Results,
    uploads: Uploads,
    outbox: Option<Outbox>,
    policies: Policies,
}

/// The settings of an engine.
pub(crate) struct EngineSettings {
    pub(crate) scopes: Scopes,
    pub(crate) max_nodes: u64,
    /// `http://127.0.0.1:4010`, if there is a socket.
    pub(crate) origin: Option<String>,
    /// `https://127.0.0.1:4011`, if there is a socket.
    pub(crate) account_url: Option<String>,
    pub(crate) limits: LimitSettings,
    pub(crate) uploads: Uploads,
    /// The webhook deliveries, if there is a socket.
    pub(crate) outbox: Option<Outbox>,
}

/// The context of one request.
pub(crate) struct RequestContext<'a> {
    pub(crate) language: &'a str,
    pub(crate) quota: QuotaSnapshot,
    pub(crate) max_nodes: u64,
    /// The fault of all pages in the response.
    pub(crate) pages: Option<PageFault>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    pub(crate) fn with_settings(shared: Arc<SharedSchema>, settings: EngineSettings) -> Self {
        Self {
            store: RwLock::new(Arc::clone(&shared.store)),
            limits: Limits::new(settings.limits),
            max_nodes: settings.max_nodes,
            scopes: settings.scopes,
            origin: settings.origin.unwrap_or_else(|| NO_ORIGIN.to_owned()),
            results: Results::default(),
            uploads: settings.uploads,
            outbox: settings.outbox,
            policies: Policies::new(settings.account_url.unwrap_or_else(|| NO_ORIGIN.to_owned())),
            shared,
        }
    }

    /// Validates a document without executing it.
    ///
    /// # Errors
    /// One message for each rule the document breaks.
    pub fn validate(&self, document: &str) -> Result<(), Vec<String>> {
        match ExecutableDocument::parse_and_validate(&self.shared.schema, document, "document.graphql") {
            Ok(_) => Ok(()),
            Err(invalid) => {
                Err(invalid.errors.iter().map(|diagnostic| diagnostic.to_json().message).collect())
            }
        }
    }

    /// Executes a request body (`query`, `variables`, `operationName`) and returns the response body.
    ///
    /// Decimals pass through `serde_json`'s 64-bit floating point here; over a socket they keep all
    /// their digits.
    ///
    /// Mutations change the store for all later calls.
    #[must_use]
    pub fn execute(&self, body: &Value) -> Value {
        // Limits are enforced over a socket only.
        let quota = self.limits.charge("").unwrap_or_else(|exceeded| exceeded.quota);
        let context = RequestContext { language: ENGLISH, quota, max_nodes: self.max_nodes, pages: None };
        serde_json::from_str(&self.response(body, &context).into_json()).unwrap_or_default()
    }

    /// Like [`Engine::execute`], as text: fields keep the order of the document, which
    /// `serde_json::Value` sorts by name, and decimals keep their digits.
    pub(crate) fn respond(&self, body: &[u8], context: &RequestContext<'_>) -> String {
        let body = exact_number::mark(std::str::from_utf8(body).unwrap_or_default());
        let body = serde_json::from_str(&body).unwrap_or_default();
        self.response(&body, context).into_json()
    }

    /// The attachment storage.
    pub(crate) fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    /// The webhook deliveries; none without a socket.
    pub(crate) fn outbox(&self) -> Option<&Outbox> {
        self.outbox.as_ref()
    }

    pub(crate) fn model(&self) -> &Model {
        &self.shared.model
    }

    /// Changes records outside a mutation.
    pub(crate) fn change_store<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        change(Arc::make_mut(&mut self.store.write()))
    }

    /// The keys of webhook policies.
    pub(crate) fn policies(&self) -> &Policies {
        &self.policies
    }

    /// The result of asynchronous work, by the number of its `AsyncQuery`: `{}` at the first poll.
    /// `None` if there is no such work.
    pub(crate) fn poll(&self, number: &str) -> Option<String> {
        self.results.poll(number, |key, progress| {
            self.change_store(|store| async_query::record_progress(store, key, progress));
        })
    }

    /// # Errors
    /// The server's message if tokens lack the scope for this action on records of the type.
    pub(crate) fn require(&self, record_type: &str, action: &str) -> Result<(), String> {
        self.scopes.require(&[scope(record_type, action)])
    }

    /// The scopes of every token: those configured, or all that the schema uses.
    pub(crate) fn granted_scopes(&self) -> BTreeSet<String> {
        if let Scopes::Only(granted) = &self.scopes {
            return granted.clone();
        }
        let SharedSchema { schema, model, .. } = &*self.shared;
        let fields = |operation| {
            let root = schema.root_operation(operation).and_then(|root| schema.get_object(root));
            root.into_iter().flat_map(|root| &root.fields)
        };
        let reads = fields(OperationType::Query)
            .filter_map(|(_, field)| model.node_type(field.ty.inner_named_type()))
            .map(|node_type| scope(node_type, READ));
        let writes = fields(OperationType::Mutation).flat_map(|(name, field)| {
            let action = Action::read(model, schema, name, field.ty.inner_named_type());
            action.map(|action| action.scopes()).unwrap_or_default()
        });
        reads.chain(writes).collect()
    }

    fn response(&self, body: &Value, context: &RequestContext<'_>) -> Response {
        let mut response = match self.run(body, context) {
            Ok(response) => response.into(),
            Err(errors) => Response { errors, data: None },
        };
        // The engine prefixes errors of resolvers; the real server does not.
        for error in &mut response.errors {
            if let Some(message) = error.message.strip_prefix("resolver error: ") {
                error.message = message.to_owned();
            }
        }
        response
    }

    fn run(
        &self,
        body: &Value,
        context: &RequestContext<'_>,
    ) -> Result<ExecutionResponse, Vec<GraphQLError>> {
        let refuse = |message: &str| vec![GraphQLError::new(message, None, &Default::default())];
        let Some(query) = body.get("query").and_then(Value::as_str) else {
            return Err(refuse("the request has no string `query`"));
        };
        let operation_name = match body.get("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name.as_str()),
            Some(_) => return Err(refuse("`operationName` is not a string")),
        };
        let mut raw = match body.get("variables") {
            None | Some(Value::Null) => JsonMap::new(),
            Some(variables) => match JsonValue::from(variables.clone()) {
                JsonValue::Object(variables) => variables,
                _ => return Err(refuse("`variables` is not an object")),
            },
        };
        let SharedSchema { schema, model, .. } = &*self.shared;
        let document = ExecutableDocument::parse_and_validate(schema, query, "document.graphql")
            .map_err(|invalid| literal::errors(schema, model, &invalid.partial, Some(&invalid.errors)))?;
        match literal::errors(schema, model, &document, None) {
            errors if errors.is_empty() => {}
            errors => return Err(errors),
        }
        let request_error = |error: RequestError| vec![error.to_graphql_error(&document.sources)];
        let operation = document.operations.get(operation_name).map_err(request_error)?;
        query_root::unmark_variables(schema, operation, &mut raw);
        let variables = coerce_variable_values(schema, operation, &raw).map_err(request_error)?;
        node_limit::check(model, &document, operation, &variables, context.max_nodes)
            .map_err(|message| refuse(&message))?;

        let execution = Execution::new(schema, &document)
            .operation(operation)
            .coerced_variable_values(&variables)
            .implementers_map(&self.shared.implementers)
            .enable_schema_introspection(true);
        let root_type = operation.object_type().as_str();
        if operation.operation_type == OperationType::Mutation {
            let Self { store, scopes, origin, uploads, policies, .. } = self;
            let (language, outbox) = (context.language, self.outbox());
            let context =
                MutationContext { model, store, scopes, origin, language, uploads, policies, outbox };
            let root = MutationRoot::new(context, root_type);
            let response = execution.execute_sync(&root);
            // Executed mutations are announced even if the rest of the document fails.
            let (async_jobs, applied) = root.into_results();
            if let Some(outbox) = outbox {
                outbox.announce(model, &applied);
            }
            let response = response.map_err(request_error)?;
            for job in async_jobs {
                let result = self.async_result(&document, operation, &variables, &job);
                self.results.add(&job, result);
            }
            return Ok(response);
        }
        let store = self.snapshot();
        let source = Source { model, store: &store, pages: context.pages };
        let permission = || self.uploads.permission(&self.origin);
        let root = QueryRoot::new(source, root_type, &context.quota, &self.scopes, &permission);
        execution.execute_sync(&root).map_err(request_error)
    }

    pub(crate) fn snapshot(&self) -> Arc<Store> {
        Arc::clone(&self.store.read())
    }

    /// Executes the document of asynchronous work a second time, for the result that is polled later.
    fn async_result(
        &self,
        document: &Valid<ExecutableDocument>,
        operation: &Operation,
        variables: &Valid<JsonMap>,
        job: &AsyncJob,
    ) -> String {
        let mut store = Store::clone(&self.snapshot());
        for progress in [Progress::Started, Progress::Done(job.items.len())] {
            async_query::record_progress(&mut store, &job.async_query, progress);
        }
        let SharedSchema { schema, model, implementers, .. } = &*self.shared;
        let type_name = operation.object_type().as_str();
        let root = AsyncResultRoot { model, store: Arc::new(store), type_name, job };
        let executed = Execution::new(schema, document)
            .operation(operation)
            .coerced_variable_values(variables)
            .implementers_map(implementers)
            .execute_sync(&root);
        let mut response = match executed {
            Ok(response) => Response::from(response),
            Err(error) => Response { errors: vec![error.to_graphql_error(&document.sources)], data: None },
        };
        if let Some(Some(data)) = &mut response.data {
            data.retain(|name, _| name.as_str() == job.response_key);
        }
        response.into_json()
    }
}

/// A response body. `data` is absent if the request was refused as a whole, and null if an error
/// propagated to the root.
#[derive(Serialize)]
struct Response {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<GraphQLError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Option<JsonMap>>,
}

impl From<ExecutionResponse> for Response {
    fn from(ExecutionResponse { errors, data }: ExecutionResponse) -> Self {
        Self { errors, data: Some(data) }
    }
}

impl Response {
    /// The body, with all digits of its decimals.
    fn into_json(self) -> String {
        exact_number::unmark(&serde_json::to_string(&self).unwrap_or_default()).into_owned()
    }
}

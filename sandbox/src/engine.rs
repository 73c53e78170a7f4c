//! The GraphQL engine: a schema, a store, and `apollo-compiler` executing documents over them.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::{Operation, OperationType};
use apollo_compiler::request::{RequestError, coerce_variable_values};
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::{ExecutionResponse, GraphQLError, JsonMap, JsonValue};
use apollo_compiler::validation::Valid;
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::account::Account;
use crate::async_query::{self, AsyncJob, Progress, Results};
use crate::exact_number;
use crate::limits::{Limits, QuotaSnapshot};
use crate::literal;
use crate::model::Model;
use crate::mutation::{Action, MutationRoot};
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
    pub(crate) account: Account,
    pub(crate) limits: Limits,
    /// The node limit of a document.
    pub(crate) max_nodes: u64,
    pub(crate) results: Results,
}

/// The context of one request.
pub(crate) struct RequestContext<'a> {
    pub(crate) language: &'a str,
    pub(crate) quota: QuotaSnapshot,
    pub(crate) max_nodes: u64,
    /// The fault of all pages in the response.
    pub(crate) pages: Option<PageFault>,
}

/// A response, or the errors of a request that was refused as a whole.
type Executed = Result<ExecutionResponse, Vec<GraphQLError>>;

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// Validates a document without executing it.
    ///
    /// # Errors
    /// One message for each rule the document breaks.
    pub fn validate(&self, document: &str) -> Result<(), Vec<String>> {
        let schema = &self.account.shared.schema;
        match ExecutableDocument::parse_and_validate(schema, document, "document.graphql") {
            Ok(_) => Ok(()),
            Err(invalid) => Err(invalid.errors.iter().map(|error| error.to_json().message).collect()),
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
        serde_json::from_str(&response_body(self.run(body, &context))).unwrap_or_default()
    }

    /// Like [`Engine::execute`], as text: fields keep the order of the document, which
    /// `serde_json::Value` sorts by name, and decimals keep their digits.
    pub(crate) fn respond(&self, body: &[u8], context: &RequestContext<'_>) -> String {
        let body = exact_number::mark(std::str::from_utf8(body).unwrap_or_default());
        response_body(self.run(&serde_json::from_str(&body).unwrap_or_default(), context))
    }

    pub(crate) fn uploads(&self) -> &Uploads {
        &self.account.uploads
    }

    pub(crate) fn outbox(&self) -> Option<&Outbox> {
        self.account.outbox.as_ref()
    }

    pub(crate) fn policies(&self) -> &Policies {
        &self.account.policies
    }

    pub(crate) fn model(&self) -> &Model {
        &self.account.shared.model
    }

    pub(crate) fn snapshot(&self) -> Arc<Store> {
        Arc::clone(&self.account.store.read())
    }

    /// Changes records outside a mutation.
    pub(crate) fn change_store<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        change(Arc::make_mut(&mut self.account.store.write()))
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
        self.account.scopes.require(&[scope(record_type, action)])
    }

    /// The scopes of every token: those configured, or all that the schema uses.
    pub(crate) fn granted_scopes(&self) -> BTreeSet<String> {
        if let Scopes::Only(granted) = &self.account.scopes {
            return granted.clone();
        }
        let SharedSchema { schema, model, .. } = &*self.account.shared;
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

    fn run(&self, body: &Value, context: &RequestContext<'_>) -> Executed {
        let refuse = |message: &str| vec![GraphQLError::new(message, None, &Default::default())];
        let Some(query) = body.get("query").and_then(Value::as_str) else {
            return Err(refuse("the request has no string `query`"));
        };
        let operation_name = match body.get("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name.as_str()),
            Some(_) => return Err(refuse("`operationName` is not a string")),
        };
        let mut raw = match body.get("variables").cloned().map(JsonValue::from) {
            None | Some(JsonValue::Null) => JsonMap::new(),
            Some(JsonValue::Object(variables)) => variables,
            Some(_) => return Err(refuse("`variables` is not an object")),
        };
        let SharedSchema { schema, model, .. } = &*self.account.shared;
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

        let execution = self.execution(&document, operation, &variables);
        let (account, type_name) = (&self.account, operation.object_type().as_str());
        if operation.operation_type != OperationType::Mutation {
            let store = self.snapshot();
            let source = Source { model, store: &store, pages: context.pages };
            let root = QueryRoot { source, type_name, account, quota: context.quota };
            return execution.execute_sync(&root).map_err(request_error);
        }
        let root = self.mutation_root(context.language, type_name, None);
        let response = execution.execute_sync(&root);
        let (async_jobs, applied) = (root.async_jobs.into_inner(), root.applied.into_inner());
        // Executed mutations are announced even if the rest of the document fails.
        if let Some(outbox) = &account.outbox {
            outbox.announce(model, &applied);
        }
        let response = response.map_err(request_error)?;
        for job in async_jobs {
            let result = self.async_result(&document, operation, &variables, &job);
            self.results.add(&job, result);
        }
        Ok(response)
    }

    fn mutation_root<'a>(
        &'a self,
        language: &'a str,
        type_name: &'a str,
        finished: Option<(&'a AsyncJob, Arc<Store>)>,
    ) -> MutationRoot<'a> {
        let (async_jobs, applied) = (Mutex::default(), Mutex::default());
        MutationRoot { account: &self.account, language, type_name, finished, async_jobs, applied }
    }

    fn execution<'a>(
        &'a self,
        document: &'a Valid<ExecutableDocument>,
        operation: &'a Operation,
        variables: &'a Valid<JsonMap>,
    ) -> Execution<'a> {
        Execution::new(&self.account.shared.schema, document)
            .operation(operation)
            .coerced_variable_values(variables)
            .implementers_map(&self.account.shared.implementers)
            .enable_schema_introspection(true)
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
        let type_name = operation.object_type().as_str();
        let root = self.mutation_root(ENGLISH, type_name, Some((job, Arc::new(store))));
        let mut executed = self.execution(document, operation, variables).execute_sync(&root);
        if let Ok(ExecutionResponse { data: Some(data), .. }) = &mut executed {
            data.retain(|name, _| name.as_str() == job.response_key);
        }
        response_body(executed.map_err(|error| vec![error.to_graphql_error(&document.sources)]))
    }
}

/// The response body, with all digits of its decimals.
fn response_body(mut response: Executed) -> String {
    let (Ok(ExecutionResponse { errors, .. }) | Err(errors)) = &mut response;
    for error in errors {
        // The engine prefixes errors of resolvers; the real server does not.
        if let Some(message) = error.message.strip_prefix("resolver error: ") {
            error.message = message.to_owned();
        }
    }
    let json = match response {
        Ok(response) => serde_json::to_string(&response),
        Err(errors) => serde_json::to_string(&BTreeMap::from([("errors", errors)])),
    };
    exact_number::unmark(&json.unwrap_or_default()).into_owned()
}

//! GraphQL without a socket: a schema, a store and the engine that runs documents over them.

use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::{Operation, OperationType};
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::{ExecutionResponse, GraphQLError, JsonMap, JsonValue};
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Name, Schema};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use crate::async_query::{self, Delivery, Progress, Results};
use crate::connection::PageFault;
use crate::data_object::Source;
use crate::error::SandboxError;
use crate::exact_number;
use crate::introspection::valid_schema;
use crate::limits::{self, Limits, Standing};
use crate::literal;
use crate::model::Model;
use crate::mutation::{Action, DeliveryRoot, MutationRoot, Workshop};
use crate::node_limit::{self, NODE_CEILING};
use crate::query_root::{self, QueryRoot};
use crate::sandbox::DEMO_ACCOUNT;
use crate::schema_evolution;
use crate::scopes::{READ, Scopes, scope};
use crate::seed;
use crate::storage::{Storage, Uploads};
use crate::store::Store;
use crate::value_lists::{self, ValueLists};
use crate::webhook::{Outbox, Policies};

/// The language of a request that asks for none.
pub(crate) const ENGLISH: &str = "en";

/// Where results of asynchronous work would be if there were a socket.
pub(crate) const NO_ORIGIN: &str = "https://sandbox.invalid";

/// A schema with a store behind it.
///
/// Documents and variables are judged by `apollo-compiler` alone. Engines share nothing, so each
/// test can have its own.
pub struct Engine {
    ground: Arc<Ground>,
    store: RwLock<Arc<Store>>,
    pub(crate) limits: Limits,
    /// How many nodes a document may ask for.
    pub(crate) max_nodes: u64,
    scopes: Scopes,
    origin: String,
    results: Results,
    uploads: Uploads,
    outbox: Option<Outbox>,
    policies: Policies,
}

/// What engines can share: the schema, and the records that all of them start with.
pub(crate) struct Ground {
    schema: Valid<Schema>,
    implementers: HashMap<Name, Implementers>,
    model: Model,
    store: Arc<Store>,
}

/// What an engine is to be like.
pub(crate) struct Setup {
    pub(crate) scopes: Scopes,
    pub(crate) max_nodes: u64,
    /// `http://127.0.0.1:4010`, if there is a socket.
    pub(crate) origin: Option<String>,
    /// `https://127.0.0.1:4011`, if there is one.
    pub(crate) account_url: Option<String>,
    pub(crate) limits: limits::Settings,
    pub(crate) uploads: Uploads,
    /// What is delivered to webhooks, if there is a socket.
    pub(crate) outbox: Option<Outbox>,
}

/// What goes for one request.
pub(crate) struct Terms<'a> {
    pub(crate) language: &'a str,
    pub(crate) standing: Standing,
    pub(crate) max_nodes: u64,
    /// What is wrong with the pages of the answer.
    pub(crate) pages: Option<PageFault>,
}

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ground").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Ground {
    /// Reads the schema and makes up the records. `account` is the name of the own account.
    pub(crate) fn new(
        schema_json: &str,
        account: &str,
        drift: bool,
        mut value_lists: ValueLists,
        as_enums: bool,
    ) -> Result<Self, SandboxError> {
        let mut schema_json = Cow::Borrowed(schema_json);
        if as_enums {
            schema_json = value_lists::as_enums(&schema_json, &value_lists)?.into();
        }
        if drift {
            schema_json = schema_evolution::schema(&schema_json, &mut value_lists)?.into();
        }
        let schema = valid_schema(&schema_json)?;
        if schema.schema_definition.query.is_none() {
            return Err(SandboxError::NoQueryType);
        }
        let model = Model::new(&schema, value_lists);
        let mut store = seed::store(&model, account);
        if drift {
            schema_evolution::fill(&model, &mut store);
        }
        Ok(Self { implementers: schema.implementers_map(), store: Arc::new(store), schema, model })
    }
}

impl Engine {
    /// Makes an engine from an introspection result, with the sandbox's own records.
    ///
    /// # Errors
    /// When the text is not an introspection result or the schema in it is not valid.
    pub fn new(schema_json: &str) -> Result<Self, SandboxError> {
        let setup = Setup {
            scopes: Scopes::All,
            max_nodes: NODE_CEILING,
            origin: None,
            account_url: None,
            limits: limits::Settings::default(),
            uploads: Uploads::new(Storage::default(), []),
            outbox: None,
        };
        let ground = Ground::new(schema_json, DEMO_ACCOUNT, false, value_lists::KNOWN.clone(), false)?;
        Ok(Self::set_up(Arc::new(ground), setup))
    }

    pub(crate) fn set_up(ground: Arc<Ground>, setup: Setup) -> Self {
        Self {
            store: RwLock::new(Arc::clone(&ground.store)),
            limits: Limits::new(setup.limits),
            max_nodes: setup.max_nodes,
            scopes: setup.scopes,
            origin: setup.origin.unwrap_or_else(|| NO_ORIGIN.to_owned()),
            results: Results::default(),
            uploads: setup.uploads,
            outbox: setup.outbox,
            policies: Policies::new(setup.account_url.unwrap_or_else(|| NO_ORIGIN.to_owned())),
            ground,
        }
    }

    /// Judges a document without running it.
    ///
    /// # Errors
    /// One message for each rule the document breaks.
    pub fn validate(&self, document: &str) -> Result<(), Vec<String>> {
        match ExecutableDocument::parse_and_validate(&self.ground.schema, document, "document.graphql") {
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
    /// the record's texts. Accounts are named by their id text (`wdc`) or by their id. Values of
    /// `customFilters` may be `~part`, `'~text`, comparisons such as `<5` and `>=5<=9`, or null; upper
    /// and lower case differ. A filter or order field the sandbox cannot find on the record is answered
    /// with an error, not ignored.
    ///
    /// Numbers come and go as `serde_json` has them here, so a decimal with more digits than 64-bit
    /// floating point holds loses some. Over a socket it keeps them all.
    ///
    /// Mutations change the store for all later calls.
    #[must_use]
    pub fn execute(&self, body: &Value) -> Value {
        // Only who asks over a socket is refused.
        let standing = self.limits.charge("").unwrap_or_else(|refused| refused.standing);
        let terms = Terms { language: ENGLISH, standing, max_nodes: self.max_nodes, pages: None };
        let response = serde_json::to_string(&self.answer(body, &terms)).unwrap_or_default();
        serde_json::from_str(&exact_number::unmark(&response)).unwrap_or_default()
    }

    /// Like [`Engine::execute`], as text. It keeps the fields in the order the document asks for
    /// them; `serde_json::Value` sorts them by name. It keeps the digits of decimals, too. Messages
    /// are in that language where the sandbox speaks it.
    pub(crate) fn respond(&self, body: &[u8], terms: &Terms<'_>) -> String {
        let body = exact_number::mark(std::str::from_utf8(body).unwrap_or_default()).into_owned();
        let body = serde_json::from_str(&body).unwrap_or_default();
        let response = serde_json::to_string(&self.answer(&body, terms)).unwrap_or_default();
        exact_number::unmark(&response).into_owned()
    }

    /// The attachment storage.
    pub(crate) fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    /// The deliveries to webhooks; none without a socket.
    pub(crate) fn outbox(&self) -> Option<&Outbox> {
        self.outbox.as_ref()
    }

    pub(crate) fn model(&self) -> &Model {
        &self.ground.model
    }

    /// Changes records in a way that is no mutation.
    pub(crate) fn change_store<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        let mut current = self.store.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut current))
    }

    /// The keys of webhook policies.
    pub(crate) fn policies(&self) -> &Policies {
        &self.policies
    }

    /// What the result of asynchronous work has to say, by the number of its `AsyncQuery`: nothing
    /// but `{}` when asked for the first time. `None` when there never was such work.
    pub(crate) fn poll(&self, number: &str) -> Option<String> {
        self.results.poll(number, |key, progress| {
            self.change_store(|store| async_query::record_progress(store, key, progress));
        })
    }

    /// # Errors
    /// The message of the server when no token may do this with records of the type.
    pub(crate) fn require(&self, record_type: &str, action: &str) -> Result<(), String> {
        self.scopes.require(&[scope(record_type, action)])
    }

    /// The scopes of every token: those given, or all the schema has use for.
    pub(crate) fn granted_scopes(&self) -> BTreeSet<String> {
        if let Scopes::Only(granted) = &self.scopes {
            return granted.clone();
        }
        let definition = &self.ground.schema.schema_definition;
        let fields = |root: Option<&str>| {
            let fields = root.and_then(|root| self.ground.schema.get_object(root)).map(|root| &root.fields);
            fields.into_iter().flatten()
        };
        let reads = fields(definition.query.as_ref().map(|root| root.as_str()))
            .filter_map(|(_, field)| self.ground.model.node_type(field.ty.inner_named_type()))
            .map(|node_type| scope(node_type, READ));
        let writes =
            fields(definition.mutation.as_ref().map(|root| root.as_str())).flat_map(|(name, field)| {
                let payload = field.ty.inner_named_type();
                let action = Action::read(&self.ground.model, &self.ground.schema, name, payload);
                action.map(|action| action.scopes()).unwrap_or_default()
            });
        reads.chain(writes).collect()
    }

    fn answer(&self, body: &Value, terms: &Terms<'_>) -> Response {
        let mut response = match self.run(body, terms) {
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

    fn run(&self, body: &Value, terms: &Terms<'_>) -> Result<ExecutionResponse, Vec<GraphQLError>> {
        let refuse = |message: &str| vec![GraphQLError::new(message, None, &Default::default())];
        let Some(query) = body.get("query").and_then(Value::as_str) else {
            return Err(refuse("the request has no `query` text"));
        };
        let operation_name = match body.get("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name.as_str()),
            Some(_) => return Err(refuse("`operationName` is not a text")),
        };
        let mut raw = match body.get("variables") {
            None | Some(Value::Null) => JsonMap::new(),
            Some(variables) => match JsonValue::from(variables.clone()) {
                JsonValue::Object(variables) => variables,
                _ => return Err(refuse("`variables` is not an object")),
            },
        };
        let Ground { schema, model, .. } = &*self.ground;
        let document = ExecutableDocument::parse_and_validate(schema, query, "document.graphql")
            .map_err(|invalid| literal::errors(schema, model, &invalid.partial, Some(&invalid.errors)))?;
        match literal::errors(schema, model, &document, None) {
            errors if errors.is_empty() => {}
            errors => return Err(errors),
        }
        let request_error =
            |error: apollo_compiler::request::RequestError| vec![error.to_graphql_error(&document.sources)];
        let operation = document.operations.get(operation_name).map_err(request_error)?;
        query_root::unmark_variables(&self.ground.schema, operation, &mut raw);
        let variables =
            coerce_variable_values(&self.ground.schema, operation, &raw).map_err(request_error)?;
        node_limit::check(&self.ground.model, &document, operation, &variables, terms.max_nodes)
            .map_err(|message| refuse(&message))?;

        let execution = Execution::new(&self.ground.schema, &document)
            .operation(operation)
            .coerced_variable_values(&variables)
            .implementers_map(&self.ground.implementers)
            .enable_schema_introspection(true);
        let root_type = operation.object_type().as_str();
        if operation.operation_type == OperationType::Mutation {
            let Self { store, scopes, origin, uploads, policies, .. } = self;
            let (model, language, outbox) = (self.model(), terms.language, self.outbox());
            let workshop = Workshop { model, store, scopes, origin, language, uploads, policies, outbox };
            let root = MutationRoot::new(workshop, root_type);
            let response = execution.execute_sync(&root);
            // What was done is told even if the rest of the document cannot be run.
            let (deliveries, applied) = root.into_results();
            if let Some(outbox) = outbox {
                outbox.announce(model, &applied);
            }
            let response = response.map_err(request_error)?;
            for delivery in deliveries {
                let text = self.deliver(&document, operation, &variables, &delivery);
                self.results.add(&delivery, text);
            }
            return Ok(response);
        }
        let store = self.snapshot();
        let source = Source { model: &self.ground.model, store: &store, pages: terms.pages };
        let permission = || self.uploads.permission(&self.origin);
        let root = QueryRoot::new(source, root_type, &terms.standing, &self.scopes, &permission);
        execution.execute_sync(&root).map_err(request_error)
    }

    pub(crate) fn snapshot(&self) -> Arc<Store> {
        Arc::clone(&self.store.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes out what asynchronous work has led to: the answer of its document as it will be when
    /// the work is done.
    fn deliver(
        &self,
        document: &Valid<ExecutableDocument>,
        operation: &Operation,
        variables: &Valid<JsonMap>,
        delivery: &Delivery,
    ) -> String {
        let mut store = Store::clone(&self.snapshot());
        for progress in [Progress::Started, Progress::Done(delivery.items.len())] {
            async_query::record_progress(&mut store, &delivery.async_query, progress);
        }
        let type_name = operation.object_type().as_str();
        let root = DeliveryRoot { model: &self.ground.model, store: Arc::new(store), type_name, delivery };
        let executed = Execution::new(&self.ground.schema, document)
            .operation(operation)
            .coerced_variable_values(variables)
            .implementers_map(&self.ground.implementers)
            .execute_sync(&root);
        let response = match executed {
            Ok(ExecutionResponse { errors, data }) => {
                let data = data.map(|mut data| {
                    data.retain(|name, _| name.as_str() == delivery.response_key);
                    data
                });
                Response { errors, data: Some(data) }
            }
            Err(error) => Response { errors: vec![error.to_graphql_error(&document.sources)], data: None },
        };
        exact_number::unmark(&serde_json::to_string(&response).unwrap_or_default()).into_owned()
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

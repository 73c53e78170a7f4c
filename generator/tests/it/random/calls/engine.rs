//! A server of a schema, in memory: an engine of another author answers every valid request with random data.
//!
//! It is compiled with the crates of the sample: see `compiled.rs`.

use apollo_compiler::ast::Type;
use apollo_compiler::resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::schema::{ExtendedType, Name};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Value, json};
use std::cell::Cell;
use std::fmt::Debug;
use std::future::IntoFuture;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use xurrent_runtime::{Error, ErrorKind, GraphQlError, MemoryTransport, Result};

/// Calls that failed, and all calls.
static FAILED: AtomicUsize = AtomicUsize::new(0);
static CALLED: AtomicUsize = AtomicUsize::new(0);

/// Says how many calls there were. Fails if one of them did.
pub fn finish() {
    println!("{} calls", CALLED.load(Ordering::Relaxed));
    assert_eq!(FAILED.load(Ordering::Relaxed), 0, "calls failed");
}

/// A schema of the sample.
pub struct Sample {
    name: &'static str,
    schema: Valid<Schema>,
    /// The root fields that are read as connections.
    connections: &'static [&'static str],
    seed: u64,
}

impl Sample {
    pub fn new(name: &'static str, sdl: &str, connections: &'static [&'static str]) -> Arc<Mutex<Self>> {
        let schema = Schema::parse_and_validate(sdl, "schema.graphql").unwrap();
        Arc::new(Mutex::new(Self { name, schema, connections, seed: 1 }))
    }

    /// A valid response to a request, or the errors of one that is not.
    fn answer(&mut self, document: &str, variables: &Value) -> Value {
        let Self { schema, connections, .. } = self;
        let document = match ExecutableDocument::parse_and_validate(schema, document, "document.graphql") {
            Ok(document) => document,
            Err(error) => return json!({"errors": [{"message": format!("{error}\n{document}")}]}),
        };
        self.seed += 1;
        let is_mutation = document.operations.iter().any(|operation| operation.is_mutation());
        let roots = &schema.schema_definition;
        let root = if is_mutation { &roots.mutation } else { &roots.query };
        let data = Data {
            schema,
            ty: root.as_ref().unwrap().name.clone(),
            connections,
            is_mutation,
            is_page: false,
            random: &Cell::new(self.seed),
        };
        let variables = serde_json::from_value(variables.clone()).unwrap_or_default();
        let execution = Execution::new(schema, &document)
            .raw_variable_values(&variables)
            .enable_schema_introspection(true);
        match execution.execute_sync(&data) {
            Ok(response) => serde_json::to_value(response).unwrap(),
            // Variables that do not fit.
            Err(error) => json!({"errors": [{"message": error.message().to_string()}]}),
        }
    }
}

/// A transport to the server of a schema.
pub fn transport(sample: &Arc<Mutex<Sample>>) -> MemoryTransport {
    let sample = Arc::clone(sample);
    MemoryTransport::new(move |request| sample.lock().unwrap().answer(&request.document, &request.variables))
}

/// Checks that these documents are valid.
pub fn documents(sample: &Arc<Mutex<Sample>>, documents: impl IntoIterator<Item = String>) {
    let Sample { name, schema, .. } = &*sample.lock().unwrap();
    for document in documents {
        ExecutableDocument::parse_and_validate(schema, &document, "document.graphql")
            .unwrap_or_else(|error| panic!("{name}: {error}\n{document}"));
    }
}

/// Checks that a call reads the response. A payload may have errors.
pub fn call<T: Debug>(sample: &Arc<Mutex<Sample>>, root: &str, call: impl IntoFuture<Output = Result<T>>) {
    CALLED.fetch_add(1, Ordering::Relaxed);
    let mut call = std::pin::pin!(call.into_future());
    let failure = match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Err(error)) if !is_expected(&error) => format!("{error:#}"),
        Poll::Ready(_) => return,
        Poll::Pending => "it waits".to_owned(),
    };
    FAILED.fetch_add(1, Ordering::Relaxed);
    eprintln!("{}: {root}: {failure}", sample.lock().unwrap().name);
}

/// Whether a payload has errors, or a field must have a value of an interface that no type implements.
fn is_expected(error: &Error) -> bool {
    let is_null = |error: &GraphQlError| error.message.ends_with("resolved to null");
    error.kind() == ErrorKind::Payload
        || (error.kind() == ErrorKind::GraphQl && error.errors().iter().all(is_null))
}

/// An object with random fields.
#[derive(Clone)]
struct Data<'a> {
    schema: &'a Valid<Schema>,
    ty: Name,
    /// Fields that are read as connections. They and their parts are never null: the runtime reports that.
    connections: &'a [&'static str],
    /// Whether its fields are mutations, which are never null either.
    is_mutation: bool,
    /// Whether it is part of a connection.
    is_page: bool,
    random: &'a Cell<u64>,
}

impl ObjectValue for Data<'_> {
    fn type_name(&self) -> &str {
        &self.ty
    }

    fn resolve_field<'a>(
        &'a self,
        info: &'a ResolveInfo<'a>,
    ) -> std::result::Result<ResolvedValue<'a>, FieldError> {
        let is_page = self.is_page || self.connections.contains(&info.field_name());
        let is_last = info.field_name().starts_with("has");
        let mut ty = info.field_definition().ty.clone();
        if is_page || self.is_mutation {
            ty = ty.non_null();
        }
        Ok(self.value(&ty, is_page, is_last))
    }
}

impl<'a> Data<'a> {
    fn below(&self, end: usize) -> usize {
        let state =
            self.random.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random.set(state);
        usize::try_from(state >> 33).unwrap() % end
    }

    fn value(&self, ty: &Type, is_page: bool, is_last: bool) -> ResolvedValue<'a> {
        let named = match ty {
            Type::Named(_) | Type::List(_) if self.below(5) == 0 => return ResolvedValue::null(),
            Type::Named(name) | Type::NonNullNamed(name) => name,
            Type::List(item) | Type::NonNullList(item) => {
                let length = self.below(3);
                let items: Vec<_> = (0..length).map(|_| self.value(item, false, is_last)).collect();
                return ResolvedValue::list(items);
            }
        };
        let possible: Vec<&Name> = match &self.schema.types[named] {
            ExtendedType::Object(_) => vec![named],
            ExtendedType::Interface(_) => self.implementers(named),
            ExtendedType::Union(union) => union.members.iter().map(|member| &member.name).collect(),
            ExtendedType::Enum(ty) => {
                let (value, _) = ty.values.get_index(self.below(ty.values.len())).unwrap();
                return ResolvedValue::leaf(value.as_str());
            }
            _ => return self.scalar(named, is_last),
        };
        if possible.is_empty() {
            return ResolvedValue::null();
        }
        let ty = possible[self.below(possible.len())].clone();
        ResolvedValue::object(Data { ty, connections: &[], is_mutation: false, is_page, ..self.clone() })
    }

    fn implementers(&self, interface: &Name) -> Vec<&'a Name> {
        let implements = |ty: &&'a ExtendedType| matches!(ty, ExtendedType::Object(object) if object.implements_interfaces.contains(interface));
        self.schema.types.values().filter(implements).map(ExtendedType::name).collect()
    }

    fn scalar(&self, name: &str, is_last: bool) -> ResolvedValue<'a> {
        let any = [json!(1), json!("text"), json!({"a": [null]}), json!([1.5, {}]), json!(false)];
        let value = match name {
            "Boolean" => json!(!is_last && self.below(2) == 0),
            "Int" => [json!(0), json!(i32::MIN), json!(i32::MAX)][self.below(3)].clone(),
            "Float" => [json!(0.0), json!(-1.5), json!(1e300)][self.below(3)].clone(),
            "ID" | "String" => json!(["", "a \"text\"\n\u{1f600}", "17"][self.below(3)]),
            _ => any[self.below(any.len())].clone(),
        };
        ResolvedValue::leaf(serde_json::from_value::<apollo_compiler::response::JsonValue>(value).unwrap())
    }
}

//! A server of the schema of the case `films`, on a socket: an engine that is not ours executes each
//! document.

use crate::http::{self, Request};
use apollo_compiler::resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::JsonValue;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Value, json};

/// Serves the schema for as long as this process lives, and returns the endpoint.
pub(crate) fn serve(sdl: &str) -> String {
    let schema = Schema::parse_and_validate(sdl, "schema.graphql").unwrap();
    http::serve(move |request| answer(&schema, request)) + "/graphql"
}

fn answer(schema: &Valid<Schema>, request: &Request) -> (&'static str, String) {
    assert!(!request.head.contains("xurrent-account"), "{}", request.head);
    let authorization = request.header("authorization").unwrap_or_default();
    match authorization == "bearer token-of-a-test" && request.header("x-studio") == Some("north") {
        true => ("200 OK", execute(schema, &serde_json::from_slice(&request.body).unwrap())),
        false => {
            let message = format!("wrong headers: {authorization}");
            ("401 Unauthorized", json!({ "message": message }).to_string())
        }
    }
}

fn execute(schema: &Valid<Schema>, request: &Value) -> String {
    let query = request["query"].as_str().unwrap();
    let document = match ExecutableDocument::parse_and_validate(schema, query, "query.graphql") {
        Ok(document) => document,
        Err(error) => return json!({"errors": [{"message": error.errors.to_string()}]}).to_string(),
    };
    let variables = serde_json::from_value(request["variables"].clone()).unwrap_or_default();
    let execution = Execution::new(schema, &document)
        .operation_name(request["operationName"].as_str())
        .unwrap()
        .raw_variable_values(&variables)
        .enable_schema_introspection(true);
    let root = if document.operations.get(request["operationName"].as_str()).unwrap().is_mutation() {
        "Mutation"
    } else {
        "Query"
    };
    let response = execution.execute_sync(&Object(json!({"__typename": root}))).unwrap();
    serde_json::to_string(&response).unwrap()
}

/// An object by its fields. Root fields are computed.
struct Object(Value);

impl ObjectValue for Object {
    fn type_name(&self) -> &str {
        self.0["__typename"].as_str().unwrap()
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let argument =
            |name: &str| info.arguments().get(name).cloned().map(|it| serde_json::to_value(it).unwrap());
        Ok(resolved(match (self.type_name(), info.field_name()) {
            ("Query", "films") => page(argument("first"), argument("after")),
            ("Query", "film") => find(|film| Some(&film["title"]) == argument("title").as_ref()),
            ("Query", "node") => find(|node| Some(&node["id"]) == argument("id").as_ref()),
            ("Mutation", _) => create(&argument("input").unwrap()),
            (_, field) => self.0[field].clone(),
        }))
    }
}

fn resolved<'a>(value: Value) -> ResolvedValue<'a> {
    match value {
        Value::Array(values) => ResolvedValue::list(values.into_iter().map(resolved)),
        Value::Object(_) => ResolvedValue::object(Object(value)),
        leaf => ResolvedValue::leaf(serde_json::from_value::<JsonValue>(leaf).unwrap()),
    }
}

fn records() -> Vec<Value> {
    let lang = json!({"__typename": "Person", "id": "p1", "name": "Fritz Lang"});
    let murnau = json!({"__typename": "Person", "id": "p2", "name": "F. W. Murnau"});
    let films = [
        ("Metropolis", 1927, &lang),
        ("Nosferatu", 1922, &murnau),
        ("M", 1931, &lang),
        ("Sunrise", 1927, &murnau),
        ("Faust", 1926, &murnau),
    ];
    let film = |(index, (title, year, director)): (usize, &(&str, i32, &Value))| json!({"__typename": "Film", "id": format!("f{index}"), "title": title, "year": year, "director": director});
    let films: Vec<Value> = films.iter().enumerate().map(film).collect();
    films.into_iter().chain([lang, murnau]).collect()
}

fn find(is_wanted: impl Fn(&Value) -> bool) -> Value {
    records().into_iter().find(is_wanted).unwrap_or_default()
}

/// A page of films. A cursor is the number of films before it.
fn page(first: Option<Value>, after: Option<Value>) -> Value {
    let films: Vec<Value> = records().into_iter().filter(|record| record["__typename"] == "Film").collect();
    let begin = after.and_then(|after| after.as_str()?.parse().ok()).unwrap_or(0_usize);
    let size = first.and_then(|first| first.as_u64()).unwrap_or(100) as usize;
    let end = (begin + size).min(films.len());
    json!({
        "__typename": "FilmConnection",
        "nodes": films[begin..end],
        "totalCount": films.len(),
        "pageInfo": {"__typename": "PageInfo", "hasNextPage": end < films.len(), "endCursor": end.to_string()},
    })
}

fn create(input: &Value) -> Value {
    if input["title"] == "" {
        let error = json!({"__typename": "ValidationError", "message": "can't be blank", "path": ["title"]});
        return json!({"__typename": "FilmCreatePayload", "errors": [error]});
    }
    let film = json!({"__typename": "Film", "id": "f9", "title": input["title"], "year": input["year"]});
    json!({"__typename": "FilmCreatePayload", "errors": null, "film": film})
}

//! Properties of every valid schema.

use super::damage::{damage, edited};
use super::introspection::{introspection, ordered};
use super::random_schema::{Random, random_schema};
use crate::case::introspect;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use xurrent_generator::{Config, Error, Files, Generator, error_chain};

/// What came of a schema.
pub(super) enum Outcome {
    Generated,
    /// Refused, by the kind of the error.
    Refused(&'static str),
}

/// Every so many seeds, the checks that take long are made as well.
const THOROUGH: u64 = 20;

/// A valid schema.
pub(super) struct Input {
    seed: u64,
    schema: Valid<Schema>,
    pub(super) json: String,
}

impl Input {
    pub(super) fn new(seed: u64) -> Self {
        let sdl = random_schema(seed);
        let schema = Schema::parse_and_validate(&sdl, "schema.graphql")
            .unwrap_or_else(|error| panic!("the schema is not valid: {error}\n{sdl}"));
        let json = introspection(&schema);
        if seed.is_multiple_of(THOROUGH) {
            let [ours, engine] =
                [&json, &introspect(&schema)].map(|json| ordered(serde_json::from_str(json).unwrap()));
            assert!(ours == engine, "{ours}\n{engine}");
        }
        Self { seed, schema, json }
    }
}

/// Checks the properties of a valid schema.
pub(super) fn check(Input { seed, schema, json }: &Input) -> Outcome {
    let generator = match Generator::new(json, &Config::default()) {
        Ok(generator) => generator,
        Err(error) => return Outcome::Refused(refusal(schema, &error)),
    };
    let (rust, documents) = (generator.rust(), generator.documents());
    assert_rust(&rust);
    assert_documents(schema, &documents);
    assert_linear(json, &rust, &documents);
    if seed.is_multiple_of(THOROUGH) {
        assert_names(json, &generator.names());
        for json in [json, &shuffled(json)] {
            let again = Generator::new(json, &Config::default()).unwrap();
            assert!((again.rust(), again.documents()) == (rust.clone(), documents.clone()), "other bytes");
        }
    }
    Outcome::Generated
}

/// The kind of an error, which names what it is about.
fn refusal(schema: &Valid<Schema>, error: &Error) -> &'static str {
    match error {
        Error::Collision { first, second, .. } => {
            assert_path(schema, first);
            assert_path(schema, second);
            "collision"
        }
        Error::LongName { .. } => "long name",
        Error::Schema(message) => {
            let path = message.split([' ', '`', ':']).find(|word| !word.is_empty()).unwrap();
            assert_path(schema, path);
            "schema"
        }
        error => panic!("{error}"),
    }
}

/// `Type`, `Type.field` or `Type.field.argument`.
fn assert_path(schema: &Valid<Schema>, path: &str) {
    let mut names = path.split('.');
    let ty = names.next().and_then(|name| schema.types.get(name));
    let ty = ty.unwrap_or_else(|| panic!("`{path}` names no type"));
    if let Some(field) = names.next() {
        let fields: Vec<&str> = match ty {
            ExtendedType::Object(ty) => ty.fields.keys().map(|name| name.as_str()).collect(),
            ExtendedType::Interface(ty) => ty.fields.keys().map(|name| name.as_str()).collect(),
            ExtendedType::InputObject(ty) => ty.fields.keys().map(|name| name.as_str()).collect(),
            ExtendedType::Enum(ty) => ty.values.keys().map(|name| name.as_str()).collect(),
            _ => Vec::new(),
        };
        assert!(fields.contains(&field), "`{path}` names no field");
    }
}

pub(super) fn assert_rust(files: &Files) {
    for (name, source) in files {
        syn::parse_file(source).unwrap_or_else(|error| panic!("{name}: {error}\n{source}"));
    }
}

pub(super) fn assert_documents(schema: &Valid<Schema>, documents: &Files) {
    for (name, document) in documents {
        ExecutableDocument::parse_and_validate(schema, document, name)
            .unwrap_or_else(|error| panic!("{error}\n{document}"));
    }
}

/// No Rust name is given twice, and none is missing.
fn assert_names(json: &str, names: &BTreeMap<String, String>) {
    let mut meanings = BTreeSet::new();
    for (rust, path) in names {
        // A root field that is a connection has a type beside its function.
        let is_marker = !rust.starts_with("Client::") && path.contains(' ') && !path.starts_with('_');
        assert!(is_marker || meanings.insert(path.as_str()), "{path} has several names, one is {rust}");
    }
    let json: Value = serde_json::from_str(json).unwrap();
    for ty in
        json.pointer("/__schema/types").or(json.pointer("/data/__schema/types")).unwrap().as_array().unwrap()
    {
        let name = ty["name"].as_str().unwrap();
        for value in ty["enumValues"].as_array().into_iter().flatten().filter(|_| !name.starts_with("__")) {
            let path = format!("{name}.{}", value["name"].as_str().unwrap());
            assert!(meanings.contains(path.as_str()), "{path} has no name");
        }
    }
}

/// The output does not grow faster than the schema.
fn assert_linear(json: &str, rust: &Files, documents: &Files) {
    let length = |files: &Files| files.values().map(String::len).sum::<usize>();
    let (rust, documents) = (length(rust), length(documents));
    assert!(rust < 4 * json.len() + 20_000, "{rust} bytes of Rust for {} of JSON", json.len());
    assert!(
        documents < 40 * json.len() + 20_000,
        "{documents} bytes of documents for {} of JSON",
        json.len()
    );
}

/// The introspection result with every list in another order.
fn shuffled(json: &str) -> String {
    fn shuffle(value: &mut Value, random: &mut Random) {
        match value {
            Value::Array(items) => {
                random.shuffle(items);
                items.iter_mut().for_each(|item| shuffle(item, random));
            }
            Value::Object(fields) => fields.values_mut().for_each(|value| shuffle(value, random)),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(json).unwrap();
    shuffle(&mut value, &mut Random::new(1));
    value.to_string()
}

/// Checks the properties of a damaged introspection result.
pub(super) fn check_damaged(Input { seed, json, .. }: &Input) -> Outcome {
    let damaged = damage(json, &mut Random::new(*seed));
    let error = match Generator::new(&damaged.json, &Config::default()) {
        Ok(generator) => return assert_damaged(&damaged.json, &generator),
        Err(error) => error,
    };
    let message = error_chain(&error);
    let names = |place: &Vec<String>| place.iter().all(|name| message.contains(name.as_str()));
    // What is damaged is a root type, a name, or in no type. JSON of more than 128 levels is refused by its
    // line and column alone: nothing is read of it that has a name.
    let elsewhere = [
        "root type",
        "GraphQL allows one of them",
        "in the schema is no GraphQL name",
        "recursion limit",
        "`__schema`",
    ];
    let is_elsewhere =
        message.starts_with("the schema") || elsewhere.iter().any(|place| message.contains(place));
    let is_placed = damaged.places.iter().any(|place| !place.is_empty() && names(place));
    if !is_placed && !is_elsewhere && !has_changed(json, &damaged.json, &message) {
        // It is refused for what it was before.
        let before =
            Generator::new(json, &Config::default()).map(|_| ()).map_err(|error| error_chain(&error));
        assert_eq!(before, Err(message), "names none of {:?}", damaged.places);
    }
    Outcome::Refused(kind(&error))
}

/// Whether an error names a damaged type, at its beginning or in back-ticks. The type may have this name since.
fn has_changed(json: &str, damaged: &str, message: &str) -> bool {
    let first = message.split([' ', '.', '`', ':']).find(|word| !word.is_empty());
    let names: Vec<&str> = first.into_iter().chain(message.split('`').skip(1).step_by(2)).collect();
    let definitions = |json: &str| -> Vec<Value> {
        let mut json: Value = serde_json::from_str(json).unwrap();
        let types =
            json.pointer_mut("/data/__schema/types").and_then(Value::as_array_mut).map(std::mem::take);
        types.into_iter().flatten().filter(|ty| names.iter().any(|name| ty["name"] == *name)).collect()
    };
    definitions(json) != definitions(damaged)
}

/// Checks the properties of an edited definition.
pub(super) fn check_edited(seed: u64) -> Outcome {
    let sdl = edited(&random_schema(seed), &mut Random::new(seed));
    match Generator::new(&sdl, &Config::default()) {
        Ok(generator) => assert_damaged(&sdl, &generator),
        Err(error) => Outcome::Refused(kind(&error)),
    }
}

/// What is generated is Rust, and as valid as the schema.
fn assert_damaged(text: &str, generator: &Generator) -> Outcome {
    let (rust, documents) = (generator.rust(), generator.documents());
    assert_rust(&rust);
    assert_linear(text, &rust, &documents);
    let schema = xurrent_generator::Schema::from_text(text).unwrap().to_string();
    match Schema::parse_and_validate(schema, "schema.graphql") {
        Ok(schema) => {
            assert_documents(&schema, &documents);
            Outcome::Generated
        }
        Err(_) => Outcome::Refused("generated, though not valid"),
    }
}

pub(super) fn kind(error: &Error) -> &'static str {
    match error {
        Error::Json(_) => "JSON",
        Error::Place { .. } => "place",
        Error::NoSchema => "no schema",
        Error::Schema(_) => "schema",
        Error::Collision { .. } => "collision",
        _ => "other",
    }
}

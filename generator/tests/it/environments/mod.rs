//! Two environments of one API, generated together.

mod compiled;
mod older;
mod rules;

use crate::random::random_schema::random_schema;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema as Engine};
use older::{Random, environment, sdl};
use std::fs;
use std::path::Path;
use xurrent_generator::{Config, Error, Generator, Schema};

const NAMES: &str = "[environments]\nnames = [\"production\", \"QA\"]\n";

/// How many random schemas are merged.
const SEEDS: u64 = 100;

/// Whether the operation of a document is in a schema.
fn has(schema: &Valid<Engine>, document: &str) -> bool {
    let mut words = document.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let (keyword, name) = (words.next().unwrap(), words.next().unwrap());
    let roots = &schema.schema_definition;
    let root = match keyword {
        "query" => &roots.query,
        "mutation" => &roots.mutation,
        _ => &roots.subscription,
    };
    root.as_ref().is_some_and(|root| schema.type_field(root, name).is_ok())
}

/// How many documents are valid in one environment and in both.
#[derive(Debug, Default, PartialEq)]
struct Valids {
    one: usize,
    both: usize,
}

/// Checks that each operation is valid in every environment that has it, but for those with an argument that only
/// one of them requires.
fn check_documents(merged: &Schema, generator: &Generator, engines: [&Valid<Engine>; 2]) -> Valids {
    let mut valids = Valids::default();
    let roots = [Some(merged.query_type()), merged.mutation_type(), merged.subscription_type()];
    let fields = roots.into_iter().flatten().flat_map(|root| merged.fields(root));
    let needs_one = fields.filter(|field| field.arguments.iter().any(|it| it.is_required_in_one()));
    let needs_one: Vec<&str> = needs_one.map(|field| field.name.as_str()).collect();
    for (name, document) in generator.documents() {
        let operation = document.split([' ', '(']).nth(1).unwrap().trim();
        if needs_one.contains(&operation) {
            continue;
        }
        let engines: Vec<_> = engines.iter().filter(|engine| has(engine, &document)).collect();
        for engine in &engines {
            ExecutableDocument::parse_and_validate(engine, &document, "document.graphql")
                .unwrap_or_else(|error| panic!("{name}: {error}\n{document}"));
        }
        match engines.len() {
            0 => panic!("{name} is in no schema"),
            1 => valids.one += 1,
            _ => valids.both += 1,
        }
    }
    valids
}

#[test]
fn operations_of_random_schemas_are_valid_in_both_environments() {
    let config = Config::from_toml(NAMES).unwrap();
    let (mut valids, mut merges, mut refused) = (Valids::default(), 0, 0);
    for seed in 0..SEEDS {
        let mut random = Random::new(seed);
        let whole = Schema::from_sdl(&random_schema(seed)).unwrap();
        if Generator::from_schema(&whole, &config).is_err() {
            continue;
        }
        let sides = [0, 1].map(|_| environment(&whole, &mut random, 6));
        let sdls = sides.each_ref().map(sdl);
        let engines = sdls.each_ref().map(|sdl| Engine::parse_and_validate(sdl, "schema.graphql").ok());
        let [Some(one), Some(other)] = &engines else { continue };
        let generator = Schema::merge(&sides[0], &sides[1], &config)
            .and_then(|merged| Ok((Generator::from_schema(&merged, &config)?, merged)));
        match generator {
            Ok((generator, merged)) => {
                let more = check_documents(&merged, &generator, [one, other]);
                valids = Valids { one: valids.one + more.one, both: valids.both + more.both };
                merges += 1;
            }
            Err(error) => {
                refused += 1;
                assert!(matches!(error, Error::Environments { .. } | Error::Config(_)), "{seed}: {error}");
                println!("{seed}: {error}");
            }
        }
    }
    println!("{merges} merges, {refused} refused, {valids:?}");
    assert!(merges > 20 && valids.one > 40 && valids.both > 100, "{merges} {valids:?}");
}

#[test]
fn operations_of_xurrent_are_valid_in_both_environments() {
    let read =
        |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap();
    let whole = Schema::from_json(&read("schema.json")).unwrap();
    let config = Config::from_toml(&(read("schema.overrides.toml"))).unwrap();
    for seed in 0..2 {
        let mut random = Random::new(seed);
        let older = environment(&whole, &mut random, 40);
        let newer = environment(&whole, &mut random, 40);
        let engines =
            [&older, &newer].map(|schema| Engine::parse_and_validate(sdl(schema), "schema.graphql").unwrap());
        let [one, other] = &engines;
        let merged = Schema::merge(&older, &newer, &config).unwrap();
        let generator = Generator::from_schema(&merged, &config).map_err(|e| e.to_string()).unwrap();
        println!("{:?}", check_documents(&merged, &generator, [one, other]));
    }
}

//! Every document that the SDK sends: judged by two validators that are not ours.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use graphql_tools::parser::{parse_query, parse_schema};
use graphql_tools::validation::rules::default_rules_validation_plan;
use graphql_tools::validation::validate::validate;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use xurrent_generator::{Config, Generator};
use xurrent_sandbox::{Engine, sdl};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap()
}

/// Documents by the name of their root field: as the generator writes them, as the client does.
fn documents() -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let overrides = Config::from_toml(&read("schema.overrides.toml")).unwrap();
    let generator = Generator::new(&read("schema.json"), &overrides).unwrap();
    let written = generator.documents().into_iter().map(|(name, text)| {
        let function = name.split('/').next_back().unwrap().trim_end_matches(".graphql").to_owned();
        (function.replace('_', "").to_lowercase(), text)
    });
    let sent = xurrent::root_fields().into_iter().map(|root| (root.name.to_lowercase(), root.document()));
    (written.collect(), sent.collect())
}

/// The tokens of a document, so that only its layout is lost.
fn tokens(document: &str) -> Vec<String> {
    let mut spaced = String::new();
    for c in document.chars() {
        match c {
            '{' | '}' | '(' | ')' | '[' | ']' | ':' | '$' | '!' => spaced.extend([' ', c, ' ']),
            ',' => spaced.push(' '),
            c => spaced.push(c),
        }
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_root_field_has_a_document() {
    let (written, sent) = documents();
    // `node` is written by the client for the type that is asked for.
    assert_eq!(written.len(), 77 + 153);
    assert_eq!(written.keys().collect::<Vec<_>>(), sent.keys().collect::<Vec<_>>());
}

#[test]
fn the_client_sends_what_the_generator_writes() {
    let (written, sent) = documents();
    for (name, document) in sent {
        assert_eq!(tokens(&document), tokens(&written[&name]), "{name}");
    }
}

#[test]
fn the_engine_accepts_every_document() {
    let engine = Engine::new(&read("schema.json")).unwrap();
    let (written, sent) = documents();
    for (name, document) in written.into_iter().chain(sent) {
        engine.validate(&document).unwrap_or_else(|errors| panic!("{name}: {errors:?}\n{document}"));
    }
    assert!(engine.validate("query { people { nodes { nmae } } }").is_err());
}

#[test]
fn a_second_validator_accepts_every_document() {
    // This validator does not know the scalars of the specification by itself.
    let built_in = "scalar Boolean scalar Float scalar ID scalar Int scalar String";
    let text = format!("{built_in} {}", sdl(&read("schema.json")).unwrap());
    let schema = parse_schema::<String>(&text).unwrap().into_static();
    let plan = default_rules_validation_plan();
    let errors = |document: &str| {
        let query = parse_query::<String>(document).unwrap().into_static();
        validate(&schema, &query, &plan)
    };
    let (written, sent) = documents();
    for (name, document) in written.into_iter().chain(sent) {
        let errors = errors(&document);
        assert!(errors.is_empty(), "{name}: {errors:?}\n{document}");
    }
    assert!(!errors("query { people { nodes { nmae } } }").is_empty());
    assert!(!errors("query q($f: RequestFilter) { people(filter: $f) { totalCount } }").is_empty());
}

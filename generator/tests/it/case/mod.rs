//! A case: a minimal schema, written as SDL, with overrides where it needs them.

use apollo_compiler::introspection::partial_execute;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::{ExecutableDocument, Schema};
use std::fs;
use std::path::{Path, PathBuf};
use xurrent_generator::{Config, Generator};

/// One folder below `tests/cases`.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
}

impl Case {
    pub(crate) fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let mut cases: Vec<Self> = entries
            .map(|folder| Self { name: folder.file_name().unwrap().to_str().unwrap().to_owned(), folder })
            .collect();
        cases.sort_by(|left, right| left.name.cmp(&right.name));
        cases
    }

    pub(crate) fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(name)).ok()
    }

    pub(crate) fn generator(&self) -> Generator {
        let overrides = Config::from_toml(&self.read("overrides.toml").unwrap_or_default()).unwrap();
        Generator::new(&introspection(&self.read("schema.graphql").unwrap()), &overrides)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

/// The introspection result of a schema, made by an engine that is not ours.
pub(crate) fn introspection(sdl: &str) -> String {
    const QUERY: &str = include_str!("introspection.graphql");
    let schema = Schema::parse_and_validate(sdl, "schema.graphql").unwrap_or_else(|error| panic!("{error}"));
    let document = ExecutableDocument::parse_and_validate(&schema, QUERY, "introspection.graphql").unwrap();
    let operation = document.operations.get(None).unwrap();
    let variables = coerce_variable_values(&schema, operation, &Default::default()).unwrap();
    let implementers = schema.implementers_map();
    let response = partial_execute(&schema, &implementers, &document, operation, &variables).unwrap();
    let mut json = serde_json::to_value(&response).unwrap();
    // The engine does not know `@oneOf`.
    for ty in json["data"]["__schema"]["types"].as_array_mut().unwrap() {
        let definition = &schema.types[ty["name"].as_str().unwrap()];
        if definition.directives().has("oneOf") {
            ty["isOneOf"] = true.into();
        }
    }
    json.to_string()
}

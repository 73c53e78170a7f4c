//! Selections that are grown at random from the schema, driven through what the derive emits: the
//! document is judged by two validators, executed, and read with the runtime's decoder. The same
//! selection is sent in a document of another form, with a key of its own for every field, and read
//! without any code of the runtime's: both must come to the same.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod growth;
mod plan;
mod reading;
mod schema;

use graphql_tools::parser::schema::Document;
use graphql_tools::parser::{parse_query, parse_schema};
use graphql_tools::validation::rules::default_rules_validation_plan;
use graphql_tools::validation::validate::{ValidationPlan, validate};
use growth::Growth;
use plan::Plan;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use schema::Schema;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;
use xurrent_runtime::document::whole;
use xurrent_runtime::{Decoder, OperationType};
use xurrent_sandbox::{Engine, node_id, sdl};

struct Judges {
    schema: Schema,
    second: Document<'static, String>,
    rules: ValidationPlan,
    /// They are sent the same changes, so that they stay the same.
    engines: [Engine; 2],
}

impl Judges {
    fn new() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json");
        let text = std::fs::read_to_string(path).unwrap();
        let built_in = "scalar Boolean scalar Float scalar ID scalar Int scalar String";
        let second =
            parse_schema::<String>(&format!("{built_in} {}", sdl(&text).unwrap())).unwrap().into_static();
        Self {
            schema: Schema::parse(&text),
            second,
            rules: default_rules_validation_plan(),
            engines: [Engine::new(&text).unwrap(), Engine::new(&text).unwrap()],
        }
    }

    fn check(
        &self,
        operation: OperationType,
        plan: &'static Plan,
        variables: &[(&str, &str)],
    ) -> Result<Value, String> {
        let document = whole(operation, "Random", variables, plan.selection());
        let header = document.split_once('{').unwrap().0;
        let by_hand = format!("{header}{{{} }}", plan.fields());
        self.engines[0].validate(&document).map_err(|errors| format!("{errors:?}\n{document}"))?;
        let query = parse_query::<String>(&document).map_err(|error| format!("{error}\n{document}"))?;
        let errors = validate(&self.second, &query.into_static(), &self.rules);
        if !errors.is_empty() {
            return Err(format!("the second validator: {errors:?}\n{document}"));
        }
        let input = |(name, ty): &(&str, &str)| {
            let record = ty.strip_suffix("UpdateInput!").unwrap();
            ((*name).to_owned(), json!({"id": node_id(record, 1)}))
        };
        let values = Value::Object(variables.iter().map(input).collect());
        let answer = self.engines[0].execute(&json!({"query": document, "variables": values}));
        let raw = self.engines[1].execute(&json!({"query": by_hand, "variables": values}));
        if !answer["errors"].is_null() || !raw["errors"].is_null() {
            return Err(format!("{}\n{}\n{document}\n{by_hand}", answer["errors"], raw["errors"]));
        }
        let text = answer["data"].to_string();
        let value = reading::read(plan, &mut Decoder::new(text.as_bytes()))
            .map_err(|error| format!("{error}\n{document}\n{text}"))?;
        let expected = plan.expected(&raw["data"]);
        if value != expected {
            return Err(format!("{value}\nis not\n{expected}\n{document}\n{text}"));
        }
        Ok(value)
    }
}

/// How many leaves have a value.
fn values(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(fields) => fields.values().map(values).sum(),
        _ => 1,
    }
}

#[test]
fn random_selections_return_the_selected_fields() {
    const CASES: u32 = 300;
    let judges = Judges::new();
    let grown = RefCell::new(BTreeSet::new());
    let count = RefCell::new((0, 0));
    // The same cases in every run, so that a failure is no accident.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config =
        Config { cases: CASES, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&vec(any::<u16>(), 0..200), |choices| {
        let mut growth = Growth::new(&judges.schema, &choices);
        let outcome = if choices.len() % 5 == 4 {
            let (plan, variables) = growth.mutation();
            judges.check(OperationType::Mutation, plan, &variables)
        } else {
            judges.check(OperationType::Query, growth.query(), &[])
        };
        let value = outcome.map_err(TestCaseError::fail)?;
        let found = values(&value);
        let mut count = count.borrow_mut();
        *count = (count.0 + usize::from(found > 0), count.1 + found);
        grown.borrow_mut().append(&mut growth.grown);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let grown = grown.into_inner();
    for interface in judges.schema.interfaces() {
        assert!(grown.contains(interface.name), "nothing of {}: {grown:?}", interface.name);
    }
    assert_eq!(judges.schema.interfaces().len(), 13);
    let forms = [
        "default of an interface",
        "variants",
        "variants beside fields",
        "reference",
        "flattened",
        "flattened in flattened",
        "flattened reference",
        "page",
        "nodes",
        "all pages",
        "payload",
    ];
    for form in forms {
        assert!(grown.contains(form), "no {form}");
    }
    let (with_values, leaves) = count.into_inner();
    assert!(with_values > 200 && leaves > 3000, "{with_values} answers with {leaves} values");
}

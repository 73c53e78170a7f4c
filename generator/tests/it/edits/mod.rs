//! Edits of a schema, one case each: what the diff says of them, and proof of it.

mod cases;
mod diff;
mod proof;
mod server;
mod table;
mod workspace;

use cases::Case;
use std::collections::BTreeSet;

#[test]
fn every_case_has_a_name_of_its_own_and_a_schema() {
    let mut names = BTreeSet::new();
    for case in Case::all() {
        assert!(names.insert(case.slug()), "{}: two cases have this name", case.name);
        workspace::generator(&case.schema()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
    }
}

/// With a part of a name in the variable `EDIT`, of the cases with it alone.
#[test]
#[ignore = "takes minutes: `.ci/run` runs it"]
fn every_class_is_proved_by_compiling_and_running() {
    let part = std::env::var("EDIT").unwrap_or_default();
    let cases: Vec<_> = Case::all().into_iter().filter(|case| case.name.contains(&part)).collect();
    assert!(!cases.is_empty(), "no case has {part:?} in its name");
    proof::prove(&cases);
}

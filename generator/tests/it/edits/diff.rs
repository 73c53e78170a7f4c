//! What the diff says of the cases.

use super::cases::{Case, Deployed, Severity, base};
use super::workspace::generator;
use crate::random::differences::assert_listed;
use crate::random::introspection::introspection;
use apollo_compiler::Schema;
use std::fmt::Write as _;
use xurrent_generator::diff::{self, Diff};

#[test]
fn the_diff_has_the_class_of_every_case() {
    let old = generator(&base()).unwrap();
    let mut failures = String::new();
    for case in Case::all() {
        let diff = Diff::between(&old, &generator(&case.schema()).unwrap());
        for failure in failures_of(&case, &diff) {
            writeln!(failures, "# {}: {failure}", case.name).unwrap();
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// Names of root types are not parts of paths that stay the same.
#[test]
fn the_diff_lists_all_differences_of_every_case() {
    let json = |sdl: &str| introspection(&Schema::parse_and_validate(sdl, "schema.graphql").unwrap());
    let before = generator(&base()).unwrap();
    let (old, mut count) = (json(&base()), 0);
    for case in Case::all() {
        let new = case.schema();
        let diff = Diff::between(&before, &generator(&new).unwrap());
        let is_other = |it: &diff::Change| {
            matches!(it.kind, diff::ChangeKind::TypeKindChanged | diff::ChangeKind::RootTypeRenamed)
        };
        if !diff.changes().iter().any(is_other) {
            count += assert_listed(&old, &json(&new), &diff);
        }
    }
    assert!(count > 150, "{count}");
}

/// What the diff says that is not as proved.
fn failures_of(case: &Case, diff: &Diff) -> Vec<String> {
    let mut failures = Vec::new();
    let severity = match diff.severity() {
        None => Some(Severity::None),
        Some(diff::Severity::Safe) => Some(Severity::Safe),
        Some(diff::Severity::Behavioural) => Some(Severity::Behavioural),
        Some(diff::Severity::Breaking) => Some(Severity::Breaking),
        Some(_) => None,
    };
    let deployed = match diff.changes().iter().map(|change| change.deployed).max() {
        None | Some(diff::Deployed::Works) => Some(Deployed::Works),
        Some(diff::Deployed::Changes) => Some(Deployed::Changes),
        Some(diff::Deployed::Fails) => Some(Deployed::Fails),
        Some(_) => None,
    };
    let is_stricter = severity >= Some(case.severity) && deployed >= Some(case.deployed);
    let is_equal = severity == Some(case.severity) && deployed == Some(case.deployed);
    if let Some(reason) = &case.stricter {
        if !is_stricter || is_equal {
            failures.push(format!("{severity:?}, {deployed:?}: {reason}"));
        }
    } else if severity != Some(case.severity) {
        failures.push(format!("{severity:?} is {:?}", case.severity));
    }
    if deployed != Some(case.deployed) && case.stricter.is_none() {
        failures.push(format!("deployed: {deployed:?} is {:?}", case.deployed));
    }
    let is_there = |kind: &str, path: &str| {
        diff.changes().iter().any(|change| change.kind.to_string() == kind && change.path == path)
    };
    if case.severity != Severity::None && !is_there(&case.kind, &case.path) {
        failures.push(format!("no {} of {}", case.kind, case.path));
    }
    let rust: Vec<&String> = diff.changes().iter().flat_map(|change| &change.rust).collect();
    let missing = case.rust.iter().filter(|path| !rust.contains(path));
    failures.extend(missing.map(|path| format!("{path} is not among {rust:?}")));
    if !failures.is_empty() {
        let said = diff
            .changes()
            .iter()
            .map(|it| format!("{} {} {} {} {:?}", it.kind, it.path, it.severity, it.deployed, it.rust));
        failures.extend(said);
    }
    failures
}

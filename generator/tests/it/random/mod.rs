//! Random schemas, and damaged ones: correct code, or an error that names a type and a field.

mod compiled;
mod damage;
mod property;
#[path = "../../../../fuzz/properties/random_schema/mod.rs"]
mod random_schema;

use property::{Outcome, check, check_damaged, check_edited};
use random_schema::random_schema;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

/// How many schemas had which outcome, and what failed.
#[derive(Default)]
struct Report {
    outcomes: BTreeMap<&'static str, usize>,
    failures: Vec<String>,
}

impl Report {
    /// Does a check for each of these seeds, on all processors.
    fn of(seeds: Range<u64>, check: fn(u64) -> Outcome) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let part = |first: usize| {
                let mut report = Self::default();
                seeds.clone().skip(first).step_by(threads).for_each(|seed| report.add(seed, check));
                report
            };
            let threads: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).fold(Self::default(), Self::and)
        })
    }

    fn add(&mut self, seed: u64, check: fn(u64) -> Outcome) {
        match std::panic::catch_unwind(|| check(seed)) {
            Ok(Outcome::Generated) => *self.outcomes.entry("generated").or_default() += 1,
            Ok(Outcome::Refused(kind)) => *self.outcomes.entry(kind).or_default() += 1,
            Err(panic) => {
                let message = panic.downcast_ref::<String>().map(String::as_str);
                let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
                let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("seed-{seed}.graphql"));
                std::fs::write(&file, random_schema(seed)).unwrap();
                self.failures.push(format!("seed {seed}, {}: {message}", file.display()));
            }
        }
    }

    fn and(mut self, other: Self) -> Self {
        for (name, count) in other.outcomes {
            *self.outcomes.entry(name).or_default() += count;
        }
        self.failures.extend(other.failures);
        self
    }

    fn assert(&self, least_generated: usize) {
        println!("{:?}", self.outcomes);
        let some: Vec<String> =
            self.failures.iter().take(20).map(|failure| failure.chars().take(600).collect()).collect();
        assert!(some.is_empty(), "{} failures\n{}", self.failures.len(), some.join("\n\n"));
        let all: usize = self.outcomes.values().sum();
        assert!(self.outcomes["generated"] * 100 >= all * least_generated, "{:?}", self.outcomes);
    }
}

fn check_all(seeds: Range<u64>) {
    Report::of(seeds, |seed| check(&random_schema(seed))).assert(70);
}

fn check_all_damaged(seeds: Range<u64>) {
    Report::of(seeds, check_damaged).assert(5);
}

fn check_all_edited(seeds: Range<u64>) {
    Report::of(seeds, check_edited).assert(5);
}

#[test]
fn random_schemas_are_generated_or_refused_with_a_path() {
    check_all(0..100);
}

#[test]
#[ignore = "takes a minute: `.ci/run` runs it"]
fn ten_thousand_random_schemas_are_generated_or_refused_with_a_path() {
    check_all(0..10_000);
}

#[test]
fn damaged_introspection_results_are_generated_or_refused_with_a_place() {
    check_all_damaged(0..100);
}

#[test]
#[ignore = "takes a minute: `.ci/run` runs it"]
fn ten_thousand_damaged_introspection_results_are_generated_or_refused_with_a_place() {
    check_all_damaged(0..10_000);
}

#[test]
#[cfg(feature = "sdl")]
fn edited_definitions_are_generated_or_refused() {
    check_all_edited(0..100);
}

#[test]
#[cfg(feature = "sdl")]
#[ignore = "takes a minute: `.ci/run` runs it"]
fn five_thousand_edited_definitions_are_generated_or_refused() {
    check_all_edited(0..5_000);
}

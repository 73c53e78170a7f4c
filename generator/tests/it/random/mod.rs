//! Random schemas, and damaged ones: correct code, or an error that names a type and a field.

mod compiled;
mod damage;
pub(crate) mod differences;
pub(crate) mod introspection;
mod property;
#[path = "../../../../fuzz/properties/random_schema/mod.rs"]
pub(crate) mod random_schema;

use differences::check_differences;
use property::{Input, Outcome, check, check_damaged, check_edited};
use random_schema::random_schema;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

/// A check of a seed: what is checked, and what came of it.
type Check = fn(u64) -> Vec<(&'static str, Outcome)>;

/// How many schemas had which outcome, and what failed.
#[derive(Default)]
struct Report {
    outcomes: BTreeMap<(&'static str, &'static str), usize>,
    failures: Vec<String>,
}

impl Report {
    /// Does a check for each of these seeds, on all processors.
    fn of(seeds: Range<u64>, check: Check) -> Self {
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

    fn add(&mut self, seed: u64, check: Check) {
        match std::panic::catch_unwind(|| check(seed)) {
            Ok(outcomes) => {
                for (what, outcome) in outcomes {
                    let outcome = match outcome {
                        Outcome::Generated => "generated",
                        Outcome::Refused(kind) => kind,
                    };
                    *self.outcomes.entry((what, outcome)).or_default() += 1;
                }
            }
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

    /// Asserts that nothing failed, and that at least so many percent of each were generated.
    fn assert(&self, least_generated: &[(&'static str, usize)]) {
        println!("{:?}", self.outcomes);
        let some: Vec<String> =
            self.failures.iter().take(20).map(|failure| failure.chars().take(600).collect()).collect();
        assert!(some.is_empty(), "{} failures\n{}", self.failures.len(), some.join("\n\n"));
        for (what, least) in least_generated {
            let of = self.outcomes.iter().filter(|((other, _), _)| other == what);
            let all: usize = of.map(|(_, count)| count).sum();
            assert!(self.outcomes[&(*what, "generated")] * 100 >= all * least, "{:?}", self.outcomes);
        }
    }
}

/// Each schema, and the introspection result of every second one with damage.
fn check_all(seeds: Range<u64>) {
    let check = |seed| {
        let input = Input::new(seed);
        let damaged = seed.is_multiple_of(2).then(|| ("damaged", check_damaged(&input)));
        [("valid", check(&input))].into_iter().chain(damaged).collect()
    };
    Report::of(seeds, check).assert(&[("valid", 70), ("damaged", 5)]);
}

fn check_all_edited(seeds: Range<u64>) {
    Report::of(seeds, |seed| vec![("edited", check_edited(seed))]).assert(&[("edited", 5)]);
}

#[test]
fn random_schemas_are_generated_or_refused_with_a_path() {
    check_all(0..100);
}

#[test]
#[ignore = "takes minutes: `.ci/run` runs it"]
fn ten_thousand_random_schemas_are_generated_or_refused_with_a_path() {
    check_all(0..10_000);
}

#[test]
#[cfg(feature = "sdl")]
fn edited_definitions_are_generated_or_refused() {
    check_all_edited(0..100);
}

#[test]
#[cfg(feature = "sdl")]
#[ignore = "takes a minute: `.ci/run` runs it"]
fn a_thousand_edited_definitions_are_generated_or_refused() {
    check_all_edited(0..1_000);
}

fn check_all_differences(seeds: Range<u64>) {
    Report::of(seeds, |seed| vec![("compared", check_differences(seed))]).assert(&[("compared", 30)]);
}

#[test]
fn all_differences_of_edited_schemas_are_listed() {
    check_all_differences(0..200);
}

#[test]
#[ignore = "takes a minute: `.ci/run` runs it"]
fn all_differences_of_a_thousand_edited_schemas_are_listed() {
    check_all_differences(0..1_000);
}

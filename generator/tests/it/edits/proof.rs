//! The proof: the programs of all cases are compiled and run, and what comes of it is compared with the cases.

use super::cases::{Case, Deployed, Severity, base};
use super::server::{Served, serve};
use super::workspace::{Diagnostic, Outcome, PROGRAMS, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Proves all cases, and fails with what is not as they say.
pub(crate) fn prove(cases: &[Case]) {
    let start = Instant::now();
    let workspace = Workspace::write(cases);
    let said = workspace.check();
    println!("compiled after {:.0?}", start.elapsed());
    let has_error =
        |key: &(String, &'static str)| said.get(key).is_some_and(|it| it.iter().any(|it| it.is_error));
    let programs = cases.iter().flat_map(|case| case.programs().map(|(program, _)| (case.slug(), program)));
    let compiled: BTreeSet<_> = programs.filter(|key| !has_error(key)).collect();
    let old = base();
    let schemas = cases.iter().flat_map(|case| {
        let path = |server| format!("/{}/{server}", case.slug());
        let before = Served::new(&old, case.before.clone());
        [(path("old"), before), (path("new"), Served::new(&case.schema(), case.answers.clone()))]
    });
    let schemas: BTreeMap<String, Served> = schemas.collect();
    let runs = workspace.run(cases, &compiled, &serve(schemas));
    println!("ran after {:.0?}: {} runs", start.elapsed(), runs.len());
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let proof = Proof { case, slug: case.slug(), said: &said, runs: &runs };
            let failures = proof.failures();
            (!failures.is_empty()).then(|| format!("# {}\n{}", case.name, failures.join("\n")))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {}\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

struct Proof<'a> {
    case: &'a Case,
    slug: String,
    said: &'a BTreeMap<(String, &'static str), Vec<Diagnostic>>,
    runs: &'a BTreeMap<String, Outcome>,
}

impl Proof<'_> {
    fn said(&self, program: &'static str) -> &[Diagnostic] {
        self.said.get(&(self.slug.clone(), program)).map_or(&[], Vec::as_slice)
    }

    fn run(&self, program: &str, sdk: &str, server: &str) -> Option<&Outcome> {
        self.runs.get(&format!("{} {program} {sdk} {server}", self.slug))
    }

    /// What is not as the case says.
    fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let [program, untouched] = PROGRAMS;
        let before = self.run(program, "old", "old").unwrap();
        if before.is_err() {
            failures.push(format!("before the edit, the program fails: {before:?}"));
        }
        if self.case.untouched.is_some() {
            let before = self.run(untouched, "old", "old").unwrap();
            let after = self.run(untouched, "old", "new").unwrap();
            let rebuilt = self.run(untouched, "new", "new");
            if before.is_err() || after != before || rebuilt != Some(before) {
                let said = self.rendered(untouched);
                failures.push(format!("untouched: {before:?}, {after:?}, {rebuilt:?}\n{said}"));
            }
        }
        let severity = self.severity(before);
        if severity != self.case.severity {
            let rebuilt = self.run(program, "new", "new");
            failures.push(format!("{severity:?}: {before:?}, {rebuilt:?}\n{}", self.rendered(program)));
        }
        self.check_names(&mut failures);
        self.check_deployed(before, &mut failures);
        failures
    }

    fn rendered(&self, program: &'static str) -> String {
        self.said(program).iter().map(|it| it.rendered.as_str()).collect()
    }

    /// What is expected of an edited server.
    fn expected(&self, before: &Outcome) -> Outcome {
        self.case.returns.clone().map_or(before.clone(), Ok)
    }

    /// The class by what the compiler says, and by what the program does once it is built again.
    fn severity(&self, before: &Outcome) -> Severity {
        let said = self.said(PROGRAMS[0]);
        match self.run(PROGRAMS[0], "new", "new") {
            None | Some(Err(_)) => Severity::Breaking,
            Some(after) if *after != self.expected(before) => Severity::Behavioural,
            Some(_) if said.iter().any(|it| it.is_deprecated) => Severity::Behavioural,
            Some(_) if self.case.severity == Severity::None => Severity::None,
            Some(_) => Severity::Safe,
        }
    }

    /// Checks that what the compiler says is of the items that the case names.
    fn check_names(&self, failures: &mut Vec<String>) {
        let rendered = self.rendered(PROGRAMS[0]);
        let words: BTreeSet<&str> = rendered.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        // A field that only selections of one's own can have is named as in the schema.
        let name = self.case.path.rsplit('.').next().unwrap();
        if self.case.rust.is_empty() && !rendered.is_empty() && !words.contains(name) {
            failures.push(format!("the compiler does not speak of {name}\n{rendered}"));
        }
        for path in &self.case.rust {
            if !words.contains(path.rsplit("::").next().unwrap()) && !rendered.is_empty() {
                failures.push(format!("the compiler does not speak of {path}\n{rendered}"));
            }
        }
    }

    fn check_deployed(&self, before: &Outcome, failures: &mut Vec<String>) {
        let after = self.run(PROGRAMS[0], "old", "new").unwrap();
        let deployed = match after {
            Err(_) => Deployed::Fails,
            Ok(_) if *after == self.expected(before) => Deployed::Works,
            Ok(_) => Deployed::Changes,
        };
        if deployed != self.case.deployed {
            failures.push(format!("deployed: {deployed:?}: {before:?}, {after:?}"));
        }
        match (after, &self.case.error) {
            (Err(error), Some(part)) if error.contains(part) => {}
            (Err(error), _) => failures.push(format!("error: {error}")),
            (Ok(_), Some(_)) => failures.push("it does not fail, and the case has an error".to_owned()),
            (Ok(_), None) => {}
        }
    }
}

//! The public API of every published crate, as `.ci/api/` has it. Slow: it documents all of them.

use crate::workspace::root;
use public_api::PublicApi;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

const CRATES: [&str; 10] = [
    "xurrent",
    "xurrent-derive",
    "xurrent-generator",
    "xurrent-platform",
    "xurrent-receiver",
    "xurrent-runtime",
    "xurrent-sandbox",
    "xurrent-values",
    "xurrent-webhook",
    "xurrent-webhook-events",
];

/// The command that accepts changes.
const OVERWRITE: &str = "API=overwrite cargo test --package xtask --test it -- --ignored public_api";

/// rustdoc writes JSON into the folder of the HTML pages, with the metadata that these pages need as well.
fn document() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args(["doc", "--quiet", "--no-deps", "--lib", "--target-dir", "target"]);
    cargo.args(["--workspace", "--all-features"]);
    cargo.env("RUSTDOC", root().join(".ci/rustdoc-unstable"));
    cargo.env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    assert!(cargo.status().unwrap().success(), "rustdoc failed");
}

fn read(name: &str) -> PublicApi {
    let json = root().join("target/doc").join(name.replace('-', "_")).with_extension("json");
    let api =
        public_api::Builder::from_rustdoc_json(&json).omit_blanket_impls(true).omit_auto_trait_impls(true);
    api.build().unwrap_or_else(|error| {
        panic!(
            "{}: {error}; public-api reads the JSON of Rust 1.95: test with that, or update it",
            json.display()
        )
    })
}

/// The public API, one item a line, without what the schema determines.
fn lines(name: &str) -> Vec<String> {
    let files = fs::read_dir(root().join("sdk/src/generated")).unwrap();
    let mut records: BTreeSet<String> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    records.insert("records".to_owned());
    let lines = read(name).items().map(ToString::to_string).collect::<Vec<_>>();
    let mut lines: Vec<_> = lines.into_iter().filter(|line| !is_generated(line, &records)).collect();
    // The heads of `impl` blocks without the rest.
    lines.dedup();
    lines
}

/// Whether an item is in a record's module of `xurrent`, or a function of the client for a root field.
fn is_generated(line: &str, records: &BTreeSet<String>) -> bool {
    let is_record = |text: &str| {
        let first = text.split_once("xurrent::").map(|(_, path)| path);
        first.is_some_and(|path| {
            records.contains(path.split(|c: char| c != '_' && !c.is_alphanumeric()).next().unwrap())
        })
    };
    if line.starts_with("pub use ") {
        return false;
    }
    let clients = ["pub fn xurrent::Client::", "pub fn xurrent::blocking::Client::"];
    let function = clients.iter().find_map(|client| line.strip_prefix(client));
    let result = function.and_then(|line| line.split_once("-> xurrent_runtime::"));
    let subject = line.split_once(" for ").map(|(_, subject)| subject).filter(|it| it.contains("xurrent::"));
    result.is_some_and(|(_, result)| is_record(result)) || is_record(subject.unwrap_or(line))
}

#[test]
fn generated_items_are_recognised() {
    let records = BTreeSet::from(["person".to_owned(), "records".to_owned()]);
    for line in [
        "pub struct xurrent::records::person::Person",
        "pub mod xurrent::person",
        "impl core::clone::Clone for xurrent::person::Person",
        "impl xurrent_values::IntoInput<xurrent::person::PersonFilter> for alloc::string::String",
        "pub fn xurrent::Client::me(&self) -> xurrent_runtime::operation::Query<xurrent::person::Person>",
    ] {
        assert!(is_generated(line, &records), "{line}");
    }
    for line in [
        "pub use xurrent::person",
        "pub fn xurrent::Client::builder() -> xurrent::ClientBuilder",
        "pub fn xurrent::Client::keep(&self, xurrent::person::Person) -> xurrent_runtime::error::Result<u8>",
        "pub fn xurrent::RichText::person(&xurrent::person::Person) -> Self",
    ] {
        assert!(!is_generated(line, &records), "{line}");
    }
}

#[test]
#[ignore = "documents all crates, .ci/run does it"]
fn public_apis_are_as_recorded() {
    document();
    let mut changed = Vec::new();
    for name in CRATES {
        let file = root().join(".ci/api").join(name).with_extension("txt");
        let now = lines(name);
        if std::env::var_os("API").is_some_and(|api| api == "overwrite") {
            fs::write(&file, now.join("\n") + "\n").unwrap();
            continue;
        }
        let recorded = fs::read_to_string(&file).unwrap_or_default();
        let (before, after): (BTreeSet<&str>, BTreeSet<&str>) =
            (recorded.lines().collect(), now.iter().map(String::as_str).collect());
        changed.extend(before.difference(&after).map(|line| format!("{name}: - {line}")));
        changed.extend(after.difference(&before).map(|line| format!("{name}: + {line}")));
    }
    assert!(
        changed.is_empty(),
        "the public API differs from .ci/api:\n{}\nTo accept it, add a line to CHANGELOG.md and run: {OVERWRITE}",
        changed.join("\n")
    );
}

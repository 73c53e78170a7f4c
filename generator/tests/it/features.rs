//! Every feature of the generator: a minimal schema, the source as a snapshot, compiled and run.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::case::Case;
use crate::films;
use crate::scratch::{self, write_workspace};
use apollo_compiler::{ExecutableDocument, Schema};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_source_of_every_case_matches_its_snapshot() {
    for case in Case::all() {
        let mut text = String::new();
        for (name, source) in case.generator().rust() {
            writeln!(text, "//// {name}\n{source}").unwrap();
        }
        insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "../snapshots", omit_expression => true}, {
            insta::assert_snapshot!(case.name.as_str(), text);
        });
    }
}

#[test]
fn the_documents_of_every_case_are_valid() {
    for case in Case::all() {
        let sdl = case.read("schema.graphql").unwrap();
        let schema = Schema::parse_and_validate(&sdl, "schema.graphql").unwrap();
        let documents = case.generator().documents();
        assert!(!documents.is_empty(), "{}", case.name);
        for (name, document) in documents {
            ExecutableDocument::parse_and_validate(&schema, &document, &name)
                .unwrap_or_else(|error| panic!("{}: {error}\n{document}", case.name));
        }
    }
}

/// A workspace with a crate for every case. It shares the target folder and the lock file of this
/// one, so nothing that is built already is built again.
struct Scratch {
    folder: PathBuf,
    /// The endpoint of a server of the case `films`.
    films: String,
}

impl Scratch {
    fn new() -> Self {
        let root = scratch::root();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cases");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let mut members = Vec::new();
        for case in Case::all() {
            let crate_folder = folder.join(&case.name);
            let write = |name: &str, text: &str| scratch::write(&crate_folder.join(name), text);
            if let Some(selections) = case.read("selections.rs") {
                write("tests/selections.rs", &selections);
            }
            for (name, source) in case.generator().rust() {
                write(&format!("src/generated/{name}"), &source);
            }
            let behaviour = case.read("behaviour.rs");
            let tests = if behaviour.is_some() { "#[cfg(test)]\nmod behaviour;\n" } else { "" };
            let facade = match FOREIGN.contains(&&*case.name) {
                true => FOREIGN_FACADE.replace("case_films", &format!("case_{}", case.name)),
                false => FACADE.to_owned(),
            };
            let refused = case.read("refused.md");
            let doc_tests = if refused.is_some() { REFUSED } else { "" };
            write("src/refused.md", &refused.unwrap_or_default());
            write("src/lib.rs", &format!("{facade}{tests}{doc_tests}"));
            write("src/behaviour.rs", &behaviour.unwrap_or_default());
            let manifest = format!(
                "[package]\nname = \"case-{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
                 [features]\nsubscriptions = [\"xurrent-runtime/subscriptions\"]\n\n\
                 [dependencies]\nxurrent-runtime = {{ path = {:?} }}\nxurrent-derive = {{ path = {:?} }}\nxurrent-webhook-events = {{ path = {:?} }}\nserde_json = {{ version = \"1\", features = [\"raw_value\"] }}\n\n\
                 [dev-dependencies]\ntokio = {{ version = \"1\", default-features = false, features = [\"rt\", \"time\"] }}\n",
                case.name,
                root.join("sdk/runtime"),
                root.join("sdk/derive"),
                root.join("sdk/webhook/events")
            );
            write("Cargo.toml", &manifest);
            members.push(case.name);
        }
        write_workspace(&folder, &members);
        let films = fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/films/schema.graphql"),
        );
        Self { folder, films: films::serve(&films.unwrap()) }
    }

    fn cargo(&self, arguments: &[&str]) {
        let mut command = scratch::cargo(&self.folder, arguments);
        let output = command.env("FILMS_ENDPOINT", &self.films).output().unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "cargo {arguments:?}\n{stdout}\n{stderr}");
        assert!(!stderr.contains("warning:"), "cargo {arguments:?} warns\n{stderr}");
    }
}

/// What stands beside the generated code in a real SDK. Nothing generated may warn.
const FACADE: &str = "//! A case.\n#![deny(warnings, missing_docs, rustdoc::all, unreachable_pub)]\n\
    #![cfg_attr(test, allow(deprecated))]\n\
    mod generated;\n\
    pub use generated::*;\n\
    /// The client.\n#[derive(Clone, Debug)]\npub struct Client(xurrent_runtime::ClientCore);\n\
    impl Client {\n    pub(crate) fn runtime(&self) -> &xurrent_runtime::ClientCore {\n        &self.0\n    }\n}\n";

/// What does not compile, as documentation tests.
const REFUSED: &str = "#[cfg(doctest)]\n#[doc = include_str!(\"refused.md\")]\nstruct Refused;\n";

/// Cases with the following facade.
const FOREIGN: [&str; 6] = ["edges", "films", "node_lookup", "page_names", "page_parts", "user_errors"];

/// What stands beside the generated code of an API that is not Xurrent: all of the client, by one macro, and what
/// derived selections need. These are tested from outside, in `selections.rs`.
const FOREIGN_FACADE: &str = "//! Another API.\n#![deny(warnings, missing_docs, rustdoc::all, unreachable_pub)]\n\
    #![cfg_attr(test, allow(deprecated))]\n\
    mod generated;\n\
    xurrent_runtime::client! {\n    /// A client of another API.\n    case_films\n}\n\
    pub use generated::*;\n\
    pub use xurrent_derive::Select;\n\
    pub use xurrent_runtime::*;\n\
    /// Selections.\npub mod select {\n    pub use xurrent_derive::{select_fields, select_type};\n    \
        pub use xurrent_runtime::select::*;\n}\n\
    #[doc(hidden)]\npub mod __private {\n    pub use xurrent_runtime::input::{IntoInput, NonNull, Nullable};\n    \
        pub use xurrent_runtime::select::*;\n    pub use xurrent_runtime::*;\n}\n";

#[test]
fn every_case_compiles_runs_and_is_documented_without_a_warning() {
    let scratch = Scratch::new();
    scratch.cargo(&["test", "--quiet", "--workspace"]);
    let with_subscriptions = ["--quiet", "--package", "case-subscriptions", "--features", "subscriptions"];
    scratch.cargo(&[&["test"], &with_subscriptions[..]].concat());
    scratch.cargo(&[&["doc", "--no-deps"], &with_subscriptions[..]].concat());
    scratch.cargo(&["doc", "--quiet", "--no-deps", "--workspace"]);
}

//! A crate of two environments, compiled and run against a server of each.

use super::NAMES;
use crate::scratch::{self, write_workspace};
use std::fs;
use std::path::Path;
use xurrent_generator::{Config, Generator, Package, Runtime, Schema};

const PRODUCTION: &str = include_str!("production.graphql");
const QA: &str = include_str!("qa.graphql");

#[test]
#[ignore = "compiles a workspace: takes minutes"]
fn a_program_of_both_environments_works_in_both_and_one_of_a_single_environment_is_refused_by_the_other() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("environments");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let runtime = scratch::root().join("sdk/runtime");
    let config = Config::from_toml(NAMES).unwrap();
    let [production, qa] = [PRODUCTION, QA].map(|sdl| Schema::from_sdl(sdl).unwrap());
    let merged = Schema::merge(&production, &qa, &config).unwrap();
    let package = Package::new("both").runtime(Runtime::Path(runtime.to_str().unwrap().to_owned()));
    let mut files = Generator::from_schema(&merged, &config).unwrap().package(&package).unwrap();
    let lints = "\n[lints.rust]\nwarnings = \"deny\"\nmissing_docs = \"deny\"\n";
    files.entry("Cargo.toml".to_owned()).and_modify(|manifest| manifest.push_str(lints));
    let program = format!(
        "[package]\nname = \"program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         both = {{ path = \"../both\" }}\nxurrent-runtime = {{ path = {runtime:?} }}\napollo-compiler = \"1\"\n\
         serde_json = {{ version = \"1\", features = [\"raw_value\"] }}\n"
    );
    write_workspace(&folder, &["both", "program"]);
    let others = [
        ("program/Cargo.toml", program.as_str()),
        ("program/src/main.rs", include_str!("both/main.rs")),
        ("program/src/engine.rs", include_str!("../random/calls/engine.rs")),
        ("program/src/production.graphql", PRODUCTION),
        ("program/src/qa.graphql", QA),
    ];
    let files = files.iter().map(|(name, text)| (format!("both/{name}"), text.as_str()));
    for (name, text) in files.chain(others.map(|(name, text)| (name.to_owned(), text))) {
        scratch::write(&folder.join(name), text);
    }
    let output = scratch::cargo(&folder, &["run", "--quiet", "--package", "program"]).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stdout.contains(" calls"), "{stdout}\n{stderr}");
}

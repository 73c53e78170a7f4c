//! A sample of the random schemas, compiled: a crate each.

use super::property::introspection;
use super::random_schema::random_schema;
use apollo_compiler::Schema;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xurrent_generator::{Config, Generator, Package, Runtime};

/// Behind each manifest: nothing that is generated may warn.
const LINTS: &str =
    "\n[lints.rust]\nwarnings = \"deny\"\nmissing_docs = \"deny\"\nunreachable_pub = \"deny\"\n";

/// Writes the workspace for the first `count` schemas that are generated.
fn write(count: usize) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("random");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let runtime = root.join("sdk/runtime");
    let mut members = Vec::new();
    for seed in 0.. {
        let sdl = random_schema(seed);
        let schema = Schema::parse_and_validate(&sdl, "schema.graphql").unwrap();
        let Ok(generator) = Generator::new(&introspection(&schema), &Config::default()) else { continue };
        let name = format!("sample_{seed}");
        let package = Package::new(&name).runtime(Runtime::Path(runtime.to_str().unwrap().to_owned()));
        for (file, text) in generator.package(&package).unwrap() {
            let path = folder.join(&name).join(&file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let lints = if file == "Cargo.toml" { LINTS } else { "" };
            fs::write(path, text + lints).unwrap();
        }
        fs::write(folder.join(&name).join("schema.graphql"), &sdl).unwrap();
        members.push(name);
        if members.len() == count {
            break;
        }
    }
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[profile.dev]\ndebug = \"line-tables-only\"\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

#[test]
#[ignore = "takes minutes: `.ci/run` runs it"]
fn a_sample_compiles_without_a_warning() {
    let folder = write(200);
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--workspace", "--lib"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

//! A sample of the random schemas, compiled: a crate each, and a program that calls some of them.

use super::introspection::introspection;
use super::random_schema::random_schema;
use crate::scratch::{self, write_workspace};
use apollo_compiler::Schema;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use xurrent_generator::{Config, Generator, Package, Runtime};

/// Behind each manifest: nothing that is generated may warn.
const LINTS: &str =
    "\n[lints.rust]\nwarnings = \"deny\"\nmissing_docs = \"deny\"\nunreachable_pub = \"deny\"\n";

/// How many crates are compiled.
const SAMPLE: usize = 200;

/// How many of them are called.
const CALLED: usize = 50;

/// A function of the program: it calls the root fields of a sample that have no required arguments.
fn calls(sample: &str, schema: &Schema, generator: &Generator) -> String {
    let (mut calls, mut connections) = (String::new(), Vec::new());
    let names = generator.names();
    for (rust, path) in &names {
        let Some((function, (operation, name))) = rust.strip_prefix("Client::").zip(path.split_once(' '))
        else {
            continue;
        };
        let roots = &schema.schema_definition;
        let root = match operation {
            "query" => roots.query.as_ref(),
            "mutation" => roots.mutation.as_ref(),
            _ => continue,
        };
        let field = schema.type_field(root.unwrap(), name).unwrap();
        if field.arguments.iter().any(|argument| argument.is_required()) {
            continue;
        }
        // A connection has a type beside its function.
        let is_connection = names.iter().any(|(rust, other)| other == path && !rust.starts_with("Client::"));
        let first = if is_connection { ".first()" } else { "" };
        writeln!(
            calls,
            "    for _ in 0..8 {{ engine::call(&sample, {path:?}, client.{function}(){first}); }}"
        )
        .unwrap();
        connections.extend(is_connection.then_some(name));
    }
    format!(
        "fn {sample}() {{
    let sdl = include_str!(\"../../{sample}/schema.graphql\");
    let sample = engine::Sample::new({sample:?}, sdl, &{connections:?});
    engine::documents(&sample, {sample}::root_fields().into_iter().map(|root| root.document()));
    let builder = {sample}::Client::builder().personal_access_token(\"token\");
    let client = builder.transport(engine::transport(&sample)).build().unwrap();
{calls}}}
"
    )
}

/// Writes the program that calls these samples.
fn write_program(folder: &Path, runtime: &Path, samples: &[String], functions: &str) {
    let mut main = format!("#![allow(deprecated)]\n\nmod engine;\n\n{functions}\nfn main() {{\n");
    let mut manifest = format!(
        "[package]\nname = \"calls\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         xurrent-runtime = {{ path = {runtime:?} }}\napollo-compiler = \"1\"\n\
         serde_json = {{ version = \"1\", features = [\"raw_value\"] }}\n"
    );
    for sample in samples {
        writeln!(main, "    {sample}();").unwrap();
        writeln!(manifest, "{sample} = {{ path = \"../{sample}\" }}").unwrap();
    }
    let crate_folder = folder.join("calls");
    scratch::write(&crate_folder.join("src/main.rs"), &(main + "    engine::finish();\n}\n"));
    scratch::write(&crate_folder.join("src/engine.rs"), include_str!("calls/engine.rs"));
    scratch::write(&crate_folder.join("Cargo.toml"), &manifest);
}

/// Writes the workspace for the first schemas that are generated.
fn write() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("random");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let runtime = root.join("sdk/runtime");
    let (mut members, mut functions) = (Vec::new(), String::new());
    for seed in 0.. {
        let sdl = random_schema(seed);
        let schema = Schema::parse_and_validate(&sdl, "schema.graphql").unwrap();
        let Ok(generator) = Generator::new(&introspection(&schema), &Config::default()) else { continue };
        let name = format!("sample_{seed}");
        let package = Package::new(&name).runtime(Runtime::Path(runtime.to_str().unwrap().to_owned()));
        for (file, text) in generator.package(&package).unwrap() {
            let lints = if file == "Cargo.toml" { LINTS } else { "" };
            scratch::write(&folder.join(&name).join(&file), &(text + lints));
        }
        scratch::write(&folder.join(&name).join("schema.graphql"), &sdl);
        if members.len() < CALLED {
            functions.push_str(&calls(&name, &schema, &generator));
        }
        members.push(name);
        if members.len() == SAMPLE {
            break;
        }
    }
    write_program(&folder, &runtime, &members[..CALLED], &functions);
    members.push("calls".to_owned());
    write_workspace(&folder, &members);
    folder
}

/// Runs cargo on the workspace of the sample.
fn cargo(folder: &Path, arguments: &[&str]) {
    let output = scratch::cargo(folder, arguments).output().unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout).trim_end());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "takes minutes: `.ci/run` runs it"]
fn a_sample_compiles_without_a_warning_and_its_calls_are_answered() {
    let folder = write();
    cargo(&folder, &["run", "--quiet", "--package", "calls"]);
    cargo(&folder, &["check", "--quiet", "--workspace", "--lib", "--exclude", "calls"]);
}

//! A sample of the random schemas, compiled: a crate each, and a program that calls all of them.

use super::property::introspection;
use super::random_schema::random_schema;
use apollo_compiler::Schema;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xurrent_generator::{Config, Generator, Package, Runtime};

/// Behind each manifest: nothing that is generated may warn.
const LINTS: &str =
    "\n[lints.rust]\nwarnings = \"deny\"\nmissing_docs = \"deny\"\nunreachable_pub = \"deny\"\n";

/// The calls of root fields without required arguments, as code of a function of the program.
fn calls(name: &str, schema: &Schema, generator: &Generator) -> String {
    let mut code = format!(
        "fn {name}() {{\n    let sample = engine::Sample::new(\"{name}\", include_str!(\"../../{name}/schema.graphql\"));\n    \
         engine::documents(&sample, {name}::root_fields().into_iter().map(|root| root.document()));\n    \
         let builder = {name}::Client::builder().personal_access_token(\"token\").transport(engine::transport(&sample));\n    \
         let client = builder.build().unwrap();\n"
    );
    let names = generator.names();
    for (rust, path) in &names {
        let Some((function, (operation, field))) = rust.strip_prefix("Client::").zip(path.split_once(' '))
        else {
            continue;
        };
        let roots = &schema.schema_definition;
        let root = if operation == "mutation" { &roots.mutation } else { &roots.query };
        let Ok(field) = schema.type_field(root.as_ref().unwrap(), field) else { continue };
        if field.arguments.iter().any(|argument| argument.is_required()) {
            continue;
        }
        let is_connection = names.iter().any(|(rust, other)| other == path && !rust.starts_with("Client::"));
        let first = if is_connection { ".first()" } else { "" };
        writeln!(code, "    for _ in 0..4 {{\n        engine::call(&sample, {path:?}, client.{function}(){first});\n    }}").unwrap();
    }
    code + "}\n"
}

/// Writes the workspace for the first `count` schemas that are generated.
fn write(count: usize) -> PathBuf {
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
            let path = folder.join(&name).join(&file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let lints = if file == "Cargo.toml" { LINTS } else { "" };
            fs::write(path, text + lints).unwrap();
        }
        fs::write(folder.join(&name).join("schema.graphql"), &sdl).unwrap();
        functions.push_str(&calls(&name, &schema, &generator));
        members.push(name);
        if members.len() == count {
            break;
        }
    }
    write_program(&folder, &runtime, &members, &functions);
    members.push("calls".to_owned());
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[profile.dev]\ndebug = \"line-tables-only\"\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

fn package(name: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n")
}

/// The program that calls all samples.
fn write_program(folder: &Path, runtime: &Path, samples: &[String], functions: &str) {
    let source = folder.join("calls/src");
    fs::create_dir_all(&source).unwrap();
    let mut main = format!("#![allow(deprecated)]\n\nmod engine;\n\n{functions}\nfn main() {{\n");
    let mut manifest = format!(
        "{}[dependencies]\nxurrent-runtime = {{ path = {runtime:?} }}\napollo-compiler = \"1\"\n\
         serde_json = {{ version = \"1\", features = [\"raw_value\"] }}\n",
        package("calls")
    );
    for sample in samples {
        writeln!(main, "    {sample}();").unwrap();
        writeln!(manifest, "{sample} = {{ path = \"../{sample}\" }}").unwrap();
    }
    fs::write(source.join("main.rs"), main + "}\n").unwrap();
    fs::write(source.join("engine.rs"), include_str!("calls/engine.rs")).unwrap();
    fs::write(folder.join("calls/Cargo.toml"), manifest).unwrap();
}

#[test]
#[ignore = "takes minutes: `.ci/run` runs it"]
fn a_sample_compiles_without_a_warning_and_its_calls_work() {
    let folder = write(200);
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "calls"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

//! The crates of a proof: one for the schema before all edits, one for each case, and a program that runs them.

use super::cases::{Case, base};
use crate::scratch::{self, write_workspace};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use xurrent_generator::{Config, Generator, Package, Runtime};

/// The programs of a case, as their files are called.
pub(crate) const PROGRAMS: [&str; 2] = ["program", "untouched"];

/// What the compiler says of a file.
#[derive(Debug)]
pub(crate) struct Diagnostic {
    pub(crate) is_error: bool,
    /// Whether it warns of something deprecated.
    pub(crate) is_deprecated: bool,
    pub(crate) rendered: String,
}

/// What a program came to: what it printed, or the kind and the text of its error.
pub(crate) type Outcome = Result<String, String>;

pub(crate) struct Workspace {
    folder: PathBuf,
}

/// The generator for the schema of a case, or for that before all edits.
pub(crate) fn generator(sdl: &str) -> Result<Generator, xurrent_generator::Error> {
    Generator::new(sdl, &Config::default())
}

impl Workspace {
    pub(crate) fn write(cases: &[Case]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edits");
        let this = Self { folder };
        this.sdk("old", &base());
        let mut members = vec!["old".to_owned(), "runs".to_owned()];
        for case in cases {
            let name = case.slug();
            this.sdk(&name, &case.schema());
            for (program, text) in case.programs() {
                let text = module("#![allow(dead_code)]\n\nuse sdk::*;", text) + "\nfn main() {}\n";
                this.file(&format!("{name}/src/bin/{program}.rs"), &text);
            }
            members.push(name);
        }
        write_workspace(&this.folder, &members);
        this.runs(cases, &BTreeSet::new());
        this
    }

    /// Writes the crate of a schema. The library is called `sdk`, and the programs are the same for all.
    fn sdk(&self, name: &str, sdl: &str) {
        let runtime = scratch::root().join("sdk/runtime");
        let package = Package::new("sdk").runtime(Runtime::Path(runtime.to_str().unwrap().to_owned()));
        let files = generator(sdl).unwrap_or_else(|error| panic!("{name}: {error}")).package(&package);
        for (file, mut text) in files.unwrap() {
            if file.starts_with("examples/") {
                continue;
            }
            if file == "Cargo.toml" {
                text = text
                    .replace("name = \"sdk\"", &format!("name = \"{name}\""))
                    .replace("default = [\"rustls\"]", "default = [\"subscriptions\"]")
                    + "\n[lib]\nname = \"sdk\"\n";
            }
            self.file(&format!("{name}/{file}"), &text);
        }
    }

    fn file(&self, path: &str, text: &str) {
        scratch::write(&self.folder.join(path), text);
    }

    /// Writes the program that runs all others: built with the SDK from before all edits, and with the SDKs of
    /// those cases with which they compile.
    fn runs(&self, cases: &[Case], compiled: &BTreeSet<(String, &'static str)>) {
        let mut manifest = format!(
            "[package]\nname = \"runs\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             xurrent-runtime = {{ path = {:?}, default-features = false }}\nserde_json = \"1\"\n\
             tokio = {{ version = \"1\", default-features = false, features = [\"rt\", \"time\"] }}\n\
             with_old = {{ path = \"../old\", package = \"old\" }}\n",
            scratch::root().join("sdk/runtime")
        );
        let mut main = "#![allow(deprecated)]\n\nmod harness;\n\nfn main() {\n".to_owned();
        let mut modules = String::new();
        for case in cases {
            let slug = case.slug();
            for (program, text) in case.programs() {
                let mut add = |sdk: &str, servers: &[&str]| {
                    let module_name = format!("{program}_{slug}_{sdk}");
                    let name = if sdk == "old" { sdk } else { &slug };
                    let head = format!("use with_{name} as sdk;\nuse sdk::*;");
                    self.file(&format!("runs/src/{module_name}.rs"), &module(&head, text));
                    writeln!(modules, "mod {module_name};").unwrap();
                    for server in servers {
                        writeln!(
                            main,
                            "    harness::run!(with_{name}, {module_name}, \"{slug}\", \"{program}\", \"{sdk}\", \"{server}\");"
                        )
                        .unwrap();
                    }
                };
                add("old", &["old", "new"]);
                if compiled.contains(&(slug.clone(), program)) {
                    add("new", &["new"]);
                }
            }
            if PROGRAMS.iter().any(|program| compiled.contains(&(slug.clone(), *program))) {
                writeln!(manifest, "with_{slug} = {{ path = \"../{slug}\", package = \"{slug}\" }}").unwrap();
            }
        }
        self.file("runs/src/main.rs", &format!("{main}}}\n\n{modules}"));
        self.file("runs/src/harness.rs", include_str!("harness.rs"));
        self.file("runs/Cargo.toml", &manifest);
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        scratch::cargo(&self.folder, arguments)
    }

    /// Compiles the programs with the SDKs of their cases, and returns what the compiler says of each.
    pub(crate) fn check(&self) -> BTreeMap<(String, &'static str), Vec<Diagnostic>> {
        #[derive(Deserialize)]
        struct Line {
            message: Option<Message>,
            target: Option<Target>,
            manifest_path: Option<PathBuf>,
        }
        #[derive(Deserialize)]
        struct Target {
            kind: Vec<String>,
            name: String,
        }
        #[derive(Deserialize)]
        struct Message {
            level: String,
            code: Option<Code>,
            rendered: String,
        }
        #[derive(Deserialize)]
        struct Code {
            code: String,
        }
        let arguments =
            ["check", "--workspace", "--exclude", "runs", "--keep-going", "--message-format=json"];
        let output = self.cargo(&arguments).output().unwrap();
        let mut said: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let Line { message: Some(message), target, manifest_path } = serde_json::from_str(line).unwrap()
            else {
                continue;
            };
            let folder = manifest_path.unwrap().parent().unwrap().to_owned();
            let slug = folder.file_name().unwrap().to_str().unwrap().to_owned();
            let Message { level, code, rendered } = message;
            let target = target.unwrap();
            let program = PROGRAMS.iter().find(|program| target.kind == ["bin"] && target.name == **program);
            let Some(program) = program else {
                panic!("{}: an SDK does not compile without a warning\n{rendered}", folder.display());
            };
            let is_deprecated = code.is_some_and(|it| it.code == "deprecated");
            let diagnostic = Diagnostic { is_error: level == "error", is_deprecated, rendered };
            said.entry((slug, *program)).or_default().push(diagnostic);
        }
        assert!(
            output.status.success() || said.values().flatten().any(|it| it.is_error),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said
    }

    /// Runs the programs against these servers: what each came to, by the case, the program, the SDK and the
    /// server.
    pub(crate) fn run(
        &self,
        cases: &[Case],
        compiled: &BTreeSet<(String, &'static str)>,
        origin: &str,
    ) -> BTreeMap<String, Outcome> {
        self.runs(cases, compiled);
        let mut command = self.cargo(&["run", "--quiet", "--package", "runs"]);
        let output = command.env("ORIGIN", origin).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(|line| serde_json::from_str::<(String, Outcome)>(line).unwrap()).collect()
    }
}

/// The module of a program.
fn module(head: &str, program: &str) -> String {
    let subscribes = program.contains("client.subscribe_");
    format!(
        "{head}\n\npub const SUBSCRIBES: bool = {subscribes};\n\npub async fn run(client: Client) -> sdk::Result<String> {{\n    let value = {{\n{program}\n    }};\n    \
         Ok(format!(\"{{value:?}}\"))\n}}\n"
    )
}

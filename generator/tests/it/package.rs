//! Whole crates: of the case `films` from each form of its schema, built, documented and run, and by a build
//! script.

use crate::case::{Case, introspection};
use crate::films;
use crate::scratch::{self, root, write_workspace};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use xurrent_generator::{Config, Files, Generator, Package, Runtime};

const CONFIG: &str = "[client]\naccount = { header = \"x-studio\", method = \"studio\" }\n\n\
    [connections]\nmax_nodes = 5000\n";

fn schema() -> String {
    Case::all().iter().find(|case| case.name == "films").unwrap().read("schema.graphql").unwrap()
}

fn package(schema: &str, config: &str, name: &str) -> Result<Files, xurrent_generator::Error> {
    let runtime = Runtime::Path(root().join("sdk/runtime").to_str().unwrap().to_owned());
    Generator::new(schema, &Config::from_toml(config)?)?.package(&Package::new(name).runtime(runtime))
}

fn write(folder: &Path, files: &Files) {
    for (name, text) in files {
        scratch::write(&folder.join(name), text);
    }
}

#[test]
fn sdl_and_json_give_the_same_crate() {
    let (sdl, json) = (schema(), introspection(&schema()));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let unwrapped = value["data"].to_string();
    let expected = package(&json, CONFIG, "films").unwrap();
    assert!(package(&sdl, CONFIG, "films").unwrap() == expected);
    assert!(package(&format!("\u{feff}{unwrapped}"), CONFIG, "films").unwrap() == expected);
    let names: Vec<&str> = expected.keys().map(String::as_str).collect();
    for name in ["Cargo.toml", "examples/first_call.rs", "src/lib.rs", "src/generated/film.rs"] {
        assert!(names.contains(&name), "{names:?}");
    }
}

#[test]
fn directives_and_extensions_need_no_definition() {
    let sdl = r#"
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
        # A subgraph.
        extend type Query { films(by: By @deprecated(reason: "no")): [Film!] @tag(name: "public") @cost(weight: 5) }
        type Film @key(fields: "id") @shareable { id: ID! title: String @deprecated(reason: "old") }
        extend type Film { year: Int @external }
        enum Kind @inaccessible { SHORT LONG @deprecated }
        extend enum Kind { SERIES }
        input By @oneOf { id: ID kind: Kind @tag(name: "x") }
        scalar Url @specifiedBy(url: "https://url.spec.whatwg.org") @scalarDirective
        union Any @tag(name: "x") = Film
    "#;
    let files = Generator::new(sdl, &Config::default()).unwrap().rust();
    let film = &files["film.rs"];
    assert!(film.contains("year: Option<i64>") && film.contains("#[deprecated(note = \"no\")]"), "{film}");
    assert!(files["kind.rs"].contains("Series = \"SERIES\""), "{}", files["kind.rs"]);
    let schema = xurrent_generator::Schema::from_text(sdl).unwrap();
    assert_eq!(schema.get("By").unwrap().is_one_of, Some(true));
    let refused = |sdl: &str| Generator::new(sdl, &Config::default()).err().unwrap().to_string();
    let error = refused("type Query { film: Film }");
    assert!(error.contains("no valid SDL") && error.contains("schema.graphql:1:20"), "{error}");
    assert!(refused("type Query { film: }").contains("no valid SDL"));
}

#[test]
fn what_every_engine_defines_can_be_in_the_schema() {
    const SDL: &str = "type Query { a(b: Float): Int c: ID d: String e: Boolean }";
    let defined = "
        \"\"\"Digits.\"\"\" scalar Int scalar Float scalar String scalar Boolean scalar ID
        directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
        directive @deprecated(reason: String = \"No longer supported\") on FIELD_DEFINITION | ENUM_VALUE
        enum __TypeKind { SCALAR } type __Schema { types: [String] }";
    let rust = |sdl: &str| Generator::new(sdl, &Config::default()).unwrap().rust();
    assert!(rust(&format!("{SDL}{defined}")) == rust(SDL));
}

#[test]
fn the_first_of_many_mistakes_are_quoted() {
    let fields: String = (0..1_000).map(|number| format!("f{number}: Gone{number}\n")).collect();
    let error = Generator::new(&format!("type Query {{ {fields} }}"), &Config::default()).err().unwrap();
    let error = error.to_string();
    assert!(error.contains("`Gone0`") && error.contains("`Gone9`"), "{error}");
    assert!(!error.contains("Gone10") && error.ends_with("and 990 more"), "{error}");
}

#[test]
fn settings_of_the_client_are_checked_and_used() {
    let text = |config: &str, file: &str| package(&schema(), config, "films").unwrap()[file].clone();
    let lib = text(
        "[client]\nendpoint = \"https://films.example/graphql\"\nauthentication = \"X-Api-Key\"\n\
         user_agent = \"f/1\"\n\n[connections]\nmax_nodes = 5000",
        "src/lib.rs",
    );
    for line in [
        "const ENDPOINT: Option<&'static str> = Some(\"https://films.example/graphql\");",
        "HeaderName::from_static(\"x-api-key\")",
        "\"f/1\";",
        "const MAX_NODES: Option<u64> = Some(5000);",
    ] {
        assert!(lib.contains(line), "{line} is not in {lib}");
    }
    let open = "[client]\nauthentication = \"none\"\nendpoint = \"https://films.example/graphql\"";
    let example = text(open, "examples/first_call.rs");
    assert!(example.contains("Client::builder().build()?") && !example.contains("TOKEN"), "{example}");
    let manifest =
        text("[dependencies]\nchrono = { version = \"0.4\", features = [\"serde\"] }", "Cargo.toml");
    assert!(manifest.contains("\nchrono = { features = [\"serde\"], version = \"0.4\" }\n"), "{manifest}");
    for (config, part) in [
        ("[client]\nendpoint = \"films\"", "expected a URL"),
        ("[client]\nauthentication = \"x y\"", "expected \"bearer\", \"none\" or the name of a header"),
        ("[client]\naccount = { header = \"a b\", method = \"a\" }", "account.header"),
        ("[client]\naccount = { header = \"a\", method = \"fn\" }", "account.method"),
        ("[client]\nuser_agent = \"\\u0007\"", "user_agent"),
        ("preamble = \"one\\ntwo\"", "expected a line of text"),
    ] {
        let error = package(&schema(), config, "films").unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    for name in ["", "1films", "a b", "std", "self", "xurrent-runtime", "../films"] {
        let error = package(&schema(), "", name).unwrap_err().to_string();
        assert!(error.contains("the crate cannot be called"), "{name}: {error}");
    }
}

#[test]
fn every_name_at_the_root_of_a_crate_is_reserved() {
    let lib = package(&schema(), "", "films").unwrap()["src/lib.rs"].clone();
    let facade = lib.split("pub mod batch").next().unwrap();
    let list = facade.split("pub use xurrent_runtime::{").nth(1).unwrap().split('}').next().unwrap();
    let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.split([' ', ';']).next());
    let names =
        list.split(',').map(str::trim).chain(modules).chain(["Client", "ClientBuilder", "Prescribed"]);
    let names: Vec<&str> = names.filter(|name| !name.is_empty() && *name != "__private").collect();
    assert!(names.len() > 45, "{names:?}");
    for name in names {
        let config = Config::from_toml(&format!("[renames]\nFilm = {name:?}")).unwrap();
        let error = Generator::new(&schema(), &config).err().unwrap_or_else(|| panic!("{name} is free"));
        assert!(error.to_string().contains("reserved"), "{name}: {error}");
    }
    let sdl = "type Query { batch: Batch http: Http } type Batch { a: Int } type Http { a: Int }";
    let files = Generator::new(sdl, &Config::default()).unwrap().rust();
    assert!(files.contains_key("batch_.rs") && files.contains_key("http_.rs"), "{:?}", files.keys());
}

#[test]
fn scalars_without_a_type_are_named() {
    let sdl =
        "type Query { at: DateTime id: UUID price: Money n: Int } scalar DateTime scalar UUID scalar Money";
    let generator =
        Generator::new(sdl, &Config::from_toml("[scalars]\nMoney = \"decimal\"").unwrap()).unwrap();
    let report = generator.conventions().collect::<Vec<_>>().join("\n");
    assert!(report.contains("scalars: `UUID` as texts; `DateTime` with any value: [scalars]"), "{report}");
    let calls = &generator.rust()["query.rs"];
    assert!(calls.contains("Option<String>") && calls.contains("Option<rt::Json>"), "{calls}");
    for (path, part) in [("a b::C", "no path of a Rust type"), ("text", "unknown variant `text`")] {
        let error = Config::from_toml(&format!("[scalars]\nMoney = {path:?}")).unwrap_err();
        assert!(xurrent_generator::error_chain(&error).contains(part), "{error:?}");
    }
}

#[test]
fn every_key_of_the_configuration_is_in_the_readme() {
    let readme = fs::read_to_string(root().join("generator/README.md")).unwrap();
    let table = readme.split("## Configuration").nth(1).unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let documented: Vec<&str> = rows.map(|key| key.trim_matches(['[', ']'])).collect();
    let keys = |toml: &str| {
        let error = xurrent_generator::error_chain(&Config::from_toml(toml).unwrap_err());
        let list = error.split("expected one of ").nth(1).unwrap().to_owned();
        list.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut known = keys("no_such_key = 1");
    known.sort();
    let mut sorted = documented.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, known);
    let example = table.split("```toml").nth(1).unwrap().split("```").next().unwrap();
    Config::from_toml(example).unwrap();
    for key in keys("[client]\nno_such_key = 1") {
        assert!(example.contains(&format!("\n{key} = ")), "{key}");
    }
}

/// A workspace that shares the target folder and the lock file of this one.
struct Scratch {
    folder: PathBuf,
    films: String,
}

impl Scratch {
    fn new(members: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        write_workspace(&folder, members);
        Self { folder, films: films::serve(&schema()) }
    }

    fn cargo(&self, arguments: &[&str]) -> String {
        let variables =
            [("FILMS_TOKEN", "token-of-a-test"), ("FILMS_STUDIO", "north"), ("FILMS_ENDPOINT", &self.films)];
        let Output { status, stdout, stderr } =
            scratch::cargo(&self.folder, arguments).envs(variables).output().unwrap();
        let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "cargo {arguments:?}\n{stdout}\n{stderr}");
        assert!(!stderr.contains("warning:"), "cargo {arguments:?} warns\n{stderr}");
        stdout.into_owned()
    }
}

/// A scalar in every place.
const PRICES: &str = "
    scalar Money
    extend type Film { price: Money, prices: [Money!] }
    extend input FilmCreateInput { price: Money, prices: [Money!] }
    extend type Query { dear(than: Money!): [Film!] }
";

/// The build script of the crate's documentation, and selections beside the generated modules.
const BUILT: [(&str, &str); 2] =
    [("build.rs", include_str!("package/build.rs")), ("src/lib.rs", include_str!("package/built.rs"))];

#[test]
fn crates_build_without_warnings_and_their_example_runs() {
    let workspace = Scratch::new(&["films", "built"]);
    let films = workspace.folder.join("films");
    write(&films, &package(&schema(), CONFIG, "films").unwrap());
    let built = workspace.folder.join("built");
    write(&built, &BTreeMap::from(BUILT.map(|(name, text)| (name.to_owned(), text.to_owned()))));
    fs::write(built.join("schema.graphql"), format!("{}{PRICES}", schema())).unwrap();
    let path = |folder: &str| root().join(folder).to_str().unwrap().to_owned();
    let manifest = format!(
        "[package]\nname = \"built\"\nedition = \"2024\"\n\n[dependencies]\nxurrent-derive.path = {:?}\n\
         xurrent-runtime = {{ path = {:?}, default-features = false, features = [\"rustls\"] }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\n[dev-dependencies]\n\
         tokio = {{ version = \"1\", default-features = false, features = [\"rt\", \"time\"] }}\n\n\
         [build-dependencies]\nxurrent-generator = {{ path = {:?}, features = [\"sdl\"] }}\n",
        path("sdk/derive"),
        path("sdk/runtime"),
        path("generator")
    );
    fs::write(built.join("Cargo.toml"), manifest).unwrap();
    workspace.cargo(&["test", "--quiet", "--workspace"]);
    workspace.cargo(&["doc", "--quiet", "--no-deps", "--workspace"]);
    let printed = workspace.cargo(&["run", "--quiet", "--package", "films", "--example", "first_call"]);
    assert!(printed.contains("title: \"Metropolis\"") && printed.contains("title: \"Faust\""), "{printed}");
    fs::write(workspace.folder.join("rustfmt.toml"), "").unwrap();
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024", "--config-path", "rustfmt.toml"]);
    rustfmt.args(["films/src/lib.rs", "films/examples/first_call.rs"]);
    let formatted = rustfmt.current_dir(&workspace.folder).output().unwrap();
    assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stdout));
}

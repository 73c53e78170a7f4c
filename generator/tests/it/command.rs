//! The program: files, fetching with headers, messages.

use crate::case::{Case, introspection};
use crate::films;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use xurrent_generator::{Config, Generator, Package};

const SECRET: &str = "secret-7c21f0";

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

fn generate(arguments: &[&str]) -> Ran {
    run("generate", arguments)
}

fn run(name: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xurrent-generator"));
    let variables = [("FILMS_TOKEN", "token-of-a-test"), ("WRONG_TOKEN", SECRET)];
    let output = command.arg(name).args(arguments).envs(variables).output().unwrap();
    let (stdout, stderr) = (output.stdout, output.stderr);
    let ran = Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    };
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(SECRET), "{}{}", ran.stdout, ran.stderr);
    ran
}

fn schema() -> String {
    Case::all().iter().find(|case| case.name == "films").unwrap().read("schema.graphql").unwrap()
}

fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match path.is_dir() {
            true => {
                all.extend(contents(&path).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)))
            }
            false => drop(all.insert(name, fs::read_to_string(&path).unwrap())),
        }
    }
    all
}

/// A new folder for a test.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_crate_is_generated_from_an_endpoint_that_demands_headers() {
    let (folder, url) = (folder("fetched"), films::serve(&schema()));
    let out = folder.join("films");
    let arguments = ["--schema", &url, "--out", out.to_str().unwrap(), "--crate", "films"];
    let authorized = ["--header-env", "Authorization=Bearer FILMS_TOKEN", "--header", "X-Studio: north"];
    let ran = generate(&[&arguments[..], &authorized].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(
        ran.stdout.starts_with("2 queries, 1 mutations, 7 types in 8 files: 8 written"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("payload errors: `errors"), "{}", ran.stdout);
    let generator = Generator::new(&introspection(&schema()), &Config::default()).unwrap();
    assert!(contents(&out) == generator.package(&Package::new("films")).unwrap());

    let headers = folder.join("headers");
    fs::write(&headers, "Authorization: Bearer token-of-a-test\n\nX-Studio: north\n").unwrap();
    let from_file = ["--header-file", headers.to_str().unwrap(), "--check"];
    let ran = generate(&[&arguments[..], &from_file].concat());
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    for refused in [
        &["--header-env", "Authorization=Bearer WRONG_TOKEN"] as &[&str],
        &["--header-env", "Authorization=WRONG_TOKEN", "--header", "X-Studio: north"],
        &[],
    ] {
        let ran = generate(&[&arguments[..], refused, &["--check"]].concat());
        let expected = format!("error: cannot fetch the schema of {url}: ");
        assert!(ran.code == 1 && ran.stderr.starts_with(&expected), "{}", ran.stderr);
        assert!(ran.stderr.contains("wrong headers"), "{}", ran.stderr);
    }
    for (arguments, part) in [
        (["--header", SECRET], "--header number 1 is no header"),
        (["--header", "a b: c"], "invalid header \"a b\""),
        (["--header-env", "Authorization"], "--header-env Authorization is no header"),
        (["--header-env", "Authorization=Bearer NO_SUCH"], "environment variable NO_SUCH"),
        (["--header-file", "no/such"], "cannot read no/such"),
    ] {
        let ran = generate(&[&["--schema", &url, "--out", "x"], &arguments[..]].concat());
        assert!(ran.code == 1 && ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
}

#[test]
fn only_generated_files_are_replaced() {
    let folder = folder("kept");
    let (out, sdl) = (folder.join("films"), folder.join("schema.graphql"));
    fs::write(&sdl, schema()).unwrap();
    let (out_text, sdl_text) = (out.to_str().unwrap(), sdl.to_str().unwrap());
    let run = |more: &[&str]| {
        generate(&[&["--schema", sdl_text, "--out", out_text, "--crate", "films"], more].concat())
    };
    assert_eq!(run(&[]).code, 0);
    let first = contents(&out);
    assert!(run(&[]).stdout.contains("0 written, 0 deleted, 8 unchanged"));
    let manifest = first["Cargo.toml"].split_once('\n').unwrap().1.replace("0.1.0", "1.2.3");
    fs::write(out.join("Cargo.toml"), &manifest).unwrap();
    fs::write(out.join("src/mine.rs"), "by hand").unwrap();
    fs::write(out.join("examples/first_call.rs"), format!("{}\nchanged", first["examples/first_call.rs"]))
        .unwrap();
    fs::remove_file(out.join("src/generated/person.rs")).unwrap();
    let check = run(&["--check"]);
    assert_eq!(check.code, 1);
    assert!(check.stdout.contains("person.rs") && check.stdout.contains("first_call.rs"), "{}", check.stdout);
    assert!(check.stdout.contains("2 generated files are out of date"), "{}", check.stdout);
    let repair = run(&[]);
    assert!(repair.stdout.contains("2 written, 0 deleted, 5 unchanged"), "{}", repair.stdout);
    assert!(
        repair.stdout.contains("kept, since its first line is not that of a generated file"),
        "{}",
        repair.stdout
    );
    let after = contents(&out);
    assert_eq!((&after["Cargo.toml"], after["src/mine.rs"].as_str()), (&manifest, "by hand"));
    assert_eq!(after["examples/first_call.rs"], first["examples/first_call.rs"]);

    let smaller = schema().replace("filmCreate(", "filmAdd(");
    fs::write(
        &sdl,
        smaller
            .replace("director: Person", "")
            .replace("type Person implements Node { id: ID!, name: String }", ""),
    )
    .unwrap();
    assert!(run(&[]).stdout.contains(", 1 deleted"), "the module of a record that is gone");
    assert!(!out.join("src/generated/person.rs").exists());
}

#[test]
fn folders_with_other_files_are_refused() {
    let folder = folder("foreign");
    let sdl = folder.join("schema.graphql");
    fs::write(&sdl, schema()).unwrap();
    let run = |out: &Path| {
        generate(&["--schema", sdl.to_str().unwrap(), "--out", out.to_str().unwrap(), "--crate", "films"])
    };
    let home = folder.join("home");
    fs::create_dir_all(home.join(".git")).unwrap();
    fs::create_dir_all(home.join("src/generated")).unwrap();
    fs::write(home.join("src/generated/mod.rs"), "by hand").unwrap();
    let before = contents(&home);
    let ran = run(&home);
    assert!(ran.code == 1 && ran.stderr.contains("mod.rs; pass an empty or new folder"), "{}", ran.stderr);
    fs::remove_file(home.join("src/generated/mod.rs")).unwrap();
    let ran = run(&home);
    assert!(ran.code == 1 && ran.stderr.contains("it holds"), "{}", ran.stderr);
    assert_eq!(before.len(), 1);
    fs::remove_dir_all(home.join("src")).unwrap();
    assert_eq!(run(&home).code, 0, "a new repository is empty");
}

#[test]
fn messages_name_the_file_and_the_reason() {
    let folder = folder("messages");
    let path = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let (good, html) = (path("good.graphql", &schema()), path("bad.html", "<html>"));
    let broken = path("broken.graphql", "type Query { film: Film }");
    let config = path("bad.toml", "authentification = \"none\"");
    let other = path("other.graphql", &schema().replace("year: Int", "year: String"));
    let out = folder.join("out").to_str().unwrap().to_owned();
    for (arguments, part) in [
        (vec!["--schema", &html], "bad.html: the schema is no introspection result"),
        (vec!["--schema", &broken], "schema.graphql:1:20"),
        (vec!["--schema", "no/such"], "cannot read no/such"),
        (vec!["--schema", &good, "--config", &config], "unknown field `authentification`"),
        (vec!["--schema", &good, "--crate", "std"], "the crate cannot be called \"std\""),
        (vec!["--schema", &good, "--crate", "a", "--runtime-path", "no/such"], "cannot find no/such"),
        (vec!["--schema", "http://example.invalid/graphql"], "unencrypted"),
        (vec!["--schema", &good, "--also", "no/such"], "cannot read no/such"),
        (vec!["--schema", &good, "--also", &broken], "broken.graphql: the schema is no valid SDL"),
        (
            vec!["--schema", &good, "--also", &other],
            "other.graphql: the first schema and the second schema contradict",
        ),
        (vec!["--schema", &good, "--also", &other], "`Film.year` is of type `Int`"),
    ] {
        let ran = generate(&[&arguments[..], &["--out", &out]].concat());
        assert!(ran.code == 1 && ran.stderr.starts_with("error: "), "{}", ran.stderr);
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        assert!(!Path::new(&out).exists());
    }
    let help = generate(&["--help"]).stdout;
    for option in ["--config", "--crate", "--check", "--header-env", "--runtime-path", "Examples:"] {
        assert!(help.contains(option), "{help}");
    }
    assert_eq!(generate(&["--schema", &good]).code, 2);
}

#[test]
fn a_crate_is_generated_from_two_files() {
    let folder = folder("environments");
    let path = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let production = path("production.graphql", &schema());
    let qa = path("qa.graphql", &schema().replace("year: Int, director", "year: Int, budget: Int, director"));
    let config = path("films.toml", "[environments]\nnames = [\"production\", \"QA\"]");
    let out = folder.join("out");
    let run = |also: &[&str], check: &[&str]| {
        let arguments = ["--schema", &production, "--config", &config, "--out", out.to_str().unwrap()];
        generate(&[&arguments[..], also, check].concat())
    };
    let ran = run(&["--also", &qa], &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("\nonly in QA: 1 field\n"), "{}", ran.stdout);
    let film = fs::read_to_string(out.join("film.rs")).unwrap();
    assert!(film.contains("/// Only in QA: budget.") && film.contains("budget: Option<i64>"), "{film}");
    assert_eq!(run(&["--also", &qa], &["--check"]).code, 0);
    assert_eq!(run(&[], &["--check"]).code, 1);
    assert_eq!(run(&[], &[]).code, 0);
    let both = run(&["--also", &production], &["--check"]);
    assert_eq!(both.code, 0, "the same schema twice is as one: {}", both.stdout);
}

#[test]
fn two_environments_are_compared_as_they_are_generated() {
    let folder = folder("environments-diff");
    let path = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let production = path("production.graphql", &schema());
    let newer = schema().replace("year: Int, director", "year: Int, budget: Int, director");
    let qa = path("qa.graphql", &newer);
    let other = path("other.graphql", &schema().replace("year: Int", "year: String"));
    let config = path("films.toml", "[environments]\nnames = [\"production\", \"QA\"]");
    let diff = |more: &[&str]| {
        run("diff", &[&[production.as_str(), &production, "--config", &config], more].concat())
    };
    // QA is new.
    let ran = diff(&["--also", &qa]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("field added in Film: budget: Int"), "{}", ran.stdout);
    let ran = diff(&["--old-also", &qa, "--also", &qa]);
    assert!(ran.code == 0 && ran.stdout.contains("no differences"), "{}{}", ran.stdout, ran.stderr);
    // It is gone before it reached production.
    let ran = diff(&["--old-also", &qa, "--also", &production]);
    assert!(ran.code == 4 && ran.stdout.contains("Film.budget: removed"), "{}{}", ran.stdout, ran.stderr);
    let ran = diff(&["--also", &other]);
    let expected = "production.graphql and ";
    assert!(
        ran.code == 1 && ran.stderr.contains(expected) && ran.stderr.contains("`Film.year`"),
        "{}",
        ran.stderr
    );
    let ran = diff(&["--old-also", "no/such"]);
    assert!(ran.code == 1 && ran.stderr.contains("cannot read no/such"), "{}", ran.stderr);
}

#[test]
fn an_old_schema_that_needs_other_settings_says_so() {
    let folder = folder("old-config");
    let path = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let old = path("old.graphql", &schema());
    let new = path("new.graphql", &schema().replace("year: Int", "released: Int"));
    let before = path("before.toml", "[renames]\n\"Film.year\" = \"made\"");
    let config = path("films.toml", "[renames]\n\"Film.released\" = \"made\"");
    let ran = run("diff", &[&old, &new, "--config", &config]);
    assert_eq!(ran.code, 1);
    let start =
        "error: the old schema needs the settings of its own version: pass their file to --old-config: ";
    assert!(ran.stderr.starts_with(start), "{}", ran.stderr);
    assert!(ran.stderr.contains("old.graphql: the configuration names `Film.released`"), "{}", ran.stderr);
    let ran = run("diff", &[&old, &new, "--config", &config, "--old-config", &before]);
    assert!(ran.code == 4 && ran.stdout.contains("Film.year"), "{}{}", ran.stdout, ran.stderr);
    // Those of the new schema have another reason.
    let ran = run("diff", &[&old, &new, "--config", &before]);
    assert!(ran.code == 1 && !ran.stderr.contains("--old-config"), "{}", ran.stderr);
}

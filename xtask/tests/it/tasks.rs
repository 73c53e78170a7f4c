//! The tasks as a script sees them: files, output, exit codes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use xurrent_generator::PREAMBLE;

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

fn xtask(arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn contents(folder: &Path) -> BTreeMap<String, (String, SystemTime)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let changed = fs::metadata(&path).unwrap().modified().unwrap();
            (name, (fs::read_to_string(&path).unwrap(), changed))
        })
        .collect()
}

#[test]
fn regen_writes_changed_files_and_deletes_stale_ones() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("deep/generated");
    let out = out.to_str().unwrap();
    let first = xtask(&["regen", "--out", out]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stdout.contains("77 queries, 153 mutations"), "{}", first.stdout);
    assert_eq!(first.stderr, "", "quiet in a pipe");
    let before = contents(Path::new(out));

    let second = xtask(&["regen", "--out", out]);
    assert!(second.stdout.contains("0 written, 0 deleted"), "{}", second.stdout);
    assert!(contents(Path::new(out)) == before, "nothing was touched");

    let damaged = format!("{PREAMBLE}damaged");
    fs::write(Path::new(out).join("person.rs"), &damaged).unwrap();
    fs::remove_file(Path::new(out).join("request.rs")).unwrap();
    fs::write(Path::new(out).join("stale.rs"), format!("{PREAMBLE}stale")).unwrap();
    fs::write(Path::new(out).join("site.rs"), "").unwrap();
    let check = xtask(&["regen", "--out", out, "--check"]);
    assert_eq!(check.code, 1);
    for line in
        ["differs:", "person.rs", "request.rs", "site.rs", "stale:", "stale.rs", "run: cargo xtask regen"]
    {
        assert!(check.stdout.contains(line), "{line} is not in {}", check.stdout);
    }
    assert_eq!(
        fs::read_to_string(Path::new(out).join("person.rs")).unwrap(),
        damaged,
        "--check writes nothing"
    );

    let repair = xtask(&["regen", "--out", out]);
    assert!(repair.stdout.contains("3 written, 1 deleted"), "{}", repair.stdout);
    let after = contents(Path::new(out));
    let texts = |files: &BTreeMap<String, (String, SystemTime)>| -> Vec<(String, String)> {
        files.iter().map(|(name, (text, _))| (name.clone(), text.clone())).collect()
    };
    assert!(texts(&after) == texts(&before));
    let rewritten: Vec<_> =
        after.iter().filter(|(name, file)| before[*name].1 != file.1).map(|(name, _)| name).collect();
    assert_eq!(rewritten, ["person.rs", "request.rs", "site.rs"]);
    assert_eq!(xtask(&["regen", "--out", out, "--check"]).code, 0);
}

/// A folder, and what is in it and below it.
fn everything(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match fs::symlink_metadata(&entry).unwrap().is_dir() {
            true => all.extend(everything(&entry)),
            false => drop(all.insert(entry.clone(), fs::read_to_string(&entry).unwrap_or_default())),
        }
    }
    all
}

#[test]
fn regen_refuses_folders_that_hold_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::create_dir_all(home.join("thesis")).unwrap();
    fs::write(home.join("thesis/chapter.txt"), "years of work").unwrap();
    fs::write(home.join("main.rs"), "fn main() {}").unwrap();
    let before = everything(folder.path());
    for arguments in [&["--check"] as &[&str], &[]] {
        let ran = xtask(&[&["regen", "--out", home.to_str().unwrap()], arguments].concat());
        assert_eq!(ran.code, 1);
        assert!(ran.stderr.contains("main.rs; pass an empty or new folder to --out"), "{}", ran.stderr);
        assert!(everything(folder.path()) == before, "nothing was touched");
    }
    let ran = xtask(&["regen", "--out", home.join("main.rs").to_str().unwrap()]);
    assert_eq!(ran.code, 1, "a file is no folder");
    assert!(everything(folder.path()) == before, "nothing was touched");
}

#[test]
fn regen_deletes_and_replaces_only_generated_files() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("generated");
    let out_text = out.to_str().unwrap();
    assert_eq!(xtask(&["regen", "--out", out_text]).code, 0);
    fs::create_dir(out.join("mine")).unwrap();
    for name in ["mine/notes.txt", "helper.rs", "Empty.rs"] {
        fs::write(out.join(name), if name == "Empty.rs" { "" } else { "by hand" }).unwrap();
    }
    fs::write(out.join("stale.rs"), format!("{PREAMBLE}stale")).unwrap();
    let ran = xtask(&["regen", "--out", out_text]);
    assert!(ran.stdout.contains("0 written, 1 deleted"), "{} {}", ran.stdout, ran.stderr);
    assert!(!out.join("stale.rs").exists());
    assert_eq!(fs::read_to_string(out.join("mine/notes.txt")).unwrap(), "by hand");
    assert_eq!(fs::read_to_string(out.join("helper.rs")).unwrap(), "by hand");
    assert!(out.join("Empty.rs").exists());

    fs::write(out.join("team.rs"), "by hand").unwrap();
    fs::remove_file(out.join("person.rs")).unwrap();
    let ran = xtask(&["regen", "--out", out_text]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("team.rs is not a generated file"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(out.join("team.rs")).unwrap(), "by hand");
    assert!(!out.join("person.rs").exists(), "nothing is written when something is in the way");
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let (out, victim) = (folder.path().join("generated"), folder.path().join("victim"));
    fs::write(&victim, "untouched").unwrap();
    let out_text = out.to_str().unwrap();
    assert_eq!(xtask(&["regen", "--out", out_text]).code, 0);
    fs::remove_file(out.join("person.rs")).unwrap();
    symlink(&victim, out.join("person.rs")).unwrap();
    let ran = xtask(&["regen", "--out", out_text]);
    assert_eq!(
        (ran.code, ran.stderr.contains("person.rs is not a generated file")),
        (1, true),
        "{}",
        ran.stderr
    );
    // Where the temporary file would be.
    fs::remove_file(out.join("person.rs")).unwrap();
    symlink(&victim, out.join("person.rs.tmp")).unwrap();
    let ran = xtask(&["regen", "--out", out_text]);
    assert!(ran.stdout.contains("1 written, 0 deleted"), "{} {}", ran.stdout, ran.stderr);
    symlink(&out, folder.path().join("link")).unwrap();
    let ran = xtask(&["regen", "--out", folder.path().join("link").to_str().unwrap()]);
    assert_eq!((ran.code, ran.stderr.contains("is a symbolic link")), (1, true), "{}", ran.stderr);

    let documents = folder.path().join("documents");
    fs::create_dir_all(documents.join("queries")).unwrap();
    symlink(&victim, documents.join("queries/people.graphql")).unwrap();
    let ran = xtask(&["documents", "--out", documents.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stderr.contains("is not a generated file")), (1, true), "{}", ran.stderr);
    assert!(!documents.join("mutations").exists(), "nothing is written when something is in the way");
    fs::remove_file(documents.join("queries/people.graphql")).unwrap();
    symlink(&out, documents.join("mutations")).unwrap();
    let ran = xtask(&["documents", "--out", documents.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stderr.contains("is a symbolic link")), (1, true), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
}

#[test]
fn the_checked_in_source_is_up_to_date() {
    let check = xtask(&["regen", "--check"]);
    assert_eq!((check.code, check.stdout.as_str()), (0, ""), "{}", check.stderr);
    let generated = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/src/generated");
    for (name, (text, _)) in contents(&generated) {
        assert!(text.starts_with("// Generated by `cargo xtask regen`."), "{name}");
        assert!(!text.contains("#![allow"), "{name} allows something for a whole file");
    }
}

#[test]
fn documents_are_written_for_every_operation() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("documents");
    let ran = xtask(&["documents", "--out", out.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(contents(&out.join("queries")).len(), 77);
    assert_eq!(contents(&out.join("mutations")).len(), 153);
    assert!(contents(&out.join("queries"))["people.graphql"].0.starts_with("query people("));
}

#[test]
fn rust_is_printed_for_a_document() {
    let document = "query { people { nodes { id } } }";
    let printed = xtask(&["select", document]);
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    assert!(printed.stdout.contains("#[select(on = Person)]\npub struct Person {\n    pub id: Id,\n}"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.graphql");
    fs::write(&file, document).unwrap();
    let from_file = xtask(&["select", "--sdk", "crate::sdk", "--file", file.to_str().unwrap()]);
    assert_eq!(from_file.stdout, printed.stdout.replace("xurrent::", "crate::sdk::"));
    let refused = xtask(&["select", "{ people { nodes { nmae } } }"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert_eq!(refused.stderr, "error: no field `nmae` on `Person`; did you mean `name`?\n");
}

#[test]
fn errors_name_the_file_and_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.json");
    fs::write(&bad, "<html>").unwrap();
    let out = folder.path().join("out");
    let (bad, out_text) = (bad.to_str().unwrap(), out.to_str().unwrap());
    for (arguments, part) in [
        (vec!["regen", "--schema", bad, "--out", out_text], "is no introspection result"),
        (vec!["regen", "--schema", "/no/such.json", "--out", out_text], "cannot read /no/such.json"),
        (vec!["regen", "--overrides", bad, "--out", out_text], "the configuration cannot be read"),
        (vec!["documents", "--schema", bad, "--out", out_text], "is no introspection result"),
    ] {
        let ran = xtask(&arguments);
        assert_eq!(ran.code, 1, "{arguments:?}");
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(part), "{}", ran.stderr);
        assert!(!out.exists(), "{arguments:?} wrote something");
    }
    for arguments in [vec!["regen", "--nope"], vec![], vec!["documents"], vec!["select"]] {
        assert_eq!(xtask(&arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn contradictory_arguments_of_a_fetch_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let url = "https://graphql.example.invalid";
    for arguments in [
        &["--endpoint", url, "--check"] as &[&str],
        &["--stage", "qa", "--check"],
        &["--domain", "4me.com", "--schema", "schema.json"],
        &["--endpoint", url, "--stage", "qa"],
        &["--stage", "qa", "--domain", "4me.com"],
        &["--stage", "nowhere"],
        &["--stage", "qa", "--region", "mars"],
        &["--region", "au"],
        &["--endpoint", url, "--region", "au"],
        &["--token-endpoint", url],
        &["--stage", "qa", "--token-endpoint", url],
        &["--account", "wdc"],
        &["--token", "top-secret"],
        &["--client-id", "id", "--client-secret", "top-secret"],
        &["--stage", "qa", "--token", "top-secret", "--client-id", "id"],
    ] {
        let ran = xtask(&[&["regen", "--out", out.to_str().unwrap()], arguments].concat());
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
        assert!(!ran.stderr.contains("top-secret"), "{}", ran.stderr);
        assert!(!out.exists(), "{arguments:?} wrote something");
    }
}

#[test]
fn credentials_in_the_environment_alone_fetch_nothing() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--check"])
        .env("XURRENT_ACCOUNT", "wdc")
        .env("XURRENT_TOKEN", "token")
        .output()
        .unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn help_is_complete() {
    let help = xtask(&["--help"]).stdout;
    for task in ["regen", "documents", "select", "sandbox", "bench"] {
        assert!(help.contains(task), "{help}");
    }
    let help = xtask(&["regen", "--help"]).stdout;
    for option in ["--schema", "--overrides", "--out", "--check", "--endpoint", "--stage", "--domain"] {
        assert!(help.contains(option), "{help}");
    }
}

/// With a program in the place of cargo that prints its folder and its arguments.
#[cfg(unix)]
#[test]
fn the_sandbox_runs_in_the_folder_of_the_caller_and_says_that_it_is_built() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    fs::write(&cargo, "#!/bin/sh\npwd\necho \"$@\"\n").unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["sandbox", "--records", "mine.json"])
        .env("CARGO", &cargo)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let (run_in, arguments) = stdout.trim_end().split_once('\n').unwrap();
    assert_eq!(fs::canonicalize(run_in).unwrap(), fs::canonicalize(folder.path()).unwrap());
    assert!(arguments.starts_with("run --package xurrent-sandbox --quiet --manifest-path /"), "{arguments}");
    assert!(arguments.ends_with("/Cargo.toml -- --records mine.json"), "{arguments}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr, "building xurrent-sandbox (takes minutes the first time)\n");
}

#[test]
fn xtask_builds_without_an_http_client() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["tree", "--offline", "--package", "xtask", "--edges", "normal", "--prefix", "none"];
    let output = Command::new(cargo).args(arguments).output().unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(tree.contains("xurrent-generator"), "{tree}");
    for package in ["reqwest", "tokio", "xurrent-runtime"] {
        assert!(tree.lines().all(|line| !line.starts_with(&format!("{package} "))), "{package}");
    }
}

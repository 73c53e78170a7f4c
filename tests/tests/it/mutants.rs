//! Hand-picked mutants, listed in `tests/mutants.toml`: each is one replacement in a copy of the
//! workspace, and the suite it names must fail.
//!
//! The copy has all of them at once, each behind a variable of the environment, so it is built once. It
//! stays in the target folder and shares that folder. `MUTANT=text` runs the mutants whose name contains
//! the text, `MUTANTS_PART=1/3` every third of them, from the second.

use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Holds the name of the mutant that runs.
const VARIABLE: &str = "XURRENT_MUTANT";

/// How long a test binary may run. A mutant may loop forever.
const TIME_LIMIT: &str = "120s";

/// In place of the test that kills a mutant.
const TOO_SLOW: &str = "exceeded the time limit";

#[derive(Deserialize)]
struct Mutants {
    suites: BTreeMap<String, Suite>,
    mutant: Vec<Mutant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Suite {
    package: String,
    targets: Vec<String>,
    #[serde(default)]
    skip: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    name: String,
    file: PathBuf,
    find: String,
    replace: String,
    suite: String,
    #[serde(default)]
    filter: String,
}

impl Mutant {
    /// The text to find, without the marks around the expression in it, and what takes its place.
    fn edit(&self) -> (String, String) {
        let marks =
            self.find.split_once("[[").and_then(|(before, rest)| Some((before, rest.split_once("]]")?)));
        let (before, (expression, after)) = marks.unwrap_or_else(|| panic!("{} has no `[[..]]`", self.name));
        let Self { name, replace, .. } = self;
        let choice = format!(
            "(if **{{ static IS_ON: ::std::sync::LazyLock<bool> = ::std::sync::LazyLock::new(|| \
             ::std::env::var_os({VARIABLE:?}).is_some_and(|name| name == {name:?})); &IS_ON }} \
             {{ {replace} }} else {{ {expression} }})"
        );
        (format!("{before}{expression}{after}"), format!("{before}{choice}{after}"))
    }
}

/// A copy of the workspace with all mutants, none of which runs by itself.
struct MutantWorkspace {
    folder: PathBuf,
}

impl MutantWorkspace {
    /// Brings the copy up to date. Writes only files that differ, because cargo compares times.
    fn update(mutants: &[Mutant]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
        let mut git = Command::new("git");
        git.args(["ls-files", "-co", "--exclude-standard", "-z"]).current_dir(root);
        let listed = String::from_utf8(git.output().unwrap().stdout).unwrap();
        // Git also lists files that are deleted but not committed.
        let names = listed.split_terminator('\0').map(Path::new).filter(|name| root.join(name).is_file());
        let names: BTreeSet<&Path> = names.collect();
        assert!(names.contains(Path::new("Cargo.toml")), "git lists {} files", names.len());
        let mut misplaced = Vec::new();
        for name in &names {
            let file = folder.join(name);
            let mut content = fs::read(root.join(name)).unwrap();
            if *name == Path::new("Cargo.toml") {
                content.extend(names.iter().filter_map(|name| profile(&root.join(name))).flatten());
            }
            for mutant in mutants.iter().filter(|mutant| mutant.file == *name) {
                let text = String::from_utf8(content).unwrap();
                let (find, replace) = mutant.edit();
                let times = text.matches(&find).count();
                misplaced.extend((times != 1).then(|| format!("{}: {times} times", mutant.name)));
                content = text.replace(&find, &replace).into_bytes();
            }
            if fs::read(&file).ok().as_ref() != Some(&content) {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(&file, content).unwrap();
            }
        }
        remove_all_but(&names.iter().map(|name| folder.join(name)).collect(), &folder);
        assert!(misplaced.is_empty(), "texts that do not occur exactly once: {misplaced:#?}");
        Self { folder }
    }

    /// Builds the tests of all crates, as `cargo test` does, so that dependencies are built already.
    fn build(&self) -> Binaries {
        let mut command = Command::new(env!("CARGO"));
        command.args(["test", "--workspace", "--lib", "--test", "it", "--test", "webhook"]);
        command.args(["--no-run", "--message-format", "json-render-diagnostics"]);
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
        let output = command.current_dir(&self.folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let messages = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let binaries = messages.filter_map(|message| {
            let message: Value = serde_json::from_slice(message).unwrap();
            let manifest = Path::new(message["manifest_path"].as_str()?);
            let package = message["package_id"].as_str()?.rsplit_once('#')?.1.split('@').next()?;
            let target = (package.to_owned(), message["target"]["name"].as_str()?.to_owned());
            Some((target, (message["executable"].as_str()?.into(), manifest.parent()?.to_owned())))
        });
        Binaries(binaries.collect())
    }
}

/// A profile for the package of a manifest. With the profile of the workspace, cargo would take the crates of the copy
/// for those of the workspace, which are in the same target folder.
fn profile(manifest: &Path) -> Option<Vec<u8>> {
    let is_manifest = manifest.file_name().is_some_and(|name| name == "Cargo.toml");
    let manifest: toml::Table = fs::read_to_string(manifest).ok().filter(|_| is_manifest)?.parse().unwrap();
    let name = manifest.get("package")?.get("name")?;
    Some(format!("\n[profile.dev.package.{name}]\ncodegen-units = 17\ndebug = false\n").into_bytes())
}

fn remove_all_but(files: &BTreeSet<PathBuf>, folder: &Path) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            remove_all_but(files, &path);
        } else if !files.contains(&path) {
            fs::remove_file(path).unwrap();
        }
    }
}

/// Test binaries and the folders of their packages, by package and target.
struct Binaries(BTreeMap<(String, String), (PathBuf, PathBuf)>);

impl Binaries {
    /// Runs a suite until a binary of it fails. Returns the first test that failed, or the output without one.
    fn run(&self, suite: &Suite, filter: &str, mutant: &str) -> Option<Result<String, String>> {
        suite.targets.iter().find_map(|target| {
            let name = (suite.package.clone(), target.clone());
            let (binary, folder) = self.0.get(&name).unwrap_or_else(|| panic!("no test binary {name:?}"));
            let mut command = Command::new("timeout");
            command.args(["--signal=KILL", TIME_LIMIT]).arg(binary).arg(filter);
            command.args(suite.skip.iter().flat_map(|skipped| ["--skip", skipped]));
            command.current_dir(folder).env(VARIABLE, mutant);
            // A failing snapshot must not be written.
            command.env("INSTA_UPDATE", "no").env("RUST_BACKTRACE", "0");
            let output = command.output().unwrap();
            let text =
                [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let failed =
                |line: &str| Some(line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?.to_owned());
            match (output.status.code(), text[0].lines().find_map(failed)) {
                (Some(0), _) => None,
                (None, _) => Some(Ok(TOO_SLOW.to_owned())),
                (Some(_), Some(test)) => Some(Ok(test)),
                (Some(_), None) => Some(Err(text.concat())),
            }
        })
    }
}

/// The part of the mutants to run, from 0, and the number of parts.
fn part() -> (usize, usize) {
    let Ok(part) = std::env::var("MUTANTS_PART") else { return (0, 1) };
    let (part, parts) =
        part.split_once('/').unwrap_or_else(|| panic!("MUTANTS_PART is {part:?}, not as 1/3"));
    let (part, parts) = (part.parse().unwrap(), parts.parse().unwrap());
    assert!(part < parts, "MUTANTS_PART is {part}/{parts}: the first part is 0");
    (part, parts)
}

#[test]
#[ignore = "builds all tests again; run by .ci/run"]
fn every_mutant_is_killed() {
    let list = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/mutants.toml")).unwrap();
    let Mutants { suites, mutant } = toml::from_str(&list).unwrap();
    let binaries = MutantWorkspace::update(&mutant).build();
    let wanted = std::env::var("MUTANT").unwrap_or_default();
    let (part, parts) = part();
    let mutants = mutant.iter().skip(part).step_by(parts).filter(|mutant| mutant.name.contains(&wanted));

    let mut survivors = Vec::new();
    for mutant in mutants {
        let start = Instant::now();
        let suite = &suites[&mutant.suite];
        let killed_by = binaries.run(suite, &mutant.filter, &mutant.name);
        // All tests have passed before; this shows that they do in the copy.
        if let Some(Ok(test)) = &killed_by
            && test != TOO_SLOW
        {
            assert_eq!(binaries.run(suite, test, ""), None, "{test} fails without a mutant");
        }
        println!("{:>4} s  {:<60} {killed_by:?}", start.elapsed().as_secs(), mutant.name);
        survivors.extend((!matches!(killed_by, Some(Ok(_)))).then_some(&mutant.name));
    }
    assert!(survivors.is_empty(), "survivors: {survivors:?}");
}

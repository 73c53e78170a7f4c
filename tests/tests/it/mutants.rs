//! Hand-picked mutants, listed in `tests/mutants.toml`: each is one replacement in a copy of the
//! workspace, and the suite it names must fail.
//!
//! The copy stays in the target folder and shares that folder, so each run builds only what a mutant
//! touches. `MUTANT=text` runs the mutants whose name contains the text.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// How long a suite may take, compiling included. A mutant may loop forever.
const TIME_LIMIT: &str = "300s";

/// The arguments of `cargo test`, by name.
type Suites = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
struct Mutants {
    suites: Suites,
    mutant: Vec<Mutant>,
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
    fn tests(&self, suites: &Suites) -> Vec<String> {
        let suite = suites.get(&self.suite).unwrap_or_else(|| panic!("no suite is named {}", self.suite));
        suite.iter().chain([&self.filter]).cloned().collect()
    }
}

/// A copy of the workspace in which files can be mutated.
struct MutantWorkspace {
    folder: PathBuf,
}

impl MutantWorkspace {
    /// Brings the copy up to date. Writes only files that differ, because cargo compares times.
    fn update() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
        let mut git = Command::new("git");
        git.args(["ls-files", "-co", "--exclude-standard", "-z"]).current_dir(root);
        let listed = String::from_utf8(git.output().unwrap().stdout).unwrap();
        // Git also lists files that are deleted but not committed.
        let names = listed.split_terminator('\0').filter(|name| root.join(name).is_file());
        let files: BTreeSet<PathBuf> = names.map(|name| folder.join(name)).collect();
        assert!(files.contains(&folder.join("Cargo.toml")), "git lists {} files", files.len());
        for file in &files {
            let content = fs::read(root.join(file.strip_prefix(&folder).unwrap())).unwrap();
            if fs::read(file).ok().as_ref() != Some(&content) {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, content).unwrap();
            }
        }
        remove_all_but(&files, &folder);
        Self { folder }
    }

    /// Whether the tests pass, and their output. `None` if they were killed at the time limit.
    fn run(&self, tests: &[String]) -> (Option<bool>, String) {
        let mut command = Command::new("timeout");
        command.args(["--signal=KILL", TIME_LIMIT, env!("CARGO"), "test"]).args(tests);
        command.current_dir(&self.folder);
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
        // A failing snapshot must not be written.
        command.env("INSTA_UPDATE", "no").env("RUST_BACKTRACE", "0");
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        (output.status.code().map(|code| code == 0), text.concat())
    }

    /// What killed the mutant, or why it counts as a survivor.
    fn kill(&self, mutant: &Mutant, tests: &[String]) -> Result<String, String> {
        let path = self.folder.join(&mutant.file);
        let original = fs::read_to_string(&path).unwrap();
        fs::write(&path, original.replace(&mutant.find, &mutant.replace)).unwrap();
        let (passed, output) = self.run(tests);
        fs::write(&path, original).unwrap();
        let failed = |line: &str| Some(line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?.to_owned());
        match (passed, output.lines().find_map(failed)) {
            (None, _) => Ok("exceeded the time limit".to_owned()),
            (Some(true), _) => Err("survived".to_owned()),
            (Some(false), Some(test)) => Ok(test),
            (Some(false), None) => Err(format!("no test failed\n{output}")),
        }
    }
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

#[test]
#[ignore = "builds a crate for each mutant; run by .ci/run"]
fn every_mutant_is_killed() {
    let list = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/mutants.toml")).unwrap();
    let Mutants { suites, mut mutant } = toml::from_str(&list).unwrap();
    let wanted = std::env::var("MUTANT").unwrap_or_default();
    mutant.retain(|mutant| mutant.name.contains(&wanted));
    let workspace = MutantWorkspace::update();

    let count = |mutant: &Mutant| {
        let text = fs::read_to_string(workspace.folder.join(&mutant.file)).unwrap_or_default();
        text.matches(&mutant.find).count()
    };
    let misplaced: Vec<String> = mutant
        .iter()
        .filter(|mutant| count(mutant) != 1)
        .map(|mutant| format!("{}: {} times in {}", mutant.name, count(mutant), mutant.file.display()))
        .collect();
    assert!(misplaced.is_empty(), "texts that do not occur exactly once:\n{}", misplaced.join("\n"));

    for tests in mutant.iter().map(|mutant| mutant.tests(&suites)).collect::<BTreeSet<_>>() {
        let (passed, output) = workspace.run(&tests);
        assert_eq!(passed, Some(true), "fails without a mutant: {tests:?}\n{output}");
    }
    let mut survivors = Vec::new();
    for mutant in &mutant {
        let start = Instant::now();
        let result = workspace.kill(mutant, &mutant.tests(&suites));
        println!("{:>4} s  {:<60} {result:?}", start.elapsed().as_secs(), mutant.name);
        survivors.extend(result.is_err().then_some(&mutant.name));
    }
    assert!(survivors.is_empty(), "survivors: {survivors:?}");
}

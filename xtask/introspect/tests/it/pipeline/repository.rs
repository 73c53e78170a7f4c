//! A repository of a user: this one, with a crate of theirs that uses the SDK.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crate of the user. It does not compile without the job title of a person.
const PROGRAM: &str = "//! Uses the SDK.\n\n/// A line about a person.\npub fn line(person: &xurrent::Person) -> String {\n    format!(\"{:?}: {:?}\", person.name, person.job_title)\n}\n";
const MANIFEST: &str = "[package]\nname = \"integration\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nxurrent = { path = \"../sdk\" }\n";

pub(crate) struct Repository {
    pub(crate) folder: PathBuf,
    /// What it pushes to.
    pub(crate) origin: PathBuf,
}

impl Repository {
    /// A copy in `parent`, in one commit, which is also at its origin. Files of an earlier copy that are the same
    /// stay, so that cargo does not build them again.
    pub(crate) fn new(parent: &Path) -> Self {
        let this = Self { folder: parent.join("repository"), origin: parent.join("origin.git") };
        fs::create_dir_all(&this.folder).unwrap();
        for old in [this.folder.join(".git"), this.origin.clone()] {
            let _ = fs::remove_dir_all(old);
        }
        let files = copy(&this.folder);
        this.git(&["init", "--quiet", "--initial-branch", "main"]);
        this.write("integration/Cargo.toml", MANIFEST);
        this.write("integration/src/lib.rs", PROGRAM);
        let manifest = fs::read_to_string(this.folder.join("Cargo.toml")).unwrap();
        if !manifest.contains("\"integration\"") {
            this.write("Cargo.toml", &manifest.replacen("members = [", "members = [\"integration\", ", 1));
        }
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["update", "--workspace", "--offline"]).current_dir(&this.folder);
        let locked = cargo.output().unwrap();
        assert!(locked.status.success(), "{}", String::from_utf8_lossy(&locked.stderr));
        let mut add = git(&this.folder);
        add.args(["add", "--"]).args(files).args(["integration"]);
        assert!(add.status().unwrap().success());
        this.git(&["commit", "--quiet", "--message", "Use the SDK"]);
        let origin = this.origin.to_str().unwrap();
        this.git(&["init", "--quiet", "--bare", origin]);
        this.git(&["remote", "add", "origin", origin]);
        this.git(&["push", "--quiet", "origin", "main"]);
        this
    }

    /// As the runner checks it out.
    pub(crate) fn check_out(&self) {
        self.git(&["switch", "--quiet", "--force-create", "main"]);
        self.git(&["fetch", "--quiet", "origin"]);
        self.git(&["reset", "--quiet", "--hard", "origin/main"]);
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = git(&self.folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return;
        }
        fs::write(path, text).unwrap();
    }
}

fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-C"]).arg(folder);
    git
}

/// Copies the files of this workspace that differ, and returns all of their names.
fn copy(folder: &Path) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let listed = git(&root).args(["ls-files", "-co", "--exclude-standard", "-z"]).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).unwrap();
    // Without what was deleted.
    let names = names.split_terminator('\0').filter(|name| root.join(name).symlink_metadata().is_ok());
    let names: Vec<_> = names.map(str::to_owned).collect();
    for name in &names {
        let (from, to) = (root.join(name), folder.join(name));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if from.is_symlink() {
            let _ = fs::remove_file(&to);
            std::os::unix::fs::symlink(fs::read_link(&from).unwrap(), &to).unwrap();
        } else if fs::read(&to).ok() != fs::read(&from).ok() {
            fs::copy(&from, &to).unwrap();
        }
    }
    names
}

//! Packages: what each published crate says of itself, and which files it has.

use crate::workspace::{crates, root};
use std::fs;
use std::process::Command;

/// The folders and the names of the published crates.
fn published() -> Vec<(String, String)> {
    let manifest = |folder: &str| fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let name = |text: &str| text.split("name = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let all = crates().into_iter().map(|folder| (manifest(&folder), folder));
    all.filter(|(text, _)| !text.contains("publish = false"))
        .map(|(text, folder)| (folder, name(&text)))
        .collect()
}

#[test]
fn published_crates_describe_themselves() {
    let published = published();
    assert!(published.iter().any(|(_, name)| name == "xurrent"), "{published:?}");
    for (folder, name) in published {
        let manifest = fs::read_to_string(root().join(&folder).join("Cargo.toml")).unwrap();
        for key in ["description", "keywords", "categories", "documentation", "include", "rust-version"] {
            assert!(manifest.lines().any(|line| line.starts_with(key)), "{name} has no {key}");
        }
        assert!(manifest.contains("\n[package.metadata.docs.rs]\n"), "{name} has no settings for docs.rs");
    }
}

#[test]
fn packages_have_their_licences_and_readme_and_no_tests() {
    for (folder, name) in published() {
        let mut list = Command::new(env!("CARGO"));
        list.args(["package", "--list", "--allow-dirty", "--package", &name]).current_dir(root());
        let output = list.output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let files = String::from_utf8(output.stdout).unwrap();
        let files: Vec<_> = files.lines().map(|file| file.replace('\\', "/")).collect();
        for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "src/lib.rs"] {
            assert!(files.iter().any(|found| found == file), "{name} has no {file}");
        }
        assert!(!files.iter().any(|file| file.starts_with("tests/")), "{name} has tests: {files:?}");
        // Files outside of the folder of the crate are links within it.
        for file in files.iter().filter(|file| file.ends_with(".rs")) {
            let text = fs::read_to_string(root().join(&folder).join(file)).unwrap();
            let included = text.split("include_str!(\"").skip(1).filter_map(|rest| rest.split('"').next());
            for path in included {
                let mut depth = file.matches('/').count();
                for part in path.split('/') {
                    assert!(part != ".." || depth > 0, "{name}: {file} includes {path}, beyond the package");
                    depth = if part == ".." { depth - 1 } else { depth + 1 };
                }
            }
        }
    }
}

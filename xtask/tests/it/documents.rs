//! Documents: what they name must exist, and every guide must be found.

use crate::workspace::{crates, root, sources};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const DOCUMENTS: [&str; 4] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "README.md"];

/// The inline code of a document, and the targets of its links to files. Code blocks are left out.
fn references(text: &str) -> (Vec<&str>, Vec<&str>) {
    let prose = text.split("```").step_by(2);
    let (mut code, mut links) = (Vec::new(), Vec::new());
    for part in prose {
        code.extend(part.split('`').skip(1).step_by(2));
        let targets = part.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        links.extend(targets.filter(|target| !target.starts_with("http") && !target.is_empty()));
    }
    (code, links)
}

/// Whether code is the path of a file or a folder.
fn is_path(code: &str) -> bool {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/._-".contains(char);
    let ends = [".rs", ".md", ".toml", ".json", ".run", ".yml", "/"];
    code.chars().all(is_plain) && (ends.iter().any(|end| code.ends_with(end)) || code.starts_with(".ci/"))
}

/// Whether code is the name of a test.
fn is_test(code: &str) -> bool {
    let is_plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
    code.chars().all(is_plain) && code.matches('_').count() >= 3
}

/// The names and texts of the guides.
fn guides() -> Vec<(String, String)> {
    let files = fs::read_dir(root().join("docs")).unwrap().map(|file| file.unwrap().path());
    let name = |file: &Path| file.file_name().unwrap().to_str().unwrap().to_owned();
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.map(|file| (name(&file), fs::read_to_string(&file).unwrap())).collect()
}

/// The files that the link definitions of a guide name, such as `[limits]: limits.md`.
fn definitions(text: &str) -> impl Iterator<Item = &str> {
    let definitions = text.lines().filter(|line| line.starts_with('['));
    definitions.filter_map(|line| line.split_once("]: ")).map(|(_, target)| target)
}

#[test]
fn guides_name_only_files_that_exist() {
    let mut missing = BTreeSet::new();
    for (guide, text) in guides() {
        let (code, links) = references(&text);
        let is_file = |code: &&&str| is_path(code) && code.contains('/');
        let paths = code.iter().filter(is_file).map(|path| root().join(path));
        // Other links are those of rustdoc, which checks them itself.
        let linked = links.into_iter().filter(|link| link.ends_with(".md")).chain(definitions(&text));
        let all = paths.chain(linked.map(|file| root().join("docs").join(file)));
        missing.extend(all.filter(|path| !path.exists()).map(|path| format!("{guide}: {}", path.display())));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_guide_is_in_the_readme_and_in_the_documentation_of_the_crate() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (readme, module) = (read("README.md"), read("sdk/src/guide.rs"));
    for (guide, _) in guides() {
        assert!(readme.contains(&format!("(docs/{guide}")), "{guide} is not in README.md");
        let name = guide.trim_end_matches(".md").replace('-', "_");
        assert!(module.contains(&format!("]({name})")), "{guide} is not in the list of sdk/src/guide.rs");
    }
}

#[test]
fn documents_name_only_files_and_tests_that_exist() {
    let mut files = Vec::new();
    sources(&root(), &mut files);
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let mut missing = BTreeSet::new();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let (code, links) = references(&text);
        let paths = code.iter().filter(|code| is_path(code)).chain(&links);
        missing.extend(
            paths.filter(|path| !root().join(path).exists()).map(|path| format!("{document}: {path}")),
        );
        let tests = code.iter().filter(|code| is_test(code));
        let is_missing = |test: &&&str| !texts.iter().any(|text| text.contains(&format!("fn {test}(")));
        missing.extend(tests.filter(is_missing).map(|test| format!("{document}: {test}")));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn the_map_lists_every_crate() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let missing: Vec<_> =
        crates().into_iter().filter(|folder| !map.contains(&format!("| `{folder}/` |"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn paths_tests_and_links_are_recognised() {
    let text =
        "See `a/b.rs`, `c/`, `cargo test` and [d](e.md), [f](https://g.h).\n```sh\n`i/j.rs`\n```\n`k_l_m_n`";
    let (code, links) = references(text);
    assert_eq!(code, ["a/b.rs", "c/", "cargo test", "k_l_m_n"]);
    assert_eq!(links, ["e.md"]);
    assert_eq!(code.iter().filter(|code| is_path(code)).count(), 2);
    assert!(is_test("k_l_m_n") && !is_test("is_path") && !is_test("cargo test"));
}

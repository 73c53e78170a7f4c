//! The structure of the workspace: no circle of modules, no file of more than 400 lines, and calls of the
//! client in one place.

mod circles;
mod source;

use crate::workspace::{crates, root, sources};
use circles::Uses;
use std::fs;
use std::path::{Path, PathBuf};

const MAX_LINES: usize = 400;

/// The root files of a crate.
fn crate_roots(folder: &Path) -> Vec<PathBuf> {
    let binaries =
        fs::read_dir(folder.join("src/bin")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let binaries = binaries.map(|path| if path.is_dir() { path.join("main.rs") } else { path });
    let usual = ["src/lib.rs", "src/main.rs"].map(|file| folder.join(file));
    usual.into_iter().chain(binaries).filter(|file| file.is_file()).collect()
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    let mut report = Vec::new();
    for member in crates() {
        for root in crate_roots(&root().join(&member)) {
            let modules = source::read(&root);
            for circle in Uses::of(&modules).circles() {
                let uses: Vec<_> = circle.into_iter().map(|line| format!("\n    {line}")).collect();
                report.push(format!("{member}:{}", uses.concat()));
            }
        }
    }
    assert!(report.is_empty(), "{} circles of modules:\n{}", report.len(), report.join("\n"));
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let mut files = Vec::new();
    sources(&root(), &mut files);
    assert!(files.len() > 100);
    let lines = |file: &PathBuf| fs::read_to_string(file).unwrap().lines().count();
    files.retain(|file| lines(file) > MAX_LINES);
    assert_eq!(files, Vec::<PathBuf>::new());
}

#[test]
fn methods_of_the_client_are_in_client_modules() {
    let mut files = Vec::new();
    sources(&root().join("sdk"), &mut files);
    let is_outside = |file: &&PathBuf| !file.iter().any(|part| part == "client" || part == "client.rs");
    let has_impl = |file: &&PathBuf| fs::read_to_string(file).unwrap().lines().any(is_impl_of_client);
    let found: Vec<_> = files.iter().filter(is_outside).filter(has_impl).collect();
    assert!(found.is_empty(), "{found:#?}");
}

fn is_impl_of_client(line: &str) -> bool {
    line.starts_with("impl")
        && line.ends_with("Client {")
        && !line.contains(" for ")
        && line.split([' ', ':']).any(|word| word == "Client")
}

#[test]
fn an_impl_of_the_client_is_recognised() {
    for line in ["impl Client {", "impl crate::Client {", "impl<'a> Client {"] {
        assert!(is_impl_of_client(line), "{line}");
    }
    for line in ["impl Clone for Client {", "impl SomeClient {", "struct Client {"] {
        assert!(!is_impl_of_client(line), "{line}");
    }
}

/// The circles of a crate of these files.
fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let modules = source::read(&folder.path().join("lib.rs"));
    Uses::of(&modules).circles().into_iter().flatten().collect()
}

#[test]
fn a_circle_is_found() {
    let circle = ["a -> b (crate::b::B)", "b -> a (super::a::A)"];
    let b = ("b.rs", "pub struct B(super::a::A);");
    for a in [
        "use crate::b::B; pub struct A;",
        "use super::{c, b::{self, B as X}}; pub struct A;",
        "pub struct A; fn f() { crate::b::B::new() }",
        "pub struct A; fn f() { println!(\"{}\", crate::b::B) }",
        "use crate::b; pub struct A; fn f() -> b::B {}",
        "use crate::B; pub struct A;",
        "mod inline { use super::super::b::B; } pub struct A;",
        "pub use crate::b::B; pub struct A(B);",
    ] {
        let lib = ("lib.rs", "mod a; mod b; mod c; pub use b::B;");
        let found = planted(&[lib, ("a.rs", a), b, ("c.rs", "")]);
        assert_eq!(found.len(), 2, "{a}: {found:?}");
        assert!(found[0].starts_with("a -> b (") && found[1] == circle[1], "{a}: {found:?}");
    }
    let three = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "use crate::c::C; pub struct B;"),
        ("c.rs", "macro_rules! m { () => { $crate::a::A } } pub struct C;"),
    ];
    assert_eq!(planted(&three).len(), 3);
    let parent = [("lib.rs", "mod a; use a::A; struct B;"), ("a.rs", "use super::B; pub struct A;")];
    assert_eq!(planted(&parent), ["a -> crate (super::B)", "crate -> a (a::A)"]);
}

#[test]
fn acyclic_modules_are_not_reported() {
    let one_way = ("b.rs", "use crate::a::A; pub struct B;");
    for a in [
        "pub struct A; /// [`crate::b::B`]\nstruct C;",
        "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }",
        "pub struct A; #[cfg(all(test, unix))] use crate::b::B;",
        "pub struct A; fn f() { self.b(); x.b::<u8>() } mod inline { use super::A; }",
        "pub use crate::b::B; pub struct A;",
        "pub struct A; fn f() { quote!(use crate::b::B;) }",
    ] {
        assert!(planted(&[("lib.rs", "mod a; mod b;"), ("a.rs", a), one_way]).is_empty(), "{a}");
    }
    // A parent that re-exports its children, and children that use each other through it.
    let parent = [
        ("lib.rs", "mod p; pub use p::*;"),
        ("p/mod.rs", "mod x; mod y; pub use x::X; pub use y::*;"),
        ("p/x.rs", "use crate::Y; pub struct X;"),
        ("p/y.rs", "pub struct Y;"),
    ];
    assert!(planted(&parent).is_empty());
}

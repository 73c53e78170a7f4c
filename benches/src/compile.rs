//! Compile times and sizes, in scratch projects whose dependencies are built before.

use crate::failure::Failure;
use crate::pair::Pairs;
use crate::run::{Run, root};
use crate::scratch::{Project, Sources, size};
use crate::table::{Row, Unit};
use crate::{peer_graphql_client, peer_serde, regen, user_binary};
use std::fs;
use std::path::{Path, PathBuf};

/// `compile-serde`.
pub(crate) fn serde(run: &Run) -> Result<Row, Failure> {
    let name = "compile-serde";
    let sides = Sides::prepare(name, run)?;
    let pairs = Pairs::measure(
        run.pairs(5),
        |tick| run.progress.step(name, tick),
        || sides.ours.compile("xurrent"),
        || sides.peer.compile(peer_serde::PACKAGE),
    )?;
    Ok(Row::new(name, pairs, Unit::Seconds)
        .target(0.22)
        .note(sides.sizes()?)
        .note("same fields, names and docs; the peer's enums derive less (no PartialEq, Eq, Hash), its inputs have no setters"))
}

/// `compile-graphql-client`.
pub(crate) fn graphql_client(run: &Run) -> Result<Row, Failure> {
    let name = "compile-graphql-client";
    run.progress.prepare(name, "generating");
    let documents = peer_graphql_client::acceptable(&regen::generator()?.documents());
    let generated = peer_graphql_client::generate(&regen::schema(), &documents)?;
    let package = peer_graphql_client::package(&generated);
    let source = size(package.values());
    let ours = ours()?;
    let peer = Project::new("graphql-client", package)?;
    run.progress.prepare(name, "building what both stand on");
    ours.prepare("xurrent")?;
    peer.prepare(peer_graphql_client::PACKAGE)?;
    let pairs = Pairs::measure(
        run.pairs(5),
        |tick| run.progress.step(name, tick),
        || ours.compile("xurrent"),
        || peer.compile(peer_graphql_client::PACKAGE),
    )?;
    let (ours, peer) = (ours.rmeta("xurrent")?, peer.rmeta("graphql_client_operations")?);
    Ok(Row::new(name, pairs, Unit::Seconds)
        .target(0.15)
        .note(format!("ours {}, {ours} bytes of .rmeta; peer {source}, {peer} bytes of .rmeta", sdk_size()?))
        .note(format!("{} operations; {}", documents.len(), peer_graphql_client::CHANGES)))
}

/// `compile-user`.
pub(crate) fn user(run: &Run) -> Result<Row, Failure> {
    let name = "compile-user";
    let sides = Sides::prepare(name, run)?;
    sides.ours.prepare(user_binary::PACKAGE)?;
    sides.peer.prepare(user_binary::PACKAGE)?;
    let pairs = Pairs::measure(
        run.pairs(5),
        |tick| run.progress.step(name, tick),
        || sides.ours.recompile(user_binary::PACKAGE, "src/main.rs"),
        || sides.peer.recompile(user_binary::PACKAGE, "user/src/main.rs"),
    )?;
    Ok(Row::new(name, pairs, Unit::Seconds)
        .target(0.30)
        .note("10 filtered queries over all pages, 10 mutations with their payloads; linking included on both sides"))
}

/// `rmeta`.
pub(crate) fn rmeta(run: &Run) -> Result<Row, Failure> {
    let sides = Sides::prepare("rmeta", run)?;
    let (ours, peer) = sides.rmeta()?;
    Ok(Row::new("rmeta", Pairs::exact(ours as f64, peer as f64), Unit::Bytes))
}

/// `noop-build`.
pub(crate) fn noop_build(run: &Run) -> Result<Row, Failure> {
    let name = "noop-build";
    let sides = Sides::prepare(name, run)?;
    sides.ours.prepare(user_binary::PACKAGE)?;
    sides.peer.prepare(user_binary::PACKAGE)?;
    let pairs = Pairs::measure(
        run.pairs(9),
        |tick| run.progress.step(name, tick),
        || sides.ours.build_nothing(user_binary::PACKAGE),
        || sides.peer.build_nothing(user_binary::PACKAGE),
    )?;
    Ok(Row::new(name, pairs, Unit::Seconds))
}

/// The project over the SDK and the one over plain structs.
struct Sides {
    ours: Project,
    peer: Project,
    source: String,
}

impl Sides {
    /// Both projects, with everything below the measured packages built, and those once.
    fn prepare(name: &'static str, run: &Run) -> Result<Self, Failure> {
        run.progress.prepare(name, "generating");
        let model = peer_serde::model::read()?;
        let mut sources = peer_serde::package(&model)?;
        let source = size(sources.iter().filter(|(path, _)| path.ends_with(".rs")).map(|(_, text)| text));
        sources.extend(user_binary::by_hand(&model, &regen::generator()?.documents())?);
        let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"records\", \"user\"]\n";
        sources.insert("Cargo.toml".to_owned(), workspace.to_owned());
        let sides = Self { ours: ours()?, peer: Project::new("serde", sources)?, source };
        run.progress.prepare(name, "building what both stand on");
        sides.ours.prepare("xurrent")?;
        sides.peer.prepare(peer_serde::PACKAGE)?;
        Ok(sides)
    }

    fn rmeta(&self) -> Result<(u64, u64), Failure> {
        Ok((self.ours.rmeta("xurrent")?, self.peer.rmeta("serde_records")?))
    }

    fn sizes(&self) -> Result<String, Failure> {
        let (ours, peer) = self.rmeta()?;
        let (sdk, source) = (sdk_size()?, &self.source);
        Ok(format!("ours {sdk}, {ours} bytes of .rmeta; peer {source}, {peer} bytes of .rmeta"))
    }
}

fn ours() -> Result<Project, Failure> {
    let sources: Sources = user_binary::ours(&root().join("sdk"));
    Project::new("ours", sources)
}

/// The source of the crate `xurrent`.
fn sdk_size() -> Result<String, Failure> {
    let mut texts = Vec::new();
    for path in rust_files(&root().join("sdk/src"))? {
        texts.push(fs::read_to_string(&path).map_err(Failure::file("read", &path))?);
    }
    Ok(size(texts.iter()))
}

/// The Rust files in a folder and in those below it.
pub(crate) fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Failure::file("list", folder))? {
        let path = entry.map_err(Failure::file("list", folder))?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

//! Compile times and sizes, in scratch projects with dependencies already built.

use crate::error::Error;
use crate::pairs::Pairs;
use crate::run::{Run, root};
use crate::scratch::{Project, Sources, rust_files, size};
use crate::table::{Row, Unit};
use crate::{peer_graphql_client, peer_serde, regen, user_binary};
use std::fs;

/// `compile-serde`.
pub(crate) fn serde(run: &Run) -> Result<Row, Error> {
    let name = "compile-serde";
    let sides = Sides::prepare(name, run)?;
    let pairs =
        run.measure(name, 5, || sides.ours.compile("xurrent"), || sides.peer.compile(peer_serde::PACKAGE))?;
    Ok(Row::new(name, pairs, Unit::Seconds)
        .target(0.22)
        .note(sides.sizes()?)
        .note("same fields, names and docs; the peer's enums derive less (no PartialEq, Eq, Hash), its inputs have no setters"))
}

/// `compile-graphql-client`.
pub(crate) fn graphql_client(run: &Run) -> Result<Row, Error> {
    let name = "compile-graphql-client";
    run.progress.prepare(name, "generating");
    let documents = peer_graphql_client::acceptable(&regen::generator()?.documents());
    let generated = peer_graphql_client::generate(&regen::schema(), &documents)?;
    let package = peer_graphql_client::package(&generated);
    let source = size(package.values());
    let ours = ours()?;
    let peer = Project::new("graphql-client", package)?;
    run.progress.prepare(name, "building the dependencies of both sides");
    ours.prepare("xurrent")?;
    peer.prepare(peer_graphql_client::PACKAGE)?;
    let pairs =
        run.measure(name, 5, || ours.compile("xurrent"), || peer.compile(peer_graphql_client::PACKAGE))?;
    let (ours, peer) = (ours.rmeta("xurrent")?, peer.rmeta("graphql_client_operations")?);
    Ok(Row::new(name, pairs, Unit::Seconds)
        .target(0.15)
        .note(format!("ours {}, {ours} bytes of .rmeta; peer {source}, {peer} bytes of .rmeta", sdk_size()?))
        .note(format!("{} operations; {}", documents.len(), peer_graphql_client::CHANGES)))
}

/// `compile-user`.
pub(crate) fn user(run: &Run) -> Result<Row, Error> {
    let name = "compile-user";
    let sides = Sides::prepare(name, run)?;
    sides.ours.prepare(user_binary::PACKAGE)?;
    sides.peer.prepare(user_binary::PACKAGE)?;
    let pairs = run.measure(
        name,
        5,
        || sides.ours.recompile(user_binary::PACKAGE, "src/main.rs"),
        || sides.peer.recompile(user_binary::PACKAGE, "user/src/main.rs"),
    )?;
    Ok(Row::new(name, pairs, Unit::Seconds)
        .target(0.30)
        .note("10 filtered queries over all pages, 10 mutations with their payloads; linking included on both sides"))
}

/// `rmeta`.
pub(crate) fn rmeta(run: &Run) -> Result<Row, Error> {
    let sides = Sides::prepare("rmeta", run)?;
    let (ours, peer) = sides.rmeta()?;
    Ok(Row::new("rmeta", Pairs::exact(ours as f64, peer as f64), Unit::Bytes))
}

/// `noop-build`.
pub(crate) fn noop_build(run: &Run) -> Result<Row, Error> {
    let name = "noop-build";
    let sides = Sides::prepare(name, run)?;
    sides.ours.prepare(user_binary::PACKAGE)?;
    sides.peer.prepare(user_binary::PACKAGE)?;
    let pairs = run.measure(
        name,
        9,
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
    /// Generates and builds both projects.
    fn prepare(name: &'static str, run: &Run) -> Result<Self, Error> {
        run.progress.prepare(name, "generating");
        let model = peer_serde::model::read()?;
        let mut sources = peer_serde::package(&model)?;
        let source = size(sources.iter().filter(|(path, _)| path.ends_with(".rs")).map(|(_, text)| text));
        sources.extend(user_binary::by_hand(&model, &regen::generator()?.documents())?);
        let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"records\", \"user\"]\n";
        sources.insert("Cargo.toml".to_owned(), workspace.to_owned());
        let sides = Self { ours: ours()?, peer: Project::new("serde", sources)?, source };
        run.progress.prepare(name, "building the dependencies of both sides");
        sides.ours.prepare("xurrent")?;
        sides.peer.prepare(peer_serde::PACKAGE)?;
        Ok(sides)
    }

    fn rmeta(&self) -> Result<(u64, u64), Error> {
        Ok((self.ours.rmeta("xurrent")?, self.peer.rmeta("serde_records")?))
    }

    fn sizes(&self) -> Result<String, Error> {
        let (ours, peer) = self.rmeta()?;
        let (sdk, source) = (sdk_size()?, &self.source);
        Ok(format!("ours {sdk}, {ours} bytes of .rmeta; peer {source}, {peer} bytes of .rmeta"))
    }
}

fn ours() -> Result<Project, Error> {
    let sources: Sources = user_binary::ours(&root().join("sdk"));
    Project::new("ours", sources)
}

/// The source of the crate `xurrent`.
fn sdk_size() -> Result<String, Error> {
    let mut texts = Vec::new();
    for path in rust_files(&root().join("sdk/src"))? {
        texts.push(fs::read_to_string(&path).map_err(Error::file("read", &path))?);
    }
    Ok(size(texts.iter()))
}

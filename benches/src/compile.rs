//! Compile times and sizes, in scratch projects with dependencies already built.

use crate::error::Error;
use crate::files::{root, rust_files, schema, size};
use crate::pairs::Pairs;
use crate::run::Run;
use crate::scratch::{Project, prepare};
use crate::table::{Row, Unit};
use crate::{peer_graphql_client, peer_serde, regen, user_binary};

pub(crate) fn serde(run: &Run<'_>) -> Result<Row, Error> {
    let sides = Sides::prepare(["xurrent", peer_serde::PACKAGE], run)?;
    let pairs =
        run.measure(5, || sides.ours.compile("xurrent"), || sides.peer.compile(peer_serde::PACKAGE))?;
    let (ours, peer) = sides.rmeta()?;
    Ok(run.row(pairs, Unit::Seconds)
        .target(0.22)
        .note(sizes(ours, &sides.source, peer)?)
        .note("same fields, names and docs; the peer's enums derive less (no PartialEq, Eq, Hash), its inputs have no setters"))
}

pub(crate) fn graphql_client(run: &Run<'_>) -> Result<Row, Error> {
    run.prepare("generating");
    let documents = peer_graphql_client::acceptable(&regen::generator()?.documents());
    let package = peer_graphql_client::package(&peer_graphql_client::generate(&schema(), &documents)?);
    let source = size(&package);
    let ours = ours()?;
    let peer = Project::new("graphql-client", package)?;
    prepare(run, [(&ours, "xurrent"), (&peer, peer_graphql_client::PACKAGE)])?;
    let pairs = run.measure(5, || ours.compile("xurrent"), || peer.compile(peer_graphql_client::PACKAGE))?;
    let (ours, peer) = (ours.rmeta("xurrent")?, peer.rmeta("graphql_client_operations")?);
    Ok(run.row(pairs, Unit::Seconds).target(0.15).note(sizes(ours, &source, peer)?).note(format!(
        "{} operations; {}",
        documents.len(),
        peer_graphql_client::CHANGES
    )))
}

pub(crate) fn user(run: &Run<'_>) -> Result<Row, Error> {
    let Sides { ours, peer, .. } = Sides::prepare([user_binary::PACKAGE; 2], run)?;
    let pairs = run.measure(
        5,
        || ours.recompile(user_binary::PACKAGE, "src/main.rs"),
        || peer.recompile(user_binary::PACKAGE, "user/src/main.rs"),
    )?;
    Ok(run.row(pairs, Unit::Seconds)
        .target(0.20)
        .note("10 filtered queries over all pages, 10 mutations with their payloads; linking included on both sides"))
}

pub(crate) fn rmeta(run: &Run<'_>) -> Result<Row, Error> {
    let (ours, peer) = Sides::prepare(["xurrent", peer_serde::PACKAGE], run)?.rmeta()?;
    Ok(run.row(Pairs::exact(ours as f64, peer as f64), Unit::Bytes))
}

pub(crate) fn noop_build(run: &Run<'_>) -> Result<Row, Error> {
    let Sides { ours, peer, .. } = Sides::prepare([user_binary::PACKAGE; 2], run)?;
    let pairs = run.measure(
        9,
        || ours.build_nothing(user_binary::PACKAGE),
        || peer.build_nothing(user_binary::PACKAGE),
    )?;
    Ok(run.row(pairs, Unit::Seconds))
}

/// The project over the SDK and the one over plain structs.
struct Sides {
    ours: Project,
    peer: Project,
    /// The size of the plain structs.
    source: String,
}

impl Sides {
    /// Generates both projects and builds a package of each.
    fn prepare(packages: [&str; 2], run: &Run<'_>) -> Result<Self, Error> {
        run.prepare("generating");
        let model = peer_serde::model::read()?;
        let mut sources = peer_serde::package(&model);
        let source = size(&sources);
        sources.extend(user_binary::by_hand(&model, &regen::generator()?.documents())?);
        let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"records\", \"user\"]\n";
        sources.insert("Cargo.toml".to_owned(), workspace.to_owned());
        let (ours, peer) = (ours()?, Project::new("serde", sources)?);
        prepare(run, [(&ours, packages[0]), (&peer, packages[1])])?;
        Ok(Self { ours, peer, source })
    }

    fn rmeta(&self) -> Result<(u64, u64), Error> {
        Ok((self.ours.rmeta("xurrent")?, self.peer.rmeta("serde_records")?))
    }
}

fn ours() -> Result<Project, Error> {
    Project::new("ours", user_binary::ours(&root().join("sdk")))
}

fn sizes(ours: u64, source: &str, peer: u64) -> Result<String, Error> {
    let sdk = size(&rust_files(&root().join("sdk/src"), &root())?);
    Ok(format!("ours {sdk}, {ours} bytes of .rmeta; peer {source}, {peer} bytes of .rmeta"))
}

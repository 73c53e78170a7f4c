//! The first build of a first program, with nothing built before: what a new user waits for.

use crate::error::Error;
use crate::files::{Sources, read, root, schema};
use crate::pairs::{Pairs, median};
use crate::run::{Run, once};
use crate::scratch::{Build, Project, package};
use crate::table::{Row, Unit};
use std::sync::OnceLock;

const PACKAGE: &str = "first-program";

const TOKIO: &str = r#"tokio = { version = "1", features = ["macros", "rt-multi-thread"] }"#;

/// A program that prints the people of an account.
const OURS: &str = r#"use xurrent::{Client, PersonFilter};

#[tokio::main]
async fn main() -> xurrent::Result<()> {
    let client = Client::from_env()?;
    let mut people = client.people().filter(PersonFilter::new().disabled(false)).stream();
    while let Some(person) = people.try_next().await? {
        println!("{:?} {:?}", person.name, person.primary_email);
    }
    Ok(())
}
"#;

/// A program that prints the issues of a repository.
const OCTOCRAB: &str = r#"#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = std::env::var("GITHUB_TOKEN")?;
    let client = octocrab::Octocrab::builder().personal_token(token).build()?;
    let mut page = Some(client.issues("rust-lang", "rust").list().per_page(100).send().await?);
    while let Some(issues) = page {
        for issue in &issues {
            println!("{} {}", issue.number, issue.title);
        }
        page = client.get_page(&issues.next).await?;
    }
    Ok(())
}
"#;

/// The program of `OURS`, one page of it.
const GRAPHQL_CLIENT: &str = r#"use graphql_client::{GraphQLQuery, Response};

#[derive(GraphQLQuery)]
#[graphql(schema_path = "schema.json", query_path = "people.graphql")]
struct People;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let body = People::build_query(people::Variables {});
    let request = reqwest::Client::new().post("https://graphql.xurrent.com").json(&body);
    let request = request.bearer_auth(std::env::var("XURRENT_TOKEN")?).header("x-xurrent-account", "wdc");
    let response: Response<people::ResponseData> = request.send().await?.json().await?;
    for person in response.data.and_then(|data| data.people.nodes).into_iter().flatten().flatten() {
        println!("{:?} {:?}", person.name, person.primary_email);
    }
    Ok(())
}
"#;

const PEOPLE: &str =
    "query People { people(filter: { disabled: false }, first: 100) { nodes { name primaryEmail } } }\n";

pub(crate) fn octocrab(run: &Run<'_>) -> Result<Row, Error> {
    Ok(seconds(run, |round| (round.ours, round.octocrab))?.target(0.60))
}

pub(crate) fn minimal(run: &Run<'_>) -> Result<Row, Error> {
    Ok(seconds(run, |round| (round.minimal, round.octocrab))?.target(0.45))
}

pub(crate) fn graphql_client(run: &Run<'_>) -> Result<Row, Error> {
    seconds(run, |round| (round.ours, round.graphql_client))
}

/// The memory of the largest process.
pub(crate) fn memory(run: &Run<'_>) -> Result<Row, Error> {
    let rounds = rounds(run)?;
    let pairs = rounds.iter().map(|round| (round.ours.peak_memory, round.octocrab.peak_memory));
    let others = |of: fn(&Round) -> Build| median(rounds.iter().map(|round| of(round).peak_memory));
    let (minimal, graphql_client) = (others(|round| round.minimal), others(|round| round.graphql_client));
    Ok(run.row(Pairs::of(pairs), Unit::Bytes).target(0.50).note(format!(
        "the largest resident set of one process, a compiler, not the sum of those that run at once; the peer is \
         octocrab; {minimal:.0} with no feature but one for TLS, {graphql_client:.0} with graphql_client"
    )))
}

/// One first build of each program.
struct Round {
    ours: Build,
    minimal: Build,
    octocrab: Build,
    graphql_client: Build,
}

fn seconds(run: &Run<'_>, sides: fn(&Round) -> (Build, Build)) -> Result<Row, Error> {
    let pairs = rounds(run)?.iter().map(sides).map(|(ours, peer)| (ours.seconds, peer.seconds));
    let row = run.row(Pairs::of(pairs), Unit::Seconds);
    Ok(row.note("`cargo build`, nothing built before, everything downloaded"))
}

/// Builds all programs in turns, once for all rows.
fn rounds(run: &Run<'_>) -> Result<&'static [Round], Error> {
    static ROUNDS: OnceLock<Vec<Round>> = OnceLock::new();
    let rounds = once(&ROUNDS, || {
        let programs = [ours()?, ours_minimal()?, peer_octocrab()?, peer_graphql_client()?];
        let rounds = run.rounds(5, |side| programs[side].build_all(PACKAGE))?;
        let round = |[ours, minimal, octocrab, graphql_client]: [Build; 4]| Round {
            ours,
            minimal,
            octocrab,
            graphql_client,
        };
        Ok(rounds.into_iter().map(round).collect())
    });
    rounds.map(Vec::as_slice)
}

/// Crates that are compiled for the program, its own included.
pub(crate) fn crates(run: &Run<'_>) -> Result<Row, Error> {
    run.prepare("resolving");
    let (all, minimal) = (ours()?.crates()?, ours_minimal()?.crates()?);
    let peer = peer_octocrab()?.crates()?;
    Ok(run
        .row(Pairs::exact(all as f64, peer as f64), Unit::Crates)
        .note(format!("{minimal} with no feature but one for TLS; the peer is octocrab")))
}

fn ours() -> Result<Project, Error> {
    with_features("first-ours", "")
}

/// Calls and streams over TLS, and nothing else.
fn ours_minimal() -> Result<Project, Error> {
    with_features("first-minimal", r#", default-features = false, features = ["rustls-ring"]"#)
}

/// `features` follow in the dependency's table.
fn with_features(name: &str, features: &str) -> Result<Project, Error> {
    let sdk = toml::Value::from(root().join("sdk").to_string_lossy().into_owned());
    let dependencies = format!("{TOKIO}\nxurrent = {{ path = {sdk}{features} }}\n");
    Project::to_debug(name, program(&dependencies, OURS))
}

fn peer_octocrab() -> Result<Project, Error> {
    Project::to_debug("first-octocrab", program(&format!("octocrab = \"0.54\"\n{TOKIO}\n"), OCTOCRAB))
}

fn peer_graphql_client() -> Result<Project, Error> {
    let dependencies = format!(
        "graphql_client = \"0.16\"\nreqwest = {{ version = \"0.13\", features = [\"json\"] }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n{TOKIO}\n"
    );
    let mut sources = program(&dependencies, GRAPHQL_CLIENT);
    sources.insert("schema.json".to_owned(), read(&schema())?);
    sources.insert("people.graphql".to_owned(), PEOPLE.to_owned());
    Project::to_debug("first-graphql-client", sources)
}

fn program(dependencies: &str, main: &str) -> Sources {
    let manifest = package(PACKAGE, &format!("{dependencies}\n[workspace]\n"));
    Sources::from([("Cargo.toml".to_owned(), manifest), ("src/main.rs".to_owned(), main.to_owned())])
}

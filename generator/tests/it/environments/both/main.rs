//! A program of two environments: the engine of the random schemas serves the schema of each.
//!
//! It is compiled with the crate that is generated from both: see `compiled.rs`.

mod engine;

use both::{
    Change, Client, Error, ErrorKind, Id, Ref, Select, Status, Team, TeamArguments,
};
use both::preflight::PreflightCall;
use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// A field that only QA has.
#[derive(Debug, Select)]
#[select(on = Team, crate = both)]
#[allow(dead_code, reason = "printed")]
struct Sized {
    id: Id,
    size: Option<i64>,
}

/// A type that is an owner in QA only.
#[derive(Debug, Select)]
#[select(on = Owner, crate = both)]
#[allow(dead_code, reason = "printed")]
enum OwnerOf {
    Robot(Ref<both::Robot>),
    #[select(other)]
    Other(String),
}

struct Environment {
    name: &'static str,
    sample: Arc<Mutex<engine::Sample>>,
    client: Client,
}

impl Environment {
    fn new(name: &'static str, sdl: &str) -> Self {
        let sample = engine::Sample::new(name, sdl, &["teams"]);
        let builder = Client::builder().personal_access_token("token");
        let client = builder.transport(engine::transport(&sample)).build().unwrap();
        Self { name, sample, client }
    }

    /// Calls of code that is right in both: a failure is counted by the engine.
    fn works<T: std::fmt::Debug, F: IntoFuture<Output = both::Result<T>>>(&self, what: &str, call: impl Fn(&Client) -> F) {
        for _ in 0..16 {
            engine::call(&self.sample, what, call(&self.client));
        }
    }

    fn result<T>(&self, call: impl IntoFuture<Output = both::Result<T>>) -> both::Result<T> {
        let mut call = std::pin::pin!(call.into_future());
        let Poll::Ready(result) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("{}: it waits", self.name)
        };
        result
    }

    /// What a preflight finds: the struct or the type with its field, and the place in the schema.
    fn lacks(&self, preflight: PreflightCall) -> Vec<(String, String)> {
        let error = self.result(preflight).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SchemaMismatch, "{error:#}");
        let problems = &error.preflight().unwrap().problems;
        problems.iter().map(|problem| (problem.rust.clone(), problem.path.clone())).collect()
    }

    /// A call that the server of this environment refuses, with this part of its message.
    fn refuses<T: std::fmt::Debug>(&self, part: &str, call: impl IntoFuture<Output = both::Result<T>>) {
        let error: Error = self.result(call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::GraphQl, "{error:#}");
        assert!(format!("{error:#}").contains(part), "{}: {part} is not in {error:#}", self.name);
    }
}

fn main() {
    let production = Environment::new("production", include_str!("production.graphql"));
    let qa = Environment::new("QA", include_str!("qa.graphql"));
    for it in [&production, &qa] {
        it.works("team", |client| client.team());
        it.works("team by id", |client| client.team().arguments(TeamArguments::new().id("1")));
        it.works("teams", |client| client.teams().first());
        it.works("owner", |client| client.owner());
        it.works("robots", |client| client.robots());
        it.works("rename", |client| client.rename("1", "name"));
        let status = Change::new().status(Status::Open);
        let change = if it.name == "QA" { status.reason("why") } else { status };
        it.works("change", |client| client.change(change.clone()));
    }
    qa.works("size", |client| client.team().select::<Sized>());
    qa.works("owner by type", |client| client.owner().select::<OwnerOf>());
    qa.works("site", |client| client.site("1"));
    qa.works("name", |client| client.team().arguments(TeamArguments::new().name("name")));
    production.works("old", |client| client.old());
    production.refuses("`size`", production.client.team().select::<Sized>());
    production.refuses("`Robot`", production.client.owner().select::<OwnerOf>());
    production.refuses("`site`", production.client.site("1"));
    production.refuses("`name`", production.client.team().arguments(TeamArguments::new().name("name")));
    let waiting = Change::new().status(Status::Waiting);
    production.refuses("waiting", production.client.change(waiting.clone()));
    production.refuses("note", production.client.change(Change::new().note("a note")));
    qa.works("waiting", |client| client.change(waiting.clone().reason("why")));
    qa.refuses("reason", qa.client.change(waiting));
    qa.refuses("`old`", qa.client.old());
    preflights(&production, &qa);
    engine::finish();
}

/// Before it calls, a program can ask a server for what only the other environment has.
fn preflights(production: &Environment, qa: &Environment) {
    let client = &qa.client;
    qa.result(client.preflight::<(Sized, OwnerOf, Status, Team)>().and(client.site("1").preflight())).unwrap();
    let client = &production.client;
    let at = |rust: &str, path: &str| (rust.to_owned(), path.to_owned());
    production.result(client.preflight::<Team>().and(client.team().preflight())).unwrap();
    assert_eq!(production.lacks(client.preflight::<Sized>()), [at("Sized::size", "Team.size")]);
    assert_eq!(production.lacks(client.team().select::<Sized>().preflight()), [at("Sized::size", "Team.size")]);
    assert_eq!(production.lacks(client.preflight::<Status>()), [at("Status", "Status.waiting")]);
    assert_eq!(production.lacks(client.preflight::<OwnerOf>()), [at("OwnerOf", "Owner")]);
    assert_eq!(production.lacks(client.site("1").preflight()), [at("Query.site", "Query.site")]);
    let waiting = client.change(Change::new().status(Status::Waiting).note("a note"));
    assert_eq!(
        production.lacks(waiting.preflight()),
        [at("Change", "Change.status"), at("Change", "Change.note")]
    );
    // QA requires a reason, which no value of the input has to have in production.
    assert_eq!(qa.lacks(qa.client.preflight::<Change>()), [at("Change", "Change.reason")]);
}

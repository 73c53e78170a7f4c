//! Nested connections of which all is wanted, `#[select(all)]`, against what is really in the store.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../sandboxed/mod.rs"]
mod sandboxed;
mod store;

use sandboxed::{builder, start};
use xurrent::{Client, Connection, Id, Select, TeamFilter};
use xurrent_sandbox::Sandbox;

#[derive(Select, Debug)]
#[select(on = Team)]
struct Crew {
    id: Id,
    name: Option<String>,
    #[select(all)]
    members: Vec<Member>,
}

#[derive(Select, Debug)]
#[select(on = Person)]
struct Member {
    id: Id,
}

/// A sandbox and a client that need not wait for its turn.
async fn world() -> (Sandbox, Client) {
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).no_burst_limit().build().unwrap();
    (sandbox, client)
}

fn ids(members: &[Member]) -> Vec<&str> {
    members.iter().map(|member| member.id.as_str()).collect()
}

fn truth(sandbox: &Sandbox, team: &str) -> Vec<String> {
    let nodes = store::truth(sandbox.engine(), "Team", team, "members", "id");
    nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_member_comes_in_order_however_many_there_are() {
    let (sandbox, client) = world().await;
    let people = store::people(sandbox.engine(), 250);
    for (count, requests) in [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (201, 3), (250, 3)] {
        let team = store::team(sandbox.engine(), "Crew", &people[..count]);
        let before = sandbox.requests().len();
        let crew = client.node::<Crew>(&*team).await.unwrap().unwrap();
        assert_eq!(ids(&crew.members), truth(&sandbox, &team), "{count}");
        assert_eq!(crew.members.len(), count);
        assert_eq!(sandbox.requests().len() - before, requests, "{count}");
    }
}

//! Remaining pages of nested connections (`#[select(all)]`), compared with the store.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod failures;
mod forms;
mod random;
mod store;

use crate::sandboxed::{builder, start};
use serde_json::Value;
use xurrent::{Client, Connection, Filter, Id, Select, TeamFilter, TeamOrder, TeamOrderField};
use xurrent_sandbox::Sandbox;

#[derive(Select, Debug, PartialEq, Clone)]
#[select(on = Team)]
pub(crate) struct Crew {
    name: Option<String>,
    #[select(all)]
    members: Vec<Member>,
}

#[derive(Select, Debug, PartialEq, Clone)]
#[select(on = Person)]
pub(crate) struct Member {
    id: Id,
}

/// A sandbox, and a client that need not wait for its turn.
pub(crate) async fn world() -> (Sandbox, Client) {
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    (sandbox, client)
}

pub(crate) fn ids(members: &[Member]) -> Vec<&str> {
    members.iter().map(|member| member.id.as_str()).collect()
}

/// The members of a team that are in the store.
pub(crate) fn truth(sandbox: &Sandbox, team: &str) -> Vec<String> {
    let nodes = store::truth(sandbox.engine(), "Team", team, "members", "id");
    nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

/// New teams with so many members each, and their ids.
pub(crate) fn teams(sandbox: &Sandbox, sizes: &[usize]) -> Vec<String> {
    let people = store::people(sandbox.engine(), sizes.iter().copied().max().unwrap_or(0));
    let team = |(number, size): (usize, &usize)| {
        // Each begins with someone else, so that no list is like another.
        let mut members = people.clone();
        members.rotate_left(number * 7 % people.len().max(1));
        store::team(sandbox.engine(), &format!("Crew {number:03}"), &members[..*size])
    };
    sizes.iter().enumerate().map(team).collect()
}

/// The names of the first of these teams.
pub(crate) fn names(count: usize) -> Filter<String> {
    Filter::any_of((0..count).map(|number| format!("Crew {number:03}")))
}

/// How many requests the sandbox got.
pub(crate) fn sent(sandbox: &Sandbox) -> usize {
    sandbox.arrivals().len()
}

/// The documents of the requests for further pages.
pub(crate) fn further(sandbox: &Sandbox) -> Vec<String> {
    let bodies = sandbox.requests().into_iter().filter_map(|request| request.body);
    let text = |body: &Value, key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let further = bodies.filter(|body| text(body, "operationName").ends_with("_rest"));
    further.map(|body| text(&body, "query")).collect()
}

#[tokio::test]
async fn every_member_comes_in_order_without_needless_requests() {
    let (sandbox, client) = world().await;
    let people = store::people(sandbox.engine(), 250);
    for (count, requests) in [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (201, 3), (250, 3)] {
        let team = store::team(sandbox.engine(), "Crew", &people[..count]);
        let before = sent(&sandbox);
        let crew = client.node::<Crew>(&*team).await.unwrap().unwrap();
        assert_eq!(ids(&crew.members), truth(&sandbox, &team), "{count}");
        assert_eq!(crew.members.len(), count);
        assert_eq!(sent(&sandbox) - before, requests, "{count}");
    }
}

#[derive(Select, Debug)]
#[select(on = Team)]
struct Few {
    id: Id,
    #[select(first = 3, all)]
    members: Connection<Member>,
}

#[tokio::test]
async fn each_parent_continues_after_its_own_cursor() {
    let (sandbox, client) = world().await;
    let sizes = [0, 250, 1, 3, 4, 103, 104, 17, 2, 99, 203, 5, 6, 7, 8, 9, 10, 11, 12, 13];
    let made = teams(&sandbox, &sizes);
    for page_size in [1, 7, 100] {
        let query = client
            .teams()
            .filter(TeamFilter::new().name(names(sizes.len())))
            .order([TeamOrder::asc(TeamOrderField::Name)])
            .select::<Few>()
            .page_size(page_size);
        let found = query.all().await.unwrap();
        assert_eq!(found.iter().map(|team| team.id.as_str()).collect::<Vec<_>>(), made, "{page_size}");
        for ((team, id), size) in found.iter().zip(&made).zip(sizes) {
            assert_eq!(ids(&team.members.nodes), truth(&sandbox, id), "{size} in pages of {page_size}");
            assert!(!team.members.page_info.has_next_page, "{size}");
            assert_eq!(team.members.total_count, i64::try_from(size).unwrap());
        }
    }
    // Ten parents in a request, and each only as long as it has more.
    let largest = further(&sandbox).iter().map(|document| document.matches(": node(").count()).max();
    assert_eq!(largest, Some(10));
}

#[derive(Select, Debug)]
#[select(on = Team)]
pub(crate) struct Deep {
    #[select(first = 4, all)]
    members: Vec<Resident>,
}

#[derive(Select, Debug)]
#[select(on = Person)]
pub(crate) struct Resident {
    id: Id,
    #[select(first = 2, all)]
    addresses: Connection<Place>,
    #[select(first = 2, all, rename = "addresses")]
    again: Vec<Place>,
}

#[derive(Select, Debug, PartialEq)]
#[select(on = Address)]
pub(crate) struct Place {
    id: Id,
    city: Option<String>,
}

#[tokio::test]
async fn remaining_pages_of_nested_lists_are_fetched() {
    let (sandbox, client) = world().await;
    let people = store::people(sandbox.engine(), 110);
    // On the first page, on the last record of it, on a further page and on the last of all.
    for (person, count) in [(0, 3), (1, 2), (3, 230), (4, 103), (50, 1), (103, 5), (104, 150), (109, 7)] {
        store::addresses(sandbox.engine(), &people[person], count);
    }
    let team = store::team(sandbox.engine(), "Crew", &people);
    let crew = client.node::<Deep>(&*team).await.unwrap().unwrap();
    assert_eq!(crew.members.len(), 110);
    let mut seen = 0;
    for (resident, id) in crew.members.iter().zip(truth(&sandbox, &team)) {
        assert_eq!(resident.id.as_str(), id);
        let truth = store::truth(sandbox.engine(), "Person", &id, "addresses", "id city");
        let places = |places: &[Place]| -> Vec<Value> {
            places
                .iter()
                .map(|place| serde_json::json!({"id": place.id.as_str(), "city": place.city}))
                .collect()
        };
        assert_eq!(places(&resident.addresses.nodes), truth);
        assert_eq!(places(&resident.again), truth);
        assert!(!resident.addresses.page_info.has_next_page);
        assert_eq!(resident.addresses.total_count, i64::try_from(truth.len()).unwrap());
        seen += truth.len();
    }
    assert_eq!(seen, 3 + 2 + 230 + 103 + 1 + 5 + 150 + 7);
}

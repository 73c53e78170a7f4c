//! Random stores, selections and page sizes, compared with the store.

use crate::remaining_pages::{Member, ids, store, world};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use xurrent::{Connection, Filter, Id, Select, TeamFilter, TeamOrder, TeamOrderField};

macro_rules! crews {
    ($($name:ident $resident:ident $first:literal $inner:literal;)*) => {$(
        #[derive(Select)]
        #[select(on = Team)]
        struct $name {
            id: Id,
            #[select(first = $first, all)]
            members: Vec<$resident>,
            #[select(all, first = $inner, rename = "members")]
            others: Connection<Member>,
        }

        #[derive(Select)]
        #[select(on = Person)]
        struct $resident {
            id: Id,
            #[select(first = $inner, all)]
            addresses: Vec<Place>,
        }

        impl From<$name> for Found {
            fn from(crew: $name) -> Self {
                let member = |it: $resident| (it.id.to_string(), it.addresses.into_iter().map(|it| it.id.to_string()).collect());
                let others = ids(&crew.others.nodes).into_iter().map(str::to_owned).collect();
                assert!(!crew.others.page_info.has_next_page);
                Self { id: crew.id.to_string(), members: crew.members.into_iter().map(member).collect(), others }
            }
        }
    )*};
}

crews! {
    Ones ResidentOfOnes 1 1;
    Twos ResidentOfTwos 2 100;
    Sevens ResidentOfSevens 7 3;
    Hundreds ResidentOfHundreds 100 2;
}

#[derive(Select)]
#[select(on = Address)]
struct Place {
    id: Id,
}

/// A team, whatever it was selected with.
#[derive(Debug, PartialEq)]
struct Found {
    id: String,
    members: Vec<(String, Vec<String>)>,
    others: Vec<String>,
}

fn list(nodes: &[serde_json::Value]) -> Vec<String> {
    nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_store_is_read_completely_and_in_order() {
    const CASES: u32 = 16;
    const PEOPLE: usize = 230;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (sandbox, client) = runtime.block_on(world());
    let engine = sandbox.engine();
    let people = store::people(engine, PEOPLE);
    for (index, person) in people.iter().enumerate() {
        // Most have few, some have many.
        let count = if index % 40 == 7 { 90 + index } else { index % 5 };
        if count > 0 {
            store::addresses(engine, person, count);
        }
    }
    let addresses: Vec<Vec<String>> = people
        .iter()
        .map(|person| list(&store::truth(engine, "Person", person, "addresses", "id")))
        .collect();
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config =
        Config { cases: CASES, failure_persistence: None, max_shrink_iters: 50, ..Config::default() };
    let team = prop_oneof![2 => 0..12_usize, 1 => 90..112_usize, 1 => 195..PEOPLE];
    let teams = prop::collection::vec((team, 0..PEOPLE), 1..7);
    let count = std::cell::Cell::new(0);
    let outcome = TestRunner::new_with_rng(config, rng).run(
        &(teams, 0..4_usize, 1..9_usize),
        |(teams, form, page_size)| {
            count.set(count.get() + 1);
            let number = count.get();
            let name = |index: usize| format!("Random {number:04} {index:02}");
            let mut names = Vec::new();
            let mut expected = Vec::new();
            for (index, (size, start)) in teams.iter().enumerate() {
                let mut members = people.clone();
                members.rotate_left(*start);
                let id = store::team(engine, &name(index), &members[..*size]);
                let members = list(&store::truth(engine, "Team", &id, "members", "id"));
                assert_eq!(members.len(), *size);
                let with_addresses = |id: &String| {
                    let place = people.iter().position(|person| person == id).unwrap();
                    (id.clone(), addresses[place].clone())
                };
                expected.push(Found {
                    id,
                    members: members.iter().map(with_addresses).collect(),
                    others: members,
                });
                names.push(name(index));
            }
            let query =
                client.teams().filter(TeamFilter::new().name(Filter::any_of(names))).page_size(page_size);
            let query = query.order([TeamOrder::asc(TeamOrderField::Name)]);
            let found: Vec<Found> = runtime.block_on(async {
                match form {
                    0 => query.select::<Ones>().all().await.unwrap().into_iter().map(Found::from).collect(),
                    1 => query.select::<Twos>().all().await.unwrap().into_iter().map(Found::from).collect(),
                    2 => query.select::<Sevens>().all().await.unwrap().into_iter().map(Found::from).collect(),
                    _ => {
                        query.select::<Hundreds>().all().await.unwrap().into_iter().map(Found::from).collect()
                    }
                }
            });
            prop_assert_eq!(found, expected);
            Ok(())
        },
    );
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

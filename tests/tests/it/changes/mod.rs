//! Records that changed since a point in time, against the sandbox over real sockets.

#![allow(clippy::unwrap_used, missing_docs)]

mod random;

use crate::in_memory;
use crate::sandboxed::{client, with};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use xurrent::changes::{Change, ChangedSince, Changes, DEFAULT_OVERLAP};
use xurrent::connection::ConnectionField;
use xurrent::jiff::Timestamp;
use xurrent::{
    Client, ErrorKind, Id, MemoryTransport, PersonFilter, PersonOrder, PersonOrderField, PersonUpdateInput,
    PersonView, RangeFilter, Select,
};
use xurrent_sandbox::{Fault, Sandbox, SandboxBuilder, node_id};

#[derive(Select, Debug, Clone, PartialEq)]
#[select(on = Person)]
struct Name {
    id: Id,
    name: Option<String>,
}

/// Own people, each with its `updatedAt` in seconds of a minute, and no others.
fn people(updated: impl IntoIterator<Item = u8>) -> impl Fn(SandboxBuilder) -> SandboxBuilder {
    let people = updated.into_iter().enumerate().map(|(number, second)| {
        let name = format!("P{number}");
        (name.clone(), json!({ "name": name, "updatedAt": format!("2024-03-01T12:00:{second:02}Z") }))
    });
    let people = json!({ "Person": people.collect::<serde_json::Map<String, Value>>() });
    move |sandbox| sandbox.without_demo_records().records(people.clone())
}

async fn rename(client: &Client, id: &Id, name: &str) {
    client.person_update(PersonUpdateInput::new(id).name(name)).await.unwrap();
}

/// The names of all people in the store, by id.
fn stored(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let (mut all, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let query = "query($after: String) { people(view: all, first: 100, after: $after) {
            nodes { id name } pageInfo { hasNextPage endCursor } } }";
        let body = json!({ "query": query, "variables": { "after": after } });
        let response = sandbox.engine().execute(&body);
        let page = &response["data"]["people"];
        for node in page["nodes"].as_array().unwrap() {
            all.insert(node["id"].as_str().unwrap().to_owned(), node["name"].as_str().unwrap().to_owned());
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// What is left of a stream, without empty pages.
async fn rest<F: ConnectionField, T>(changes: &mut Changes<F, T>) -> Vec<Change<T>> {
    let mut all = Vec::new();
    while let Some(page) = changes.try_next().await.unwrap() {
        assert!(!page.is_empty());
        all.extend(page);
    }
    all
}

fn query(client: &Client) -> xurrent::ConnectionQuery<xurrent::PeopleQuery, Name> {
    client.people().view(PersonView::All).select::<Name>()
}

#[tokio::test]
async fn all_records_come_once_and_later_only_those_that_changed() {
    let (sandbox, client) = client().await;
    let mut changes = client.people().view(PersonView::All).page_size(7).changed_since(None);
    let all = rest(&mut changes).await;
    let ids: BTreeSet<_> = all.iter().map(|change| change.id.to_string()).collect();
    assert_eq!(
        (ids.len(), ids.iter().cloned().collect::<Vec<_>>()),
        (all.len(), stored(&sandbox).into_keys().collect())
    );
    assert!(all.is_sorted_by_key(|change| change.updated_at));
    assert!(all.iter().all(|it| it.record.id == it.id));
    assert_eq!(all[3].record.updated_at.unwrap().instant(), Some(all[3].updated_at));
    let position = changes.position();
    assert_eq!(position, all.last().map(|change| change.updated_at));

    let id = &all[2].id;
    rename(&client, id, "Changed").await;
    let mut changes = query(&client).changed_since(position).overlap(Duration::from_secs(1));
    let changed = rest(&mut changes).await;
    assert_eq!(changed.last().map(|change| &change.id), Some(id));
    assert_eq!(changed.last().and_then(|change| change.record.name.as_deref()), Some("Changed"));
    assert!(changed.len() < all.len() && changes.position() > position);

    let before = sandbox.requests().len();
    let mut changes = query(&client).changed_since(changes.position()).overlap(Duration::ZERO);
    assert_eq!(rest(&mut changes).await.len(), 1, "the last one, since others may have its time");
    assert_eq!(sandbox.requests().len() - before, 1, "one request when nothing changed");
}

#[tokio::test]
async fn the_overlap_returns_what_became_visible_late() {
    let (_sandbox, client) = with(people([10, 20, 30])).await;
    let since: Timestamp = "2024-03-01T12:00:30Z".parse().unwrap();
    let mut names = Vec::new();
    for overlap in [Duration::ZERO, Duration::from_secs(15), DEFAULT_OVERLAP] {
        let mut changes = query(&client).changed_since(since).overlap(overlap);
        let page = changes.try_next().await.unwrap().unwrap();
        names.push(page.into_iter().filter_map(|it| it.record.name).collect::<Vec<_>>().join(" "));
        assert!(changes.position() >= Some(since), "a stopped run does not go back");
    }
    assert_eq!(names[..2], ["P2", "P1 P2"]);
    assert!(names[2].starts_with("P0 P1 P2"), "{names:?}");
}

/// A cursor follows its record, so ordinary pages skip all that the record overtakes.
#[tokio::test]
async fn a_record_that_moves_while_pages_are_read_hides_no_other() {
    let configure = people(0..40);
    let (_sandbox, client) = with(&configure).await;
    let order = [PersonOrder::asc(PersonOrderField::UpdatedAt)];
    let mut pages = query(&client).order(order).page_size(10).prefetch(false).pages();
    let mut names = BTreeSet::new();
    while let Some(page) = pages.try_next().await.unwrap() {
        names.extend(page.nodes.iter().filter_map(|person| person.name.clone()));
        if names.len() == 10 && !page.nodes.is_empty() {
            rename(&client, &page.nodes[9].id, "moved").await;
        }
    }
    assert!(!names.contains("P10"), "ordinary pages lose records here: {names:?}");

    let (sandbox, client) = with(&configure).await;
    let mut changes = query(&client).page_size(10).changed_since(None);
    let mut copy = BTreeMap::new();
    while let Some(page) = changes.try_next().await.unwrap() {
        for change in &page {
            copy.insert(change.id.to_string(), change.record.name.clone().unwrap());
        }
        if copy.len() < 35 {
            rename(&client, &page.last().unwrap().id, &format!("moved {}", copy.len())).await;
        }
    }
    assert_eq!(copy, stored(&sandbox));
}

#[tokio::test]
async fn records_with_one_timestamp_fill_pages_and_none_is_lost_while_they_change() {
    let (sandbox, client) = with(people(std::iter::repeat_n(5, 45).chain([9, 9]))).await;
    let before = sandbox.requests().len();
    let all = rest(&mut query(&client).page_size(10).changed_since(None)).await;
    let ids: BTreeSet<_> = all.iter().map(|change| change.id.clone()).collect();
    assert_eq!((all.len(), ids.len()), (stored(&sandbox).len(), all.len()), "each once");
    assert!(sandbox.requests().len() - before <= 2 * 6 + 2, "read twice, since it is larger than a page");

    let mut changes = query(&client).page_size(10).changed_since(None);
    let (mut copy, mut renamed) = (BTreeMap::new(), 0);
    while let Some(page) = changes.try_next().await.unwrap() {
        for change in &page {
            copy.insert(change.id.to_string(), change.record.name.clone().unwrap());
        }
        if renamed < 8 {
            renamed += 1;
            rename(&client, &page.last().unwrap().id, &format!("moved {renamed}")).await;
        }
    }
    assert_eq!(copy, stored(&sandbox));
}

#[tokio::test]
async fn the_filter_of_the_query_applies_and_may_have_an_upper_bound() {
    let (_sandbox, client) = with(people(0..30)).await;
    let until: Timestamp = "2024-03-01T12:00:20Z".parse().unwrap();
    let filter =
        PersonFilter::new().updated_at(RangeFilter::new().less_than(until)).name(["P3", "P12", "P25"]);
    let since: Timestamp = "2024-03-01T12:00:10Z".parse().unwrap();
    let names =
        |changes: Vec<Change<Name>>| changes.into_iter().filter_map(|it| it.record.name).collect::<Vec<_>>();
    let filtered = || query(&client).filter(filter.clone()).page_size(1);
    assert_eq!(names(rest(&mut filtered().changed_since(None)).await), ["P3", "P12"]);
    let mut changes = filtered().changed_since(since).overlap(Duration::ZERO);
    assert_eq!(names(rest(&mut changes).await), ["P12"]);
}

#[tokio::test]
async fn after_an_error_or_a_cancelled_call_the_same_page_comes() {
    let (sandbox, client) = with(people(0..30)).await;
    let mut changes = query(&client).page_size(10).changed_since(None);
    let first = changes.try_next().await.unwrap().unwrap();
    sandbox.faults([Fault::status(403)]);
    assert!(changes.try_next().await.is_err());
    sandbox.faults([Fault::none().delayed(Duration::from_secs(5))]);
    let cancelled = tokio::time::timeout(Duration::from_millis(200), changes.try_next()).await;
    assert!(cancelled.is_err());
    let all: Vec<_> = first.into_iter().chain(rest(&mut changes).await).collect();
    assert_eq!(all.len(), stored(&sandbox).len());
}

#[tokio::test]
async fn a_server_that_does_not_keep_the_order_or_repeats_a_page_is_an_error() {
    let page = |times: &[u8], more: bool| {
        let nodes = times.iter().enumerate().map(|(number, second)| {
            let at = format!("2024-03-01T12:00:{second:02}Z");
            json!({ "sdk_change_id": node_id("Person", number as u64), "sdk_changed_at": at, "id": "x", "name": null })
        });
        let info = json!({ "hasNextPage": more, "endCursor": format!("c{}", fastrand::u32(..)) });
        json!({ "data": { "people": { "nodes": nodes.collect::<Vec<_>>(), "pageInfo": info } } })
    };
    for (times, more, reason) in
        [(&[3, 2][..], false, "order"), (&[], true, "an empty page"), (&[4, 4][..], true, "pagination loop")]
    {
        let response = page(times, more);
        let transport = MemoryTransport::new(move |_| response.clone());
        let mut changes = query(&in_memory::client(&transport)).changed_since(None);
        let error = loop {
            match changes.try_next().await {
                Ok(page) => assert!(page.is_some(), "{reason}"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Pagination, "{error}");
        assert!(error.to_string().contains(reason) && error.to_string().contains("`people`"), "{error}");
    }
}

#[tokio::test]
async fn a_record_without_a_version_is_an_error_with_its_path() {
    let node = json!({ "sdk_change_id": "x", "sdk_changed_at": null, "id": "x", "name": null });
    let info = json!({ "hasNextPage": false, "endCursor": null });
    let response = json!({ "data": { "people": { "nodes": [node], "pageInfo": info } } });
    let transport = MemoryTransport::new(move |_| response.clone());
    let error = query(&in_memory::client(&transport)).changed_since(None).try_next().await.unwrap_err();
    assert!(error.to_string().contains("people.nodes[0].sdk_changed_at"), "{error}");
}

/// All records of which it compiles can be asked for their changes.
#[tokio::test]
async fn connections_with_an_order_by_it_have_a_filter_too() {
    let (_sandbox, client) = client().await;
    macro_rules! check {
        ($($name:ident)*) => {$(
            client.$name().changed_since(None).try_next().await.unwrap();
        )*};
    }
    check!(organizations teams requests configuration_items time_entries translations);
}

//! All records of a connection, read in parallel shards, against the sandbox over real sockets.

mod random;
mod servers;

use crate::sandboxed::{builder, client, start};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use xurrent::connection::{Counted, Filtered};
use xurrent::shards::{MAX_PLANNING_REQUESTS, ShardPages, Sharded, ShardsPosition};
use xurrent::{
    Client, ConnectionQuery, Error, ErrorKind, Id, OrganizationFilter, OrganizationOrder,
    OrganizationOrderField, OrganizationView, OrganizationsQuery, PersonView, RangeFilter, RetryPolicy,
    Select, Timestamp,
};
use xurrent_sandbox::{Fault, Sandbox, SandboxBuilder};

#[derive(Select, Debug, Clone, PartialEq)]
#[select(on = Organization)]
struct Name {
    id: Id,
    name: Option<String>,
    created_at: Option<Timestamp>,
}

const YEAR: i64 = 365 * 86_400;

/// Own organizations, each with its `createdAt` in seconds of 2020, or none.
fn organizations(
    created: impl IntoIterator<Item = Option<i64>>,
) -> impl Fn(SandboxBuilder) -> SandboxBuilder + Clone {
    let records = created.into_iter().enumerate().map(|(number, second)| {
        let second = second.map(|second| at(second).to_string());
        (format!("o{number}"), json!({ "name": format!("O{number}"), "createdAt": second }))
    });
    let records = json!({ "Organization": records.collect::<serde_json::Map<String, Value>>() });
    move |sandbox| {
        sandbox.without_demo_records().records(records.clone()).burst(1_000_000, Duration::from_secs(1))
    }
}

/// A sandbox, and a client of it without a limit of its own.
async fn served(configure: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> (Sandbox, Client) {
    let sandbox = start(configure).await;
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    (sandbox, client)
}

fn at(second: i64) -> xurrent::jiff::Timestamp {
    xurrent::jiff::Timestamp::from_second(1_577_836_800 + second).unwrap()
}

fn query(client: &Client) -> ConnectionQuery<OrganizationsQuery, Name> {
    client.organizations().view(OrganizationView::All).select::<Name>()
}

async fn ids(client: &Client) -> BTreeSet<Id> {
    query(client).all().await.unwrap().into_iter().map(|record| record.id).collect()
}

/// What is left of the pages: the records, and how many shards have some.
async fn rest<F: Filtered + Counted>(pages: &mut ShardPages<F, Name>) -> (Vec<Name>, usize) {
    let (mut all, mut shards) = (Vec::<Name>::new(), BTreeSet::new());
    while let Some(page) = pages.try_next().await.unwrap() {
        assert!(!page.nodes.is_empty());
        assert!(page.nodes.is_sorted_by_key(|it| it.created_at.and_then(Timestamp::instant)));
        all.extend(page.nodes);
        shards.insert(page.shard);
    }
    (all, shards.len())
}

fn once(records: &[Name]) -> BTreeSet<Id> {
    let ids: BTreeSet<_> = records.iter().map(|record| record.id.clone()).collect();
    assert_eq!(ids.len(), records.len(), "a record came twice");
    ids
}

/// The text of a position, as a program stores it.
fn stored(position: Option<ShardsPosition>) -> Option<ShardsPosition> {
    let position = position?;
    let json = serde_json::to_string(&position).unwrap();
    assert_eq!(serde_json::from_str::<ShardsPosition>(&json).unwrap(), position);
    assert!(json.len() < 1_000 + 400 * 16, "{json}");
    Some(position.to_string().parse().unwrap())
}

#[tokio::test]
async fn all_records_come_once_in_fewer_requests_than_pages() {
    let (sandbox, client) = served(organizations((0..400).map(|number| Some(number * YEAR / 400)))).await;
    let all = ids(&client).await;
    let before = sandbox.requests().len();
    let mut pages = query(&client).page_size(5).shards(8).pages();
    let (records, shards) = rest(&mut pages).await;
    let requests = sandbox.requests().len() - before;
    assert_eq!((once(&records), shards), (all, 8));
    // 81 pages and a few more at the ends of shards, 4 in a request.
    assert!(requests <= 3 + 26, "{requests}");
    let position = pages.position().unwrap();
    assert!(position.is_complete() && position.taken() == records.len());
    let mut again = query(&client).shards(8).resume(stored(Some(position))).pages();
    assert!(again.try_next().await.unwrap().is_none());
    assert_eq!(sandbox.requests().len() - before, requests, "a complete position sends nothing");
}

#[tokio::test]
async fn few_records_records_of_one_second_and_records_without_a_time_come_once() {
    let even =
        |count: i64| (0..count).map(move |number| Some(number * YEAR / count.max(1))).collect::<Vec<_>>();
    let cases = [
        ("none", even(0)),
        ("one", even(1)),
        ("fewer than shards", even(3)),
        ("one second", vec![Some(7); 60]),
        ("mostly one second", [vec![Some(YEAR); 60], even(20)].concat()),
        ("without a time", vec![None; 30]),
        ("some without a time", [vec![None; 30], even(40)].concat()),
    ];
    for (name, created) in cases {
        let (sandbox, client) = served(organizations(created)).await;
        let all = ids(&client).await;
        for shards in [1, 2, 8, 60] {
            let before = sandbox.requests().len();
            let records = query(&client).page_size(2).shards(shards).all().await.unwrap();
            assert_eq!(once(&records), all, "{name}, {shards} shards");
            let requests = sandbox.requests().len() - before;
            assert!(requests <= MAX_PLANNING_REQUESTS + all.len() / 2 + 8, "{name}: {requests} requests");
        }
    }
}

#[tokio::test]
async fn one_page_costs_a_request_to_count_and_one_to_read() {
    let (sandbox, client) = client().await;
    let before = sandbox.requests().len();
    let teams = client.teams().shards(8).all().await.unwrap();
    assert_eq!(sandbox.requests().len() - before, 2, "{} teams", teams.len());
}

#[tokio::test]
async fn the_filter_and_its_bounds_apply() {
    let (_sandbox, client) = served(organizations((0..100).map(|number| Some(number * 1_000)))).await;
    let filters: [RangeFilter<Timestamp>; 4] = [
        RangeFilter::new().greater_than(at(10_000)),
        RangeFilter::new().less_than_or_equal_to(at(80_000)),
        RangeFilter::new().greater_than_or_equal_to(at(10_000)).less_than(at(80_000)),
        RangeFilter::new().greater_than(at(500_000)),
    ];
    for bounds in filters {
        let filter = OrganizationFilter::new().created_at(bounds).disabled(false);
        let filtered = || query(&client).filter(filter.clone()).page_size(3);
        let all = filtered().all().await.unwrap();
        let records = filtered().shards(6).all().await.unwrap();
        assert_eq!(once(&records), once(&all), "{filter:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_in_shards_is_an_error_before_anything_is_sent() {
    let (sandbox, client) = served(organizations([])).await;
    let created =
        |filter: RangeFilter<Timestamp>| query(&client).filter(OrganizationFilter::new().created_at(filter));
    let position = query(&client).stream().position();
    let queries = [
        (query(&client).limit(5), "a limit"),
        (query(&client).after("c"), "a cursor"),
        (query(&client).resume(position), "a position"),
        (created(RangeFilter::empty()), "`values`"),
        (created(RangeFilter::none_of([at(0)])), "`createdAt`"),
        (query(&client).page_size(101), "page size"),
    ];
    for (query, reason) in queries {
        let mut pages = query.shards(4).pages();
        for _ in 0..2 {
            let error = pages.try_next().await.unwrap_err();
            assert!(error.is_configuration() && error.to_string().contains(reason), "{reason}: {error}");
        }
    }
    assert!(query(&client).shards(0).all().await.unwrap_err().is_configuration());
    assert!(sandbox.requests().is_empty() || sandbox.requests().len() <= 2, "only counts");
}

#[tokio::test]
async fn a_position_of_another_query_is_an_error_before_anything_is_sent() {
    let (sandbox, client) = served(organizations((0..30).map(|number| Some(number * YEAR / 30)))).await;
    let mut pages = query(&client).page_size(2).shards(3).pages();
    assert!(pages.position().is_none());
    pages.try_next().await.unwrap();
    let position = stored(pages.position());
    drop(pages);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let before = sandbox.requests().len();
    let filter = OrganizationFilter::new().disabled(false);
    let error = query(&client).filter(filter).shards(3).resume(position.clone()).all().await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("other shards"), "{error}");
    let error = client.people().shards(3).resume(position).all().await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert_eq!(sandbox.requests().len(), before);
    assert!("{}".parse::<ShardsPosition>().unwrap_err().is_configuration());
}

#[tokio::test]
async fn a_stream_resumes_within_a_page_and_after_errors_and_cancelled_calls() {
    let (sandbox, client) = served(organizations((0..90).map(|number| Some(number * YEAR / 90)))).await;
    let all = ids(&client).await;
    let shards = || query(&client).retry(RetryPolicy::never()).page_size(4).shards(6).pages_per_request(2);
    let (mut records, mut position) = (Vec::new(), None);
    for run in 0.. {
        let (mut steps, patience) = if run < 8 { (25, 30) } else { (usize::MAX, 10_000) };
        if run < 8 {
            let delayed = Fault::none().delayed(Duration::from_millis(60));
            sandbox.faults([Fault::status(403), Fault::none(), Fault::cut_body(), Fault::none(), delayed]);
        } else {
            sandbox.clear_faults();
        }
        let mut stream = shards().resume(stored(position)).stream();
        let mut is_complete = false;
        while steps > 0 && !is_complete {
            steps -= 1;
            match tokio::time::timeout(Duration::from_millis(patience), stream.try_next()).await {
                Ok(Ok(Some(record))) => records.push(record),
                Ok(Ok(None)) => is_complete = true,
                Ok(Err(_)) | Err(_) => {}
            }
        }
        position = stream.position();
        if is_complete {
            assert!(run > 2 && position.unwrap().taken() == records.len());
            break;
        }
    }
    assert_eq!(once(&records), all);
}

#[tokio::test]
async fn no_request_is_sent_while_pages_are_not_taken() {
    let (sandbox, client) = served(organizations((0..200).map(|number| Some(number * YEAR / 200)))).await;
    let mut pages = query(&client).page_size(2).shards(8).pages_per_request(2).pages();
    pages.try_next().await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let sent = sandbox.requests().len();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(sandbox.requests().len(), sent, "the consumer took one page");
    assert!(sent <= MAX_PLANNING_REQUESTS + 2 * 4, "{sent}");
}

#[tokio::test]
async fn requests_in_flight_are_limited() {
    let (_sandbox, client) = served(organizations((0..60).map(|number| Some(number * YEAR / 60)))).await;
    let all = ids(&client).await;
    for requests in [1, 2] {
        let shards = query(&client).page_size(2).shards(7).pages_per_request(1).concurrent_requests(requests);
        assert_eq!(once(&shards.all().await.unwrap()), all);
    }
}

#[tokio::test]
async fn a_batch_counts() {
    let (_sandbox, client) = client().await;
    let (people, teams) = client.batch((client.people().counted(), client.teams().counted())).await.unwrap();
    assert_eq!(people.unwrap(), client.people().count().await.unwrap());
    assert_eq!(teams.unwrap(), client.teams().count().await.unwrap());
}

/// All records of which it compiles can be read in shards.
#[tokio::test]
async fn connections_with_an_order_by_it_have_a_filter_too() {
    let (_sandbox, client) = client().await;
    macro_rules! check {
        ($($name:ident)*) => {$(
            client.$name().shards(3).pages().try_next().await.unwrap();
        )*};
    }
    check!(organizations teams requests configuration_items time_entries translations);
    let all = client.people().view(PersonView::All).all().await.unwrap();
    let people = client.people().view(PersonView::All).page_size(4).shards(5).all().await.unwrap();
    let ids =
        |people: Vec<xurrent::Person>| people.into_iter().map(|person| person.id).collect::<BTreeSet<_>>();
    assert_eq!(people.len(), all.len());
    assert_eq!(ids(people), ids(all));
}

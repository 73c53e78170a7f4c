//! Streams resumed at a position return every record once.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod random;

use crate::in_memory;
use crate::sandboxed::with;
use serde_json::{Value, json};
use xurrent::{
    Client, ConnectionQuery, ErrorKind, Id, MemoryTransport, PeopleQuery, PersonFilter, PersonOrder,
    PersonOrderField, PersonView, Position, RecordStream, RetryPolicy, Select,
};
use xurrent_sandbox::Fault;

#[derive(Debug, Clone, PartialEq, Select)]
#[select(on = Person)]
struct OnlyId {
    id: Id,
}

fn people(client: &Client) -> ConnectionQuery<PeopleQuery, OnlyId> {
    client.people().select::<OnlyId>()
}

/// What another run would read.
fn kept(position: &Position) -> Position {
    position.to_string().parse().unwrap()
}

/// Takes so many records, or all there are.
async fn take(stream: &mut RecordStream<OnlyId>, records: usize) -> Vec<OnlyId> {
    let mut taken = Vec::new();
    while taken.len() < records
        && let Some(record) = stream.try_next().await.unwrap()
    {
        taken.push(record);
    }
    taken
}

fn sent(transport: &MemoryTransport, variable: &str) -> Vec<Value> {
    transport.requests().iter().map(|request| request.variables[variable].clone()).collect()
}

#[tokio::test]
async fn resuming_anywhere_repeats_and_skips_nothing() {
    let (_, client) = in_memory::engine();
    let whole = people(&client).all().await.unwrap();
    for (size, next_size) in [(5, 5), (5, 3), (3, 7), (1, 100), (100, 1), (7, 100)] {
        for taken in [0, 1, 4, 5, 6, 10, 99, whole.len() - 1, whole.len()] {
            let mut stream = people(&client).page_size(size).stream();
            let mut records = take(&mut stream, taken).await;
            let position = kept(&stream.position());
            assert_eq!((position.taken(), &position), (taken, &stream.position()));
            let mut stream = people(&client).page_size(next_size).resume(position).stream();
            records.extend(take(&mut stream, usize::MAX).await);
            assert_eq!(records, whole, "{taken} taken, pages of {size} and {next_size}");
            assert_eq!(stream.position().taken(), whole.len());
        }
    }
}

#[tokio::test]
async fn only_the_unfinished_page_is_fetched_again() {
    let (transport, client) = in_memory::engine();
    let mut stream = people(&client).page_size(10).prefetch(false).stream();
    take(&mut stream, 34).await;
    let cursor = sent(&transport, "after").pop().unwrap();
    let mut resumed = people(&client).page_size(10).prefetch(false).resume(stream.position()).stream();
    take(&mut resumed, 1).await;
    assert_eq!(sent(&transport, "after")[4..], [cursor]);
    // At the end of a page nothing is.
    take(&mut stream, 6).await;
    let before = transport.requests().len();
    take(&mut people(&client).page_size(10).prefetch(false).resume(stream.position()).stream(), 10).await;
    assert_eq!(transport.requests().len(), before + 1);
    assert_ne!(sent(&transport, "after")[before], sent(&transport, "after")[4]);
}

#[tokio::test]
async fn a_limit_counts_records_before_the_interruption() {
    let (transport, client) = in_memory::engine();
    let whole = people(&client).limit(20).all().await.unwrap();
    let query = || people(&client).limit(20).page_size(6);
    let mut stream = query().prefetch(false).stream();
    let mut records = take(&mut stream, 15).await;
    let position = stream.position();
    let before = transport.requests().len();
    records.extend(query().resume(position.clone()).all().await.unwrap());
    assert_eq!(records, whole);
    // Three to be passed over and five that are wanted.
    assert_eq!(sent(&transport, "first")[before..], [json!(6), json!(2)]);
    assert!(query().limit(15).resume(position.clone()).all().await.unwrap().is_empty());
    assert!(query().limit(3).resume(position.clone()).all().await.unwrap().is_empty());
    assert_eq!(transport.requests().len(), before + 2, "nothing is wanted, nothing is asked for");
    assert_eq!(query().resume(position).first().await.unwrap().as_ref(), whole.get(15));
    let mut stream = query().stream();
    take(&mut stream, usize::MAX).await;
    let more = people(&client).limit(30).resume(stream.position()).all().await.unwrap();
    assert_eq!(more, people(&client).limit(30).all().await.unwrap()[20..], "a limit can be raised");
}

#[tokio::test]
async fn streams_resume_between_and_within_pages() {
    let (_, client) = in_memory::engine();
    let whole = people(&client).all().await.unwrap();
    let mut pages = people(&client).page_size(8).pages();
    assert_eq!(pages.position().taken(), 0);
    pages.try_next().await.unwrap();
    pages.try_next().await.unwrap();
    assert_eq!(pages.position().taken(), 16);
    let page = people(&client).page_size(5).resume(pages.position()).pages().try_next().await.unwrap();
    assert_eq!(page.unwrap().nodes, whole[16..21]);
    let mut stream = people(&client).page_size(8).stream();
    take(&mut stream, 11).await;
    let mut pages = people(&client).page_size(8).resume(stream.position()).pages();
    assert_eq!(pages.try_next().await.unwrap().unwrap().nodes, whole[11..16]);
    assert_eq!(pages.try_next().await.unwrap().unwrap().nodes, whole[16..24]);
    let page = client.batch((people(&client).page_size(8).resume(stream.position()), client.me())).await;
    assert_eq!(page.unwrap().0.unwrap().nodes, whole[11..16], "also as a part of a batch");
}

#[tokio::test]
async fn a_stream_that_started_after_a_cursor_resumes_after_it() {
    let (_, client) = in_memory::engine();
    let whole = people(&client).all().await.unwrap();
    let cursor = people(&client).page_size(10).pages().try_next().await.unwrap().unwrap().end_cursor.unwrap();
    let mut stream = people(&client).after(&cursor).page_size(10).stream();
    assert_eq!(people(&client).resume(kept(&stream.position())).all().await.unwrap(), whole[10..]);
    take(&mut stream, 3).await;
    for query in [people(&client), people(&client).after(&cursor), people(&client).after("another")] {
        assert_eq!(query.resume(kept(&stream.position())).all().await.unwrap(), whole[13..]);
    }
    let beginning = people(&client).stream().position();
    assert_eq!(people(&client).after(&cursor).resume(kept(&beginning)).all().await.unwrap(), whole);
}

#[tokio::test]
async fn a_stream_has_a_position_after_an_error() {
    let (sandbox, client) = with(|sandbox| sandbox).await;
    let whole = people(&client).all().await.unwrap();
    let query = || people(&client).page_size(9).retry(RetryPolicy::never());
    for fault in [Fault::cut_body(), Fault::errors(["no"]), Fault::status(500)] {
        sandbox.faults([Fault::none(), fault]);
        let mut stream = query().stream();
        let mut records = take(&mut stream, 9).await;
        assert!(stream.try_next().await.is_err());
        assert_eq!(stream.position().taken(), 9);
        records.extend(take(&mut query().resume(kept(&stream.position())).stream(), usize::MAX).await);
        assert_eq!(records, whole);
    }
}

#[tokio::test]
async fn pages_of_a_loop_are_not_counted_as_taken() {
    let transport = MemoryTransport::new(|request| {
        // The engine does not know that cursor.
        let mut request = request.clone();
        request.variables["after"] = Value::Null;
        let mut answer = in_memory::answer(&request);
        answer["data"]["people"]["pageInfo"] = json!({ "hasNextPage": true, "endCursor": "again" });
        answer
    });
    let client = in_memory::client(&transport);
    let mut stream = people(&client).page_size(2).stream();
    take(&mut stream, 2).await;
    assert_eq!(stream.try_next().await.unwrap_err().kind(), ErrorKind::Pagination);
    assert_eq!(stream.position().taken(), 2);
}

#[tokio::test]
async fn a_finished_stream_resumes_with_new_records() {
    let (_sandbox, client) = with(|sandbox| sandbox).await;
    let query = || client.organizations().page_size(4);
    let mut stream = query().stream();
    let mut names = 0;
    while stream.try_next().await.unwrap().is_some() {
        names += 1;
    }
    let position = kept(&stream.position());
    assert_eq!(position.taken(), names);
    assert!(query().resume(position.clone()).all().await.unwrap().is_empty());
    client.organization_create(xurrent::OrganizationCreateInput::new("The newest")).await.unwrap();
    let new = query().resume(position).all().await.unwrap();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].name.as_deref(), Some("The newest"));
}

#[tokio::test]
async fn the_position_of_another_query_is_rejected_before_sending() {
    let (transport, client) = in_memory::engine();
    let filter = || PersonFilter::new().disabled(false);
    let position = client.people().view(PersonView::All).filter(filter()).stream().position();
    let others = [
        client.people(),
        client.people().view(PersonView::All),
        client.people().filter(filter()),
        client.people().view(PersonView::All).filter(PersonFilter::new().disabled(true)),
        client.people().view(PersonView::All).filter(filter().name("Ann")),
        client
            .people()
            .view(PersonView::All)
            .filter(filter())
            .order([PersonOrder::asc(PersonOrderField::Name)]),
    ];
    for other in others {
        let mut stream = other.resume(kept(&position)).stream();
        let error = stream.try_next().await.unwrap_err();
        assert!(error.is_configuration(), "{error}");
        assert!(error.to_string().contains("`people` with other arguments"), "{error}");
        assert!(stream.try_next().await.unwrap().is_none());
    }
    let error = client.teams().resume(position.clone()).all().await.unwrap_err();
    assert!(error.to_string().contains("`teams` cannot be resumed from a position of `people`"), "{error}");
    let query = client.people().resume(position.clone());
    assert!(client.batch((query, client.me())).await.unwrap_err().is_configuration());
    let elsewhere = Client::builder().account("other").personal_access_token("token");
    let elsewhere = elsewhere.transport(transport.clone()).build().unwrap();
    let query = elsewhere.people().view(PersonView::All).filter(filter());
    assert!(query.resume(position.clone()).first().await.unwrap_err().is_configuration());
    assert!(transport.requests().is_empty());
    // Neither the order of the calls nor what is selected makes another query.
    let same =
        client.people().filter(filter()).select::<OnlyId>().view(PersonView::All).page_size(3).limit(5);
    assert_eq!(same.resume(position).all().await.unwrap().len(), 5);
}

#[test]
fn a_position_is_a_short_stable_text() {
    let (_, client) = in_memory::engine();
    let position = people(&client).after("a.b c\u{fc}").stream().position();
    assert_eq!(position.to_string(), "1.people.dcda3129187255ea.0.0.a.b c\u{fc}");
    assert_eq!(kept(&position), position);
    let json = serde_json::to_value(&position).unwrap();
    assert_eq!(json, json!(position.to_string()));
    assert_eq!(serde_json::from_value::<Position>(json).unwrap(), position);
    let beginning = people(&client).stream().position();
    assert_eq!(beginning.to_string(), "1.people.dcda3129187255ea.0.0");
    assert_ne!(people(&client).after("").stream().position(), beginning);
    for wrong in [
        "",
        "1",
        "2.people.dcda3129187255ea.0.0",
        "1..dcda3129187255ea.0.0",
        "1.people.dcda3129187255e.0.0",
        "1.people.dcda3129187255eg.0.0",
        "1.people.dcda3129187255ea.0",
        "1.people.dcda3129187255ea.-1.0",
        "1.people.dcda3129187255ea.0.99999999999999999999999",
    ] {
        let error = wrong.parse::<Position>().unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("is not a valid position"), "{error}");
        assert!(serde_json::from_value::<Position>(json!(wrong)).is_err());
    }
}

#[tokio::test]
async fn absurd_numbers_in_a_position_end_only_the_stream() {
    let (_, client) = in_memory::engine();
    let max = usize::MAX;
    for numbers in [format!("{max}.{max}"), format!("0.{max}"), format!("{max}.0"), "0.5000".to_owned()] {
        let text = people(&client).stream().position().to_string().replace(".0.0", &format!(".{numbers}"));
        let query = || people(&client).page_size(50).resume(text.parse::<Position>().unwrap());
        let left = query().all().await.unwrap().len();
        assert_eq!(left > 0, numbers.ends_with(".0"), "{numbers}: {left}");
        let mut stream = query().limit(max).stream();
        take(&mut stream, max).await;
        assert_eq!(kept(&stream.position()), stream.position());
    }
}

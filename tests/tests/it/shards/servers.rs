//! Servers that refuse requests for several pages, and servers that ignore the filter or the order of a shard.

use super::*;
use crate::in_memory;
use xurrent::MemoryTransport;

#[derive(Select, Debug)]
#[select(on = Person)]
struct Someone {
    #[allow(dead_code)]
    id: Id,
}

#[derive(Select, Debug)]
#[select(on = Team)]
struct Crew {
    #[allow(dead_code)]
    #[select(first = 100)]
    members: Vec<Someone>,
}

/// A page of this can have 49 records.
#[derive(Select, Debug)]
#[select(on = Person)]
struct Large {
    #[allow(dead_code)]
    id: Id,
    #[allow(dead_code)]
    #[select(first = 100)]
    teams: Vec<Crew>,
}

/// The numbers of pages in requests.
fn pages_in(sandbox: &Sandbox, before: usize) -> Vec<usize> {
    let requests = sandbox.requests();
    let queries = requests[before..].iter().map(|it| it.body.as_ref().unwrap()["query"].as_str().unwrap());
    let of_pages = queries.filter(|query| query.contains("pageInfo"));
    of_pages.map(|query| query.matches(": people(").count()).collect()
}

#[tokio::test]
async fn a_request_has_as_many_pages_as_its_nodes_allow() {
    let (sandbox, client) = client().await;
    let people = || client.people().view(PersonView::All).select::<Large>();
    let before = sandbox.requests().len();
    let records = people().page_size(30).shards(4).all().await.unwrap();
    assert_eq!(records.len() as i64, people().count().await.unwrap());
    let pages = pages_in(&sandbox, before);
    // The first one looks for the boundaries.
    assert!(pages.len() > 3 && pages[1..].iter().all(|pages| *pages == 1), "{pages:?}");
}

#[tokio::test]
async fn a_request_that_is_refused_as_too_large_is_split_and_then_shrinks() {
    for most in [90, 35, 15, 4] {
        let transport = MemoryTransport::new(move |request| {
            let sizes = request.variables.as_object().unwrap().iter().filter(|it| it.0.ends_with("_first"));
            let records: i64 = sizes.map(|(_, size)| size.as_i64().unwrap()).sum();
            match records > most {
                true => {
                    json!({ "errors": [{ "message": "Query has complexity of 9, which exceeds max complexity of 8" }] })
                }
                false => in_memory::answer(request),
            }
        });
        let client = in_memory::client(&transport);
        let people = || client.people().view(PersonView::All);
        let records = people().page_size(15).shards(8).all().await.unwrap();
        let ids: BTreeSet<_> = records.iter().map(|person| &person.id).collect();
        assert_eq!((ids.len(), records.len() as i64), (records.len(), people().count().await.unwrap()));
        assert!(transport.requests().len() < 80, "{most}: {}", transport.requests().len());
    }
}

/// The pages of people of a server that changes the variables of each request.
async fn error_with(change: fn(&mut serde_json::Map<String, Value>)) -> Error {
    let transport = MemoryTransport::new(move |request| {
        let mut request = request.clone();
        change(request.variables.as_object_mut().unwrap());
        in_memory::answer(&request)
    });
    let client = in_memory::client(&transport);
    let mut pages = client.people().view(PersonView::All).page_size(5).shards(4).pages();
    loop {
        match pages.try_next().await {
            Ok(page) => assert!(page.is_some(), "no error"),
            Err(error) => {
                assert_eq!(pages.try_next().await.unwrap_err().to_string(), error.to_string(), "it stays");
                break error;
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_ignores_the_filter_or_the_order_is_an_error() {
    let error = error_with(|variables| {
        for (name, value) in variables {
            // Counts are right.
            if name.ends_with("_filter") && value["createdAt"].get("greaterThanOrEqualTo").is_some() {
                *value = Value::Null;
            }
        }
    });
    let error = error.await;
    assert_eq!(error.kind(), ErrorKind::Pagination, "{error}");
    assert!(error.to_string().contains("outside of its shard"), "{error}");

    let error = error_with(|variables| {
        for (name, value) in variables {
            if name.ends_with("_order") {
                *value = json!([{ "field": "createdAt", "direction": "desc" }]);
            }
        }
    });
    let error = error.await;
    assert!(error.to_string().contains("in the order of `createdAt`"), "{error}");
}

#[tokio::test]
async fn the_order_of_the_query_has_no_effect() {
    let (_sandbox, client) = served(organizations((0..20).map(|number| Some(number * YEAR / 20)))).await;
    let order = [OrganizationOrder::desc(OrganizationOrderField::Name)];
    let mut pages = query(&client).order(order).page_size(3).shards(3).pages();
    assert_eq!(once(&rest(&mut pages).await.0), ids(&client).await);
}

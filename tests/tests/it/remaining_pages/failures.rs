//! Remaining pages that cannot be fetched.

use crate::remaining_pages::{Crew, Deep, ids, names, sent, store, teams, truth, world};
use crate::sandboxed::{builder, start};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use xurrent::{
    Error, ErrorKind, RetryPolicy, Select, TeamFilter, TeamOrder, TeamOrderField, TeamUpdateInput,
};
use xurrent_sandbox::Fault;

#[derive(Select, Debug)]
#[select(on = TeamUpdatePayload)]
struct Updated {
    team: Option<Crew>,
}

fn members(error: &Error, place: &str) -> usize {
    let data: Value = serde_json::from_str(error.partial_data().unwrap()).unwrap();
    data.pointer(place).unwrap()["nodes"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_remaining_page_is_retried_like_any_query() {
    let (sandbox, client) = world().await;
    let team = teams(&sandbox, &[250]).remove(0);
    for fault in [
        Fault::status(429).header("retry-after", "1"),
        Fault::status(503),
        Fault::cut_before(),
        Fault::cut_body(),
    ] {
        // In the answer to a mutation as well: what is fetched afterwards is a query.
        sandbox.faults([Fault::none(), fault.clone()]);
        let before = sent(&sandbox);
        let updated = client.team_update(TeamUpdateInput::new(&*team)).select::<Updated>().await;
        let updated = updated.unwrap_or_else(|error| panic!("{fault:?}: {error}")).team.unwrap();
        assert_eq!(ids(&updated.members), truth(&sandbox, &team), "{fault:?}");
        assert_eq!(sent(&sandbox) - before, 4, "{fault:?}");
    }
}

#[tokio::test]
async fn a_failed_remaining_page_is_an_error_with_its_path() {
    let (sandbox, client) = world().await;
    let team = teams(&sandbox, &[250]).remove(0);
    for (fault, words) in [
        (Fault::status(500).header("x-request-id", "r-500"), "A fault of the sandbox: 500"),
        (Fault::status(404).header("x-request-id", "r-404"), "A fault of the sandbox: 404"),
        (Fault::content_type("text/html").header("x-request-id", "r-html"), "without a JSON content type"),
        (Fault::errors(["out of order"]).header("x-request-id", "r-errors"), "out of order"),
    ] {
        sandbox.faults([Fault::none(), Fault::none(), fault.clone()]);
        let error = client.node::<Crew>(&*team).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{fault:?}");
        assert!(error.is_incomplete());
        let text = error.to_string();
        let place = format!("not all of `node.members` (Team {team}) could be fetched: ");
        assert!(text.starts_with(&place) && text.contains(words), "{text}");
        assert!(error.request_id().unwrap().starts_with("r-"), "{error:?}");
        assert_eq!(members(&error, "/node/members"), 200, "{text}");
        assert_eq!(sandbox.faults_left(), 0);
    }
    assert_eq!(client.node::<Crew>(&*team).await.unwrap().unwrap().members.len(), 250);
}

#[tokio::test]
async fn indexes_in_paths_count_the_records_of_all_pages() {
    let (sandbox, client) = world().await;
    let people = store::people(sandbox.engine(), 110);
    store::addresses(sandbox.engine(), &people[104], 3);
    let team = store::team(sandbox.engine(), "Crew", &people);
    // The members in three pages, then the addresses.
    sandbox.faults([Fault::none(), Fault::none(), Fault::none(), Fault::status(500)]);
    let error = client.node::<Deep>(&*team).await.unwrap_err();
    let place = format!("not all of `node.members.nodes[104].addresses` (Person {})", people[104]);
    assert!(error.to_string().starts_with(&place), "{error}");
    assert_eq!(members(&error, "/node/members"), 110);
}

#[tokio::test]
async fn an_incomplete_mutation_was_executed_once() {
    let (sandbox, client) = world().await;
    let team = teams(&sandbox, &[150]).remove(0);
    let update = |name: &str| client.team_update(TeamUpdateInput::new(&*team).name(name)).select::<Updated>();
    let stored = || {
        let document = format!(r#"{{ node(id: "{team}") {{ ... on Team {{ name }} }} }}"#);
        store::data(sandbox.engine(), &document)["node"]["name"].as_str().unwrap().to_owned()
    };
    sandbox.faults([Fault::none(), Fault::status(500)]);
    let before = sent(&sandbox);
    let error = update("Changed").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert!(
        error
            .to_string()
            .starts_with("`teamUpdate` was executed, but not all of `teamUpdate.team.members` ("),
        "{error}"
    );
    assert_eq!(members(&error, "/teamUpdate/team/members"), 100);
    assert_eq!((sent(&sandbox) - before, stored()), (2, "Changed".to_owned()));
    // In a batch, the other mutation has its own result.
    sandbox.faults([Fault::none(), Fault::status(500)]);
    let other = TeamUpdateInput::new(&*teams(&sandbox, &[3])[0]);
    let batch = (update("In a batch"), client.team_update(other).select::<Updated>());
    let (one, two) = client.batch(batch).await.unwrap();
    let error = one.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert!(error.to_string().contains("`teamUpdate` was executed"), "{error}");
    assert_eq!(two.unwrap().team.unwrap().members.len(), 3);
    assert_eq!(stored(), "In a batch");
    // What the server refuses has nothing to be completed.
    let refused = client.team_update(TeamUpdateInput::new(&*team).name("")).select::<Updated>().await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Payload);
}

#[tokio::test]
async fn allow_partial_collects_errors_of_remaining_pages() {
    let (sandbox, client) = world().await;
    let team = teams(&sandbox, &[250]).remove(0);
    let query =
        || client.teams().filter(TeamFilter::new().name(["Crew 000"])).select::<Crew>().allow_partial();
    sandbox.faults([Fault::errors(["one"]), Fault::errors(["two"]), Fault::errors(["three"])]);
    let page = query().pages().try_next().await.unwrap().unwrap();
    let words: Vec<_> = page.errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(words, ["one", "two", "three"]);
    assert_eq!(ids(&page.nodes[0].members), truth(&sandbox, &team));
    // Where they are not, what is reported first ends the call, and nothing more is asked for.
    sandbox.faults([Fault::errors(["one"])]);
    let before = sent(&sandbox);
    let error = client.node::<Crew>(&*team).await.unwrap_err();
    assert_eq!((error.kind(), sent(&sandbox) - before), (ErrorKind::GraphQl, 1));
}

#[tokio::test]
async fn a_failed_remaining_page_ends_only_its_stream() {
    let (sandbox, client) = world().await;
    teams(&sandbox, &[150, 150, 150]);
    let names = TeamFilter::new().name(["Crew 000", "Crew 001", "Crew 002"]);
    let order = [TeamOrder::asc(TeamOrderField::Name)];
    let query =
        client.teams().filter(names).order(order).select::<Crew>().page_size(1).retry(RetryPolicy::never());
    // The second page, and its second one.
    sandbox.faults([Fault::none(), Fault::none(), Fault::none(), Fault::status(503)]);
    let mut stream = query.stream();
    assert_eq!(stream.try_next().await.unwrap().unwrap().members.len(), 150);
    let error = stream.try_next().await.unwrap_err();
    assert!(error.to_string().starts_with("not all of `teams.nodes[0].members` (Team "), "{error}");
    assert!(stream.try_next().await.unwrap().is_none());
    assert_eq!(client.teams().select::<Crew>().limit(1).all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_time_limit_includes_requests_for_remaining_pages() {
    let sandbox = start(|it| it.latency(Duration::from_millis(400))).await;
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    // Four requests, of which no more than two are answered in time.
    let team = teams(&sandbox, &[350]).remove(0);
    let policy = RetryPolicy::new().time_limit(Duration::from_millis(1_000));
    let start = Instant::now();
    let error = client.node::<Crew>(&*team).retry(policy).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_millis(1_400), "{:?}", start.elapsed());
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert!(error.to_string().contains("within the time limit of 1s"), "{error}");
    assert!((100..=200).contains(&members(&error, "/node/members")), "{error}");
}

#[tokio::test]
async fn a_call_can_be_dropped_at_any_time() {
    let sandbox = start(|it| it.latency(Duration::from_millis(20))).await;
    // Four slots: if one were lost, the last calls would have to wait for it.
    let client = builder(&sandbox).rate_limit(4, Duration::from_millis(100)).build().unwrap();
    let made = teams(&sandbox, &[250; 25]);
    let query = || client.teams().filter(TeamFilter::new().name(names(25)));
    for milliseconds in [1, 15, 25, 45, 65, 85, 130, 170] {
        let call = timeout(Duration::from_millis(milliseconds), query().select::<Crew>().all());
        // Three rounds of requests, one after the other, take longer than these.
        assert!(call.await.is_err() || milliseconds > 45, "{milliseconds}");
    }
    let found = query().select::<Crew>().all().await.unwrap();
    assert!(found.iter().all(|crew| crew.members.len() == 250));
    let last = client.node::<Crew>(&*made[24]).await.unwrap().unwrap();
    assert_eq!(ids(&last.members), truth(&sandbox, &made[24]));
}

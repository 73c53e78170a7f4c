//! Events under faults that come at random: whatever happens, no event is created twice, no note is added
//! twice, every call ends, and a request that was reported exists.
//!
//! A schedule is made from a seed; `EVENT_SEED=17` runs that one alone.

use super::{CI, notes, stored};
use crate::sandboxed::{builder, start};
use fastrand::Rng;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use xurrent::events::{EventRequest, NewEvent};
use xurrent::{Client, Error, RequestStatus, RetryPolicy};
use xurrent_sandbox::{Fault, Sandbox, SandboxBuilder};

/// The kinds of events: the first ones are matched by the server.
const KINDS: [&str; 6] =
    ["with an item", "with a note", "plain", "without a source", "completed", "with a template"];

/// How many kinds are matched.
const MATCHED: usize = 2;

/// How long any call may take: the waits of its policy, and the delays of its attempts.
const END: Duration = Duration::from_secs(60);

/// A sandbox, which runs one schedule after the other, and two clients, as of two processes.
struct Lane {
    sandbox: Sandbox,
    clients: [Client; 2],
}

/// One event, sent by so many tasks.
struct Planned {
    kind: usize,
    name: String,
    calls: Vec<Call>,
}

#[derive(Debug, Clone)]
struct Call {
    client: usize,
    after: Duration,
    dropped_after: Option<Duration>,
    policy: RetryPolicy,
}

/// The outcome of a call; none if it was dropped.
type Outcome = Option<Result<EventRequest, Error>>;

fn event(kind: usize, name: &str) -> NewEvent {
    let event = NewEvent::new(name).source_id("1");
    let sourced = || event.clone().source(name);
    match kind {
        0 => sourced().ci(CI).note("text"),
        1 => sourced().note("text"),
        2 => sourced(),
        3 => event.note("text"),
        4 => sourced().ci(CI).note("text").status(RequestStatus::Completed),
        _ => sourced().ci(CI).note("text").template(1),
    }
}

fn millis(rng: &mut Rng, most: u64) -> Duration {
    Duration::from_millis(rng.u64(..most))
}

fn fault(rng: &mut Rng) -> Fault {
    let status = rng.choice([429, 500, 502, 503, 504]).unwrap_or(503);
    let fault = match rng.u8(..8) {
        0 => Fault::none(),
        1 => Fault::cut_before(),
        2 => Fault::cut_after(),
        3 => Fault::cut_body(),
        4 => Fault::slow_body(Duration::from_millis(20)),
        // Status 429 says that nothing was executed.
        5 if status != 429 => Fault::status(status).after_execution(),
        6 => Fault::status(422).body(r#"{"message":"Validation Failed","errors":[["note","is too long"]]}"#),
        _ => Fault::status(status),
    };
    fault.delayed(millis(rng, 40)).on_rest()
}

fn plan(rng: &mut Rng, seed: u64) -> (Vec<Fault>, Vec<Planned>) {
    let faults = (0..rng.usize(..8)).map(|_| fault(rng)).collect();
    let planned = (0..rng.usize(1..4)).map(|index| {
        let kind = rng.usize(..KINDS.len());
        let calls = if kind < MATCHED { rng.usize(1..4) } else { 1 };
        let calls = (0..calls).map(|_| Call {
            client: rng.usize(..2),
            after: millis(rng, 60),
            dropped_after: (rng.u8(..6) == 0).then(|| millis(rng, 120)),
            policy: RetryPolicy::new().max_attempts(rng.usize(1..4)),
        });
        Planned { kind, name: format!("{seed}/{index}"), calls: calls.collect() }
    });
    (faults, planned.collect())
}

async fn call(lane: Arc<Lane>, event: NewEvent, call: Call) -> Outcome {
    sleep(call.after).await;
    let sent = lane.clients[call.client].event_create(event).retry(call.policy).send();
    match call.dropped_after {
        // Every call ends.
        None => Some(timeout(END, sent).await.unwrap()),
        Some(limit) => timeout(limit, sent).await.ok(),
    }
}

/// Checks what became of one event.
fn check(sandbox: &Sandbox, planned: &Planned, outcomes: &[Outcome], tally: &mut BTreeMap<&str, usize>) {
    let Planned { kind, name, .. } = planned;
    let source = if *kind == 3 { "Event" } else { name };
    let mut requests = stored(sandbox, source);
    requests.retain(|request| request["subject"] == **name);
    let what = format!("{name}, an event {}: {outcomes:?}, {requests:?}", KINDS[*kind]);
    assert!(requests.len() <= 1, "created twice: {what}");
    assert!(requests.iter().all(|request| notes(request).len() <= 1), "two notes: {what}");
    let mut created = 0;
    for outcome in outcomes {
        let said = match outcome {
            None => "dropped",
            Some(Ok(reported)) => {
                let exists = requests.iter().any(|request| request["id"] == reported.node_id.as_str());
                assert!(exists, "reported, but missing: {what}");
                created += usize::from(reported.is_created());
                if reported.is_created() { "created" } else { "added" }
            }
            Some(Err(error)) if error.is_not_executed() => "certainly not executed",
            Some(Err(error)) if error.status() == Some(422) => "rejected",
            Some(Err(_)) => "in doubt",
        };
        *tally.entry(said).or_default() += 1;
    }
    assert!(created <= 1, "two calls created it: {what}");
    let none = outcomes.iter().all(|outcome| matches!(outcome, Some(Err(error)) if error.is_not_executed()));
    assert!(!none || requests.is_empty(), "executed, contrary to the error: {what}");
    *tally.entry("requests").or_default() += requests.len();
    *tally.entry(KINDS[*kind]).or_default() += 1;
}

async fn run(seeds: std::ops::Range<u64>, lanes: usize) {
    let seeds = match std::env::var("EVENT_SEED") {
        Ok(seed) => seed.parse().map(|seed| seed..seed + 1).unwrap(),
        Err(_) => seeds,
    };
    let count = seeds.end - seeds.start;
    let settings = start(|it| it).await.to_builder();
    let next = Arc::new(Mutex::new(seeds));
    let tally = Arc::new(Mutex::new(BTreeMap::new()));
    let mut running = JoinSet::new();
    for _ in 0..lanes.min(usize::try_from(count).unwrap()) {
        let (settings, next, tally) = (settings.clone(), Arc::clone(&next), Arc::clone(&tally));
        running.spawn(async move {
            let lane = Arc::new(lane(settings).await);
            loop {
                let Some(seed) = next.lock().unwrap().next() else { return };
                schedule(&lane, seed, &tally).await;
            }
        });
    }
    while let Some(lane) = running.join_next().await {
        lane.unwrap();
    }
    let tally = tally.lock().unwrap();
    println!("{count} schedules: {tally:?}");
    let said =
        ["created", "added", "certainly not executed", "rejected", "in doubt", "dropped", "sent again"];
    for what in said.iter().chain(&KINDS).filter(|_| count >= 100) {
        assert!(tally.get(what) >= Some(&2), "{what}: {tally:?}");
    }
}

async fn lane(settings: SandboxBuilder) -> Lane {
    let sandbox = settings.start().await.unwrap();
    tokio::task::spawn_blocking(move || {
        let clients = [0, 1].map(|_| builder(&sandbox).no_rate_limit().build().unwrap());
        Lane { sandbox, clients }
    })
    .await
    .unwrap()
}

async fn schedule(lane: &Arc<Lane>, seed: u64, tally: &Mutex<BTreeMap<&'static str, usize>>) {
    let (faults, planned) = plan(&mut Rng::with_seed(seed), seed);
    let before = super::received(&lane.sandbox);
    lane.sandbox.faults(faults);
    let mut calls = Vec::new();
    for planned in &planned {
        let event = event(planned.kind, &planned.name);
        let tasks = planned.calls.iter();
        let tasks: Vec<_> =
            tasks.map(|it| tokio::spawn(call(Arc::clone(lane), event.clone(), it.clone()))).collect();
        calls.push(tasks);
    }
    let mut outcomes = Vec::new();
    for tasks in calls {
        let mut of_event = Vec::new();
        for task in tasks {
            of_event.push(task.await.unwrap_or_else(|error| panic!("EVENT_SEED={seed}: {error}")));
        }
        outcomes.push(of_event);
    }
    lane.sandbox.clear_faults();
    // The server may still execute what a dropped call has sent.
    sleep(Duration::from_millis(60)).await;
    let sent = super::received(&lane.sandbox) - before;
    let mut tally = tally.lock().unwrap();
    for (planned, outcomes) in planned.iter().zip(&outcomes) {
        check(&lane.sandbox, planned, outcomes, &mut tally);
    }
    let planned: usize = planned.iter().map(|planned| planned.calls.len()).sum();
    *tally.entry("sent again").or_default() += sent.saturating_sub(planned);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_created_twice_under_random_faults() {
    run(0..200, 40).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute; run by .ci/run"]
async fn no_event_is_created_twice_under_a_thousand_schedules_of_faults() {
    run(0..1_000, 60).await;
}

//! Random records, shards and runs, with faults and changes while they are read: every record that is there all the
//! time comes exactly once, in whatever runs.
//!
//! A schedule is made from a seed; `SHARDS_SEED=17` runs that one alone. `SHARDS_SCHEDULES` is the number at full length, by
//! default 100: a thousand take a quarter of an hour.

use super::{Name, YEAR, ids, organizations, query, stored};
use crate::sandboxed::{builder, start};
use fastrand::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::timeout;
use xurrent::shards::{Sharded, ShardsPosition};
use xurrent::{Client, Id, OrganizationCreateInput, OrganizationUpdateInput, RetryPolicy};
use xurrent_sandbox::{Fault, Sandbox};

#[tokio::test]
async fn every_record_comes_once_under_random_faults_and_changes() {
    let seeds = match std::env::var("SHARDS_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (0..40).collect(),
    };
    for seed in seeds {
        run(seed).await;
    }
}

#[tokio::test]
#[ignore = "takes minutes; run by .ci/slow-tests"]
async fn every_record_comes_once_at_full_length() {
    let schedules = std::env::var("SHARDS_SCHEDULES").map_or(100, |count| count.parse::<usize>().unwrap());
    let mut outcomes = BTreeMap::<&str, usize>::new();
    for seed in 0..schedules as u64 {
        for (name, count) in run(seed).await {
            *outcomes.entry(name).or_default() += count;
        }
    }
    println!("{schedules} schedules: {outcomes:?}");
    let is_frequent = |name: &&str| outcomes[name] > schedules / 2;
    assert!(["errors", "cancelled", "resumed", "created", "changed"].iter().all(is_frequent));
}

fn fault(rng: &mut Rng) -> Fault {
    match rng.u8(0..14) {
        0 => Fault::status(500),
        1 => Fault::status(503),
        2 => Fault::status(429).header("retry-after", "0"),
        3 => Fault::cut_before(),
        4 => Fault::cut_after(),
        5 => Fault::cut_body(),
        6 => Fault::errors(["no"]),
        7 => Fault::content_type("text/html"),
        8 => Fault::none().delayed(Duration::from_millis(rng.u64(1..8))),
        9 => Fault::slow_body(Duration::from_millis(rng.u64(1..8))),
        10 => Fault::max_nodes(rng.u64(1..30)),
        11 => Fault::long_pages(rng.usize(1..4)),
        12 => Fault::repeated_cursor(),
        _ => Fault::no_cursor(),
    }
}

/// Records of a second, of a minute, of years before now, and some without a time.
fn created(rng: &mut Rng) -> Vec<Option<i64>> {
    let (count, span) = (rng.i64(0..120), *rng.choice([1, 5, 60, 86_400, YEAR, 5 * YEAR].iter()).unwrap());
    let undated = rng.bool();
    let second = |rng: &mut Rng| (!undated || rng.u8(0..8) > 0).then(|| rng.i64(0..span));
    let mut created: Vec<_> = (0..count).map(|_| second(rng)).collect();
    if rng.bool() {
        let import = Some(rng.i64(0..span));
        created.extend(std::iter::repeat_n(import, rng.usize(0..80)));
    }
    created
}

async fn change(rng: &mut Rng, client: &Client, known: &[Id]) -> &'static str {
    // A fault can hit it.
    match rng.choice(known) {
        Some(id) if rng.bool() => {
            let _ = client.organization_update(OrganizationUpdateInput::new(id).name("changed")).await;
            "changed"
        }
        _ => {
            let name = format!("new {}", rng.u64(..));
            let _ = client.organization_create(OrganizationCreateInput::new(name)).await;
            "created"
        }
    }
}

/// What a schedule has come to.
struct Schedule {
    rng: Rng,
    sandbox: Sandbox,
    client: Client,
    known: Vec<Id>,
    shards: usize,
    records: Vec<Name>,
    position: Option<ShardsPosition>,
    outcomes: BTreeMap<&'static str, usize>,
}

async fn run(seed: u64) -> BTreeMap<&'static str, usize> {
    let mut rng = Rng::with_seed(seed);
    let sandbox = start(organizations(created(&mut rng))).await;
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    let known = ids(&client).await;
    let shards = rng.usize(1..12);
    let mut schedule = Schedule {
        rng,
        sandbox,
        client,
        known: known.iter().cloned().collect(),
        shards,
        records: Vec::new(),
        position: None,
        outcomes: BTreeMap::new(),
    };
    let mut runs = schedule.rng.usize(0..6);
    while !schedule.run(runs == 0).await {
        runs = runs.saturating_sub(1);
        *schedule.outcomes.entry("resumed").or_default() += 1;
        schedule.position = stored(schedule.position);
    }
    let found: BTreeSet<_> = schedule.records.iter().map(|record| record.id.clone()).collect();
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = schedule.records.iter().filter(|record| !seen.insert(&record.id)).collect();
    assert!(twice.is_empty(), "SHARDS_SEED={seed}: records came twice: {twice:?}");
    let lost = known.difference(&found).count();
    assert_eq!(lost, 0, "SHARDS_SEED={seed}: {lost} of {} records are lost", known.len());
    assert_eq!(schedule.position.map(|position| position.taken()), Some(found.len()), "SHARDS_SEED={seed}");
    schedule.outcomes
}

impl Schedule {
    /// A run of a program, which stops somewhere unless it is the last. Returns whether it came to the end.
    async fn run(&mut self, is_last: bool) -> bool {
        let rng = &mut self.rng;
        if !is_last {
            let faults = (0..rng.usize(0..12)).map(|_| if rng.bool() { Fault::none() } else { fault(rng) });
            self.sandbox.faults(faults.collect::<Vec<_>>());
        }
        let retry = if rng.bool() { RetryPolicy::never() } else { RetryPolicy::new().max_attempts(2) };
        let query = query(&self.client).retry(retry).page_size(rng.usize(1..12));
        let shards = query.shards(self.shards).resume(self.position.clone());
        let shards = shards.pages_per_request(rng.usize(1..6)).concurrent_requests(rng.usize(1..5));
        let (mut pages, mut stream) = match rng.bool() {
            true => (Some(shards.pages()), None),
            false => (None, Some(shards.stream())),
        };
        let mut steps = if is_last { usize::MAX } else { rng.usize(0..60) };
        let (mut errors, mut is_complete) = (0, false);
        while steps > 0 && !is_complete && errors < 4 {
            steps -= 1;
            let patience =
                Duration::from_micros(if is_last { 10_000_000 } else { self.rng.u64(100..30_000) });
            let next = async {
                match (&mut pages, &mut stream) {
                    (Some(pages), _) => pages.try_next().await.map(|page| page.map(|page| page.nodes)),
                    (_, Some(stream)) => {
                        stream.try_next().await.map(|record| record.map(|record| vec![record]))
                    }
                    _ => Ok(None),
                }
            };
            let outcome = match timeout(patience, next).await {
                Ok(Ok(Some(records))) => {
                    self.records.extend(records);
                    "taken"
                }
                Ok(Ok(None)) => {
                    is_complete = true;
                    "complete"
                }
                Ok(Err(_)) => {
                    errors += 1;
                    "errors"
                }
                Err(_) => "cancelled",
            };
            *self.outcomes.entry(outcome).or_default() += 1;
            if !is_last && self.rng.u8(0..4) == 0 {
                let changed = change(&mut self.rng, &self.client, &self.known).await;
                *self.outcomes.entry(changed).or_default() += 1;
            }
        }
        self.position = match (pages, stream) {
            (Some(pages), _) => pages.position(),
            (_, Some(stream)) => stream.position(),
            _ => None,
        };
        is_complete
    }
}

//! Calls under faults that come at random: a client of a sandbox whose requests are refused, cut,
//! delayed and answered with nonsense, while calls are given up and tokens revoked. Whatever happens,
//! reads deliver every record once and in order or end in an error, no mutation is executed twice,
//! no call outlasts its limit, nothing secret comes out, and the client can be used afterwards.
//!
//! A schedule is made from a seed. A failing one is made smaller and printed with its seed;
//! `FAULT_SEED=17` runs that one alone, `FAULT_SEED=17..99` some.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod harness;
mod leaks;
mod outcome;
mod scenario;
mod schedule;

use crate::child_process::is_child;
use harness::{Harness, SECRET};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use schedule::{Schedule, schedules};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long a failing schedule is made smaller.
const PATIENCE: Duration = Duration::from_secs(30);

fn tree(seed: u64) -> impl ValueTree<Value = Schedule> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    schedules().new_tree(&mut TestRunner::new_with_rng(Config::default(), rng)).unwrap()
}

/// Runs a schedule, in a task of its own: a panic is a failure like any other.
async fn failure(harness: &Arc<Harness>, schedule: Schedule) -> Option<String> {
    let harness = Arc::clone(harness);
    match tokio::spawn(async move { harness.run_schedule(schedule).await }).await {
        Ok(result) => result.err(),
        Err(panic) => Some(panic.to_string()),
    }
}

/// The smallest schedule that can be found to fail in the same way, and what it fails with. Which
/// fault meets which request is a matter of time, so each is tried more than once.
async fn smallest(harness: &Arc<Harness>, seed: u64, failed: String) -> (Schedule, String) {
    let start = Instant::now();
    let mut tree = tree(seed);
    let mut found = (tree.current(), failed);
    let mut changed = tree.simplify();
    while changed && start.elapsed() < PATIENCE {
        let mut again = None;
        for _ in 0..3 {
            again = again.or(failure(harness, tree.current()).await);
        }
        changed = match again {
            Some(again) => {
                found = (tree.current(), again);
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    found
}

/// `lanes` schedules run at once. Most of their time is spent waiting before a retry.
async fn run(seeds: Range<u64>, lanes: usize) {
    leaks::collect([SECRET, "sandbox-access-token-"]);
    let (start, count) = (Instant::now(), seeds.end - seeds.start);
    let harness = Arc::new(Harness::new(lanes).await);
    let mut running = JoinSet::new();
    for seed in seeds {
        let harness = Arc::clone(&harness);
        running.spawn(async move {
            let schedule = tree(seed).current();
            (seed, failure(&harness, schedule).await)
        });
    }
    let mut failed = BTreeMap::new();
    while let Some(done) = running.join_next().await {
        let (seed, failure) = done.unwrap();
        failed.extend(failure.map(|failure| (seed, failure)));
    }
    println!("{count} schedules in {:.1} s: {}", start.elapsed().as_secs_f64(), harness.tally());
    for (seed, failure) in &failed {
        println!("FAULT_SEED={seed}: {failure}");
    }
    if let Some((seed, failure)) = failed.pop_first() {
        let (schedule, failure) = smallest(&harness, seed, failure).await;
        panic!(
            "{} schedules fail; FAULT_SEED={seed}, made smaller: {failure}\n{schedule:#?}",
            failed.len() + 1
        );
    }
    let leaks = leaks::found();
    assert!(leaks.is_empty(), "{} lines with secrets, such as\n{}", leaks.len(), leaks[0]);
    harness.assert_everything_happened(count);
}

/// The seeds that were asked for, or the first ones.
fn seeds(count: u64) -> Range<u64> {
    let Ok(text) = std::env::var("FAULT_SEED") else { return 0..count };
    match text.split_once("..") {
        Some((first, end)) => first.parse().unwrap()..end.parse().unwrap(),
        None => {
            let seed = text.parse().unwrap();
            seed..seed + 1
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_repeated_under_random_faults() {
    if is_child("random_faults::nothing_is_lost_or_repeated_under_random_faults") {
        run(seeds(200), 40).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute; run by .ci/run"]
async fn nothing_is_lost_or_repeated_under_two_thousand_schedules_of_faults() {
    if is_child("random_faults::nothing_is_lost_or_repeated_under_two_thousand_schedules_of_faults") {
        run(seeds(2_000), 90).await;
    }
}

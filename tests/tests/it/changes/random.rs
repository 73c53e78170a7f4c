//! Random people, pages and changes while they are read: a copy that applies the changes of several runs equals the
//! store, wherever the runs stop.
//!
//! A schedule is made from a seed; `CHANGES_SEED=17` runs that one alone.

use super::{people, query, rename, stored};
use crate::sandboxed::{builder, start};
use fastrand::Rng;
use std::collections::BTreeMap;
use std::time::Duration;
use xurrent::Id;
use xurrent::changes::ChangedSince;
use xurrent::jiff::Timestamp;

#[tokio::test]
async fn a_copy_equals_the_store_wherever_runs_stop_and_records_change() {
    let seeds = match std::env::var("CHANGES_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (0..10).collect(),
    };
    for seed in seeds {
        run(seed).await;
    }
}

#[tokio::test]
#[ignore = "takes minutes; run by .ci/slow-tests"]
async fn a_copy_equals_the_store_at_full_length() {
    for seed in 10..500 {
        run(seed).await;
    }
}

async fn run(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let distinct = rng.u8(1..20);
    let times: Vec<u8> = (0..rng.usize(1..40)).map(|_| rng.u8(0..distinct)).collect();
    let sandbox = start(|sandbox| people(times)(sandbox.burst(1_000_000, Duration::from_secs(1)))).await;
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    let (mut copy, mut position) = (BTreeMap::<String, (Timestamp, String)>::new(), None);
    let mut writes = rng.usize(0..40);
    // The last runs are complete, and nothing changes any more.
    for is_last in [false, false, false, true] {
        let query = query(&client).page_size(rng.usize(1..8));
        let mut changes = query.changed_since(position).overlap(Duration::from_secs(rng.u64(0..3)));
        let mut pages = if is_last { usize::MAX } else { rng.usize(0..12) };
        while pages > 0 {
            let Some(page) = changes.try_next().await.unwrap() else { break };
            pages -= 1;
            for change in page {
                let version = (change.updated_at, change.record.name.unwrap());
                let stored = copy.entry(change.id.to_string()).or_insert_with(|| version.clone());
                *stored = version.max(stored.clone());
            }
            position = changes.position();
            while !is_last && writes > 0 && rng.bool() {
                writes -= 1;
                let known: Vec<_> = stored(&sandbox).into_keys().collect();
                let id = Id::from(rng.choice(&known).unwrap());
                // Names that a later change does not sort before.
                rename(&client, &id, &format!("write {:03}", 999 - writes)).await;
            }
        }
    }
    let names: BTreeMap<_, _> = copy.into_iter().map(|(id, (_, name))| (id, name)).collect();
    assert_eq!(names, stored(&sandbox), "CHANGES_SEED={seed}");
}

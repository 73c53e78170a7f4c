//! Random runs with faults: every record is returned once.

use crate::resuming::{OnlyId, kept, people};
use crate::sandboxed::{builder, start};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::runtime::{self, Runtime};
use tokio::time::timeout;
use xurrent::{Client, ConnectionQuery, PeopleQuery, Position, RetryPolicy};
use xurrent_sandbox::{Fault, Sandbox};

/// What a run of the program does before it is interrupted.
#[derive(Debug, Clone)]
struct Run {
    /// Takes so many records at most.
    records: usize,
    page_size: usize,
    prefetch: bool,
    /// What goes wrong, and with which request.
    fault: Option<(usize, Fault)>,
    /// Gives up waiting for a record after so many microseconds, and tries again.
    patience: u64,
    /// Keeps a position by pages.
    by_pages: bool,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::status(500)),
        Just(Fault::status(503)),
        Just(Fault::cut_before()),
        Just(Fault::cut_after()),
        Just(Fault::cut_body()),
        Just(Fault::errors(["no"])),
        Just(Fault::content_type("text/html")),
        Just(Fault::none().delayed(Duration::from_millis(3))),
        Just(Fault::slow_body(Duration::from_millis(4))),
    ]
}

fn run() -> impl Strategy<Value = Run> {
    let fault = proptest::option::weighted(0.6, (0_usize..4, fault()));
    (0_usize..40, 1_usize..20, any::<bool>(), fault, 100_u64..20_000, any::<bool>()).prop_map(
        |(records, page_size, prefetch, fault, patience, by_pages)| Run {
            records,
            page_size,
            prefetch,
            fault,
            patience,
            by_pages,
        },
    )
}

/// Carries out one run. What it took is added to the records; where it stood is returned, and whether
/// that was the end.
async fn carry_out(
    run: &Run,
    query: ConnectionQuery<PeopleQuery, OnlyId>,
    records: &mut Vec<OnlyId>,
) -> (Position, bool) {
    let query = query.page_size(run.page_size).prefetch(run.prefetch);
    let patience = Duration::from_micros(run.patience);
    let mut taken = 0;
    if run.by_pages {
        let mut pages = query.pages();
        loop {
            match timeout(patience, pages.try_next()).await {
                Ok(Ok(Some(page))) => {
                    taken += page.nodes.len();
                    records.extend(page.nodes);
                }
                Ok(Ok(None)) => return (pages.position(), true),
                Ok(Err(_)) => return (pages.position(), false),
                Err(_) => {}
            }
            if taken >= run.records {
                return (pages.position(), false);
            }
        }
    }
    let mut stream = query.stream();
    while taken < run.records {
        match timeout(patience, stream.try_next()).await {
            Ok(Ok(Some(record))) => {
                taken += 1;
                records.push(record);
            }
            Ok(Ok(None)) => return (stream.position(), true),
            Ok(Err(_)) => break,
            Err(_) => {}
        }
    }
    (stream.position(), false)
}

async fn interrupted(sandbox: &Sandbox, client: &Client, runs: &[Run], limit: Option<usize>) -> Vec<OnlyId> {
    let mut records = Vec::new();
    let mut position: Option<Position> = None;
    let last = Run {
        records: usize::MAX,
        page_size: 13,
        prefetch: true,
        fault: None,
        patience: 1_000_000,
        by_pages: false,
    };
    // What went wrong may be left for the last run: then there is one more.
    for run in runs.iter().chain(std::iter::repeat(&last)) {
        if let Some((requests, fault)) = &run.fault {
            sandbox.faults(std::iter::repeat_n(Fault::none(), *requests).chain([fault.clone()]));
        }
        let mut query = people(client).retry(RetryPolicy::never()).resume(position.clone());
        if let Some(limit) = limit {
            query = query.limit(limit);
        }
        let (stands, ended) = carry_out(run, query, &mut records).await;
        assert_eq!(stands.taken(), records.len());
        position = Some(kept(&stands));
        if ended {
            break;
        }
    }
    records
}

/// One sandbox for all cases: to start one takes longer than a case.
static SERVER: LazyLock<(Runtime, Sandbox, Client)> = LazyLock::new(|| {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let sandbox = runtime.block_on(start(|sandbox| sandbox));
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    (runtime, sandbox, client)
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_record_comes_once_and_in_order_under_any_interruption(
        runs in proptest::collection::vec(run(), 0..7),
        limit in proptest::option::of(0_usize..120),
    ) {
        let (runtime, sandbox, client) = &*SERVER;
        runtime.block_on(async {
            while sandbox.faults_left() > 0 {
                let _ = client.me().retry(RetryPolicy::never()).await;
            }
            let mut whole = people(client).all().await.unwrap();
            whole.truncate(limit.unwrap_or(usize::MAX));
            prop_assert_eq!(interrupted(sandbox, client, &runs, limit).await, whole);
            Ok(())
        })?;
    }
}

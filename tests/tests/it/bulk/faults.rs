//! Exports and imports under faults that come at random: no job is started twice, no row is lost or comes twice, every
//! call ends, and whoever has a token gets to the end, also after a failure or a cancelled call.
//!
//! A schedule is made from a seed; `BULK_SEED=17` runs that one alone.

use super::exported;
use crate::sandboxed::{builder, start};
use fastrand::Rng;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use xurrent::export::{ExportToken, NewExport};
use xurrent::import::{ImportToken, NewImport};
use xurrent::{Client, Error, RetryPolicy, Upload};
use xurrent_sandbox::{BulkJobs, Fault, Sandbox, SandboxBuilder};

/// Types that are exported; no import changes them.
const EXPORTED: [&str; 3] = ["people", "products", "teams"];

/// Types that are imported, with their root fields.
const IMPORTED: [&str; 2] = ["organizations", "sites"];

/// How long any call may take: the waits of its policy, and the delays of its attempts.
const END: Duration = Duration::from_secs(60);

struct Lane {
    sandbox: Sandbox,
    client: Client,
    folder: TempDir,
    /// The files of the exported types without faults.
    expected: BTreeMap<&'static str, Vec<u8>>,
}

/// One export or import, each of its own type.
#[derive(Debug, Clone)]
struct Planned {
    record_type: &'static str,
    /// The rows of an import.
    rows: Option<usize>,
    name: String,
    after: Duration,
    dropped_after: Option<Duration>,
    policy: RetryPolicy,
}

/// What a call had reached, and how it ended: none if it was dropped.
#[derive(Debug, Default)]
struct Reached {
    token: Option<String>,
    end: Option<Result<(), Error>>,
}

fn millis(rng: &mut Rng, most: u64) -> Duration {
    Duration::from_millis(rng.u64(..most))
}

fn fault(rng: &mut Rng) -> Fault {
    let status = rng.choice([429, 500, 502, 503, 504]).unwrap_or(503);
    let fault = match rng.u8(..7) {
        0 => Fault::none(),
        1 => Fault::cut_before(),
        2 => Fault::cut_after(),
        3 => Fault::cut_body(),
        4 => Fault::slow_body(Duration::from_millis(20)),
        // Status 429 says that nothing was executed.
        5 if status != 429 => Fault::status(status).after_execution(),
        _ => Fault::status(status),
    };
    let fault = fault.delayed(millis(rng, 30));
    if rng.u8(..3) == 0 { fault.on_download() } else { fault.on_rest() }
}

fn plan(rng: &mut Rng, seed: u64) -> (Vec<Fault>, Vec<Planned>) {
    let faults = (0..rng.usize(..8)).map(|_| fault(rng)).collect();
    let mut types: Vec<_> = EXPORTED.into_iter().chain(IMPORTED).collect();
    rng.shuffle(&mut types);
    types.truncate(rng.usize(1..4));
    let planned = types.into_iter().map(|record_type| Planned {
        record_type,
        rows: IMPORTED.contains(&record_type).then(|| rng.usize(1..30)),
        name: format!("{seed}/{record_type}"),
        after: millis(rng, 60),
        dropped_after: (rng.u8(..5) == 0).then(|| millis(rng, 200)),
        policy: RetryPolicy::new().max_attempts(rng.usize(1..3)),
    });
    (faults, planned.collect())
}

fn csv(planned: &Planned) -> String {
    let rows = 0..planned.rows.unwrap_or(0);
    "Name\n".to_owned() + &rows.map(|row| format!("{} {row}\n", planned.name)).collect::<String>()
}

/// Waits for an export and downloads its file.
async fn finish_export(
    client: &Client,
    token: ExportToken,
    path: &Path,
    policy: RetryPolicy,
) -> Result<(), Error> {
    let file = client.export_wait(token).poll_interval(Duration::from_millis(10)).retry(policy).await?;
    client.download(&file.url).retry(policy).to_file(path).await.map(drop)
}

async fn finish_import(
    client: &Client,
    token: ImportToken,
    rows: usize,
    policy: RetryPolicy,
) -> Result<(), Error> {
    let end = client.import_wait(token).poll_interval(Duration::from_millis(10)).retry(policy).await?;
    assert_eq!(end.results.created, rows as u64, "{:?}", end.results);
    let mut log = Vec::new();
    client.download(end.log_file.as_ref().unwrap()).retry(policy).to_writer(&mut log).await.map(drop)
}

async fn run_job(lane: &Lane, planned: &Planned, reached: &Mutex<Reached>, path: &Path) -> Result<(), Error> {
    let Lane { client, .. } = lane;
    let (policy, name) = (planned.policy, planned.record_type);
    let keep = |token: &str| reached.lock().unwrap().token = Some(token.to_owned());
    match planned.rows {
        None => {
            let token = client.export_start(NewExport::new([name])).retry(policy).await?.unwrap();
            keep(token.as_str());
            finish_export(client, token, path, policy).await
        }
        Some(rows) => {
            let file = Upload::bytes("a.csv", csv(planned));
            let token = client.import_start(NewImport::new(name, file)).retry(policy).await?;
            keep(token.as_str());
            finish_import(client, token, rows, policy).await
        }
    }
}

async fn call(lane: Arc<Lane>, planned: Planned) -> Reached {
    sleep(planned.after).await;
    let reached = Mutex::new(Reached::default());
    let path = lane.folder.path().join(planned.name.replace('/', "-"));
    let job = run_job(&lane, &planned, &reached, &path);
    let end = match planned.dropped_after {
        // Every call ends.
        None => Some(timeout(END, job).await.unwrap()),
        Some(limit) => timeout(limit, job).await.ok(),
    };
    let mut reached = reached.into_inner().unwrap();
    reached.end = end;
    reached
}

/// Checks what became of one job, and goes on with its token after faults.
async fn check(lane: &Lane, planned: &Planned, reached: &Reached, jobs: usize) -> &'static str {
    let what = format!("{planned:?}: {reached:?}, {jobs} jobs");
    assert!(jobs <= 1, "started twice: {what}");
    let path = lane.folder.path().join(planned.name.replace('/', "-"));
    let said = match &reached.end {
        None => "dropped",
        Some(Ok(())) => "done",
        Some(Err(error)) if reached.token.is_none() && error.is_not_executed() => {
            assert_eq!(jobs, 0, "executed, contrary to the error: {what}");
            "certainly not begun"
        }
        Some(Err(error)) if reached.token.is_none() => {
            assert!(error.to_string().contains("it is unknown whether"), "{what}");
            "in doubt"
        }
        Some(Err(_)) => "failed with a token",
    };
    if let Some(token) = &reached.token {
        assert_eq!(jobs, 1, "{what}");
        let policy = RetryPolicy::new();
        match planned.rows {
            None => {
                if !path.exists() {
                    let token = token.parse().unwrap();
                    finish_export(&lane.client, token, &path, policy)
                        .await
                        .unwrap_or_else(|it| panic!("{it}: {what}"));
                }
                assert!(std::fs::read(&path).unwrap() == lane.expected[planned.record_type], "{what}");
            }
            Some(rows) => {
                let token = token.parse().unwrap();
                finish_import(&lane.client, token, rows, policy)
                    .await
                    .unwrap_or_else(|it| panic!("{it}: {what}"));
            }
        }
    }
    said
}

/// How many records an import has left.
fn created(lane: &Lane, planned: &Planned) -> u64 {
    let root = planned.record_type;
    let query = format!(
        "query($name: [String]) {{ {root}(filter: {{ name: {{ values: $name }} }}) {{ totalCount }} }}"
    );
    let names: Vec<_> = csv(planned).lines().skip(1).map(str::to_owned).collect();
    let response = lane.sandbox.engine().execute(&json!({ "query": query, "variables": { "name": names } }));
    response["data"][root]["totalCount"].as_u64().unwrap_or_else(|| panic!("{response}"))
}

/// Waits until the server has executed what dropped calls have sent.
async fn settled(sandbox: &Sandbox) {
    let (mut before, mut quiet) = (0, 0);
    while quiet < 3 {
        sleep(Duration::from_millis(50)).await;
        let now = sandbox.bulk_jobs().len() + sandbox.arrivals().len();
        quiet = if now == before { quiet + 1 } else { 0 };
        before = now;
    }
}

async fn schedule(lane: &Arc<Lane>, seed: u64, tally: &Mutex<BTreeMap<&'static str, usize>>) {
    let (faults, planned) = plan(&mut Rng::with_seed(seed), seed);
    let before = lane.sandbox.bulk_jobs().len();
    lane.sandbox.faults(faults);
    let calls: Vec<_> = planned.iter().map(|it| tokio::spawn(call(Arc::clone(lane), it.clone()))).collect();
    let mut all = Vec::new();
    for call in calls {
        all.push(call.await.unwrap_or_else(|error| panic!("BULK_SEED={seed}: {error}")));
    }
    lane.sandbox.clear_faults();
    settled(&lane.sandbox).await;
    let jobs = lane.sandbox.bulk_jobs().split_off(before);
    for (planned, reached) in planned.iter().zip(&all) {
        let begun = jobs.iter().filter(|job| job.types == [planned.record_type]).count();
        let said = check(lane, planned, reached, begun).await;
        if let Some(rows) = planned.rows {
            assert_eq!(created(lane, planned), (rows * begun) as u64, "BULK_SEED={seed}: {planned:?}");
        }
        *tally.lock().unwrap().entry(said).or_default() += 1;
    }
    let is_part = |name: &str| name.contains(".part");
    let left = std::fs::read_dir(lane.folder.path()).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| is_part(name)), "BULK_SEED={seed}: {left:?}");
}

async fn lane(settings: SandboxBuilder) -> Lane {
    let jobs = BulkJobs::default().queued(Duration::from_millis(10)).processing(Duration::from_millis(10));
    let sandbox = settings.bulk(jobs).start().await.unwrap();
    let (sandbox, client) = tokio::task::spawn_blocking(move || {
        let client = builder(&sandbox).no_rate_limit().build().unwrap();
        (sandbox, client)
    })
    .await
    .unwrap();
    let mut expected = BTreeMap::new();
    for name in EXPORTED {
        expected.insert(name, exported(&client, NewExport::new([name])).await);
    }
    Lane { sandbox, client, folder: tempfile::tempdir().unwrap(), expected }
}

async fn run(seeds: std::ops::Range<u64>, lanes: usize) {
    let seeds = match std::env::var("BULK_SEED") {
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
    for what in ["dropped", "done", "certainly not begun", "in doubt", "failed with a token"] {
        assert!(count < 100 || tally.get(what) >= Some(&2), "{what}: {tally:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_job_is_started_twice_and_no_row_is_lost_under_random_faults() {
    run(0..200, 40).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute; run by .ci/run"]
async fn no_job_is_started_twice_under_a_thousand_schedules_of_faults() {
    run(0..1_000, 60).await;
}

//! The harness that runs schedules, and its totals.

use crate::random_faults::outcome::ALL;
use crate::random_faults::scenario::Scenario;
use crate::random_faults::schedule::{SETTINGS, Schedule, USERS, Who};
use crate::sandboxed;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use xurrent::{Client, Id};
use xurrent_sandbox::{Sandbox, Storage};

/// A part of every secret.
pub(crate) const SECRET: &str = "sEcReT-8c1d";

/// The personal access token of a user.
pub(crate) fn token(user: usize) -> String {
    format!("{SECRET}-token-{user}")
}

/// What all schedules share.
pub(crate) struct Harness {
    sandbox: Sandbox,
    /// The ids of all people, as a read is to deliver them.
    people: Arc<Vec<String>>,
    crews: Arc<Vec<(String, Vec<String>)>>,
    /// Lanes that are free, for each setting.
    lanes: [Mutex<Vec<Lane>>; SETTINGS.len()],
    permits: Semaphore,
    /// Clients are built one after the other: reading the certificates takes all of a processor.
    building: tokio::sync::Mutex<()>,
    played: AtomicUsize,
    tally: Mutex<BTreeMap<&'static str, usize>>,
}

/// A sandbox with its clients. It runs one schedule after the other, so each of them begins
/// with what the last one has left of limits, tokens and connections.
pub(crate) struct Lane {
    pub(crate) sandbox: Sandbox,
    pub(crate) clients: BTreeMap<Who, Client>,
    /// A request that gets notes.
    pub(crate) noted: Id,
}

impl Harness {
    /// Runs as many schedules at once as there are lanes.
    pub(crate) async fn new(lanes: usize) -> Self {
        let sandbox = sandboxed::start(|mut it| {
            for user in 0..USERS {
                it = it.user(&user.to_string(), &token(user));
            }
            it.oauth_client("client", &format!("{SECRET}-of-the-client"))
        })
        .await;
        Self {
            people: Arc::new(people(&sandbox)),
            crews: Arc::new(crews(&sandbox)),
            sandbox,
            lanes: Default::default(),
            permits: Semaphore::new(lanes),
            building: tokio::sync::Mutex::default(),
            played: AtomicUsize::new(0),
            tally: Mutex::default(),
        }
    }

    async fn lane(&self, setting: usize) -> Lane {
        if let Some(lane) = self.lanes[setting].lock().unwrap().pop() {
            return lane;
        }
        let _building = self.building.lock().await;
        let (burst, latency) = SETTINGS[setting];
        let storage = if setting == 1 { Storage::local() } else { Storage::s3() };
        let sandbox = self.sandbox.to_builder().latency(latency).storage(storage).start().await.unwrap();
        tokio::task::spawn_blocking(move || {
            let whos = (0..USERS).map(Who::User).chain([Who::OAuth, Who::Pool]);
            let clients = whos.map(|who| (who, client(&sandbox, who, burst))).collect();
            Lane { noted: request(&sandbox), clients, sandbox }
        })
        .await
        .unwrap()
    }

    /// Plays a schedule. A lane in which something went wrong is not used again.
    pub(crate) async fn run_schedule(&self, schedule: Schedule) -> Result<(), String> {
        let _permit = self.permits.acquire().await.unwrap();
        let lane = self.lane(schedule.setting).await;
        let arrivals = lane.sandbox.arrivals().len();
        lane.sandbox.faults(schedule.faults.clone());
        let name = format!("Schedule {}", self.played.fetch_add(1, Ordering::Relaxed));
        let (people, crews) = (Arc::clone(&self.people), Arc::clone(&self.crews));
        let scenario = Arc::new(Scenario { lane, schedule, people, crews, name });
        let said = scenario.clone().run().await?;
        let Ok(Scenario { lane, schedule, .. }) = Arc::try_unwrap(scenario) else {
            return Err("something is still running".to_owned());
        };
        let mut tally = self.tally.lock().unwrap();
        for what in said {
            *tally.entry(what).or_default() += 1;
        }
        *tally.entry("faults").or_default() += schedule.faults.len();
        *tally.entry("requests").or_default() += lane.sandbox.arrivals().len() - arrivals;
        drop(tally);
        self.lanes[schedule.setting].lock().unwrap().push(lane);
        Ok(())
    }

    /// How often everything happened.
    pub(crate) fn tally(&self) -> String {
        let tally = self.tally.lock().unwrap();
        tally.iter().map(|(what, times)| format!("{times} {what}")).collect::<Vec<_>>().join(", ")
    }

    /// A run in which everything fails or nothing does proves nothing.
    pub(crate) fn assert_everything_happened(&self, schedules: u64) {
        let tally = self.tally.lock().unwrap();
        for what in ALL {
            assert!(schedules < 100 || tally.get(what) >= Some(&2), "{what}: {:?}", tally.get(what));
        }
    }
}

/// The ids of all people, without a client.
fn people(sandbox: &Sandbox) -> Vec<String> {
    let query = "query($after: String) { people(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";
    let (mut people, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer = sandbox.engine().execute(&json!({ "query": query, "variables": { "after": after } }));
        let page = &answer["data"]["people"];
        let ids = page["nodes"].as_array().unwrap().iter();
        people.extend(ids.map(|node| node["id"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            return people;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// The teams, each with its members.
fn crews(sandbox: &Sandbox) -> Vec<(String, Vec<String>)> {
    let query =
        "{ teams(first: 100) { totalCount nodes { id members(first: 100) { totalCount nodes { id } } } } }";
    let answer = sandbox.engine().execute(&json!({ "query": query }));
    let nodes = |connection: &Value| {
        let nodes = connection["nodes"].as_array().unwrap().clone();
        assert_eq!(connection["totalCount"], nodes.len());
        nodes
    };
    let id = |node: &Value| node["id"].as_str().unwrap().to_owned();
    let crew = |team: &Value| (id(team), nodes(&team["members"]).iter().map(id).collect());
    let crews: Vec<(String, Vec<String>)> = nodes(&answer["data"]["teams"]).iter().map(crew).collect();
    assert!(crews.iter().filter(|(_, members)| members.len() > 2).count() > 2, "{crews:?}");
    crews
}

fn client(sandbox: &Sandbox, who: Who, burst: Option<(usize, Duration)>) -> Client {
    let builder =
        Client::builder().account(sandbox.account()).endpoints(sandbox.graphql_url(), sandbox.token_url());
    let builder = match who {
        Who::User(user) => builder.personal_access_token(token(user)),
        Who::Pool => (0..USERS).fold(builder, |builder, user| builder.personal_access_token(token(user))),
        Who::OAuth => builder.client_credentials(sandbox.client_id(), sandbox.client_secret()),
    };
    match burst {
        None => builder.no_rate_limit(),
        Some((requests, window)) => builder.rate_limit(requests, window),
    }
    .build()
    .unwrap()
}

/// Makes a request without a client.
fn request(sandbox: &Sandbox) -> Id {
    let query = r#"mutation { requestCreate(input: { subject: "Noted" }) { request { id } } }"#;
    let answer = sandbox.engine().execute(&json!({ "query": query }));
    Id::new(answer["data"]["requestCreate"]["request"]["id"].as_str().unwrap())
}

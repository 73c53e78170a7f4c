//! A mirror that is killed (`SIGKILL`) at random points while the account changes ends equal to the account.
//!
//! The account is a sandbox of this process, the mirror a process that receives its webhooks and reads what changed.
//! `MIRROR_SEED=17` runs one schedule of changes; where the kills hit differs in each run.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../../../receiver/tests/it/support/server.rs"]
#[allow(dead_code)]
mod server;

use fastrand::Rng;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use xurrent::{
    Client, Id, OrganizationUpdateInput, Person, PersonCreateInput, PersonUpdateInput, Request,
    RequestCreateInput, RequestStatus, RequestUpdateInput, RequestView, TeamCreateInput, TeamUpdateInput,
    Webhook, WebhookCreateInput, WebhookEvent,
};
use xurrent_sandbox::{Sandbox, Webhooks};

const SECRET: &str = "correct-horse";

/// The records of the mirror, by kind and id. Null is a record that is gone.
type Copy = BTreeMap<(String, String), Value>;

/// An account, and a mirror of it.
struct Scene {
    sandbox: Sandbox,
    client: Client,
    folder: TempDir,
    database: String,
    /// The address of the receiver.
    address: String,
    /// The time between two syncs.
    seconds: &'static str,
    rng: Rng,
}

impl Scene {
    async fn new(database: Option<String>, people: u64) -> Self {
        let seed =
            std::env::var("MIRROR_SEED").map_or_else(|_| fastrand::u64(..1_000), |it| it.parse().unwrap());
        println!("MIRROR_SEED={seed}");
        let retries = Webhooks::default().retry_after([Duration::from_millis(200); 8]);
        let sandbox = Sandbox::builder()
            .generate("Person", people)
            .generate("Request", people)
            .burst(1_000_000, Duration::from_secs(1))
            .budget(10_000_000, 10_000_000, Duration::from_secs(3_600))
            .webhooks(retries.disable_after(1_000_000, Duration::ZERO))
            .start()
            .await
            .unwrap();
        let client = Client::builder()
            .account(sandbox.account())
            .endpoints(sandbox.graphql_url(), sandbox.token_url())
            .rest_endpoint(sandbox.rest_url())
            .personal_access_token(sandbox.token())
            .no_rate_limit()
            .build()
            .unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        let folder = TempDir::new().unwrap();
        let database = database.unwrap_or_else(|| folder.path().join("mirror.sqlite").display().to_string());
        Self { sandbox, client, folder, database, address, seconds: "0.02", rng: Rng::with_seed(seed) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mirror"));
        command.arg(&self.database).args(arguments).envs(self.sandbox.environment());
        command
            .env("XURRENT_ACCOUNT_URL", self.sandbox.account_url())
            .env("WEBHOOK_SECRET", SECRET)
            .env("MIRROR_INBOX", self.folder.path().join("mirror.inbox"))
            .env("MIRROR_SECONDS", self.seconds)
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn serve(&self) -> Process {
        Process(self.command(&["serve", &self.address]).spawn().unwrap())
    }

    async fn run(&self, command: &str) {
        let mut command = self.command(&[command]);
        let output =
            tokio::task::spawn_blocking(move || command.stderr(Stdio::piped()).output()).await.unwrap();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Some webhooks. Their handshake is confirmed here: the mirror does not trust the certificate of the sandbox.
    async fn subscribe(&self) {
        let uri = format!("http://{}/xurrent?secret={SECRET}", self.address);
        for event in [WebhookEvent::PersonUpdate, WebhookEvent::RequestUpdate, WebhookEvent::TeamCreate] {
            let webhook: Webhook =
                self.client.webhook_create(WebhookCreateInput::new(event, &uri)).record().await.unwrap();
            assert!(self.sandbox.verify_webhook(webhook.id.as_str()));
        }
    }

    /// One change of the account.
    async fn change(&mut self) {
        let Self { client, rng, .. } = self;
        let text = format!("{:08x}", rng.u32(..));
        let person: Id = xurrent_sandbox::node_id("Person", rng.u64(2..60)).into();
        let request: Id = xurrent_sandbox::node_id("Request", rng.u64(1..60)).into();
        match rng.u8(0..10) {
            0 => {
                drop(client.person_create(PersonCreateInput::new(&text, format!("{text}@example.com"))).await)
            }
            1 | 2 => drop(client.person_update(PersonUpdateInput::new(&person).name(&text)).await),
            3 => drop(client.request_create(RequestCreateInput::new().subject(&text)).await),
            4 | 5 => drop(client.request_update(RequestUpdateInput::new(&request).subject(&text)).await),
            6 => drop(client.team_create(TeamCreateInput::new(&text)).await),
            7 => {
                let id = xurrent_sandbox::node_id("Team", 1);
                drop(client.team_update(TeamUpdateInput::new(id).name(&text)).await);
                let id = xurrent_sandbox::node_id("Organization", 1);
                drop(client.organization_update(OrganizationUpdateInput::new(id).name(&text)).await);
            }
            8 => {
                drop(client.person_update(PersonUpdateInput::new(&person).disabled(true)).await);
                match rng.u8(0..3) {
                    0 => drop(client.record_archive::<Person>(&person).await),
                    1 => drop(client.record_trash::<Person>(&person).await),
                    _ => drop(client.record_restore::<Person>(&person).await),
                }
            }
            _ => {
                let done = RequestUpdateInput::new(&request).status(RequestStatus::Completed);
                drop(client.request_update(done).await);
                match rng.u8(0..3) {
                    0 => drop(client.record_archive::<Request>(&request).await),
                    1 => drop(client.record_trash::<Request>(&request).await),
                    _ => drop(client.record_restore::<Request>(&request).await),
                }
            }
        }
    }

    /// When a record was created and changed.
    fn times(&self, kind: &str, id: &str) -> Value {
        let query = format!(
            "{{ node(id: \"{id}\") {{ ... on {}{} {{ createdAt updatedAt }} }} }}",
            kind[..1].to_uppercase(),
            &kind[1..]
        );
        self.sandbox.engine().execute(&json!({ "query": query }))["data"]["node"].take()
    }

    /// What the account has, read from the store of the sandbox.
    fn account(&self) -> Copy {
        let mut all = Copy::new();
        for (kind, list, fields) in [
            (
                "person",
                "people",
                "name primary_email: primaryEmail disabled organization { id } life_cycle_state: lifeCycleState",
            ),
            ("team", "teams", "name coordinator { id }"),
            ("organization", "organizations", "name disabled parent { id }"),
            (
                "request",
                "requests",
                "subject status team { id } requested_for: requestedFor { id } life_cycle_state: lifeCycleState",
            ),
        ] {
            let mut after = Value::Null;
            loop {
                let query = format!(
                    "query($after: String) {{ page: {list}(view: all, first: 100, after: $after) {{
                        nodes {{ sdk_key: id {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"
                );
                let body = json!({ "query": query, "variables": { "after": after } });
                let mut page = self.sandbox.engine().execute(&body)["data"]["page"].take();
                for node in page["nodes"].as_array_mut().unwrap() {
                    let id = node.as_object_mut().unwrap().remove("sdk_key").unwrap();
                    all.insert((kind.to_owned(), id.as_str().unwrap().to_owned()), node.take());
                }
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = page["pageInfo"]["endCursor"].take();
            }
        }
        all
    }
}

/// Killed when it is dropped.
struct Process(Child);

impl Process {
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn sqlite(database: &str) -> Copy {
    let file = rusqlite::Connection::open(database).unwrap();
    let mut query = file.prepare("SELECT kind, id, json FROM record").unwrap();
    let rows = query.query_map([], |row| {
        let json: Option<String> = row.get(2)?;
        Ok((
            (row.get(0)?, row.get(1)?),
            json.map_or(Value::Null, |json| serde_json::from_str(&json).unwrap()),
        ))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// How far the lists were read, if the mirror is a file.
fn progress(database: &str) -> Vec<(String, String)> {
    let Ok(file) = rusqlite::Connection::open(database) else { return Vec::new() };
    let Ok(mut query) = file.prepare("SELECT name, updated_at FROM progress") else { return Vec::new() };
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

/// Kills the mirror so many times while the account changes. The last part is not disturbed.
async fn kill_and_change(scene: &mut Scene, kills: usize, longest: u64) {
    let mut process = scene.serve();
    wait_for(&scene.address).await;
    scene.subscribe().await;
    for _ in 0..kills {
        process.kill();
        process = scene.serve();
        let end = Instant::now() + Duration::from_millis(scene.rng.u64(0..longest));
        while Instant::now() < end {
            scene.change().await;
            tokio::time::sleep(Duration::from_millis(scene.rng.u64(0..20))).await;
        }
    }
    wait_for(&scene.address).await;
    scene.sandbox.deliveries_settled().await;
    process.kill();
    let inbox = rusqlite::Connection::open(scene.folder.path().join("mirror.inbox")).unwrap();
    let deliveries: i64 = inbox.query_row("SELECT count(*) FROM delivery", [], |row| row.get(0)).unwrap();
    // How many depends on the load of the machine.
    assert!(deliveries > 0, "the mirror received webhooks");
}

async fn wait_for(address: &str) {
    while tokio::net::TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A record that differs, in the mirror and in the account.
type Difference = ((String, String), Option<Value>, Option<Value>);

fn differences(mirror: &Copy, account: &Copy) -> Vec<Difference> {
    let keys: BTreeSet<_> = mirror.keys().chain(account.keys()).collect();
    let different = keys.into_iter().filter(|key| mirror.get(key) != account.get(key));
    different.map(|key| (key.clone(), mirror.get(key).cloned(), account.get(key).cloned())).collect()
}

/// Whether the mirror has a record as archived or trashed that was restored since.
fn is_restored((_, mirror, account): &Difference) -> bool {
    let state = |record: &Option<Value>| record.as_ref().map(|it| it["life_cycle_state"].clone());
    state(mirror).is_some_and(|it| it == "archived" || it == "trashed")
        && state(account) == Some(json!("active"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_mirror_in_sqlite_ends_equal_to_the_account() {
    let mut scene = Scene::new(None, 300).await;
    kill_and_change(&mut scene, 30, 220).await;
    equal_at_the_end(&scene, || sqlite(&scene.database)).await;
}

/// After a sync, all but restored records are equal; after a comparison, all are.
async fn equal_at_the_end(scene: &Scene, copy: impl Fn() -> Copy) {
    scene.run("sync").await;
    let (mirror, account) = (copy(), scene.account());
    assert!(account.len() > 600, "{}", account.len());
    let (restored, others): (Vec<_>, Vec<_>) =
        differences(&mirror, &account).into_iter().partition(is_restored);
    let text =
        format!("{:?}", others.iter().map(|((kind, id), ..)| scene.times(kind, id)).collect::<Vec<_>>());
    assert_eq!(others, [], "their times are {text}; the mirror has {:?}", progress(&scene.database));
    scene.run("compare").await;
    let (mirror, account) = (copy(), scene.account());
    assert_eq!(differences(&mirror, &account), []);
    let states: Vec<_> = mirror.values().filter_map(|record| record["life_cycle_state"].as_str()).collect();
    assert!(states.contains(&"archived") && states.contains(&"trashed"), "{} restored", restored.len());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; run by .ci/slow-tests"]
async fn a_mirror_in_sqlite_that_is_killed_200_times_ends_equal_to_the_account() {
    let mut scene = Scene::new(None, 1_500).await;
    kill_and_change(&mut scene, 200, 600).await;
    equal_at_the_end(&scene, || sqlite(&scene.database)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_update_the_mirror_between_two_syncs() {
    let scene = Scene { seconds: "3600", ..Scene::new(None, 20).await };
    let _process = scene.serve();
    wait_for(&scene.address).await;
    scene.subscribe().await;
    let key = ("person".to_owned(), xurrent_sandbox::node_id("Person", 7));
    let name = || Some(sqlite(&scene.database).get(&key)?["name"].clone());
    let wait = async |expected: &dyn Fn(Option<Value>) -> bool| {
        while !expected(name()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let end = Duration::from_secs(30);
    tokio::time::timeout(end, wait(&|name| name.is_some())).await.unwrap();
    scene.sandbox.deliveries_settled().await;
    let id: Id = key.1.clone().into();
    scene.client.person_update(PersonUpdateInput::new(&id).name("By webhook")).await.unwrap();
    tokio::time::timeout(end, wait(&|name| name == Some(json!("By webhook")))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_or_no_longer_shown_is_marked_and_requests_are_few() {
    let scene = Scene::new(None, 250).await;
    let requests = || scene.sandbox.requests().len();
    scene.run("sync").await;
    let first = requests();
    // People and requests in three views each, of which two fit on a page; the other kinds have one page.
    assert!(first <= 2 * (3 + 2 + 3) + 2 + 2, "{first} requests for the first load");
    scene.run("sync").await;
    assert_eq!(requests() - first, 10, "a sync without changes");

    let file = rusqlite::Connection::open(&scene.database).unwrap();
    let unknown = xurrent_sandbox::node_id("Person", 9_999);
    let fill = "INSERT INTO record SELECT 'person', ?1, updated_at, read_at, json FROM record LIMIT 1";
    file.execute(fill, [&unknown]).unwrap();
    scene.run("compare").await;
    let mirror = sqlite(&scene.database);
    assert_eq!(mirror[&("person".to_owned(), unknown)], Value::Null);
    let mirror: Copy = mirror.into_iter().filter(|(_, record)| !record.is_null()).collect();
    assert_eq!(differences(&mirror, &scene.account()), []);
    let archived = scene.client.requests().view(RequestView::Archive).count().await.unwrap();
    assert!(archived > 0, "the sandbox has archived requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_mirror_in_postgresql_ends_equal_to_the_account() {
    let Some(server) = server::Server::start() else { return };
    let mut scene = Scene::new(Some(server.config()), 300).await;
    kill_and_change(&mut scene, 40, 400).await;
    let config: tokio_postgres::Config = server.config().parse().unwrap();
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let client = &client;
    let copy = || {
        tokio::task::block_in_place(|| {
            let rows = client.query("SELECT kind, id, json FROM record", &[]);
            let rows = tokio::runtime::Handle::current().block_on(rows).unwrap();
            let record = |row: tokio_postgres::Row| {
                let json: Option<String> = row.get(2);
                (
                    (row.get(0), row.get(1)),
                    json.map_or(Value::Null, |json| serde_json::from_str(&json).unwrap()),
                )
            };
            rows.into_iter().map(record).collect()
        })
    };
    equal_at_the_end(&scene, copy).await;
}

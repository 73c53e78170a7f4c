//! What is done in a schedule, and what has to hold for it.

use crate::random_faults::harness::Lane;
use crate::random_faults::leaks::look_at_error;
use crate::random_faults::outcome::{
    DOUBTFUL, EXECUTED, MUTATION_DROPPED, NOT_EXECUTED, NOT_UPLOADED, Outcome, READ, READ_DROPPED,
    READ_FAILED, UPLOAD_DROPPED, UPLOADED,
};
use crate::random_faults::schedule::{Kind, Operation, Read, Schedule, USERS};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use xurrent::{
    Client, ConnectionQuery, Error, ErrorKind, Id, PeopleQuery, RequestCreateInput, RequestUpdateInput,
    RetryPolicy, Select, Upload,
};
use xurrent_sandbox::content_hash;

/// How late a timer may be on a machine that is busy. Faults that take longer than a limit take
/// longer by more than this.
const MARGIN: Duration = Duration::from_millis(2_500);

/// Nothing in a schedule takes this long.
const FOREVER: Duration = Duration::from_secs(60);

/// How long a request that nobody waits for any more may still be executed.
const AFTERMATH: Duration = Duration::from_millis(250);

#[derive(Select)]
#[select(on = Person)]
struct Someone {
    id: Id,
}

#[derive(Select)]
#[select(on = Team)]
struct Crew {
    id: Id,
    #[select(first = 2, all)]
    members: Vec<Someone>,
}

#[derive(Select)]
#[select(on = RequestCreatePayload)]
struct Created {
    request: Option<Numbered>,
}

#[derive(Select)]
#[select(on = RequestUpdatePayload)]
struct Updated {
    request: Option<Numbered>,
}

#[derive(Select)]
#[select(on = Request)]
struct Numbered {
    #[allow(dead_code)]
    id: Id,
}

/// A schedule that is running.
pub(crate) struct Scenario {
    pub(crate) lane: Lane,
    pub(crate) schedule: Schedule,
    /// The ids of all people, as a read is to deliver them.
    pub(crate) people: Arc<Vec<String>>,
    /// The ids of all teams and of their members.
    pub(crate) crews: Arc<Vec<(String, Vec<String>)>>,
    /// Tells it from all others.
    pub(crate) name: String,
}

/// Awaits a call, and looks whether it keeps its limits and what its error says.
async fn within<T>(
    schedule: &Schedule,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<Result<T, Error>, String> {
    let start = Instant::now();
    let Ok(result) = timeout(FOREVER, call).await else { return Err("a call that never ends".to_owned()) };
    let took = start.elapsed();
    if let Some(limit) = schedule.time_limit.filter(|limit| took > *limit + MARGIN) {
        return Err(format!("a call took {took:?} with a limit of {limit:?}"));
    }
    if let Err(error) = &result {
        look_at_error(error);
        let attempts = error.attempts();
        // More where a token was replaced, or found to be refused by the pool, or a permission to upload.
        if attempts.len() > schedule.max_attempts + 1 + USERS {
            return Err(format!("{} attempts: {error:?}", attempts.len()));
        }
        let waited: Duration = attempts.iter().map(|attempt| attempt.waited).sum();
        if waited > schedule.max_wait + MARGIN {
            return Err(format!("waited {waited:?}, not {:?}: {error:?}", schedule.max_wait));
        }
    }
    Ok(result)
}

impl Scenario {
    /// Returns how each operation came out.
    pub(crate) async fn run(self: Arc<Self>) -> Result<Vec<&'static str>, String> {
        let operate = |number: usize| {
            let scenario = Arc::clone(&self);
            tokio::spawn(async move { scenario.operate(number).await })
        };
        let revoking = self.schedule.revoked_after.map(|after| {
            let scenario = Arc::clone(&self);
            tokio::spawn(async move {
                sleep(after).await;
                scenario.lane.sandbox.revoke_tokens();
            })
        });
        let mut running = Vec::new();
        let mut outcomes = Vec::new();
        for number in 0..self.schedule.operations.len() {
            match self.schedule.at_once {
                true => running.push(operate(number)),
                false => outcomes.push(operate(number).await),
            }
        }
        for one in running {
            outcomes.push(one.await);
        }
        if let Some(revoking) = revoking {
            let _ = revoking.await;
        }
        self.lane.sandbox.clear_faults();
        self.still_usable().await?;
        let is_abandoned = |operation: &Operation| operation.dropped_after.is_some();
        if self.schedule.operations.iter().any(is_abandoned) || self.schedule.time_limit.is_some() {
            sleep(AFTERMATH).await;
        }
        let mut said = Vec::new();
        for (number, outcome) in outcomes.into_iter().enumerate() {
            let outcome = outcome.unwrap_or_else(|panic| Outcome::Wrong(panic.to_string()));
            let operation = &self.schedule.operations[number];
            let fails = |failure: String| format!("operation {number}, {operation:?}: {failure}");
            said.push(self.check(number, outcome).map_err(fails)?);
        }
        Ok(said)
    }

    async fn operate(&self, number: usize) -> Outcome {
        let call = self.call(number);
        let outcome = match self.schedule.operations[number].dropped_after {
            None => call.await,
            Some(after) => timeout(after, call).await.unwrap_or(Ok(Outcome::Dropped)),
        };
        outcome.unwrap_or_else(Outcome::Wrong)
    }

    async fn call(&self, number: usize) -> Result<Outcome, String> {
        let operation = &self.schedule.operations[number];
        let client = self.lane.clients[&operation.who].with_retry(self.schedule.policy);
        let subject = self.subject(number);
        let mutated = |error: Option<Error>| Ok(Outcome::Mutation(error.map(|error| error.kind())));
        match &operation.kind {
            Kind::All(read) => self.all(&client, read).await,
            Kind::Records(read) => self.records(&client, read, None).await,
            Kind::Impatient(read, patience) => self.records(&client, read, Some(*patience)).await,
            Kind::Pages(read) => self.pages(&client, read).await,
            Kind::Crews => self.crews(&client).await,
            Kind::Upload(size) => self.upload(&client, &subject, *size).await,
            Kind::Create => {
                let input = RequestCreateInput::new().subject(subject);
                let call = client.request_create(input).select::<Created>();
                match within(&self.schedule, call.send()).await? {
                    Ok(created) if created.request.is_none() => Err("created nothing".to_owned()),
                    result => mutated(result.err()),
                }
            }
            Kind::CreateRaw => {
                let document =
                    "mutation($s: String!) { requestCreate(input: { subject: $s }) { request { id } } }";
                let call = client.raw(document, json!({ "s": subject }));
                mutated(within(&self.schedule, call.send()).await?.err())
            }
            Kind::Note => {
                let input = RequestUpdateInput::new(self.lane.noted.clone()).note(subject);
                let call = client.request_update(input).select::<Updated>();
                match within(&self.schedule, call.send()).await? {
                    Ok(updated) if updated.request.is_none() => Err("updated nothing".to_owned()),
                    result => mutated(result.err()),
                }
            }
        }
    }

    async fn all(&self, client: &Client, read: &Read) -> Result<Outcome, String> {
        // A limit of time is one of each page, not of all of them.
        let unlimited = Schedule { time_limit: None, ..self.schedule.clone() };
        match within(&unlimited, read.of(client).all()).await? {
            Ok(all) => read.check(&all, true, &self.people),
            Err(_) => Ok(Outcome::Read(false)),
        }
    }

    async fn crews(&self, client: &Client) -> Result<Outcome, String> {
        let unlimited = Schedule { time_limit: None, ..self.schedule.clone() };
        let Ok(crews) = within(&unlimited, client.teams().select::<Crew>().page_size(5).all()).await? else {
            return Ok(Outcome::Read(false));
        };
        let id = |id: &Id| id.as_str().to_owned();
        let members = |crew: &Crew| crew.members.iter().map(|member| id(&member.id)).collect();
        let came: Vec<(String, Vec<String>)> =
            crews.iter().map(|crew| (id(&crew.id), members(crew))).collect();
        match came == *self.crews {
            true => Ok(Outcome::Read(true)),
            false => Err(format!("other members: {came:?}")),
        }
    }

    /// What is said to be stored is stored, whole.
    async fn upload(&self, client: &Client, name: &str, size: usize) -> Result<Outcome, String> {
        let content: Vec<u8> = (0..size).map(|index| (index % 251) as u8).collect();
        let hash = content_hash(&content);
        let call = client.upload(Upload::bytes(format!("{name}.txt"), content));
        let Ok(file) = within(&self.schedule, call.send()).await? else { return Ok(Outcome::Upload(false)) };
        let uploads = self.lane.sandbox.uploads();
        let stored: Vec<_> = uploads.iter().filter(|upload| upload.key == file.key).collect();
        match stored[..] {
            [stored] if (stored.size, stored.hash) == (size as u64, hash) && file.size == size as u64 => {
                Ok(Outcome::Upload(true))
            }
            _ => Err(format!("{size} bytes are not what is stored: {:?}", stored.iter().map(|it| it.size))),
        }
    }

    async fn pages(&self, client: &Client, read: &Read) -> Result<Outcome, String> {
        let (mut pages, mut came) = (read.of(client).pages(), Vec::new());
        loop {
            match within(&self.schedule, pages.try_next()).await? {
                Ok(Some(page)) => came.extend(page.nodes),
                Ok(None) => return read.check(&came, true, &self.people),
                Err(_) => return read.check(&came, false, &self.people),
            }
        }
    }

    /// One record after the other. Whoever has no patience gives up waiting and asks again.
    async fn records(
        &self,
        client: &Client,
        read: &Read,
        patience: Option<Duration>,
    ) -> Result<Outcome, String> {
        let (mut stream, mut came) = (read.of(client).stream(), Vec::new());
        loop {
            let next = within(&self.schedule, async {
                let Some(patience) = patience else { return stream.try_next().await };
                loop {
                    if let Ok(next) = timeout(patience, stream.try_next()).await {
                        return next;
                    }
                }
            });
            match next.await? {
                Ok(Some(person)) => came.push(person),
                Ok(None) => return read.check(&came, true, &self.people),
                Err(_) => {
                    let outcome = read.check(&came, false, &self.people);
                    return match within(&self.schedule, stream.try_next()).await? {
                        Ok(None) => outcome,
                        _ => Err("a stream goes on after its error".to_owned()),
                    };
                }
            }
        }
    }

    /// Every client works as if nothing had happened.
    async fn still_usable(&self) -> Result<(), String> {
        for (who, client) in &self.lane.clients {
            let me = timeout(FOREVER, client.me().retry(RetryPolicy::new()).send()).await;
            match me {
                Ok(Ok(Some(_))) => {}
                Ok(other) => return Err(format!("the client of {who:?} is not usable: {other:?}")),
                Err(_) => return Err(format!("the client of {who:?} hangs")),
            }
        }
        Ok(())
    }

    fn check(&self, number: usize, outcome: Outcome) -> Result<&'static str, String> {
        let executed = match self.schedule.operations[number].kind {
            Kind::Create | Kind::CreateRaw => self.requests(&self.subject(number)),
            Kind::Note => self.notes(&self.subject(number)),
            Kind::Upload(_) => {
                return match outcome {
                    Outcome::Upload(true) => Ok(UPLOADED),
                    Outcome::Upload(false) => Ok(NOT_UPLOADED),
                    Outcome::Dropped => Ok(UPLOAD_DROPPED),
                    Outcome::Wrong(what) => Err(what),
                    Outcome::Read(_) | Outcome::Mutation(_) => Err("an upload that is none".to_owned()),
                };
            }
            _ => {
                return match outcome {
                    Outcome::Read(true) => Ok(READ),
                    Outcome::Read(false) => Ok(READ_FAILED),
                    Outcome::Dropped => Ok(READ_DROPPED),
                    Outcome::Wrong(what) => Err(what),
                    Outcome::Mutation(_) | Outcome::Upload(_) => Err("a read that mutates".to_owned()),
                };
            }
        };
        let surely_not = [
            ErrorKind::Configuration,
            ErrorKind::CredentialsRefused,
            ErrorKind::TokenService,
            ErrorKind::RateLimited,
        ];
        match outcome {
            Outcome::Wrong(what) => Err(what),
            _ if executed > 1 => Err(format!("executed {executed} times")),
            Outcome::Dropped => Ok(MUTATION_DROPPED),
            Outcome::Mutation(None) if executed == 1 => Ok(EXECUTED),
            Outcome::Mutation(None) => Err("a success that never happened".to_owned()),
            Outcome::Mutation(Some(kind)) if executed == 1 && surely_not.contains(&kind) => {
                Err(format!("{kind:?}, which says that nothing was executed"))
            }
            Outcome::Mutation(Some(_)) if executed == 1 => Ok(DOUBTFUL),
            Outcome::Mutation(Some(_)) => Ok(NOT_EXECUTED),
            Outcome::Read(_) | Outcome::Upload(_) => Err("a mutation that reads".to_owned()),
        }
    }

    /// What tells an operation from all others.
    fn subject(&self, number: usize) -> String {
        format!("{}, operation {number}", self.name)
    }

    fn requests(&self, subject: &str) -> usize {
        let query = "query($s: String!) { requests(view: all, filter: { subject: { values: [$s] } }) { totalCount } }";
        let answer =
            self.lane.sandbox.engine().execute(&json!({ "query": query, "variables": { "s": subject } }));
        usize::try_from(answer["data"]["requests"]["totalCount"].as_u64().unwrap()).unwrap()
    }

    fn notes(&self, text: &str) -> usize {
        let query =
            "query($id: ID!) { node(id: $id) { ... on Request { notes(first: 100) { nodes { text } } } } }";
        let variables = json!({ "id": self.lane.noted.as_str() });
        let answer = self.lane.sandbox.engine().execute(&json!({ "query": query, "variables": variables }));
        let notes = answer["data"]["node"]["notes"]["nodes"].as_array().unwrap();
        notes.iter().filter(|note| note["text"] == text).count()
    }
}

impl Read {
    fn of(&self, client: &Client) -> ConnectionQuery<PeopleQuery, Someone> {
        let query = client.people().select::<Someone>().page_size(self.page_size);
        match self.limit {
            Some(limit) => query.limit(limit),
            None => query,
        }
    }

    /// What came must be the beginning of what there is, and all of it when nothing failed.
    fn check(&self, came: &[Someone], is_whole: bool, people: &[String]) -> Result<Outcome, String> {
        let wanted = self.limit.unwrap_or(usize::MAX).min(people.len());
        let same = came.iter().map(|person| person.id.as_str()).eq(people.iter().take(came.len()));
        if !same {
            let first = came.iter().zip(people).take_while(|(person, id)| person.id.as_str() == *id).count();
            return Err(format!("record {first} of {} is not the one that follows", came.len()));
        }
        if came.len() > wanted || (is_whole && came.len() < wanted) {
            return Err(format!("{} records, not {wanted}", came.len()));
        }
        Ok(Outcome::Read(is_whole))
    }
}

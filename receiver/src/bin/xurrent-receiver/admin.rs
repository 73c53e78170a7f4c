//! Requests of operators, answered by a running service or directly from the inbox.

use crate::config::Opened;
use crate::error::chain;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use xurrent_receiver::inbox::{DeadLetter, DeadLetterFilter, Depth, QueueId};
use xurrent_receiver::{Receiver, Worker};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    List { selection: Selection, after: Option<i64>, limit: usize },
    Show { id: i64 },
    Retry(Selection),
    Drop(Selection),
    Pause,
    Resume,
    Stats,
    Backup { path: PathBuf },
}

/// Selects dead letters: all of them, unless conditions are given.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Selection {
    pub(crate) ids: Option<Vec<i64>>,
    pub(crate) event: Option<String>,
    pub(crate) record: Option<String>,
    pub(crate) older_than: Option<Duration>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Response {
    Letters(Vec<Letter>),
    Count(u64),
    Paused(bool),
    Stats(Stats),
    Written,
}

/// A dead letter.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub(crate) id: i64,
    pub(crate) received: String,
    pub(crate) account: String,
    pub(crate) event: String,
    pub(crate) record: Option<String>,
    pub(crate) delivery: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) reason: String,
    /// The message, when one letter is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Box<RawValue>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stats {
    /// `None` if no service runs.
    pub(crate) paused: Option<bool>,
    #[serde(flatten)]
    pub(crate) total: Counts,
    pub(crate) events: BTreeMap<String, Counts>,
    /// Refusals by reason since the service started.
    pub(crate) refused: BTreeMap<String, u64>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) pending: u64,
    pub(crate) taken: u64,
    pub(crate) dead: u64,
    pub(crate) oldest_pending_seconds: Option<u64>,
}

/// What answers requests: an inbox, and the service around it if there is one.
pub(crate) struct Admin<'a> {
    pub(crate) opened: &'a Opened,
    pub(crate) service: Option<(&'a Worker, &'a Receiver)>,
}

impl Admin<'_> {
    pub(crate) async fn answer(&self, request: Request) -> Result<Response, String> {
        let failed = |error| chain(&error);
        let inbox = &self.opened.inbox;
        match request {
            Request::List { selection, after, limit } => {
                let after = after.map(QueueId);
                let letters = inbox.dead_letters(selection.into(), after, limit).await.map_err(failed)?;
                Ok(Response::Letters(letters.into_iter().map(|letter| Letter::new(letter, false)).collect()))
            }
            Request::Show { id } => {
                let one = QueueId(id).into();
                let letters = inbox.dead_letters(one, None, 1).await.map_err(failed)?;
                Ok(Response::Letters(letters.into_iter().map(|letter| Letter::new(letter, true)).collect()))
            }
            Request::Retry(selection) => {
                inbox.requeue(selection.into()).await.map(Response::Count).map_err(failed)
            }
            Request::Drop(selection) => {
                inbox.discard(selection.into()).await.map(Response::Count).map_err(failed)
            }
            Request::Pause | Request::Resume => {
                let (worker, _) = self.service.ok_or("no service runs")?;
                match request {
                    Request::Pause => worker.pause(),
                    _ => worker.resume(),
                }
                Ok(Response::Paused(worker.is_paused()))
            }
            Request::Backup { path } => {
                let file = self.opened.file.as_ref();
                let file = file.ok_or("the inbox is on a PostgreSQL server: back it up with `pg_dump`")?;
                let failed = |error| format!("cannot write {}: {}", path.display(), chain(&error));
                file.backup(&path).await.map(|()| Response::Written).map_err(failed)
            }
            Request::Stats => {
                let total = inbox.depth().await.map_err(failed)?.into();
                let events = inbox.depth_by_event().await.map_err(failed)?;
                let events = events.into_iter().map(|(event, depth)| (event, depth.into())).collect();
                let refused = match self.service {
                    Some((_, receiver)) => refused(&receiver.metrics().await),
                    None => BTreeMap::new(),
                };
                let paused = self.service.map(|(worker, _)| worker.is_paused());
                Ok(Response::Stats(Stats { paused, total, events, refused }))
            }
        }
    }
}

impl From<Selection> for DeadLetterFilter {
    fn from(Selection { ids, event, record, older_than }: Selection) -> Self {
        let mut filter = match ids {
            Some(ids) => Self::ids(ids.into_iter().map(QueueId)),
            None => Self::all(),
        };
        (filter.event, filter.record, filter.older_than) = (event, record, older_than);
        filter
    }
}

impl Letter {
    fn new(letter: DeadLetter, with_message: bool) -> Self {
        let DeadLetter { delivery, reason } = letter;
        let message = String::from_utf8_lossy(&delivery.body);
        Self {
            id: delivery.queue_id.0,
            received: humantime::format_rfc3339_millis(delivery.received).to_string(),
            attempts: delivery.attempt,
            // What is not JSON is a text.
            message: with_message.then(|| raw(&message)).flatten(),
            account: delivery.delivery.account,
            event: delivery.delivery.event,
            record: delivery.delivery.record,
            delivery: delivery.delivery.id,
            origin: delivery.delivery.origin,
            reason,
        }
    }
}

fn raw(message: &str) -> Option<Box<RawValue>> {
    // On one line, as the socket needs it. A line feed in JSON is always between tokens.
    let json = RawValue::from_string(message.replace(['\n', '\r'], " "));
    json.or_else(|_| serde_json::value::to_raw_value(message)).ok()
}

impl From<Depth> for Counts {
    fn from(Depth { pending, taken, dead, oldest }: Depth) -> Self {
        Self { pending, taken, dead, oldest_pending_seconds: oldest.map(|age| age.as_secs()) }
    }
}

/// Reads the counters of refusals from the text of the metrics.
fn refused(metrics: &str) -> BTreeMap<String, u64> {
    let lines = metrics.lines();
    let lines = lines.filter_map(|line| line.strip_prefix("xurrent_receiver_refused_total{reason=\""));
    let read = |line: &str| {
        let (reason, count) = line.split_once("\"} ")?;
        Some((reason.to_owned(), count.parse().ok()?))
    };
    lines.filter_map(read).collect()
}

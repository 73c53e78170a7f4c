//! Asynchronous work: `asyncQuery` and its `resultUrl`.
//!
//! The work itself is done at once; only the result is delayed. It is `queued` in the response, in
//! progress at the first poll (`{}`), and complete at the second.

use parking_lot::Mutex;
use serde_json::json;
use std::collections::BTreeMap;

use crate::store::{Store, fields};

/// The path of results; the number of the `AsyncQuery` follows.
pub(crate) const PATH: &str = "/async_queries/";

/// A mutation whose result is polled later.
#[derive(Debug)]
pub(crate) struct AsyncJob {
    /// The response key of the mutation.
    pub(crate) response_key: String,
    /// The key of the `AsyncQuery`.
    pub(crate) async_query: String,
    /// The keys of the records in the list that is null in the response.
    pub(crate) items: Vec<String>,
}

/// The results to poll.
#[derive(Debug, Default)]
pub(crate) struct Results(Mutex<BTreeMap<String, Result>>);

#[derive(Debug)]
struct Result {
    body: String,
    count: usize,
    polls: u32,
}

impl Results {
    pub(crate) fn add(&self, job: &AsyncJob, body: String) {
        let result = Result { body, count: job.items.len(), polls: 0 };
        self.0.lock().insert(job.async_query.clone(), result);
    }

    /// The response body of a poll; `None` if there is no such work. `update` gets the key and the
    /// progress of the `AsyncQuery`.
    pub(crate) fn poll(&self, number: &str, update: impl FnOnce(&str, Progress)) -> Option<String> {
        let key = format!("AsyncQuery/{number}");
        let mut results = self.0.lock();
        let result = results.get_mut(&key)?;
        result.polls += 1;
        if result.polls == 1 {
            update(&key, Progress::Started);
            return Some("{}".to_owned());
        }
        if result.polls == 2 {
            update(&key, Progress::Done(result.count));
        }
        Some(result.body.clone())
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Progress {
    Started,
    Done(usize),
}

/// Records the progress in the `AsyncQuery`.
pub(crate) fn record_progress(store: &mut Store, key: &str, progress: Progress) {
    let now = store.tick();
    let changes = match progress {
        Progress::Started => json!({ "status": "in_progress", "startedAt": now, "updatedAt": now }),
        Progress::Done(count) => {
            json!({ "status": "completed", "resultCount": count, "completedAt": now, "updatedAt": now })
        }
    };
    if let Some(record) = store.fields_mut(key) {
        record.extend(fields(changes));
    }
}

//! Work whose result is not in the answer: `asyncQuery` and its `resultUrl`.
//!
//! The work itself is done at once; what takes its time is only the result. It is queued in the
//! answer, in progress at the first poll (`{}`), and complete at the second.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::store::Store;

/// Where results are, below the origin. The number of the `AsyncQuery` follows.
pub(crate) const PATH: &str = "/async_queries/";

/// What a mutation has to send later.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The name the mutation has in the answer.
    pub(crate) response_key: String,
    pub(crate) payload_type: String,
    /// The key of the `AsyncQuery`.
    pub(crate) async_query: String,
    /// The keys of the records of the list that was left null.
    pub(crate) items: Vec<String>,
}

/// The results that can be asked for.
#[derive(Debug, Default)]
pub(crate) struct Results(Mutex<BTreeMap<String, Result>>);

#[derive(Debug)]
struct Result {
    body: String,
    count: usize,
    polls: u32,
}

impl Results {
    pub(crate) fn add(&self, delivery: &Delivery, body: String) {
        let result = Result { body, count: delivery.items.len(), polls: 0 };
        let mut results = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        results.insert(delivery.async_query.clone(), result);
    }

    /// The body of an answer to a poll, `None` for work there never was. `update` is given what
    /// becomes of the `AsyncQuery`.
    pub(crate) fn poll(&self, number: &str, update: impl FnOnce(&str, Progress)) -> Option<String> {
        let key = format!("AsyncQuery/{number}");
        let mut results = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let result = results.get_mut(&key)?;
        result.polls += 1;
        match result.polls {
            1 => {
                update(&key, Progress::Started);
                Some("{}".to_owned())
            }
            2 => {
                update(&key, Progress::Done(result.count));
                Some(result.body.clone())
            }
            _ => Some(result.body.clone()),
        }
    }
}

/// How far the work has got.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Progress {
    Started,
    Done(usize),
}

/// Writes how far the work has got into its `AsyncQuery`.
pub(crate) fn record_progress(store: &mut Store, key: &str, progress: Progress) {
    let now = store.tick();
    let Some(fields) = store.fields_mut(key) else {
        return;
    };
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    match progress {
        Progress::Started => {
            set("status", json!("in_progress"));
            set("startedAt", json!(now));
        }
        Progress::Done(count) => {
            set("status", json!("completed"));
            set("resultCount", json!(count));
            set("completedAt", json!(now));
        }
    }
    set("updatedAt", json!(now));
}

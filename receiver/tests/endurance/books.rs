//! What the senders, the handlers and the receivers counted.

use crate::incidents::Receivers;
use crate::receiver::{ATTEMPTS, is_poisoned};
use crate::senders::{Life, Sent};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A line of the log of the handlers.
pub(crate) struct Handled {
    life: usize,
    record: String,
    number: u64,
    pub(crate) is_ok: bool,
}

pub(crate) struct Books {
    sent: Sent,
    pub(crate) handled: Vec<Handled>,
    receivers: Receivers,
    elapsed: Duration,
}

impl Books {
    pub(crate) fn new(sent: Sent, receivers: Receivers, elapsed: Duration) -> Self {
        let log = std::fs::read_to_string(receivers.handled()).unwrap();
        let handled = log.lines().map(|line| {
            let [life, origin, result] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            let (record, number) = origin.rsplit_once('-').unwrap();
            let (life, number) = (life.parse().unwrap(), number.parse().unwrap());
            Handled { life, record: record.to_owned(), number, is_ok: result == "ok" }
        });
        Self { sent, handled: handled.collect(), receivers, elapsed }
    }

    /// Deliveries that were acknowledged.
    fn acknowledged(&self) -> impl Iterator<Item = (&str, u64)> {
        let records = self.sent.records.iter();
        records.flat_map(|(record, count)| (0..*count).map(move |number| (record.as_str(), number)))
    }

    /// Each acknowledged delivery was handled, or is a dead letter if it is poisoned; nothing else is.
    pub(crate) fn nothing_is_lost(&self, dead: &HashSet<String>) {
        let mut attempts: HashMap<(&str, u64), u32> = HashMap::new();
        for Handled { record, number, .. } in &self.handled {
            *attempts.entry((record, *number)).or_default() += 1;
        }
        let mut poisoned = HashSet::new();
        for (record, number) in self.acknowledged() {
            let attempts = attempts.remove(&(record, number)).unwrap_or(0);
            assert!(attempts > 0, "{record}-{number} was acknowledged and never handled");
            if is_poisoned(number) {
                assert!(attempts <= ATTEMPTS, "{record}-{number} was attempted {attempts} times");
                poisoned.insert(format!("{record}-{number}"));
            }
        }
        assert!(attempts.is_empty(), "a delivery was handled that was never sent");
        assert!(poisoned == *dead, "{} poisoned deliveries, {} dead letters", poisoned.len(), dead.len());
    }

    /// No delivery was handled after a later one of its record.
    pub(crate) fn records_are_in_order(&self) {
        let mut last: HashMap<&str, u64> = HashMap::new();
        for Handled { record, number, .. } in &self.handled {
            let last = last.entry(record).or_default();
            assert!(number >= last, "{record}-{number} was handled after {record}-{last}");
            *last = *number;
        }
    }

    /// The metrics of each process that ended by itself are what its senders received and its handlers logged.
    pub(crate) fn metrics_are_exact(&self) {
        let mut logged: HashMap<(usize, bool), u64> = HashMap::new();
        for Handled { life, is_ok, .. } in &self.handled {
            *logged.entry((*life, *is_ok)).or_default() += 1;
        }
        let mut compared = 0;
        for life in &self.receivers.lives {
            // Killed processes wrote none.
            let Ok(metrics) = std::fs::read_to_string(self.receivers.metrics(life.number)) else { continue };
            let count = |name: &str| count(&metrics, name);
            let received = [r#"answers_total{status="200"}"#, r#"answers_total{status="503"}"#].map(count);
            assert_eq!(received, responses(life), "responses of {life:?}");
            let stored =
                count(r#"stored_total{result="new"}"#) + count(r#"stored_total{result="duplicate"}"#);
            assert_eq!(stored, received[0], "stored by {life:?}");
            let handled = |result: &str| count(&format!(r#"handled_total{{result="{result}"}}"#));
            let logged = |is_ok| logged.get(&(life.number, is_ok)).copied().unwrap_or(0);
            let lost = handled("lost");
            let (ok, failed) = (handled("done"), handled("retried") + handled("dead"));
            assert!((ok..=ok + lost).contains(&logged(true)), "{ok} done, {} logged", logged(true));
            // Attempts that ended with an earlier process make a dead letter without another attempt.
            assert!(logged(false) <= failed + lost, "{failed} failed, {} logged", logged(false));
            compared += 1;
        }
        assert!(compared > 0, "no process wrote its metrics");
    }

    fn sum(&self, count: impl Fn([u64; 2]) -> u64) -> u64 {
        self.receivers.lives.iter().map(|life| count(responses(life))).sum()
    }
}

/// Responses with 200 and with 503.
fn responses(life: &Arc<Life>) -> [u64; 2] {
    [&life.acknowledged, &life.unavailable].map(|count| count.load(Ordering::SeqCst))
}

fn count(metrics: &str, name: &str) -> u64 {
    let value = metrics.lines().find_map(|line| line.strip_prefix("xurrent_receiver_")?.strip_prefix(name));
    value.map_or(0, |value| value.trim().parse().unwrap())
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Receivers { kills, restarts, outages, .. } = self.receivers;
        let acknowledged = self.sum(|[acknowledged, _]| acknowledged);
        let unavailable = self.sum(|[_, unavailable]| unavailable);
        let ok = self.handled.iter().filter(|handled| handled.is_ok);
        let distinct: HashSet<_> = ok.clone().map(|handled| (&handled.record, handled.number)).collect();
        let dead = self.acknowledged().filter(|(_, number)| is_poisoned(*number)).count();
        let time = |part: f64| {
            let index = (self.sent.times.len() as f64 * part) as usize;
            self.sent.times.get(index).copied().unwrap_or_default()
        };
        writeln!(f, "{:?}: {kills} kills, {restarts} restarts, {outages} outages", self.elapsed)?;
        writeln!(f, "{} requests, {acknowledged} acknowledged, {unavailable} with 503", self.sent.requests)?;
        let twice = ok.count() - distinct.len();
        writeln!(f, "{} handled, {twice} of them again, {dead} dead letters", distinct.len())?;
        write!(f, "response after {:?} (median), {:?} (p99)", time(0.5), time(0.99))
    }
}

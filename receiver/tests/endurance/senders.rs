//! Senders: each has records of its own and sends their deliveries one after the other, until they are acknowledged.

use crate::support::{QUERY, Sender, body};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

const SENDERS: usize = 64;

/// Records of one sender.
const RECORDS: u64 = 8;

/// One process of a receiver, and what its senders received from it.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) number: usize,
    pub(crate) address: SocketAddr,
    pub(crate) acknowledged: AtomicU64,
    pub(crate) unavailable: AtomicU64,
}

impl Life {
    pub(crate) fn new(number: usize, address: SocketAddr) -> Arc<Self> {
        Arc::new(Self { number, address, acknowledged: AtomicU64::new(0), unavailable: AtomicU64::new(0) })
    }
}

/// The processes that run now, one for each receiver.
pub(crate) type Lives = watch::Receiver<Vec<Arc<Life>>>;

pub(crate) struct Senders {
    tasks: JoinSet<Sent>,
    is_over: Arc<AtomicBool>,
}

/// What a sender sent.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// The records, and how many of their deliveries were acknowledged: all from 0.
    pub(crate) records: Vec<(String, u64)>,
    pub(crate) requests: u64,
    pub(crate) times: Vec<Duration>,
}

impl Senders {
    pub(crate) fn start(lives: Lives) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for sender in 0..SENDERS {
            tasks.spawn(send(sender, lives.clone(), Arc::clone(&is_over)));
        }
        Self { tasks, is_over }
    }

    /// Ends when the last delivery of each sender is acknowledged.
    pub(crate) async fn finish(mut self) -> Sent {
        self.is_over.store(true, Ordering::SeqCst);
        let mut all = Sent::default();
        while let Some(sent) = self.tasks.join_next().await {
            let Sent { records, requests, times } = sent.unwrap();
            all.records.extend(records);
            all.requests += requests;
            all.times.extend(times);
        }
        all.times.sort_unstable();
        all
    }
}

async fn send(sender: usize, lives: Lives, is_over: Arc<AtomicBool>) -> Sent {
    let mut sent = Sent::default();
    let mut counts = [0; RECORDS as usize];
    let mut connection = None;
    for turn in 0.. {
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        let record = turn % counts.len();
        deliver(sender, record, counts[record], &lives, &mut connection, &mut sent).await;
        counts[record] += 1;
    }
    let records = counts.iter().enumerate();
    sent.records = records.map(|(record, count)| (format!("s{sender}r{record}"), *count)).collect();
    sent
}

/// Delivers as Xurrent does: a failed delivery is retried under another id and with the id of the first attempt as
/// origin.
async fn deliver(
    sender: usize,
    record: usize,
    number: u64,
    lives: &Lives,
    connection: &mut Option<(Sender, Arc<Life>)>,
    sent: &mut Sent,
) {
    let (record, origin) = (format!("s{sender}r{record}"), format!("s{sender}r{record}-{number}"));
    let body = body(&record);
    for attempt in 0.. {
        let (connected, life) = match connection {
            Some(connected) => connected,
            None => {
                let life = {
                    let lives = lives.borrow();
                    Arc::clone(&lives[sender % lives.len()])
                };
                match Sender::connect(life.address).await {
                    Ok(connected) => connection.insert((connected, life)),
                    Err(_) => {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        continue;
                    }
                }
            }
        };
        let headers = match attempt {
            0 => format!("x-xurrent-delivery: {origin}\r\n"),
            _ => format!("x-xurrent-delivery: {origin}-{attempt}\r\nx-xurrent-delivery-origin: {origin}\r\n"),
        };
        sent.requests += 1;
        let started = Instant::now();
        match connected.deliver_with(QUERY, &headers, &body).await {
            Ok(reply) if reply.status == 200 => {
                life.acknowledged.fetch_add(1, Ordering::SeqCst);
                sent.times.push(started.elapsed());
                return;
            }
            Ok(reply) => {
                assert_eq!(reply.status, 503);
                life.unavailable.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(_) => *connection = None,
        }
    }
}

//! Deliveries that a worker takes in the transaction that stores them: it needs no further one to take them.

use super::taken::Taken;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// Deliveries that are taken as they are stored. See [`Inbox::arrivals`](super::Inbox::arrivals).
#[derive(Debug)]
pub struct Arrivals {
    waiting: WaitingWorkers,
    worker: Arc<WaitingWorker>,
    batches: mpsc::UnboundedReceiver<(Vec<Taken>, usize)>,
}

/// The workers of this process that wait for deliveries.
#[derive(Debug, Clone, Default)]
pub(super) struct WaitingWorkers(Arc<Mutex<Vec<Arc<WaitingWorker>>>>);

#[derive(Debug)]
struct WaitingWorker {
    lease: Duration,
    places: Mutex<Places>,
    batches: mpsc::UnboundedSender<(Vec<Taken>, usize)>,
}

/// How many deliveries a worker takes as they are stored, and how many of them a transaction under way may be taking.
#[derive(Debug, Default)]
struct Places {
    free: usize,
    reserved: usize,
}

/// Places of a worker for the deliveries of one transaction.
#[derive(Debug)]
pub(super) struct Reservation {
    worker: Arc<WaitingWorker>,
    pub(super) lease: Duration,
    pub(super) places: usize,
}

impl Arrivals {
    /// Takes at most this many of the deliveries that are stored from now on. Those on their way count.
    pub fn accept(&self, limit: usize) {
        let mut places = lock(&self.worker.places);
        places.free = limit.saturating_sub(places.reserved);
    }

    /// Whether transactions may be under way that take deliveries for this worker.
    pub fn are_on_their_way(&self) -> bool {
        lock(&self.worker.places).reserved > 0
    }

    /// Waits for deliveries that were stored and taken: none if those of a transaction could not be stored, or were
    /// stored before. Loses none if the future is dropped.
    pub async fn next(&mut self) -> Vec<Taken> {
        let Some((taken, places)) = self.batches.recv().await else { return std::future::pending().await };
        lock(&self.worker.places).reserved -= places;
        taken
    }
}

impl Drop for Arrivals {
    fn drop(&mut self) {
        lock(&self.waiting.0).retain(|worker| !Arc::ptr_eq(worker, &self.worker));
    }
}

impl WaitingWorkers {
    pub(super) fn enter(&self, lease: Duration) -> Arrivals {
        let (sender, batches) = mpsc::unbounded_channel();
        let worker = Arc::new(WaitingWorker { lease, places: Mutex::default(), batches: sender });
        lock(&self.0).push(Arc::clone(&worker));
        Arrivals { waiting: self.clone(), worker, batches }
    }

    /// Reserves places for some of these deliveries, if a worker has any.
    pub(super) fn reserve(&self, deliveries: usize) -> Option<Reservation> {
        lock(&self.0).iter().find_map(|worker| {
            let mut places = lock(&worker.places);
            let count = places.free.min(deliveries);
            places.free -= count;
            places.reserved += count;
            (count > 0).then(|| Reservation {
                worker: Arc::clone(worker),
                lease: worker.lease,
                places: count,
            })
        })
    }
}

impl Reservation {
    /// Hands the deliveries to the worker. If it is gone, their leases expire.
    pub(super) fn hand_over(mut self, taken: Vec<Taken>) {
        let places = std::mem::take(&mut self.places);
        let _ = self.worker.batches.send((taken, places));
    }
}

/// The transaction failed.
impl Drop for Reservation {
    fn drop(&mut self) {
        lock(&self.worker.places).reserved -= self.places;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

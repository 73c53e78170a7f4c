//! Settings of a worker, with their defaults.

use super::backoff::Backoff;
use std::time::Duration;

#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) concurrency: usize,
    pub(super) max_attempts: u32,
    pub(super) backoff: Backoff,
    pub(super) lease: Duration,
    pub(super) handler_timeout: Duration,
    pub(super) in_order: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: 8,
            max_attempts: 12,
            backoff: Backoff { first: Duration::from_secs(1), max: Duration::from_secs(60 * 60) },
            lease: Duration::from_secs(60),
            handler_timeout: Duration::from_secs(5 * 60),
            in_order: false,
        }
    }
}

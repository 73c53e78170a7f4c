//! The settings of exports and imports.

use std::time::Duration;

/// Exports and imports, for [`SandboxBuilder::bulk`](crate::SandboxBuilder::bulk).
#[derive(Debug, Clone)]
#[must_use = "settings have no effect until they are given to a sandbox"]
pub struct BulkJobs {
    pub(crate) queued: Duration,
    pub(crate) processing: Duration,
    pub(crate) kept: Duration,
    pub(crate) link_lifetime: Duration,
    pub(crate) is_administrator: bool,
    pub(crate) is_resumable: bool,
    pub(crate) daily_records: usize,
}

impl Default for BulkJobs {
    fn default() -> Self {
        Self {
            queued: Duration::from_millis(50),
            processing: Duration::from_millis(100),
            kept: Duration::from_secs(5 * 60),
            link_lifetime: Duration::from_secs(2 * 24 * 3_600),
            is_administrator: true,
            is_resumable: true,
            daily_records: 10_000,
        }
    }
}

impl BulkJobs {
    /// How long a job is `queued`. Default: 50 milliseconds.
    pub fn queued(mut self, duration: Duration) -> Self {
        self.queued = duration;
        self
    }

    /// How long a job is `processing`. Default: 100 milliseconds.
    pub fn processing(mut self, duration: Duration) -> Self {
        self.processing = duration;
        self
    }

    /// How long a job is known after its end; then it is not found. Default: five minutes, as the API.
    pub fn kept(mut self, duration: Duration) -> Self {
        self.kept = duration;
        self
    }

    /// How long the URL of a file is valid. Default: two days, as the API.
    pub fn link_lifetime(mut self, duration: Duration) -> Self {
        self.link_lifetime = duration;
        self
    }

    /// Whether the tokens' owners have the role of account administrator, which imports require. Default: yes.
    pub fn administrator(mut self, is_administrator: bool) -> Self {
        self.is_administrator = is_administrator;
        self
    }

    /// Whether a part of a file can be downloaded. Default: yes.
    pub fn resumable(mut self, is_resumable: bool) -> Self {
        self.is_resumable = is_resumable;
        self
    }

    /// The most records of a full export that can run several times a day. Default: 10,000, as the API.
    pub fn daily_records(mut self, records: usize) -> Self {
        self.daily_records = records;
        self
    }
}

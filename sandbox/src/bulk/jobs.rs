//! The jobs, and the files that they leave.
//!
//! The work itself is done when a job is started; only its end is delayed. The clock of the jobs is the real one, and
//! can be advanced.

use axum::body::Bytes;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

use super::settings::BulkJobs;

/// The path of files; the name follows.
pub(super) const FILES: &str = "/bulk_files/";

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// An export or import that a sandbox has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkJob {
    /// The token in the response that started it.
    pub token: String,
    /// Whether it is an import.
    pub is_import: bool,
    /// The types of its records.
    pub types: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobKind {
    Export,
    Import,
}

/// The end of a job.
pub(super) struct End {
    /// The response of a poll, without the URL of the file.
    pub(super) body: Value,
    /// The name of the URL in the response, and the file.
    pub(super) file: Option<(&'static str, Bytes)>,
    /// How many lines were read or written.
    pub(super) lines: usize,
}

#[derive(Debug)]
struct Job {
    public: BulkJob,
    begun: Duration,
    end: Value,
    lines: usize,
}

#[derive(Debug)]
struct StoredFile {
    content: Bytes,
    until: Duration,
}

#[derive(Debug, Default)]
struct Inner {
    jobs: Vec<Job>,
    files: BTreeMap<String, StoredFile>,
    /// When a full export of many records began last.
    last_full: Option<Duration>,
    advanced: Duration,
}

#[derive(Debug)]
pub(crate) struct Jobs {
    pub(super) settings: BulkJobs,
    /// The URL of files, without their names.
    files_url: String,
    start: Instant,
    inner: Mutex<Inner>,
}

impl Jobs {
    pub(crate) fn new(settings: BulkJobs, origin: &str) -> Self {
        let files_url = format!("{origin}{FILES}");
        Self { settings, files_url, start: Instant::now(), inner: Mutex::default() }
    }

    pub(crate) fn advance(&self, duration: Duration) {
        self.inner.lock().advanced += duration;
    }

    pub(crate) fn list(&self) -> Vec<BulkJob> {
        self.inner.lock().jobs.iter().map(|job| job.public.clone()).collect()
    }

    fn now(&self, inner: &Inner) -> Duration {
        self.start.elapsed() + inner.advanced
    }

    /// Whether a full export of so many records is one too many today. One that is not counts.
    pub(super) fn exceeds_day(&self, records: usize) -> bool {
        if records <= self.settings.daily_records {
            return false;
        }
        let mut inner = self.inner.lock();
        let now = self.now(&inner);
        let exceeds = inner.last_full.is_some_and(|last| now < last + DAY);
        if !exceeds {
            inner.last_full = Some(now);
        }
        exceeds
    }

    /// Begins a job and returns its token.
    pub(super) fn begin(&self, kind: JobKind, types: Vec<String>, end: End) -> String {
        let token = Uuid::new_v4().simple().to_string();
        let mut inner = self.inner.lock();
        let begun = self.now(&inner);
        let End { mut body, file, lines } = end;
        if let Some((name, content)) = file {
            let key = Uuid::new_v4().simple().to_string();
            body[name] = json!(format!("{}{key}", self.files_url));
            let until = begun + self.settings.queued + self.settings.processing + self.settings.link_lifetime;
            inner.files.insert(key, StoredFile { content, until });
        }
        let public = BulkJob { token: token.clone(), is_import: kind == JobKind::Import, types };
        inner.jobs.push(Job { public, begun, end: body, lines });
        token
    }

    /// The response of a poll; none for an unknown token.
    pub(super) fn poll(&self, kind: JobKind, token: &str) -> Option<Value> {
        let inner = self.inner.lock();
        let job = inner.jobs.iter().find(|job| job.public.token == token)?;
        if job.public.is_import != (kind == JobKind::Import) {
            return None;
        }
        let BulkJobs { queued, processing, kept, .. } = self.settings;
        let elapsed = self.now(&inner).saturating_sub(job.begun);
        if elapsed < queued {
            return Some(json!({ "state": "queued" }));
        }
        if elapsed < queued + processing {
            let done = (elapsed - queued).as_secs_f64() / processing.as_secs_f64();
            let line = (job.lines as f64 * done) as u64;
            let mut body = json!({ "state": "processing", "line": line });
            if kind == JobKind::Export {
                body["type"] = json!(job.public.types.first());
            }
            return Some(body);
        }
        (elapsed < queued + processing + kept).then(|| job.end.clone())
    }

    pub(super) fn file(&self, key: &str) -> Option<Bytes> {
        let inner = self.inner.lock();
        let now = self.now(&inner);
        inner.files.get(key).filter(|file| now < file.until).map(|file| file.content.clone())
    }
}

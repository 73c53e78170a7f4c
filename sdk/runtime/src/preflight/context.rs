//! The state of a comparison: the types that are known, those that are needed, and what was found.

use super::live::{Live, LiveType};
use super::report::{Finding, FindingKind, PreflightReport};
use std::collections::BTreeSet;
use xurrent_values::suggest::nearest;

pub(super) struct Comparison<'l> {
    live: &'l Live,
    /// Types that must be fetched before the comparison is complete.
    pub(super) needed: BTreeSet<String>,
    pub(super) report: PreflightReport,
}

/// Where something is, in Rust and in the schema.
#[derive(Clone)]
pub(super) struct At {
    pub(super) rust: String,
    pub(super) path: String,
}

impl At {
    pub(super) fn new(rust: impl Into<String>, path: impl Into<String>) -> Self {
        Self { rust: rust.into(), path: path.into() }
    }
}

impl<'l> Comparison<'l> {
    pub(super) fn new(live: &'l Live) -> Self {
        Self { live, needed: BTreeSet::new(), report: PreflightReport::default() }
    }

    pub(super) fn live(&self) -> &'l Live {
        self.live
    }

    /// A type, unless it is not fetched yet or gone, which is reported.
    pub(super) fn ty(&mut self, name: &str, at: &At) -> Option<&'l LiveType> {
        match self.live.get(name) {
            None => {
                self.needed.insert(name.to_owned());
                None
            }
            Some(None) => {
                self.found(FindingKind::Type, at, format!("needs the type `{name}`, which is gone"));
                None
            }
            Some(known) => known,
        }
    }

    pub(super) fn found(&mut self, kind: FindingKind, at: &At, message: impl Into<String>) {
        let At { rust, path } = at.clone();
        self.report.add(Finding { kind, rust, path, message: message.into() });
    }

    /// Notes a deprecation.
    pub(super) fn deprecated(&mut self, reason: Option<&str>, at: &At) {
        match reason {
            None => {}
            Some("") => self.found(FindingKind::Deprecated, at, "is deprecated"),
            Some(reason) => {
                let reason = reason.trim_end_matches('.');
                self.found(FindingKind::Deprecated, at, format!("is deprecated: {reason}"));
            }
        }
    }
}

/// `; did you mean ..?`, with the most similar name, if any is similar enough.
pub(super) fn did_you_mean<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    match nearest(name, known) {
        Some(known) => format!("; did you mean `{known}`?"),
        None => String::new(),
    }
}

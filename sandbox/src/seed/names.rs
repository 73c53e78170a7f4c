//! Names and texts of the demo records, from `names.toml`.

use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize, Default)]
pub(super) struct Names {
    pub(super) first_names: Vec<String>,
    pub(super) last_names: Vec<String>,
    pub(super) job_titles: Vec<String>,
    pub(super) organizations: Vec<String>,
    pub(super) teams: Vec<String>,
    pub(super) sites: Vec<String>,
    pub(super) services: Vec<String>,
    pub(super) subjects: Vec<String>,
}

pub(super) static NAMES: LazyLock<Names> =
    // The tests fail if the file does not parse.
    LazyLock::new(|| toml::from_str(include_str!("names.toml")).unwrap_or_default());

//! Tests of the sandbox: one program, a module for each subject.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod attachment_storage;
#[cfg(unix)]
mod browser;
mod bulk;
mod discovered_items;
mod events_api;
mod every_mutation;
mod explorer;
#[cfg(unix)]
mod explorer_in_a_browser;
mod faults_and_limits;
mod flag_mutations;
mod generated_records;
mod http;
mod https_and_discovery;
mod invalid_ids;
mod literals;
mod mutations;
mod oauth;
mod own_records;
mod paging_and_filters;
mod queries;
mod raw_http;
mod receiver;
mod refused_names;
mod schema;
mod schema_evolution;
mod sdl;
mod webhook_delivery;
mod webhook_events;
mod webhook_policies;

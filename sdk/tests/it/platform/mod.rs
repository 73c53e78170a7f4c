//! What Xurrent adds to the runtime, against scripted answers.

#[cfg(all(feature = "export", feature = "import"))]
mod bulk;
mod endpoints;
#[cfg(feature = "events")]
mod events;
mod language;
mod rate_limit;
#[allow(dead_code, reason = "shared with the tests of the runtime")]
#[path = "../../../runtime/tests/it/session/script.rs"]
mod script;
#[cfg(feature = "upload")]
mod uploading;
mod webhooks_api;

use script::Script;
use xurrent::{Client, ClientBuilder};

/// The settings of a client that uses a personal access token.
fn builder(script: &Script) -> ClientBuilder {
    Client::builder().account("wdc").personal_access_token("pat-1").transport(script.clone())
}

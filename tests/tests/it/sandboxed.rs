//! A sandbox on a socket of its own, and clients of it.

#![allow(dead_code)] // Each test file that includes this module uses a part of it.

use tokio::sync::OnceCell;
use xurrent::{Client, ClientBuilder};
use xurrent_sandbox::{Sandbox, SandboxBuilder};

pub(crate) fn schema() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap()
}

/// Settings that have read the schema, which takes longer than most tests.
static SETTINGS: OnceCell<SandboxBuilder> = OnceCell::const_new();

/// A sandbox with default settings but for those that are configured.
pub(crate) async fn start(configure: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> Sandbox {
    let first = || async { Sandbox::builder().schema_json(schema()).start().await.unwrap().to_builder() };
    configure(SETTINGS.get_or_init(first).await.clone()).start().await.unwrap()
}

/// A client that uses the sandbox's personal access token.
pub(crate) fn builder(sandbox: &Sandbox) -> ClientBuilder {
    nobody(sandbox).personal_access_token(sandbox.token())
}

/// A client that has no token yet.
pub(crate) fn nobody(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder()
        .account(sandbox.account())
        .endpoints(sandbox.graphql_url(), sandbox.token_url())
        .rest_endpoint(sandbox.rest_url())
}

/// A sandbox that is as this says, and a client of it.
pub(crate) async fn with(configure: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> (Sandbox, Client) {
    let sandbox = start(configure).await;
    let client = builder(&sandbox).build().unwrap();
    (sandbox, client)
}

/// A sandbox, and a client of it.
pub(crate) async fn client() -> (Sandbox, Client) {
    with(|sandbox| sandbox).await
}

/// Makes this many calls at once. All of them succeed.
pub(crate) async fn at_once(client: &Client, calls: usize) {
    let calls: Vec<_> = (0..calls)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.raw("{ me { id } }", ()).await.map(|_| ()) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

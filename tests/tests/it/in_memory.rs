//! A client whose server is the sandbox's engine without a socket, with room to change its answers.

#![allow(dead_code)] // Each test file that includes this module uses a part of it.

use serde_json::{Value, json};
use std::sync::LazyLock;
use xurrent::transport::MemoryRequest;
use xurrent::{Client, MemoryTransport};
use xurrent_sandbox::Engine;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap();
    Engine::new(&schema).unwrap()
});

/// What the engine answers to a request. Panics when the engine refuses it.
pub(crate) fn answer(request: &MemoryRequest) -> Value {
    let answer = ENGINE.execute(&json!({ "query": request.document, "variables": request.variables }));
    assert!(answer["errors"].is_null(), "{}: {}", request.document, answer["errors"]);
    answer
}

pub(crate) fn client(transport: &MemoryTransport) -> Client {
    let builder = Client::builder().account("wdc").personal_access_token("token");
    builder.transport(transport.clone()).build().unwrap()
}

/// A client of the engine.
pub(crate) fn engine() -> (MemoryTransport, Client) {
    let transport = MemoryTransport::new(answer);
    let client = client(&transport);
    (transport, client)
}

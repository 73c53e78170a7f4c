//! Exports and imports, against the sandbox over real sockets and against servers that misbehave.

#![allow(clippy::unwrap_used, missing_docs)]

mod downloads;
mod exports;
mod faults;
mod file_server;
mod imports;

use serde_json::{Value, json};
use std::time::Duration;
use xurrent::Client;
use xurrent::export::{ExportToken, NewExport};
use xurrent_sandbox::Sandbox;

/// How often tests poll.
const OFTEN: Duration = Duration::from_millis(20);

/// Starts an export that has something to export.
async fn started(client: &Client, export: NewExport) -> ExportToken {
    client.export_start(export).await.unwrap().unwrap()
}

/// The content of the file of an export.
async fn exported(client: &Client, export: NewExport) -> Vec<u8> {
    let token = started(client, export).await;
    let file = client.export_wait(token).poll_interval(OFTEN).await.unwrap();
    let mut content = Vec::new();
    client.download(&file.url).to_writer(&mut content).await.unwrap();
    content
}

/// The nodes of a page of a root field, such as `people(first: 100)`.
fn nodes(sandbox: &Sandbox, page: &str, fields: &str) -> Vec<Value> {
    let query = format!("{{ page: {page} {{ nodes {{ {fields} }} }} }}");
    let response = sandbox.engine().execute(&json!({ "query": query }));
    let nodes = response["data"]["page"]["nodes"].as_array();
    nodes.unwrap_or_else(|| panic!("{response}")).clone()
}

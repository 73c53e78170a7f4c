//! Every query and every mutation through its typed function, over a real socket; every field of
//! every value that comes back compared with the raw answer.

#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp, clippy::too_many_lines, missing_docs)]

mod raw;

use raw::{Raw, assert_keys, coverage};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use xurrent::{Client, ConnectionQuery, Error, OpenEnum, Page, Transport};
use xurrent_runtime::transport::{BoxFuture, Request};
use xurrent_runtime::{ConnectionField, Fetch};
use xurrent_sandbox::{Sandbox, node_id};

include!(concat!(env!("OUT_DIR"), "/raw_types.rs"));
include!(concat!(env!("OUT_DIR"), "/every_operation.rs"));

/// Carries requests over HTTP and keeps the last answer as it came.
#[derive(Clone)]
struct Recorder {
    http: reqwest::Client,
    last: Arc<Mutex<Value>>,
}

impl Transport for Recorder {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<http::Response<Vec<u8>>, Error>> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request.http).unwrap();
            let response = self.http.execute(request).await.unwrap();
            let mut answer = http::Response::new(Vec::new());
            *answer.status_mut() = response.status();
            *answer.headers_mut() = response.headers().clone();
            *answer.body_mut() = response.bytes().await.unwrap().to_vec();
            *self.last.lock().unwrap() = serde_json::from_slice(answer.body()).unwrap();
            Ok(answer)
        })
    }
}

struct Check {
    client: Client,
    recorder: Recorder,
    schema: Value,
    _sandbox: Sandbox,
}

impl Check {
    async fn new() -> Self {
        let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap();
        let sandbox = Sandbox::builder().schema_json(schema.as_str()).start().await.unwrap();
        let recorder = Recorder { http: reqwest::Client::new(), last: Arc::default() };
        let url = sandbox.graphql_url();
        let client = Client::builder()
            .account(sandbox.account())
            .personal_access_token(sandbox.token())
            .endpoints(&url, &url)
            .transport(recorder.clone())
            .build()
            .unwrap();
        let schema: Value = serde_json::from_str(&schema).unwrap();
        Self { client, recorder, schema: schema["data"]["__schema"].clone(), _sandbox: sandbox }
    }

    /// The raw answer to the last call, under the key of its root field.
    fn raw(&self, field: &str) -> Value {
        let answer = self.recorder.last.lock().unwrap();
        assert!(answer["errors"].is_null(), "{field}: {answer}");
        answer["data"][field].clone()
    }

    fn value<T: Raw>(&self, field: &str, value: Result<T, Error>) {
        let value = value.unwrap_or_else(|error| panic!("{field}: {error}"));
        value.same(&self.raw(field), field);
    }

    async fn page<F: ConnectionField>(&self, field: &str, query: ConnectionQuery<F>)
    where
        F::Node: Raw,
    {
        let mut pages = query.pages();
        let page: Page<F::Node> =
            pages.try_next().await.unwrap_or_else(|error| panic!("{field}: {error}")).unwrap();
        let raw = self.raw(field);
        assert!(!page.nodes.is_empty(), "{field} has no records to compare");
        page.nodes.same(&raw["nodes"], field);
        assert_eq!(Value::from(page.has_next_page), raw["pageInfo"]["hasNextPage"], "{field}");
        page.end_cursor.same(&raw["pageInfo"]["endCursor"], field);
    }

    async fn node<T: Fetch + Raw>(&self, name: &str) {
        for number in 1..=3 {
            let id = node_id(name, number);
            let record =
                self.client.node::<T>(id.as_str()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut raw = self.raw("node");
            if let Some(object) = raw.as_object_mut() {
                assert_eq!(object.remove("__typename"), Some(json!(name)));
            }
            record.same(&raw, name);
            assert!(record.is_some(), "the sandbox has no {name} {number}");
        }
    }

    /// The smallest input that a mutation takes, through the check of JSON against the schema.
    fn input<T: serde::de::DeserializeOwned>(&self, mutation: &str) -> T {
        let field = self.find(&self.ty("Mutation")["fields"], mutation);
        let name = field["args"][0]["type"]["ofType"]["name"].as_str().unwrap();
        let endings = ["Create", "UpdateVisibility", "Update", "Delete", "Publish", "MarkAsReviewed"];
        let record = endings.iter().find_map(|ending| mutation.strip_suffix(ending)).unwrap_or_default();
        // What is deleted here must not be what a later mutation updates.
        let number = if mutation.ends_with("Delete") { 2 } else { 1 };
        let mut input = json!({});
        for part in self.ty(name)["inputFields"].as_array().unwrap() {
            let part_name = part["name"].as_str().unwrap();
            if part["type"]["kind"] != "NON_NULL" && part_name != "subject" {
                continue;
            }
            let of = part["type"]["ofType"]["name"].as_str().unwrap_or("String");
            input[part_name] = match of {
                "ID" => json!(node_id(&self.target(part_name, &upper_first(record)), number)),
                "Int" => json!(5),
                "Boolean" => json!(true),
                "ISO8601Timestamp" => json!("2025-05-05T05:05:05Z"),
                "ISO8601Date" => json!("2025-05-05"),
                "ISO8601Time" => json!("05:05"),
                "Decimal" | "MonetaryAmount" => json!(5.5),
                _ => match self.ty(of)["enumValues"][0]["name"].as_str() {
                    Some(value) => json!(value),
                    None => json!("text"),
                },
            };
        }
        serde_json::from_value(input).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn find<'a>(&self, list: &'a Value, name: &str) -> &'a Value {
        list.as_array().unwrap().iter().find(|item| item["name"] == name).unwrap_or(&Value::Null)
    }

    fn ty(&self, name: &str) -> &Value {
        self.find(&self.schema["types"], name)
    }

    /// The type of record that an id of an input asks for.
    fn target(&self, field: &str, record: &str) -> String {
        match (field, record) {
            ("id", _) => record.to_owned(),
            ("ownerId", "Translation") => "Service".to_owned(),
            ("ownerId", _) => "Request".to_owned(),
            ("expectedHitId", _) => "KnowledgeArticle".to_owned(),
            ("providerId", "Service") => "Organization".to_owned(),
            _ => {
                let stem = field.strip_suffix("Id").unwrap_or(field);
                let fields = &self.ty(record)["fields"];
                let found = if fields.is_array() { &self.find(fields, stem)["type"]["name"] } else { fields };
                found.as_str().map_or_else(|| upper_first(stem), str::to_owned)
            }
        }
    }
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[tokio::test]
async fn every_operation_gives_what_the_server_sent() {
    let check = Check::new().await;
    all_queries(&check).await;
    all_nodes(&check).await;
    all_mutations(&check).await;
    let sent = include_str!(concat!(env!("OUT_DIR"), "/every_operation.rs"));
    assert!(
        sent.contains("/// 77 calls.") && sent.contains("/// 153 calls."),
        "all root fields but `node` are called"
    );

    // Every type of field was seen with a value, and every one that is not a type of the schema
    // also with null. Discovery answers with a query to poll, never with the records themselves.
    let coverage = coverage();
    assert!(coverage.len() > 100, "{}", coverage.len());
    let mut never = Vec::new();
    for (ty, seen) in &coverage {
        if !seen.value && !ty.ends_with("Vec<xurrent::generated::configuration_item::ConfigurationItem>>") {
            never.push(format!("{ty} with a value"));
        }
        if !seen.null && ty.contains("Option<") && !ty.contains("xurrent::generated") {
            never.push(format!("{ty} with null"));
        }
    }
    assert!(never.is_empty(), "never seen: {never:#?}");
}

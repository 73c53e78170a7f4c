//! Calls one operation after the other and compares each answer with the raw one.

use crate::every_operation::nulls::Nulls;
use crate::raw_json::Raw;
use crate::sandboxed::{schema, start};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use xurrent::transport::Transport;
use xurrent::{Client, ConnectionQuery, Error, Page};
use xurrent_generator::Config;
use xurrent_runtime::transport::{BoxFuture, Request};
use xurrent_runtime::{ConnectionField, Fetch};
use xurrent_sandbox::{Sandbox, SandboxBuilder, node_id};

/// Carries requests over HTTP and keeps the last answer as it was handed on.
#[derive(Clone)]
struct Recorder {
    http: reqwest::Client,
    nulls: Arc<Nulls>,
    last: Arc<Mutex<Value>>,
}

impl Recorder {
    /// The answer to work that the server does later, when it is there: the second time somebody
    /// asks for it.
    async fn delivered(&self, answer: &Value) -> Option<Value> {
        let url = answer["data"].as_object()?.values().next()?["asyncQuery"]["resultUrl"].as_str()?;
        let mut result = Value::Null;
        while result["data"].is_null() {
            let body = self.http.get(url).send().await.unwrap().bytes().await.unwrap();
            result = serde_json::from_slice(&body).unwrap();
        }
        Some(result)
    }
}

impl Transport for Recorder {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<http::Response<Vec<u8>>, Error>> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request.http).unwrap();
            let response = self.http.execute(request).await.unwrap();
            let mut answer = http::Response::new(Vec::new());
            *answer.status_mut() = response.status();
            *answer.headers_mut() = response.headers().clone();
            let body = response.bytes().await.unwrap();
            let mut json: Value = serde_json::from_slice(&body).unwrap();
            *answer.body_mut() = match *self.nulls {
                Nulls::AsSent => body.to_vec(),
                _ => {
                    json = self.delivered(&json).await.unwrap_or(json);
                    self.nulls.put(&mut json);
                    json.to_string().into_bytes()
                }
            };
            *self.last.lock().unwrap() = json;
            Ok(answer)
        })
    }
}

pub(crate) struct Check {
    pub(crate) client: Client,
    /// Without it answers are not compared, only read.
    recorder: Option<Recorder>,
    schema: Value,
    /// The known values of the scalars that are lists of values.
    lists: BTreeMap<String, Vec<String>>,
    pub(crate) sandbox: Sandbox,
}

impl Check {
    /// Every answer is compared with the raw one, which has more nulls in it than the server sent.
    pub(crate) async fn new(nulls: Nulls) -> Self {
        Self::on(nulls, |sandbox| sandbox).await
    }

    /// Against a sandbox that describes its schema in another way.
    pub(crate) async fn on(nulls: Nulls, configure: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> Self {
        let sandbox = start(configure).await;
        let recorder =
            Recorder { http: reqwest::Client::new(), nulls: Arc::new(nulls), last: Arc::default() };
        let url = sandbox.graphql_url();
        let client = Client::builder()
            .account(sandbox.account())
            .personal_access_token(sandbox.token())
            .endpoints(&url, &url)
            .transport(recorder.clone())
            .no_rate_limit()
            .build()
            .unwrap();
        Self { recorder: Some(recorder), ..Self::with(client, sandbox) }
    }

    /// Calls go through the client's own transport.
    pub(crate) fn with(client: Client, sandbox: Sandbox) -> Self {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let overrides = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.overrides.toml");
        let overrides = Config::from_toml(&std::fs::read_to_string(overrides).unwrap()).unwrap();
        let (schema, lists) = (schema["data"]["__schema"].clone(), overrides.values);
        Self { client, recorder: None, schema, lists, sandbox }
    }

    /// The raw answer to the last call, under the key of its root field.
    fn raw(&self, field: &str) -> Option<Value> {
        let answer = self.recorder.as_ref()?.last.lock().unwrap();
        assert!(answer["errors"].is_null(), "{field}: {answer}");
        Some(answer["data"][field].clone())
    }

    pub(crate) fn value<T: Raw>(&self, field: &str, value: Result<T, Error>) {
        let value = value.unwrap_or_else(|error| panic!("{field}: {error}"));
        if let Some(raw) = self.raw(field) {
            value.same(&raw, field);
        }
    }

    pub(crate) async fn page<F: ConnectionField>(&self, field: &str, query: ConnectionQuery<F>)
    where
        F::Node: Raw,
    {
        let mut pages = query.pages();
        let page: Page<F::Node> =
            pages.try_next().await.unwrap_or_else(|error| panic!("{field}: {error}")).unwrap();
        let Some(raw) = self.raw(field) else { return };
        assert!(!page.nodes.is_empty(), "{field} has no records to compare");
        page.nodes.same(&raw["nodes"], field);
        assert_eq!(Value::from(page.has_next_page), raw["pageInfo"]["hasNextPage"], "{field}");
        page.end_cursor.same(&raw["pageInfo"]["endCursor"], field);
    }

    pub(crate) async fn node<T: Fetch + Raw>(&self, name: &str) {
        // With some leaves null it is about names and slots, which are the same for all records.
        let some = self.recorder.as_ref().is_some_and(|it| matches!(*it.nulls, Nulls::SomeLeaves(..)));
        for number in 1..=if some { 1 } else { 3 } {
            let id = node_id(name, number);
            let record =
                self.client.node::<T>(id.as_str()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            let Some(mut raw) = self.raw("node") else { continue };
            if let Some(object) = raw.as_object_mut() {
                assert_eq!(object.remove("__typename"), Some(json!(name)));
            }
            record.same(&raw, name);
            // What a creation shows is a record of another type.
            assert_eq!(record.is_none(), name.ends_with("CreateResponse"), "{name} {number} in the sandbox");
        }
    }

    /// Values that no operation selects by itself, read with serde from a document of one's own.
    pub(crate) async fn own<T: Raw + DeserializeOwned>(&self, document: &str, id: &str, pointer: &str) {
        let data = self.client.raw(document, json!({ "id": id })).await.unwrap().to_value();
        let raw = data.pointer(pointer).unwrap_or_else(|| panic!("{pointer} in {data}"));
        let values: Vec<T> = serde_json::from_value(raw.clone()).unwrap();
        assert!(!values.is_empty(), "{pointer}");
        values.same(raw, pointer);
    }

    /// The smallest input that a mutation takes, through the check of JSON against the schema.
    pub(crate) fn input<T: serde::de::DeserializeOwned>(&self, mutation: &str) -> T {
        let field = self.find(&self.ty("Mutation")["fields"], mutation);
        let name = field["args"][0]["type"]["ofType"]["name"].as_str().unwrap();
        let endings = ["Create", "UpdateVisibility", "Update", "Delete", "Publish", "MarkAsReviewed"];
        let record = endings.iter().find_map(|ending| mutation.strip_suffix(ending)).unwrap_or_default();
        // What is deleted here must not be what a later mutation updates.
        let number = match mutation {
            // The webhook with this policy is deleted before; the others are used by one that stays.
            "webhookPolicyDelete" => 3,
            _ if mutation.ends_with("Delete") => 2,
            _ => 1,
        };
        let mut input = json!({});
        for part in self.ty(name)["inputFields"].as_array().unwrap() {
            let part_name = part["name"].as_str().unwrap();
            if part_name == "clientMutationId" {
                input[part_name] = json!("17");
                continue;
            }
            // The answer shows what was sent, and nothing else does.
            let is_shown = ["subject", "jwtAudience", "jwtClaimExpiresIn"].contains(&part_name);
            if part["type"]["kind"] != "NON_NULL" && !is_shown {
                continue;
            }
            let of = part["type"]["ofType"]["name"].as_str().unwrap_or("String");
            input[part_name] = match of {
                // The sandbox delivers to this machine only.
                _ if part_name == "uri" => json!("http://127.0.0.1:9/webhooks"),
                _ if part_name == "jwtClaimExpiresIn" => json!(5),
                "ID" => json!(node_id(&self.target(part_name, &upper_first(record)), number)),
                "Int" => json!(5),
                "Boolean" => json!(true),
                "ISO8601Timestamp" => json!("2025-05-05T05:05:05Z"),
                "ISO8601Date" => json!("2025-05-05"),
                "ISO8601Time" => json!("05:05"),
                _ if part_name == "customerAccountId" => json!(self.sandbox.account()),
                "WebhookEvent" => json!("request.create"),
                "Decimal" | "MonetaryAmount" => json!(5.5),
                _ if part["type"]["ofType"]["kind"] == "LIST" => json!([]),
                _ => match (self.ty(of)["enumValues"][0]["name"].as_str(), self.lists.get(of)) {
                    (Some(value), _) => json!(value),
                    (None, Some(values)) => json!(values[0]),
                    (None, None) => json!("text"),
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

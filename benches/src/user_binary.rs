//! A user's program with ten queries and ten mutations, over the SDK and over the structs of the peer.
//! Both filter, paginate, decode payloads and print records. They are only compiled.

use crate::error::Error;
use crate::peer_serde::model::{Definition, Field, Kind, Model};
use crate::scratch::{Sources, manifest};
use std::path::PathBuf;

/// The package, in both projects.
pub(crate) const PACKAGE: &str = "user";

/// Rust names of the records and their connections.
const RECORDS: [(&str, &str); 10] = [
    ("person", "people"),
    ("request", "requests"),
    ("organization", "organizations"),
    ("team", "teams"),
    ("site", "sites"),
    ("service", "services"),
    ("service_instance", "service_instances"),
    ("configuration_item", "configuration_items"),
    ("product", "products"),
    ("problem", "problems"),
];

const TOKIO: &str =
    r#"tokio = { version = "1", default-features = false, features = ["rt", "net", "time"] }"#;

const MAIN: &str = r#"
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(all())?;
    Ok(())
}
"#;

/// The package over the SDK, whose crate is in the folder `sdk`.
pub(crate) fn ours(sdk: &std::path::Path) -> Sources {
    let manifest = format!(
        "[package]\nname = \"user\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{TOKIO}\nxurrent = {{ path = {} }}\n\n[workspace]\n",
        toml::Value::from(sdk.to_string_lossy().into_owned())
    );
    let mut main = String::from("use xurrent::*;\n");
    main.push_str(MAIN);
    main.push_str(
        "\nasync fn all() -> Result<()> {\n    let client = Client::builder()\n        .account(\"wdc\")\n        \
         .stage(xurrent::Stage::Production)\n        .personal_access_token(\"token\")\n        \
         .build()?;\n",
    );
    for (record, _) in RECORDS {
        main.push_str(&format!("    {record}(&client).await?;\n"));
    }
    main.push_str("    Ok(())\n}\n");
    for (record, connection) in RECORDS {
        let ty = upper_camel(record);
        main.push_str(&format!(
            r#"
async fn {record}(client: &Client) -> Result<()> {{
    let filter = {ty}Filter::new().source("import");
    for record in client.{connection}().filter(filter).all().await? {{
        println!("{{}} {{:?}}", record.id, record.source);
    }}
    let input = {ty}UpdateInput::new("id").source("import").source_id("1");
    let payload = client.{record}_update(input).await?;
    println!("{{:?}}", payload.{record}.map(|record| record.id));
    Ok(())
}}
"#
        ));
    }
    Sources::from([("Cargo.toml".to_owned(), manifest), ("src/main.rs".to_owned(), main)])
}

/// The shared part of the peer's program: requests, responses and pages.
const BY_HAND: &str = r#"use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_records::shared::*;
use serde_records::*;
use std::collections::HashMap;

type Failure = Box<dyn std::error::Error>;

#[derive(Serialize)]
struct Body<'a, V> {
    query: &'a str,
    variables: V,
}

#[derive(Serialize)]
struct PageVariables<'a, F> {
    filter: &'a F,
    after: Option<String>,
}

#[derive(Serialize)]
struct InputVariables<I> {
    input: I,
}

#[derive(Deserialize)]
struct GraphQlError {
    message: String,
}

#[derive(Deserialize)]
struct Response<T> {
    data: Option<HashMap<String, T>>,
    errors: Option<Vec<GraphQlError>>,
}

impl<T> Response<T> {
    fn into_data(self) -> Result<T, Failure> {
        if let Some(error) = self.errors.into_iter().flatten().next() {
            return Err(error.message.into());
        }
        let data = self.data.and_then(|data| data.into_values().next());
        data.ok_or_else(|| "no data".into())
    }
}

async fn post(client: &reqwest::Client, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let request = client
        .post("https://graphql.xurrent.com")
        .bearer_auth("token")
        .header("x-xurrent-account", "wdc")
        .header("content-type", "application/json")
        .body(body);
    Ok(request.send().await?.error_for_status()?.bytes().await?.to_vec())
}

async fn fetch<T: DeserializeOwned, F: Serialize>(
    client: &reqwest::Client,
    query: &str,
    filter: &F,
) -> Result<Vec<T>, Failure> {
    let mut records = Vec::new();
    let mut after = None;
    loop {
        let body = serde_json::to_vec(&Body { query, variables: PageVariables { filter, after } })?;
        let json = post(client, body).await?;
        let page = serde_json::from_slice::<Response<Page<T>>>(&json)?.into_data()?;
        records.extend(page.nodes);
        after = page.page_info.end_cursor;
        if !page.page_info.has_next_page || after.is_none() {
            return Ok(records);
        }
    }
}

async fn send<T: DeserializeOwned, I: Serialize>(
    client: &reqwest::Client,
    query: &str,
    input: I,
) -> Result<T, Failure> {
    let body = serde_json::to_vec(&Body { query, variables: InputVariables { input } })?;
    let json = post(client, body).await?;
    serde_json::from_slice::<Response<T>>(&json)?.into_data()
}
"#;

/// The package over plain structs, below `user/`, and its operations.
pub(crate) fn by_hand(model: &Model, documents: &xurrent_generator::Files) -> Result<Sources, Error> {
    let manifest = format!(
        "[package]\nname = \"user\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\nreqwest = {}\nserde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\
         serde-records = {{ path = \"../records\" }}\n{TOKIO}\n",
        reqwest()?
    );
    let mut sources = Sources::from([("user/Cargo.toml".to_owned(), manifest)]);
    let mut main = String::from(BY_HAND);
    main.push_str(MAIN);
    main.push_str("\nasync fn all() -> Result<(), Failure> {\n    let client = reqwest::Client::new();\n");
    for (record, _) in RECORDS {
        main.push_str(&format!("    {record}(&client).await?;\n"));
    }
    main.push_str("    Ok(())\n}\n");
    for (record, connection) in RECORDS {
        for document in
            [format!("queries/{connection}.graphql"), format!("mutations/{record}_update.graphql")]
        {
            let text = documents.get(&document).ok_or_else(|| missing(&document))?;
            sources.insert(format!("user/src/{}", document.replace('/', "_")), text.clone());
        }
        let ty = upper_camel(record);
        let values = "StringFilter { negate: None, values: Some(vec![Some(\"import\".to_owned())]) }";
        let filter = literal(model, &format!("{ty}Filter"), &[("source", values)])?;
        let texts = [("id", "\"id\""), ("source", "\"import\""), ("source_id", "\"1\"")]
            .map(|(field, text)| (field, format!("{text}.to_owned()")));
        let texts = texts.each_ref().map(|(field, text)| (*field, text.as_str()));
        let input = literal(model, &format!("{ty}UpdateInput"), &texts)?;
        main.push_str(&format!(
            r#"
async fn {record}(client: &reqwest::Client) -> Result<(), Failure> {{
    let filter = {filter};
    let query = include_str!("queries_{connection}.graphql");
    for record in fetch::<{ty}, _>(client, query, &filter).await? {{
        println!("{{}} {{:?}}", record.id, record.source);
    }}
    let input = {input};
    let query = include_str!("mutations_{record}_update.graphql");
    let payload: {ty}UpdatePayload = send(client, query, input).await?;
    println!("{{:?}}", payload.{record}.map(|record| record.id));
    Ok(())
}}
"#
        ));
    }
    sources.insert("user/src/main.rs".to_owned(), main);
    Ok(sources)
}

/// `reqwest` with the features that the SDK's runtime uses.
fn reqwest() -> Result<String, Error> {
    let runtime = manifest("sdk/runtime/Cargo.toml")?;
    let features =
        runtime.get("dependencies").and_then(|all| all.get("reqwest")).and_then(|it| it.get("features"));
    let features = features.map_or_else(|| "[]".to_owned(), ToString::to_string);
    Ok(format!("{{ version = \"0.13\", default-features = false, features = {features} }}"))
}

/// A struct literal with all fields: the peer's structs have no `Default`.
fn literal(model: &Model, name: &str, values: &[(&str, &str)]) -> Result<String, Error> {
    let definition = model.values().flatten().find(|definition| definition.name == name);
    let Some(Definition { kind: Kind::Input(fields), .. }) = definition else { return Err(missing(name)) };
    let field = |field: &Field| {
        let name = &field.name;
        match values.iter().find(|(wanted, _)| name == wanted) {
            Some((_, value)) if field.required => format!("{name}: {value}"),
            Some((_, value)) => format!("{name}: Some({value})"),
            None => format!("{name}: None"),
        }
    };
    Ok(format!("{name} {{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(", ")))
}

fn missing(what: &str) -> Error {
    Error::Source { file: PathBuf::from("schema.json"), message: format!("the schema has no {what}") }
}

fn upper_camel(snake: &str) -> String {
    let words = snake.split('_').map(|word| match word.split_at_checked(1) {
        Some((first, rest)) => first.to_uppercase() + rest,
        None => String::new(),
    });
    words.collect()
}

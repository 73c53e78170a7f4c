//! A user's program with ten queries and ten mutations, over the SDK and over the structs of the peer.
//! Both filter, paginate, decode payloads and print records. They are only compiled.

use crate::error::Error;
use crate::files::Sources;
use crate::peer_serde::model::{Definition, Kind, Member, Model};
use crate::scratch::{manifest, package};
use heck::ToUpperCamelCase;
use std::path::Path;

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

/// The package over the SDK, whose crate is in the folder `sdk`.
pub(crate) fn ours(sdk: &Path) -> Sources {
    let path = toml::Value::from(sdk.to_string_lossy().into_owned());
    let manifest = package(PACKAGE, &format!("{TOKIO}\nxurrent = {{ path = {path} }}\n\n[workspace]\n"));
    let client = r#"Client::builder()
        .account("wdc")
        .stage(xurrent::Stage::Production)
        .personal_access_token("token")
        .build()?"#;
    let mut main = format!("use xurrent::*;\n{}", main("Result<()>", client));
    for (record, connection) in RECORDS {
        let ty = record.to_upper_camel_case();
        main += &format!(
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
        );
    }
    Sources::from([("Cargo.toml".to_owned(), manifest), ("src/main.rs".to_owned(), main)])
}

/// The functions that call one function per record.
fn main(result: &str, client: &str) -> String {
    let calls: String =
        RECORDS.iter().map(|(record, _)| format!("    {record}(&client).await?;\n")).collect();
    format!(
        r#"
fn main() -> Result<(), Box<dyn std::error::Error>> {{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(all())?;
    Ok(())
}}

async fn all() -> {result} {{
    let client = {client};
{calls}    Ok(())
}}
"#
    )
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
    let dependencies = format!(
        "reqwest = {}\nserde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\
         serde-records = {{ path = \"../records\" }}\n{TOKIO}\n",
        reqwest()?
    );
    let mut sources = Sources::from([("user/Cargo.toml".to_owned(), package(PACKAGE, &dependencies))]);
    let mut main = BY_HAND.to_owned() + &main("Result<(), Failure>", "reqwest::Client::new()");
    for (record, connection) in RECORDS {
        for document in
            [format!("queries/{connection}.graphql"), format!("mutations/{record}_update.graphql")]
        {
            let text = documents.get(&document).ok_or_else(|| missing(&document))?;
            sources.insert(format!("user/src/{}", document.replace('/', "_")), text.clone());
        }
        let ty = record.to_upper_camel_case();
        let values = "StringFilter { negate: None, values: Some(vec![Some(\"import\".to_owned())]) }";
        let filter = literal(model, &format!("{ty}Filter"), &[("source", values)])?;
        let texts = [
            ("id", "\"id\".to_owned()"),
            ("source", "\"import\".to_owned()"),
            ("source_id", "\"1\".to_owned()"),
        ];
        let input = literal(model, &format!("{ty}UpdateInput"), &texts)?;
        main += &format!(
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
        );
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
    let field =
        |Member { name, required, .. }: &Member| match values.iter().find(|(wanted, _)| name == wanted) {
            Some((_, value)) if *required => format!("{name}: {value}"),
            Some((_, value)) => format!("{name}: Some({value})"),
            None => format!("{name}: None"),
        };
    Ok(format!("{name} {{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(", ")))
}

fn missing(name: &str) -> Error {
    format!("schema.json has no {name}").into()
}

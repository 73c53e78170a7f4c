//! The Rust that `cargo xtask select` prints for a document.

use crate::sandboxed::client;
use std::fs;
use xurrent::{PersonFilter, RequestFilter, RequestUpdateInput};
use xurrent_generator::{Config, Generator};
use xurrent_sandbox::node_id;

#[rustfmt::skip]
#[allow(dead_code, unreachable_pub, reason = "a document selects more than a test reads")]
mod printed;

use printed::{DashboardVariables, NodeType};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn select(document: &str) -> Result<String, String> {
    let read = |name: &str| fs::read_to_string(format!("{ROOT}/{name}")).unwrap();
    let overrides = Config::from_toml(&read("schema.overrides.toml")).unwrap();
    let generator = Generator::new(&read("schema.json"), &overrides).unwrap();
    generator.select(document, "xurrent").map_err(|error| error.to_string())
}

#[test]
fn the_printed_source_is_this_modules() {
    let printed = select(include_str!("../../../queries/selected.graphql")).unwrap();
    let file = format!("{ROOT}/tests/tests/it/selected/printed.rs");
    if std::env::var_os("UPDATE_SELECTED").is_some() {
        fs::write(&file, &printed).unwrap();
    }
    assert!(printed == fs::read_to_string(&file).unwrap(), "UPDATE_SELECTED=1 writes {file}:\n{printed}");
}

#[tokio::test]
async fn printed_functions_send_their_operations() {
    let (_sandbox, client) = client().await;
    let requests = printed::open_requests(&client, RequestFilter::new().subject([""; 0])).await;
    assert!(requests.unwrap_err().is_configuration(), "the filter is sent");
    let requests = printed::open_requests(&client, RequestFilter::new()).await.unwrap();
    assert_eq!(requests.len(), 20, "as many as `first` asks for");
    assert!(requests.iter().any(|request| request.title.is_some() && request.requested_for.is_some()));

    let variables = DashboardVariables {
        count: 2,
        filter: PersonFilter::new().disabled(false),
        id: node_id("Request", 1).into(),
    };
    let dashboard = printed::dashboard(&client, variables).await.unwrap();
    assert_eq!(dashboard.people.nodes.len(), 2);
    assert_eq!(dashboard.me.unwrap().id, client.me().await.unwrap().unwrap().id);
    let node = dashboard.node.unwrap();
    assert_eq!(node.typename, "Request");
    assert!(matches!(node.of_type, NodeType::Request(request) if request.r#type.is_some()));

    let input = RequestUpdateInput::new(node_id("Request", 1)).subject("Changed");
    let changed = printed::change_subject(&client, input).await.unwrap();
    assert_eq!(changed.request.unwrap().subject.as_deref(), Some("Changed"));
}

#[test]
fn documents_without_an_equivalent_are_refused() {
    for (document, message) in [
        ("", "Unexpected <EOF>"),
        ("fragment a on Person { id }", "no operation"),
        ("type A { b: Int }", "operations and fragments"),
        ("{ people { ", "line 1, column 12: syntax error"),
        ("subscription { people { nodes { id } } }", "subscriptions are not supported"),
        ("{ people { nodes { nmae } } }", "no field `nmae` on `Person`; did you mean `name`?"),
        ("{ people { nodes { name { x } } } }", "`Person.name` is no object"),
        ("{ people { nodes { manager } } }", "`Person.manager` is an object"),
        ("{ people { totalCount } }", "select `nodes` of the connection `people`"),
        ("{ people { edges { cursor } } }", "select `nodes` instead of `edges`"),
        ("{ people { other } }", "no field `other` on the connection `people`"),
        ("{ me { id @skip(if: true) } }", "remove `@skip`"),
        ("{ me { id: name id } }", "`id` of `Person` is selected in two ways"),
        ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", "`a` contains itself"),
        ("{ ...a }", "no fragment `a`"),
        ("{ me { ...on Request { id } } }", "a fragment on `Request` cannot be used on `Person`"),
        ("{ me { ...on Nothing { id } } }", "no type `Nothing`"),
        ("query($n: Int) { me { teams(first: $n) { nodes { id } } } }", "is a variable: write a constant"),
        ("{ requests(filter: {subject: {}}) { totalCount nodes { id } } }", "pass it as a variable"),
        ("{ people(view: none) { nodes { id } } }", "no value `none` in `PersonView`"),
        ("{ node(key: 1) { id } }", "no argument `node(key:)`"),
        ("{ me { id } } query Person { me { id } people { nodes { id } } }", "rename the operation `Person`"),
    ] {
        let error = select(document).unwrap_err();
        assert!(error.contains(message), "{document}: {error}");
    }
}

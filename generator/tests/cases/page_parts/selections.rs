//! Parts of connections that are returned by themselves, and lists without pages.

use case_page_parts::{Client, Id, MemoryTransport, Select, UserConnection};
use serde_json::{Value, json};
use std::future::IntoFuture;

fn run<F: IntoFuture>(data: Value, call: impl Fn(&Client) -> F) -> (F::Output, String) {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    let builder = Client::builder().personal_access_token("token-of-a-test").transport(transport.clone());
    let client = builder.build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let output = runtime.block_on(call(&client).into_future());
    (output, transport.requests()[0].document.clone())
}

fn users() -> Value {
    json!({"nodes": [{"id": "1", "name": "Ann"}, null], "pageInfo": {"endCursor": "c", "hasNextPage": true}, "totalCount": 7})
}

#[test]
fn a_connection_without_a_cursor_is_an_ordinary_result() {
    let (all, document) = run(json!({"all": users()}), Client::all);
    let UserConnection { nodes, page_info, total_count, .. } = all.unwrap();
    let nodes = nodes.unwrap();
    assert_eq!(nodes[0].as_ref().unwrap().name.as_deref(), Some("Ann"));
    assert!(nodes[1].is_none(), "a null node is one");
    assert_eq!((page_info.end_cursor.as_deref(), page_info.has_next_page, total_count), (Some("c"), true, 7));
    assert_eq!(document, "query all { all { nodes { id name } pageInfo { endCursor hasNextPage } totalCount } }");
    let (first, _) = run(json!({"first": null}), Client::first);
    assert!(first.unwrap().is_none());
    let (within, document) = run(json!({"within": users()}), |client| client.within("t"));
    assert_eq!(within.unwrap().total_count, 7);
    assert!(document.starts_with("query within($team: ID!) { within(team: $team)"), "{document}");
}

#[test]
fn parts_of_connections_are_results() {
    let (edge, document) = run(json!({"edge": {"cursor": "x", "node": {"id": "1", "name": null}}}), Client::edge);
    let edge = edge.unwrap().unwrap();
    assert_eq!((edge.cursor.as_str(), edge.node.unwrap().id.as_str()), ("x", "1"));
    assert_eq!(document, "query edge { edge { cursor node { id name } } }");
    let (page, _) = run(json!({"page": {"endCursor": null, "hasNextPage": false}}), Client::page);
    assert!(!page.unwrap().unwrap().has_next_page);
    let (bulk, _) = run(json!({"bulk": users()}), Client::bulk);
    assert_eq!(bulk.unwrap().unwrap().total_count, 7);
    let edge = json!({"cursor": "x", "node": {"id": "1", "name": null}});
    let payload = json!({"user": null, "userEdge": edge, "sdk_errors": null});
    let (created, _) = run(json!({"userCreate": payload}), |client| client.user_create("Ann"));
    assert_eq!(created.unwrap().user_edge.unwrap().cursor, "x");
}

#[test]
fn lists_of_leaves_and_pages_without_a_cursor_are_ordinary_results() {
    let tags = json!({"nodes": ["a"], "pageInfo": {"endCursor": null, "hasNextPage": false}});
    let (tags, _) = run(json!({"tags": tags}), Client::tags);
    assert_eq!(tags.unwrap().nodes, ["a"]);
    let endless = json!({"nodes": [{"id": "1", "name": null}], "pageInfo": {"hasNextPage": true}});
    let (endless, _) = run(json!({"endless": endless}), Client::endless);
    assert_eq!(endless.unwrap().unwrap().nodes.len(), 1);
}

#[test]
fn plain_lists_take_their_arguments() {
    let arguments = case_page_parts::ListedArguments::new().limit(2).offset(4);
    let (listed, document) = run(json!({"listed": [{"id": "1", "name": null}]}), |client| {
        client.listed().arguments(arguments.clone())
    });
    assert_eq!(listed.unwrap()[0].id, Id::from("1"));
    assert_eq!(document, "query listed($limit: Int, $offset: Int) { listed(limit: $limit, offset: $offset) { id name } }");
    let (skipped, _) = run(json!({"skipped": [null]}), Client::skipped);
    assert_eq!(skipped.unwrap().unwrap().len(), 1);
}

#[derive(Debug, Select)]
#[select(on = User, crate = case_page_parts)]
struct Friendly {
    friends: Option<Friends>,
}

/// A connection without arguments is an object.
#[derive(Debug, Select)]
#[select(on = UserConnection, crate = case_page_parts)]
struct Friends {
    total_count: i64,
    edges: Option<Vec<Option<Edge>>>,
}

#[derive(Debug, Select)]
#[select(on = UserEdge, crate = case_page_parts)]
struct Edge {
    cursor: String,
}

#[test]
fn a_connection_without_arguments_is_selected_as_an_object() {
    let user = json!({"friends": {"total_count": 1, "edges": [{"cursor": "x"}, null]}});
    let page = json!({"pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": [user]});
    let (found, document) =
        run(json!({"users": page}), |client| {
            let users = client.users().select::<Friendly>();
            async move { users.all().await }
        });
    let friends = found.unwrap().remove(0).friends.unwrap();
    assert_eq!((friends.total_count, friends.edges.unwrap()[0].as_ref().unwrap().cursor.as_str()), (1, "x"));
    assert!(document.contains("nodes { friends { total_count: totalCount edges { cursor } } }"), "{document}");
}

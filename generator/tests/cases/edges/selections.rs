//! Connections of edges: streams, positions, batches, nested ones, and faults.

use case_edges::{
    Client, Connection, ConnectionQuery, ErrorKind, Id, MemoryRequest, MemoryTransport, Position, Role, Select, Thing,
    ThingType, User,
};
use serde_json::{Value, json};
use std::future::IntoFuture;

fn client(answer: impl Fn(&MemoryRequest) -> Value + Send + Sync + 'static) -> (Client, MemoryTransport) {
    let transport = MemoryTransport::new(answer);
    let builder = Client::builder().personal_access_token("token-of-a-test").transport(transport.clone());
    (builder.build().unwrap(), transport)
}

fn run<T>(call: impl IntoFuture<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(call.into_future())
}

/// Five users, with an edge and a node between them that the caller may not see.
fn edges() -> Vec<Value> {
    let edge = |id: &str| json!({"node": {"id": id, "name": null}});
    vec![edge("1"), Value::Null, json!({"node": null}), edge("2"), edge("3"), edge("4"), edge("5")]
}

/// A page of these edges, by the variables with this prefix.
fn page(edges: &[Value], variables: &Value, prefix: &str) -> Value {
    let variable = |name: &str| &variables[format!("{prefix}{name}")];
    let start: usize = variable("after").as_str().map_or(0, |cursor| cursor.parse().unwrap());
    let end = (start + variable("first").as_u64().unwrap() as usize).min(edges.len());
    json!({
        "pageInfo": {"hasNextPage": end < edges.len(), "endCursor": end.to_string()},
        "edges": edges[start..end],
    })
}

fn users() -> (Client, MemoryTransport) {
    client(|request| {
        assert!(!request.document.contains("nodes"), "{}", request.document);
        let users = |prefix| page(&edges(), &request.variables, prefix);
        let teams = |prefix| {
            let team = |id: &str| json!({"node": {"id": id, "title": id}});
            page(&[team("a"), team("b")], &request.variables, prefix)
        };
        match request.operation.as_str() {
            "users" if request.document.contains("totalCount") => json!({"data": {"users": {"totalCount": 5}}}),
            "users" => json!({"data": {"users": users("")}}),
            "teams" => json!({"data": {"teams": teams("")}}),
            "batch" if request.document.contains("b1: teams") => {
                json!({"data": {"b0": users("b0_"), "b1": teams("b1_")}})
            }
            "batch" => json!({"data": {"b0": users("b0_")}}),
            other => panic!("{other}"),
        }
    })
}

fn ids(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.id.as_str()).collect()
}

#[test]
fn all_pages_are_streamed_without_null_edges_and_nodes() {
    let (client, transport) = users();
    let all = run(client.users().page_size(3).all()).unwrap();
    assert_eq!(ids(&all), ["1", "2", "3", "4", "5"]);
    let requests = transport.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(
        requests[1].document,
        "query users($after: String, $first: Int) { users(after: $after, first: $first) \
         { pageInfo { hasNextPage endCursor } edges { node { id name } } } }"
    );
    assert_eq!(requests[1].variables, json!({"after": "3", "first": 3}));
    assert_eq!(run(client.users().count()).unwrap(), 5);
    let teams = run(client.teams().page_size(1).all()).unwrap();
    assert_eq!(teams.iter().map(|team| team.title.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(run(client.users().first()).unwrap().unwrap().id.as_str(), "1");
}

#[test]
fn a_stream_resumes_within_any_page() {
    let (client, _) = users();
    for taken in 0..=5 {
        let position: Position = run(async {
            let mut users = client.users().page_size(3).stream();
            for _ in 0..taken {
                users.try_next().await.unwrap().unwrap();
            }
            users.position().to_string().parse().unwrap()
        });
        let rest = run(client.users().page_size(4).resume(position).all()).unwrap();
        assert_eq!(ids(&rest), ["1", "2", "3", "4", "5"][taken..], "{taken}");
    }
}

#[test]
fn a_batch_fetches_all_pages() {
    let (client, transport) = users();
    let calls = (client.users().page_size(3).complete(), client.teams().page_size(2).complete());
    let (users, teams) = run(client.batch(calls)).unwrap();
    assert_eq!(ids(&users.unwrap()), ["1", "2", "3", "4", "5"]);
    assert_eq!(teams.unwrap().len(), 2);
    assert_eq!(transport.requests().len(), 3);
    let mut first = run(client.batch(vec![client.users().page_size(4)])).unwrap();
    let first = first.remove(0).unwrap();
    assert_eq!((ids(&first.nodes), first.has_next_page), (vec!["1", "2"], true));
}

#[test]
fn a_malformed_page_is_an_error_with_its_path() {
    for (edges, message) in [
        (json!([{"node": {"id": "1", "name": null}}, {}]), "users.edges[1].node: the field is missing (in Edge)"),
        (json!([{"node": {"id": null, "name": null}}]), "users.edges[0].node.id: expected ID, found null (in User)"),
        (json!(null), "users.edges: expected a list of edges, found null (in Connection)"),
    ] {
        let page = json!({"pageInfo": {"hasNextPage": false, "endCursor": null}, "edges": edges});
        let (client, _) = client(move |_| json!({"data": {"users": page}}));
        let error = run(client.users().all()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn the_nodes_of_edges_can_be_of_several_types() {
    let page = json!({"pageInfo": {"hasNextPage": false, "endCursor": null}, "edges": [
        {"node": {"__typename": "Team", "id": "a"}}, {"node": null},
    ]});
    let (client, _) = client(move |_| json!({"data": {"things": page}}));
    let things: Vec<Thing> = run(client.things().all()).unwrap();
    assert_eq!(things.iter().map(|thing| &thing.typename).collect::<Vec<_>>(), [&ThingType::Team]);
}

#[derive(Debug, Select)]
#[select(on = User, crate = case_edges)]
struct Person {
    #[select(all)]
    friends: Option<Vec<Friend>>,
    #[select(rename = "friends", first = 2)]
    some: Option<Connection<Friend>>,
    #[select(first = 1, role = OWNER)]
    memberships: Memberships,
}

#[derive(Debug, Select)]
#[select(on = User, crate = case_edges)]
struct Friend {
    name: Option<String>,
    #[select(first = 3)]
    memberships: Vec<Membership>,
}

#[derive(Debug, Select)]
#[select(on = Team, crate = case_edges)]
struct Membership {
    title: String,
}

/// The data of edges, in a page of one's own.
#[derive(Debug, Select)]
#[select(on = TeamConnection, crate = case_edges)]
struct Memberships {
    edges: Vec<MembershipEdge>,
}

#[derive(Debug, Select)]
#[select(on = TeamEdge, crate = case_edges)]
struct MembershipEdge {
    cursor: String,
    role: Option<Role>,
    node: Membership,
}

fn friend(name: &str) -> Value {
    json!({"node": {"name": name, "memberships": {"edges": [{"node": {"title": "T"}}]}}})
}

#[test]
fn nested_connections_have_all_pages_a_total_and_the_data_of_edges() {
    let (client, transport) = client(|request| match request.operation.as_str() {
        "users" => json!({"data": {"users": {"pageInfo": {"hasNextPage": false, "endCursor": null}, "edges": [{"node": {
            "friends": {"pageInfo": {"hasNextPage": true, "endCursor": "c"}, "edges": [friend("Ann"), null]},
            "some": {"totalCount": 3, "pageInfo": {"hasNextPage": true, "endCursor": "c"}, "edges": [friend("Ann")]},
            "memberships": {"edges": [{"cursor": "x", "role": "OWNER", "node": {"title": "A"}}]},
            "sdk_id": "1",
        }}]}}}),
        "users_rest" => json!({"data": {"b0": {"__typename": "User", "page": {
            "pageInfo": {"hasNextPage": false, "endCursor": "d"}, "edges": [friend("Bob"), friend("Cid")],
        }}}}),
        other => panic!("{other}"),
    });
    let people = run(client.users().select::<Person>().all()).unwrap();
    let [Person { friends: Some(friends), some: Some(some), memberships }] = &*people else { panic!("{people:?}") };
    let names: Vec<_> = friends.iter().filter_map(|friend| friend.name.as_deref()).collect();
    assert_eq!(names, ["Ann", "Bob", "Cid"]);
    assert_eq!(friends[2].memberships[0].title, "T");
    assert_eq!((some.total_count, some.page_info.end_cursor.as_deref(), some.nodes.len()), (3, Some("c"), 1));
    let MembershipEdge { cursor, role, node } = &memberships.edges[0];
    assert_eq!((cursor.as_str(), role, node.title.as_str()), ("x", &Some(Role::Owner), "A"));
    let documents: Vec<_> = transport.requests().into_iter().map(|request| request.document).collect();
    assert_eq!(
        documents,
        [
            "query users($first: Int) { users(first: $first) { pageInfo { hasNextPage endCursor } edges { node { \
             friends(first: 100) { pageInfo { hasNextPage endCursor } edges { node { name memberships(first: 3) \
             { edges { node { title } } } } } } some: friends(first: 2) { totalCount pageInfo { hasNextPage endCursor } \
             edges { node { name memberships(first: 3) { edges { node { title } } } } } } \
             memberships(first: 1, role: OWNER) { edges { cursor role node { title } } } \
             ... on Node { sdk_id: id } } } } }",
            "query users_rest($b0_id: ID!, $b0_after: String!) { b0: node(id: $b0_id) { __typename ... on User { \
             page: friends(after: $b0_after, first: 100) { pageInfo { hasNextPage endCursor } edges { node { name \
             memberships(first: 3) { edges { node { title } } } } } } } } }",
        ]
    );
}

#[derive(Debug, Select)]
#[select(on = Query, crate = case_edges)]
struct Both {
    #[select(first = 2)]
    users: Option<Connection<Named>>,
    #[select(first = 2, after = "x")]
    teams: Memberships,
}

#[derive(Debug, Select)]
#[select(on = User, crate = case_edges)]
struct Named {
    id: Id,
}

#[test]
fn an_operation_selects_pages_of_edges() {
    let (client, transport) = client(|_| {
        json!({"data": {
            "users": {"totalCount": 9, "pageInfo": {"hasNextPage": true, "endCursor": "c"}, "edges": [{"node": {"id": "1"}}]},
            "teams": {"edges": []},
        }})
    });
    let both = run(client.query::<Both>(())).unwrap();
    let users = both.users.unwrap();
    assert_eq!((users.nodes[0].id.as_str(), users.total_count), ("1", 9));
    assert!(both.teams.edges.is_empty());
    assert_eq!(
        transport.requests()[0].document,
        "query Both { users(first: 2) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } \
         teams(first: 2, after: \"x\") { edges { cursor role node { title } } } }"
    );
}

/// The query can be named.
fn _named(client: &Client) -> ConnectionQuery<case_edges::TeamsQuery> {
    client.teams()
}

//! Root fields and parts of connections whose types have other lists, or may be null.

use super::edited::{list, named, non_null};
use super::{Count, Noted, Overview, Ticket, edited, problems};
use xurrent::preflight::FindingKind;
use xurrent::{Request, RequestUpdateInput, Select};

#[tokio::test]
async fn root_fields_that_became_lists_or_stopped_being_single_are_named() {
    let (_sandbox, client) = edited(|schema| {
        schema
            .retype("Query.me", list(named("OBJECT", "Person")))
            .retype("Query.people", list(named("OBJECT", "PersonConnection")))
            .retype("Query.node", list(named("INTERFACE", "Node")))
            .retype("Mutation.requestUpdate", non_null(list(named("OBJECT", "RequestUpdatePayload"))))
    })
    .await;
    let found = problems(client.me().preflight().await);
    let expected =
        (FindingKind::FieldType, "`Query.me` is of type `[Person]`, which cannot be decoded".to_owned());
    assert_eq!(found, [expected]);
    let calls = client.people().preflight().and(client.node::<Request>("1").preflight());
    let update = client.request_update(RequestUpdateInput::new("1"));
    let found = problems(calls.and(update.preflight()).await);
    let texts: Vec<_> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "`Query.people` is of type `[PersonConnection]`, which cannot be decoded",
            "`Query.node` is of type `[Node]`, which cannot be decoded",
            "`Mutation.requestUpdate` is of type `[RequestUpdatePayload]!`, which cannot be decoded",
        ]
    );
    // An operation names its struct and field.
    let found = problems(client.query::<Overview>(Count { count: 1 }).preflight().await);
    assert!(
        found.contains(&(
            FindingKind::FieldType,
            "`Overview::me` (`Query.me`) is of type `[Person]`, was `Person`".to_owned()
        )),
        "{found:#?}"
    );
}

#[tokio::test]
async fn null_is_a_problem_where_the_program_holds_none() {
    let (_sandbox, client) = edited(|schema| {
        schema
            .retype("Query.requests", named("OBJECT", "RequestConnection"))
            .retype("Query.me", non_null(named("OBJECT", "Person")))
            .retype("Mutation.requestUpdate", named("OBJECT", "RequestUpdatePayload"))
    })
    .await;
    // The payload of a mutation that is null is an error of the server, and `me` is an `Option`.
    let update = client.request_update(RequestUpdateInput::new("1"));
    client.me().preflight().and(update.preflight()).await.unwrap();
    let found = problems(client.preflight::<Overview>().await);
    let expected = "`Overview::requests` (`Query.requests`) may be null: its type is `RequestConnection`, was \
                    `RequestConnection!`";
    assert_eq!(found, [(FindingKind::Null, expected.to_owned())]);
}

#[derive(Debug, Select)]
#[select(on = Request)]
struct Watched {
    #[select(first = 5)]
    watches: Option<xurrent::Connection<super::Watcher>>,
}

#[tokio::test]
async fn parts_of_connections_that_cannot_be_read_are_named_with_the_field_that_selects_them() {
    let (_sandbox, client) = edited(|schema| {
        schema
            .retype("WatchConnection.nodes", named("OBJECT", "Watch"))
            .retype("WatchConnection.totalCount", list(named("SCALAR", "Int")))
            .retype("PageInfo.endCursor", list(named("SCALAR", "String")))
    })
    .await;
    let found = problems(client.preflight::<Watched>().await);
    let texts: Vec<_> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "`Watched::watches` (`WatchConnection.totalCount`) is of type `[Int]`, which cannot be decoded",
            "`Watched::watches` (`PageInfo.endCursor`) is of type `[String]`, which cannot be decoded",
            "`Watched::watches` (`WatchConnection.nodes`) is of type `Watch`, which cannot be decoded",
        ]
    );
    client.preflight::<Noted>().await.unwrap_err();
    client.preflight::<Ticket>().await.unwrap_err();
}

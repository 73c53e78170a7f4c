//! Preflights: what a server cannot serve any more is found before a call needs it.

#![allow(clippy::unwrap_used, dead_code, missing_docs)]

mod edited;
mod nested_inputs;
mod refused_documents;
mod root_fields;
mod servers;

use crate::sandboxed::{client, with};
use edited::{Edited, list, named, non_null};
use xurrent::preflight::{FindingKind, PreflightReport};
use xurrent::{Client, Connection, Id, Ref, Select, Timestamp};
use xurrent::{
    ErrorKind, LifeCycleState, Note, NoteCreateInput, Person, PersonFilter, RequestFilter, RequestStatus,
    RequestUpdateInput, RequestView,
};

#[derive(Debug, Select)]
#[select(on = Request)]
struct Ticket {
    id: Id,
    subject: Option<String>,
    #[select(rename = "requestedFor")]
    requester: Option<Requester>,
    #[select(first = 20)]
    notes: Vec<NoteLine>,
    #[select(all)]
    watches: Option<Vec<Watcher>>,
    member: Option<Ref<Person>>,
    #[select(flatten)]
    times: Times,
}

#[derive(Debug, Select)]
#[select(on = Request)]
struct Times {
    #[select(rename = "createdAt", required)]
    created: Timestamp,
    status: Option<RequestStatus>,
}

#[derive(Debug, Select)]
#[select(on = Person)]
struct Requester {
    name: Option<String>,
    #[select(first = 1)]
    teams: Connection<Named>,
}

#[derive(Debug, Select)]
#[select(on = Team)]
struct Named {
    #[select(required)]
    name: String,
}

#[derive(Debug, Select)]
#[select(on = Note)]
struct NoteLine {
    #[select(rename = "createdAt")]
    at: Timestamp,
    text: Option<String>,
}

#[derive(Debug, Select)]
#[select(on = Watch)]
struct Watcher {
    person: Option<Ref<Person>>,
}

#[derive(Debug, Select)]
#[select(on = HasNotes)]
#[allow(clippy::large_enum_variant, reason = "selections hold their variants in place")]
enum Noted {
    Request(Ticket),
    Problem(Problem),
    #[select(other)]
    Other,
}

#[derive(Debug, Select)]
#[select(on = Problem)]
struct Problem {
    subject: Option<String>,
}

#[derive(Debug, Select)]
#[select(on = Query, variables = Count)]
struct Overview {
    #[select(first = $count)]
    requests: Connection<Ticket>,
    me: Option<Requester>,
}

struct Count {
    count: i64,
}

type Everything =
    ((Ticket, Noted, Overview), Note, Person, RequestUpdateInput, RequestStatus, (LifeCycleState,));

async fn edited(edit: impl FnOnce(Edited) -> Edited) -> (xurrent_sandbox::Sandbox, Client) {
    let schema = edit(Edited::new()).json();
    with(|sandbox| sandbox.schema_json(schema).value_lists_as_enums(false)).await
}

fn problems(result: xurrent::Result<PreflightReport>) -> Vec<(FindingKind, String)> {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SchemaMismatch, "{error}");
    let report = error.preflight().unwrap();
    report.problems.iter().map(|problem| (problem.kind, problem.to_string())).collect()
}

#[tokio::test]
async fn the_schema_of_the_sdk_has_no_problems_and_costs_two_requests() {
    let (sandbox, client) = client().await;
    let report = client.preflight::<Everything>().await.unwrap();
    assert_eq!(report.problems, []);
    assert!(report.notes.iter().all(|note| note.kind == FindingKind::NotCompared), "{report}");
    assert_eq!(sandbox.requests().len(), 2, "{:#?}", sandbox.requests());
}

#[tokio::test]
async fn each_difference_of_a_selection_is_named_with_its_struct_and_field() {
    let (_sandbox, client) = edited(|schema| {
        schema
            .remove("fields", "Request.subject")
            .retype("Request.requestedFor", list(named("OBJECT", "Person")))
            .retype("Note.createdAt", named("SCALAR", "ISO8601Timestamp"))
            .retype("Note.text", named("SCALAR", "Int"))
            .remove_argument("HasNotes.notes", "first")
            .remove_argument("Request.notes", "first")
            .argument("Request.watches", "kind", non_null(named("SCALAR", "String")))
            .remove("fields", "Team.name")
            .deprecate("Request.member", "Use `team` instead.")
            .remove("interfaces", "Problem.HasNotes")
    })
    .await;
    let found = problems(client.preflight::<(Ticket, Noted)>().await);
    let expected = [
        (
            FindingKind::Field,
            "`Ticket::subject` (`Request.subject`) is unknown: `Request` has no field `subject`",
        ),
        (
            FindingKind::FieldType,
            "`Ticket::requester` (`Request.requestedFor`) is of type `[Person]`, was `Person`",
        ),
        (FindingKind::Field, "`Named::name` (`Team.name`) is unknown"),
        (
            FindingKind::Argument,
            "`Ticket::notes` (`Request.notes(first:)`) is unknown: the field has no argument `first`",
        ),
        (
            FindingKind::Null,
            "`NoteLine::at` (`Note.createdAt`) may be null: its type is `ISO8601Timestamp`, was `ISO8601Timestamp!`",
        ),
        (FindingKind::FieldType, "`NoteLine::text` (`Note.text`) is of type `Int`, was `String`"),
        (
            FindingKind::Required,
            "`Ticket::watches` (`Request.watches(kind:)`) is required and not given: its type is `String!`",
        ),
        (
            FindingKind::Type,
            "`Noted` (`HasNotes`) selects `Problem`, which is none of the types of `HasNotes` any more",
        ),
    ];
    for (kind, text) in expected {
        assert!(found.iter().any(|(of, found)| *of == kind && found.starts_with(text)), "{text}\n{found:#?}");
    }
    let error = client.preflight::<Ticket>().await.unwrap_err();
    let notes: Vec<String> = error.preflight().unwrap().notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes, ["`Ticket::member` (`Request.member`) is deprecated: Use `team` instead"]);
}

#[tokio::test]
async fn each_difference_of_an_input_is_named() {
    let (_sandbox, client) = edited(|schema| {
        schema
            .remove("inputFields", "RequestUpdateInput.memberId")
            .input_field("RequestUpdateInput", "approval", non_null(named("SCALAR", "String")))
            .input_field("RequestUpdateInput", "teamId", non_null(named("SCALAR", "ID")))
            .input_field("RequestUpdateInput", "timeSpent", named("SCALAR", "String"))
            .remove("fields", "Mutation.noteCreate")
    })
    .await;
    let found = problems(client.preflight::<RequestUpdateInput>().await);
    let expected = [
        (
            FindingKind::Field,
            "`RequestUpdateInput` (`RequestUpdateInput.memberId`) is unknown: `RequestUpdateInput` has no field `memberId`",
        ),
        (
            FindingKind::InputType,
            "`RequestUpdateInput` (`RequestUpdateInput.timeSpent`) is of type `String`, was `Int`",
        ),
        (
            FindingKind::Required,
            "`RequestUpdateInput` (`RequestUpdateInput.approval`) is required and not given: its type is `String!`",
        ),
        (
            FindingKind::Required,
            "`RequestUpdateInput` (`RequestUpdateInput.teamId`) is required: its type is `ID!`, was `ID`",
        ),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (kind, text) in expected {
        assert!(found.iter().any(|(of, found)| *of == kind && found.starts_with(text)), "{text}\n{found:#?}");
    }
    // A call is compared with what it sends.
    let input = RequestUpdateInput::new("1").team_id("5").subject("new");
    let found = problems(client.request_update(input.clone()).preflight().await);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].1.contains("RequestUpdateInput.approval"), "{found:#?}");
    let found = problems(client.request_update(input.member_id("7")).preflight().await);
    assert_eq!(found.len(), 2, "{found:#?}");
    let note = client.note_create(NoteCreateInput::new("1", "text"));
    let found = problems(note.preflight().and(client.me().preflight()).await);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].1.starts_with("`Mutation.noteCreate` is unknown: `Mutation` has no field `noteCreate`"),
        "{found:#?}"
    );
}

#[tokio::test]
async fn calls_are_compared_with_the_arguments_that_they_send() {
    let (_sandbox, client) = edited(|schema| {
        schema
            .remove_argument("Query.requests", "view")
            .remove("inputFields", "PersonFilter.disabled")
            .remove("fields", "Query.people")
    })
    .await;
    client.requests().preflight().await.unwrap();
    client.requests().filter(RequestFilter::new().status(RequestStatus::Assigned)).preflight().await.unwrap();
    let found = problems(client.requests().view(RequestView::from("current_account")).preflight().await);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].1.starts_with("`Query.requests` (`Query.requests(view:)`) is unknown"), "{found:#?}");
    let found = problems(client.people().filter(PersonFilter::new().disabled(true)).preflight().await);
    assert_eq!(found.len(), 1, "{found:#?}");
    client.node::<Ticket>("1").preflight().await.unwrap();
    client.query::<Overview>(Count { count: 3 }).preflight().await.unwrap();
    assert!(client.node::<Ticket>(" ").preflight().await.unwrap_err().is_configuration());
}

//! Selections of every form, compiled and run against the sandbox.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::sandboxed::client;
use xurrent::{
    Connection, Error, Id, Leaf, Note, NoteCreateInput, Organization, Person, PersonFilter, PersonOrder,
    PersonOrderField, Ref, RequestStatus, RequestUpdateInput, Select, TaskStatus, Timestamp,
};
use xurrent_sandbox::node_id;

#[derive(Debug, Select)]
#[select(on = Request)]
struct Ticket {
    id: Id,
    subject: Option<String>,
    status: Option<RequestStatus>,
    #[select(rename = "requestedFor")]
    requester: Option<Requester>,
    #[select(first = 20)]
    notes: Vec<NoteLine>,
}

#[derive(Debug, Select)]
#[select(on = Person)]
#[allow(dead_code, reason = "that they are filled is what is tested")]
struct Requester {
    id: Id,
    name: Option<String>,
    organization: Option<Ref<Organization>>,
    manager: Option<Box<Person>>,
}

#[derive(Debug, Select)]
#[select(on = Note)]
#[allow(dead_code, reason = "that they are filled is what is tested")]
struct NoteLine {
    text: Option<String>,
    created_at: Timestamp,
}

#[tokio::test]
async fn a_connection() {
    let (_sandbox, client) = client().await;
    let tickets = client.requests().select::<Ticket>().limit(5).all().await.unwrap();
    assert_eq!(tickets.len(), 5);
    let full = client.requests().limit(5).all().await.unwrap();
    for (ticket, full) in tickets.iter().zip(&full) {
        assert_eq!(ticket.id, full.id);
        assert_eq!(ticket.subject, full.subject);
        assert_eq!(ticket.status, full.status);
        assert_eq!(ticket.requester.as_ref().map(|it| &it.id), full.requested_for.as_ref().map(|it| it.id()));
    }
    assert!(tickets.iter().any(|ticket| !ticket.notes.is_empty()));
    assert_eq!(Ticket::NODES, 21);
    assert_eq!(Ticket::CONNECTIONS, 1);
    assert_eq!(Ticket::DEPTH, 4);
}

#[derive(Debug, Select)]
#[select(on = Person)]
struct Several {
    #[select(flatten)]
    person: Person,
    #[select(flatten)]
    team: Teams,
    #[select(rename = "name")]
    full_name: Option<String>,
    #[select(rename = "name", required)]
    same_name: String,
    #[select(rename = "__typename")]
    kind: String,
    #[select(rename = "jobTitle", default)]
    job: Job,
    #[select(rename = "teams", first = 2)]
    two_teams: Connection<TeamName>,
}

#[derive(Debug, Select)]
#[select(on = Person)]
struct Teams {
    #[select(first = 100)]
    teams: Option<Vec<TeamName>>,
}

#[derive(Debug, Clone, PartialEq, Select)]
#[select(on = Team)]
struct TeamName {
    id: Id,
    name: Option<String>,
}

#[derive(Debug, PartialEq, Default)]
struct Job(String);

impl Leaf for Job {
    type Wire = String;

    fn from_wire(text: String) -> Result<Self, String> {
        if text.contains("forbidden") { Err("a forbidden job".to_owned()) } else { Ok(Self(text)) }
    }
}

#[tokio::test]
async fn flattened_renamed_twice_defaulted_and_nested() {
    let (_sandbox, client) = client().await;
    let order = [PersonOrder::asc(PersonOrderField::Name)];
    let several = client.people().order(order).select::<Several>().limit(30).all().await.unwrap();
    assert_eq!(several.len(), 30);
    let mut most = 0;
    for person in &several {
        assert_eq!(person.kind, "Person");
        assert_eq!(person.full_name.as_deref(), Some(person.same_name.as_str()));
        assert_eq!(person.person.name, person.full_name);
        assert_eq!(person.job, Job(person.person.job_title.clone().unwrap_or_default()));
        let teams = person.team.teams.as_ref().unwrap();
        assert_eq!(person.two_teams.total_count, i64::try_from(teams.len()).unwrap());
        assert_eq!(person.two_teams.nodes, teams[..teams.len().min(2)]);
        assert_eq!(person.two_teams.page_info.has_next_page, teams.len() > 2);
        most = most.max(teams.len());
    }
    assert!(most > 0, "nobody is in a team");
}

#[derive(Debug, Select)]
#[select(on = Node)]
#[allow(clippy::large_enum_variant, reason = "one of the variants is a whole record")]
enum Anything {
    Request(RequestPart),
    Task(TaskPart),
    #[select(rename = "Problem")]
    Trouble(Box<xurrent::Problem>),
    #[select(other)]
    Other(String),
}

#[derive(Debug, Select)]
#[select(on = Request)]
struct RequestPart {
    id: Id,
    status: Option<RequestStatus>,
    #[select(rename = "subject")]
    title: Option<String>,
}

#[derive(Debug, Select)]
#[select(on = Task)]
struct TaskPart {
    id: Id,
    status: Option<TaskStatus>,
    #[select(rename = "id")]
    title: Id,
}

#[tokio::test]
async fn variants_of_an_interface_with_conflicting_fields() {
    let (_sandbox, client) = client().await;
    let request = client.node::<Anything>(node_id("Request", 1)).await.unwrap().unwrap();
    let full = client.node::<xurrent::Request>(node_id("Request", 1)).await.unwrap().unwrap();
    let Anything::Request(request) = request else { panic!("{request:?}") };
    assert_eq!((request.id, request.status, request.title), (full.id, full.status, full.subject));
    let task = client.node::<Anything>(node_id("Task", 2)).await.unwrap().unwrap();
    let full = client.node::<xurrent::Task>(node_id("Task", 2)).await.unwrap().unwrap();
    let Anything::Task(task) = task else { panic!("{task:?}") };
    assert_eq!((&task.id, task.status, &task.title), (&full.id, full.status, &full.id));
    let problem = client.node::<Anything>(node_id("Problem", 1)).await.unwrap().unwrap();
    assert!(matches!(problem, Anything::Trouble(problem) if problem.id.as_str() == node_id("Problem", 1)));
    let person = client.node::<Anything>(node_id("Person", 1)).await.unwrap().unwrap();
    assert!(matches!(person, Anything::Other(name) if name == "Person"));
    assert!(client.node::<Anything>(node_id("Person", 123_456)).await.unwrap().is_none());
}

#[tokio::test]
async fn one_record() {
    let (_sandbox, client) = client().await;
    let person = client.node::<Requester>(node_id("Person", 1)).await.unwrap().unwrap();
    assert_eq!(person.id.as_str(), node_id("Person", 1));
    let error = client.node::<Requester>(node_id("Team", 1)).await.unwrap_err();
    assert!(error.to_string().contains("not of a Person"), "{error}");
    let me = client.me().select::<Requester>().await.unwrap().unwrap();
    assert_eq!(me.name, client.me().await.unwrap().unwrap().name);
    let reference: Ref<Person> = Ref::new(person.id.clone());
    let same = client.get(&reference).select::<Requester>().await.unwrap().unwrap();
    assert_eq!(same.name, person.name);
}

#[derive(Debug, Select)]
#[select(on = RequestUpdatePayload)]
struct Updated {
    request: Option<RequestPart>,
    client_mutation_id: Option<String>,
}

#[tokio::test]
async fn a_payload() {
    let (_sandbox, client) = client().await;
    let input = RequestUpdateInput::new(node_id("Request", 1)).subject("New").client_mutation_id("m1");
    let updated = client.request_update(input).select::<Updated>().await.unwrap();
    assert_eq!(updated.request.unwrap().title.as_deref(), Some("New"));
    assert_eq!(updated.client_mutation_id.as_deref(), Some("m1"));
    let blank = RequestUpdateInput::new(node_id("Request", 1)).subject(" ");
    let error = client.request_update(blank).select::<Updated>().await.unwrap_err();
    assert!(error.is_payload(), "{error}");
}

#[derive(Debug, Select)]
#[select(on = Query, variables = DashboardVariables)]
struct Dashboard {
    me: Option<TeamMember>,
    #[select(first = $count, filter = $filter, view = all, order = $order)]
    people: Vec<TeamMember>,
    #[select(rename = "people", first = 1)]
    other_people: Connection<TeamMember>,
    #[select(id = $id)]
    node: Option<Anything>,
}

#[derive(Debug, Select)]
#[select(on = Person)]
struct TeamMember {
    id: Id,
    name: Option<String>,
}

struct DashboardVariables {
    count: i64,
    filter: PersonFilter,
    order: Vec<PersonOrder>,
    id: Id,
}

#[tokio::test]
async fn a_whole_query() -> Result<(), Error> {
    let (_sandbox, client) = client().await;
    let order = vec![PersonOrder::desc(PersonOrderField::Name)];
    let variables = DashboardVariables {
        count: 3,
        filter: PersonFilter::new().disabled(false),
        order,
        id: node_id("Request", 1).into(),
    };
    let dashboard = client.query::<Dashboard>(variables).await?;
    assert_eq!(dashboard.people.len(), 3);
    assert!(dashboard.people[0].name >= dashboard.people[1].name);
    assert_eq!(dashboard.me.unwrap().id, client.me().await?.unwrap().id);
    assert_eq!(dashboard.other_people.nodes.len(), 1);
    assert!(
        dashboard.other_people.total_count > 3 && !dashboard.other_people.nodes[0].id.as_str().is_empty()
    );
    assert!(matches!(dashboard.node, Some(Anything::Request(_))));
    Ok(())
}

#[derive(Debug, Select)]
#[select(on = Query, variables = RawVariables)]
#[allow(non_camel_case_types, reason = "a raw name")]
struct r#async {
    #[select(first = $type)]
    r#people: Vec<TeamMember>,
    #[select(id = $r#where)]
    node: Option<Both>,
}

struct RawVariables {
    r#type: i64,
    r#where: Id,
}

/// A field of an interface, and its types.
#[derive(Debug, Select)]
#[select(on = Node)]
struct Both {
    id: Id,
    #[select(flatten)]
    anything: Anything,
}

#[tokio::test]
async fn raw_names_and_a_flattened_interface() {
    let (_sandbox, client) = client().await;
    let variables = RawVariables { r#type: 2, r#where: node_id("Task", 1).into() };
    let answer = client.query::<r#async>(variables).await.unwrap();
    assert_eq!(answer.people.len(), 2);
    let node = answer.node.unwrap();
    assert_eq!(node.id.as_str(), node_id("Task", 1));
    assert!(matches!(node.anything, Anything::Task(task) if task.id == node.id));
}

#[derive(Debug, Select)]
#[select(on = Mutation, variables = Changes)]
struct Change {
    #[select(input = $request)]
    request_update: Option<Updated>,
    #[select(rename = "noteCreate", input = $note)]
    note: Option<Noting>,
}

#[derive(Debug, Select)]
#[select(on = NoteCreatePayload)]
struct Noting {
    note: Option<Note>,
}

struct Changes {
    request: RequestUpdateInput,
    note: NoteCreateInput,
}

#[tokio::test]
async fn several_mutations() {
    let (_sandbox, client) = client().await;
    let id = node_id("Request", 1);
    let changes = |subject: &str| Changes {
        request: RequestUpdateInput::new(&*id).subject(subject),
        note: NoteCreateInput::new(&*id, "Both at once"),
    };
    let change = client.mutation::<Change>(changes("Changed")).await.unwrap();
    assert_eq!(change.request_update.unwrap().request.unwrap().title.as_deref(), Some("Changed"));
    assert_eq!(change.note.unwrap().note.unwrap().text.as_deref(), Some("Both at once"));
    let error = client.mutation::<Change>(changes(" ")).await.unwrap_err();
    assert!(error.is_payload(), "{error}");
    assert!(error.to_string().contains("request_update"), "{error}");
    let partial = client.mutation::<Change>(changes(" ")).allow_partial().await.unwrap();
    assert_eq!(partial.errors[0].path[0], "request_update");
    assert!(partial.data.unwrap().note.unwrap().note.is_some());
}

#[tokio::test]
async fn page_sizes_that_are_too_large_are_rejected_before_sending() {
    #[derive(Debug, Select)]
    #[select(on = Request)]
    #[allow(dead_code, reason = "never fetched")]
    struct Large {
        #[select(first = 100)]
        notes: Vec<Reactions>,
        #[select(rename = "watches", first = 100)]
        more: Vec<Watching>,
    }
    #[derive(Debug, Select)]
    #[select(on = Note)]
    #[allow(dead_code, reason = "never fetched")]
    struct Reactions {
        #[select(first = 100)]
        note_reactions: Vec<xurrent::NoteReaction>,
    }
    #[derive(Debug, Select)]
    #[select(on = Watch)]
    #[allow(dead_code, reason = "never fetched")]
    struct Watching {
        id: Id,
    }
    assert_eq!(Large::NODES, 1 + 100 * 101 + 100);
    let (sandbox, client) = client().await;
    let error = client.requests().select::<Large>().page_size(50).all().await.unwrap_err();
    assert!(error.to_string().contains("expected 1 to 49"), "{error}");
    assert!(sandbox.requests().is_empty());
    client.requests().select::<Large>().limit(60).all().await.unwrap();
    let sent = sandbox.requests();
    assert_eq!(sent.len(), 2, "49 and 11");
}

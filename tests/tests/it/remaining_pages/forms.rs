//! Nested lists in every kind of selection and call.

use crate::remaining_pages::{Crew, Member, further, ids, sent, store, teams, truth, world};
use xurrent::{
    Connection, Id, NoteCreateInput, OpenEnum as _, Select, TeamFilter, TeamOrder, TeamOrderField,
    TeamUpdateInput,
};
use xurrent_sandbox::{Sandbox, node_id};

/// A request with so many notes.
fn request_with_notes(sandbox: &Sandbox, count: usize) -> String {
    let engine = sandbox.engine();
    let made =
        store::data(engine, r#"mutation { requestCreate(input: { subject: "Notes" }) { request { id } } }"#);
    let id = made["requestCreate"]["request"]["id"].as_str().unwrap().to_owned();
    for start in (0..count).step_by(100) {
        let one = |number| {
            format!(
                r#"n{number}: noteCreate(input: {{ ownerId: "{id}", text: "Note {number}" }}) {{ errors {{ message }} }}"#
            )
        };
        let notes: Vec<_> = (start..count.min(start + 100)).map(one).collect();
        store::data(engine, &format!("mutation {{ {} }}", notes.join(" ")));
    }
    id
}

#[derive(Select, Debug, PartialEq)]
#[select(on = Note)]
struct Line {
    text: Option<String>,
}

fn lines(sandbox: &Sandbox, id: &str) -> Vec<Line> {
    let nodes = store::truth(sandbox.engine(), "Request", id, "notes", "text");
    nodes.iter().map(|node| Line { text: node["text"].as_str().map(str::to_owned) }).collect()
}

#[derive(Select, Debug)]
#[select(on = Node)]
enum Anything {
    Request(Noted),
    Team(Crew),
    #[select(other)]
    Other,
}

#[derive(Select, Debug)]
#[select(on = Request)]
struct Noted {
    #[select(flatten)]
    inner: Inner,
    #[select(first = 1, all, rename = "notes")]
    r#type: Vec<Line>,
}

#[derive(Select, Debug)]
#[select(on = Request)]
struct Inner {
    #[select(first = 30, all)]
    notes: Option<Connection<Line>>,
    subject: Option<String>,
}

#[tokio::test]
async fn in_variants_and_flattened_selections() {
    let (sandbox, client) = world().await;
    let request = request_with_notes(&sandbox, 151);
    let team = teams(&sandbox, &[120]).remove(0);
    let Some(Anything::Request(noted)) = client.node::<Anything>(&*request).await.unwrap() else { panic!() };
    assert_eq!(noted.r#type, lines(&sandbox, &request));
    let notes = noted.inner.notes.unwrap();
    assert_eq!(notes.nodes, noted.r#type);
    assert_eq!((notes.nodes.len(), notes.page_info.has_next_page), (151, false));
    assert_eq!(noted.inner.subject.as_deref(), Some("Notes"));
    let Some(Anything::Team(crew)) = client.node::<Anything>(&*team).await.unwrap() else { panic!() };
    assert_eq!(ids(&crew.members), truth(&sandbox, &team));
    let other = client.node::<Anything>(node_id("Person", 1)).await.unwrap();
    assert!(matches!(other, Some(Anything::Other)));
}

#[derive(Select, Debug)]
#[select(on = Translation)]
struct Translated {
    owner: Option<Owner>,
    #[select(rename = "owner")]
    known: Option<xurrent::HasTranslations>,
}

/// An interface that has no id of its own.
#[derive(Select, Debug)]
#[select(on = HasTranslations)]
struct Owner {
    #[select(first = 1, all)]
    translations: Vec<Word>,
}

#[derive(Select, Debug)]
#[select(on = Translation)]
struct Word {
    id: Id,
}

#[derive(Select)]
#[select(on = Query, variables = Wanted)]
struct Operation {
    #[select(id = $id)]
    node: Option<RequestOnly>,
    #[select(id = $team, rename = "node")]
    team: Option<TeamOnly>,
    #[select(first = 2, filter = $filter)]
    teams: Vec<Crew>,
}

struct Wanted {
    id: Id,
    team: Id,
    filter: TeamFilter,
}

#[derive(Select)]
#[select(on = Node)]
enum RequestOnly {
    Request(Noted),
    #[select(other)]
    Other,
}

#[derive(Select)]
#[select(on = Node)]
enum TeamOnly {
    Team(Crew),
    #[select(other)]
    Other,
}

#[tokio::test]
async fn in_custom_operations() {
    let (sandbox, client) = world().await;
    let request = request_with_notes(&sandbox, 105);
    let made = teams(&sandbox, &[130, 101]);
    let filter = TeamFilter::new().name(["Crew 000", "Crew 001"]);
    let variables = Wanted { id: Id::from(&*request), team: Id::from(&*made[0]), filter };
    let found = client.query::<Operation>(variables).await.unwrap();
    let Some(RequestOnly::Request(noted)) = found.node else { panic!() };
    assert_eq!(noted.r#type, lines(&sandbox, &request));
    let Some(TeamOnly::Team(crew)) = found.team else { panic!() };
    assert_eq!(ids(&crew.members), truth(&sandbox, &made[0]));
    let mut sizes: Vec<_> = found.teams.iter().map(|team| team.members.len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [101, 130]);
}

#[tokio::test]
async fn in_interfaces() {
    let (sandbox, client) = world().await;
    let owner = node_id("Service", 1);
    for number in 0..103 {
        let document = format!(
            r#"mutation {{ translationCreate(input: {{
                ownerId: "{owner}", field: "name", language: "l{number}", text: "x" }}) {{
                errors {{ message }} }} }}"#
        );
        store::data(sandbox.engine(), &document);
    }
    let mut longest = 0;
    for translated in client.translations().select::<Translated>().all().await.unwrap() {
        let (Some(owner), Some(known)) = (translated.owner, translated.known) else { continue };
        let found: Vec<_> = owner.translations.iter().map(|word| word.id.as_str()).collect();
        let id = known.id.unwrap();
        let truth =
            store::truth(sandbox.engine(), known.typename.as_str(), id.as_str(), "translations", "id");
        assert_eq!(found, truth.iter().map(|node| node["id"].as_str().unwrap()).collect::<Vec<_>>());
        longest = longest.max(found.len());
    }
    assert!(longest > 101, "{longest}");
    assert!(further(&sandbox)[0].contains("... on HasTranslations { page: translations("));
}

#[derive(Select, Debug)]
#[select(on = TeamUpdatePayload)]
struct Updated {
    team: Option<Crew>,
}

#[derive(Select)]
#[select(on = Mutation, variables = TwoUpdates)]
struct Updates {
    #[select(rename = "teamUpdate", input = $one)]
    one: Option<Updated>,
    #[select(rename = "teamUpdate", input = $two)]
    two: Option<Updated>,
}

struct TwoUpdates {
    one: TeamUpdateInput,
    two: TeamUpdateInput,
}

#[tokio::test]
async fn in_payloads() {
    let (sandbox, client) = world().await;
    let made = teams(&sandbox, &[101, 220]);
    let update = |team: &str, name: &str| TeamUpdateInput::new(team).name(name);
    let payload = client.team_update(update(&made[1], "Renamed")).select::<Updated>().await.unwrap();
    let team = payload.team.unwrap();
    assert_eq!(team.name.as_deref(), Some("Renamed"));
    assert_eq!(ids(&team.members), truth(&sandbox, &made[1]));
    let partial =
        client.team_update(update(&made[1], "Again")).select::<Updated>().allow_partial().await.unwrap();
    assert_eq!(partial.data.unwrap().team.unwrap().members.len(), 220);
    let both = TwoUpdates { one: update(&made[0], "One"), two: update(&made[1], "Two") };
    let both = client.mutation::<Updates>(both).await.unwrap();
    assert_eq!(both.one.unwrap().team.unwrap().members.len(), 101);
    assert_eq!(both.two.unwrap().team.unwrap().members.len(), 220);
}

#[tokio::test]
async fn in_streams_pages_and_batches() {
    let (sandbox, client) = world().await;
    let made = teams(&sandbox, &[101, 0, 250]);
    let query = || {
        let names = TeamFilter::new().name(["Crew 000", "Crew 001", "Crew 002"]);
        let order = [TeamOrder::asc(TeamOrderField::Name)];
        client.teams().filter(names).order(order).select::<Crew>().page_size(2)
    };
    let truth: Vec<_> = made.iter().map(|team| truth(&sandbox, team)).collect();
    let same = |found: &[Crew]| {
        found
            .iter()
            .map(|crew| ids(&crew.members))
            .eq(truth.iter().map(|team| team.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    assert!(same(&query().all().await.unwrap()));
    let (mut stream, mut streamed) = (query().stream(), Vec::new());
    while let Some(crew) = stream.try_next().await.unwrap() {
        streamed.push(crew);
    }
    assert!(same(&streamed));
    let mut pages = query().pages();
    let mut paged = Vec::new();
    while let Some(page) = pages.try_next().await.unwrap() {
        paged.extend(page.nodes);
    }
    assert!(same(&paged));
    assert_eq!(query().first().await.unwrap().unwrap(), paged[0]);
    assert_eq!(query().count().await.unwrap(), 3);
    let nodes = |team: &str| client.node::<Crew>(team);
    let (page, one, update, other) = {
        let batch = (query(), nodes(&made[2]), client.me().select::<Member>(), nodes(&made[1]));
        client.batch(batch).await.unwrap()
    };
    assert!(same(&[page.unwrap().nodes, paged[2..].to_vec()].concat()));
    assert_eq!(one.unwrap().unwrap(), paged[2]);
    assert_eq!(other.unwrap().unwrap().members, []);
    update.unwrap().unwrap();
    let updates = vec![client.team_update(TeamUpdateInput::new(&*made[2])).select::<Updated>()];
    let updated = client.batch(updates).await.unwrap().remove(0).unwrap();
    assert_eq!(updated.team.unwrap().members, paged[2].members);
    assert!(client.batch(vec![nodes(&made[0])]).await.unwrap()[0].as_ref().unwrap().is_some());
}

#[derive(Select)]
#[select(on = Team)]
struct Some2 {
    #[select(first = 2)]
    members: Vec<Member>,
}

#[tokio::test]
async fn without_all_no_further_page_is_requested() {
    let (sandbox, client) = world().await;
    let team = teams(&sandbox, &[250]).remove(0);
    let before = sent(&sandbox);
    assert_eq!(client.node::<Some2>(&*team).await.unwrap().unwrap().members.len(), 2);
    assert_eq!(sent(&sandbox) - before, 1);
    let body = sandbox.requests().pop().unwrap().body.unwrap();
    assert!(!body.to_string().contains("pageInfo") && !body.to_string().contains("sdk_id"), "{body}");
    // So many people by themselves are no reason either.
    client.request_create(xurrent::RequestCreateInput::new().subject("x")).await.unwrap();
    let note = NoteCreateInput::new(node_id("Request", 1), "x");
    client.note_create(note).await.unwrap();
    assert!(further(&sandbox).is_empty());
}

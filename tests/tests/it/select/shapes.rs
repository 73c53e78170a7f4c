//! Depth, lists, connections, flattened selections, and the same field more than once.

use crate::raw_json::Raw;
use crate::select::records::Anything;
use crate::select::{Api, Value, filled, selection};
use serde_json::json;
use xurrent::{
    Client, Connection, CustomField, Id, Json, MemoryTransport, Person, Ref, Select, SurveyQuestionType,
};
use xurrent_sandbox::node_id;

/// Six objects in each other, the last with a connection, under keys that other fields have.
mod deep {
    use super::*;

    selection! {
        #[select(on = Person)]
        pub(crate) struct One { name: Option<String>, manager: Option<Two>, }
    }
    selection! {
        #[select(on = Person)]
        pub(crate) struct Two { #[select(rename = "organization")] name: Option<Three>, }
    }
    selection! {
        #[select(on = Organization)]
        pub(crate) struct Three { #[select(rename = "manager")] id: Option<Four>, name: Option<String>, }
    }
    selection! {
        #[select(on = Person)]
        pub(crate) struct Four { organization: Option<Five>, site: Option<Ref<xurrent::Site>>, }
    }
    selection! {
        #[select(on = Organization)]
        pub(crate) struct Five { manager: Option<Six>, }
    }
    selection! {
        #[select(on = Person)]
        pub(crate) struct Six { #[select(rename = "name")] id: Option<String>, #[select(first = 2)] teams: Vec<Seven>, }
    }
    selection! {
        #[select(on = Team)]
        pub(crate) struct Seven { id: Id, name: Option<String>, }
    }
}

#[tokio::test]
async fn six_levels() {
    assert_eq!(<deep::One as Select<Person>>::DEPTH, 7);
    let api = Api::new().await;
    let people = api.client.people().select::<deep::One>().limit(10).all().await.unwrap();
    let selection =
        "name manager { name: organization { name id: manager { site { id } organization { manager {
        id: name teams(first: 2) { nodes { name id } } } } } } }";
    api.same_nodes(&people, "people(first: 10)", selection).await;
}

selection! {
    #[select(on = CustomField)]
    struct Custom { value: Option<Json>, #[select(rename = "id")] key: Option<String>, }
}

selection! {
    #[select(on = Request)]
    struct Lists {
        custom_fields: Option<Vec<Custom>>,
        #[select(rename = "customFields")] generated: Option<Vec<CustomField>>,
        checked_items: Option<Vec<String>>,
        feedback: Option<xurrent::Feedback>,
        #[select(first = 3)] notes: Option<Vec<Noting>>,
        #[select(rename = "notes", last = 1)] last_note: Option<Connection<xurrent::Note>>,
        #[select(rename = "notes", first = 1)] first_note: Connection<Ref<xurrent::Note>>,
    }
}

selection! {
    #[select(on = Note)]
    struct Noting { id: Id, person: Option<Wearing>, }
}

selection! {
    #[select(on = Person)]
    struct Wearing { custom_fields: Option<Vec<Custom>>, #[select(first = 1)] teams: Connection<deep::Seven>, }
}

#[tokio::test]
async fn lists_and_connections() {
    let api = Api::new().await;
    let requests = api.client.requests().select::<Lists>().limit(10).all().await.unwrap();
    let page = "totalCount pageInfo { hasNextPage endCursor }";
    let by_hand = format!(
        "custom_fields: customFields {{ key: id value }} checked_items: checkedItems
        notes(first: 3) {{ nodes {{ id person {{ custom_fields: customFields {{ key: id value }}
            teams(first: 1) {{ {page} nodes {{ id name }} }} }} }} }}
        first_note: notes(first: 1) {{ {page} nodes {{ id }} }}"
    );
    // What is generated is compared with itself: its keys are those of the schema.
    let data = api.data(&format!("{{ requests(first: 10) {{ nodes {{ {by_hand} }} }} }}")).await;
    filled(&data);
    for (request, raw) in requests.iter().zip(data["requests"]["nodes"].as_array().unwrap()) {
        request.custom_fields.same(&raw["custom_fields"], "custom_fields");
        request.checked_items.same(&raw["checked_items"], "checked_items");
        request.notes.same(&raw["notes"], "notes");
        request.first_note.same(&raw["first_note"], "first_note");
        let generated = serde_json::to_value(&request.generated).unwrap();
        assert_eq!(generated.to_string().replace("\"id\":", "\"key\":"), raw["custom_fields"].to_string());
        let last = request.last_note.as_ref().unwrap();
        assert_eq!(
            (last.nodes.len(), last.total_count),
            (request.first_note.nodes.len(), request.first_note.total_count)
        );
    }
    let full = api.client.requests().limit(10).all().await.unwrap();
    assert_eq!(requests.len(), full.len());
    for (request, full) in requests.iter().zip(full) {
        assert_eq!(
            format!("{:?} {:?}", request.feedback, request.generated),
            format!("{:?} {:?}", full.feedback, full.custom_fields)
        );
    }
    let more =
        |request: &Lists| request.first_note.page_info.has_next_page && request.first_note.total_count > 1;
    assert!(requests.iter().any(more), "no request with a second note");
}

selection! {
    #[select(on = AutomationRule)]
    struct Rule { actions: Option<Vec<Action>>, expressions: Option<Vec<xurrent::AutomationRuleExpression>>, }
}

selection! {
    #[select(on = AutomationRuleAction)]
    struct Action { value: Option<String>, #[select(rename = "value")] name: Option<String>, }
}

#[tokio::test]
async fn lists_of_objects_without_an_id() {
    let api = Api::new().await;
    let rules = api.client.automation_rules().select::<Rule>().all().await.unwrap();
    let selection = "actions { value name: value } expressions { name value }";
    api.same_nodes(&rules, "automationRules(first: 100)", selection).await;
}

#[derive(Debug, Select)]
#[select(on = Request)]
struct Outer {
    #[select(flatten)]
    middle: Middle,
    #[select(rename = "subject")]
    title: Option<String>,
    #[select(flatten)]
    own: xurrent::Request,
}

#[derive(Debug, Select)]
#[select(on = Request)]
struct Middle {
    #[select(flatten)]
    left: Left,
    #[select(flatten)]
    right: Right,
}

selection! {
    #[select(on = Request)]
    struct Left { #[select(rename = "id")] left: Id, #[select(rename = "notes", first = 1)] some: Vec<Noting>, }
}

selection! {
    #[select(on = Request)]
    struct Right { #[select(rename = "status")] right: Option<xurrent::RequestStatus>, }
}

#[tokio::test]
async fn flattened_twice() {
    let api = Api::new().await;
    let requests = api.client.requests().select::<Outer>().limit(10).all().await.unwrap();
    let full = api.client.requests().limit(10).all().await.unwrap();
    let by_hand = "left: id right: status title: subject some: notes(first: 1) { nodes { id person {
        custom_fields: customFields { key: id value }
        teams(first: 1) { totalCount pageInfo { hasNextPage endCursor } nodes { id name } } } } }";
    let data = api.data(&format!("{{ requests(first: 10) {{ nodes {{ {by_hand} }} }} }}")).await;
    filled(&data);
    assert_eq!(requests.len(), 10);
    for ((request, full), raw) in
        requests.iter().zip(&full).zip(data["requests"]["nodes"].as_array().unwrap())
    {
        request.middle.left.same(raw, "left");
        request.middle.right.same(raw, "right");
        request.title.same(&raw["title"], "title");
        assert_eq!(format!("{:?}", request.own), format!("{full:?}"));
    }
}

/// An enum beside the fields that all types have.
#[derive(Debug, Select)]
#[select(on = Node)]
struct Beside {
    id: Id,
    #[select(flatten)]
    rest: Anything,
    #[select(flatten)]
    again: Same,
}

#[derive(Debug, Select)]
#[select(on = Node)]
struct Same {
    #[select(rename = "id")]
    again: Id,
}

/// Variants that are flattened themselves: their keys have a prefix at every level.
#[derive(Debug, Select)]
#[select(on = Node)]
enum Split {
    Request(Middle),
    #[select(rename = "Person")]
    Human(Ref<Person>),
    #[select(other)]
    Other,
}

#[tokio::test]
async fn flattened_variants() {
    let api = Api::new().await;
    let id = node_id("Request", 1);
    let beside = api.client.node::<Beside>(&*id).await.unwrap().unwrap();
    assert_eq!((beside.id.as_str(), beside.again.again.as_str()), (&*id, &*id));
    let by_hand = format!("{{ node(id: {id:?}) {{ {} }} }}", crate::select::interfaces::parts(&["Request"]));
    beside.rest.same(&api.data(&by_hand).await["node"], "rest");
    let Split::Request(split) = api.client.node::<Split>(&*id).await.unwrap().unwrap() else {
        panic!("no request")
    };
    let one = api.client.node::<Middle>(&*id).await.unwrap().unwrap();
    assert_eq!(format!("{split:?}"), format!("{one:?}"));
    assert!(format!("{split:?}").contains(&id));
    let person = api.client.node::<Split>(node_id("Person", 2)).await.unwrap().unwrap();
    assert!(matches!(person, Split::Human(person) if person.id().as_str() == node_id("Person", 2)));
    assert!(matches!(api.client.node::<Split>(node_id("Team", 2)).await.unwrap(), Some(Split::Other)));
}

selection! {
    #[select(on = SurveyQuestion)]
    struct Question {
        r#type: Option<SurveyQuestionType>,
        #[select(rename = "question")] r#match: Option<String>,
        #[select(rename = "type")] kind: Option<SurveyQuestionType>,
    }
}

selection! {
    #[select(on = Survey)]
    struct Questions { #[select(first = 10)] questions: Vec<Question>, }
}

#[tokio::test]
async fn raw_identifiers() {
    let api = Api::new().await;
    let surveys = api.client.surveys().select::<Questions>().all().await.unwrap();
    let selection = "questions(first: 10) { nodes { type match: question kind: type } }";
    api.same_nodes(&surveys, "surveys(first: 100)", selection).await;
}

/// Declared by a macro of a user's, which passes on types and attributes as a whole.
macro_rules! declared {
    ($(#[$attribute:meta])* struct $name:ident { $($(#[$option:meta])* $field:ident: $ty:ty,)* }) => {
        #[derive(Debug, Select)]
        $(#[$attribute])*
        struct $name { $($(#[$option])* $field: $ty,)* }
    };
}

declared! {
    #[select(on = Person)]
    struct Declared { id: Id, #[select(rename = "name")] full_name: Option<String>, manager: Option<Ref<Person>>, }
}

#[tokio::test]
async fn declared_by_a_macro() {
    let api = Api::new().await;
    let id = node_id("Person", 2);
    let person = api.client.node::<Declared>(&*id).await.unwrap().unwrap();
    let full = api.client.node::<Person>(&*id).await.unwrap().unwrap();
    assert_eq!((&person.id, &person.full_name, &person.manager), (&full.id, &full.name, &full.manager));
    assert!(person.manager.is_some());
}

#[tokio::test]
async fn null_nodes_are_left_out() {
    selection! {
        #[select(on = Person)]
        struct Teams {
            #[select(first = 5)] teams: Vec<Ref<xurrent::Team>>,
            #[select(rename = "teams", first = 5)] page: Connection<Ref<xurrent::Team>>,
            #[select(rename = "teams", last = 5)] maybe: Option<Vec<Ref<xurrent::Team>>>,
        }
    }
    let nodes = json!([null, {"id": "a"}, null, null, {"id": "b"}, null]);
    let page =
        json!({"totalCount": 6, "pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": nodes});
    let person = json!({"teams": {"nodes": nodes}, "page": page, "maybe": {"nodes": nodes}});
    let answer = json!({"data": {"me": person}});
    let transport = MemoryTransport::new(move |_| answer.clone());
    let client =
        Client::builder().account("a").personal_access_token("t").transport(transport).build().unwrap();
    let me = client.me().select::<Teams>().await.unwrap().unwrap();
    me.same(&person, "me");
    let ids: Vec<_> = me.teams.iter().map(|team| team.id().as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(
        (me.page.nodes.len(), me.page.total_count, me.maybe.map(|teams| teams.len())),
        (2, 6, Some(2))
    );
}

//! Answers that do not fit a selection: the error names the place with the user's keys, the type and
//! the request. Answers that fit in another order, or with more in them, are taken.

use crate::raw_json::Raw;
use crate::select::{Value, selection, variant};
use serde_json::json;
use std::fmt::Write as _;
use xurrent::transport::Transport;
use xurrent::{Client, Connection, Error, ErrorKind, Id, Ref, RequestStatus, Select, TaskStatus, Timestamp};
use xurrent_runtime::transport::{BoxFuture, Request};

/// Answers with a text, so that keys can occur in any order and more than once.
struct Answer(String);

impl Transport for Answer {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<http::Response<Vec<u8>>, Error>> {
        let mut response = http::Response::new(self.0.clone().into_bytes());
        let headers = response.headers_mut();
        headers.insert("content-type", http::HeaderValue::from_static("application/json"));
        headers.insert("x-request-id", http::HeaderValue::from_static("req-7"));
        Box::pin(async { Ok(response) })
    }
}

fn client(data: &str) -> Client {
    let transport = Answer(format!("{{\"data\":{data}}}"));
    Client::builder().account("a").personal_access_token("t").transport(transport).build().unwrap()
}

selection! {
    #[select(on = Request)]
    struct Ticket {
        id: Id,
        #[select(rename = "subject")] title: Option<String>,
        #[select(rename = "requestedFor", required)] who: Who,
        #[select(rename = "notes", first = 3)] lines: Connection<Line>,
    }
}

selection! {
    #[select(on = Person)]
    struct Who { #[select(rename = "teams", first = 2)] groups: Vec<Group>, vip: Option<bool>, }
}

selection! {
    #[select(on = Team)]
    struct Group { #[select(rename = "name")] label: Option<String>, id: Id, }
}

selection! {
    #[select(on = Note)]
    struct Line { created_at: Timestamp, #[select(rename = "inboundEmail")] email: Option<Email>, }
}

selection! {
    #[select(on = InboundEmail)]
    struct Email { record: Option<Noted>, #[select(rename = "record")] only: Option<Exact>, }
}

selection! {
    #[select(on = HasNotes)]
    enum Noted { Request(RequestPart), Task(TaskPart), .. }
}

selection! {
    #[select(on = HasNotes, exhaustive)]
    enum Exact {
        Problem(Ref<xurrent::Problem>), Project(Ref<xurrent::Project>), ProjectTask(Ref<xurrent::ProjectTask>),
        Release(Ref<xurrent::Release>), Request(RequestPart), Risk(Ref<xurrent::Risk>), Task(TaskPart),
        Workflow(Ref<xurrent::Workflow>),
    }
}

selection! {
    #[select(on = Request)]
    struct RequestPart { id: Id, status: Option<RequestStatus>, #[select(rename = "id")] task_id: Id, }
}

selection! {
    #[select(on = Task)]
    struct TaskPart { id: Id, status: Option<TaskStatus>, #[select(rename = "status")] request_id: Option<TaskStatus>, }
}

/// A whole answer.
fn whole() -> Value {
    let email = json!({
        "record": {"__typename": "Request", "Request_id": "r", "Request_status": "completed", "Request_task_id": "t"},
        "only": {"__typename": "Task", "Task_id": "t", "Task_status": "assigned", "Task_request_id": null},
    });
    let other = json!({"record": {"__typename": "Risk"}, "only": null});
    json!({"requests": {
        "pageInfo": {"hasNextPage": false, "endCursor": null},
        "nodes": [
            {"id": "1", "title": "One", "who": {"groups": {"nodes": [{"label": "L", "id": "g"}, null]}, "vip": true},
                "lines": {"totalCount": 9, "pageInfo": {"hasNextPage": true, "endCursor": "c"}, "nodes": [
                    {"created_at": "2025-01-01T00:00:00Z", "email": email},
                    {"created_at": "2025-01-01T00:00:00Z", "email": other}]}},
            {"id": "2", "title": null, "who": {"groups": {"nodes": []}, "vip": null},
                "lines": {"totalCount": 0, "pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": []}},
        ],
    }})
}

async fn tickets(data: &str) -> Result<Vec<Ticket>, Error> {
    client(data).requests().select::<Ticket>().all().await
}

async fn refused(data: &str, message: &str) {
    let error = tickets(data).await.map(|tickets| panic!("{tickets:?} from {data}")).unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Decode, Some("req-7")), "{error}");
    assert!(error.to_string().contains(message), "{error}\n{message}");
}

#[tokio::test]
async fn error_paths_have_the_users_keys() {
    tickets(&whole().to_string()).await.unwrap().same(&whole()["requests"], "requests");
    let node = "/requests/nodes/0";
    let gone = Value::String("gone".to_owned());
    for (pointer, value, message) in [
        ("/title", &gone, "requests.nodes[0].title: the field is missing (in Request)"),
        ("/title", &json!(5), "requests.nodes[0].title: expected String, found a number (in Request)"),
        ("/id", &json!(null), "requests.nodes[0].id: expected ID, found null (in Request)"),
        ("/who", &json!(null), "requests.nodes[0].who: expected Person, found null (in Request)"),
        ("/who", &json!([]), "requests.nodes[0].who: expected Person, found an array (in Request)"),
        (
            "/who/vip",
            &json!("yes"),
            "requests.nodes[0].who.vip: expected Boolean, found a string (in Person)",
        ),
        ("/who/vip", &gone, "requests.nodes[0].who.vip: the field is missing (in Person)"),
        (
            "/who/groups",
            &json!(null),
            "requests.nodes[0].who.groups: expected Connection, found null (in Person)",
        ),
        (
            "/who/groups/nodes",
            &gone,
            "requests.nodes[0].who.groups.nodes: the field is missing (in Connection)",
        ),
        (
            "/who/groups/nodes",
            &json!({}),
            "who.groups.nodes: expected a list of nodes, found an object (in Connection)",
        ),
        (
            "/who/groups/nodes/0/label",
            &json!(true),
            "requests.nodes[0].who.groups.nodes[0].label: expected String, found a boolean (in Team)",
        ),
        (
            "/who/groups/nodes/0/id",
            &gone,
            "requests.nodes[0].who.groups.nodes[0].id: the field is missing (in Team)",
        ),
        (
            "/lines/totalCount",
            &gone,
            "requests.nodes[0].lines.totalCount: the field is missing (in Connection)",
        ),
        (
            "/lines/pageInfo/hasNextPage",
            &json!(null),
            "lines.pageInfo.hasNextPage: expected Boolean, found null (in PageInfo)",
        ),
        (
            "/lines/nodes/1/created_at",
            &json!("later"),
            "requests.nodes[0].lines.nodes[1].created_at: \"later\" is not a valid ISO8601Timestamp (in Note)",
        ),
        (
            "/lines/nodes/0/email/record/Request_id",
            &gone,
            "requests.nodes[0].lines.nodes[0].email.record.id: the field is missing (in Request)",
        ),
        (
            "/lines/nodes/0/email/record/Request_id",
            &json!(null),
            "requests.nodes[0].lines.nodes[0].email.record.id: expected ID, found null (in Request)",
        ),
        (
            "/lines/nodes/0/email/only/Task_status",
            &json!(1),
            "requests.nodes[0].lines.nodes[0].email.only.status: expected TaskStatus, found a number (in Task)",
        ),
        (
            "/lines/nodes/0/email/record/__typename",
            &gone,
            "lines.nodes[0].email.record.__typename: the field is missing (in HasNotes)",
        ),
        (
            "/lines/nodes/0/email/record/__typename",
            &json!(null),
            "lines.nodes[0].email.record.__typename: expected String, found null",
        ),
        (
            "/lines/nodes/0/email/record",
            &json!("r"),
            "lines.nodes[0].email.record: expected HasNotes, found a string (in InboundEmail)",
        ),
        (
            "/lines/nodes/0/email/only/__typename",
            &json!("Brandnew"),
            "lines.nodes[0].email.only: \"Brandnew\" is not a valid HasNotes (in InboundEmail)",
        ),
    ] {
        let mut data = whole();
        let place = format!("{node}{pointer}");
        if value == &gone {
            let (parent, key) = place.rsplit_once('/').unwrap();
            data.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        } else {
            *data.pointer_mut(&place).unwrap() = value.clone();
        }
        refused(&data.to_string(), message).await;
    }
}

#[tokio::test]
async fn a_new_type_decodes_as_the_fallback() {
    let mut data = whole();
    let place = "/requests/nodes/0/lines/nodes/0/email/record";
    *data.pointer_mut(place).unwrap() = json!({"__typename": "Brandnew", "Request_id": "x"});
    let tickets = tickets(&data.to_string()).await.unwrap();
    let record = tickets[0].lines.nodes[0].email.as_ref().unwrap().record.as_ref().unwrap();
    assert!(matches!(record, Noted::Other(name) if name == "Brandnew"));
}

/// Writes each object with its keys turned by `turn`, and with keys that nobody asked for.
fn turned(value: &Value, turn: usize, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<_> = fields.iter().collect();
            let turns = turn % keys.len().max(1);
            keys.rotate_left(turns);
            if turn % 2 == 1 {
                keys.reverse();
            }
            // Also the keys of another variant, and keys that begin like those of this one.
            text.push_str("{\"extra\": {\"id\": [1, {\"id\": null}]}, \"Problem_id\": 7, \"idx\": 1, ");
            for (key, value) in keys {
                write!(text, "\"{key}\" : ").unwrap();
                turned(value, turn, text);
                text.push_str(" , \"extra\": 1, ");
            }
            text.push_str("\"i\": 0, \"Request_\": 1}");
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                turned(item, turn, text);
            }
            text.push(']');
        }
        leaf => write!(text, "{leaf}").unwrap(),
    }
}

#[tokio::test]
async fn keys_come_in_any_order_and_with_others() {
    for turn in 0..12 {
        let mut text = String::new();
        turned(&whole(), turn, &mut text);
        let tickets = tickets(&text).await.unwrap_or_else(|error| panic!("{error}: {text}"));
        tickets.same(&whole()["requests"], "requests");
    }
}

#[tokio::test]
async fn escaped_keys_are_decoded() {
    let text = whole().to_string();
    let text = text.replace("\"title\"", "\"t\\u0069tle\"").replace("\"Request_id\"", "\"Request\\u005fid\"");
    assert_ne!(text, whole().to_string());
    tickets(&text).await.unwrap().same(&whole()["requests"], "requests");
}

#[tokio::test]
async fn a_duplicate_key_is_an_error() {
    let text = whole().to_string();
    for (once, twice, message) in [
        (
            "\"title\":\"One\"",
            "\"title\":\"One\",\"title\":\"One\"",
            "requests.nodes[0].title: the key occurs twice (in Request)",
        ),
        (
            "\"vip\":true",
            "\"vip\":true,\"x\":1,\"vip\":null",
            "requests.nodes[0].who.vip: the key occurs twice (in Person)",
        ),
        (
            "\"Request_id\":\"r\"",
            "\"Request_id\":\"r\",\"Request_id\":\"r\"",
            "email.record.id: the key occurs twice (in Request)",
        ),
        (
            "\"totalCount\":9",
            "\"totalCount\":9,\"totalCount\":9",
            "lines.totalCount: the key occurs twice (in Connection)",
        ),
        (
            "\"__typename\":\"Risk\"",
            "\"__typename\":\"Risk\",\"__typename\":\"Request\"",
            "lines.nodes[1].email.record.__typename: the key occurs twice",
        ),
    ] {
        let doubled = text.replacen(once, twice, 1);
        assert_ne!(doubled, text);
        refused(&doubled, message).await;
    }
    // Not the key of this variant, and not a key at all that was asked for.
    let others = text.replacen(
        "\"Request_id\":\"r\"",
        "\"Task_id\":1,\"Request_id\":\"r\",\"Task_id\":2,\"id\":0,\"id\":0",
        1,
    );
    assert_ne!(others, text);
    tickets(&others).await.unwrap().same(&whole()["requests"], "requests");
}

#[derive(Debug, Select)]
#[select(on = Query)]
struct Several {
    #[select(rename = "me")]
    myself: Option<Flat>,
    #[select(rename = "requests", first = 1)]
    newest: Vec<Ticket>,
}

#[derive(Debug, Select)]
#[select(on = Person)]
struct Flat {
    #[select(rename = "name")]
    title: Option<String>,
    #[select(flatten)]
    who: Who,
    #[select(flatten)]
    group: Teams,
}

#[derive(Debug, Select)]
#[select(on = Person)]
struct Teams {
    #[select(rename = "teams", last = 1)]
    page: Connection<Group>,
}

#[tokio::test]
async fn whole_operations_and_flattened_selections() {
    let page = json!({"totalCount": 1, "pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": [{"label": "L", "id": "g"}]});
    let me = json!({"title": "T", "groups": {"nodes": []}, "vip": null, "page": page});
    let data = json!({"myself": me, "newest": {"nodes": [whole()["requests"]["nodes"][0]]}});
    for turn in 0..6 {
        let mut text = String::new();
        turned(&data, turn, &mut text);
        let several =
            client(&text).query::<Several>(()).await.unwrap_or_else(|error| panic!("{error}: {text}"));
        let flat = several.myself.unwrap();
        flat.title.same(&me["title"], "title");
        flat.who.same(&me, "who");
        flat.group.page.same(&page, "page");
        several.newest.same(&data["newest"], "newest");
    }
    for (key, value, message) in [
        ("title", json!([]), "myself.title: expected String, found an array (in Person)"),
        ("vip", json!(1), "myself.vip: expected Boolean, found a number (in Person)"),
        ("page", json!({}), "myself.page.totalCount: the field is missing (in Connection)"),
    ] {
        let mut data = data.clone();
        data["myself"][key] = value;
        let error = client(&data.to_string()).query::<Several>(()).await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Decode, Some("req-7")));
        assert!(error.to_string().contains(message), "{error}");
        assert!(error.to_string().contains("`Several`"), "{error}");
    }
}

//! Every kind of scalar, types of the user's own in their place, and what null can mean.

use crate::raw_json::Raw;
use crate::select::{Api, Value, filled, selection};
use serde_json::json;
use xurrent::{
    Client, Currency, Date, Decimal, ErrorKind, Id, Json, Leaf, MemoryTransport, PermissionRole,
    RequestStatus, Select, TimeOfDay, TimesheetSettingPercentageIncrement, TimesheetSettingTimeIncrement,
    Timestamp, WebhookEvent, Weekday,
};

selection! {
    #[select(on = Query)]
    struct Kinds {
        attachment_storage: Option<Storage>,
        #[select(first = 20)] invoices: Vec<Invoice>,
        #[select(first = 20)] calendars: Vec<Calendar>,
        #[select(first = 20)] configuration_items: Vec<Item>,
        #[select(first = 20)] people: Vec<Person>,
        #[select(first = 20)] timesheet_settings: Vec<Timesheet>,
        #[select(first = 20)] knowledge_articles: Vec<Article>,
        #[select(first = 20)] webhooks: Vec<Webhook>,
    }
}
selection! {
    #[select(on = AttachmentStorage)]
    struct Storage { allowed_extensions: Vec<String>, size_limit: i64, }
}
selection! {
    #[select(on = Invoice)]
    struct Invoice {
        id: Id, amortize: Option<bool>, amount: Option<Decimal>, quantity: Option<Decimal>, currency: Option<Currency>,
        rate: Option<i64>, invoice_date: Option<Date>, created_at: Option<Timestamp>, remarks: Option<String>,
    }
}
selection! {
    #[select(on = Calendar)]
    struct Calendar { #[select(first = 9)] calendar_hours: Vec<Hour>, }
}
selection! {
    #[select(on = CalendarHour)]
    struct Hour { time_from: Option<TimeOfDay>, weekday: Option<Weekday>, }
}
selection! {
    #[select(on = ConfigurationItem)]
    struct Item {
        alternate_names: Option<Vec<String>>, custom_fields: Option<Vec<Custom>>, recurrence: Option<Recurrence>,
    }
}
selection! {
    #[select(on = CustomField)]
    struct Custom { value: Option<Json>, }
}
selection! {
    #[select(on = Recurrence)]
    struct Recurrence { day: Option<Vec<i64>>, time_zone: Option<String>, }
}
selection! {
    #[select(on = Person)]
    struct Person { language: Option<String>, #[select(first = 9)] permissions: Vec<Permission>, }
}
selection! {
    #[select(on = Permission)]
    struct Permission { roles: Option<Vec<PermissionRole>>, }
}
selection! {
    #[select(on = TimesheetSetting)]
    struct Timesheet {
        percentage_increment: Option<TimesheetSettingPercentageIncrement>,
        time_increment: Option<TimesheetSettingTimeIncrement>,
    }
}
selection! {
    #[select(on = KnowledgeArticle)]
    struct Article { #[select(first = 9)] golden_set_items: Vec<Golden>, }
}
selection! {
    #[select(on = GoldenSetItem)]
    struct Golden { time_taken: Option<f64>, }
}
selection! {
    #[select(on = Webhook)]
    struct Webhook { event: Option<WebhookEvent>, }
}

#[tokio::test]
async fn every_kind_of_scalar() {
    let api = Api::new().await;
    let kinds = api.client.query::<Kinds>(()).await.unwrap();
    let data = api
        .data(
            "{
        attachment_storage: attachmentStorage { allowed_extensions: allowedExtensions size_limit: sizeLimit }
        invoices(first: 20) { nodes { id amortize amount quantity currency rate
            invoice_date: invoiceDate created_at: createdAt remarks } }
        calendars(first: 20) { nodes { calendar_hours: calendarHours(first: 9) { nodes {
            time_from: timeFrom weekday } } } }
        configuration_items: configurationItems(first: 20) { nodes { alternate_names: alternateNames
            custom_fields: customFields { value } recurrence { day time_zone: timeZone } } }
        people(first: 20) { nodes { language permissions(first: 9) { nodes { roles } } } }
        timesheet_settings: timesheetSettings(first: 20) { nodes {
            percentage_increment: percentageIncrement time_increment: timeIncrement } }
        knowledge_articles: knowledgeArticles(first: 20) { nodes {
            golden_set_items: goldenSetItems(first: 9) { nodes { time_taken: timeTaken } } } }
        webhooks(first: 20) { nodes { event } }
    }",
        )
        .await;
    kinds.same(&data, "data");
    filled(&data);
}

/// From one type of the crate to another.
#[derive(Debug, PartialEq, Default)]
enum State {
    #[default]
    Open,
    Closed,
}

impl Leaf for State {
    type Wire = RequestStatus;

    fn from_wire(status: RequestStatus) -> Result<Self, String> {
        Ok(if status == RequestStatus::Completed { Self::Closed } else { Self::Open })
    }
}

/// Made from a whole list, null included.
#[derive(Debug, PartialEq)]
struct Checked(usize);

impl Leaf for Checked {
    type Wire = Option<Vec<String>>;

    fn from_wire(items: Option<Vec<String>>) -> Result<Self, String> {
        Ok(Self(items.map_or(0, |items| items.len())))
    }
}

/// Made from one value of a list.
#[derive(Debug, PartialEq)]
struct Word(String);

impl Leaf for Word {
    type Wire = String;

    fn from_wire(text: String) -> Result<Self, String> {
        let number = text.rsplit(' ').next().unwrap_or_default().to_owned();
        if number == "7" { Err("seven is refused".to_owned()) } else { Ok(Self(number)) }
    }
}

#[derive(Debug, Select)]
#[select(on = Request)]
struct Own {
    status: Option<State>,
    #[select(rename = "status", default)]
    state: State,
    #[select(rename = "status", required)]
    must: State,
    checked_items: Checked,
    #[select(rename = "checkedItems")]
    words: Option<Vec<Word>>,
    #[select(rename = "checkedItems", default)]
    or_none: Vec<Word>,
    #[select(rename = "checkedItems", required)]
    all: Vec<Word>,
}

fn answering(data: Value) -> Client {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    Client::builder().account("a").personal_access_token("t").transport(transport).build().unwrap()
}

fn own(status: &Value, items: &Value) -> Client {
    answering(json!({"node": {"__typename": "Request", "status": status, "state": status, "must": status,
        "checked_items": items, "words": items, "or_none": items, "all": items}}))
}

#[tokio::test]
async fn types_of_the_users_own() {
    let api = Api::new().await;
    let full = api.client.requests().limit(2).all().await.unwrap();
    let requests = api.client.requests().select::<Own>().limit(2).all().await.unwrap();
    assert_eq!(requests.len(), 2);
    for (request, full) in requests.iter().zip(&full) {
        let closed = full.status == Some(RequestStatus::Completed);
        let state = || if closed { State::Closed } else { State::Open };
        assert_eq!((&request.status, &request.state, &request.must), (&Some(state()), &state(), &state()));
        let items = full.checked_items.as_ref().unwrap();
        assert!(!items.is_empty());
        assert_eq!(request.checked_items, Checked(items.len()));
        let words: Vec<_> = items.iter().map(|item| Word::from_wire(item.clone()).unwrap()).collect();
        assert_eq!(
            (&request.words, &request.or_none, &request.all),
            (&Some(words), &request.or_none, &request.or_none)
        );
        assert_eq!(request.or_none.len(), items.len());
    }
}

#[tokio::test]
async fn a_value_rejected_by_its_type_is_an_error_with_its_path() {
    let error = own(&json!("completed"), &json!(["a 1", "a 7"])).node::<Own>("1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("node.all: seven is refused (in Request)"), "{error}");
}

#[tokio::test]
async fn null_with_a_meaning() {
    #[derive(Debug, Select)]
    #[select(on = Person)]
    struct Nothing {
        #[select(default)]
        name: String,
        #[select(rename = "manager", default)]
        boss: Boss,
        #[select(rename = "customFields", default)]
        fields: Vec<Custom>,
        #[select(rename = "teams", first = 2, default)]
        teams: Vec<Boss2>,
        #[select(rename = "vip", default)]
        vip: bool,
    }
    #[derive(Debug, Select, Default, PartialEq)]
    #[select(on = Person)]
    struct Boss {
        name: Option<String>,
    }
    #[derive(Debug, Select)]
    #[select(on = Team)]
    #[allow(dead_code, reason = "never filled")]
    struct Boss2 {
        id: Id,
    }
    let null = json!({"me": {"name": null, "boss": null, "fields": null, "teams": null, "vip": null}});
    let me = answering(null).me().select::<Nothing>().await.unwrap().unwrap();
    assert_eq!(
        (me.name.as_str(), me.boss, me.fields.len(), me.teams.len(), me.vip),
        ("", Boss::default(), 0, 0, false)
    );
    let some = json!({"me": {"name": "N", "boss": {"name": "B"}, "fields": [{"value": 1}],
        "teams": {"nodes": [{"id": "t"}]}, "vip": true}});
    let me = answering(some).me().select::<Nothing>().await.unwrap().unwrap();
    assert_eq!((me.name.as_str(), me.boss.name.as_deref(), me.vip), ("N", Some("B"), true));
    assert_eq!((me.fields.len(), me.teams.len()), (1, 1));
    let absent = json!({"me": {"boss": null, "fields": null, "teams": null, "vip": null}});
    let error = answering(absent).me().select::<Nothing>().await.unwrap_err();
    assert!(error.to_string().contains("me.name: the field is missing (in Person)"), "{error}");
}

#[tokio::test]
async fn null_where_a_value_is_required() {
    for (status, items, message) in [
        (json!(null), json!([]), "node.must: expected RequestStatus, found null (in Request)"),
        (json!("completed"), json!(null), "node.all: expected a list, found null (in Request)"),
    ] {
        let error = own(&status, &items).node::<Own>("1").await.unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    #[derive(Debug, Select)]
    #[select(on = Person)]
    #[allow(dead_code, reason = "what is tested is that it cannot be filled")]
    struct Managed {
        #[select(required)]
        manager: Managing,
    }
    #[derive(Debug, Select)]
    #[select(on = Person)]
    #[allow(dead_code, reason = "what is tested is that it cannot be filled")]
    struct Managing {
        id: Id,
    }
    let api = Api::new().await;
    let data = api.data("{ people(first: 100) { nodes { manager { id } } } }").await;
    let nodes = data["people"]["nodes"].as_array().unwrap();
    let first = nodes.iter().position(|person| person["manager"].is_null()).unwrap();
    let error = api.client.people().select::<Managed>().all().await.unwrap_err();
    assert!(
        error.to_string().contains(&format!("people.nodes[{first}].manager: expected Person, found null")),
        "{error}"
    );
}

#[tokio::test]
async fn a_type_of_another_crate_may_have_the_name_of_a_scalar() {
    mod other {
        use jiff::Timestamp;
        use xurrent::{Leaf, Select};

        #[derive(Debug, PartialEq)]
        pub(super) struct Id(pub(super) String);

        impl Leaf for Id {
            type Wire = xurrent::Id;

            fn from_wire(id: xurrent::Id) -> Result<Self, String> {
                Ok(Self(id.as_str().to_owned()))
            }
        }

        #[derive(Debug, Select)]
        #[select(on = Person)]
        pub(super) struct Created {
            pub(super) id: Id,
            pub(super) created_at: Option<Timestamp>,
        }
    }
    let at = "2026-03-01T08:00:00Z";
    let client = answering(json!({"node": {"__typename": "Person", "id": "5", "created_at": at}}));
    let person = client.node::<other::Created>("1").await.unwrap().unwrap();
    assert_eq!((person.id, person.created_at), (other::Id("5".to_owned()), Some(at.parse().unwrap())));
}

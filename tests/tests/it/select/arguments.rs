//! Arguments of fields: constants of every kind, variables of every kind.

use crate::select::Api;
use graphql_tools::parser::parse_query;
use graphql_tools::parser::query::{Definition, OperationDefinition, Selection as Parsed, Value as Constant};
use serde_json::json;
use xurrent::operation::Operation;
use xurrent::{
    Client, Connection, Date, Decimal, Id, Json, MemoryTransport, PersonFilter, PersonOrder,
    PersonOrderField, PersonView, Ref, Select, TimeOfDay, Timestamp,
};
use xurrent_runtime::{InputObject, Selection};
use xurrent_sandbox::node_id;

/// The arguments of the first field of a document, read by a parser that is not ours.
fn arguments(document: &str) -> Vec<Vec<(String, Constant<'static, String>)>> {
    let document =
        parse_query::<String>(document).unwrap_or_else(|error| panic!("{error}: {document}")).into_static();
    let selection = match document.definitions.into_iter().next() {
        Some(Definition::Operation(OperationDefinition::SelectionSet(set))) => set,
        Some(Definition::Operation(OperationDefinition::Query(query))) => query.selection_set,
        other => panic!("{other:?}"),
    };
    let fields = selection.items.into_iter().map(|item| match item {
        Parsed::Field(field) => field.arguments,
        other => panic!("{other:?}"),
    });
    fields.collect()
}

fn memory() -> (MemoryTransport, Client) {
    let transport = MemoryTransport::new(|_| json!({"data": {}}));
    let builder = Client::builder().account("a").personal_access_token("t").transport(transport.clone());
    (transport, builder.build().unwrap())
}

#[derive(Debug, Select)]
#[select(on = Query)]
#[allow(dead_code, reason = "only the document is looked at")]
struct Texts {
    #[select(rename = "node", id = "")]
    empty: Option<Ref1>,
    #[select(rename = "node", id = "a\"b\\\"c\\")]
    quotes: Option<Ref1>,
    #[select(rename = "node", id = "a\nb\r\n\tc\u{0}\u{7f}\u{85}\u{2028}")]
    breaks: Option<Ref1>,
    #[select(rename = "node", id = "é 日本 👍🏽 \u{feff}")]
    unicode: Option<Ref1>,
    #[select(rename = "node", id = r#"{"$x": "\u0041 """ # no comment"}"#)]
    graphql: Option<Ref1>,
}

#[derive(Debug, Select)]
#[select(on = Node)]
#[allow(dead_code, reason = "only the document is looked at")]
struct Ref1 {
    id: Id,
}

#[tokio::test]
async fn texts_arrive_unchanged() {
    let expected = [
        "",
        "a\"b\\\"c\\",
        "a\nb\r\n\tc\u{0}\u{7f}\u{85}\u{2028}",
        "é 日本 👍🏽 \u{feff}",
        r#"{"$x": "\u0041 """ # no comment"}"#,
    ];
    let (transport, client) = memory();
    client.query::<Texts>(()).await.unwrap_err();
    let written = arguments(&transport.requests()[0].document);
    assert_eq!(written.len(), expected.len());
    for (written, expected) in written.into_iter().zip(expected) {
        assert_eq!(written, [("id".to_owned(), Constant::String(expected.to_owned()))]);
    }
    // The engine reads them, too: no record has such an id.
    let api = Api::new().await;
    let texts = api.client.query::<Texts>(()).await.unwrap();
    assert!(
        texts.quotes.is_none()
            && texts.breaks.is_none()
            && texts.unicode.is_none()
            && texts.graphql.is_none()
    );
    assert!(api.sandbox.requests().len() == 1);
}

/// A selection on a type that the schema does not have, declared as the SDK declares its types:
/// the schema has no arguments of these kinds on its fields.
macro_rules! made_up {
    ($declaration:tt #[$($on:tt)*] struct $name:ident { $($(#[$($option:tt)*])* $field:ident: $ty:ty,)* }) => {
        #[allow(dead_code, reason = "only what is selected is looked at")]
        struct $name { $($field: $ty,)* }
        xurrent::select::select_fields! {
            xurrent $declaration #[$($on)*] struct $name { $($(#[$($option)*])* $field: $ty,)* }
        }
    };
}

made_up! {
    {
        object Person "Person" [] [name "name"]
        { name: Option<String> = "name": "String" (
            flag: bool = "flag": "Boolean", share: f64 = "share": "Float", count: i64 = "count": "Int!",
            amount: Decimal = "amount": "Decimal", day: Date = "day": "ISO8601Date", time: TimeOfDay = "time": "ISO8601Time",
            at: Timestamp = "at": "ISO8601Timestamp", json: Json = "json": "JSON",
            color: Color = "color": "Color" { red, type, true_blue }, colors: Color = "colors": "[Color!]" { red, green },
            many: i64 = "many": "[[Int!]]", known: Zone = "known": "Zone" { ~ }, default: i64 = "default": "Int",
            type_: String = "type": "String",
        ) }
    }
    #[select(on = Person)]
    struct MadeUp {
        #[select(rename = "name", count = -3, flag = true, share = -0.5)]
        first: Option<String>,
        #[select(rename = "name", count = 2_000_000_000, flag = false, share = 2, amount = 12.50, json = "x")]
        second: Option<String>,
        #[select(rename = "name", count = 0, day = "2025-01-02", time = "24:00", at = "no_target", amount = "0.10")]
        third: Option<String>,
        #[select(rename = "name", count = 0, color = type, colors = [red, green], many = [[1, 2], [], null])]
        fourth: Option<String>,
        #[select(rename = "name", count = 0, color = null, colors = [], known = "Zürich", type = "t", arguments(default = 7))]
        fifth: Option<String>,
    }
}

#[test]
fn constants_of_every_kind() {
    let Selection::Object(table) = <MadeUp as Select<xurrent::Person>>::SELECTION else { panic!("no table") };
    let fields: Vec<_> = table
        .nested
        .iter()
        .map(|(_, selection)| match selection {
            Selection::Field { field, .. } => *field,
            other => panic!("{other:?}"),
        })
        .collect();
    let number = |number: i32| Constant::Int(number.into());
    let text = |text: &str| Constant::String(text.to_owned());
    let name = |name: &str| Constant::Enum(name.to_owned());
    let expected = [
        vec![("count", number(-3)), ("flag", Constant::Boolean(true)), ("share", Constant::Float(-0.5))],
        vec![
            ("count", number(2_000_000_000)),
            ("flag", Constant::Boolean(false)),
            ("share", number(2)),
            ("amount", Constant::Float(12.5)),
            ("json", text("x")),
        ],
        vec![
            ("count", number(0)),
            ("day", text("2025-01-02")),
            ("time", text("24:00")),
            ("at", text("no_target")),
            ("amount", text("0.10")),
        ],
        vec![
            ("count", number(0)),
            ("color", name("type")),
            ("colors", Constant::List(vec![name("red"), name("green")])),
            (
                "many",
                Constant::List(vec![
                    Constant::List(vec![number(1), number(2)]),
                    Constant::List(vec![]),
                    Constant::Null,
                ]),
            ),
        ],
        vec![
            ("count", number(0)),
            ("color", Constant::Null),
            ("colors", Constant::List(vec![])),
            ("known", text("Zürich")),
            ("type", text("t")),
            ("default", number(7)),
        ],
    ];
    assert_eq!(fields.len(), expected.len());
    for (field, expected) in fields.into_iter().zip(expected) {
        let mut written = arguments(&format!("{{ {field} }}")).remove(0);
        let mut expected: Vec<_> =
            expected.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        // The order of arguments means nothing.
        written.sort_by(|left, right| left.0.cmp(&right.0));
        expected.sort_by(|left, right| left.0.cmp(&right.0));
        assert_eq!(written, expected, "{field}");
    }
}

struct All {
    text: String,
    flag: Option<bool>,
    share: f64,
    count: i64,
    amount: Decimal,
    day: Date,
    time: TimeOfDay,
    at: Timestamp,
    json: Json,
    id: Id,
    view: PersonView,
    order: Vec<PersonOrder>,
    filter: Option<PersonFilter>,
    ids: Vec<Id>,
    r#type: Option<String>,
}

made_up! {
    {
        query Query "Query" [] [name "name"]
        { name: Option<String> = "name": "String" (
            text: String = "text": "String!", flag: bool = "flag": "Boolean", share: f64 = "share": "Float!",
            count: i64 = "count": "Int", amount: Decimal = "amount": "Decimal!", day: Date = "day": "ISO8601Date",
            time: TimeOfDay = "time": "ISO8601Time", at: Timestamp = "at": "ISO8601Timestamp!", json: Json = "json": "JSON",
            id: Id = "id": "ID!", view: PersonView = "view": "PersonView" { all },
            order: PersonOrder = "order": "[PersonOrder!]", filter: PersonFilter = "filter": "PersonFilter",
            ids: Id = "ids": "[ID!]!", type_: String = "type": "String",
        ) }
    }
    #[select(on = Query, variables = All)]
    struct Everything {
        #[select(
            text = $text, flag = $flag, share = $share, count = $count, amount = $amount, day = $day,
            time = $time, at = $at, json = $json, id = $id, view = $view, order = $order, filter = $filter, ids = $ids
        )]
        name: Option<String>,
        #[select(rename = "name", text = $text, share = $share, amount = 1, at = "no_target", id = $id, ids = $ids, type = $r#type)]
        again: Option<String>,
    }
}

#[test]
fn variables_of_every_kind() {
    let declared = <Everything as Operation>::DECLARATIONS;
    let types = [
        ("text", "String!"),
        ("flag", "Boolean"),
        ("share", "Float!"),
        ("count", "Int"),
        ("amount", "Decimal!"),
        ("day", "ISO8601Date"),
        ("time", "ISO8601Time"),
        ("at", "ISO8601Timestamp!"),
        ("json", "JSON"),
        ("id", "ID!"),
        ("view", "PersonView"),
        ("order", "[PersonOrder!]"),
        ("filter", "PersonFilter"),
        ("ids", "[ID!]!"),
        ("type", "String"),
    ];
    assert_eq!(declared, types);
    let Selection::Object(table) = <Everything as Select<xurrent_runtime::select::root::Query>>::SELECTION
    else {
        panic!("no table")
    };
    for (_, selection) in table.nested {
        let Selection::Field { field, .. } = selection else { panic!("{selection:?}") };
        let written = arguments(&format!("{{ {field} }}")).remove(0);
        let variables = written.iter().filter(|(_, value)| matches!(value, Constant::Variable(_)));
        assert!(variables.clone().count() > 4);
        for (name, value) in variables {
            assert_eq!(*value, Constant::Variable(name.clone()));
        }
    }
    let all = || All {
        text: "a \"text\"\n".to_owned(),
        flag: None,
        share: 0.25,
        count: i64::MAX,
        amount: "12.50".parse().unwrap(),
        day: "2025-01-02".parse().unwrap(),
        time: "24:00".parse().unwrap(),
        at: "2025-01-02T03:04:05Z".parse().unwrap(),
        json: Json::from_text("{\"a\":[1,null]}").unwrap(),
        id: Id::from("x"),
        view: PersonView::All,
        order: vec![PersonOrder::desc(PersonOrderField::Name)],
        filter: None,
        ids: vec![Id::from("a"), Id::from("b")],
        r#type: Some("t".to_owned()),
    };
    let sent: InputObject = <Everything as Operation>::variables(all());
    assert_eq!(sent.iter().map(|(name, _)| name).collect::<Vec<_>>(), types.map(|(name, _)| name));
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&format!("{sent:?}")).unwrap(),
        json!({
            "text": "a \"text\"\n", "flag": null, "share": 0.25, "count": i64::MAX, "amount": 12.50,
            "day": "2025-01-02", "time": "24:00", "at": "2025-01-02T03:04:05Z", "json": {"a": [1, null]}, "id": "x",
            "view": "all", "order": [{"field": "name", "direction": "desc"}], "filter": null, "ids": ["a", "b"], "type": "t",
        })
    );
}

struct Paging {
    first: i64,
    after: Option<String>,
    view: PersonView,
    filter: Option<PersonFilter>,
    order: [PersonOrder; 1],
    id: Id,
}

#[derive(Debug, Select)]
#[select(on = Query, variables = Paging)]
struct Page {
    #[select(first = $first, after = $after, view = $view, filter = $filter, order = $order)]
    people: Connection<Ref<xurrent::Person>>,
    #[select(rename = "people", first = $first, order = [], filter = null, view = all)]
    again: Connection<Ref<xurrent::Person>>,
    #[select(rename = "people", last = 2, view = all)]
    last: Connection<Ref<xurrent::Person>>,
    #[select(id = $id)]
    node: Option<Ref1>,
    #[select(rename = "node", id = $id)]
    same: Option<Ref1>,
}

#[tokio::test]
async fn variables_and_constants_select() {
    let api = Api::new().await;
    let all = |after: Option<&str>| Paging {
        first: 3,
        after: after.map(str::to_owned),
        view: PersonView::All,
        filter: Some(PersonFilter::new().disabled(false)),
        order: [PersonOrder::desc(PersonOrderField::Name)],
        id: node_id("Person", 1).into(),
    };
    let ids = |page: &Connection<Ref<xurrent::Person>>| -> Vec<String> {
        page.nodes.iter().map(|person| person.id().to_string()).collect()
    };
    let by_hand = |raw: &serde_json::Value| -> Vec<String> {
        let nodes = raw["nodes"].as_array().unwrap().iter();
        nodes.map(|node| node["id"].as_str().unwrap().to_owned()).collect()
    };
    let data = api
        .data(
            "{ people(first: 6, view: all, filter: {disabled: false}, order: [{field: name, direction: desc}]) {
                totalCount nodes { id } }
            again: people(first: 100, view: all) { totalCount nodes { id } } }",
        )
        .await;
    let (ordered, plain) = (by_hand(&data["people"]), by_hand(&data["again"]));
    let one = api.client.query::<Page>(all(None)).await.unwrap();
    assert_eq!(ids(&one.people), ordered[..3]);
    assert_eq!(ids(&one.again), plain[..3]);
    assert_ne!(ids(&one.people), ids(&one.again));
    assert_eq!(data["people"]["totalCount"], one.people.total_count);
    assert_eq!(data["again"]["totalCount"], one.last.total_count);
    assert_ne!(one.people.total_count, one.last.total_count, "the filter selects");
    if usize::try_from(one.last.total_count) == Ok(plain.len()) {
        assert_eq!(ids(&one.last), plain[plain.len() - 2..]);
    }
    assert_eq!(
        (&one.node.unwrap().id, &one.same.unwrap().id),
        (&node_id("Person", 1).into(), &node_id("Person", 1).into())
    );
    let cursor = one.people.page_info.end_cursor.as_deref();
    let two = api.client.query::<Page>(all(cursor)).await.unwrap();
    assert_eq!(ids(&two.people), ordered[3..]);
}

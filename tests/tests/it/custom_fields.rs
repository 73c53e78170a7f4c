//! Custom fields: read by id and type, patched one by one, never sent with a blank id.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::sandboxed::client;
use serde_json::{Value, json};
use std::error::Error as _;
use xurrent::{
    CustomField, CustomFieldInput, CustomFieldPatch, CustomFieldValues, Date, Decimal, ErrorKind, Id, Json,
    Person, PersonUpdateInput, Request, RequestUpdateInput, TimeOfDay, Timestamp, Translation,
};

fn fields() -> Vec<CustomField> {
    let text = r#"[
        {"id": "impact", "value": "high"}, {"id": "approved", "value": false},
        {"id": "count", "value": 9007199254740993}, {"id": "half", "value": 0.5},
        {"id": "budget", "value": 9007199254740993.0500}, {"id": "cost", "value": "120.50"},
        {"id": "due", "value": "2025-06-01"}, {"id": "from", "value": "24:00"},
        {"id": "at", "value": "2025-06-01T08:30:00+02:00"}, {"id": "colors", "value": ["red", "green"]},
        {"id": "mixed", "value": ["red", 1]}, {"id": "tree", "value": {"a": [1, null]}},
        {"id": "empty", "value": null}, {"id": "impact", "value": "low"}
    ]"#;
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_type_is_read() {
    let fields = fields();
    assert_eq!(fields.text("impact").unwrap().as_deref(), Some("high"), "the first of two counts");
    assert_eq!(fields.boolean("approved").unwrap(), Some(false));
    assert_eq!(fields.integer("count").unwrap(), Some(9_007_199_254_740_993));
    assert_eq!(fields.decimal("budget").unwrap().unwrap().to_string(), "9007199254740993.0500");
    assert_eq!(fields.decimal("cost").unwrap().unwrap().to_string(), "120.50");
    assert_eq!(fields.decimal("count").unwrap().unwrap().to_string(), "9007199254740993");
    assert_eq!(fields.date("due").unwrap(), Some("2025-06-01".parse::<Date>().unwrap()));
    assert_eq!(fields.time("from").unwrap(), Some(TimeOfDay::END_OF_DAY));
    let at: Timestamp = fields.timestamp("at").unwrap().unwrap();
    assert_eq!(at.to_string(), "2025-06-01T08:30:00+02:00");
    assert_eq!(fields.list("colors").unwrap().unwrap(), ["red", "green"]);
    assert_eq!(fields.json("budget").unwrap().as_text(), "9007199254740993.0500");
    let tree: std::collections::BTreeMap<String, Vec<Option<u8>>> = fields.value("tree").unwrap().unwrap();
    assert_eq!(tree["a"], [Some(1), None]);
}

#[test]
fn the_same_on_a_list_a_slice_and_an_optional_list() {
    let list = fields();
    let slice: &[CustomField] = &list;
    let optional = Some(list.clone());
    assert_eq!(slice.text("impact").unwrap(), list.text("impact").unwrap());
    assert_eq!(optional.text("impact").unwrap(), list.text("impact").unwrap());
    assert!(slice.has("empty") && optional.has("empty"));
    let none: Option<Vec<CustomField>> = None;
    assert!(!none.has("impact"));
    assert_eq!(none.text("impact").unwrap(), None);
}

#[test]
fn null_and_absent_are_both_none_and_distinguishable() {
    let fields = fields();
    assert!(fields.has("empty") && !fields.has("Empty") && !fields.has("no_such") && !fields.has(""));
    for id in ["empty", "no_such"] {
        assert_eq!(fields.text(id).unwrap(), None);
        assert_eq!(fields.boolean(id).unwrap(), None);
        assert_eq!(fields.integer(id).unwrap(), None);
        assert_eq!(fields.decimal(id).unwrap(), None);
        assert_eq!(fields.date(id).unwrap(), None);
        assert_eq!(fields.timestamp(id).unwrap(), None);
        assert_eq!(fields.list(id).unwrap(), None);
        assert_eq!(fields.json(id), None);
        assert_eq!(fields.value::<Value>(id).unwrap(), None);
    }
    assert!(fields.custom_field("empty").unwrap().value.is_none());
}

#[test]
fn a_type_mismatch_is_an_error_that_names_the_id_and_both_types() {
    let fields = fields();
    let errors = [
        (fields.text("count").map(drop), r#""count" holds a number: expected String, found a number"#),
        (fields.boolean("impact").map(drop), r#""impact" holds a text: expected Boolean, found a string"#),
        (fields.integer("half").map(drop), r#""half" holds a number: "0.5" is not a valid Int"#),
        (fields.integer("cost").map(drop), r#""cost" holds a text: expected Int, found a string"#),
        (fields.decimal("impact").map(drop), r#""impact" holds a text: "high" is not a valid Decimal"#),
        (
            fields.decimal("approved").map(drop),
            r#""approved" holds a boolean: expected Decimal, found a boolean"#,
        ),
        (
            fields.date("at").map(drop),
            r#""at" holds a text: "2025-06-01T08:30:00+02:00" is not a valid ISO8601Date"#,
        ),
        (
            fields.timestamp("due").map(drop),
            r#""due" holds a text: "2025-06-01" is not a valid ISO8601Timestamp"#,
        ),
        (fields.list("impact").map(drop), r#""impact" holds a text: expected a list, found a string"#),
        (fields.list("mixed").map(drop), r#""mixed" holds a list: [1]: expected String, found a number"#),
        (
            fields.value::<u32>("tree").map(drop),
            r#""tree" holds an object: invalid type: map, expected u32 at line 1 column 0"#,
        ),
    ];
    for (result, text) in errors {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.to_string(), format!("the custom field {text}"));
        assert!(error.source().is_none(), "the reason is part of the text");
    }
    assert!(fields.text("count").unwrap_err().decode_error().is_some());
}

#[test]
fn a_patch_sends_what_was_set() {
    let patch = CustomFieldPatch::new()
        .set("impact", "high")
        .set("yes", true)
        .set("count", 7)
        .set("big", i64::MAX)
        .set("half", 0.5)
        .set("amount", "1234567890123456.0500".parse::<Decimal>().unwrap())
        .set("day", "2025-06-01".parse::<Date>().unwrap())
        .set("at", Timestamp::NoTarget)
        .set("until", TimeOfDay::END_OF_DAY)
        .set("colors", ["red", "green"])
        .set("sizes", vec![1_i64, 2])
        .set("tree", json!({"a": null}))
        .set("raw", Json::from_text("1.00").unwrap())
        .set(Id::from("some"), Some(Json::from(json!(1))))
        .clear("due")
        .set("impact", "low");
    let sent = format!("{:?}", RequestUpdateInput::new("1").custom_fields(patch));
    let expected = r#"{"id":"1","customFields":[{"id":"impact","value":"low"},{"id":"yes","value":true},{"id":"count","value":7},{"id":"big","value":9223372036854775807},{"id":"half","value":0.5},{"id":"amount","value":1234567890123456.0500},{"id":"day","value":"2025-06-01"},{"id":"at","value":"no_target"},{"id":"until","value":"24:00"},{"id":"colors","value":["red","green"]},{"id":"sizes","value":[1,2]},{"id":"tree","value":{"a":null}},{"id":"raw","value":1.00},{"id":"some","value":1},{"id":"due","value":null}]}"#;
    assert_eq!(sent, expected);
    let empty = RequestUpdateInput::new("1").custom_fields(CustomFieldPatch::new());
    assert_eq!(format!("{empty:?}"), r#"{"id":"1","customFields":[]}"#);
}

/// An input is stored and read again without a number becoming a text.
#[test]
fn a_patch_survives_json() {
    let patch = CustomFieldPatch::new().set("amount", Decimal::new(12_050, 2)).clear("due");
    let input = PersonUpdateInput::new("1").custom_fields(patch);
    let stored = serde_json::to_string(&input).unwrap();
    let back: PersonUpdateInput = serde_json::from_str(&stored).unwrap();
    assert!(stored.contains("120.50") && format!("{back:?}").contains(r#"{"id":"amount","value":120.50}"#));
}

#[tokio::test]
async fn a_patch_touches_only_its_ids() {
    let (sandbox, client) = client().await;
    let person = client.me().await.unwrap().unwrap();
    let before = person.custom_fields.clone().unwrap();
    assert!(before.len() > 2 && before.text("cost_center").unwrap().is_some());
    let amount: Decimal = "9007199254740993.0500".parse().unwrap();
    let patch = CustomFieldPatch::new().set("budget", amount).clear("cost_center").set("fresh", "value");
    let after = client.person_update(PersonUpdateInput::new(&person.id).custom_fields(patch)).await.unwrap();
    let after = after.person.unwrap().custom_fields;
    assert_eq!(after.decimal("budget").unwrap().unwrap().to_string(), "9007199254740993.0500");
    assert_eq!(after.text("fresh").unwrap().as_deref(), Some("value"));
    assert!(after.has("cost_center"), "a value cannot be removed, only set to null");
    assert_eq!(after.text("cost_center").unwrap(), None);
    let ids = before.iter().filter_map(|field| field.id.as_deref());
    for id in ids.filter(|id| !["budget", "cost_center"].contains(id)) {
        assert_eq!(after.json(id).map(Json::as_text), before.json(id).map(Json::as_text), "{id}");
    }
    let read = client.node::<Person>(&person.id).await.unwrap().unwrap();
    assert_eq!(format!("{:?}", read.custom_fields), format!("{after:?}"));

    // A list of inputs does the same.
    let list =
        [CustomFieldInput::new("fresh").value(json!(["a"])), CustomFieldInput::new("null").value(None)];
    let input = PersonUpdateInput::new(&person.id).custom_fields(list);
    let again = client.person_update(input).await.unwrap().person.unwrap().custom_fields;
    assert_eq!(again.list("fresh").unwrap().unwrap(), ["a"]);
    assert_eq!(again.decimal("budget").unwrap(), Some(amount));
    assert_eq!(sandbox.requests().len(), 4);
}

#[tokio::test]
async fn a_blank_id_is_never_sent() {
    let (sandbox, client) = client().await;
    for blank in ["", " ", "\t\n", "\u{a0}"] {
        let inputs = [
            RequestUpdateInput::new("1").custom_fields([CustomFieldInput::new(blank).value("x")]),
            RequestUpdateInput::new("1").custom_fields(vec![CustomFieldInput::new(blank)]),
            RequestUpdateInput::new("1").custom_fields(CustomFieldPatch::new().set("a", 1).clear(blank)),
        ];
        for (index, input) in inputs.into_iter().enumerate() {
            let error = client.request_update(input).await.unwrap_err();
            assert!(error.is_configuration());
            let at = if index == 2 { 1 } else { 0 };
            let text = format!("input.customFields.{at}.id: an id must not be blank");
            assert!(error.to_string().contains(&text), "{error}");
        }
        let error = client.request_update(RequestUpdateInput::new(blank)).await.unwrap_err();
        assert!(error.to_string().contains("input.id: an id must not be blank"), "{error}");

        let json = json!({"id": "1", "customFields": [{"id": blank, "value": 1}]});
        let error = serde_json::from_value::<RequestUpdateInput>(json).unwrap_err().to_string();
        assert!(error.starts_with("customFields[0].id: ") && error.contains("is not a valid ID"), "{error}");

        for error in [
            client.node::<Person>(blank).await.map(drop).unwrap_err(),
            client.node::<Translation>(Id::from(blank)).await.map(drop).unwrap_err(),
            client.get(&xurrent::Ref::<Request>::new(blank)).await.map(drop).unwrap_err(),
        ] {
            assert!(error.is_configuration(), "{error}");
        }
    }
    let missing = json!({"id": "1", "customFields": [{"value": 1}]});
    let error = serde_json::from_value::<RequestUpdateInput>(missing).unwrap_err().to_string();
    assert_eq!(error, "customFields[0].id: the field is missing (in CustomFieldInput)");
    assert!(sandbox.requests().is_empty());
}

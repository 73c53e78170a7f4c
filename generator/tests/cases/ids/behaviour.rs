//! References by integers, texts and scalars.

use crate::*;
use serde_json::{Value, json};
use std::future::IntoFuture;
use xurrent_runtime::{Field, Id, Json, MemoryTransport, Ref, Select, decode::from_slice};

fn record() -> Value {
    json!({
        "id": "r1", "by_int": {"id": 7}, "by_text": {"id": "seven"}, "by_uuid": {"id": "0-1"}, "by_big": {"id": 12345678901234567890_u64},
        "by_kind": {"id": "a"}, "maybe": {"id": null}, "ints": [{"id": 1, "next": {"id": 2}}],
        "not": {
            "object": {"id": {"a": 1}, "name": "o"}, "list": {"id": ["x"], "name": null}, "argument": {"id": "y", "name": null},
            "required": {"name": "r"}, "old": {"name": "old"},
        },
    })
}

fn decoded<T: Field>(json: &Value) -> Result<T, String> {
    from_slice(json.to_string().as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn references_have_ids_of_the_type_in_the_schema() {
    let record: Record = decoded(&self::record()).unwrap();
    let int: &Ref<ByInt, i64> = record.by_int.as_ref().unwrap();
    assert_eq!((*int.id(), format!("{int:?}").as_str()), (7, "Ref(7)"));
    assert_eq!(record.by_text.id(), "seven");
    let uuid: &Ref<ByUuid, Json> = record.by_uuid.as_ref().unwrap();
    assert_eq!(uuid.id().to_string(), "\"0-1\"");
    assert_eq!(record.by_big.as_ref().unwrap().id().to_string(), "12345678901234567890");
    assert_eq!(record.by_kind.as_ref().unwrap().id(), &Kind::A);
    assert_eq!(record.maybe.as_ref().unwrap().id(), &None::<i64>);
    assert_eq!(record.ints[0].id, 1);
    let not = record.not.as_ref().unwrap();
    assert_eq!(not.object.as_ref().unwrap().id.a, Some(1));
    assert_eq!(not.list.as_ref().unwrap().id, [Id::new("x")]);
    assert_eq!(not.argument.as_ref().unwrap().id, Id::new("y"));
    assert_eq!(not.required.as_ref().unwrap().name.as_deref(), Some("r"));
    assert_eq!(not.old.as_ref().unwrap().name.as_deref(), Some("old"));
    let json = serde_json::to_value(&record).unwrap();
    assert_eq!(decoded::<Record>(&json).unwrap().by_int, record.by_int);
}

#[test]
fn an_id_of_another_type_is_an_error_with_its_path() {
    for (field, id, message) in [
        ("by_int", json!("7"), "by_int.id: expected Int, found a string (in reference)"),
        ("by_int", json!(null), "by_int.id: expected Int, found null (in reference)"),
        ("by_text", json!(7), "by_text.id: expected String, found a number (in reference)"),
    ] {
        let mut json = record();
        json[field]["id"] = id;
        assert_eq!(decoded::<Record>(&json).map(|_| ()).unwrap_err(), message);
    }
}

#[test]
fn a_reference_is_an_argument_of_its_type() {
    let transport = MemoryTransport::new(|_| json!({"data": {"int": null}}));
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    let client = Client(builder.transport(transport.clone()).build().unwrap().runtime().clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reference: Ref<ByInt, i64> = Ref::of(7);
    runtime.block_on(client.int(&reference).into_future()).unwrap();
    assert_eq!(transport.requests()[0].variables, json!({"id": 7}));
    let _ = (client.int_list([&reference]), client.text(&Ref::<ByText, String>::of("a".to_owned())), client.kind(&Ref::<ByKind, Kind>::of(Kind::B)));
}

/// A derived selection checks this when it compiles.
#[test]
fn only_a_reference_with_the_right_id_selects_it() {
    assert!(<Ref<ByInt, i64> as Select<ByInt>>::FITS && !<Ref<ByInt> as Select<ByInt>>::FITS);
    assert!(<Ref<Maybe, Option<i64>> as Select<Maybe>>::FITS && !<Ref<Maybe, i64> as Select<Maybe>>::FITS);
    assert!(<Ref<Record> as Select<Record>>::FITS && !<Ref<Record, String> as Select<Record>>::FITS);
    assert!(!<Ref<ByRequired> as Select<ByRequired>>::FITS);
}

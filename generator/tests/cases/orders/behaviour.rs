//! Every direction that a schema has can be sent.

use crate::*;
use serde_json::{Value, json};
use xurrent_runtime::{InputType, InputValue};

fn sent(input: impl InputType) -> Value {
    let InputValue::Object(object) = input.into_value() else { panic!("no object") };
    serde_json::to_value(object).unwrap()
}

#[test]
fn an_order_has_two_directions() {
    assert_eq!(sent(Order_::desc(Field::Name)), json!({"field": "name", "direction": "desc"}));
    assert_eq!(sent(OrderWithDefault::asc(Field::Year)), json!({"field": "year", "direction": "asc"}));
}

#[test]
fn other_inputs_have_the_directions_of_the_schema() {
    assert_eq!(sent(ByNulls::new(Nulls::AscNullsFirst, Field::Name)), json!({"direction": "asc_nulls_first", "field": "name"}));
    assert_eq!(sent(ByCapitals::new(Field::Name).direction(Capitals::Desc)), json!({"field": "name", "direction": "DESC"}));
    assert_eq!(sent(ByMixed::new(Mixed::Desc, Field::Name))["direction"], "DESC");
    assert_eq!(sent(Fields::new(Direction::Asc, [Field::Name, Field::Year]))["field"], json!(["name", "year"]));
    assert_eq!(sent(Text::new(Direction::Asc, "name"))["field"], "name");
    assert_eq!(sent(More::new(Direction::Asc, Field::Name).nulls(true))["nulls"], true);
    assert_eq!(sent(Keyed::new().name(Capitals::Asc).year(Nulls::DescNullsLast)), json!({"name": "ASC", "year": "desc_nulls_last"}));
}

#[test]
fn a_connection_takes_both() {
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    let transport = xurrent_runtime::MemoryTransport::new(|_| json!({"data": null}));
    let client = Client(builder.transport(transport).build().unwrap().runtime().clone());
    let films = client.films().order([Order_::asc(Field::Name)]);
    let nulls = client.nulls().order([ByNulls::new(Nulls::Asc, Field::Name)]);
    let keyed = client.keyed().arguments(KeyedArguments::new().order(Keyed::new().name(Capitals::Asc)));
    for (call, order) in [
        (format!("{films:?}"), json!([{"field": "name", "direction": "asc"}])),
        (format!("{nulls:?}"), json!([{"direction": "asc", "field": "name"}])),
        (format!("{keyed:?}"), json!({"name": "ASC"})),
    ] {
        let (_, arguments) = call.split_once(' ').unwrap();
        assert_eq!(serde_json::from_str::<Value>(arguments).unwrap()["order"], order, "{call}");
    }
}

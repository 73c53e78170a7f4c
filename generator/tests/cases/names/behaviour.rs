//! The wire keeps every name.

use crate::*;
use xurrent_runtime::{Object, OpenEnum, decode::from_slice};

#[test]
fn fields_that_become_the_same_are_told_apart() {
    assert_eq!(
        <Option_ as Object>::TABLE.fields.iter().filter(|name| name.to_lowercase().contains("source")).count(),
        3
    );
    let json = <Option_ as Object>::TABLE.fields.iter().enumerate().map(|(index, name)| {
        let value = match *name {
            "id" | "type" | "self" | "Self" | "value" | "VALUE" | "Value" | "sourceID" | "sourceId" | "source_id" => {
                format!("\"{name}\"")
            }
            _ => index.to_string(),
        };
        format!("\"{name}\": {value}")
    });
    let json = format!("{{{}}}", json.collect::<Vec<_>>().join(","));
    let option: Option_ = from_slice(json.as_bytes()).unwrap();
    assert_eq!(option.value_in_capitals.as_deref(), Some("VALUE"));
    assert_eq!(option.value_with_capital.as_deref(), Some("Value"));
    assert_eq!(option.value.as_deref(), Some("value"));
    assert_eq!(option.source_id.as_deref(), Some("sourceID"));
    assert_eq!(option.source_id_of_camel.as_deref(), Some("sourceId"));
    assert_eq!(option.source_id_of_snake.as_deref(), Some("source_id"));
    assert_eq!(option.capital_self.as_deref(), Some("Self"));
    assert_eq!(option.self_.as_deref(), Some("self"));
    assert_eq!(option.type_.as_deref(), Some("type"));
}

#[test]
fn enum_values_that_become_the_same_are_told_apart() {
    for (text, value) in Some_::VALUES.iter().zip(Some_::VARIANTS) {
        assert_eq!(value.as_str(), *text);
        assert_eq!(Some_::from(*text), *value);
    }
    assert_eq!(Some_::from("unrecognized"), Some_::Unrecognized_);
    assert_eq!(Some_::from("anything else"), Some_::Unrecognized("anything else".to_owned()));
    assert_eq!(Some_::from("anything else").to_string(), "anything else");
    assert_eq!((Some_::Self_.as_str(), Some_::CapitalSelf.as_str()), ("self", "Self"));
}

#[test]
fn inputs_send_the_names_of_the_schema() {
    let input = TaskInput::new("a", "b").clone_("c").type_("d").value_with_capital(1).value(2).value_2(3).source_id("e");
    assert_eq!(
        serde_json::to_value(&input).unwrap(),
        serde_json::json!({
            "new": "a", "sourceId": "b", "clone": "c", "type": "d", "Value": 1, "value": 2, "value_2": 3, "sourceID": "e"
        })
    );
    let same: TaskInput = serde_json::from_value(serde_json::to_value(&input).unwrap()).unwrap();
    assert_eq!(format!("{same:?}").len(), format!("{input:?}").len());
}

#[test]
fn root_fields_keep_their_names() {
    let names: Vec<_> = root_fields().iter().map(|root| root.name).collect();
    for name in ["raw", "upload", "fooBar", "foobar", "foo_bar", "FOO_BAR", "type", "self"] {
        assert!(names.contains(&name), "{name}");
    }
    let _ = (Client::raw_, Client::upload_, Client::foo_bar, Client::foo_bar_of_snake, Client::foobar);
}

#[test]
fn an_argument_called_new_or_clone_is_an_argument() {
    let arguments = LookArguments::new().new_(1).clone_(2).deep(3).deep_with_capital(4).deep_again(5).type_(6);
    assert_eq!(
        serde_json::to_value(arguments.clone()).unwrap(),
        serde_json::json!({"new": 1, "clone": 2, "deep": 3, "Deep": 4, "deep_": 5, "type": 6})
    );
}

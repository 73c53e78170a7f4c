//! Every kind of scalar, there and back.

use crate::*;
use serde_json::json;

const THING: &str = r#"{
    "anything": {"a": [1, 12345678901234567890.123456789]}, "big": 9007199254740993, "clock": "24:00", "currency": "chf",
    "day": "2026-02-28", "decimal": 12345678901234567890.12345678, "known": "c", "moment": "2026-01-02T03:04:05+01:00",
    "mystery": null, "words": ["x"]
}"#;

#[test]
fn output() {
    let thing: Thing = serde_json::from_str(THING).unwrap();
    assert_eq!(thing.anything.as_ref().unwrap().as_text(), r#"{"a": [1, 12345678901234567890.123456789]}"#);
    assert_eq!(thing.big, Some(9007199254740993));
    assert_eq!(thing.clock.unwrap().hour(), 24);
    assert_eq!(thing.currency, Some(Currency::Unrecognized("chf".into())));
    assert_eq!(thing.day.to_string(), "2026-02-28");
    assert_eq!(thing.decimal.unwrap().to_string(), "12345678901234567890.12345678");
    assert_eq!(thing.known, Some(Known::Unrecognized("c".into())));
    assert_eq!(thing.moment.unwrap().to_string(), "2026-01-02T03:04:05+01:00");
    assert_eq!(thing.mystery.as_text(), "null");
    let again: Thing = serde_json::from_str(&serde_json::to_string(&thing).unwrap()).unwrap();
    assert_eq!(format!("{again:?}"), format!("{thing:?}"));
    let through_value: Thing = serde_json::from_value(serde_json::to_value(&thing).unwrap()).unwrap();
    assert_eq!(through_value.decimal, thing.decimal);
}

#[test]
fn input() {
    let input: Values = serde_json::from_str(THING).unwrap();
    let json = serde_json::to_string(&input).unwrap();
    assert!(json.contains(r#""decimal":"12345678901234567890.12345678""#), "{json}");
    let sent = format!("{input:?}");
    assert!(sent.contains(r#""decimal":12345678901234567890.12345678"#), "{sent}");
    assert!(sent.contains("12345678901234567890.123456789"), "{sent}");
    let refused = |json: serde_json::Value| serde_json::from_value::<Values>(json).unwrap_err().to_string();
    assert_eq!(refused(json!({"day": "2026-02-30"})), "day: \"2026-02-30\" is not a valid ISO8601Date (in Values)");
    assert_eq!(refused(json!({"day": "2026-02-28", "clock": "24:01"})), "clock: \"24:01\" is not a valid ISO8601Time (in Values)");
    assert_eq!(refused(json!({"day": "2026-02-28", "code": " "})), "code: \" \" is not a valid ID (in Values)");
    let day: xurrent_runtime::Date = "2026-02-28".parse().unwrap();
    assert_eq!(format!("{:?}", Values::new(day).code(&xurrent_runtime::Id::from("a"))), r#"{"day":"2026-02-28","code":"a"}"#);
    let blank = serde_json::to_string(&Values::new(day).code("")).unwrap_err().to_string();
    assert_eq!(blank, "code: an id must not be blank");
    assert_eq!(refused(json!({"day": "2026-02-28", "decimal": true})), "decimal: expected Decimal, found a boolean (in Values)");
}

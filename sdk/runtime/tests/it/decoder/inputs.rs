//! What an input sends: three states, and every digit of a decimal.

use serde_json::json;
use xurrent_runtime as rt;

rt::input! {
    RecordInput = "RecordInput"
    required {
        id: rt::Id = "id: ID!",
    }
    optional {
        amount: rt::Decimal = "amount: Decimal",
        at: rt::Timestamp = "at: ISO8601Timestamp",
        tags: Vec<String> = "tags: [String!]",
        text: String = "text: String",
        any: rt::Json = "any: JSON",
    }
}

/// What is sent; `Debug` shows exactly that.
fn sent(input: &RecordInput) -> String {
    format!("{input:?}")
}

#[test]
fn unset_null_and_a_value_are_three_things() {
    assert_eq!(sent(&RecordInput::new("1")), r#"{"id":"1"}"#);
    assert_eq!(sent(&RecordInput::new("1").text(None)), r#"{"id":"1","text":null}"#);
    assert_eq!(sent(&RecordInput::new("1").text("")), r#"{"id":"1","text":""}"#);
    assert_eq!(sent(&RecordInput::new("1").text("a").text(None)), r#"{"id":"1","text":null}"#);
    assert_eq!(sent(&RecordInput::new("1").text(Some("a".to_owned()))), r#"{"id":"1","text":"a"}"#);
}

#[test]
fn the_three_states_survive_json() {
    for json in [r#"{"id":"1"}"#, r#"{"id":"1","text":null}"#, r#"{"id":"1","text":"a"}"#] {
        let input: RecordInput = serde_json::from_str(json).unwrap();
        assert_eq!(sent(&input), json);
        assert_eq!(serde_json::to_string(&input).unwrap(), json);
    }
}

const DIGITS: &str = "123456789012.3456789012345";

#[test]
fn a_decimal_is_sent_as_a_number_with_all_its_digits() {
    let input = RecordInput::new("1").amount(DIGITS.parse::<rt::Decimal>().unwrap());
    assert_eq!(sent(&input), format!(r#"{{"id":"1","amount":{DIGITS}}}"#));
}

/// Between two programs of the user's own the text is safer: most readers round numbers.
#[test]
fn a_decimal_is_stored_as_a_text() {
    let input = RecordInput::new("1").amount(DIGITS.parse::<rt::Decimal>().unwrap());
    let stored = serde_json::to_value(&input).unwrap();
    assert_eq!(stored, json!({ "id": "1", "amount": DIGITS }));
    let back: RecordInput = serde_json::from_value(stored).unwrap();
    assert_eq!(sent(&back), format!(r#"{{"amount":{DIGITS},"id":"1"}}"#));
    let back: RecordInput = serde_json::from_str(&sent(&input)).unwrap();
    assert_eq!(sent(&back), sent(&input));
}

#[test]
fn json_is_checked_against_the_input_type() {
    let cases = [
        (r#"{"text":"a"}"#, "id: the field is missing (in RecordInput)"),
        (r#"{"id":null}"#, "id: expected ID, found null (in RecordInput)"),
        (r#"{"id":"1","id":"1"}"#, "id: the key occurs twice (in RecordInput)"),
        (r#"{"id":"1","tags":["a",null]}"#, "tags[1]: expected String, found null (in RecordInput)"),
        (r#"{"id":"1","at":"now"}"#, r#"at: "now" is not a valid ISO8601Timestamp (in RecordInput)"#),
        (r#"{"id":"1","amount":"x"}"#, r#"amount: "x" is not a valid Decimal (in RecordInput)"#),
        (r#"["1"]"#, "expected RecordInput, found an array"),
    ];
    for (json, text) in cases {
        assert_eq!(serde_json::from_str::<RecordInput>(json).unwrap_err().to_string(), text, "{json}");
    }
}

#[test]
fn every_leaf_is_sent_as_the_api_reads_it() {
    fn shown<T>(value: impl rt::IntoInput<T>) -> String {
        format!("{:?}", value.into_input())
    }
    assert_eq!(shown::<i64>(i64::MAX), "9223372036854775807");
    assert_eq!(shown::<f64>(0.1), "0.1");
    assert_eq!(shown::<bool>(true), "true");
    assert_eq!(shown::<String>("a\"b"), r#""a\"b""#);
    assert_eq!(shown::<rt::Id>("1"), r#""1""#);
    assert_eq!(shown::<rt::TimeOfDay>(rt::TimeOfDay::END_OF_DAY), r#""24:00""#);
    assert_eq!(shown::<rt::Date>("2024-02-03".parse::<rt::Date>().unwrap()), r#""2024-02-03""#);
    assert_eq!(shown::<rt::Timestamp>(rt::Timestamp::ClockStopped), r#""clock_stopped""#);
    let at: rt::Timestamp = "2024-02-03T04:05:06+02:00".parse().unwrap();
    assert_eq!(shown::<rt::Timestamp>(at), r#""2024-02-03T04:05:06+02:00""#);
    assert_eq!(shown::<rt::Json>(rt::Json::from_text("[1.00]").unwrap()), "[1.00]");
    assert_eq!(shown::<Vec<String>>(["a", "b"]), r#"["a","b"]"#);
}

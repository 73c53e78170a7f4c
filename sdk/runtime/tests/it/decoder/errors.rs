//! What a user reads when a response is not what the schema promised.

use crate::decoder::generated::{Chain, Leaves, Record};
use crate::decoder::inputs::RecordInput;
use serde_json::{Value, json};
use xurrent_runtime::decode::{MAX_DEPTH, from_slice};
use xurrent_runtime::{DecodeError, DecodeErrorKind, Field, PathSegment};

pub(crate) fn leaves() -> Value {
    json!({
        "text": "a", "id": "1", "whole": 1, "ratio": 0.5, "flag": true, "amount": 1, "day": "2024-02-03",
        "timeOfDay": "07:00", "at": "2024-02-03T04:05:06Z", "any": null, "mood": "good",
    })
}

pub(crate) fn record() -> Value {
    json!({
        "id": "1", "text": null, "whole": null, "ratio": null, "flag": null, "amount": null, "day": null,
        "timeOfDay": null, "at": null, "any": null, "mood": null, "sourceID": null, "tags": ["a", null],
        "grid": [[1], [2, null]], "leaves": leaves(), "lines": [leaves(), leaves(), leaves()],
        "owner": { "id": "1" }, "target": { "__typename": "Record", "id": "1" },
    })
}

fn fails<T: Field>(json: impl AsRef<[u8]>) -> DecodeError {
    match from_slice::<T>(json.as_ref()) {
        Ok(_) => panic!("accepted"),
        Err(error) => error,
    }
}

/// The text of the error when one value of a valid record is another.
fn with(pointer: &str, value: Value) -> String {
    let mut document = record();
    *document.pointer_mut(pointer).unwrap() = value;
    fails::<Record>(document.to_string()).to_string()
}

/// The text of the error when one key of a valid record is gone.
fn without(pointer: &str, key: &str) -> String {
    let mut document = record();
    document.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    fails::<Record>(document.to_string()).to_string()
}

#[test]
fn the_valid_record_is_valid() {
    from_slice::<Record>(record().to_string().as_bytes()).unwrap();
}

#[test]
fn missing() {
    assert_eq!(without("", "text"), "text: the field is missing (in Record)");
    assert_eq!(without("/leaves", "day"), "leaves.day: the field is missing (in Leaves)");
    assert_eq!(without("/lines/2", "mood"), "lines[2].mood: the field is missing (in Leaves)");
    assert_eq!(without("/owner", "id"), "owner.id: the field is missing (in reference)");
    assert_eq!(without("/target", "__typename"), "target.__typename: the field is missing (in Target)");
    assert_eq!(fails::<Record>("{}").to_string(), "id: the field is missing (in Record)");
}

#[test]
fn null() {
    assert_eq!(with("/id", Value::Null), "id: expected ID, found null (in Record)");
    assert_eq!(with("/grid", Value::Null), "grid: expected a list, found null (in Record)");
    assert_eq!(with("/grid/1", Value::Null), "grid[1]: expected a list, found null (in Record)");
    assert_eq!(with("/leaves", Value::Null), "leaves: expected Leaves, found null (in Record)");
    assert_eq!(with("/lines/1", Value::Null), "lines[1]: expected Leaves, found null (in Record)");
    for (key, expected) in LEAVES {
        let text = with(&format!("/lines/1/{key}"), Value::Null);
        assert_eq!(text, format!("lines[1].{key}: expected {expected}, found null (in Leaves)"));
    }
    assert_eq!(fails::<String>("null").to_string(), "expected String, found null");
}

/// All leaves but `JSON`, for which null is a value.
const LEAVES: [(&str, &str); 10] = [
    ("text", "String"),
    ("id", "ID"),
    ("whole", "Int"),
    ("ratio", "Float"),
    ("flag", "Boolean"),
    ("amount", "Decimal"),
    ("day", "ISO8601Date"),
    ("timeOfDay", "ISO8601Time"),
    ("at", "ISO8601Timestamp"),
    ("mood", "Mood"),
];

#[test]
fn wrong_type() {
    for (key, expected) in LEAVES {
        for (value, found) in [(json!([]), "an array"), (json!({}), "an object")] {
            let text = with(&format!("/leaves/{key}"), value);
            assert_eq!(text, format!("leaves.{key}: expected {expected}, found {found} (in Leaves)"));
        }
        if key != "flag" {
            let text = with(&format!("/leaves/{key}"), json!(true));
            assert_eq!(text, format!("leaves.{key}: expected {expected}, found a boolean (in Leaves)"));
        }
        if !["whole", "ratio", "amount"].contains(&key) {
            let text = with(&format!("/leaves/{key}"), json!(1));
            assert_eq!(text, format!("leaves.{key}: expected {expected}, found a number (in Leaves)"));
        }
    }
    assert_eq!(with("/whole", json!("1")), "whole: expected Int, found a string (in Record)");
    assert_eq!(with("/ratio", json!("1")), "ratio: expected Float, found a string (in Record)");
    assert_eq!(with("/flag", json!("true")), "flag: expected Boolean, found a string (in Record)");
    assert_eq!(with("/leaves", json!([1])), "leaves: expected Leaves, found an array (in Record)");
    assert_eq!(with("/lines", json!({})), "lines: expected a list, found an object (in Record)");
    assert_eq!(with("/tags/1", json!(false)), "tags[1]: expected String, found a boolean (in Record)");
    assert_eq!(with("/grid/1/0", json!("2")), "grid[1][0]: expected Int, found a string (in Record)");
    assert_eq!(with("/owner", json!("1")), "owner: expected reference, found a string (in Record)");
    assert_eq!(with("/owner/id", json!(1)), "owner.id: expected ID, found a number (in reference)");
    assert_eq!(with("/target", json!(1)), "target: expected Target, found a number (in Record)");
    assert_eq!(with("/target/id", Value::Null), "target.id: expected ID, found null (in Record)");
    assert_eq!(fails::<i64>("+1").to_string(), "expected Int, found something that is not JSON");
    assert_eq!(fails::<Record>("[]").to_string(), "expected Record, found an array");
    assert_eq!(
        fails::<Vec<Vec<i64>>>("[[], [1, 2, []]]").to_string(),
        "[1][2]: expected Int, found an array"
    );
}

#[test]
fn invalid() {
    assert_eq!(with("/whole", json!(1.5)), r#"whole: "1.5" is not a valid Int (in Record)"#);
    assert_eq!(
        with("/whole", json!(u64::MAX)),
        r#"whole: "18446744073709551615" is not a valid Int (in Record)"#
    );
    assert_eq!(with("/amount", json!("a\"b")), r#"amount: "a\"b" is not a valid Decimal (in Record)"#);
    assert_eq!(with("/day", json!("today")), r#"day: "today" is not a valid ISO8601Date (in Record)"#);
    assert_eq!(
        with("/timeOfDay", json!("24:01")),
        r#"timeOfDay: "24:01" is not a valid ISO8601Time (in Record)"#
    );
    assert_eq!(
        with("/lines/0/at", json!("soon")),
        r#"lines[0].at: "soon" is not a valid ISO8601Timestamp (in Leaves)"#
    );
    assert_eq!(fails::<f64>("1e400").to_string(), r#""1e400" is not a valid Float"#);
    let shown = format!("{}…", "é".repeat(60));
    assert_eq!(
        with("/day", json!("é".repeat(61))),
        format!("day: {shown:?} is not a valid ISO8601Date (in Record)")
    );
    let shown = "x".repeat(60);
    assert_eq!(with("/day", json!(shown)), format!("day: {shown:?} is not a valid ISO8601Date (in Record)"));
}

#[test]
fn duplicate() {
    let text = fails::<Chain>(r#"{"next":null,"next":null}"#).to_string();
    assert_eq!(text, "next: the key occurs twice (in Chain)");
    let text = fails::<Chain>(r#"{"next":{"next":null,"next":null}}"#).to_string();
    assert_eq!(text, "next.next: the key occurs twice (in Chain)");
    let text = fails::<Vec<Chain>>(r#"[{"next":null},{"x":1,"next":null,"x":1,"next":null}]"#).to_string();
    assert_eq!(text, "[1].next: the key occurs twice (in Chain)");
}

#[test]
fn too_deep() {
    let error = fails::<Chain>(r#"{"next":"#.repeat(MAX_DEPTH + 1));
    assert_eq!(error.kind(), &DecodeErrorKind::TooDeep);
    assert_eq!(error.path().count(), MAX_DEPTH);
    let path = ["next"; MAX_DEPTH].join(".");
    assert_eq!(error.to_string(), format!("{path}: nested more than 128 levels deep (in Chain)"));
}

#[test]
fn syntax() {
    let cases = [
        ("", "EOF while parsing a value at byte 0"),
        (r#"{"next":null"#, "EOF while parsing an object at byte 12"),
        (r#"{"next":null,}"#, "trailing comma at byte 13"),
        (r#"{"next":null} x"#, "trailing characters at byte 14"),
        (r#"{next:null}"#, "key must be a string at byte 1"),
        (r#"{"next" null}"#, "expected `:` at byte 8"),
        (r#"{"next":nul}"#, "next: expected ident at byte 11 (in Chain)"),
        (r#"{"next":{"next":null]}"#, "next: expected `,` or `}` at byte 20 (in Chain)"),
        ("{\"a\u{1}\":1}", "control character (\\u0000-\\u001F) found while parsing a string at byte 3"),
    ];
    for (json, text) in cases {
        assert_eq!(fails::<Chain>(json).to_string(), text, "{json}");
    }
    let mut json = record().to_string().into_bytes();
    let at = json.windows(6).position(|bytes| bytes == b"\"any\":").unwrap() + 6;
    json.splice(at..at + 4, *b"[ \"\xff\"]");
    assert_eq!(fails::<Leaves>(&json[at..]).to_string(), "expected Leaves, found an array");
    let text = fails::<Record>(&json).to_string();
    assert_eq!(text, format!("any: invalid UTF-8 at byte {} (in Record)", at + 3));
}

#[test]
fn unknown_key() {
    let text = serde_json::from_str::<RecordInput>(r#"{"id":"1","nmae":"x"}"#).unwrap_err().to_string();
    assert_eq!(text, "nmae: the type has no such field (in RecordInput)");
}

#[test]
fn the_parts_of_an_error() {
    let error = fails::<Record>({
        let mut document = record();
        document["lines"][1]["whole"] = json!("x");
        document.to_string()
    });
    let path: Vec<_> = error.path().cloned().collect();
    let key = |key: &str| PathSegment::Key(key.to_owned());
    assert_eq!(path, [key("lines"), PathSegment::Index(1), key("whole")]);
    assert_eq!(error.object(), Some("Leaves"));
    assert_eq!(error.kind(), &DecodeErrorKind::WrongType { expected: "Int", found: "a string" });
    assert_eq!(format!("{error:?}"), format!("DecodeError({error})"));
}

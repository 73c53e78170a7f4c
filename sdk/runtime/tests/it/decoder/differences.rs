//! Where the decoder and a plain serde derive part, and why.
//!
//! | document | serde | here | why |
//! | --- | --- | --- | --- |
//! | a field is absent, its type nullable | `None` | refused | what was selected is answered: absent is not null |
//! | an array in the place of an object | accepted | refused | no server sends one; it hides a changed schema |
//! | `-0` for `Int` | refused | 0 | it is an integer; serde reads it as a float |
//! | arrays and objects nested 128 deep, in what is read | refused from 128 on | accepted up to 128 | both stop long before the stack ends |
//! | nested more than 200 deep, in what is skipped or kept as text | accepted | refused | nothing that deep is meant |
//! | a number of more than 4,300 digits, in what is skipped or kept as text | accepted | refused | the parser's guard against numbers that take quadratic time |
//! | a lone surrogate in what is skipped or kept as text | accepted | refused | such a text has no Unicode |
//! | the last digit of a float | may be off by one | exact | serde_json is exact only with `float_roundtrip` |
//! | `__typename` or `id` of an interface twice | refused | the last one counts | an interface is read without a table; nobody sends it |
//!
//! The same on both sides, though one could think otherwise: a known key twice is refused, an
//! unknown key twice is not; `1.0` and `1e2` are no `Int`; integers that do not fit 64 bits and floats
//! that do not fit are refused, floats too small for 64 bits are 0; invalid UTF-8 in a text that is
//! only skipped passes; a byte order mark, text after the value and control characters are refused.

use crate::decoder::generated::{Chain, Leaves, Record, Target};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use xurrent_runtime::decode::{MAX_DEPTH, from_slice};
use xurrent_runtime::{Field, Json, Ref};

/// What a plain derive makes of an optional field.
#[derive(Debug, Deserialize)]
struct Plain {
    next: Option<Box<Plain>>,
}

#[derive(Debug, Deserialize)]
struct PlainReference {
    id: String,
}

fn ours<T: Field>(json: impl AsRef<[u8]>) -> bool {
    from_slice::<T>(json.as_ref()).is_ok()
}

fn serdes<T: for<'de> Deserialize<'de>>(json: impl AsRef<[u8]>) -> bool {
    serde_json::from_slice::<T>(json.as_ref()).is_ok()
}

fn nested(levels: usize, open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn absent_is_not_null() {
    assert!(serde_json::from_str::<Plain>("{}").unwrap().next.is_none());
    assert_eq!(from_slice::<Chain>(b"{}").unwrap_err().to_string(), "next: the field is missing (in Chain)");
    assert!(ours::<Chain>(r#"{"next":null}"#));
}

#[test]
fn arrays_are_not_objects() {
    assert_eq!(serde_json::from_str::<PlainReference>(r#"["1"]"#).unwrap().id, "1");
    let error = from_slice::<Ref<Record>>(br#"["1"]"#).unwrap_err();
    assert_eq!(error.to_string(), "expected reference, found an array");
}

#[test]
fn minus_zero_is_an_integer() {
    assert!(!serdes::<i64>("-0"));
    assert_eq!(from_slice::<i64>(b"-0").unwrap(), 0);
    assert!(!ours::<i64>("-0.0"));
    assert_eq!(from_slice::<f64>(b"-0").unwrap().to_bits(), (-0.0_f64).to_bits());
}

#[test]
fn the_depth_of_what_is_read() {
    let chain = |levels| nested(levels - 1, r#"{"next":"#, r#"{"next":null}"#, "}");
    assert!(ours::<Chain>(chain(127)) && serdes::<Plain>(chain(127)));
    assert!(ours::<Chain>(chain(MAX_DEPTH)) && !serdes::<Plain>(chain(MAX_DEPTH)));
    assert!(!ours::<Chain>(chain(MAX_DEPTH + 1)) && !serdes::<Plain>(chain(MAX_DEPTH + 1)));
    let wide = format!("[{}]", [r#"{"next":{"next":null}}"#; 1000].join(","));
    assert!(ours::<Vec<Chain>>(wide), "only open arrays and objects count");
}

#[test]
fn the_depth_of_what_is_not_read() {
    let lists = |levels| nested(levels, "[", "1", "]");
    let unknown = |levels| format!(r#"{{"next":null,"more":{}}}"#, lists(levels));
    assert!(ours::<Json>(lists(200)) && ours::<Chain>(unknown(200)));
    assert!(!ours::<Json>(lists(201)) && serdes::<Box<RawValue>>(lists(201)));
    assert!(!ours::<Chain>(unknown(201)) && serdes::<Plain>(unknown(201)));
}

#[test]
fn numbers_without_end() {
    let digits = |count| "7".repeat(count);
    assert!(ours::<Json>(digits(4300)));
    assert!(!ours::<Json>(digits(4301)) && serdes::<Box<RawValue>>(digits(4301)));
    let unknown = |count| format!(r#"{{"next":null,"more":{}}}"#, digits(count));
    assert!(ours::<Chain>(unknown(4300)));
    assert!(!ours::<Chain>(unknown(4301)) && serdes::<Plain>(unknown(4301)));
}

#[test]
fn lone_surrogates() {
    for text in [r#""\ud800""#, r#""\udc00""#, r#""\ud83dx""#, r#""\ud800\u0041""#] {
        assert!(!ours::<String>(text) && !serdes::<String>(text), "{text}");
        assert!(!ours::<Json>(text) && serdes::<Box<RawValue>>(text), "{text}");
        let unknown = format!(r#"{{"next":null,"more":{text}}}"#);
        assert!(!ours::<Chain>(&unknown) && serdes::<Plain>(&unknown), "{text}");
    }
    assert_eq!(from_slice::<String>(br#""\ud83d\udca1""#).unwrap(), "💡");
}

/// Found by search: the nearest float to these digits is not the one that serde_json finds.
#[test]
fn the_last_digit_of_a_float() {
    let digits = "515.434414427689533645";
    let nearest: f64 = digits.parse().unwrap();
    assert_eq!(from_slice::<f64>(digits.as_bytes()).unwrap().to_bits(), nearest.to_bits());
    let found: f64 = serde_json::from_str(digits).unwrap();
    assert_eq!(found.to_bits().abs_diff(nearest.to_bits()), 1);
}

#[test]
fn an_interface_refuses_a_key_that_occurs_twice() {
    for (twice, key) in [
        (r#"{"__typename":"Other","id":"1","__typename":"Record"}"#, "__typename"),
        (r#"{"__typename":"Other","id":"1","id":"1"}"#, "id"),
    ] {
        let error = from_slice::<Target>(twice.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), format!("{key}: the key occurs twice"));
    }
}

#[test]
fn keys_that_occur_twice() {
    let known = r#"{"next":null,"next":null}"#;
    assert!(!ours::<Chain>(known) && !serdes::<Plain>(known));
    let unknown = r#"{"more":1,"next":null,"more":2,"more":[]}"#;
    assert!(ours::<Chain>(unknown) && serdes::<Plain>(unknown));
    let escaped = r#"{"next":null,"\u006eext":null}"#;
    assert!(!ours::<Chain>(escaped) && !serdes::<Plain>(escaped));
}

#[test]
fn what_is_no_integer_and_no_float() {
    for json in
        ["1.0", "1e2", "9223372036854775808", "-9223372036854775809", "18446744073709551615", "\"1\"", "true"]
    {
        assert!(!ours::<i64>(json) && !serdes::<i64>(json), "{json}");
    }
    for json in ["9223372036854775807", "-9223372036854775808", "1000000000000000000"] {
        assert_eq!(from_slice::<i64>(json.as_bytes()).unwrap(), json.parse::<i64>().unwrap());
    }
    for json in
        ["1e400", "-1e400", "1.8e308", "\"1\"", "NaN", "Infinity", "-Infinity", "1.", ".5", "01", "+1", "0x1"]
    {
        assert!(!ours::<f64>(json) && !serdes::<f64>(json), "{json}");
    }
    assert_eq!(from_slice::<f64>(b"1e-400").unwrap(), 0.0);
    assert_eq!(serde_json::from_str::<f64>("1e-400").unwrap(), 0.0);
}

#[test]
fn what_stands_around_a_value() {
    for json in ["1 2", "1,", "1]", "1 null", "\u{feff}1", "1\0", "", " "] {
        assert!(!ours::<i64>(json) && !serdes::<i64>(json), "{json:?}");
    }
    for json in [" 1", "1 ", "\t\r\n1\n"] {
        assert!(ours::<i64>(json) && serdes::<i64>(json), "{json:?}");
    }
    for json in ["\u{c}1", "1\u{a0}"] {
        assert!(!ours::<i64>(json) && !serdes::<i64>(json), "{json:?}");
    }
}

#[test]
fn invalid_utf_8_counts_where_it_is_read() {
    let mut read = br#"{"next":null,"?":1}"#.to_vec();
    read[14] = 0xff;
    assert!(!ours::<Chain>(&read) && !serdes::<Plain>(&read));
    let mut skipped = br#"{"next":null,"more":"?"}"#.to_vec();
    skipped[21] = 0xff;
    assert!(ours::<Chain>(&skipped) && serdes::<Plain>(&skipped));
    assert!(serdes::<IgnoredAny>(&skipped));
    assert!(!ours::<Json>(&skipped) && !serdes::<Box<RawValue>>(&skipped));
}

#[test]
fn control_characters_in_a_text() {
    for json in ["\"\u{1}\"", "\"\n\"", "\"\0\""] {
        assert!(!ours::<String>(json) && !serdes::<String>(json), "{json:?}");
        assert!(!ours::<Json>(json) && !serdes::<Box<RawValue>>(json), "{json:?}");
    }
    assert!(ours::<String>("\"\u{7f}\"") && serdes::<String>("\"\u{7f}\""));
    assert!(!ours::<Leaves>("{\"\n\":1}") && !serdes::<Plain>("{\"\n\":1}"));
}

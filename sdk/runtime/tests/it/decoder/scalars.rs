//! Every scalar: what it takes, what it refuses, how it is written.

use crate::decoder::generated::Mood;
use serde_json::json;
use xurrent_runtime::decode::from_slice;
use xurrent_runtime::{Date, Decimal, Field, Id, Json, TimeOfDay, Timestamp};

fn read<T: Field>(text: &str) -> Option<T> {
    from_slice(json!(text).to_string().as_bytes()).ok()
}

/// Each text with what it is written as, or nothing when it is refused; what was written is read
/// as the same again.
fn check<T: Field + PartialEq + std::fmt::Debug + std::fmt::Display>(cases: &[(&str, Option<&str>)]) {
    for (text, written) in cases {
        let value = read::<T>(text);
        assert_eq!(value.as_ref().map(ToString::to_string).as_deref(), *written, "{text:?}");
        if let Some(value) = value {
            assert_eq!(read::<T>(&value.to_string()), Some(value), "{text:?}");
        }
    }
}

#[test]
fn timestamps() {
    check::<Timestamp>(&[
        ("2024-02-03T04:05:06Z", Some("2024-02-03T04:05:06Z")),
        ("2024-02-03t04:05:06z", Some("2024-02-03T04:05:06Z")),
        ("2024-02-03T04:05:06+00:00", Some("2024-02-03T04:05:06Z")),
        ("2024-02-03T04:05:06-00:00", Some("2024-02-03T04:05:06Z")),
        ("2024-02-03T04:05:06+02:00", Some("2024-02-03T04:05:06+02:00")),
        ("2024-02-03T04:05:06-09:30", Some("2024-02-03T04:05:06-09:30")),
        ("2024-02-03T04:05:06+05:45", Some("2024-02-03T04:05:06+05:45")),
        ("2024-02-03T04:05:06.5Z", Some("2024-02-03T04:05:06.5Z")),
        ("2024-02-03T04:05:06.500-01:00", Some("2024-02-03T04:05:06.5-01:00")),
        ("2024-02-03T04:05:06.123456789Z", Some("2024-02-03T04:05:06.123456789Z")),
        ("2024-02-03T04:05:06.000000001+14:00", Some("2024-02-03T04:05:06.000000001+14:00")),
        ("1969-12-31T23:59:59.999Z", Some("1969-12-31T23:59:59.999Z")),
        ("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00Z")),
        ("0000-01-01T00:00:00+14:00", Some("0000-01-01T00:00:00+14:00")),
        ("9999-12-30T22:00:00Z", Some("9999-12-30T22:00:00Z")),
        ("2024-02-29T00:00:00Z", Some("2024-02-29T00:00:00Z")),
        ("best_effort", Some("best_effort")),
        ("no_target", Some("no_target")),
        ("clock_stopped", Some("clock_stopped")),
        // A leap second has no number of its own in Unix time: it is the second before it.
        ("2016-12-31T23:59:60Z", Some("2016-12-31T23:59:59Z")),
        ("2016-12-31T23:59:61Z", None),
        // The last day and a bit of the year 9999 are beyond the time library.
        ("9999-12-31T23:59:59Z", None),
        ("10000-01-01T00:00:00Z", None),
        ("-0001-01-01T00:00:00Z", None),
        ("+002024-02-03T04:05:06Z", None),
        ("2024-02-03T04:05:06", None),
        ("2024-02-03", None),
        ("04:05:06Z", None),
        ("", None),
        ("Best_effort", None),
        ("best_effort ", None),
        ("2024-02-03 04:05:06Z", None),
        (" 2024-02-03T04:05:06Z", None),
        ("2024-02-03T04:05:06Z ", None),
        ("2024-02-03T04:05:06 Z", None),
        ("2024-02-03T04:05:06Z[UTC]", None),
        ("2024-02-03T04:05:06+02:00[Europe/Vienna]", None),
        ("2024-02-03T04:05:06+02:00[+02:00]", None),
        ("2024-02-03T04:05:06+02:00Z", None),
        ("2024-02-03T04:05:06+0200", None),
        ("2024-02-03T04:05:06+02", None),
        ("2024-02-03T04:05:06+02:00:30", None),
        ("2024-02-03T04:05:06+02:60", None),
        ("2024-02-03T04:05:06+26:00", None),
        ("2024-02-03T04:05:06.Z", None),
        ("2024-02-03T04:05:06,5Z", None),
        ("2024-02-03T04:05:06.1234567890Z", None),
        ("2024-02-03T04:05Z", None),
        ("2024-02-03T04Z", None),
        ("2024-02-03T040506Z", None),
        ("20240203T040506Z", None),
        ("2024-034T04:05:06Z", None),
        ("2024-2-3T4:5:6Z", None),
        ("2024-02-30T04:05:06Z", None),
        ("2023-02-29T04:05:06Z", None),
        ("2024-00-03T04:05:06Z", None),
        ("2024-02-03T24:00:00Z", None),
        ("2024-02-03T04:60:06Z", None),
        ("2024-02-03T04:05:06−02:00", None),
        ("２024-02-03T04:05:06Z", None),
        ("1706933106", None),
    ]);
}

#[test]
fn the_instant_and_the_offset_of_a_timestamp() {
    let timestamp = read::<Timestamp>("2024-02-03T01:05:06.25+02:00").unwrap();
    assert_eq!(timestamp.instant().unwrap().as_millisecond(), 1_706_915_106_250);
    assert!(matches!(timestamp, Timestamp::At(_, offset) if offset.seconds() == 7200));
    assert_ne!(timestamp, read("2024-02-02T23:05:06.25Z").unwrap());
    assert_eq!(read::<Timestamp>("best_effort"), Some(Timestamp::BestEffort));
    assert_eq!(read::<Timestamp>("no_target"), Some(Timestamp::NoTarget));
    assert_eq!(read::<Timestamp>("clock_stopped"), Some(Timestamp::ClockStopped));
    assert_eq!(Timestamp::BestEffort.instant(), None);
}

/// As in Amsterdam until 1937: RFC 3339 cannot write it, and must not move the instant.
#[test]
fn an_offset_with_seconds_is_written_as_utc() {
    let offset = jiff::tz::Offset::from_seconds(1172).unwrap();
    let instant: jiff::Timestamp = "1930-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(Timestamp::At(instant, offset).to_string(), "1930-01-01T00:00:00Z");
}

#[test]
fn times_of_day() {
    check::<TimeOfDay>(&[
        ("00:00", Some("00:00")),
        ("07:00", Some("07:00")),
        ("07:00:00", Some("07:00")),
        ("07:00:30", Some("07:00:30")),
        ("23:59:59", Some("23:59:59")),
        ("24:00", Some("24:00")),
        ("24:00:00", Some("24:00")),
        ("24:01", None),
        ("24:00:01", None),
        ("25:00", None),
        ("7:00", None),
        ("07:0", None),
        ("07:60", None),
        ("07:00:60", None),
        ("07:00:00:00", None),
        ("07:00:00.5", None),
        ("07", None),
        ("0700", None),
        ("07:00Z", None),
        (" 07:00", None),
        ("+7:00", None),
        ("", None),
        (":", None),
        ("٠٧:٠٠", None),
    ]);
    assert!(TimeOfDay::END_OF_DAY > TimeOfDay::new(23, 59, 59).unwrap());
    assert_eq!(read::<TimeOfDay>("24:00"), Some(TimeOfDay::END_OF_DAY));
    let time = read::<TimeOfDay>("01:02:03").unwrap();
    assert_eq!((time.hour(), time.minute(), time.second()), (1, 2, 3));
}

#[test]
fn dates() {
    check::<Date>(&[
        ("2026-02-03", Some("2026-02-03")),
        ("2024-02-29", Some("2024-02-29")),
        ("0000-01-01", Some("0000-01-01")),
        ("9999-12-31", Some("9999-12-31")),
        ("2026-2-3", None),
        ("2026-02-29", None),
        ("2026-13-01", None),
        ("2026-00-01", None),
        ("2026-01-00", None),
        ("20260203", None),
        ("2026-W05-2", None),
        ("2026-02-03T00:00:00Z", None),
        ("2026-02-03 ", None),
        (" 2026-02-03", None),
        ("-026-02-03", None),
        ("26-02-2003", None),
        ("２26-02-03", None),
        ("", None),
    ]);
    let date = read::<Date>("2026-02-03").unwrap();
    assert_eq!((date.year(), date.month(), date.day()), (2026, 2, 3));
}

const DECIMALS: &[(&str, Option<&str>)] = &[
    ("0", Some("0")),
    ("-0", Some("0")),
    ("120.5", Some("120.5")),
    ("120.50", Some("120.50")),
    ("-0.01", Some("-0.01")),
    ("1e3", Some("1000")),
    ("1.5E+3", Some("1500")),
    ("1e-3", Some("0.001")),
    ("12.5e1", Some("125")),
    ("1e28", Some("10000000000000000000000000000")),
    ("1e-28", Some("0.0000000000000000000000000001")),
    ("1234567890123456789012345678", Some("1234567890123456789012345678")),
    ("0.1234567890123456789012345678", Some("0.1234567890123456789012345678")),
    ("79228162514264337593543950335", Some("79228162514264337593543950335")),
    ("-79228162514264337593543950335", Some("-79228162514264337593543950335")),
    ("79228162514264337593543950336", None),
    ("123456789012345678901234567890", None),
    ("0.12345678901234567890123456789", None),
    ("7.9228162514264337593543950336", None),
    ("1e29", None),
    ("1e-29", None),
    ("1e400", None),
    ("1e-400", None),
    // Representable, but refused with the same rule as the digits that are not.
    ("0e400", None),
    ("1.00000000000000000000000000000", None),
];

#[test]
fn decimals() {
    check::<Decimal>(DECIMALS);
    for (text, written) in DECIMALS {
        let value = from_slice::<Decimal>(text.as_bytes()).ok();
        assert_eq!(value.map(|value| value.to_string()).as_deref(), *written, "{text}");
    }
    // Only as a text: none of these is a JSON number.
    check::<Decimal>(&[
        ("+1", Some("1")),
        ("1.", Some("1")),
        (".5", Some("0.5")),
        ("0012.50", Some("12.50")),
        ("NaN", None),
        ("Infinity", None),
        ("", None),
        (" 1", None),
        ("1 ", None),
        ("1_000", None),
        ("1,000", None),
        ("1'000", None),
        ("+-1", None),
        ("--1", None),
        ("-", None),
        (".", None),
        ("1..2", None),
        ("1.2.3", None),
        ("1e", None),
        ("e1", None),
        ("1e1e1", None),
        ("1e1.5", None),
        ("1e 1", None),
        ("0x1", None),
        ("١", None),
        ("€1", None),
    ]);
}

#[test]
fn json_keeps_its_text() {
    for text in [
        "null",
        "1.00",
        "1e400",
        "123456789012345678901234567890",
        "[ 1 , 2 ]",
        r#"{"b":1,"a":2,"b":3}"#,
        r#""\u0041\/""#,
        "true",
        "{}",
        "-0",
    ] {
        assert_eq!(from_slice::<Json>(text.as_bytes()).unwrap().as_text(), text);
        assert_eq!(from_slice::<Json>(format!(" {text}\n").as_bytes()).unwrap().as_text(), text);
        assert_eq!(from_slice::<Json>(text.as_bytes()).unwrap().to_string(), text);
    }
    assert_eq!(from_slice::<Option<Json>>(b"null").unwrap(), None);
    let values = from_slice::<Vec<Json>>(br#"[ {"a": 1} , null,"x" ]"#).unwrap();
    assert_eq!(values.iter().map(Json::as_text).collect::<Vec<_>>(), [r#"{"a": 1}"#, "null", "\"x\""]);
    assert_eq!(values[0].parse::<std::collections::HashMap<String, i64>>().unwrap()["a"], 1);
}

#[test]
fn texts_and_ids_are_kept_as_they_are() {
    for text in ["", " a ", "Straße", "\u{0}\"\\\n", "001", "💡"] {
        assert_eq!(read::<String>(text).as_deref(), Some(text));
        assert_eq!(read::<Id>(text).unwrap().as_str(), text);
    }
}

#[test]
fn numbers_and_booleans() {
    for value in [0, -1, 2_147_483_648, -2_147_483_649, i64::MAX, i64::MIN] {
        assert_eq!(from_slice::<i64>(value.to_string().as_bytes()).unwrap(), value);
    }
    for value in [0.1, -1.5, 1e300, f64::MAX, f64::MIN_POSITIVE, 5e-324] {
        assert_eq!(from_slice::<f64>(format!("{value:e}").as_bytes()).unwrap(), value);
    }
    assert!(from_slice::<bool>(b"true").unwrap());
    assert!(!from_slice::<bool>(b"false").unwrap());
}

#[test]
fn an_unknown_value_of_an_enum_is_kept() {
    assert_eq!(read::<Mood>("good"), Some(Mood::Good));
    assert_eq!(read::<Mood>("other"), Some(Mood::Other));
    for text in ["Good", "", "brand_new", "Unrecognized"] {
        assert_eq!(read::<Mood>(text), Some(Mood::Unrecognized(text.to_owned())));
        assert_eq!(serde_json::to_string(&Mood::from(text)).unwrap(), json!(text).to_string());
    }
}

//! The custom scalars of the schema: their valid values and their order.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

use crate::exact_number;

/// A test of the order of a value and a bound.
pub(crate) type Range = fn(Ordering) -> bool;

const EPOCH: Date = Date::constant(1970, 1, 1);

/// Words in place of a timestamp in some fields.
const TARGET_WORDS: [&str; 3] = ["best_effort", "no_target", "clock_stopped"];

/// Checks an input value of a custom scalar, for which the engine accepts all JSON. `values` are those of a
/// value list. Unknown scalars are not checked.
pub(crate) fn check(scalar: &str, values: Option<&[String]>, value: &Value) -> Result<(), String> {
    let is_valid = match scalar {
        _ if values.is_some() => {
            text_is(value, |text| values.into_iter().flatten().any(|value| value == text))
        }
        "ISO8601Timestamp" => {
            text_is(value, |text| TARGET_WORDS.contains(&text) || nanoseconds(text).is_some())
        }
        "ISO8601Date" => text_is(value, |text| date_days(text).is_some()),
        "ISO8601Time" => text_is(value, is_time),
        "Decimal" | "MonetaryAmount" => {
            exact_number::of(value).is_some() || text_is(value, exact_number::is_number)
        }
        "Currency" | "Language" | "TimeZone" => value.is_string(),
        _ => true,
    };
    if is_valid { Ok(()) } else { Err(format!("{value} is not a valid {scalar}")) }
}

/// Whether numbers of a scalar are exact.
pub(crate) fn keeps_digits(scalar: &str) -> bool {
    matches!(scalar, "Decimal" | "MonetaryAmount" | "JSON")
}

/// Converts a valid input value to its stored form.
pub(crate) fn normal(scalar: &str, value: Value) -> Value {
    match (scalar, &value) {
        ("Decimal" | "MonetaryAmount", Value::String(text)) => exact_number::keep(text).unwrap_or(value),
        // The engine requires a stored Float to be floating point.
        ("Float", Value::Number(number)) => number.as_f64().map_or(value, Value::from),
        _ => value,
    }
}

/// Whether a text is a date or a timestamp.
pub(crate) fn is_date_or_timestamp(text: &str) -> bool {
    date_days(text).is_some() || nanoseconds(text).is_some()
}

fn text_is(value: &Value, test: impl Fn(&str) -> bool) -> bool {
    value.as_str().is_some_and(test)
}

/// Compares two leaf values: numbers by size, timestamps by time, strings first ignoring case, `false` before
/// `true`.
pub(crate) fn compare(left: &Value, right: &Value) -> Ordering {
    if let (Some(left), Some(right)) = (exact_number::of(left), number(right)) {
        return exact_number::compare(&left, &right);
    }
    match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => match (nanoseconds(a), nanoseconds(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) if TARGET_WORDS.contains(&b.as_str()) => Ordering::Less,
            (None, Some(_)) if TARGET_WORDS.contains(&a.as_str()) => Ordering::Greater,
            _ => a.to_lowercase().cmp(&b.to_lowercase()).then_with(|| a.cmp(b)),
        },
        _ => left.to_string().cmp(&right.to_string()),
    }
}

/// Whether a stored value equals a value of a filter. A number equals its string, and timestamps with
/// different offsets can be equal.
pub(crate) fn equal(stored: &Value, wanted: &Value) -> bool {
    if let (Some(stored), Some(wanted)) = (exact_number::of(stored), number(wanted)) {
        return exact_number::compare(&stored, &wanted) == Ordering::Equal;
    }
    match (stored, wanted) {
        (Value::String(a), Value::String(b)) => {
            a == b || nanoseconds(a).is_some_and(|a| Some(a) == nanoseconds(b))
        }
        (Value::String(text), other) | (other, Value::String(text)) => {
            // Filters on custom fields write booleans as strings.
            serde_json::to_string(other).is_ok_and(|other| other == *text)
        }
        _ => stored == wanted,
    }
}

/// Whether a stored value equals a wanted one. An empty list matches empty fields, as does a null among
/// the values.
pub(crate) fn any_equal(stored: &[&Value], wanted: &[Value]) -> bool {
    if stored.is_empty() {
        return wanted.is_empty() || wanted.iter().any(Value::is_null);
    }
    wanted.iter().any(|wanted| stored.iter().any(|stored| equal(stored, wanted)))
}

/// The digits of a number or of a string with a number.
fn number(wanted: &Value) -> Option<Cow<'_, str>> {
    let text = || wanted.as_str().filter(|text| exact_number::is_number(text)).map(Cow::Borrowed);
    exact_number::of(wanted).or_else(text)
}

/// Whether `value` can be in a range. The words in place of a timestamp cannot.
pub(crate) fn has_order(value: &Value) -> bool {
    !text_is(value, |text| TARGET_WORDS.contains(&text))
}

/// The timestamp of seconds since 1970, in UTC.
pub(crate) fn timestamp(epoch: i64) -> String {
    Timestamp::from_second(epoch).unwrap_or_default().to_string()
}

/// The date of days since 1970.
pub(crate) fn date(days: i64) -> String {
    EPOCH.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or_default().to_string()
}

fn date_days(text: &str) -> Option<i64> {
    // The comparison refuses other notations, such as `20250601`.
    let date: Date = text.parse().ok().filter(|date: &Date| text.len() == 10 && date.to_string() == text)?;
    Some(date.duration_since(EPOCH).as_hours() / 24)
}

/// `HH:MM` or `HH:MM:SS`; `24:00` is the end of the day.
fn is_time(text: &str) -> bool {
    let is_pair = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_shaped = matches!(text.len(), 5 | 8) && text.split(':').all(is_pair);
    // `jiff` accepts leap seconds.
    let is_clock = !text.ends_with(":60") && text.parse::<Time>().is_ok();
    is_shaped && (is_clock || matches!(text, "24:00" | "24:00:00"))
}

/// An RFC 3339 timestamp in nanoseconds since 1970.
fn nanoseconds(text: &str) -> Option<i128> {
    // The shape refuses other notations that `jiff` parses, such as `2025-06-01 12Z`.
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let (clock, rest) = shape.split_at_checked(19)?;
    let (fraction, offset) = rest.split_at(rest.find(|c| !matches!(c, '.' | '0'))?);
    let is_digits = |digits: &str| matches!(digits.len(), 1..=9) && !digits.contains('.');
    let is_fraction = fraction.is_empty() || fraction.strip_prefix('.').is_some_and(is_digits);
    let is_offset = match offset {
        "Z" | "z" => true,
        "+00:00" | "-00:00" => text[text.len() - 5..text.len() - 3] < *"24",
        _ => false,
    };
    let is_timestamp =
        clock.eq_ignore_ascii_case("0000-00-00T00:00:00") && is_fraction && is_offset && text[17..19] < *"60";
    let timestamp: Timestamp = is_timestamp.then(|| text.parse().ok()).flatten()?;
    Some(timestamp.as_nanosecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_and_timestamps_are_formatted() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(-1), "1969-12-31T23:59:59Z");
        for days in [-200_000, -1, 0, 58, 59, 60, 11_016, 20_000, 47_540] {
            assert_eq!(date_days(&date(days)), Some(days));
        }
    }

    #[test]
    fn bad_values_are_refused() {
        let good = [
            ("ISO8601Timestamp", json!("2025-06-01T12:00:00+02:00")),
            ("ISO8601Timestamp", json!("2025-06-01T12:00:00.125Z")),
            ("ISO8601Timestamp", json!("best_effort")),
            ("ISO8601Date", json!("2024-02-29")),
            ("ISO8601Time", json!("24:00")),
            ("Decimal", json!("120.50")),
            ("MonetaryAmount", json!(3)),
            ("JSON", json!([1, null])),
        ];
        for (scalar, value) in good {
            assert_eq!(check(scalar, None, &value), Ok(()), "{scalar} {value}");
        }
        let bad = [
            ("ISO8601Timestamp", json!("2025-06-01")),
            ("ISO8601Timestamp", json!("2025-06-01T12:00:00")),
            ("ISO8601Timestamp", json!("soon")),
            ("ISO8601Timestamp", json!(5)),
            ("ISO8601Timestamp", json!("2025-06-01 12:00:00Z")),
            ("ISO8601Timestamp", json!("20250601T120000Z")),
            ("ISO8601Timestamp", json!("2025-06-01T12:00Z")),
            ("ISO8601Timestamp", json!("2025-06-01T12:00:60Z")),
            ("ISO8601Timestamp", json!("2025-06-01T12:00:00+24:00")),
            ("ISO8601Date", json!("20250601")),
            ("ISO8601Date", json!("2025-02-29")),
            ("ISO8601Date", json!("1-2-3")),
            ("ISO8601Time", json!("24:01")),
            ("Decimal", json!("a lot")),
            ("Decimal", json!(true)),
        ];
        for (scalar, value) in bad {
            assert!(check(scalar, None, &value).is_err(), "{scalar} {value}");
        }
    }

    #[test]
    fn timestamps_compare_across_offsets() {
        let noon = json!("2025-06-01T12:00:00Z");
        let same = json!("2025-06-01T14:00:00+02:00");
        assert_eq!(compare(&noon, &same), Ordering::Equal);
        assert!(equal(&noon, &same));
        assert_eq!(compare(&noon, &json!("no_target")), Ordering::Less);
        assert_eq!(compare(&json!("b"), &json!("A")), Ordering::Greater);
        assert_eq!(compare(&json!(9), &json!(10.5)), Ordering::Less);
        let kept = normal("Decimal", json!("12345678901234567.50"));
        assert!(equal(&kept, &json!("12345678901234567.5")));
        assert!(!equal(&kept, &json!("12345678901234567.6")));
        assert!(equal(&json!(5), &json!("5")) && !equal(&json!("5"), &json!("5.0")));
    }
}

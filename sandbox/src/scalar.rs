//! The custom scalars of the schema: which texts are allowed, and how values compare.

use serde_json::Value;
use std::cmp::Ordering;

use crate::exact_number;

/// Texts the server sends instead of a moment in some timestamp fields.
const TARGET_WORDS: [&str; 3] = ["best_effort", "no_target", "clock_stopped"];

/// Checks an input value of a custom scalar. The engine lets every JSON value through for those,
/// because a schema does not say what they look like. `values` are those of a list of values.
/// Unknown scalars are not checked.
pub(crate) fn check(scalar: &str, values: Option<&[String]>, value: &Value) -> Result<(), String> {
    let good = match scalar {
        _ if let Some(values) = values => text_is(value, |text| values.iter().any(|value| value == text)),
        "ISO8601Timestamp" => text_is(value, |text| TARGET_WORDS.contains(&text) || seconds(text).is_some()),
        "ISO8601Date" => text_is(value, |text| date_days(text).is_some()),
        "ISO8601Time" => text_is(value, |text| time_seconds(text).is_some()),
        "Decimal" | "MonetaryAmount" => {
            exact_number::of(value).is_some() || text_is(value, exact_number::is_number)
        }
        "Currency" | "Language" | "TimeZone" => value.is_string(),
        _ => true,
    };
    if good { Ok(()) } else { Err(format!("{value} is not a valid {scalar}")) }
}

/// Whether numbers of a scalar keep the digits they came with.
pub(crate) fn keeps_digits(scalar: &str) -> bool {
    matches!(scalar, "Decimal" | "MonetaryAmount" | "JSON")
}

/// Brings an accepted input value into the form it is stored and sent in.
pub(crate) fn normal(scalar: &str, value: Value) -> Value {
    match (scalar, &value) {
        ("Decimal" | "MonetaryAmount", Value::String(text)) => exact_number::keep(text).unwrap_or(value),
        // The engine sends a Float only when it is stored as one.
        ("Float", Value::Number(number)) => number.as_f64().map_or(value, Value::from),
        _ => value,
    }
}

/// Whether a text is a date or a timestamp.
pub(crate) fn is_day_or_moment(text: &str) -> bool {
    date_days(text).is_some() || seconds(text).is_some()
}

fn text_is(value: &Value, test: impl Fn(&str) -> bool) -> bool {
    value.as_str().is_some_and(test)
}

/// Compares two leaf values the way a reader of the data would: numbers by size, moments by time
/// whatever their offset, texts without regard to case first, `false` before `true`.
pub(crate) fn compare(left: &Value, right: &Value) -> Ordering {
    if let (Some(left), Some(right)) = (exact_number::of(left), number(right)) {
        return exact_number::compare(&left, &right);
    }
    match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => match (seconds(a), seconds(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) if TARGET_WORDS.contains(&b.as_str()) => Ordering::Less,
            (None, Some(_)) if TARGET_WORDS.contains(&a.as_str()) => Ordering::Greater,
            _ => a.to_lowercase().cmp(&b.to_lowercase()).then_with(|| a.cmp(b)),
        },
        _ => left.to_string().cmp(&right.to_string()),
    }
}

/// Whether a stored value equals a value of a filter. Numbers match their text, so that a decimal
/// filter may be written either way, and moments match whatever their offset.
pub(crate) fn equal(stored: &Value, wanted: &Value) -> bool {
    if let (Some(stored), Some(wanted)) = (exact_number::of(stored), number(wanted)) {
        return exact_number::compare(&stored, &wanted) == Ordering::Equal;
    }
    match (stored, wanted) {
        (Value::String(a), Value::String(b)) => a == b || seconds(a).is_some_and(|a| Some(a) == seconds(b)),
        (Value::String(text), other) | (other, Value::String(text)) => {
            // Flags are written into texts, as custom field filters only take texts.
            serde_json::to_string(other).is_ok_and(|other| other == *text)
        }
        _ => stored == wanted,
    }
}

/// The digits of a number, which a filter may also give as a text.
fn number(wanted: &Value) -> Option<std::borrow::Cow<'_, str>> {
    exact_number::of(wanted).or_else(|| {
        let text = wanted.as_str().filter(|text| exact_number::is_number(text))?;
        Some(text.into())
    })
}

/// Whether `value` can be put in an order against filter bounds. The words that stand for a missing
/// target are no moments, so no range holds them.
pub(crate) fn has_order(value: &Value) -> bool {
    !text_is(value, |text| TARGET_WORDS.contains(&text))
}

/// Writes seconds since 1970 as a timestamp in UTC.
pub(crate) fn timestamp(epoch: i64) -> String {
    let (date, second) = (date(epoch.div_euclid(86_400)), epoch.rem_euclid(86_400));
    format!("{date}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Writes days since 1970 as a date, by the usual era arithmetic of the Gregorian calendar.
pub(crate) fn date(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn digits(text: &str, length: usize) -> Option<i64> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn date_days(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    let day = digits(parts.next()?, 2)?;
    if !(1..=12).contains(&month) || day < 1 {
        return None;
    }
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    // February 30 is caught by writing the day out again.
    (date(days) == text).then_some(days)
}

/// `HH:MM` or `HH:MM:SS`; `24:00` is the end of the day.
fn time_seconds(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let second = match parts.next() {
        None => 0,
        Some(second) => digits(second, 2)?,
    };
    let all = hour * 3600 + minute * 60 + second;
    (minute < 60 && second < 60 && all <= 86_400).then_some(all)
}

/// The moment of an RFC 3339 timestamp in nanoseconds since 1970.
fn seconds(text: &str) -> Option<i128> {
    let (day, rest) = text.split_once(['T', 't'])?;
    let (clock, offset) = match rest.strip_suffix(['Z', 'z']) {
        Some(clock) => (clock, 0),
        None => {
            let sign = rest.rfind(['+', '-'])?;
            let (clock, offset) = rest.split_at(sign);
            let (hours, minutes) = offset.get(1..)?.split_once(':')?;
            let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            (clock, if offset.starts_with('-') { -seconds } else { seconds })
        }
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let nanos: i128 = digits(fraction, fraction.len())
        .filter(|_| (1..=9).contains(&fraction.len()))
        .map(|value| i128::from(value) * 10_i128.pow(9 - u32::try_from(fraction.len()).unwrap_or(9)))?;
    if clock.len() != 8 {
        return None;
    }
    let second = time_seconds(clock).filter(|second| *second < 86_400)?;
    Some(i128::from(date_days(day)? * 86_400 + second - offset) * 1_000_000_000 + nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn calendar_arithmetic_is_right() {
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
    fn moments_compare_across_offsets() {
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

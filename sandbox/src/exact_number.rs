//! Exact numbers: decimals that keep all their digits.
//!
//! The engine's numbers are 64-bit floating point, which turns `120.50` into `120.5` and cannot
//! hold twenty digits. A number that would change is therefore a marked string in the engine and
//! the store, and a number again in the response.

use serde_json::{Number, Value};
use std::borrow::Cow;
use std::cmp::Ordering;

/// A Unicode noncharacter, reserved for internal use.
const MARK: char = '\u{FDD0}';

/// The marked string of a number with exactly these digits; `None` if the text is not a number.
pub(crate) fn keep(text: &str) -> Option<Value> {
    is_number(text).then(|| Value::from(format!("{MARK}{text}")))
}

/// The digits of a number, marked or not.
pub(crate) fn of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::String(text) => text.strip_prefix(MARK).filter(|text| is_number(text)).map(Cow::Borrowed),
        _ => None,
    }
}

pub(crate) fn is_number(text: &str) -> bool {
    let starts_like_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    starts_like_number && !text.ends_with(char::is_whitespace) && serde_json::from_str::<Number>(text).is_ok()
}

/// Turns marked strings in a value into JSON numbers, for types whose numbers are not exact.
pub(crate) fn make_plain(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(make_plain),
        Value::Object(fields) => fields.values_mut().for_each(make_plain),
        Value::String(text) => {
            let number = text.strip_prefix(MARK).and_then(|text| serde_json::from_str(text).ok());
            if let Some(number) = number {
                *value = Value::Number(number);
            }
        }
        _ => {}
    }
}

/// Marks the numbers of a JSON text that would lose digits.
pub(crate) fn mark(json: &str) -> Cow<'_, str> {
    replace(json, |token| {
        if token.starts_with('"') {
            return None;
        }
        let number: Number = serde_json::from_str(token).ok()?;
        (number.to_string() != token).then(|| format!("\"{MARK}{token}\""))
    })
}

/// Turns the marked strings of a JSON text into numbers.
pub(crate) fn unmark(json: &str) -> Cow<'_, str> {
    replace(json, |token| {
        let text = token.strip_prefix('"')?.strip_suffix('"')?.strip_prefix(MARK)?;
        is_number(text).then(|| text.to_owned())
    })
}

/// Replaces strings and numbers of a JSON text by the result of `change`.
fn replace(json: &str, change: impl Fn(&str) -> Option<String>) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let mut out = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        let start = at;
        match byte {
            b'"' => at = end_of_string(bytes, at),
            b'-' | b'0'..=b'9' => at = end_of_number(bytes, at),
            _ => {
                at += 1;
                continue;
            }
        }
        if let Some(changed) = json.get(start..at).and_then(&change) {
            out.push_str(&json[copied..start]);
            out.push_str(&changed);
            copied = at;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(&json[copied..]);
    Cow::Owned(out)
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at).filter(|byte| **byte != b'"') {
        at += if *byte == b'\\' { 2 } else { 1 };
    }
    bytes.len().min(at + 1)
}

fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    bytes[start..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |length| start + length)
}

/// Compares two numbers by all their digits.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    let ((left_is_negative, left), (right_is_negative, right)) = (parts(left), parts(right));
    match (left_is_negative, right_is_negative) {
        (false, false) => left.cmp(&right),
        (true, true) => right.cmp(&left),
        (left, right) => right.cmp(&left),
    }
}

/// Whether a number is negative, and its size: `0.digits` times ten to the power of the exponent, without
/// zeros at either end of the digits.
fn parts(text: &str) -> (bool, (i64, String)) {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return (false, (i64::MIN, String::new()));
    }
    // A text is shorter than `i64::MAX`.
    let place = whole.len() as i64 - (all.len() - significant.len()) as i64;
    let power: i64 = power.trim_start_matches('+').parse().unwrap_or_default();
    (is_negative, (place.saturating_add(power), significant.trim_end_matches('0').to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn digits_survive_json() {
        for json in [
            r#"{"a":120.50,"b":12345678901234567890123.4567,"c":1,"d":-0.10,"e":[1.0,2.5],"f":1e2}"#,
            r#"{"deep":{"x":"\u00e9 -1.00"},"text":"1.50 and \"2.50\" and \\"}"#,
            "[]",
        ] {
            let marked = mark(json);
            let value: Value = serde_json::from_str(&marked).unwrap();
            let written = serde_json::to_string(&value).unwrap();
            let plain = json.replace("\\u00e9", "é");
            assert_eq!(unmark(&written), plain);
        }
        assert!(matches!(mark(r#"{"a":1.5,"b":"1.50","c":7}"#), Cow::Borrowed(_)));
    }

    #[test]
    fn marked_numbers_become_plain() {
        let mut value: Value = serde_json::from_str(&mark("[1.50, {\"a\": 2.0}, \"1.50\"]")).unwrap();
        make_plain(&mut value);
        assert_eq!(value, serde_json::json!([1.5, { "a": 2.0 }, "1.50"]));
    }

    #[test]
    fn other_texts_are_not_numbers() {
        for text in ["", "abc", "1.", ".5", "1 ", " 1", "0x10", "1e999", "--1", "NaN", "\"1\""] {
            assert_eq!(keep(text), None, "{text}");
        }
        assert_eq!(of(&keep("120.50").unwrap()).as_deref(), Some("120.50"));
        assert_eq!(of(&Value::from("120.50")), None);
    }

    #[test]
    fn numbers_compare_by_all_digits() {
        let ascending =
            ["-12", "-1.50", "-0.001", "0", "0.0009", "0.001", "1.5", "9", "10", "1e2", "9007199254740992"];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        for (left, right) in [("1.50", "1.5"), ("100", "1e2"), ("-0", "0.00"), ("0.10E1", "1")] {
            assert_eq!(compare(left, right), Ordering::Equal, "{left} {right}");
        }
        assert_eq!(compare("9007199254740993.01", "9007199254740993.02"), Ordering::Less);
    }
}

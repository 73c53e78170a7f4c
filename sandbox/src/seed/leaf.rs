//! Seeded values of scalars and enums.

use serde_json::{Value, json};

use crate::exact_number;
use crate::model::Model;
use crate::path::{upper_first, words};
use crate::scalar;
use crate::schema_evolution;
use crate::store::NOW;
use crate::webhook::{POLICY, policy_name};

const DAY: i64 = 86_400;

/// The value of scalar or enum `of` for one field of one record.
pub(super) fn value(model: &Model, of: &str, type_name: &str, name: &str, number: u64, spread: u64) -> Value {
    let turn = spread + number;
    // Values of an evolved schema are set later, so that the other values do not change.
    let listed = match model.enum_values(of) {
        Some([values @ .., last]) if last == schema_evolution::VALUE => Some(values),
        values => values,
    };
    match of {
        "Currency" => json!(pick(&["eur", "usd", "gbp"], number)),
        "LifeCycleState" => match number % 40 {
            4 => json!("archived"),
            5 => json!("trashed"),
            _ => json!("active"),
        },
        "TimesheetSettingPercentageIncrement" => json!(pick(&["25", "12.5"], number)),
        "TimesheetSettingTimeIncrement" => json!(pick(&["10", "15"], number)),
        "WebhookEvent" => json!(pick(&["request.create", "person.update", "automation_rule"], number)),
        _ if listed.is_some() => json!(pick(listed.unwrap_or_default(), turn)),
        "Int" => json!(i32::try_from(turn % 480).unwrap_or_default() + 1),
        "Float" => json!(f64::from(u32::try_from(turn % 480).unwrap_or_default()) + 0.5),
        "Boolean" if name == "disabled" => json!(number % 7 == 3),
        "Boolean" => json!(turn.is_multiple_of(2)),
        "Decimal" | "MonetaryAmount" => amount(turn),
        "ISO8601Timestamp" => json!(timestamp(name, number, spread)),
        "ISO8601Date" => json!(scalar::date(NOW / DAY - days(turn))),
        "ISO8601Time" => json!(pick(&["08:30", "24:00", "17:15", "00:00"], number)),
        "JSON" => any_json(number),
        "Language" => json!(pick(&["en", "nl", "de", "fr", "ja"], number)),
        "TimeZone" => json!(pick(&["Amsterdam", "Pacific Time (US & Canada)", "UTC", "Tokyo"], number)),
        "String" | "ID" => json!(text(type_name, name, number)),
        // An unknown value list: a lower-case string.
        _ => json!(format!("{}_{}", words(name, '_'), number % 3 + 1)),
    }
}

fn pick<T>(values: &[T], turn: u64) -> Option<&T> {
    let length = values.len().max(1);
    values.get(usize::try_from(turn).unwrap_or_default() % length)
}

fn days(turn: u64) -> i64 {
    i64::try_from(turn % 365).unwrap_or_default() + 1
}

/// An amount with two fraction digits, some with more digits than floating point holds.
pub(super) fn amount(turn: u64) -> Value {
    let hundredths = turn % 10_000 * 125 + 5;
    let (whole, fraction) = (hundredths / 100, hundredths % 100);
    let whole = if turn % 16 == 5 { 9_007_199_254_740_993 } else { whole };
    exact_number::keep(&format!("{whole}.{fraction:02}")).unwrap_or_default()
}

fn timestamp(name: &str, number: u64, spread: u64) -> String {
    let at = |days: i64, seconds: i64| scalar::timestamp(NOW - days * DAY + seconds);
    // In days. No record is of the future: a copy of an account would wait for that time.
    let age = if number < 500 { 500 - number } else { number };
    let age = i64::try_from(age).unwrap_or_default();
    match name {
        "createdAt" => at(age, 0),
        "updatedAt" => at(age, 5_400),
        _ if name.contains("arget") && number != 1 => match number % 5 {
            2 => "best_effort".to_owned(),
            3 => "no_target".to_owned(),
            4 => "clock_stopped".to_owned(),
            _ => at(days(spread + number), 34_200),
        },
        // Different notations, so that clients must read more than `Z`.
        _ if number.is_multiple_of(2) => at(days(spread + number), 45_296).replace('Z', "+02:00"),
        _ => at(days(spread + number), 45_296),
    }
}

fn any_json(number: u64) -> Value {
    match number % 4 {
        1 => json!({ "steps": [1, 2.5, null], "note": "say \"hi\"\n" }),
        2 => json!(["a", { "b": true }]),
        3 => json!("plain text"),
        _ => json!(17),
    }
}

fn text(type_name: &str, name: &str, number: u64) -> String {
    let noun = words(type_name, ' ');
    if name.strip_suffix("Id").is_some_and(|stem| stem.eq_ignore_ascii_case(type_name)) {
        return (70_000 + number).to_string();
    }
    if name.ends_with("Uri") || name.ends_with("Url") || name == "uri" || name == "url" {
        return format!("https://wdc.sandbox.invalid/{}/{number}", words(type_name, '_'));
    }
    match name {
        "name" if type_name == POLICY => policy_name(number),
        "name" | "subject" | "label" | "title" => format!("{} {number}", upper_first(&noun)),
        "primaryEmail" | "email" => format!("{}{number}@wdc.example", words(type_name, '.')),
        "source" => ["Sandbox", "Import \"legacy\"", "LDAP"][usize::from(number.is_multiple_of(3))].into(),
        "sourceID" => format!("{}-{number:05}", words(type_name, '-')),
        // Characters that tend to break clients.
        "description" | "instructions" | "information" | "remarks" | "summary" | "text" => format!(
            "About {noun} {number}.\nSecond line with \"quotes\", a \\ and a\ttab – überprüft ✓ 日本語"
        ),
        _ => format!("{} {number}", words(name, ' ')),
    }
}

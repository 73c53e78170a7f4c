//! The same shape read by serde's derives, with scalars parsed by code that shares nothing with
//! the runtime: this side says what the other should have found.

use crate::decoder::generated;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;
use xurrent_runtime as rt;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Leaves {
    text: String,
    id: String,
    whole: Whole,
    ratio: Ratio,
    flag: bool,
    amount: Amount,
    day: Day,
    time_of_day: TimeOfDay,
    at: At,
    any: Any,
    mood: String,
}

/// `Option::deserialize` as an attribute takes away serde's habit of reading an absent key as
/// `None`; `differences` has the test for that habit.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    id: String,
    #[serde(deserialize_with = "Option::deserialize")]
    text: Option<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    whole: Option<Whole>,
    #[serde(deserialize_with = "Option::deserialize")]
    ratio: Option<Ratio>,
    #[serde(deserialize_with = "Option::deserialize")]
    flag: Option<bool>,
    #[serde(deserialize_with = "Option::deserialize")]
    amount: Option<Amount>,
    #[serde(deserialize_with = "Option::deserialize")]
    day: Option<Day>,
    #[serde(deserialize_with = "Option::deserialize")]
    time_of_day: Option<TimeOfDay>,
    #[serde(deserialize_with = "Option::deserialize")]
    at: Option<At>,
    #[serde(deserialize_with = "Option::deserialize")]
    any: Option<Any>,
    #[serde(deserialize_with = "Option::deserialize")]
    mood: Option<String>,
    #[serde(rename = "sourceID", deserialize_with = "Option::deserialize")]
    source_id: Option<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    tags: Option<Vec<Option<String>>>,
    grid: Vec<Vec<Option<Whole>>>,
    leaves: FromObject<Leaves>,
    #[serde(deserialize_with = "Option::deserialize")]
    lines: Option<Vec<FromObject<Leaves>>>,
    #[serde(deserialize_with = "Option::deserialize")]
    owner: Option<FromObject<Reference>>,
    #[serde(deserialize_with = "Option::deserialize")]
    target: Option<FromObject<Target>>,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Reference {
    id: String,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Target {
    #[serde(rename = "__typename")]
    typename: String,
    /// May be absent, may not be null.
    #[serde(default, deserialize_with = "present")]
    id: Option<String>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

/// Takes a JSON object only, where serde's derive would also take an array of the fields.
#[derive(Debug, PartialEq)]
pub(crate) struct FromObject<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for FromObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
            type Value = T;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Object(PhantomData)).map(Self)
    }
}

/// A leaf that is read from its JSON text.
macro_rules! from_raw {
    ($type:ident, $parse:path) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let raw = Box::<RawValue>::deserialize(deserializer)?;
                $parse(raw.get()).ok_or_else(|| D::Error::custom(raw.get()))
            }
        }
    };
}

#[derive(Debug, PartialEq)]
pub(crate) struct Whole(i64);
#[derive(Debug, PartialEq)]
pub(crate) struct Ratio(u64);
#[derive(Debug, PartialEq)]
pub(crate) struct Amount(Digits);
#[derive(Debug, PartialEq)]
pub(crate) struct Day(i64, i64, i64);
#[derive(Debug, PartialEq)]
pub(crate) struct TimeOfDay(i64, i64, i64);
#[derive(Debug, PartialEq)]
pub(crate) enum At {
    Word(&'static str),
    Instant { second: i64, nanosecond: i64, offset: i64 },
}
#[derive(Debug, PartialEq)]
pub(crate) struct Any(String);

from_raw!(Whole, whole);
from_raw!(Ratio, ratio);
from_raw!(Amount, amount);
from_raw!(Day, day);
from_raw!(TimeOfDay, time_of_day);
from_raw!(At, at);
from_raw!(Any, any);

fn starts_a_number(json: &str) -> bool {
    json.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

/// Rust's integers are JSON's, but for a plus and leading zeros, which are no JSON.
fn whole(json: &str) -> Option<Whole> {
    json.parse().ok().map(Whole)
}

/// The bits, so that `-0` counts and the last digit too.
fn ratio(json: &str) -> Option<Ratio> {
    let value: f64 = json.parse().ok()?;
    (starts_a_number(json) && value.is_finite()).then(|| Ratio(value.to_bits()))
}

fn string(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

/// A decimal as an integer and the number of digits after the point.
#[derive(Debug, PartialEq)]
pub(crate) struct Digits {
    integer: i128,
    scale: u32,
}

fn amount(json: &str) -> Option<Amount> {
    if starts_a_number(json) { digits(json) } else { digits(&string(json)?) }.map(Amount)
}

/// 96 bits of digits, at most 28 after the point, before and after the exponent is applied.
fn digits(text: &str) -> Option<Digits> {
    let (text, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text, 0),
    };
    let negative = text.starts_with('-');
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (before, after) = text.split_once('.').unwrap_or((text, ""));
    let all = format!("{before}{after}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = all.trim_start_matches('0');
    let mut integer: i128 = if significant.is_empty() { 0 } else { significant.parse().ok()? };
    let fits = |integer: i128| integer < 1 << 96;
    if !fits(integer) || after.len() > 28 || exponent.abs() > 1000 {
        return None;
    }
    let mut scale = i64::try_from(after.len()).ok()? - exponent;
    while scale < 0 {
        integer = integer.checked_mul(10)?;
        scale += 1;
        // Zero has no digits to run out of, but its exponent is limited all the same.
        if scale < -38 {
            return None;
        }
    }
    let integer = if negative { -integer } else { integer };
    (fits(integer.abs()) && scale <= 28)
        .then(|| Digits { integer, scale: u32::try_from(scale).unwrap_or_default() })
}

/// A number of exactly so many digits.
fn fixed(text: &str, digits: usize) -> Option<i64> {
    let right = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if right { text.parse().ok() } else { None }
}

fn date(text: &str) -> Option<(i64, i64, i64)> {
    let mut parts = text.split('-');
    let year = fixed(parts.next()?, 4)?;
    let month = fixed(parts.next()?, 2)?;
    let day = fixed(parts.next()?, 2)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let last = *days.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    (parts.next().is_none() && (1..=last).contains(&day)).then_some((year, month, day))
}

fn day(json: &str) -> Option<Day> {
    date(&string(json)?).map(|(year, month, day)| Day(year, month, day))
}

fn time_of_day(json: &str) -> Option<TimeOfDay> {
    let text = string(json)?;
    let parts: Vec<&str> = text.split(':').collect();
    let (hour, minute, second) = match parts[..] {
        [hour, minute] => (fixed(hour, 2)?, fixed(minute, 2)?, 0),
        [hour, minute, second] => (fixed(hour, 2)?, fixed(minute, 2)?, fixed(second, 2)?),
        _ => return None,
    };
    let in_day = hour < 24 && minute < 60 && second < 60;
    (in_day || (hour, minute, second) == (24, 0, 0)).then_some(TimeOfDay(hour, minute, second))
}

/// Days from 1970-01-01, by counting from March so that the leap day comes last.
fn days((year, month, day): (i64, i64, i64)) -> i64 {
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

fn at(json: &str) -> Option<At> {
    let text = string(json)?;
    for word in ["best_effort", "no_target", "clock_stopped"] {
        if text == word {
            return Some(At::Word(word));
        }
    }
    if !text.is_ascii() || text.len() < 20 {
        return None;
    }
    let date = date(&text[..10])?;
    let [hour, minute, second] = [&text[11..13], &text[14..16], &text[17..19]].map(|part| fixed(part, 2));
    // A leap second counts as the one before it; `scalars` says so.
    let (hour, minute, second) = (hour?, minute?, if second? == 60 { 59 } else { second? });
    let separators = [&text[10..11], &text[13..14], &text[16..17]];
    if !matches!(separators, ["T" | "t", ":", ":"]) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (fraction, zone) = match text[19..].strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|byte: char| !byte.is_ascii_digit())?),
        None => ("0", &text[19..]),
    };
    let nanosecond = fixed(&format!("{fraction:0<9}"), 9).filter(|_| !fraction.is_empty())?;
    let offset = if matches!(zone, "Z" | "z") {
        0
    } else {
        let sign = [("+", 1), ("-", -1)].into_iter().find(|(sign, _)| zone.starts_with(sign))?.1;
        let (hours, minutes) = zone[1..].split_once(':')?;
        let (hours, minutes) = (fixed(hours, 2)?, fixed(minutes, 2)?);
        // 25 hours are what the time library can hold, and more than any place has.
        if hours > 25 || minutes > 59 {
            return None;
        }
        sign * (hours * 3600 + minutes * 60)
    };
    let second = days(date) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    // The last second that the time library can hold: 9999-12-30T22:00:00Z.
    (second <= 253_402_207_200).then_some(At::Instant { second, nanosecond, offset })
}

#[allow(clippy::unnecessary_wraps)]
fn any(json: &str) -> Option<Any> {
    Some(Any(json.to_owned()))
}

impl From<&generated::Leaves> for Leaves {
    fn from(leaves: &generated::Leaves) -> Self {
        Self {
            text: leaves.text.clone(),
            id: leaves.id.as_str().to_owned(),
            whole: Whole(leaves.whole),
            ratio: Ratio(leaves.ratio.to_bits()),
            flag: leaves.flag,
            amount: leaves.amount.into(),
            day: leaves.day.into(),
            time_of_day: leaves.time_of_day.into(),
            at: leaves.at.into(),
            any: (&leaves.any).into(),
            mood: text_of(&leaves.mood),
        }
    }
}

impl From<&generated::Record> for Record {
    fn from(record: &generated::Record) -> Self {
        let row = |row: &Vec<Option<i64>>| row.iter().map(|item| item.map(Whole)).collect();
        let leaves = |leaves: &generated::Leaves| FromObject(leaves.into());
        Self {
            id: record.id.as_str().to_owned(),
            text: record.text.clone(),
            whole: record.whole.map(Whole),
            ratio: record.ratio.map(|value| Ratio(value.to_bits())),
            flag: record.flag,
            amount: record.amount.map(Amount::from),
            day: record.day.map(Day::from),
            time_of_day: record.time_of_day.map(TimeOfDay::from),
            at: record.at.map(At::from),
            any: record.any.as_ref().map(Any::from),
            mood: record.mood.as_ref().map(text_of),
            source_id: record.source_id.as_ref().map(|id| id.as_str().to_owned()),
            tags: record.tags.clone(),
            grid: record.grid.iter().map(row).collect(),
            leaves: leaves(&record.leaves),
            lines: record.lines.as_ref().map(|lines| lines.iter().map(leaves).collect()),
            owner: record.owner.as_ref().map(|owner| FromObject(Reference { id: owner.id().to_string() })),
            target: record.target.as_ref().map(|target| {
                FromObject(Target {
                    typename: text_of(&target.typename),
                    id: target.id.as_ref().map(|id| id.as_str().to_owned()),
                })
            }),
        }
    }
}

/// By the value's variant, not by the text it shows: a known text must not be kept as unknown.
fn text_of<T: rt::OpenEnum>(value: &T) -> String {
    let known = T::VARIANTS.iter().any(|variant| variant == value);
    let text = value.as_str();
    assert_eq!(known, T::VALUES.contains(&text), "{text:?} has the wrong variant");
    text.to_owned()
}

impl From<rt::Decimal> for Amount {
    fn from(value: rt::Decimal) -> Self {
        Self(Digits { integer: value.mantissa(), scale: value.scale() })
    }
}

impl From<rt::Date> for Day {
    fn from(date: rt::Date) -> Self {
        Self(date.year().into(), date.month().into(), date.day().into())
    }
}

impl From<rt::TimeOfDay> for TimeOfDay {
    fn from(time: rt::TimeOfDay) -> Self {
        Self(time.hour().into(), time.minute().into(), time.second().into())
    }
}

impl From<rt::Timestamp> for At {
    fn from(timestamp: rt::Timestamp) -> Self {
        match timestamp {
            rt::Timestamp::At(instant, offset) => {
                let nanoseconds = instant.as_nanosecond();
                Self::Instant {
                    second: i64::try_from(nanoseconds.div_euclid(1_000_000_000)).unwrap_or_default(),
                    nanosecond: i64::try_from(nanoseconds.rem_euclid(1_000_000_000)).unwrap_or_default(),
                    offset: offset.seconds().into(),
                }
            }
            rt::Timestamp::BestEffort => Self::Word("best_effort"),
            rt::Timestamp::NoTarget => Self::Word("no_target"),
            rt::Timestamp::ClockStopped => Self::Word("clock_stopped"),
            _ => unreachable!("a fourth word"),
        }
    }
}

impl From<&rt::Json> for Any {
    fn from(json: &rt::Json) -> Self {
        Self(json.as_text().to_owned())
    }
}

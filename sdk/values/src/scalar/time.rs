//! The scalars `ISO8601Timestamp`, `ISO8601Date` and `ISO8601Time`.

use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

static PARSER: DateTimeParser = DateTimeParser::new();

/// A point in time with its offset, or one of the three texts that Xurrent uses in place of a target time.
///
/// # Order
/// Timestamps sort by their point in time, then by their offset. The three texts sort before all points in
/// time, in the order of the variants, as `None` sorts before `Some`. So `max()` is the latest point in time
/// if there is one. For the earliest, or to sort records without a target last, go by
/// [`instant`](Self::instant):
///
/// ```
/// use xurrent_values::Timestamp;
///
/// let early: Timestamp = "2025-01-01T00:00:00Z".parse()?;
/// let late: Timestamp = "2025-01-01T01:30:00+01:00".parse()?;
/// let mut targets = [Timestamp::NoTarget, late, early];
/// assert_eq!(targets.into_iter().max(), Some(late));
/// assert_eq!(targets.into_iter().filter_map(Timestamp::instant).min(), early.instant());
///
/// targets.sort_by_key(|target| (target.instant().is_none(), *target));
/// assert_eq!(targets, [early, late, Timestamp::NoTarget]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: <https://developer.xurrent.com/graphql/scalar/iso8601timestamp/>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Timestamp {
    /// `best_effort`: no target has been agreed.
    BestEffort,
    /// `no_target`: there is no target.
    NoTarget,
    /// `clock_stopped`: the target is unknown while the clock is stopped.
    ClockStopped,
    /// A point in time, and its offset from UTC in the text.
    At(jiff::Timestamp, Offset),
}

impl Timestamp {
    /// The point in time, if there is one.
    #[must_use]
    pub fn instant(self) -> Option<jiff::Timestamp> {
        match self {
            Self::At(instant, _) => Some(instant),
            _ => None,
        }
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self::At(instant, Offset::UTC)
    }
}

impl From<&jiff::Zoned> for Timestamp {
    fn from(zoned: &jiff::Zoned) -> Self {
        Self::At(zoned.timestamp(), zoned.offset())
    }
}

/// A text that is not a valid scalar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a valid {expected}")]
pub struct ParseScalarError {
    expected: &'static str,
    text: String,
}

pub(super) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    match text {
        "best_effort" => return Some(Timestamp::BestEffort),
        "no_target" => return Some(Timestamp::NoTarget),
        "clock_stopped" => return Some(Timestamp::ClockStopped),
        _ => {}
    }
    parse_whole_seconds(text.as_bytes()).or_else(|| parse_instant(text))
}

/// Parses the usual forms, `2026-01-31T12:00:00Z` and `2026-01-31T12:00:00+01:00`, several times as fast as the parser.
/// `None` for all others, valid or not.
fn parse_whole_seconds(text: &[u8]) -> Option<Timestamp> {
    let two = |tens: u8, ones: u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| (tens * 10 + ones) as i8)
    };
    let (date_and_time, offset) = text.split_first_chunk()?;
    let [c1, c2, y1, y2, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] =
        *date_and_time
    else {
        return None;
    };
    let year = i16::from(two(c1, c2)?) * 100 + i16::from(two(y1, y2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    let date_and_time = DateTime::new(year, two(m1, m2)?, two(d1, d2)?, hour, minute, second, 0).ok()?;
    let offset = match *offset {
        [b'Z'] => Offset::UTC,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let minutes = two(m1, m2).filter(|minutes| *minutes < 60)?;
            let seconds = i32::from(two(h1, h2)?) * 3600 + i32::from(minutes) * 60;
            Offset::from_seconds(if sign == b'-' { -seconds } else { seconds }).ok()?
        }
        _ => return None,
    };
    Some(Timestamp::At(offset.to_timestamp(date_and_time).ok()?, offset))
}

fn parse_instant(text: &str) -> Option<Timestamp> {
    if !has_rfc_3339_shape(text.as_bytes()) {
        return None;
    }
    let pieces = PARSER.parse_pieces(text).ok()?;
    let offset = match text.as_bytes().last()? {
        b'Z' | b'z' => Offset::UTC,
        _ => pieces.to_numeric_offset()?,
    };
    let instant = offset.to_timestamp(pieces.date().to_datetime(pieces.time()?)).ok()?;
    Some(Timestamp::At(instant, offset))
}

/// Whether the separators are those of RFC 3339. The parser checks the digits, but also accepts short forms
/// of ISO 8601, dates without an offset, offsets with seconds, and annotations in brackets.
fn has_rfc_3339_shape(text: &[u8]) -> bool {
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let date_and_time = separators
        .iter()
        .all(|(at, byte)| text.get(*at).is_some_and(|found| found.to_ascii_uppercase() == *byte));
    let fraction_or_offset = matches!(text.get(19), Some(b'.' | b'Z' | b'z' | b'+' | b'-'));
    let offset = matches!(text, [.., b'Z' | b'z'] | [.., b'+' | b'-', _, _, b':', _, _]);
    date_and_time && fraction_or_offset && offset
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // As UTC if the offset has seconds, as some of the 19th century: RFC 3339 has none, and
            // rounding would change the point in time.
            Self::At(instant, offset) if offset.seconds() % 60 != 0 || offset.is_zero() => {
                write!(f, "{instant}")
            }
            Self::At(instant, offset) => write!(f, "{}", instant.display_with_offset(*offset)),
            Self::BestEffort => f.write_str("best_effort"),
            Self::NoTarget => f.write_str("no_target"),
            Self::ClockStopped => f.write_str("clock_stopped"),
        }
    }
}

/// A time of day from `00:00` to `24:00`, the end of the day, which Xurrent allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeOfDay {
    hour: u8,
    minute: u8,
    second: u8,
}

impl TimeOfDay {
    /// The end of the day, `24:00`.
    pub const END_OF_DAY: Self = Self { hour: 24, minute: 0, second: 0 };

    /// A time of day; `None` if a part is out of range.
    #[must_use]
    pub const fn new(hour: u8, minute: u8, second: u8) -> Option<Self> {
        let in_day = hour < 24 && minute < 60 && second < 60;
        if in_day || (hour == 24 && minute == 0 && second == 0) {
            Some(Self { hour, minute, second })
        } else {
            None
        }
    }

    /// The hour, 0 to 24.
    #[must_use]
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// The second, 0 to 59.
    #[must_use]
    pub const fn second(self) -> u8 {
        self.second
    }
}

pub(super) fn parse_time_of_day(text: &str) -> Option<TimeOfDay> {
    fn two_digits(text: &str) -> Option<u8> {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    }
    let (hour, rest) = text.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
    TimeOfDay::new(two_digits(hour)?, two_digits(minute)?, two_digits(second)?)
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)?;
        match self.second {
            0 => Ok(()),
            second => write!(f, ":{second:02}"),
        }
    }
}

pub(super) fn parse_date(text: &str) -> Option<Date> {
    let shape = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    if shape { text.parse().ok() } else { None }
}

macro_rules! text_conversions {
    ($($type:ty, $name:literal, $parse:path;)*) => {$(
        impl FromStr for $type {
            type Err = ParseScalarError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $parse(text).ok_or_else(|| ParseScalarError { expected: $name, text: text.to_owned() })
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

text_conversions! {
    Timestamp, "ISO8601Timestamp", parse_timestamp;
    TimeOfDay, "ISO8601Time", parse_time_of_day;
}

#[cfg(test)]
mod tests {
    use super::{parse_instant, parse_whole_seconds};

    #[test]
    fn usual_timestamps_are_parsed_as_by_the_parser() {
        let dates = [
            "2026-01-31",
            "2024-02-29",
            "2023-02-29",
            "0000-01-01",
            "9999-12-01",
            "9999-12-31",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "2026-04-00",
            "+026-01-01",
            "2026-1a-01",
            "2026/01/01",
            "12026-01-01",
        ];
        let times = [
            "T00:00:00",
            "T23:59:59",
            "T23:59:60",
            "T24:00:00",
            "t12:00:00",
            " 12:00:00",
            "T12:60:00",
            "T12:00:0x",
            "T12-00-00",
            "T1:00:00",
        ];
        let offsets = [
            "Z",
            "z",
            "+00:00",
            "-00:00",
            "+01:30",
            "-05:00",
            "+14:00",
            "+23:59",
            "-23:59",
            "+25:59",
            "-25:59",
            "+26:00",
            "+01:60",
            "+0100",
            "+01",
            "+01:00:30",
            "",
            ".5Z",
            "+01:00[Europe/Paris]",
            " 01:00",
        ];
        let mut usual = 0;
        for date in dates {
            for time in times {
                for offset in offsets {
                    let text = format!("{date}{time}{offset}");
                    if let Some(timestamp) = parse_whole_seconds(text.as_bytes()) {
                        assert_eq!(Some(timestamp), parse_instant(&text), "{text}");
                        usual += 1;
                    }
                }
            }
        }
        assert!(usual >= 4 * 2 * 10, "not left to the parser: {usual}");
    }
}

//! Types of the crate `time` as leaves and inputs.

use super::{Leaf, parse_instant};
use crate::input::{InputType, InputValue, IntoInput};
use crate::scalar::{Date, TimeOfDay, Timestamp};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{OffsetDateTime, Time, UtcDateTime};

foreign_leaf! {
    OffsetDateTime as Timestamp, |wire| {
        parse_instant(wire, "time's OffsetDateTime", |text| Self::parse(text, &Rfc3339))
    };
    UtcDateTime as Timestamp, |wire| OffsetDateTime::from_wire(wire).map(Self::from);
    time::Date as Date, |wire| {
        let date = Self::parse(&wire.to_string(), &Iso8601::DATE);
        date.map_err(|_| format!("{wire} is out of the range of time's Date"))
    };
    Time as TimeOfDay, |wire| {
        Self::from_hms(wire.hour(), wire.minute(), wire.second())
            .map_err(|_| format!("{wire} is out of the range of time's Time: use `TimeOfDay`"))
    };
}

impl<N> IntoInput<Timestamp, N> for OffsetDateTime {
    fn into_input(self) -> InputValue {
        match self.format(&Rfc3339) {
            Ok(text) => text.into_value(),
            Err(_) => InputValue::Refused("the time cannot be written in the form of RFC 3339"),
        }
    }
}

impl<N> IntoInput<Timestamp, N> for UtcDateTime {
    fn into_input(self) -> InputValue {
        IntoInput::<Timestamp, N>::into_input(OffsetDateTime::from(self))
    }
}

accept! {
    time::Date => Date, |date| format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day());
    Time => TimeOfDay, |time| format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Month;

    #[test]
    fn points_in_time_keep_their_offset_and_their_nanoseconds() {
        for text in
            ["2025-05-06T07:08:09.123456789+02:00", "1969-12-31T23:59:59.5Z", "2025-01-01T00:00:00-11:30"]
        {
            let wire: Timestamp = text.parse().unwrap_or(Timestamp::NoTarget);
            let time = OffsetDateTime::from_wire(wire).ok();
            assert_eq!(time, OffsetDateTime::parse(text, &Rfc3339).ok(), "{text}");
            let offsets = (time.map(|time| time.offset().whole_seconds()), wire);
            assert!(
                matches!(offsets, (Some(seconds), Timestamp::At(_, offset)) if offset.seconds() == seconds)
            );
            let utc = UtcDateTime::from_wire(wire).ok();
            assert_eq!(utc.map(OffsetDateTime::from), time, "{text}");
        }
        assert!(OffsetDateTime::from_wire(Timestamp::NoTarget).is_err());
    }

    #[test]
    fn dates_and_times_of_day() {
        let date = time::Date::from_wire(jiff::civil::date(2024, 2, 29));
        assert_eq!(date.ok(), time::Date::from_calendar_date(2024, Month::February, 29).ok());
        let time = TimeOfDay::new(7, 8, 9).map(Time::from_wire);
        assert_eq!(time, Time::from_hms(7, 8, 9).ok().map(Ok));
        assert!(Time::from_wire(TimeOfDay::END_OF_DAY).is_err());
    }

    #[test]
    fn they_are_sent_in_the_form_of_the_api() {
        let text = "2025-05-06T07:08:09.5+02:00";
        let time = OffsetDateTime::parse(text, &Rfc3339);
        let sent = time.map(|time| format!("{:?}", IntoInput::<Timestamp>::into_input(time)));
        assert_eq!(sent.ok(), Some(format!("{text:?}")));
        let date = time::Date::from_calendar_date(812, Month::May, 6);
        let sent = date.map(|date| format!("{:?}", IntoInput::<Date>::into_input(date)));
        assert_eq!(sent.ok().as_deref(), Some("\"0812-05-06\""));
    }
}

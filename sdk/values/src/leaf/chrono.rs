//! Types of the crate `chrono` as leaves and inputs.

use super::{Leaf, parse_instant};
use crate::input::{InputType, InputValue, IntoInput};
use crate::scalar::{Date, TimeOfDay, Timestamp};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SecondsFormat, TimeZone, Utc};

foreign_leaf! {
    DateTime<FixedOffset> as Timestamp, |wire| parse_instant(wire, "chrono's DateTime", |text| text.parse());
    DateTime<Utc> as Timestamp, |wire| DateTime::<FixedOffset>::from_wire(wire).map(|time| time.to_utc());
    NaiveDate as Date, |wire| {
        let date = wire.to_string().parse();
        date.map_err(|_| format!("{wire} is out of the range of chrono's NaiveDate"))
    };
    NaiveTime as TimeOfDay, |wire| {
        Self::from_hms_opt(wire.hour().into(), wire.minute().into(), wire.second().into())
            .ok_or_else(|| format!("{wire} is out of the range of chrono's NaiveTime: use `TimeOfDay`"))
    };
}

impl<N, Z: TimeZone> IntoInput<Timestamp, N> for DateTime<Z> {
    fn into_input(self) -> InputValue {
        self.fixed_offset().to_rfc3339_opts(SecondsFormat::AutoSi, true).into_value()
    }
}

accept! {
    NaiveDate => Date, |date| date.format("%Y-%m-%d").to_string();
    NaiveTime => TimeOfDay, |time| time.format("%H:%M:%S").to_string();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap_or(Timestamp::NoTarget)
    }

    #[test]
    fn points_in_time_keep_their_offset_and_their_nanoseconds() {
        for text in
            ["2025-05-06T07:08:09.123456789+02:00", "1969-12-31T23:59:59.5Z", "2025-01-01T00:00:00-11:30"]
        {
            let time = DateTime::<FixedOffset>::from_wire(at(text));
            assert_eq!(time.as_ref().map(DateTime::to_utc).ok(), text.parse().ok(), "{text}");
            assert_eq!(time.map(|time| time.offset().local_minus_utc()).ok(), at_offset(text), "{text}");
            assert_eq!(DateTime::<Utc>::from_wire(at(text)).ok(), text.parse().ok(), "{text}");
        }
    }

    fn at_offset(text: &str) -> Option<i32> {
        match at(text) {
            Timestamp::At(_, offset) => Some(offset.seconds()),
            _ => None,
        }
    }

    #[test]
    fn timestamps_without_a_point_in_time_are_refused() {
        let refused = DateTime::<Utc>::from_wire(Timestamp::BestEffort);
        assert!(refused.is_err_and(|reason| reason.starts_with("best_effort is not a point in time")));
    }

    #[test]
    fn dates_and_times_of_day() {
        let date = jiff::civil::date(2024, 2, 29);
        assert_eq!(NaiveDate::from_wire(date).ok(), NaiveDate::from_ymd_opt(2024, 2, 29));
        let time = TimeOfDay::new(7, 8, 9);
        assert_eq!(time.map(NaiveTime::from_wire), NaiveTime::from_hms_opt(7, 8, 9).map(Ok));
        assert!(NaiveTime::from_wire(TimeOfDay::END_OF_DAY).is_err());
    }

    #[test]
    fn they_are_sent_in_the_form_of_the_api() {
        let time = "2025-05-06T07:08:09.5+02:00".parse::<DateTime<FixedOffset>>();
        let sent = time.map(|time| format!("{:?}", IntoInput::<Timestamp>::into_input(time)));
        assert_eq!(sent.ok().as_deref(), Some("\"2025-05-06T07:08:09.500+02:00\""));
        let sent = NaiveTime::from_hms_opt(1, 2, 3)
            .map(|time| format!("{:?}", IntoInput::<TimeOfDay>::into_input(time)));
        assert_eq!(sent.as_deref(), Some("\"01:02:03\""));
    }
}

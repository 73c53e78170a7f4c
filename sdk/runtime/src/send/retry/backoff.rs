//! Backoff and `Retry-After`.

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use serde_json::Value;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Limits are hourly: a longer wait concerns only the call that it was sent to.
pub(crate) const LONGEST: Duration = Duration::from_secs(2 * 3_600);

/// The longest wait that is reported, so that sums with it do not overflow.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);

/// A number from here on is a Unix time, not a number of seconds to wait.
pub(crate) const SMALLEST_MOMENT: u64 = 1_000_000_000;

const FIRST: Duration = Duration::from_secs(1);

const LAST: Duration = Duration::from_secs(30);

/// Clocks that differ by less are equal: the server's has whole seconds.
const SAME_CLOCK: Duration = Duration::from_secs(2);

/// The wait of `Retry-After`: a number of seconds, a date, or a Unix time. None when it is missing,
/// zero, in the past or invalid.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => {
            let since = match seconds < SMALLEST_MOMENT as f64 {
                true => Duration::ZERO,
                false => server_time(headers).duration_since(UNIX_EPOCH).ok()?,
            };
            let seconds = (seconds - since.as_secs_f64()).min(FOREVER.as_secs_f64());
            Duration::try_from_secs_f64(seconds).ok()?
        }
        Ok(_) => return None,
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(server_time(headers)).ok()?,
    };
    (!wait.is_zero()).then_some(wait.min(FOREVER))
}

/// A number of seconds in JSON. Some servers write it as a string.
pub(crate) fn seconds(json: &Value) -> Option<f64> {
    match json {
        Value::Number(seconds) => seconds.as_f64(),
        Value::String(seconds) => seconds.trim().parse().ok(),
        _ => None,
    }
}

/// The time of the server, from its response. Where both clocks agree, our own, which is finer.
pub(crate) fn server_time(headers: &HeaderMap) -> SystemTime {
    let ours = SystemTime::now();
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    let Some(theirs) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else { return ours };
    let apart = theirs.duration_since(ours).unwrap_or_else(|earlier| earlier.duration());
    if apart <= SAME_CLOCK { ours } else { theirs }
}

/// The backoff after this many attempts: doubled each time, with jitter, so that calls that failed
/// together are not retried together.
pub(crate) fn backoff(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    let longest = (FIRST * 2_u32.pow(doublings)).min(LAST);
    longest / 2 + longest.mul_f64(random() / 2.0)
}

/// The wait that the server asked for, with jitter.
pub(crate) fn spread(wait: Duration) -> Duration {
    wait + Duration::from_millis(500).mul_f64(random())
}

/// From 0 to 1. Every `RandomState` has its own keys.
fn random() -> f64 {
    let bits = u32::try_from(RandomState::new().build_hasher().finish() >> 32).unwrap_or_default();
    f64::from(bits) / f64::from(u32::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn after(text: &str, date: Option<SystemTime>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_str(&httpdate::fmt_http_date(date)).unwrap());
        }
        retry_after(&headers)
    }

    #[test]
    fn seconds_are_taken_and_nonsense_is_not() {
        let seconds = |text| after(text, None).map(|wait| wait.as_secs_f64());
        assert_eq!([seconds("7"), seconds(" 1.5 "), seconds("7200")], [Some(7.0), Some(1.5), Some(7_200.0)]);
        for text in ["", "0", "-3", "soon", "NaN", "inf", "-inf", "1764000000", "7 s"] {
            assert_eq!(seconds(text), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn waits_of_any_length_are_read() {
        let forever = Some(FOREVER);
        for (text, wait) in [
            ("7201", Some(Duration::from_secs(7_201))),
            ("999999", Some(Duration::from_secs(999_999))),
            ("999999999", forever),
            ("99999999999", forever),
            ("99999999999999999999", forever),
            ("1e300", forever),
            ("Fri, 31 Dec 9999 23:59:59 GMT", forever),
        ] {
            assert_eq!(after(text, None), wait, "{text}");
        }
        // Some servers send a Unix time.
        let now = UNIX_EPOCH + Duration::from_secs(1_900_000_000);
        assert_eq!(after("1900000090", Some(now)), Some(Duration::from_secs(90)));
        assert_eq!(after("1899999990", Some(now)), None);
    }

    #[test]
    fn dates_are_on_the_server_s_clock() {
        let now = SystemTime::now();
        let date = |seconds| httpdate::fmt_http_date(now + Duration::from_secs(seconds));
        let ten = after(&date(10), None).unwrap();
        assert!((8.0..=10.0).contains(&ten.as_secs_f64()), "{ten:?}");
        // A server whose clock is an hour ahead.
        let ahead = Some(now + Duration::from_secs(3_600));
        assert_eq!(after(&date(3_610), ahead), Some(Duration::from_secs(10)));
        assert_eq!(after(&date(3_590), ahead), None);
        assert_eq!(after("Wed, 21 Oct 2015 07:28:00 GMT", None), None);
    }

    #[test]
    fn backoff_grows_with_jitter_and_is_bounded() {
        for (attempts, seconds) in [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (6, 30), (usize::MAX, 30)] {
            let most = Duration::from_secs(seconds);
            let waits: Vec<Duration> = (0..50).map(|_| backoff(attempts)).collect();
            assert!(waits.iter().all(|wait| (most / 2..=most).contains(wait)), "{attempts}: {waits:?}");
            assert!(waits.iter().any(|wait| *wait != waits[0]), "{waits:?}");
        }
    }
}

//! Pages that the server will not, or cannot, hand out at once.

use crate::error::{Error, ErrorKind, GraphQlError};

/// How the next try is to be, after a page of this size was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Smaller {
    pub(crate) page_size: usize,
    /// Why, for the log.
    pub(crate) because: &'static str,
}

/// The size to try next, when the error says that a page of this size was too large.
///
/// * Refused before it was executed, because it asks for too much: half the size.
/// * Given up by the server while it was executed, because it took too long: a quarter.
/// * Status 504, at least twice and in every attempt: a gateway gave up waiting for the server. A
///   quarter of the size, since every size takes all the time of its attempts.
pub(crate) fn smaller(asked: usize, error: &Error) -> Option<Smaller> {
    let (divisor, because) = if is_too_costly(error) {
        (2, "too costly")
    } else if is_too_slow(error) || is_timed_out(error) {
        (4, "too slow")
    } else {
        return None;
    };
    (asked > 1).then(|| Smaller { page_size: (asked / divisor).max(1), because })
}

fn is_too_slow(error: &Error) -> bool {
    const GATEWAY_TIMEOUT: Option<u16> = Some(504);
    let attempts = error.attempts();
    attempts.len() > 1 && attempts.iter().all(|attempt| attempt.status == GATEWAY_TIMEOUT)
}

/// Whether that is all the server has to say, and no data came.
pub(crate) fn is_too_costly(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::GraphQl | ErrorKind::Status)
        && !error.errors().is_empty()
        && error.errors().iter().all(|error| speaks_of_cost(error) || error.has_cost_code())
        && error.has_no_data()
}

/// Whether all the server has to say is that it ran out of time, as graphql-ruby does: "Timeout on
/// Query.people". What came nevertheless has holes.
fn is_timed_out(error: &Error) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
    };
    let is_timeout = |error: &GraphQlError| {
        let field = error.message.trim_end_matches('.').strip_prefix("Timeout on ");
        field.and_then(|field| field.split_once('.')).is_some_and(|(on, field)| is_name(on) && is_name(field))
    };
    error.kind() == ErrorKind::GraphQl && !error.errors().is_empty() && error.errors().iter().all(is_timeout)
}

/// Whether a message says that a query asks for too much at once.
///
/// The one that is known is Xurrent's "cannot request more than 500,000 total nodes". Others are
/// worded like those of other servers: "Query has complexity of 2001, which exceeds max complexity of
/// 2000", "query cost is 1200, above the limit of 1000". So there is a word for what is counted and
/// one for too much of it, and none that speaks of time: a budget that is used up leaves nothing for
/// smaller pages either. The depth of a query is not on the list, since no page size changes it.
fn speaks_of_cost(error: &GraphQlError) -> bool {
    const COUNTED: &[&str] = &["complex", "complexity", "cost", "costly", "expensive", "nodes"];
    const TOO_MUCH: &[&str] =
        &["above", "exceed", "exceeded", "exceeds", "limit", "max", "maximum", "more", "over", "too"];
    const TIME: &[&str] = &[
        "day",
        "hour",
        "hourly",
        "hours",
        "later",
        "minute",
        "minutes",
        "rate",
        "second",
        "seconds",
        "throttled",
    ];
    let message = error.message.to_ascii_lowercase();
    let has = |words: &[&str]| {
        message.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| words.contains(&word))
    };
    has(COUNTED) && has(TOO_MUCH) && !has(TIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_about_cost_is_told_from_others() {
        let speaks = |message: &str| {
            speaks_of_cost(&GraphQlError { message: message.to_owned(), path: Vec::new(), extensions: None })
        };
        for message in [
            "cannot request more than 500,000 total nodes",
            "Cannot request more than 500,000 total nodes.",
            "Query has complexity of 2001, which exceeds max complexity of 2000",
            "Field 'people' is too complex",
            "query cost is 1200, above the limit of 1000",
            "This query asks for up to 1000100 nodes, which is over the maximum of 500000",
            "the query asks for up to 100 nodes, more than the limit of 30",
            "The query is too expensive: ask for less",
        ] {
            assert!(speaks(message), "{message}");
        }
        for message in [
            "",
            "Missing required scope(s): cost:Read",
            "Field 'nodes' doesn't exist on type 'Person'",
            "Query has depth of 16, which exceeds max depth of 15",
            "first must be between 1 and 100, not 101",
            "The cost limit of 5000 points an hour is exceeded",
            "Throttled: query cost exceeds what is available, try again later",
            "Rate limit exceeded for total cost",
            "costume limit exceeded",
            "Internal error",
        ] {
            assert!(!speaks(message), "{message}");
        }
    }
}

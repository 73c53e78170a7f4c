//! The size of pages: the largest one, and the next one after a refusal.

use crate::error::{Error, ErrorKind, GraphQlError};

/// The largest page of records with so many nodes each, of a connection and an API with these limits.
pub(super) fn largest(nodes: u64, max_page_size: usize, max_nodes: Option<u64>) -> usize {
    let records = max_nodes.map(|max| usize::try_from(max / nodes.max(1)).unwrap_or(max_page_size));
    records.map_or(max_page_size, |records| records.min(max_page_size))
}

/// The next page size and the reason, if the error says that a page of this size was too large.
///
/// * The server refused it as too costly, before it executed the query: half the size.
/// * The server gave up executing it, because it took too long: a quarter.
/// * Status 504 in each of at least two attempts, from a gateway that gave up waiting: a quarter, since
///   every size takes the full time of its attempts.
pub(crate) fn smaller(page_size: usize, error: &Error) -> Option<(usize, &'static str)> {
    let (divisor, reason) = if is_too_costly(error) {
        (2, "too costly")
    } else if is_too_slow(error) || is_timed_out(error) {
        (4, "too slow")
    } else {
        return None;
    };
    (page_size > 1).then(|| ((page_size / divisor).max(1), reason))
}

fn is_too_slow(error: &Error) -> bool {
    const GATEWAY_TIMEOUT: Option<u16> = Some(504);
    let attempts = error.attempts();
    attempts.len() > 1 && attempts.iter().all(|attempt| attempt.status == GATEWAY_TIMEOUT)
}

/// Whether the server reports only that the query is too costly, and no data.
pub(crate) fn is_too_costly(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::GraphQl | ErrorKind::Status)
        && !error.errors().is_empty()
        && error.errors().iter().all(|error| is_about_cost(error) || error.has_cost_code())
        && error.has_no_data()
}

/// Whether the server reports only timeouts, like graphql-ruby: "Timeout on Query.people". Data beside
/// them has holes.
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

/// Whether a message says that a query is too costly.
///
/// Known messages: "cannot request more than 500,000 total nodes", "Query has complexity of 2001, which exceeds
/// max complexity of 2000", "query cost is 1200, above the limit of 1000".
/// So a message needs a word for a cost and one for an excess, and none for a time: an exhausted quota
/// leaves nothing for smaller pages either. Depth does not count, since no page size changes it.
fn is_about_cost(error: &GraphQlError) -> bool {
    const COST: &str = "complex complexity cost costly expensive nodes";
    const EXCESS: &str = "above exceed exceeded exceeds limit max maximum more over too";
    const TIME: &str = "day hour hourly hours later minute minutes rate second seconds throttled";
    let message = error.message.to_ascii_lowercase();
    let has = |words: &str| {
        let mut found = message.split(|letter: char| !letter.is_ascii_alphanumeric());
        found.any(|found| words.split(' ').any(|word| word == found))
    };
    has(COST) && has(EXCESS) && !has(TIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_about_cost_are_recognized() {
        let is_cost = |message: &str| {
            let (path, extensions) = (Vec::new(), None);
            is_about_cost(&GraphQlError {
                message: message.to_owned(),
                path,
                code: None,
                extensions,
                hint: None,
                position: None,
                scopes_at: None,
            })
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
            assert!(is_cost(message), "{message}");
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
            assert!(!is_cost(message), "{message}");
        }
    }
}

//! Formatting of an error with its sources.

use std::error::Error;

/// Formats an error and its chain of sources, separated by colons. A source that the text already
/// contains is not repeated.
pub(crate) fn error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        source = error.source();
    }
    text
}

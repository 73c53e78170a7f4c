//! Log lines about untrusted senders: rate-limited, short, and on one line each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use xurrent_values::quote::{beginning, is_invisible};

/// The maximum number of lines of one kind per window.
const LINES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(10);
/// Further kinds are counted together.
const MAX_KINDS: usize = 64;
/// In bytes, without the ellipsis.
const MAX_TEXT: usize = 500;

/// Limits the rate of log lines of each kind. Kinds come from the program, never from a sender.
#[derive(Default)]
pub(crate) struct LogLimiter(Mutex<HashMap<&'static str, Window>>);

struct Window {
    started: Instant,
    lines: u32,
    suppressed: u64,
}

impl LogLimiter {
    /// Returns `Some` if a line of this kind may be logged, with the number of lines suppressed before it.
    pub(crate) fn admit(&self, kind: &'static str) -> Option<u64> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = if windows.len() < MAX_KINDS || windows.contains_key(kind) { kind } else { "other" };
        let now = Instant::now();
        let window = windows.entry(kind).or_insert(Window { started: now, lines: 0, suppressed: 0 });
        if now.duration_since(window.started) >= WINDOW {
            (window.started, window.lines) = (now, 0);
        }
        if window.lines >= LINES {
            window.suppressed += 1;
            return None;
        }
        window.lines += 1;
        Some(std::mem::take(&mut window.suppressed))
    }
}

/// Makes a text safe for a log: escapes control and invisible characters, and limits the length.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::new();
    for character in text.chars() {
        if is_invisible(character) {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
        if printable.len() > MAX_TEXT {
            printable.truncate(beginning(&printable, MAX_TEXT).len());
            printable.push('…');
            break;
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn lines_of_each_kind_are_limited_and_suppressed_ones_counted() {
        let limiter = LogLimiter::default();
        let admitted = (0..1_000).filter_map(|_| limiter.admit("signature")).count();
        assert_eq!(admitted, LINES as usize);
        assert_eq!(limiter.admit("token"), Some(0), "kinds are limited separately");
        tokio::time::advance(WINDOW).await;
        assert_eq!(limiter.admit("signature"), Some(990));
        assert_eq!(limiter.admit("signature"), Some(0));
    }

    #[test]
    fn untrusted_text_is_escaped_and_cut() {
        let text = printable("kid \"a\"\r\n2026-01-01 ERROR \u{1b}[31m\u{202e}\u{2028} ä");
        assert_eq!(text, "kid \"a\"\\r\\n2026-01-01 ERROR \\u{1b}[31m\\u{202e}\\u{2028} ä");
        for long in ["ä".repeat(100_000), "\u{1}".repeat(100_000)] {
            assert!(printable(&long).len() <= MAX_TEXT + '…'.len_utf8());
        }
    }
}

//! Lines about strangers: few, short, and each one line.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// So many lines of a kind are logged in each window.
const LINES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(10);

/// How many kinds are counted apart. They come from the program, never from a sender.
const KINDS: usize = 64;

/// The longest text of a sender in a line, in bytes.
const LONGEST_TEXT: usize = 500;

/// Limits how often a line of each kind is logged.
#[derive(Default)]
pub(crate) struct LogLimiter(Mutex<HashMap<&'static str, Window>>);

struct Window {
    started: Instant,
    lines: u32,
    suppressed: u64,
}

impl LogLimiter {
    /// Whether a line of this kind may be logged now: with how many were left out before it.
    pub(crate) fn admit(&self, kind: &'static str) -> Option<u64> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = if windows.len() < KINDS || windows.contains_key(kind) { kind } else { "other" };
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

/// A text that is safe in a log: control characters and those that change the direction of writing
/// are escaped, and it has an end.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::new();
    for character in text.chars() {
        let is_format = matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        if character.is_control() || is_format {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
        if printable.len() > LONGEST_TEXT {
            printable.truncate(printable.floor_char_boundary(LONGEST_TEXT));
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
    async fn lines_of_a_kind_are_limited_and_the_rest_is_counted() {
        let limiter = LogLimiter::default();
        let admitted = (0..1_000).filter_map(|_| limiter.admit("signature")).count();
        assert_eq!(admitted, LINES as usize);
        assert_eq!(limiter.admit("token"), Some(0), "another kind has lines of its own");
        tokio::time::advance(WINDOW).await;
        assert_eq!(limiter.admit("signature"), Some(990));
        assert_eq!(limiter.admit("signature"), Some(0));
    }

    #[test]
    fn a_text_of_a_stranger_forges_no_line_and_has_an_end() {
        let text = printable("kid \"a\"\r\n2026-01-01 ERROR \u{1b}[31m\u{202e}\u{2028} ä");
        assert_eq!(text, "kid \"a\"\\r\\n2026-01-01 ERROR \\u{1b}[31m\\u{202e}\\u{2028} ä");
        for endless in ["ä".repeat(100_000), "\u{1}".repeat(100_000)] {
            assert!(printable(&endless).len() <= LONGEST_TEXT + '…'.len_utf8());
        }
    }
}

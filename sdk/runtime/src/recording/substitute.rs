//! Substitutes for values in a recording without them.

use std::collections::HashMap;

/// Texts in place of others: the same for the same text.
#[derive(Default)]
pub(super) struct Substitutes(HashMap<String, usize>);

impl Substitutes {
    /// A text of the same kind and length. Dates and times stay valid, so that they can be decoded.
    pub(super) fn text(&mut self, text: String) -> String {
        const WORDS: [&str; 3] = ["best_effort", "no_target", "clock_stopped"];
        if WORDS.contains(&text.as_str()) {
            return text;
        }
        let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        if let Some(rest) = form.strip_prefix("0000-00-00") {
            if rest.is_empty() {
                return "2000-01-01".to_owned();
            }
            if rest.starts_with("T00:00:00") {
                let offset = text[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
                return format!("2000-01-01T00:00:00{offset}");
            }
        }
        if form == "00:00" || form == "00:00:00" {
            return form;
        }
        if form.chars().all(|c| matches!(c, '0' | '.' | '-')) {
            return form.replace('0', "1");
        }
        let length = text.chars().count();
        let next = self.0.len() + 1;
        let number = *self.0.entry(text).or_insert(next);
        format!("{:x<length$}", format!("v{number}-"))
    }
}

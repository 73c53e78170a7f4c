//! The report as Markdown.

use super::change::{Change, Deployed, Severity};
use super::format::Format;
use super::text::{groups, is_noted, records, rust_path, step, summary};
use std::fmt::Write as _;

pub(super) fn report(changes: &[Change], format: &Format) -> String {
    let mut text = String::new();
    for (record, of_record) in records(changes) {
        let _ = write!(text, "### {}\n\n", escape(record));
        let (safe, others): (Vec<_>, Vec<_>) =
            of_record.into_iter().partition(|change| change.severity == Severity::Safe && !is_noted(change));
        others.iter().for_each(|change| item(&mut text, change, format));
        for (what, names) in groups(&safe) {
            let names: Vec<String> = names.iter().map(|name| format!("`{}`", code(name))).collect();
            let _ = writeln!(text, "- safe: {}: {}", escape(&what), names.join(", "));
        }
        text.push('\n');
    }
    let mut end = summary(changes);
    end.push_str(".\n");
    if let Some(step) = step(changes, format) {
        let _ = write!(end, "\nThe version needs{}.\n", step.trim_start_matches("the version needs"));
    }
    text + &end
}

fn item(text: &mut String, change: &Change, format: &Format) {
    let severity = match change.severity {
        Severity::Safe => "safe".to_owned(),
        severity => format!("**{severity}**"),
    };
    let rust: Vec<String> =
        change.rust.iter().map(|path| format!("`{}`", code(&rust_path(path, format)))).collect();
    let rust = if rust.is_empty() { String::new() } else { format!(" ({})", rust.join(", ")) };
    let deployed = match change.deployed {
        Deployed::Works => "",
        Deployed::Changes => " It means something else to programs that are already built.",
        Deployed::Fails => " Programs that are already built fail.",
    };
    let (path, summary, reason) = (code(&change.path), escape(&change.summary), escape(&change.reason));
    let _ = write!(text, "- {severity}: `{path}`{rust}: {summary}. {}.{deployed}", capital(&reason));
    if let Some(instead) = &change.instead {
        let _ = write!(text, " Instead: {}.", escape(instead));
    }
    text.push('\n');
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Text of a schema in a span of code.
fn code(text: &str) -> String {
    text.replace('`', "'").replace(['\n', '\r'], " ")
}

/// Text that is no markup, but for spans of code.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    let is_balanced = text.matches('`').count().is_multiple_of(2);
    let mut is_code = false;
    for c in text.chars() {
        match c {
            '`' if is_balanced => is_code = !is_code,
            '\n' | '\r' => {
                escaped.push(' ');
                continue;
            }
            '*' | '_' | '[' | ']' | '<' | '>' | '`' | '\\' | '#' | '|' if !is_code => escaped.push('\\'),
            _ => {}
        }
        escaped.push(c);
    }
    escaped
}

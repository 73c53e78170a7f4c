//! Words of reports.

use crate::Schema;

/// `1 type`, `2 types`
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// What the introspection result names and does not define. Nothing if there is nothing.
pub(super) fn left_out(schema: &Schema) -> Option<String> {
    let list = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let lines = schema.left_out.iter().map(|(owner, names)| format!("{} of `{owner}`", list(names)));
    let lines: Vec<_> = lines.collect();
    (!lines.is_empty())
        .then(|| format!("left out, since the schema does not define them: {}", lines.join("; ")))
}

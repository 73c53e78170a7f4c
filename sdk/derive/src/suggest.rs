//! Compile errors, and the similar and possible names in them.

use proc_macro2::Span;
use std::fmt::Display;
use syn::Error;

/// The compile errors so far. Checks go on after an error, so that one build reports all.
#[derive(Default)]
pub(crate) struct Errors(pub(crate) Vec<Error>);

impl Errors {
    pub(crate) fn push(&mut self, span: Span, message: impl Display) {
        self.0.push(Error::new(span, message));
    }
}

/// The name most similar to `name`, if any is similar enough.
pub(crate) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    const MIN_SIMILARITY: f64 = 0.6;
    let wanted = normalized(name);
    let similarity = |candidate: &str| {
        let candidate = normalized(candidate);
        // Users often remember only the beginning of a name.
        let is_prefix = wanted.len().min(candidate.len()) > 2
            && (candidate.starts_with(&wanted) || wanted.starts_with(&candidate));
        let distance = strsim::normalized_damerau_levenshtein(&wanted, &candidate);
        if is_prefix { distance.max(MIN_SIMILARITY) } else { distance }
    };
    names
        .map(|candidate| (similarity(candidate), candidate))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// A name without case and underscores: `requestedFor` equals `requested_for`.
fn normalized(name: &str) -> String {
    name.chars().filter(|char| *char != '_').map(|char| char.to_ascii_lowercase()).collect()
}

/// Names for a message: `` `a`, `b` ``.
pub(crate) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The message for a name that fits several names of the schema.
pub(crate) fn ambiguous(name: &str, names: &[&str], with: &str) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("`{name}` is ambiguous: it is {}; choose one with {with}", names.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_nearest_name() {
        let near = |name| {
            nearest(name, ["id", "name", "jobTitle", "primaryEmail", "source", "sourceID"].into_iter())
        };
        assert_eq!(near("naem"), Some("name"));
        assert_eq!(near("job"), Some("jobTitle"), "its beginning");
        assert_eq!(near("primary_email_address"), Some("primaryEmail"), "it is the beginning");
        assert_eq!(near("source_id"), Some("sourceID"), "another spelling");
        assert_eq!(near("identification"), None, "two letters are no beginning");
        assert_eq!(near("xylophone"), None);
        assert_eq!(near(""), None);
    }
}

//! Suggestions for names and values that a schema does not have.

use crate::quote::BRIEF;

/// The known name most similar to another one, if any is similar enough. Case and what separates words make no
/// difference.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    const MIN_SIMILARITY: f64 = 0.6;
    // Comparing takes the product of both lengths; no name is similar to a text that long.
    let name = normalized(&name.chars().take(BRIEF).collect::<String>());
    let similarity = |known: &str| strsim::normalized_damerau_levenshtein(&name, &normalized(known));
    let similar = known.into_iter().map(|known| (similarity(known), known));
    let similar = similar.filter(|(similarity, _)| *similarity >= MIN_SIMILARITY);
    similar.max_by(|left, right| left.0.total_cmp(&right.0)).map(|(_, known)| known)
}

fn normalized(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', '-', ' '], "")
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_most_similar_name_is_found_whatever_its_case() {
        let known = ["waiting_for", "createdAt", "created_by", "id"];
        for (name, expected) in [
            ("Waiting-For", Some("waiting_for")),
            ("created_at", Some("createdAt")),
            ("createdBy", Some("created_by")),
            ("creaetdAt", Some("createdAt")),
            ("note", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
        assert_eq!(nearest(&"x".repeat(1_000_000), known), None);
    }
}

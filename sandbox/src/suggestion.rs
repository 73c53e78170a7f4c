//! Suggestions for misspelled names.

/// `; did you mean "name"?`, if one of the names is close, or else nothing.
pub(crate) fn suggestion<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> String {
    let wrong = wrong.to_lowercase();
    let distance = |name: &str| strsim::normalized_damerau_levenshtein(&wrong, &name.to_lowercase());
    let rated = names.map(|name| (distance(name), name));
    // Of equally close names the first is taken.
    let best = rated.reduce(|best, other| if other.0 > best.0 { other } else { best });
    let close = best.filter(|(distance, _)| *distance > 0.6);
    close.map_or_else(String::new, |(_, name)| format!("; did you mean {name:?}?"))
}

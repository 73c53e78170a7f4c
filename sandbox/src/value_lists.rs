//! Value lists: the known values of Xurrent's scalars.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Values by the name of the type.
pub(crate) type ValueLists = BTreeMap<String, Vec<String>>;

/// The lists of Xurrent's schema, which declares them as scalars and so does not contain their values.
pub(crate) static KNOWN: LazyLock<ValueLists> = LazyLock::new(|| {
    #[derive(Deserialize, Default)]
    struct Overrides {
        values: ValueLists,
    }
    // A test checks that the file parses.
    toml::from_str::<Overrides>(include_str!("../schema.overrides.toml")).unwrap_or_default().values
});

/// Whether all values are GraphQL names, so that the list can be an enum.
pub(crate) fn are_names(values: &[String]) -> bool {
    values.iter().all(|value| apollo_compiler::Name::is_valid_syntax(value))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn known_lists_match_the_overrides_file() {
        let text = include_str!("../schema.overrides.toml");
        let values: toml::Table =
            toml::from_str::<toml::Table>(text).unwrap()["values"].clone().try_into().unwrap();
        assert_eq!(KNOWN.keys().collect::<Vec<_>>(), values.keys().collect::<Vec<_>>());
        assert!(KNOWN.len() > 80 && KNOWN["CiStatus"].contains(&"in_production".to_owned()));
    }
}

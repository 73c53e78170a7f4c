//! The section `[environments]`.

use crate::Error;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// The two environments of an API whose schemas are generated together, such as production and QA, where the
/// second one is ahead of the first. Without a second schema, the section has no effect.
///
/// ```
/// use xurrent_generator::{Config, Schema};
///
/// let config = Config::from_toml("[environments]\nnames = [\"production\", \"QA\"]")?;
/// let production = r#"{"__schema": {"queryType": {"name": "Query"}, "types": [{"kind": "OBJECT", "name": "Query",
///     "fields": [{"name": "old", "type": {"kind": "SCALAR", "name": "Int"}}]}]}}"#;
/// let qa = production.replace("\"old\"", "\"new\"");
/// let both = Schema::merge(&Schema::from_json(production)?, &Schema::from_json(&qa)?, &config)?;
/// let only_in = both.fields("Query").iter().map(|field| (field.name.as_str(), field.only_in.as_deref()));
/// assert_eq!(only_in.collect::<Vec<_>>(), [("new", Some("QA")), ("old", Some("production"))]);
/// # Ok::<(), xurrent_generator::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Environments {
    /// Their names, as the documentation of generated code prints them: "Only in QA.". By default `the first schema`
    /// and `the second schema`.
    #[serde(deserialize_with = "two_names")]
    pub names: [String; 2],
    /// The environment whose definition is used where the two contradict each other, for a type (`Type`), a field or a
    /// value (`Type.field`) or an argument (`Type.field.argument`). The other environment counts as one that
    /// does not have it.
    pub take: BTreeMap<String, String>,
}

/// Refuses further names, which the format leaves unread.
fn two_names<'d, D: Deserializer<'d>>(names: D) -> Result<[String; 2], D::Error> {
    let names = Vec::deserialize(names)?;
    <[String; 2]>::try_from(names)
        .map_err(|names| D::Error::custom(format!("{} names of environments: expected two", names.len())))
}

impl Default for Environments {
    fn default() -> Self {
        Self { names: ["the first schema", "the second schema"].map(str::to_owned), take: BTreeMap::new() }
    }
}

impl Environments {
    /// # Errors
    /// When the names cannot be told from each other or are no text for a line.
    pub(super) fn check(&self) -> Result<(), Error> {
        let [first, second] = &self.names;
        let is_text = |name: &String| !name.trim().is_empty() && !name.contains(char::is_control);
        match first != second && self.names.iter().all(is_text) {
            true => Ok(()),
            false => Err(Error::Config(format!(
                "calls the environments {first:?} and {second:?}: expected two names, such as \"production\" and \"QA\""
            ))),
        }
    }
}

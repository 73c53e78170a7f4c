//! Reading of the file and of the environment.

use super::Config;
use crate::error::Error;
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::path::Path;
use toml::{Table, Value};
use xurrent_values::suggest::nearest;

/// The beginning of the names of environment variables.
pub(crate) const PREFIX: &str = "XURRENT_RECEIVER_";

/// The keys of secrets. In the file, each has a key with `_file` at its end instead.
pub(super) const SECRETS: [&str; 5] = [
    "target.secret",
    "target.postgres_url",
    "verification.query_secret",
    "verification.basic_password",
    "inbox.postgres_url",
];

/// Reads the configuration. `XURRENT_RECEIVER_WORKER__CONCURRENCY` replaces `concurrency` of `[worker]`.
pub(crate) fn load(file: &Path) -> Result<Config, Error> {
    let wrong = |what: String| Error::Configuration(format!("{}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(format!("cannot read it: {error}")))?;
    let mut table: Table = toml::from_str(&text).map_err(|error| {
        let line =
            error.span().and_then(|span| text.get(..span.start)).map_or(1, |text| text.lines().count());
        wrong(format!("line {}: {}", line.max(1), error.message()))
    })?;
    let mut secrets = std::collections::BTreeMap::new();
    let mut from_environment = BTreeSet::new();
    for (name, value) in std::env::vars_os() {
        let Some(key) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        if key == "CONFIG" {
            continue;
        }
        let no_text = || Error::Configuration(format!("environment variable {PREFIX}{key} is not UTF-8"));
        let value = value.into_string().map_err(|_| no_text())?;
        let key = key.to_ascii_lowercase().replace("__", ".");
        match SECRETS.into_iter().find(|secret| *secret == key) {
            Some(secret) => drop(secrets.insert(secret, SecretString::from(value))),
            None => {
                insert(&mut table, &key, value)
                    .ok_or_else(|| Error::Configuration(format!("{} is not a table", variable(&key))))?;
                from_environment.insert(key);
            }
        }
    }
    let mut config: Config = serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let key = error.path().to_string();
        let what = describe(&key, error.inner().message());
        match from_environment.iter().find(|name| **name == key) {
            Some(name) => Error::Configuration(format!("{}: {what}", variable(name))),
            None => wrong(what),
        }
    })?;
    let folder = std::path::absolute(file).map_err(|error| wrong(error.to_string()))?;
    config.folder = folder.parent().map(Path::to_owned).unwrap_or_default();
    config.secrets = secrets;
    Ok(config)
}

/// The environment variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("environment variable {PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}

/// Inserts a value at a path of keys. `None` if a part of the path is not a table.
fn insert(table: &mut Table, key: &str, value: String) -> Option<()> {
    let (tables, last) = key.rsplit_once('.').map_or((None, key), |(tables, last)| (Some(tables), last));
    let mut table = table;
    for name in tables.into_iter().flat_map(|tables| tables.split('.')) {
        table = table.entry(name).or_insert_with(|| Table::new().into()).as_table_mut()?;
    }
    // Numbers, booleans and arrays as in the file; everything else is a text.
    let read = toml::from_str::<Table>(&format!("value = {value}")).ok();
    let read = read.filter(|read| read.len() == 1).and_then(|mut read| read.remove("value"));
    table.insert(last.to_owned(), read.unwrap_or(Value::String(value)));
    Some(())
}

/// What is wrong with a key. Unknown keys come with a suggestion.
fn describe(key: &str, message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else {
        let message = ["usize", "u64", "u32", "i64"].iter().fold(message.to_owned(), |message, number| {
            message.replace(&format!("expected {number}"), "expected a number")
        });
        return if key == "." { message } else { format!("`{key}`: {message}") };
    };
    let mut names = rest.split('`').step_by(2);
    let unknown = names.next().unwrap_or_default();
    let known: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    let parent = key.strip_suffix(unknown).unwrap_or(key).trim_end_matches('.');
    let key = if parent.is_empty() { unknown.to_owned() } else { format!("{parent}.{unknown}") };
    match nearest(unknown, known.iter().copied()) {
        Some(near) => format!("unknown key `{key}`; did you mean `{near}`?"),
        None => format!("unknown key `{key}`; expected one of {}", known.join(", ")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should stop")]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../example.toml");

    #[test]
    fn the_example_has_all_keys_is_valid_and_is_in_the_guide() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("config.toml");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            load(&file).map_err(|error| error.to_string())
        };
        let config = read(EXAMPLE).unwrap();
        assert_eq!((config.account.len(), config.path.as_str()), (2, "/xurrent"));
        let guide = include_str!("../../../../receiver.md");
        assert!(guide.contains(&format!("```toml\n{EXAMPLE}```")), "copy the example into the guide");

        // The keys that an error names are those of a table.
        for table in ["", "account", "verification", "inbox", "limits", "worker", "filter", "target"] {
            let head = if table.is_empty() { String::new() } else { format!("[{table}]\n") };
            let head = head.replace("[account]", "[[account]]");
            let known = read(&format!("{head}zzzzzzzz = 1\n")).unwrap_err();
            for key in known.split_once("expected one of ").unwrap().1.split(", ") {
                assert!(EXAMPLE.contains(key), "{table}: the example lacks `{key}`");
            }
        }
    }
}

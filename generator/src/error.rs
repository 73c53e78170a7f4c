//! What can be wrong with the input.

use std::error::Error as StdError;

/// Formats an error and its sources, separated by colons: `Display` of an error does not repeat its source.
pub fn error_chain(error: &dyn StdError) -> String {
    let sources = std::iter::successors(Some(error), |error| (*error).source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Why no source could be generated. `Display` does not repeat the source: see [`error_chain`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not JSON, or not shaped like an introspection result.
    #[error("the schema is no introspection result")]
    Json(#[from] serde_json::Error),
    /// A type, or a part of it, that is not shaped as in an introspection result.
    #[error("the schema is no introspection result at `{place}`")]
    Place {
        /// The type, with the field and the argument where it is in one. What has no name is counted from 0:
        /// `types[2]`.
        place: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The JSON holds no schema.
    #[error("the JSON has no `__schema`: ask for the full introspection result")]
    NoSchema,
    /// The schema lacks a part, contradicts itself, or uses a type where its kind is not possible.
    #[error("{0}")]
    Schema(String),
    /// Two environments define something in ways for which no Rust is right on both.
    #[error("{}", contradictions(names, places))]
    Environments {
        /// The names of the environments.
        names: [String; 2],
        /// The path in the schema of each contradiction, with a sentence about it.
        places: Vec<(String, String)>,
    },
    /// Two names that are the same in Rust.
    #[error(
        "`{first}` and `{second}` both become `{name}` in Rust: give the newer one another name under \
         [renames] in the configuration, so that what is written for the other one keeps its meaning"
    )]
    Collision {
        /// The path of the one in the schema.
        first: String,
        /// The path of the other one.
        second: String,
        /// The Rust name.
        name: String,
    },
    /// A name that cannot be the name of a file.
    #[error("a file for `{name}` would have a name of {letters} letters: at most {most} are possible")]
    LongName {
        /// The GraphQL name.
        name: String,
        /// How many letters it has.
        letters: usize,
        /// How many it may have.
        most: usize,
    },
    /// A name that cannot be the name of a crate.
    #[error(
        "the crate cannot be called {0:?}: expected ASCII letters, digits, `-` and `_`, the name of no crate of \
         Rust and of no dependency"
    )]
    Package(String),
    /// The configuration is not TOML, or not shaped like a configuration.
    #[error("the configuration cannot be read")]
    Toml(#[from] toml::de::Error),
    /// The configuration does not match the schema, or holds a name that Rust does not allow.
    #[error("the configuration {0}")]
    Config(String),
}

/// The first contradictions, and what to do.
fn contradictions([first, second]: &[String; 2], places: &[(String, String)]) -> String {
    const MAX_PLACES: usize = 20;
    let mut text = format!("{first} and {second} contradict each other:\n");
    for (_, sentence) in places.iter().take(MAX_PLACES) {
        text.push_str(&format!("  {sentence}\n"));
    }
    let more = places.len().saturating_sub(MAX_PLACES);
    if more > 0 {
        text.push_str(&format!("  and {more} more\n"));
    }
    let path = places.first().map_or("Type.field", |(path, _)| path.as_str());
    text.push_str(&format!(
        "for each, name the environment to take under [environments.take] in the configuration, such as \
         {path:?} = {first:?}; it then counts as only in that environment"
    ));
    text
}

impl Error {
    /// The configuration has a name that the schema has not.
    pub(crate) fn unknown_name(name: &str, nearest: Option<&str>) -> Self {
        let hint = nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        Self::Config(format!("names `{name}`, which the schema does not have{hint}"))
    }
}

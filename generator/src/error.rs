//! What can be wrong with the input.

/// Why no source could be generated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not JSON, or not shaped like an introspection result.
    #[error("the schema is no introspection result: {0}")]
    Json(#[from] serde_json::Error),
    /// The overrides are not TOML, or not shaped like overrides.
    #[error("the overrides cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// A part that every introspection result has is missing.
    #[error("{place} has no {what}: ask for the full introspection result")]
    Missing {
        /// Where.
        place: String,
        /// What.
        what: &'static str,
    },
    /// A type is named that the schema does not define.
    #[error("{place} is of type `{name}`, which the schema does not define")]
    UnknownType {
        /// Where.
        place: String,
        /// The name of the type.
        name: String,
    },
    /// A type is used where its kind is not possible.
    #[error("{place} is of type `{name}`, which cannot be used for {usage}")]
    WrongKind {
        /// Where.
        place: String,
        /// The name of the type.
        name: String,
        /// For what.
        usage: &'static str,
    },
    /// A list of lists of ... that never ends, or was cut off by the query that asked for it.
    #[error("the type of {place} is cut off: ask for more levels of `ofType`")]
    CutOff {
        /// Where.
        place: String,
    },
    /// A name that GraphQL does not allow.
    #[error("{name:?} in {place} is no GraphQL name")]
    BadName {
        /// Where.
        place: String,
        /// The name.
        name: String,
    },
    /// The same name twice.
    #[error("{place} has `{name}` twice")]
    Duplicate {
        /// Where.
        place: String,
        /// The name.
        name: String,
    },
    /// Two names that are the same in Rust.
    #[error(
        "`{first}` and `{second}` both become `{name}` in Rust: give the newer one another name under \
         [renames] in the overrides, so that what is written for the other one keeps its meaning"
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
    /// An override for something that is not there.
    #[error("the overrides name `{name}`, which the schema does not have{}", did_you_mean(nearest.as_deref()))]
    UnknownOverride {
        /// The name.
        name: String,
        /// What was most likely meant.
        nearest: Option<String>,
    },
    /// A type for a field that is not of a scalar type, or not of an input.
    #[error("the overrides give `{0}` a type: only a field of an input whose type is a scalar can have one")]
    BadFieldType(String),
    /// A path to an external type that is no path, or ends in another name.
    #[error("the overrides take `{name}` from `{path}`: expected a path such as `some_crate::{rust}`")]
    BadExternal {
        /// The GraphQL name.
        name: String,
        /// The path.
        path: String,
        /// The Rust name of the type.
        rust: String,
    },
    /// A rename to something that is no Rust identifier or is taken.
    #[error("the overrides rename `{from}` to `{to}`: {reason}")]
    BadRename {
        /// The GraphQL name.
        from: String,
        /// The Rust name.
        to: String,
        /// Why not.
        reason: &'static str,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

//! Tokens of exports and imports.

use xurrent_runtime::{Error, Result};

/// The longest token, in characters. Those of the server have a few dozen.
const MAX: usize = 256;

/// Whether a token can be a segment of a path.
pub(crate) fn check(token: &str, job: &str) -> Result<()> {
    let is_valid = (1..=MAX).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'\\'))
        && !matches!(token, "." | "..");
    match is_valid {
        true => Ok(()),
        false => {
            Err(Error::configuration(format!("invalid token of an {job}; expected one that the server gave")))
        }
    }
}

/// Declares the token of a job.
macro_rules! token {
    ($(#[$doc:meta])* $name:ident, $job:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = xurrent_runtime::Error;

            /// Fails for a text that no server gives.
            fn try_from(token: String) -> xurrent_runtime::Result<Self> {
                crate::bulk::token::check(&token, $job).map(|()| Self(token))
            }
        }

        impl std::str::FromStr for $name {
            type Err = xurrent_runtime::Error;

            fn from_str(token: &str) -> xurrent_runtime::Result<Self> {
                token.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(token: $name) -> Self {
                token.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }
    };
}

pub(crate) use token;

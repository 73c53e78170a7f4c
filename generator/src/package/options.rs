//! Which crate to generate.

use crate::{Error, names};

/// A crate to be generated.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Where its dependencies are.
    pub runtime: Runtime,
}

/// Where a generated crate has the runtime from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Runtime {
    /// This version, from the registry.
    Version(String),
    /// The folder of the crate `xurrent-runtime`, with that of `xurrent-derive` beside it as `../derive`:
    /// absolute, or relative to the generated crate.
    Path(String),
}

impl Package {
    /// A crate of this name, on the version of the runtime that belongs to this generator.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), runtime: Runtime::Version(env!("CARGO_PKG_VERSION").to_owned()) }
    }

    /// The same crate on another runtime.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.runtime = runtime;
        self
    }

    /// The name of the crate in Rust.
    pub(super) fn rust_name(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The beginning of its environment variables.
    pub(super) fn variable(&self, name: &str) -> String {
        format!("{}_{name}", self.rust_name().to_ascii_uppercase())
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        /// Crates that Rust has, or that the generated one depends on.
        const TAKEN: [&str; 8] =
            ["alloc", "core", "proc_macro", "std", "test", "tokio", "xurrent_derive", "xurrent_runtime"];
        let name = self.rust_name();
        match names::is_identifier(&name) && !TAKEN.contains(&name.as_str()) {
            true => Ok(()),
            false => Err(Error::Package(self.name.clone())),
        }
    }
}

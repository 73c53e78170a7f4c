//! A whole crate around the generated modules: manifest, `lib.rs`, client, example.

mod example;
mod library;
mod manifest;

use crate::config::Config;
use crate::ir::Ir;
use crate::names;
use crate::{Error, Files};

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
    fn rust_name(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The beginning of its environment variables.
    fn variable(&self, name: &str) -> String {
        format!("{}_{name}", self.rust_name().to_ascii_uppercase())
    }

    fn check(&self) -> Result<(), Error> {
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

/// All files of a crate, by their paths in it.
pub(crate) fn files(ir: &Ir, config: &Config, modules: Files, package: &Package) -> Result<Files, Error> {
    package.check()?;
    let modules = modules.into_iter().map(|(name, text)| (format!("src/generated/{name}"), text));
    let preamble = config.preamble();
    let call = example::Example::of(ir);
    let others = [
        ("Cargo.toml", format!("# {preamble}\n\n{}", manifest::text(package, config))),
        ("src/lib.rs", format!("// {preamble}\n\n{}", library::text(package, &config.client, &call))),
        ("examples/first_call.rs", format!("// {preamble}\n\n{}", call.program(package, &config.client))),
    ];
    Ok(modules.chain(others.map(|(path, text)| (path.to_owned(), text))).collect())
}

//! A whole crate around the generated modules: manifest, `lib.rs`, client, example.

mod example;
mod library;
mod manifest;
mod options;

pub use options::{Package, Runtime};

use crate::config::Config;
use crate::ir::Ir;
use crate::{Error, Files};

/// All files of a crate, by their paths in it.
pub(crate) fn files(ir: &Ir, config: &Config, modules: Files, package: &Package) -> Result<Files, Error> {
    package.check()?;
    let modules = modules.into_iter().map(|(name, text)| (format!("src/generated/{name}"), text));
    let preamble = config.preamble();
    let call = example::Example::of(ir);
    let others = [
        ("Cargo.toml", format!("# {preamble}\n\n{}", manifest::text(package, config))),
        ("src/lib.rs", format!("// {preamble}\n\n{}", library::text(package, config, &call))),
        ("examples/first_call.rs", format!("// {preamble}\n\n{}", call.program(package, &config.client))),
    ];
    Ok(modules.chain(others.map(|(path, text)| (path.to_owned(), text))).collect())
}

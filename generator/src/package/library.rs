//! `src/lib.rs`: the client, and what the runtime has for its users.

use super::Package;
use super::example::Example;

pub(super) fn text(package: &Package, example: &Example<'_>) -> String {
    let krate = package.rust_name();
    let docs: String = example
        .documentation(&krate)
        .lines()
        .map(|line| format!("{}\n", format!("//! {line}").trim_end()))
        .collect();
    format!("{docs}\n{}", FACADE.replace("{crate}", &krate))
}

/// The names at the root of a generated crate, which no type of the schema can have.
const FACADE: &str = include_str!("facade.rs.template");

//! Parts that the packages of all sides share.

use heck::ToSnakeCase;
use xurrent_generator::schema::TypeRef;

/// The package name on all sides.
pub(super) const PACKAGE: &str = "user";

/// The manifest, up to its dependencies.
pub(super) const MANIFEST: &str = r#"[package]
name = "user"
version = "0.1.0"
edition = "2024"
publish = false

[dependencies]
"#;

/// Records of a nested connection.
pub(super) const FIRST: u32 = 10;

/// `requested_for` of `requestedFor`.
pub(super) fn rust_name(graphql: &str) -> String {
    graphql.to_snake_case()
}

/// A type in the `Option`s and `Vec`s of its schema type.
pub(super) fn wrapped(ty: &TypeRef, inner: &str) -> String {
    let whole = match ty.item() {
        Some(item) => format!("Vec<{}>", wrapped(item, inner)),
        None => inner.to_owned(),
    };
    if ty.is_nullable() { format!("Option<{whole}>") } else { whole }
}

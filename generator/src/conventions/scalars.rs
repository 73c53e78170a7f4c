//! Custom scalars that the configuration does not mention.

use crate::config::ScalarKind;
use crate::schema::{BUILT_IN_SCALARS, Kind};
use crate::{Config, Schema};

/// The Rust type of a scalar whose name leaves no doubt: RFC 3986 and RFC 9562 define these as texts. Dates, numbers
/// and others differ between APIs.
pub(crate) fn by_name(name: &str) -> Option<ScalarKind> {
    let is_text = ["uri", "url", "uuid"].contains(&name.to_ascii_lowercase().as_str());
    is_text.then_some(ScalarKind::String)
}

/// The scalars that have a type by their names, and those that take any value. Nothing if there are none.
pub(crate) fn report(schema: &Schema, config: &Config) -> Option<String> {
    let Config { scalars, values, external, .. } = config;
    let is_open = |name: &&str| {
        let is_known =
            scalars.contains_key(*name) || values.contains_key(*name) || external.contains_key(*name);
        schema.kind(name) == Kind::Scalar && !BUILT_IN_SCALARS.contains(name) && !is_known
    };
    let names = schema.types.iter().map(|ty| ty.name.as_str()).filter(is_open);
    let (texts, any): (Vec<_>, Vec<_>) = names.partition(|name| by_name(name).is_some());
    let list = |names: Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let texts = (!texts.is_empty()).then(|| format!("{} as texts", list(texts)));
    let any = (!any.is_empty()).then(|| format!("{} with any value: [scalars] gives types", list(any)));
    let parts: Vec<String> = texts.into_iter().chain(any).collect();
    (!parts.is_empty()).then(|| format!("scalars: {}", parts.join("; ")))
}

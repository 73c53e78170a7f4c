//! Peer: the code of `graphql_client` for the same operations, as its command line tool generates it.

use crate::error::Error;
use crate::files::Sources;
use crate::scratch;
use graphql_client_codegen::deprecation::DeprecationStrategy;
use graphql_client_codegen::normalization::Normalization;
use graphql_client_codegen::{
    CodegenMode, GraphQLClientCodegenOptions, generate_module_token_stream_from_string,
};
use std::path::{Path, PathBuf};
use xurrent_generator::Files;

pub(crate) const PACKAGE: &str = "graphql-client-operations";

const DEPENDENCIES: &str = r#"
graphql_client = { version = "0.16", default-features = false }
rust_decimal = { version = "1", default-features = false, features = ["std", "serde"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"

[workspace]
"#;

/// The scalars of the schema, with the types of the peer over serde.
const SCALARS: &str = "\
//! The custom scalars of the schema.

pub type Currency = String;
pub type Decimal = rust_decimal::Decimal;
pub type Iso8601Date = String;
pub type Iso8601Time = String;
pub type Iso8601Timestamp = String;
pub type Json = serde_json::Value;
pub type Language = String;
pub type MonetaryAmount = rust_decimal::Decimal;
pub type TimeZone = String;
pub type TimesheetSettingPercentageIncrement = i64;
pub type TimesheetSettingTimeIncrement = i64;
pub type WebhookEvent = String;
";

/// Changes to the operations and the generated code that make them compile.
pub(crate) const CHANGES: &str = "the peer leaves out `... on Node { id }` on interfaces, which it refuses; \
     the fallback variant of its enums is renamed, because it collides with the value `other`";

/// The documents without `... on Node { id }` on interfaces, which GraphQL allows and this generator
/// refuses. It would only add to the peer's code.
pub(crate) fn acceptable(documents: &Files) -> Files {
    let without_spread = |text: &String| {
        let mut lines = text.split_inclusive('\n');
        let mut kept = String::new();
        while let Some(line) = lines.next() {
            if line.trim() == "... on Node {" {
                // The field `id` and the closing brace.
                lines.nth(1);
            } else {
                kept.push_str(line);
            }
        }
        kept
    };
    documents.iter().map(|(document, text)| (document.clone(), without_spread(text))).collect()
}

/// The formatted code of every document, unchanged.
pub(crate) fn generate(schema: &Path, documents: &Files) -> Result<Files, Error> {
    let module = |text: &str| -> Result<String, Error> {
        let tokens = generate_module_token_stream_from_string(text, schema, options()?)?;
        Ok(prettyplease::unparse(&syn::parse2(tokens)?))
    };
    let refused = |document: &str, error| format!("graphql_client_codegen refuses {document}: {error}");
    let modules = documents.iter().map(|(document, text)| {
        Ok((document.clone(), module(text).map_err(|error| refused(document, error))?))
    });
    modules.collect()
}

fn options() -> syn2::Result<GraphQLClientCodegenOptions> {
    let mut options = GraphQLClientCodegenOptions::new(CodegenMode::Cli);
    options.set_response_derives("Debug,Clone,Serialize".to_owned());
    options.set_variables_derives("Debug,Clone,Deserialize".to_owned());
    options.set_deprecation_strategy(DeprecationStrategy::Allow);
    options.set_normalization(Normalization::Rust);
    options.set_module_visibility(syn2::Visibility::Public(Default::default()));
    options.set_custom_scalars_module(syn2::parse_str("crate::scalars")?);
    options.set_skip_serializing_none(true);
    Ok(options)
}

/// The sources of a package with all of it.
pub(crate) fn package(generated: &Files) -> Sources {
    let mut library = String::from("//! All operations.\n#![allow(warnings)]\n\npub mod scalars;\n");
    let mut sources = Sources::from([
        ("Cargo.toml".to_owned(), scratch::package(PACKAGE, DEPENDENCIES)),
        ("src/scalars.rs".to_owned(), SCALARS.to_owned()),
    ]);
    for (document, text) in generated {
        let module = PathBuf::from(document).with_extension("").to_string_lossy().replace(['/', '\\'], "_");
        library.push_str(&format!("pub mod {module};\n"));
        // The fallback variant of enums collides with the value `other`.
        sources.insert(format!("src/{module}.rs"), text.replace("Other(", "OtherValue("));
    }
    sources.insert("src/lib.rs".to_owned(), library);
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_on_an_interface_is_removed() {
        let text = "{\n  a {\n    __typename\n    ... on Node {\n      id\n    }\n  }\n}\n";
        let kept = acceptable(&Files::from([("a".to_owned(), text.to_owned())]));
        assert_eq!(kept["a"], "{\n  a {\n    __typename\n  }\n}\n");
    }
}

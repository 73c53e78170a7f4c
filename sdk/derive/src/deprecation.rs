//! Warnings of the compiler for names that are deprecated in the schema.
//!
//! The derive has no warnings of its own. It declares a struct with a deprecated field of the schema's name, and uses it
//! where the user wrote the name.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Attribute;

/// A deprecated name that a selection uses.
pub(crate) struct Deprecated {
    /// What it belongs to, as a Rust name: `Request`.
    owner: String,
    name: Ident,
    reason: Literal,
    /// The lint attributes of the user's field.
    levels: Vec<TokenStream>,
}

impl Deprecated {
    /// `span` is where the user wrote the name.
    pub(crate) fn new(owner: &str, name: &str, reason: &Literal, span: Span) -> Self {
        let plain = syn::parse_str::<Ident>(name).is_ok();
        let can_be_raw = !matches!(name, "self" | "Self" | "super" | "crate" | "_");
        let name = match (plain, can_be_raw) {
            (true, _) => Ident::new(name, span),
            (false, true) => Ident::new_raw(name, span),
            (false, false) => format_ident!("{name}_", span = span),
        };
        Self { owner: owner.replace("::", "_"), name, reason: reason.clone(), levels: Vec::new() }
    }

    /// For a field with these attributes.
    pub(crate) fn at(self, attributes: &[Attribute]) -> Self {
        Self { levels: levels(attributes), ..self }
    }

    /// The items that make the compiler warn, in an item with these attributes.
    pub(crate) fn warning(&self, attributes: &[Attribute]) -> TokenStream {
        let Self { owner, name, reason, levels: of_field } = self;
        let (owner, of_item) = (format_ident!("{owner}"), levels(attributes));
        quote! {
            #[allow(dead_code, non_camel_case_types, non_snake_case, reason = "has the names of the schema")]
            #(#of_item)*
            #(#of_field)*
            const _: () = {
                struct #owner { #[deprecated(note = #reason)] #name: () }
                let #name = ();
                let _ = #owner { #name };
            };
        }
    }
}

/// The attributes that set the level of a lint, such as `#[allow(deprecated)]`.
fn levels(attributes: &[Attribute]) -> Vec<TokenStream> {
    let is_level = |attribute: &&Attribute| {
        ["allow", "expect", "warn", "deny", "forbid"].iter().any(|level| attribute.path().is_ident(level))
    };
    attributes.iter().filter(is_level).map(ToTokens::to_token_stream).collect()
}

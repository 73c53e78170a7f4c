//! Enums, open to values that the schema does not have.

use super::docs::docs;
use super::types::ident;
use crate::ir::Enum;
use crate::names::FALLBACK_VARIANT;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn enumeration(item: &Enum) -> TokenStream {
    let docs_of_type = docs(&item.doc);
    let name = ident(&item.rust);
    let graphql = &item.graphql;
    let fallback = ident(FALLBACK_VARIANT);
    let variants = item.variants.iter().map(|variant| {
        let docs = docs(&variant.doc);
        let name = ident(&variant.rust);
        quote! { #docs #name }
    });
    let values: Vec<_> = item.variants.iter().map(|variant| &variant.value).collect();
    let names: Vec<_> = item.variants.iter().map(|variant| ident(&variant.rust)).collect();
    let deprecated = item.variants.iter().any(|variant| variant.doc.deprecation.is_some());
    // The implementation must name what is declared deprecated; nothing else is allowed by this.
    let allow = deprecated.then(|| quote! { #[allow(deprecated)] });
    quote! {
        #docs_of_type
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
            /// A value that the schema did not have when this crate was generated.
            #fallback(String),
        }
        #allow
        impl rt::OpenEnum for #name {
            const NAME: &'static str = #graphql;
            const VALUES: &'static [&'static str] = &[#(#values),*];
            const VARIANTS: &'static [Self] = &[#(Self::#names),*];
            #[inline]
            fn as_str(&self) -> &str {
                match self {
                    #(Self::#names => #values,)*
                    Self::#fallback(text) => text,
                }
            }
            #[inline]
            fn unrecognized(text: String) -> Self { Self::#fallback(text) }
        }
        rt::enum_impls!(#name);
    }
}

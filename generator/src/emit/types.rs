//! Types and identifiers.

use crate::ir::RustType;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// The names come from `names`, which makes identifiers only.
pub(super) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

pub(super) fn rust_type(ty: &RustType) -> TokenStream {
    match ty {
        RustType::Scalar(kind) => {
            let name = ident(kind.rust_name());
            if kind.is_plain() { quote!(#name) } else { quote!(rt::#name) }
        }
        RustType::Generated(name) => {
            let name = ident(name);
            quote!(#name)
        }
        RustType::Ref(name) => {
            let name = ident(name);
            quote!(rt::Ref<#name>)
        }
        RustType::Filter { values, ranges } => {
            let values = rust_type(values);
            if *ranges { quote!(rt::RangeFilter<#values>) } else { quote!(rt::Filter<#values>) }
        }
        RustType::List(inner) => {
            let inner = rust_type(inner);
            quote!(Vec<#inner>)
        }
        RustType::Nullable(inner) => {
            let inner = rust_type(inner);
            quote!(Option<#inner>)
        }
    }
}

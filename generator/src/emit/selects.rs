//! What the derive of selections reads: a macro for each type, with the type's fields in a text.

use super::types::ident;
use crate::ir::Selectable;
use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::quote;
use std::str::FromStr;

pub(super) fn selectable(selectable: &Selectable) -> TokenStream {
    let name = ident(&format!("__select_{}", selectable.graphql));
    // With its line breaks, so that a change of the schema is a change of a line. GraphQL names and
    // types have nothing in them that a literal must escape.
    let text = match TokenStream::from_str(&format!("\"{}\"", selectable.text)) {
        Ok(text) => text,
        Err(_) => TokenTree::from(Literal::string(&selectable.text)).into(),
    };
    quote! {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! #name {
            ($($input:tt)*) => { $crate::__private::select_fields! { $crate #text $($input)* } };
        }
    }
}

/// The macro that the derive calls first: it knows the names of all types.
pub(super) fn index<'a>(selectables: impl Iterator<Item = &'a Selectable>) -> TokenStream {
    let names: Vec<_> = selectables.map(|selectable| selectable.graphql.as_str()).collect();
    let names = names.join(" ");
    quote! {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! __select {
            ($($input:tt)*) => { $crate::__private::select_type! { $crate #names $($input)* } };
        }
    }
}

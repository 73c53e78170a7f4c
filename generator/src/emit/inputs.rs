//! Input types: a name for an object of JSON, and a setter for every field.

use super::docs::docs;
use super::types::{ident, rust_type};
use crate::ir::{Input, InputField, Order};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;

pub(super) fn input(item: &Input) -> TokenStream {
    let docs_of_type = docs(&item.doc);
    let name = ident(&item.rust);
    let graphql = &item.graphql;
    let required: Vec<&InputField> = item.fields.iter().filter(|field| field.required).collect();
    let parameters = required.iter().map(|field| parameter(field));
    let entries = required.iter().map(|field| {
        let wire = &field.graphql;
        let value = ident(&field.rust);
        quote! { .with(#wire, rt::IntoInput::into_input(#value)) }
    });
    let setters = item.fields.iter().filter(|field| !field.required).map(setter);
    let lines = item.fields.iter().map(|field| &field.line);
    let nested: BTreeSet<&String> = item.fields.iter().filter_map(|field| field.nested.as_ref()).collect();
    let nested = nested.into_iter().map(|name| {
        let name = ident(name);
        quote! { <#name as rt::Input>::table }
    });
    let default = required.is_empty().then(|| {
        quote! {
            impl Default for #name {
                #[inline]
                fn default() -> Self { Self::new() }
            }
        }
    });
    quote! {
        #docs_of_type
        #[derive(Clone)]
        #[must_use = "an input does nothing until it is given to a call"]
        pub struct #name(rt::InputObject);
        impl #name {
            /// With the fields that are required.
            #[inline]
            pub fn new(#(#parameters),*) -> Self {
                Self(rt::InputObject::new() #(#entries)*)
            }
            #(#setters)*
        }
        #default
        impl rt::Input for #name {
            #[inline]
            fn table() -> &'static rt::InputTable {
                &rt::InputTable { name: #graphql, fields: &[#(#lines),*], nested: &[#(#nested),*] }
            }
            #[inline]
            fn from_object(object: rt::InputObject) -> Self { Self(object) }
            #[inline]
            fn as_object(&self) -> &rt::InputObject { &self.0 }
        }
        rt::input_impls!(#name);
    }
}

/// A required argument, of a constructor or of a root field.
pub(super) fn parameter(field: &InputField) -> TokenStream {
    let name = ident(&field.rust);
    let ty = rust_type(&field.ty);
    quote! { #name: impl rt::IntoInput<#ty, rt::NonNull> }
}

fn setter(field: &InputField) -> TokenStream {
    let docs = docs(&field.doc);
    let name = ident(&field.rust);
    let wire = &field.graphql;
    let ty = rust_type(&field.ty);
    let ty = if field.nullable {
        quote!(impl rt::IntoInput<#ty>)
    } else {
        quote!(impl rt::IntoInput<#ty, rt::NonNull>)
    };
    quote! {
        #docs
        pub fn #name(self, value: #ty) -> Self {
            Self(self.0.with(#wire, value.into_input()))
        }
    }
}

pub(super) fn order(order: &Order) -> TokenStream {
    let docs = docs(&order.doc);
    let name = ident(&order.rust);
    let field = rust_type(&order.field);
    quote! {
        #docs
        pub type #name = rt::Order<#field>;
    }
}

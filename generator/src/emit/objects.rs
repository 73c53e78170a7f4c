//! Output types: structs, and aliases for interfaces and unions.

use super::docs::docs;
use super::types::{ident, rust_type};
use crate::ir::{Interface, Object, RustType, Selection};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn object(object: &Object) -> TokenStream {
    let docs_of_type = docs(&object.doc);
    let name = ident(&object.rust);
    let graphql = &object.graphql;
    let fields = object.fields.iter().map(|field| {
        let docs = docs(&field.doc);
        let name = ident(&field.rust);
        let ty = rust_type(&field.ty);
        quote! { #docs pub #name: #ty }
    });
    let vacant = object.fields.iter().map(|field| {
        let name = ident(&field.rust);
        match field.ty {
            RustType::Nullable(_) => quote! { #name: None },
            _ => quote! { #name: rt::Field::vacant() },
        }
    });
    let names: Vec<_> = object.fields.iter().map(|field| ident(&field.rust)).collect();
    let wire = object.fields.iter().map(|field| &field.graphql);
    let nested = object.fields.iter().filter(|field| field.selection != Selection::Leaf).map(|field| {
        let name = &field.graphql;
        let selection = selection(&field.selection);
        quote! { (#name, #selection) }
    });
    let node = object.is_node.then(
        || quote! { #[diagnostic::do_not_recommend] impl rt::Fetch for #name { type Record = Self; const TYPE: &'static str = #graphql; } },
    );
    quote! {
        #docs_of_type
        #[derive(Clone)]
        #[non_exhaustive]
        pub struct #name { #(#fields),* }
        impl rt::Field for #name {
            #[inline]
            fn vacant() -> Self { Self { #(#vacant),* } }
            #[inline]
            fn decode(&mut self, decoder: &mut rt::Decoder<'_>) -> rt::Decoded {
                decoder.object(<Self as rt::Object>::TABLE, &mut [#(&mut self.#names),*])
            }
        }
        impl rt::Encode for #name {
            #[inline]
            fn encode(&self, sink: &mut dyn rt::Sink) {
                sink.object(<Self as rt::Object>::TABLE, &[#(&self.#names),*]);
            }
        }
        impl rt::Object for #name {
            const TABLE: &'static rt::Table = &rt::Table {
                name: #graphql,
                fields: &[#(#wire),*],
                nested: &[#(#nested),*],
            };
        }
        #node
        rt::object_impls!(#name);
    }
}

pub(super) fn selection(selection: &Selection) -> TokenStream {
    match selection {
        Selection::Leaf => quote!(rt::Selection::Leaf),
        Selection::Reference => quote!(rt::Selection::Reference),
        Selection::Interface { node } => quote!(rt::Selection::Interface { node: #node }),
        Selection::Object { rust, .. } => {
            let name = ident(rust);
            quote!(rt::Selection::Object(<#name as rt::Object>::TABLE))
        }
        Selection::Payload { rust, .. } => {
            let name = ident(rust);
            quote!(rt::Selection::Payload(&rt::Selection::Object(<#name as rt::Object>::TABLE)))
        }
    }
}

pub(super) fn interface(interface: &Interface) -> TokenStream {
    let docs = docs(&interface.doc);
    let name = ident(&interface.rust);
    let typename = ident(&interface.typename);
    let node = interface.node;
    quote! {
        #docs
        pub type #name = rt::Interface<#typename>;
        impl rt::Abstract for #typename { const NODE: bool = #node; }
    }
}

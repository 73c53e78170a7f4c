//! Functions of the client: one per root field, a few lines each.

use super::docs::docs;
use super::inputs::parameter;
use super::objects::selection;
use super::types::{ident, rust_type};
use crate::ir::{Call, CallKind, InputField};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

pub(super) fn calls(calls: &[Call]) -> TokenStream {
    if calls.is_empty() {
        return TokenStream::new();
    }
    let constants = calls.iter().map(root_field);
    let markers = calls.iter().map(connection_field);
    let functions = calls.iter().map(function);
    quote! {
        #(#constants)*
        #(#markers)*
        impl crate::Client { #(#functions)* }
    }
}

pub(super) fn constant(call: &Call) -> Ident {
    ident(&call.constant)
}

pub(super) fn marker(call: &Call) -> Option<&str> {
    match &call.kind {
        CallKind::Connection { marker, .. } => Some(marker),
        CallKind::Value(_) => None,
    }
}

fn root_field(call: &Call) -> TokenStream {
    let constant = constant(call);
    let operation = if call.is_mutation { quote!(Mutation) } else { quote!(Query) };
    let name = &call.graphql;
    let arguments = call.arguments.iter().map(|(name, ty)| quote!((#name, #ty)));
    let connection = matches!(call.kind, CallKind::Connection { .. });
    let selection = selection(&call.selection);
    quote! {
        pub(super) const #constant: &rt::RootField = &rt::RootField {
            operation: rt::OperationType::#operation,
            name: #name,
            arguments: &[#(#arguments),*],
            connection: #connection,
            selection: #selection,
        };
    }
}

/// The type that tells a connection's query which node, filter, view and order it has.
fn connection_field(call: &Call) -> TokenStream {
    let CallKind::Connection { marker, node, filter, view, order } = &call.kind else {
        return TokenStream::new();
    };
    let constant = constant(call);
    let doc = format!(" The root connection `{}`.", call.graphql);
    let marker = ident(marker);
    let node = rust_type(node);
    let argument = |name: &str, associated: &str, ty: &Option<_>| {
        let (name, associated) = (ident(name), ident(associated));
        let ty = rust_type(ty.as_ref()?);
        Some(quote! { impl rt::#name for #marker { type #associated = #ty; } })
    };
    let filter = argument("Filtered", "Filter", filter);
    let view = argument("Viewed", "View", view);
    let order = argument("Ordered", "Order", order);
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug)]
        pub enum #marker {}
        impl rt::ConnectionField for #marker {
            type Node = #node;
            const ROOT: &'static rt::RootField = #constant;
        }
        #filter #view #order
    }
}

fn function(call: &Call) -> TokenStream {
    let docs = docs(&call.doc);
    let constant = constant(call);
    let name = ident(&call.rust);
    let parameters = call.required.iter().map(parameter);
    let arguments = call.required.iter().map(set_argument);
    let (output, new) = match &call.kind {
        CallKind::Connection { marker, .. } => {
            let marker = ident(marker);
            (quote!(rt::ConnectionQuery<#marker>), quote!(rt::ConnectionQuery::new(self.runtime())))
        }
        CallKind::Value(ty) => {
            let ty = rust_type(ty);
            let call = if call.is_mutation { quote!(Mutation) } else { quote!(Query) };
            (quote!(rt::#call<#ty>), quote!(rt::#call::new(self.runtime(), #constant)))
        }
    };
    quote! {
        #docs
        #[inline]
        pub fn #name(&self, #(#parameters),*) -> #output { #new #(#arguments)* }
    }
}

fn set_argument(argument: &InputField) -> TokenStream {
    let wire = &argument.graphql;
    let name = ident(&argument.rust);
    quote! { .argument(#wire, rt::IntoInput::into_input(#name)) }
}

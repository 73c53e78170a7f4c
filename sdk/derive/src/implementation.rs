//! Checks an item against the description of its type and implements `Select`.

use crate::attribute::{Options, Target};
use crate::context::{Context, Selection};
use crate::dispatch::{error, parts};
use crate::schema::TypeKind;
use crate::{declaration, object, variants};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error};

pub(crate) fn select_fields(input: TokenStream) -> TokenStream {
    let Some((sdk, declaration, item)) = parts(input) else {
        return error(Span::call_site(), "this macro is private to `#[derive(Select)]`");
    };
    let Some(ty) = declaration::read(declaration) else {
        return error(
            Span::call_site(),
            "this version of the derive does not match the SDK: use `Select` of the SDK",
        );
    };
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Vec::new();
    let options = Options::parse(&input.attrs, Target::Type, &mut errors);
    let context = Context { sdk, ty: &ty, item: &input.ident, options: &options };
    let selection = context.selection(&input, &mut errors);
    match selection {
        Some(selection) if errors.is_empty() => context.implementation(&selection),
        selection => {
            let errors = errors.iter().map(Error::to_compile_error);
            let fallback = context.fallback(&input);
            let checks = selection.map(|selection| context.checks(&selection));
            quote! { #(#errors)* #fallback #checks }
        }
    }
}

impl Context<'_> {
    fn selection(&self, input: &DeriveInput, errors: &mut Vec<Error>) -> Option<Selection> {
        if let Some(parameter) = input.generics.params.first() {
            let message = "a selection cannot be generic: write concrete field types";
            errors.push(Error::new_spanned(parameter, message));
            return None;
        }
        if let Some(variables) = self.options.variables.as_ref().filter(|_| !self.ty.is_root()) {
            let message = "only a selection on `Query` or `Mutation` can have variables";
            errors.push(Error::new_spanned(variables, message));
        }
        if self.ty.is_root() && !self.item.to_string().is_ascii() {
            let message =
                format!("`{}` is also the name of the operation: rename it, in ASCII letters", self.item);
            errors.push(Error::new(self.item.span(), message));
        }
        match &input.data {
            Data::Struct(data) => object::selection(self, data, errors),
            Data::Enum(data) => variants::selection(self, data, errors),
            Data::Union(_) => {
                errors
                    .push(Error::new(input.ident.span(), "a selection is a struct or an enum, not a union"));
                None
            }
        }
    }

    fn implementation(&self, selection: &Selection) -> TokenStream {
        let Selection { constants, selection: selected, counted, connections, read, variables } = selection;
        let (sdk, item, name) = (&self.sdk, self.item, self.item.unraw().to_string());
        let on = self.generated(&self.ty.rust);
        let own = u64::from(!self.ty.is_root());
        let nodes = counted.iter().map(|(times, part)| {
            // The record counts a single object as part of itself, unlike nodes of a connection.
            if *times == 0 {
                quote!((1, #part.nodes.saturating_sub(1)))
            } else {
                quote!((#times, #part.nodes))
            }
        });
        let inner = counted.iter().map(|(times, part)| {
            let times = (*times).max(1);
            quote!((#times, #part.connections))
        });
        let node = self.node(&on);
        let operation = self.operation(variables);
        let limits = quote_spanned! {item.span()=>
            const _: () = __rt::check_limits(
                #name,
                <#item as __rt::Select<#on>>::NODES,
                <#item as __rt::Select<#on>>::DEPTH,
            );
        };
        quote! {
            #[allow(unused_imports, unused_parens, unused_qualifications, deprecated, clippy::all, reason = "repeats the user's types")]
            const _: () = {
                use #sdk::__private as __rt;
                use __rt::{NotLeaf as _, NotSelection as _};
                #constants
                #[automatically_derived]
                impl __rt::Select<#on> for #item {
                    const NODES: u64 = __rt::sum(#own, &[#(#nodes),*]);
                    const CONNECTIONS: u64 = __rt::sum(#connections, &[#(#inner),*]);
                    const SELECTION: __rt::Selection = #selected;
                    fn read(
                        decoder: &mut __rt::Decoder<'_>,
                    ) -> ::core::result::Result<Self, __rt::DecodeError> {
                        #read
                    }
                }
                #node
                #operation
                #limits
            };
        }
    }

    /// The implementation of `Fetch`, for `node(id:)`.
    pub(crate) fn node(&self, on: &TokenStream) -> TokenStream {
        if !matches!(self.ty.kind, TypeKind::Node | TypeKind::AnyNode) {
            return TokenStream::new();
        }
        let (item, name) = (self.item, &self.ty.name);
        quote! {
            #[automatically_derived]
            impl __rt::Fetch for #item {
                type Record = #on;
                const TYPE: &'static str = #name;
            }
        }
    }
}

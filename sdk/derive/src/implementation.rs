//! Checks an item against the description of its type and implements `Select`.

use crate::attribute::{Options, TYPE};
use crate::context::{Context, Selection, block};
use crate::dispatch::{parts, settings};
use crate::schema::{Paging, Type, TypeKind};
use crate::suggest::Errors;
use crate::{declaration, object, variants};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use std::collections::BTreeSet;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error};

pub(crate) fn select_fields(input: TokenStream) -> syn::Result<TokenStream> {
    let (sdk, declaration, item) = parts(input)?;
    let (settings, item) = settings(item);
    let paging =
        || settings.clone().map_or_else(|| Ok(Paging::default()), |it| declaration::paging(it.stream()));
    let read =
        |names: Option<&BTreeSet<String>>| match (declaration::read(declaration.clone(), names), paging()) {
            (Ok(ty), Ok(paging)) => Ok(Type { paging, ..ty }),
            _ => {
                let message = "this version of the derive does not match the SDK: use `Select` of the SDK";
                Err(Error::new(Span::call_site(), message))
            }
        };
    let input: DeriveInput = syn::parse2(item)?;
    match expand(&sdk, &read(Some(&declaration::names_in(&input)))?, &input) {
        (code, true) => Ok(code),
        // Suggestions are among all fields.
        _ => Ok(expand(&sdk, &read(None)?, &input).0),
    }
}

/// The code for an item, and whether the item is correct.
fn expand(sdk: &Ident, ty: &Type, input: &DeriveInput) -> (TokenStream, bool) {
    let mut errors = Errors::default();
    let options = Options::parse(&input.attrs, TYPE, &mut errors);
    let context = Context { sdk: sdk.clone(), ty, item: &input.ident, options: &options };
    let selection = context.selection(input, &mut errors).unwrap_or_else(|error| {
        errors.0.push(error);
        None
    });
    let deprecated = selection.iter().flat_map(|selection| &selection.deprecated);
    let deprecated: Vec<_> = deprecated.map(|deprecated| deprecated.warning(&input.attrs)).collect();
    let (content, is_correct) = match selection {
        Some(selection) if errors.0.is_empty() => (context.implementation(&selection), true),
        selection => {
            let fallback = context.fallback(input);
            // The checks of fields without errors.
            let checks = selection.map(|Selection { constants, checks, .. }| {
                let checks = (!checks.is_empty()).then(|| quote!(const _: () = { #checks };));
                quote!(#constants #checks)
            });
            (quote!(#fallback #checks), false)
        }
    };
    let block = block(&context.sdk, &content);
    let errors = errors.0.iter().map(Error::to_compile_error);
    (quote!(#(#errors)* #block #(#deprecated)*), is_correct)
}

impl Context<'_> {
    fn selection(&self, input: &DeriveInput, errors: &mut Errors) -> syn::Result<Option<Selection>> {
        if let Some(parameter) = input.generics.params.first() {
            let message = "a selection cannot be generic: write concrete field types";
            return Err(Error::new_spanned(parameter, message));
        }
        if let Some(variables) = self.options.variables.as_ref().filter(|_| !self.ty.is_root()) {
            let message = "only a selection on `Query` or `Mutation` can have variables";
            errors.0.push(Error::new_spanned(variables, message));
        }
        let (item, span) = (self.item, self.item.span());
        if self.ty.is_root() && !item.to_string().is_ascii() {
            let message = format!("`{item}` is also the name of the operation: rename it, in ASCII letters");
            errors.push(span, message);
        }
        match &input.data {
            Data::Struct(data) => object::selection(self, data, errors),
            Data::Enum(data) => variants::selection(self, data, errors).map(Some),
            Data::Union(_) => Err(Error::new(span, "a selection is a struct or an enum, not a union")),
        }
    }

    fn implementation(&self, selection: &Selection) -> TokenStream {
        let Selection {
            constants, checks, selection: selected, counted, connections, read, variables, ..
        } = selection;
        let (item, name) = (self.item, self.item.unraw().to_string());
        let on = self.generated(&self.ty.rust);
        let own = u64::from(!self.ty.is_root());
        // Constants with the values of the trait are left out: each costs compile time.
        let nodes = counted.iter().map(|(times, part)| match times {
            // The record counts a single object as part of itself, unlike nodes of a connection.
            0 => quote!((1, #part.nodes.saturating_sub(1))),
            times => quote!((#times, #part.nodes)),
        });
        let inner = counted.iter().map(|(times, part)| {
            let times = (*times).max(1);
            quote!((#times, #part.connections))
        });
        let nodes = (own != 1 || !counted.is_empty())
            .then(|| quote!(const NODES: u64 = __rt::sum(#own, &[#(#nodes),*]);));
        let connections = (*connections > 0 || !counted.is_empty())
            .then(|| quote!(const CONNECTIONS: u64 = __rt::sum(#connections, &[#(#inner),*]);));
        let node = self.node(&on);
        let operation = self.operation(variables);
        let expected = self.expected(selection, &on);
        let max_nodes = self.ty.paging.max_nodes.map_or_else(|| quote!(__rt::MAX_NODES), |max| quote!(#max));
        let limits = quote_spanned! {item.span()=>
            __rt::check_limits(
                #name,
                <#item as __rt::Select<#on>>::NODES,
                <#item as __rt::Select<#on>>::DEPTH,
                #max_nodes,
            );
        };
        quote! {
            #constants
            #[automatically_derived]
            impl __rt::Select<#on> for #item {
                #nodes
                #connections
                const SELECTION: __rt::Selection = #selected;
                fn read(
                    decoder: &mut __rt::Decoder<'_>,
                ) -> ::core::result::Result<Self, __rt::DecodeError> {
                    #read
                }
            }
            #node
            #operation
            #expected
            const _: () = { #checks #limits };
        }
    }

    /// The implementation of `Preflight`.
    fn expected(&self, selection: &Selection, on: &TokenStream) -> TokenStream {
        let item = self.item;
        let expected = if selection.is_object && !self.ty.is_root() && !self.ty.is_abstract() {
            quote!(type Kind = __rt::ObjectPreflight<#on>;)
        } else {
            let (name, on_name) = (item.unraw().to_string(), &self.ty.name);
            let declarations = match self.ty.is_root() {
                true => quote!(<Self as __rt::Operation>::DECLARATIONS),
                false => quote!(&[]),
            };
            quote! {
                type Kind = __rt::OwnPreflight;
                const EXPECTED: __rt::Expected = __rt::Expected::Selection {
                    rust: #name,
                    on: #on_name,
                    selection: &<Self as __rt::Select<#on>>::SELECTION,
                    variables: #declarations,
                };
            }
        };
        quote! {
            #[automatically_derived]
            impl __rt::Preflight for #item {
                #expected
            }
        }
    }

    /// The implementation of `Fetch`, for `node(id:)`.
    pub(crate) fn node(&self, on: &TokenStream) -> TokenStream {
        if !matches!(self.ty.kind, TypeKind::Node | TypeKind::AnyNode) {
            return TokenStream::new();
        }
        let (item, name) = (self.item, &self.ty.name);
        let lookup = match self.ty.kind {
            TypeKind::AnyNode => quote!(__rt::check_parent(#name, #name, <#on>::NODE)),
            _ => quote!(<#on as __rt::Fetch>::LOOKUP),
        };
        quote! {
            #[automatically_derived]
            impl __rt::Fetch for #item {
                type Record = #on;
                const TYPE: &'static str = #name;
                const LOOKUP: &'static __rt::NodeLookup = #lookup;
            }
        }
    }
}

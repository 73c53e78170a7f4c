//! Fallback implementations, emitted with errors so that uses of the type cause no further ones.

use crate::context::{Context, Selection};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Type};

impl Context<'_> {
    /// The checks of fields without errors.
    pub(crate) fn checks(&self, Selection { constants, .. }: &Selection) -> TokenStream {
        let sdk = &self.sdk;
        quote! {
            #[allow(dead_code, unused_imports, unused_parens, unused_qualifications, deprecated, reason = "generated code")]
            const _: () = {
                use #sdk::__private as __rt;
                use __rt::{NotLeaf as _, NotSelection as _};
                #constants
            };
        }
    }

    pub(crate) fn fallback(&self, input: &DeriveInput) -> TokenStream {
        // The compiler reports a type that holds itself.
        if holds_itself(input) {
            return TokenStream::new();
        }
        let on = self.generated(&self.ty.rust);
        let mut more = TokenStream::new();
        if input.generics.params.is_empty() {
            more.extend(self.node(&on));
            more.extend(self.operation(&[]));
        }
        let (generics, arguments, clause) = input.generics.split_for_impl();
        let item = &input.ident;
        fallback(&self.sdk, &quote!(impl #generics __rt::Select<#on> for #item #arguments #clause), &more)
    }
}

/// The fallback for an unknown type of the schema: a selection on every type.
pub(crate) fn fallback_for_any_type(sdk: &Ident, item: TokenStream) -> TokenStream {
    let Ok(input) = syn::parse2::<DeriveInput>(item) else { return TokenStream::new() };
    if holds_itself(&input) || !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let item = &input.ident;
    let node = quote! {
        #[automatically_derived]
        impl __rt::Fetch for #item {
            type Record = ();
            const TYPE: &'static str = "";
        }
    };
    fallback(sdk, &quote!(impl<On> __rt::Select<On> for #item), &node)
}

fn fallback(sdk: &Ident, header: &TokenStream, more: &TokenStream) -> TokenStream {
    quote! {
        const _: () = {
            use #sdk::__private as __rt;
            #[automatically_derived]
            #header {
                const NODES: u64 = 1;
                const CONNECTIONS: u64 = 0;
                const SELECTION: __rt::Selection = __rt::Selection::Leaf;
                fn read(
                    _: &mut __rt::Decoder<'_>,
                ) -> ::core::result::Result<Self, __rt::DecodeError> {
                    ::core::unreachable!("this does not compile")
                }
            }
            #more
        };
    }
}

fn holds_itself(input: &DeriveInput) -> bool {
    match &input.data {
        Data::Struct(data) => data
            .fields
            .iter()
            .any(|field| matches!(&field.ty, Type::Path(ty) if ty.path.is_ident(&input.ident))),
        _ => false,
    }
}

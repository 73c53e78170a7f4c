//! Fallback implementations, emitted with errors so that uses of the type cause no further ones.

use crate::context::{Context, block};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Type};

impl Context<'_> {
    pub(crate) fn fallback(&self, input: &DeriveInput) -> Option<TokenStream> {
        let on = self.generated(&self.ty.rust);
        let mut more = TokenStream::new();
        if input.generics.params.is_empty() {
            more.extend(self.node(&on));
            more.extend(self.operation(&[]));
        }
        let (generics, arguments, clause) = input.generics.split_for_impl();
        let item = &input.ident;
        fallback(input, quote!(impl #generics __rt::Select<#on> for #item #arguments #clause), more)
    }
}

/// The fallback for an unknown type of the schema: a selection on every type.
pub(crate) fn fallback_for_any_type(sdk: &Ident, item: TokenStream) -> Option<TokenStream> {
    let input: DeriveInput =
        syn::parse2(item).ok().filter(|input: &DeriveInput| input.generics.params.is_empty())?;
    let item = &input.ident;
    let node = quote! {
        #[automatically_derived]
        impl __rt::Fetch for #item {
            type Record = ();
            const TYPE: &'static str = "";
        }
    };
    fallback(&input, quote!(impl<On> __rt::Select<On> for #item), node).map(|content| block(sdk, &content))
}

fn fallback(input: &DeriveInput, header: TokenStream, more: TokenStream) -> Option<TokenStream> {
    // The compiler reports a type that holds itself.
    let is_itself = |ty: &Type| matches!(ty, Type::Path(ty) if ty.path.is_ident(&input.ident));
    let holds_itself =
        matches!(&input.data, Data::Struct(data) if data.fields.iter().any(|field| is_itself(&field.ty)));
    let item = &input.ident;
    let expected = input.generics.params.is_empty().then(|| {
        quote! {
            #[automatically_derived]
            impl __rt::Preflight for #item {
                type Kind = __rt::OwnPreflight;
                const EXPECTED: __rt::Expected = __rt::Expected::All(&[]);
            }
        }
    });
    (!holds_itself).then(|| {
        quote! {
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
            #expected
        }
    })
}

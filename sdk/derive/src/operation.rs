//! Selections on `Query` and `Mutation`: operations, with their variables.

use crate::constant::Variable;
use crate::context::{Context, below};
use crate::rust_type::{call, format_tokens};
use crate::schema::{WrappedType, rust_wrappers};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

impl Context<'_> {
    /// The implementation of `Operation`.
    pub(crate) fn operation(&self, variables: &[Variable]) -> TokenStream {
        if !self.ty.is_root() {
            return TokenStream::new();
        }
        let item = self.item;
        let name = item.unraw().to_string();
        let path = self.options.variables.as_ref();
        let ty = path.map_or_else(|| quote!(()), Path::to_token_stream);
        let holder = path.map(|path| format_tokens(path.to_token_stream())).unwrap_or_default();
        let holder_span = path.map_or_else(Span::call_site, Spanned::span);
        let holder_type = quote_spanned!(holder_span=> type Variables = #ty;);
        let given = Ident::new("variables", Span::mixed_site());
        let (mut declarations, mut checks, mut values) = (Vec::new(), Vec::new(), TokenStream::new());
        for variable in variables {
            let nullable = variable.ty.is_nullable();
            let marker = if nullable { quote!(Nullable) } else { quote!(NonNull) };
            let wrappers = variable.ty.wrappers() >> if nullable { 2 } else { 0 };
            let wanted = self.input_type(&variable.rust, wrappers);
            let (open, close) = rust_wrappers(wrappers);
            let Variable { name, ty: WrappedType(in_schema), rust, ident } = variable;
            let field = variable.field();
            let span = ident.span();
            let value =
                quote_spanned!(span=> __rt::AsVariable::<#wanted, __rt::#marker, _>::new(#given.#field));
            let or = if nullable { ", or an `Option` of it," } else { "" };
            let message = format!(
                "`${name}` is for an argument of type `{in_schema}`: declare `{name}: {open}{rust}{close}`{or} in \
                 `{holder}`"
            );
            let arguments = quote!(__rt::fits(|#given: #ty| #value.fits()), #message);
            let check = call("check", (span, span), arguments);
            declarations.push(quote!((#name, #in_schema)));
            checks.push(quote!(const _: () = #check;));
            values.extend(quote!(.with(#name, #value.into_value())));
        }
        quote! {
            use __rt::NotVariable as _;
            #(#checks)*
            #[automatically_derived]
            impl __rt::Operation for #item {
                #holder_type
                const NAME: &'static str = #name;
                const DECLARATIONS: &'static [(&'static str, &'static str)] = &[#(#declarations),*];
                fn variables(#given: #ty) -> __rt::InputObject {
                    let _ = &#given;
                    __rt::InputObject::new() #values
                }
            }
        }
    }

    fn input_type(&self, rust: &str, wrappers: u32) -> TokenStream {
        if wrappers > 0 {
            let inner = self.input_type(rust, wrappers >> 2);
            let wrapper = match wrappers & 3 {
                1 => quote!(::core::option::Option),
                _ => quote!(::std::vec::Vec),
            };
            return quote!(#wrapper<#inner>);
        }
        match rust {
            "String" => quote!(::std::string::String),
            "bool" | "i64" | "f64" => below(quote!(::core::primitive), rust),
            "Id" | "Decimal" | "Date" | "TimeOfDay" | "Timestamp" | "Json" => below(quote!(__rt), rust),
            rust => self.generated(rust),
        }
    }
}

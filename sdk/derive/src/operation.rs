//! Selections on `Query` and `Mutation`: operations, with their variables.

use crate::constant::Variable;
use crate::context::Context;
use crate::rust_type::{format_tokens, group};
use crate::schema::rust_wrappers;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
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
        let ty = self.options.variables.as_ref().map_or_else(|| quote!(()), Path::to_token_stream);
        let mut unique: Vec<&Variable> = Vec::new();
        for variable in variables {
            if unique.iter().all(|other| other.name() != variable.name()) {
                unique.push(variable);
            }
        }
        let declarations = unique.iter().map(|variable| {
            let (name, ty) = (variable.name(), &variable.ty.0);
            quote!((#name, #ty))
        });
        let given = Ident::new("variables", Span::mixed_site());
        let holder = self.options.variables.as_ref().map(|path| {
            let mut holder = String::new();
            format_tokens(path.to_token_stream(), &mut holder);
            holder
        });
        let holder_span = self.options.variables.as_ref().map_or_else(Span::call_site, Spanned::span);
        let holder_type = quote_spanned!(holder_span=> type Variables = #ty;);
        let mut checks = TokenStream::new();
        let mut values = TokenStream::new();
        for variable in &unique {
            let nullable = variable.ty.is_nullable();
            let marker = if nullable { quote!(Nullable) } else { quote!(NonNull) };
            let wrappers = variable.ty.wrappers() >> if nullable { 2 } else { 0 };
            let wanted = self.input_type(&variable.rust, wrappers);
            let (open, close) = rust_wrappers(wrappers);
            let (name, in_schema, rust) = (variable.name(), &variable.ty.0, &variable.rust);
            let field = variable.field();
            let span = variable.ident.span();
            let value =
                quote_spanned!(span=> __rt::AsVariable::<#wanted, __rt::#marker, _>::new(#given.#field));
            let fits = quote!(__rt::fits(|#given: #ty| #value.fits()));
            let or = if nullable { ", or an `Option` of it," } else { "" };
            let message = format!(
                "`${name}` is for an argument of type `{in_schema}`: declare `{name}: {open}{rust}{close}`{or} in \
                 `{}`",
                holder.as_deref().unwrap_or_default(),
            );
            let check = quote_spanned!(span=> __rt::check);
            let call = group(span, quote!(#fits, #message));
            checks.extend(quote!(const _: () = #check #call;));
            values.extend(quote!(.with(#name, #value.into_value())));
        }
        let traits = (!values.is_empty()).then(|| {
            quote!(
                use __rt::NotVariable as _;
            )
        });
        quote! {
            #traits
            #checks
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
        match wrappers & 3 {
            1 => {
                let inner = self.input_type(rust, wrappers >> 2);
                quote!(::core::option::Option<#inner>)
            }
            2 => {
                let inner = self.input_type(rust, wrappers >> 2);
                quote!(::std::vec::Vec<#inner>)
            }
            _ => match rust {
                "String" => quote!(::std::string::String),
                "bool" | "i64" | "f64" => {
                    let name = format_ident!("{rust}");
                    quote!(::core::primitive::#name)
                }
                "Id" | "Decimal" | "Date" | "TimeOfDay" | "Timestamp" | "Json" => {
                    let name = format_ident!("{rust}");
                    quote!(__rt::#name)
                }
                rust => self.generated(rust),
            },
        }
    }
}

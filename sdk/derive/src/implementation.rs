//! The last step: the item is checked against the description of its type, and implemented.

use crate::argument::Variable;
use crate::attribute::{Home, Options};
use crate::schema::{Kind, Type};
use crate::stage::{error, parts};
use crate::{object, variants};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Data, DeriveInput, Error, Path};

/// What a selection is made of, whatever item it is on.
pub(crate) struct Selection<'a> {
    /// Constants: the fields and their checks.
    pub(crate) constants: TokenStream,
    /// `rt::Selection`
    pub(crate) selection: TokenStream,
    /// How often each part occurs in one record, and its constant.
    pub(crate) counted: Vec<(u64, Ident)>,
    /// The connections of the item itself.
    pub(crate) connections: u64,
    /// The body of `read`.
    pub(crate) read: TokenStream,
    pub(crate) variables: Vec<Variable<'a>>,
}

/// What every part of the implementation is written with.
pub(crate) struct Context<'a> {
    /// The crate that holds the generated types.
    pub(crate) sdk: Ident,
    pub(crate) ty: &'a Type<'a>,
    pub(crate) item: &'a Ident,
    pub(crate) options: &'a Options,
}

impl Context<'_> {
    /// The generated type with this Rust path.
    pub(crate) fn generated(&self, path: &str) -> TokenStream {
        let sdk = &self.sdk;
        let segments = path.split("::").map(|segment| format_ident!("{segment}"));
        quote!(#sdk #(::#segments)*)
    }
}

pub(crate) fn select_fields(input: TokenStream) -> TokenStream {
    let Some((sdk, text, item)) = parts(input) else {
        return error(Span::call_site(), "this macro is for `#[derive(Select)]` alone");
    };
    let Some(ty) = Type::parse(&text) else {
        return error(
            Span::call_site(),
            "this version of the derive does not understand the SDK: use the one that the SDK exports",
        );
    };
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let options = match Options::parse(&input.attrs, Home::Type) {
        Ok(options) => options,
        Err(error) => return error.into_compile_error(),
    };
    let context = Context { sdk, ty: &ty, item: &input.ident, options: &options };
    let mut errors = Vec::new();
    let selection = context.selection(&input, &mut errors);
    match selection {
        Some(selection) if errors.is_empty() => context.implementation(&selection),
        _ => {
            let errors = errors.iter().map(Error::to_compile_error);
            let stub = context.stub(&input);
            quote! { #(#errors)* #stub }
        }
    }
}

impl<'a> Context<'a> {
    fn selection(&self, input: &DeriveInput, errors: &mut Vec<Error>) -> Option<Selection<'a>> {
        if let Some(parameter) = input.generics.params.first() {
            let message = "a selection has no parameters: the schema decides all of its types";
            errors.push(Error::new_spanned(parameter, message));
            return None;
        }
        if let Some(variables) = self.options.variables.as_ref().filter(|_| !self.ty.is_root()) {
            let message = "only a selection on `Query` or `Mutation` has variables";
            errors.push(Error::new_spanned(variables, message));
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

    fn implementation(&self, selection: &Selection<'_>) -> TokenStream {
        let Selection { constants, selection: selected, counted, connections, read, variables } = selection;
        let (sdk, item) = (&self.sdk, self.item);
        let on = self.generated(self.ty.rust);
        let own = u64::from(!self.ty.is_root());
        let nodes = counted.iter().map(|(times, part)| {
            // A single object is part of its record, a connection's nodes are not.
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
                stringify!(#item),
                <#item as __rt::Select<#on>>::NODES,
                <#item as __rt::Select<#on>>::DEPTH,
            );
        };
        quote! {
            #[allow(non_upper_case_globals, unused_imports, clippy::all, reason = "this is not the user's code")]
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

    /// That `node(id:)` can return it.
    fn node(&self, on: &TokenStream) -> TokenStream {
        if !matches!(self.ty.kind, Kind::Node | Kind::AnyNode) {
            return TokenStream::new();
        }
        let (item, name) = (self.item, self.ty.name);
        quote! {
            #[automatically_derived]
            impl __rt::Fetch for #item {
                type Record = #on;
                const TYPE: &'static str = #name;
            }
        }
    }

    /// That it can be sent by itself.
    fn operation(&self, variables: &[Variable<'_>]) -> TokenStream {
        if !self.ty.is_root() {
            return TokenStream::new();
        }
        let item = self.item;
        let name = item.to_string();
        let ty = self.options.variables.as_ref().map_or_else(|| quote!(()), Path::to_token_stream);
        let mut unique: Vec<&Variable<'_>> = Vec::new();
        for variable in variables {
            if unique.iter().all(|other| other.ident != variable.ident) {
                unique.push(variable);
            }
        }
        let declarations = unique.iter().map(|variable| {
            let (name, ty) = (variable.name(), variable.ty.0);
            quote!((#name, #ty))
        });
        let given = Ident::new("variables", Span::mixed_site());
        let values = unique.iter().map(|variable| {
            let (Variable { ident, ty, rust }, name) = (variable, variable.name());
            let nullable = if ty.is_nullable() { quote!(Nullable) } else { quote!(NonNull) };
            let wrappers = if ty.is_nullable() { ty.wrappers() >> 2 } else { ty.wrappers() };
            let wanted = self.input_type(rust, wrappers);
            quote_spanned! {ident.span()=>
                .with(#name, __rt::IntoInput::<#wanted, __rt::#nullable>::into_input(#given.#ident))
            }
        });
        quote! {
            #[automatically_derived]
            impl __rt::Operation for #item {
                type Variables = #ty;
                const NAME: &'static str = #name;
                const DECLARATIONS: &'static [(&'static str, &'static str)] = &[#(#declarations),*];
                fn variables(#given: #ty) -> __rt::InputObject {
                    let _ = &#given;
                    __rt::InputObject::new() #(#values)*
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

    /// An implementation beside errors, so that they are all that is reported.
    fn stub(&self, input: &DeriveInput) -> TokenStream {
        let (sdk, item) = (&self.sdk, self.item);
        let on = self.generated(self.ty.rust);
        let (generics, arguments, clause) = input.generics.split_for_impl();
        let node = self.node(&on);
        let node = if input.generics.params.is_empty() { node } else { TokenStream::new() };
        let operation =
            if input.generics.params.is_empty() { self.operation(&[]) } else { TokenStream::new() };
        quote! {
            const _: () = {
                use #sdk::__private as __rt;
                #[automatically_derived]
                impl #generics __rt::Select<#on> for #item #arguments #clause {
                    const NODES: u64 = 1;
                    const CONNECTIONS: u64 = 0;
                    const SELECTION: __rt::Selection = __rt::Selection::Leaf;
                    fn read(
                        _: &mut __rt::Decoder<'_>,
                    ) -> ::core::result::Result<Self, __rt::DecodeError> {
                        ::core::unreachable!("this does not compile")
                    }
                }
                #node
                #operation
            };
        }
    }
}

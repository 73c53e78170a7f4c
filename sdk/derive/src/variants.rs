//! Selections on interfaces and unions, which are enums.

use crate::attribute::{Options, VARIANT};
use crate::context::{Context, Selection};
use crate::deprecation::Deprecated;
use crate::rust_type::{call, format_tokens, spans};
use crate::suggest::{self, Errors, nearest};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{DataEnum, Error, Fields, Type, Variant};

#[derive(Default)]
struct Variants {
    parts: Selection,
    selected: Vec<TokenStream>,
    arms: Vec<TokenStream>,
    types: Vec<String>,
    /// The arm for other types.
    other: Option<TokenStream>,
}

pub(crate) fn selection(
    context: &Context<'_>,
    data: &DataEnum,
    errors: &mut Errors,
) -> syn::Result<Selection> {
    let (item, ty) = (context.item, context.ty);
    let on = &ty.name;
    if !ty.is_abstract() {
        let message = format!("`{on}` is not an interface or a union: a selection on it is a struct");
        return Err(Error::new(item.span(), message));
    }
    let mut this = Variants::default();
    for (index, variant) in data.variants.iter().enumerate() {
        if let Err(error) = this.add(context, index, variant, errors) {
            errors.0.push(error);
        }
    }
    let names = ty.possible.iter().map(|(name, _)| name.as_str());
    let missing: Vec<_> = names.filter(|name| !this.types.iter().any(|ty| ty == name)).collect();
    let (listed, is_valid) = (listed(&missing), errors.0.is_empty());
    match (context.options.flag("exhaustive"), &this.other) {
        (Some(span), Some(_)) => errors.push(
            span,
            "an enum with a variant `other` covers every type: remove `exhaustive`, or the variant",
        ),
        (Some(_), None) if !missing.is_empty() && is_valid => {
            let add = if missing.len() == 1 { "a variant for it" } else { "variants for them" };
            errors.push(item.span(), format!("`{on}` can also be {listed}: add {add}"));
        }
        (None, None) if is_valid => {
            let which = if missing.is_empty() { "a type that the schema does not have yet" } else { &listed };
            let message = format!(
                "`{on}` can also be {which}: add `#[select(other)] Other` for the rest, or `#[select(exhaustive)]` on the enum if another type is an error"
            );
            errors.push(item.span(), message);
        }
        _ => {}
    }
    Ok(this.finish(context))
}

/// The first names, for a message.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 4;
    let shown = suggest::listed(names.iter().copied().take(SHOWN));
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        1 => format!("{shown} and 1 more type"),
        more => format!("{shown} and {more} more types"),
    }
}

impl Variants {
    fn add(
        &mut self,
        context: &Context<'_>,
        index: usize,
        variant: &Variant,
        errors: &mut Errors,
    ) -> syn::Result<()> {
        let before = errors.0.len();
        let options = Options::parse(&variant.attrs, VARIANT, errors);
        if errors.0.len() > before {
            return Ok(());
        }
        let ident = &variant.ident;
        if let Some(span) = options.flag("other") {
            if let Some(name) = options.rename {
                let message = "the variant for other types can have any name: remove `rename`";
                return Err(Error::new(name.span(), message));
            }
            if self.other.is_some() {
                return Err(Error::new(span, "a second variant `other`: remove one"));
            }
            self.other = Some(other(variant)?);
            return Ok(());
        }
        let (name, span) = options.name(ident);
        let possible = &context.ty.possible;
        let Some((name, rust)) = possible.iter().find(|(possible, _)| *possible == name) else {
            let hint = match nearest(&name, possible.iter().map(|(name, _)| name.as_str())) {
                Some(name) => format!("; did you mean `{name}`?"),
                None => ": mark a variant for other types with `#[select(other)]`".to_owned(),
            };
            let message = format!("`{name}` is not one of the types of `{}`{hint}", context.ty.name);
            return Err(Error::new(span, message));
        };
        if self.types.contains(name) {
            return Err(Error::new(span, format!("a second variant for `{name}`: remove one")));
        }
        self.types.push(name.clone());
        if let Some((_, reason)) = context.ty.deprecated.iter().find(|(deprecated, _)| deprecated == name) {
            let deprecated = Deprecated::new(&context.ty.rust, name, reason, span);
            self.parts.deprecated.push(deprecated.at(&variant.attrs));
        }
        let Some(ty) = only_type(variant) else {
            let message = format!(
                "a variant holds a selection on its type: write `{ident}(..)` with a selection on `{name}`"
            );
            return Err(Error::new(ident.span(), message));
        };
        let part = format_ident!("F{index}");
        let on = context.generated(rust);
        let prefix = format!("{name}_");
        let text = format_tokens(ty.to_token_stream());
        let message = format!(
            "`{text}` is not a selection on `{name}`: write one with `#[derive(Select)]` and `#[select(on = {name})]`"
        );
        let fits = call("check", spans(ty), quote!(#part.fits, #message));
        let message =
            format!("a variant holds the selection on `{name}` itself, without `Option` or `Vec` around it");
        let is_bare = call("check", spans(ty), quote!(#part.wrappers == 0, #message));
        self.parts.constants.extend(quote! {
            const #part: __rt::Part<#ty> = __rt::AsSelection::<#on, #ty>::OBJECT;
            const _: () = #fits;
            const _: () = #is_bare;
        });
        self.selected.push(quote!((#name, #prefix, #part.selection)));
        self.arms.push(quote! {
            #name => {
                decoder.prefixed(#prefix);
                (#part.read)(decoder).map(Self::#ident)
            }
        });
        self.parts.counted.push((0, part));
        Ok(())
    }

    fn finish(self, context: &Context<'_>) -> Selection {
        let Self { parts, selected, arms, other, .. } = self;
        let on = &context.ty.name;
        let other = other.unwrap_or_else(
            || quote!(other => ::core::result::Result::Err(__rt::unexpected_type(#on, other))),
        );
        let read = quote! {
            let typename = decoder.typename(#on)?;
            match typename.as_str() {
                #(#arms)*
                #other
            }
        };
        Selection { selection: quote!(__rt::Selection::Variants(&[#(#selected),*])), read, ..parts }
    }
}

/// The type that a variant holds.
fn only_type(variant: &Variant) -> Option<&Type> {
    match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first().map(|field| &field.ty),
        _ => None,
    }
}

/// The arm for types without a variant.
fn other(variant: &Variant) -> syn::Result<TokenStream> {
    let ident = &variant.ident;
    let is_text =
        |ty: &Type| matches!(ty.to_token_stream().to_string().rsplit([' ', ':']).next(), Some("String"));
    match (&variant.fields, only_type(variant)) {
        (Fields::Unit, _) => Ok(quote!(_ => decoder.skip().map(|()| Self::#ident))),
        (_, Some(ty)) if is_text(ty) => Ok(quote!(_ => decoder.skip().map(|()| Self::#ident(typename)))),
        _ => {
            let message = format!(
                "the variant for other types is empty, `{ident}`, or holds the name of the type, `{ident}(String)`"
            );
            Err(Error::new(ident.span(), message))
        }
    }
}

//! Selections on interfaces and unions, which are enums.

use crate::attribute::{Options, Target};
use crate::context::{Context, Selection};
use crate::rust_type::{format_tokens, group, spans};
use crate::suggest::nearest;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{DataEnum, Error, Fields, Type, Variant};

#[derive(Default)]
struct Variants {
    constants: TokenStream,
    selected: Vec<TokenStream>,
    arms: Vec<TokenStream>,
    parts: Vec<Ident>,
    types: Vec<String>,
    /// The arm for other types.
    other: Option<TokenStream>,
}

pub(crate) fn selection(
    context: &Context<'_>,
    data: &DataEnum,
    errors: &mut Vec<Error>,
) -> Option<Selection> {
    let (item, ty) = (context.item, context.ty);
    if !ty.is_abstract() {
        let message = format!("`{}` is not an interface or a union: a selection on it is a struct", ty.name);
        errors.push(Error::new(item.span(), message));
        return None;
    }
    let mut this = Variants::default();
    for (index, variant) in data.variants.iter().enumerate() {
        if let Err(error) = this.add(context, index, variant, errors) {
            errors.push(error);
        }
    }
    let missing: Vec<_> = ty
        .possible
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !this.types.iter().any(|ty| ty == name))
        .collect();
    match (context.options.exhaustive, &this.other) {
        (Some(span), Some(_)) => errors.push(Error::new(
            span,
            "an enum with a variant `other` covers every type: remove `exhaustive`, or the variant",
        )),
        (Some(_), None) if !missing.is_empty() && errors.is_empty() => {
            errors.push(Error::new(
                item.span(),
                format!(
                    "`{}` can also be {}: add {}",
                    ty.name,
                    listed(&missing),
                    if missing.len() == 1 { "a variant for it" } else { "variants for them" }
                ),
            ));
        }
        (None, None) if errors.is_empty() => {
            let which = match missing.as_slice() {
                [] => "a type that the schema does not have yet".to_owned(),
                missing => listed(missing),
            };
            let message = format!(
                "`{}` can also be {which}: add `#[select(other)] Other` for the rest, or `#[select(exhaustive)]` on the enum if another type is an error",
                ty.name
            );
            errors.push(Error::new(item.span(), message));
        }
        _ => {}
    }
    Some(this.finish(context))
}

/// The first names, for a message.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(SHOWN);
    match more {
        0 => shown.join(", "),
        1 => format!("{} and 1 more type", shown.join(", ")),
        more => format!("{} and {more} more types", shown.join(", ")),
    }
}

impl Variants {
    fn add(
        &mut self,
        context: &Context<'_>,
        index: usize,
        variant: &Variant,
        errors: &mut Vec<Error>,
    ) -> syn::Result<()> {
        let before = errors.len();
        let options = Options::parse(&variant.attrs, Target::Variant, errors);
        if errors.len() > before {
            return Ok(());
        }
        let ident = &variant.ident;
        if let Some(span) = options.other {
            if let Some(name) = options.rename {
                return Err(Error::new(
                    name.span(),
                    "the variant for other types can have any name: remove `rename`",
                ));
            }
            if self.other.is_some() {
                return Err(Error::new(span, "a second variant `other`: remove one"));
            }
            self.other = Some(other(variant)?);
            return Ok(());
        }
        let (name, span) = match &options.rename {
            Some(name) => (name.value(), name.span()),
            None => (ident.unraw().to_string(), ident.span()),
        };
        let possible = &context.ty.possible;
        let Some((name, rust)) = possible.iter().find(|(possible, _)| *possible == name) else {
            let hint = match nearest(&name, possible.iter().map(|(name, _)| name.as_str())) {
                Some(name) => format!("; did you mean `{name}`?"),
                None => ": mark a variant for other types with `#[select(other)]`".to_owned(),
            };
            return Err(Error::new(
                span,
                format!("`{name}` is not one of the types of `{}`{hint}", context.ty.name),
            ));
        };
        if self.types.contains(name) {
            return Err(Error::new(span, format!("a second variant for `{name}`: remove one")));
        }
        self.types.push(name.clone());
        let Some(ty) = only_type(variant) else {
            return Err(Error::new(
                ident.span(),
                format!(
                    "a variant holds a selection on its type: write `{ident}(..)` with a selection on `{name}`"
                ),
            ));
        };
        let part = format_ident!("F{index}");
        let on = context.generated(rust);
        let prefix = format!("{name}_");
        let mut text = String::new();
        format_tokens(ty.to_token_stream(), &mut text);
        let (first, last) = spans(ty);
        let check = quote_spanned!(first=> __rt::check);
        let message = format!(
            "`{text}` is not a selection on `{name}`: write one with `#[derive(Select)]` and `#[select(on = {name})]`"
        );
        let fits = group(last, quote!(#part.fits, #message));
        let message =
            format!("a variant holds the selection on `{name}` itself, without `Option` or `Vec` around it");
        let is_bare = group(last, quote!(#part.wrappers == 0, #message));
        self.constants.extend(quote! {
            const #part: __rt::Part<#ty> = __rt::AsSelection::<#on, #ty>::OBJECT;
            const _: () = #check #fits;
            const _: () = #check #is_bare;
        });
        self.selected.push(quote!((#name, #prefix, #part.selection)));
        self.arms.push(quote! {
            #name => {
                decoder.prefixed(#prefix);
                (#part.read)(decoder).map(Self::#ident)
            }
        });
        self.parts.push(part);
        Ok(())
    }

    fn finish(self, context: &Context<'_>) -> Selection {
        let Self { constants, selected, arms, parts, other, .. } = self;
        let on = &context.ty.name;
        let other = other.unwrap_or_else(
            || quote!(other => ::core::result::Result::Err(__rt::unexpected_type(#on, other))),
        );
        Selection {
            constants,
            selection: quote!(__rt::Selection::Variants(&[#(#selected),*])),
            counted: parts.into_iter().map(|part| (0, part)).collect(),
            connections: 0,
            read: quote! {
                let typename = decoder.typename(#on)?;
                match typename.as_str() {
                    #(#arms)*
                    #other
                }
            },
            variables: Vec::new(),
        }
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
        _ => Err(Error::new(
            ident.span(),
            format!(
                "the variant for other types is empty, `{ident}`, or holds the name of the type, `{ident}(String)`"
            ),
        )),
    }
}

//! Dispatch to the macro of the selected type. The schema is not known yet, tokens pass unchanged.

use crate::declaration::words;
use crate::fallback::fallback_for_any_type;
use crate::suggest::nearest;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Visibility};

/// `#[derive(Select)]`: calls the SDK.
pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    let (attributes, _) = header(input.clone())?;
    let path = match option(&attributes, "crate") {
        None => quote!(::xurrent),
        Some((key, path)) => match path.clone().into_iter().next() {
            Some(TokenTree::Ident(_) | TokenTree::Punct(_)) => path,
            _ => {
                let message = "write the path of the SDK, without quotes: `crate = xurrent`";
                return Err(Error::new(key, message));
            }
        },
    };
    Ok(quote! { #path::__select! { #input } })
}

/// `$crate [Account, Address, ..] { settings } struct ..`: calls the macro of the type that is selected on.
pub(crate) fn select_type(input: TokenStream) -> syn::Result<TokenStream> {
    let (sdk, names, item) = parts(input)?;
    let (settings, item) = settings(item);
    let header = header(item.clone())?;
    Ok(match selected_type(&header, &names.to_string()) {
        Ok(on) => {
            let select = format_ident!("__select_{on}");
            quote! { #sdk::#select! { #sdk #settings #item } }
        }
        Err(error) => {
            let error = error.into_compile_error();
            let fallback = fallback_for_any_type(&sdk, item);
            quote!(#error #fallback)
        }
    })
}

fn selected_type((attributes, name): &(Vec<Attribute>, Ident), names: &str) -> syn::Result<String> {
    let Some((key, value)) = option(attributes, "on") else {
        let message = "name the type of the schema to select from: `#[select(on = Person)]`";
        return Err(Error::new(name.span(), message));
    };
    let Some(TokenTree::Ident(on)) = value.clone().into_iter().next() else {
        return Err(Error::new(key, "write the name of a type of the schema: `on = Person`"));
    };
    if value.into_iter().count() > 1 {
        let message = "write the GraphQL name of the type alone, without a path: `on = Person`";
        return Err(Error::new(on.span(), message));
    }
    let on_text = on.to_string();
    if !words(names).any(|name| name == on_text) {
        let hint = match nearest(&on_text, words(names)) {
            Some(name) => format!("; did you mean `{name}`?"),
            None => "; records, interfaces, payloads, `Query` and `Mutation` can be selected on".to_owned(),
        };
        let message = format!("the schema has no type `{on_text}` to select from{hint}");
        return Err(Error::new(on.span(), message));
    }
    Ok(on_text)
}

/// The attributes and the name of an item. Its content is not parsed here: that takes most of the time.
fn header(item: TokenStream) -> syn::Result<(Vec<Attribute>, Ident)> {
    let mut tokens = item.into_iter();
    let is_keyword = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "struct" || ident == "enum" || ident == "union");
    let attributes: TokenStream = tokens.by_ref().take_while(|token| !is_keyword(token)).collect();
    let read = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>().map(|_| attributes)
    };
    Ok((read.parse2(attributes)?, syn::parse2(tokens.take(1).collect())?))
}

/// An option of the item itself, `name = value`: the span of the name, and the value.
fn option(attributes: &[Attribute], name: &str) -> Option<(Span, TokenStream)> {
    let attributes = attributes.iter().filter(|attribute| attribute.path().is_ident("select"));
    attributes.filter_map(|attribute| attribute.meta.require_list().ok()).find_map(|list| {
        let tokens: Vec<TokenTree> = ungrouped(list.tokens.clone()).into_iter().collect();
        let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
        tokens.split(is_comma).find_map(|option| match option {
            [TokenTree::Ident(key), TokenTree::Punct(equals), value @ ..]
                if key == name && equals.as_char() == '=' =>
            {
                Some((key.span(), value.iter().cloned().collect()))
            }
            _ => None,
        })
    })
}

/// Tokens without the invisible groups that macros put around fragments such as `$meta:meta`.
fn ungrouped(tokens: TokenStream) -> TokenStream {
    let visible = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => ungrouped(group.stream()),
        token => token.into(),
    };
    tokens.into_iter().map(visible).collect::<Vec<TokenStream>>().into_iter().collect()
}

/// What stands in braces before an item: the settings of the SDK, if it has any.
pub(crate) fn settings(input: TokenStream) -> (Option<Group>, TokenStream) {
    let mut tokens = input.clone().into_iter();
    match tokens.next() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            (Some(group), tokens.collect())
        }
        _ => (None, input),
    }
}

/// The input from a macro of the SDK: the SDK itself, the content of a group, and the item.
pub(crate) fn parts(input: TokenStream) -> syn::Result<(Ident, TokenStream, TokenStream)> {
    let mut tokens = input.into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(sdk)), Some(TokenTree::Group(group))) => {
            Ok((sdk, group.stream(), tokens.collect()))
        }
        _ => Err(Error::new(Span::call_site(), "this macro is private to `#[derive(Select)]`")),
    }
}

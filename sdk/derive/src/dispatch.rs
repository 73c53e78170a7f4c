//! Dispatch to the macro of the selected type. The schema is not known yet, tokens pass unchanged.

use crate::declaration;
use crate::fallback::fallback_for_any_type;
use crate::suggest::nearest;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::Error;

/// `#[derive(Select)]`: calls the SDK.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let path = option(&input, "crate");
    if let Some((key, path)) = &path
        && !matches!(path.clone().into_iter().next(), Some(TokenTree::Ident(_) | TokenTree::Punct(_)))
    {
        return error(*key, "write the path of the SDK, without quotes: `crate = xurrent`");
    }
    let path = path.map_or_else(|| quote!(::xurrent), |(_, value)| value);
    quote! { #path::__select! { #input } }
}

/// `$crate [Account, Address, ..] struct ..`: calls the macro of the type that is selected on.
pub(crate) fn select_type(input: TokenStream) -> TokenStream {
    let Some((sdk, names, item)) = parts(input) else {
        return error(Span::call_site(), "this macro is private to `#[derive(Select)]`");
    };
    match selected_type(&item, &declaration::names(names)) {
        Ok(on) => {
            let select = format_ident!("__select_{on}");
            quote! { #sdk::#select! { #sdk #item } }
        }
        Err(error) => {
            let error = error.into_compile_error();
            let fallback = fallback_for_any_type(&sdk, item);
            quote!(#error #fallback)
        }
    }
}

fn selected_type(item: &TokenStream, names: &[String]) -> syn::Result<String> {
    let Some((key, value)) = option(item, "on") else {
        let message = "name the type of the schema to select from: `#[select(on = Person)]`";
        return Err(Error::new(name(item), message));
    };
    let Some(TokenTree::Ident(on)) = value.clone().into_iter().next() else {
        return Err(Error::new(key, "write the name of a type of the schema: `on = Person`"));
    };
    if value.into_iter().count() > 1 {
        let message = "write the GraphQL name of the type alone, without a path: `on = Person`";
        return Err(Error::new(on.span(), message));
    }
    let on_text = on.to_string();
    if !names.contains(&on_text) {
        let hint = match nearest(&on_text, names.iter().map(String::as_str)) {
            Some(name) => format!("; did you mean `{name}`?"),
            None => "; records, interfaces, payloads, `Query` and `Mutation` can be selected on".to_owned(),
        };
        let message = format!("the schema has no type `{on_text}` to select from{hint}");
        return Err(Error::new(on.span(), message));
    }
    Ok(on_text)
}

/// An option of the item itself, `name = value`: the span of the name, and the value.
fn option(item: &TokenStream, name: &str) -> Option<(Span, TokenStream)> {
    let mut tokens = item.clone().into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let Some(TokenTree::Group(attribute)) = tokens.next() else { continue };
                let mut inner = ungrouped(attribute.stream()).into_iter();
                if let (Some(TokenTree::Ident(ident)), Some(TokenTree::Group(options))) =
                    (inner.next(), inner.next())
                    && ident == "select"
                    && let Some(found) = in_list(options.stream(), name)
                {
                    return Some(found);
                }
            }
            // The item itself begins.
            TokenTree::Ident(ident) if ident == "struct" || ident == "enum" || ident == "union" => {
                return None;
            }
            _ => {}
        }
    }
    None
}

/// Tokens without the invisible groups that macros put around fragments such as `$meta:meta`.
fn ungrouped(tokens: TokenStream) -> TokenStream {
    let visible = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => ungrouped(group.stream()),
        token => token.into(),
    };
    tokens.into_iter().map(visible).collect::<Vec<TokenStream>>().into_iter().collect()
}

fn in_list(options: TokenStream, name: &str) -> Option<(Span, TokenStream)> {
    let tokens: Vec<TokenTree> = ungrouped(options).into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    tokens.split(is_comma).find_map(|option| match option {
        [TokenTree::Ident(key), TokenTree::Punct(equals), value @ ..]
            if key == name && equals.as_char() == '=' =>
        {
            Some((key.span(), value.iter().cloned().collect()))
        }
        _ => None,
    })
}

/// The span of the item's name.
fn name(item: &TokenStream) -> Span {
    let mut tokens = item.clone().into_iter();
    while let Some(token) = tokens.next() {
        if let TokenTree::Ident(keyword) = &token
            && (keyword == "struct" || keyword == "enum" || keyword == "union")
            && let Some(TokenTree::Ident(name)) = tokens.next()
        {
            return name.span();
        }
    }
    Span::call_site()
}

/// A compile error at a span.
pub(crate) fn error(span: Span, message: &str) -> TokenStream {
    Error::new(span, message).into_compile_error()
}

/// The input from a macro of the SDK: the SDK itself, the content of a group, and the item.
pub(crate) fn parts(input: TokenStream) -> Option<(Ident, TokenStream, TokenStream)> {
    let mut tokens = input.into_iter();
    match (tokens.next()?, tokens.next()?) {
        (TokenTree::Ident(sdk), TokenTree::Group(group)) => Some((sdk, group.stream(), tokens.collect())),
        _ => None,
    }
}

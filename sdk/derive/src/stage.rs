//! The two steps before the schema is known. They pass the user's tokens on as they are.

use crate::declaration;
use crate::schema::nearest;
use crate::stub::stub_of_any;
use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
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

/// `$crate "Account Address .." struct ..`: calls the macro of the type that is selected on.
pub(crate) fn select_type(input: TokenStream) -> TokenStream {
    let Some((sdk, names, item)) = parts(input) else {
        return error(Span::call_site(), "this macro is for `#[derive(Select)]` alone");
    };
    match selected_type(&item, &names) {
        Ok(on) => {
            let select = format_ident!("__select_{on}");
            quote! { #sdk::#select! { #sdk #item } }
        }
        Err(error) => {
            let error = error.into_compile_error();
            let stub = stub_of_any(&sdk, item);
            quote!(#error #stub)
        }
    }
}

fn selected_type(item: &TokenStream, names: &str) -> syn::Result<String> {
    let Some((key, value)) = option(item, "on") else {
        let message = "say which type of the schema this selects from: `#[select(on = Person)]`";
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
    if !names.split(' ').any(|name| name == on_text) {
        let hint = match nearest(&on_text, names.split(' ')) {
            Some(name) => format!("; did you mean `{name}`?"),
            None => "; records, interfaces, payloads, `Query` and `Mutation` can be selected on".to_owned(),
        };
        let message = format!("the schema has no type `{on_text}` to select from{hint}");
        return Err(Error::new(on.span(), message));
    }
    Ok(on_text)
}

/// `name = value` in a `#[select(..)]` of the item itself: where the name is, and the value.
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
            // What follows is the item.
            TokenTree::Ident(ident) if ident == "struct" || ident == "enum" || ident == "union" => {
                return None;
            }
            _ => {}
        }
    }
    None
}

/// Tokens without the invisible groups around what a macro of the user's has passed on: an attribute
/// that is a `$meta:meta`, a type that is a `$ty:ty`.
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

/// Where the item's name is.
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

/// The content of a literal of ours: it has no escapes.
fn text(literal: &Literal) -> String {
    literal.to_string().trim_matches('"').to_owned()
}

/// A compile error at a token of the user's.
pub(crate) fn error(span: Span, message: &str) -> TokenStream {
    Error::new(span, message).into_compile_error()
}

/// What a macro of the SDK passes on: the SDK itself, a description of a type, and the item.
pub(crate) fn parts(input: TokenStream) -> Option<(Ident, String, TokenStream)> {
    let mut tokens = input.into_iter();
    match (tokens.next()?, tokens.next()?) {
        (TokenTree::Ident(sdk), TokenTree::Literal(literal)) => Some((sdk, text(&literal), tokens.collect())),
        (TokenTree::Ident(sdk), TokenTree::Group(group)) => {
            let text = match group.delimiter() {
                Delimiter::Bracket => declaration::names(group.stream()),
                _ => declaration::text(group.stream())?,
            };
            Some((sdk, text, tokens.collect()))
        }
        _ => None,
    }
}

//! Types of the user's fields, read from their tokens.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type, TypeGroup, TypeParen};

/// The wrappers of a type, and the type inside.
pub(crate) fn field_type(ty: &Type) -> (u32, String) {
    if let Type::Group(TypeGroup { elem, .. }) | Type::Paren(TypeParen { elem, .. }) = ty {
        return field_type(elem);
    }
    if let Type::Path(path) = ty
        && let Some(segment) = path.path.segments.last()
        && let PathArguments::AngleBracketed(generics) = &segment.arguments
        && let Some(GenericArgument::Type(inner)) = generics.args.first()
    {
        let code = match segment.ident.to_string().as_str() {
            "Option" => 1,
            "Vec" => 2,
            "Connection" => 3,
            _ => 0,
        };
        if code > 0 {
            let (wrappers, base) = field_type(inner);
            return (wrappers << 2 | code, base);
        }
    }
    (0, format_tokens(ty.to_token_stream()))
}

/// Formats tokens like rustfmt would, on one line.
pub(crate) fn format_tokens(tokens: TokenStream) -> String {
    let mut text = String::new();
    write_tokens(tokens, &mut text);
    text
}

fn write_tokens(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write_tokens(group.stream(), text);
                if text.ends_with(", ") {
                    text.pop();
                }
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                if matches!(punct.as_char(), ',' | ';') {
                    text.push(' ');
                }
            }
            word => {
                if text.ends_with(|char: char| char.is_alphanumeric() || char == '_') {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
        }
    }
}

/// Whether a type mentions the item, or `Self`.
pub(crate) fn mentions(tokens: TokenStream, item: &Ident) -> bool {
    let mut path = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => !std::mem::take(&mut path) && (ident == *item || ident == "Self"),
        TokenTree::Group(group) => mentions(group.stream(), item),
        TokenTree::Punct(punct) => {
            path = punct.as_char() == ':';
            false
        }
        TokenTree::Literal(_) => false,
    })
}

/// The first and the last span of a type, so that an error underlines all of it.
pub(crate) fn spans(ty: &impl ToTokens) -> (Span, Span) {
    let mut tokens = ty.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(|| ty.span(), |token| token.span());
    (first, tokens.last().map_or(first, |token| token.span()))
}

/// A call of a function of the SDK, reported at the user's tokens from `first` to `last`.
pub(crate) fn call(name: &str, (first, last): (Span, Span), arguments: TokenStream) -> TokenStream {
    let name = Ident::new(name, first);
    let path = quote_spanned!(first=> __rt::#name);
    let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
    arguments.set_span(last);
    quote!(#path #arguments)
}

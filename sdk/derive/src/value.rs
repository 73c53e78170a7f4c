//! Values in attributes: constants and names of variables.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{LitBool, LitFloat, LitInt, LitStr, Token, bracketed};

/// A constant, or the name of a variable.
pub(crate) enum Value {
    Variable(Ident),
    Text(LitStr),
    Number { text: String, is_integer: bool, span: Span },
    Boolean(LitBool),
    Name(Ident),
    List(Vec<Value>, Span),
}

impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.parse::<Option<Token![$]>>()?.is_some() {
            if !input.peek(Ident::peek_any) {
                return Err(input.error("write the name of the variable after `$`"));
            }
            return input.call(Ident::parse_any).map(Self::Variable);
        }
        if input.peek(syn::token::Bracket) {
            let content;
            let bracket = bracketed!(content in input);
            let items = Punctuated::<Self, Token![,]>::parse_terminated(&content)?;
            return Ok(Self::List(items.into_iter().collect(), bracket.span.open()));
        }
        if input.peek(LitStr) {
            return input.parse().map(Self::Text);
        }
        if input.peek(LitBool) {
            return input.parse().map(Self::Boolean);
        }
        let minus = input.parse::<Option<Token![-]>>()?;
        let sign = if minus.is_some() { "-" } else { "" };
        if input.peek(LitInt) {
            let number: LitInt = input.parse()?;
            let text = format!("{sign}{}", number.base10_digits());
            return Ok(Self::Number { text, is_integer: true, span: number.span() });
        }
        if input.peek(LitFloat) {
            let number: LitFloat = input.parse()?;
            // GraphQL does not allow `1.`.
            let digits = number.base10_digits();
            let fraction = if digits.ends_with('.') { "0" } else { "" };
            let text = format!("{sign}{digits}{fraction}");
            return Ok(Self::Number { text, is_integer: false, span: number.span() });
        }
        if minus.is_none() && input.peek(Ident::peek_any) {
            return input.call(Ident::parse_any).map(Self::Name);
        }
        if input.peek(syn::token::Brace) {
            return Err(input.error(
                "pass an input object as a variable, `$name`, in a selection on `Query` or `Mutation`",
            ));
        }
        Err(input.error(
            "write a number, a text, `true`, a value of an enum, a list in `[..]`, or a variable `$name`",
        ))
    }
}

impl Value {
    /// Parses a value up to the next comma.
    pub(crate) fn parse_whole(input: ParseStream<'_>) -> syn::Result<Self> {
        let value = input.parse()?;
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error("a value is a constant or a variable, not an expression"));
        }
        Ok(value)
    }

    /// The names in it.
    pub(crate) fn names(&self) -> Vec<&Ident> {
        match self {
            Self::Name(name) => vec![name],
            Self::List(items, _) => items.iter().flat_map(Self::names).collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Variable(ident) | Self::Name(ident) => ident.span(),
            Self::Text(text) => text.span(),
            Self::Number { span, .. } | Self::List(_, span) => *span,
            Self::Boolean(boolean) => boolean.span(),
        }
    }
}

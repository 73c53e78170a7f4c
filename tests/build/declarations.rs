//! The declarations that the generated source consists of, read with a parser of Rust.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream, Result};
use syn::{Attribute, Ident, LitStr, Path, Token, Type, braced, parenthesized};

/// `rt::object! { .. }`
pub(crate) struct Object {
    pub(crate) is_node: bool,
    pub(crate) name: Ident,
    pub(crate) graphql: String,
    pub(crate) fields: Vec<Field>,
}

/// `created_at: Option<rt::Timestamp> = "createdAt": "ISO8601Timestamp"`
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    /// The name in the schema.
    pub(crate) wire: String,
}

/// The name of the enum that `rt::open_enum! { .. }` or `rt::interface! { .. }` declares.
pub(crate) struct Enum(pub(crate) Ident);

/// A function that `rt::calls! { .. }` declares.
pub(crate) struct Call {
    /// `connections`, `queries` or `mutations`.
    pub(crate) section: String,
    pub(crate) name: Ident,
    /// The name in the schema.
    pub(crate) wire: String,
    /// The type of its first parameter.
    pub(crate) parameter: Option<Type>,
}

pub(crate) struct Calls(pub(crate) Vec<Call>);

fn header(input: ParseStream) -> Result<(Ident, String)> {
    let name = input.parse()?;
    input.parse::<Token![=]>()?;
    let graphql: LitStr = input.parse()?;
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
        input.parse::<Ident>()?;
        input.parse::<LitStr>()?;
    }
    Ok((name, graphql.value()))
}

fn rest(input: ParseStream) -> Result<()> {
    input.parse::<TokenStream>().map(drop)
}

impl Parse for Object {
    fn parse(input: ParseStream) -> Result<Self> {
        input.call(Attribute::parse_outer)?;
        let is_node = input.parse::<Ident>()? == "node";
        let (name, graphql) = header(input)?;
        let content;
        braced!(content in input);
        let mut fields = Vec::new();
        while !content.is_empty() {
            fields.push(content.parse()?);
        }
        rest(input)?;
        Ok(Self { is_node, name, graphql, fields })
    }
}

impl Parse for Field {
    fn parse(input: ParseStream) -> Result<Self> {
        input.call(Attribute::parse_outer)?;
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        input.parse::<Token![=]>()?;
        let wire = input.parse::<LitStr>()?.value();
        while !input.peek(Token![,]) {
            input.parse::<proc_macro2::TokenTree>()?;
        }
        input.parse::<Token![,]>()?;
        Ok(Self { name, ty, wire })
    }
}

impl Parse for Enum {
    fn parse(input: ParseStream) -> Result<Self> {
        input.call(Attribute::parse_outer)?;
        let name: Ident = input.parse()?;
        if input.peek(Token![=]) {
            // An enum; what follows is its values.
            rest(input)?;
            return Ok(Self(name));
        }
        // An interface: this was its keyword.
        header(input)?;
        let content;
        braced!(content in input);
        rest(&content)?;
        input.parse::<Ident>()?;
        let name = input.parse()?;
        rest(input)?;
        Ok(Self(name))
    }
}

impl Parse for Calls {
    fn parse(input: ParseStream) -> Result<Self> {
        input.parse::<Token![impl]>()?;
        input.parse::<Path>()?;
        let sections;
        braced!(sections in input);
        let mut calls = Vec::new();
        while !sections.is_empty() {
            let section = sections.parse::<Ident>()?.to_string();
            let content;
            braced!(content in sections);
            while !content.is_empty() {
                calls.push(call(&content, section.clone())?);
            }
        }
        Ok(Self(calls))
    }
}

fn call(input: ParseStream, section: String) -> Result<Call> {
    input.call(Attribute::parse_outer)?;
    let name = input.parse()?;
    input.parse::<Token![=]>()?;
    let wire = input.parse::<LitStr>()?.value();
    let mut parameter = None;
    if input.peek(syn::token::Paren) {
        let content;
        parenthesized!(content in input);
        if content.peek(Ident) {
            content.parse::<Ident>()?;
            content.parse::<Token![:]>()?;
            parameter = Some(content.parse()?);
        }
        rest(&content)?;
    }
    while !input.peek(Token![;]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    input.parse::<Token![;]>()?;
    Ok(Call { section, name, wire, parameter })
}

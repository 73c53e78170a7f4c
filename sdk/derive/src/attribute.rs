//! `#[select(..)]`, on a type, a field or a variant.

use crate::argument::Value;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Path, Token, parenthesized};

/// One entry of the list.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Option<Value>,
}

/// What stands in the attributes of one place.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) rename: Option<LitStr>,
    pub(crate) flatten: Option<Span>,
    pub(crate) required: Option<Span>,
    pub(crate) default: Option<Span>,
    pub(crate) other: Option<Span>,
    pub(crate) exhaustive: Option<Span>,
    pub(crate) variables: Option<Path>,
    /// Arguments, in the order in which they are written.
    pub(crate) arguments: Vec<(Ident, Value)>,
}

/// Where an attribute stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    Type,
    Field,
    Variant,
}

enum Item {
    Entry(Entry),
    Arguments(Vec<(Ident, Value)>),
    Path(Ident, Path),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if key == "arguments" && input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            let entries = Punctuated::<Argument, Token![,]>::parse_terminated(&content)?;
            return Ok(Self::Arguments(entries.into_iter().map(|entry| (entry.0, entry.1)).collect()));
        }
        if key == "variables" || key == "crate" || key == "on" {
            input.parse::<Token![=]>()?;
            return Ok(Self::Path(key, input.parse()?));
        }
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self::Entry(Entry { key, value }))
    }
}

struct Argument(Ident, Value);

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        Ok(Self(name, input.parse()?))
    }
}

impl Options {
    pub(crate) fn parse(attributes: &[Attribute], home: Home) -> syn::Result<Self> {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("select")) {
            let items = attribute.parse_args_with(Punctuated::<Item, Token![,]>::parse_terminated)?;
            for item in items {
                options.add(item, home)?;
            }
        }
        Ok(options)
    }

    fn add(&mut self, item: Item, home: Home) -> syn::Result<()> {
        match item {
            Item::Arguments(arguments) if home == Home::Field => self.arguments.extend(arguments),
            Item::Arguments(arguments) => {
                let span = arguments.first().map_or_else(Span::call_site, |(name, _)| name.span());
                return Err(syn::Error::new(span, "only a field has arguments"));
            }
            Item::Path(key, path) if home == Home::Type => {
                if key == "variables" {
                    self.variables = Some(path);
                }
            }
            Item::Path(key, _) => {
                return Err(syn::Error::new(key.span(), format!("`{key}` belongs to the type, not here")));
            }
            Item::Entry(entry) => self.entry(entry, home)?,
        }
        Ok(())
    }

    fn entry(&mut self, Entry { key, value }: Entry, home: Home) -> syn::Result<()> {
        let name = key.to_string();
        let known: &[&str] = match home {
            Home::Type => &["on", "variables", "exhaustive", "crate"],
            Home::Field => &["rename", "flatten", "required", "default"],
            Home::Variant => &["rename", "other"],
        };
        let fail = |message: String| Err(syn::Error::new(key.span(), message));
        if !known.contains(&name.as_str()) {
            return match value {
                Some(value) if home == Home::Field => {
                    self.arguments.push((key, value));
                    Ok(())
                }
                _ => {
                    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                    let arguments = if home == Home::Field { ", or an argument with a value" } else { "" };
                    fail(format!("no attribute `{name}` here; there is {}{arguments}", known.join(", ")))
                }
            };
        }
        let flag = match name.as_str() {
            "rename" => {
                return match value {
                    Some(Value::Text(text)) if self.rename.is_none() => {
                        self.rename = Some(text);
                        Ok(())
                    }
                    Some(Value::Text(_)) => fail("`rename` is given twice".to_owned()),
                    _ => fail("write the schema's name as a text: `rename = \"requestedFor\"`".to_owned()),
                };
            }
            "flatten" => &mut self.flatten,
            "required" => &mut self.required,
            "default" => &mut self.default,
            "other" => &mut self.other,
            _ => &mut self.exhaustive,
        };
        if value.is_some() {
            return Err(syn::Error::new(
                key.span(),
                format!(
                    "`{name}` takes no value; for an argument of that name, write `arguments({name} = ..)`"
                ),
            ));
        }
        *flag = Some(key.span());
        Ok(())
    }
}

//! `#[select(..)]`, on a type, a field or a variant.

use crate::argument::Value;
use crate::schema::nearest;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, LitStr, Path, Token, parenthesized};

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
    pub(crate) all: Option<Span>,
    pub(crate) required: Option<Span>,
    pub(crate) default: Option<Span>,
    pub(crate) other: Option<Span>,
    pub(crate) exhaustive: Option<Span>,
    pub(crate) variables: Option<Path>,
    /// `on` and `crate`, which the steps before this one have read.
    on: Option<Path>,
    sdk: Option<Path>,
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
        if !input.peek(Ident::peek_any) {
            return Err(input.error("an attribute begins with its name"));
        }
        let key = input.call(Ident::parse_any)?;
        if key == "arguments" && input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            let entries = Punctuated::<Argument, Token![,]>::parse_terminated(&content)?;
            return Ok(Self::Arguments(entries.into_iter().map(|entry| (entry.0, entry.1)).collect()));
        }
        if !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![=]) {
            let is_flag = FLAGS.iter().any(|flag| key == flag);
            return Err(input.error(match is_flag {
                true => format!("`{key}` takes no value"),
                false => format!("write the value of `{key}` as `{key} = ..`"),
            }));
        }
        if key == "variables" || key == "crate" || key == "on" {
            if input.parse::<Option<Token![=]>>()?.is_none() {
                return Err(Error::new(key.span(), format!("`{key}` has a value: write `{key} = ..`")));
            }
            if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
                return Err(input.error(format!("write a path, without quotes: `{key} = path`")));
            }
            return Ok(Self::Path(key, input.parse()?));
        }
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.call(Value::parse_whole)?),
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
        Ok(Self(name, input.call(Value::parse_whole)?))
    }
}

/// The attributes without a value.
const FLAGS: [&str; 6] = ["flatten", "all", "required", "default", "other", "exhaustive"];

/// The attributes of a field.
const OF_FIELD: &[&str] = &["rename", "flatten", "all", "required", "default"];

/// What to say of an argument that is likely to be an attribute, written almost right.
pub(crate) fn misspelled(argument: &Ident) -> Option<String> {
    let near = nearest(&argument.to_string(), OF_FIELD.iter().copied())?;
    Some(format!("no attribute `{argument}` here; did you mean `{near}`?"))
}

impl Options {
    pub(crate) fn parse(attributes: &[Attribute], home: Home, errors: &mut Vec<Error>) -> Self {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("select")) {
            match attribute.parse_args_with(Punctuated::<Item, Token![,]>::parse_terminated) {
                Ok(items) => {
                    errors.extend(items.into_iter().filter_map(|item| options.add(item, home).err()))
                }
                Err(error) => errors.push(error),
            }
        }
        options
    }

    fn add(&mut self, item: Item, home: Home) -> syn::Result<()> {
        match item {
            Item::Arguments(arguments) if home == Home::Field => self.arguments.extend(arguments),
            Item::Arguments(arguments) => {
                let span = arguments.first().map_or_else(Span::call_site, |(name, _)| name.span());
                return Err(Error::new(span, "only a field has arguments"));
            }
            Item::Path(key, path) if home == Home::Type => {
                let place = match key.to_string().as_str() {
                    "variables" => &mut self.variables,
                    "crate" => &mut self.sdk,
                    _ => &mut self.on,
                };
                if place.replace(path).is_some() {
                    return Err(twice(&key));
                }
            }
            Item::Path(key, _) => {
                return Err(Error::new(key.span(), format!("`{key}` belongs to the type, not here")));
            }
            Item::Entry(entry) => self.entry(entry, home)?,
        }
        Ok(())
    }

    fn entry(&mut self, Entry { key, value }: Entry, home: Home) -> syn::Result<()> {
        let name = key.to_string();
        let known: &[&str] = match home {
            Home::Type => &["on", "variables", "exhaustive", "crate"],
            Home::Field => OF_FIELD,
            Home::Variant => &["rename", "other"],
        };
        if !known.contains(&name.as_str()) {
            return match value {
                Some(value) if home == Home::Field => {
                    self.arguments.push((key, value));
                    Ok(())
                }
                _ => Err(Error::new(key.span(), unknown(&name, known, home))),
            };
        }
        let flag = match name.as_str() {
            "rename" => {
                return match value {
                    Some(Value::Text(text)) if self.rename.is_none() => {
                        self.rename = Some(text);
                        Ok(())
                    }
                    Some(Value::Text(_)) => Err(twice(&key)),
                    _ => {
                        let message = "write the schema's name as a text: `rename = \"requestedFor\"`";
                        Err(Error::new(key.span(), message))
                    }
                };
            }
            "flatten" => &mut self.flatten,
            "all" => &mut self.all,
            "required" => &mut self.required,
            "default" => &mut self.default,
            "other" => &mut self.other,
            _ => &mut self.exhaustive,
        };
        if value.is_some() {
            let argument = match home {
                Home::Field => format!("; for an argument of that name, write `arguments({name} = ..)`"),
                _ => String::new(),
            };
            return Err(Error::new(key.span(), format!("`{name}` takes no value{argument}")));
        }
        if flag.replace(key.span()).is_some() {
            return Err(twice(&key));
        }
        Ok(())
    }
}

fn twice(key: &Ident) -> Error {
    Error::new(key.span(), format!("`{key}` is given twice"))
}

fn unknown(name: &str, known: &[&str], home: Home) -> String {
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("no attribute `{name}` here; did you mean `{near}`?");
    }
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    let arguments = if home == Home::Field { ", or an argument with a value" } else { "" };
    format!("no attribute `{name}` here; there is {}{arguments}", known.join(", "))
}

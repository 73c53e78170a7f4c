//! Attributes `#[select(..)]` of a type, a field or a variant.

use crate::suggest::{listed, nearest};
use crate::value::Value;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, LitStr, Path, Token, parenthesized};

/// One option.
struct Entry {
    key: Ident,
    value: Option<Value>,
}

/// The options of a type, a field or a variant.
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
    /// `on` and `crate`, which `dispatch` has read.
    on: Option<Path>,
    sdk: Option<Path>,
    /// Arguments, in source order.
    pub(crate) arguments: Vec<(Ident, Value)>,
}

/// The item that an attribute is on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
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

/// Options without a value.
const FLAGS: [&str; 6] = ["flatten", "all", "required", "default", "other", "exhaustive"];

/// Options of a field.
const FIELD_OPTIONS: &[&str] = &["rename", "flatten", "all", "required", "default"];

/// The message for an argument that resembles an option.
pub(crate) fn misspelled(argument: &Ident) -> Option<String> {
    let near = nearest(&argument.to_string(), FIELD_OPTIONS.iter().copied())?;
    Some(format!("no attribute `{argument}` here; did you mean `{near}`?"))
}

impl Options {
    pub(crate) fn parse(attributes: &[Attribute], target: Target, errors: &mut Vec<Error>) -> Self {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("select")) {
            match attribute.parse_args_with(Punctuated::<Item, Token![,]>::parse_terminated) {
                Ok(items) => {
                    errors.extend(items.into_iter().filter_map(|item| options.add(item, target).err()))
                }
                Err(error) => errors.push(error),
            }
        }
        options
    }

    fn add(&mut self, item: Item, target: Target) -> syn::Result<()> {
        match item {
            Item::Arguments(arguments) if target == Target::Field => self.arguments.extend(arguments),
            Item::Arguments(arguments) => {
                let span = arguments.first().map_or_else(Span::call_site, |(name, _)| name.span());
                return Err(Error::new(span, "only a field has arguments"));
            }
            Item::Path(key, path) if target == Target::Type => {
                let option = match key.to_string().as_str() {
                    "variables" => &mut self.variables,
                    "crate" => &mut self.sdk,
                    _ => &mut self.on,
                };
                if option.replace(path).is_some() {
                    return Err(twice(&key));
                }
            }
            Item::Path(key, _) => {
                return Err(Error::new(key.span(), format!("`{key}` belongs to the type, not here")));
            }
            Item::Entry(entry) => self.entry(entry, target)?,
        }
        Ok(())
    }

    fn entry(&mut self, Entry { key, value }: Entry, target: Target) -> syn::Result<()> {
        let name = key.to_string();
        let known: &[&str] = match target {
            Target::Type => &["on", "variables", "exhaustive", "crate"],
            Target::Field => FIELD_OPTIONS,
            Target::Variant => &["rename", "other"],
        };
        if !known.contains(&name.as_str()) {
            return match value {
                Some(value) if target == Target::Field => {
                    self.arguments.push((key, value));
                    Ok(())
                }
                _ => Err(Error::new(key.span(), unknown(&name, known, target))),
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
                        let message = "write the schema's name in quotes: `rename = \"requestedFor\"`";
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
            let argument = match target {
                Target::Field => format!("; for an argument of that name, write `arguments({name} = ..)`"),
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

fn unknown(name: &str, known: &[&str], target: Target) -> String {
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("no attribute `{name}` here; did you mean `{near}`?");
    }
    let arguments = if target == Target::Field { ", or an argument with a value" } else { "" };
    format!("no attribute `{name}` here; available: {}{arguments}", listed(known.iter().copied()))
}

//! Attributes `#[select(..)]` of a type, a field or a variant.

use crate::suggest::{Errors, listed, nearest};
use crate::value::Value;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Error, LitStr, Path, Token, parenthesized, token};

/// Options without a value.
const FLAGS: [&str; 6] = ["flatten", "all", "required", "default", "other", "exhaustive"];

/// The options of a type, of a field, and of a variant.
pub(crate) const TYPE: &[&str] = &["on", "variables", "exhaustive", "crate"];
pub(crate) const FIELD: &[&str] = &["rename", "flatten", "all", "required", "default"];
pub(crate) const VARIANT: &[&str] = &["rename", "other"];

/// The options of a type, a field or a variant.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) rename: Option<LitStr>,
    pub(crate) variables: Option<Path>,
    /// Arguments, in source order.
    pub(crate) arguments: Vec<(Ident, Value)>,
    /// The names of all options. `dispatch` has read the values of `on` and `crate`.
    names: Vec<Ident>,
}

impl Options {
    pub(crate) fn parse(attributes: &[Attribute], known: &[&str], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("select")) {
            let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
                while !input.is_empty() {
                    options.option(input, known, errors)?;
                    if !input.is_empty() {
                        input.parse::<Token![,]>()?;
                    }
                }
                Ok(())
            });
            errors.0.extend(parsed.err());
        }
        options
    }

    /// The name in the schema, and its place: that of the item, unless `rename` has another one.
    pub(crate) fn name(&self, item: &Ident) -> (String, Span) {
        match &self.rename {
            Some(name) => (name.value(), name.span()),
            None => (item.unraw().to_string(), item.span()),
        }
    }

    /// The place of an option without a value, if it is set.
    pub(crate) fn flag(&self, name: &str) -> Option<Span> {
        self.names.iter().find(|known| *known == name).map(Ident::span)
    }

    /// Whether no option but this one is set, and no argument.
    pub(crate) fn is_only(&self, name: &str) -> bool {
        self.arguments.is_empty() && self.names.iter().all(|known| known == name)
    }

    fn option(&mut self, input: ParseStream<'_>, known: &[&str], errors: &mut Errors) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("an attribute begins with its name"));
        }
        let key = input.call(Ident::parse_any)?;
        let name = key.to_string();
        if name == "arguments" && input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            let arguments = content.parse_terminated(argument, Token![,])?;
            if known == FIELD {
                self.arguments.extend(arguments);
            } else {
                let span = arguments.first().map_or_else(Span::call_site, |(name, _)| name.span());
                errors.push(span, "only a field has arguments");
            }
            return Ok(());
        }
        if !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![=]) {
            return Err(input.error(match FLAGS.contains(&name.as_str()) {
                true => format!("`{key}` takes no value"),
                false => format!("write the value of `{key}` as `{key} = ..`"),
            }));
        }
        let has_value = input.parse::<Option<Token![=]>>()?.is_some();
        if matches!(name.as_str(), "variables" | "crate" | "on") {
            if !has_value {
                return Err(Error::new(key.span(), format!("`{key}` has a value: write `{key} = ..`")));
            }
            if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
                return Err(input.error(format!("write a path, without quotes: `{key} = path`")));
            }
            let path = input.parse()?;
            if known != TYPE {
                errors.push(key.span(), format!("`{key}` belongs to the type, not here"));
                return Ok(());
            }
            if name == "variables" {
                self.variables = Some(path);
            }
            self.set(key, errors);
            return Ok(());
        }
        let value = if has_value { Some(input.call(Value::parse_whole)?) } else { None };
        match (value, known.contains(&name.as_str())) {
            (Some(value), false) if known == FIELD => self.arguments.push((key, value)),
            (_, false) => errors.push(key.span(), unknown(&name, known)),
            (Some(Value::Text(text)), true) if name == "rename" => {
                self.rename = Some(text);
                self.set(key, errors);
            }
            _ if name == "rename" => {
                errors.push(key.span(), "write the schema's name in quotes: `rename = \"requestedFor\"`");
            }
            (Some(_), true) => {
                let mut message = format!("`{name}` takes no value");
                if known == FIELD {
                    message += &format!("; for an argument of that name, write `arguments({name} = ..)`");
                }
                errors.push(key.span(), message);
            }
            (None, true) => self.set(key, errors),
        }
        Ok(())
    }

    fn set(&mut self, key: Ident, errors: &mut Errors) {
        if self.names.contains(&key) {
            errors.push(key.span(), format!("`{key}` is given twice"));
        }
        self.names.push(key);
    }
}

fn argument(input: ParseStream<'_>) -> syn::Result<(Ident, Value)> {
    let name = input.call(Ident::parse_any)?;
    input.parse::<Token![=]>()?;
    Ok((name, input.call(Value::parse_whole)?))
}

/// The message for an argument that resembles an option.
pub(crate) fn misspelled(argument: &Ident) -> Option<String> {
    let near = nearest(&argument.to_string(), FIELD.iter().copied())?;
    Some(format!("no attribute `{argument}` here; did you mean `{near}`?"))
}

fn unknown(name: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("no attribute `{name}` here; did you mean `{near}`?");
    }
    let arguments = if known == FIELD { ", or an argument with a value" } else { "" };
    format!("no attribute `{name}` here; available: {}{arguments}", listed(known.iter().copied()))
}

//! Arguments of fields: constants, checked against the schema, and variables.

use crate::schema::{Argument, Field, WrappedType, nearest};
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
            let text = format!("{sign}{}", number.base10_digits());
            return Ok(Self::Number { text, is_integer: false, span: number.span() });
        }
        if minus.is_none() && input.peek(Ident::peek_any) {
            return input.call(Ident::parse_any).map(Self::Name);
        }
        Err(input.error(
            "write a number, a text, `true`, a value of an enum, a list in `[..]`, or a variable `$name`",
        ))
    }
}

impl Value {
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Variable(ident) | Self::Name(ident) => ident.span(),
            Self::Text(text) => text.span(),
            Self::Number { span, .. } | Self::List(_, span) => *span,
            Self::Boolean(boolean) => boolean.span(),
        }
    }
}

/// A variable of an operation, as an argument uses it.
pub(crate) struct Variable<'a> {
    pub(crate) ident: Ident,
    pub(crate) ty: WrappedType<'a>,
    /// Rust name of the type inside.
    pub(crate) rust: &'a str,
}

impl Variable<'_> {
    /// Its name in GraphQL, which has no keywords.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

/// The arguments of one field, checked.
#[derive(Default)]
pub(crate) struct Arguments<'a> {
    /// `(first: 20)`, or nothing.
    pub(crate) text: String,
    pub(crate) variables: Vec<Variable<'a>>,
    /// How many records of a connection are asked for.
    pub(crate) size: u64,
}

/// The largest page of a connection.
const MAX_PAGE_SIZE: u64 = 100;

/// Checks what is given against what the field has. `name` is where the field's own name is.
pub(crate) fn arguments<'a>(
    field: &Field<'a>,
    given: &[(Ident, Value)],
    name: Span,
    errors: &mut Vec<syn::Error>,
) -> Arguments<'a> {
    let mut checked = Arguments { size: 1, ..Arguments::default() };
    let mut seen: Vec<&str> = Vec::new();
    for (ident, value) in given {
        let written = ident.unraw().to_string();
        let Some(argument) = field.argument(&written) else {
            errors.push(syn::Error::new(ident.span(), unknown(field, &written)));
            continue;
        };
        if seen.contains(&argument.name) {
            errors.push(syn::Error::new(ident.span(), format!("the argument `{written}` is given twice")));
            continue;
        }
        seen.push(argument.name);
        match constant(argument, argument.ty, value, &mut checked.variables) {
            Ok(text) => {
                checked.text.push_str(if checked.text.is_empty() { "(" } else { ", " });
                checked.text.push_str(&format!("{}: {text}", argument.name));
            }
            Err(error) => errors.push(error),
        }
        if field.is_paged() && matches!(argument.name, "first" | "last") {
            match size(value) {
                Ok(size) => checked.size = size,
                Err(error) => errors.push(error),
            }
        }
    }
    if !checked.text.is_empty() {
        checked.text.push(')');
    }
    for argument in field.arguments.iter().filter(|it| it.is_required() && !seen.contains(&it.name)) {
        let Argument { name: argument, ty, .. } = argument;
        let message = format!(
            "`{}` needs its argument `{argument}: {}`: write `#[select({argument} = ..)]`",
            field.name, ty.0
        );
        errors.push(syn::Error::new(name, message));
    }
    if field.is_paged() {
        match (seen.contains(&"first"), seen.contains(&"last")) {
            (false, false) => errors.push(syn::Error::new(
                name,
                format!(
                    "`{}` is a connection: say how many records, 1 to 100, with `#[select(first = 20)]`",
                    field.name
                ),
            )),
            (true, true) => errors
                .push(syn::Error::new(name, format!("`{}` takes `first` or `last`, not both", field.name))),
            _ => {}
        }
    }
    checked
}

fn unknown(field: &Field<'_>, written: &str) -> String {
    let names = field.arguments.iter().map(|argument| argument.name);
    match nearest(written, names.clone()) {
        Some(name) => format!("no argument `{written}` on `{}`; did you mean `{name}`?", field.name),
        None if field.arguments.is_empty() => format!("`{}` has no arguments", field.name),
        None => {
            let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
            format!("no argument `{written}` on `{}`; there is {}", field.name, names.join(", "))
        }
    }
}

/// The number of records that `first` or `last` asks for. A variable counts as the most.
fn size(value: &Value) -> syn::Result<u64> {
    match value {
        Value::Variable(_) => Ok(MAX_PAGE_SIZE),
        Value::Number { text, .. } => match text.parse() {
            Ok(size @ 1..=MAX_PAGE_SIZE) => Ok(size),
            _ => Err(syn::Error::new(
                value.span(),
                format!(
                    "{text} is not possible: a connection hands out 1 to {MAX_PAGE_SIZE} records at once"
                ),
            )),
        },
        // Reported already, as a value of the wrong type.
        _ => Ok(1),
    }
}

/// The GraphQL text of a value, if it fits the type.
fn constant<'a>(
    argument: &Argument<'a>,
    ty: WrappedType<'a>,
    value: &Value,
    variables: &mut Vec<Variable<'a>>,
) -> syn::Result<String> {
    let wrong = |expected: &str| {
        Err(syn::Error::new(
            value.span(),
            format!("the argument `{}` is of type `{}`: write {expected}", argument.name, argument.ty.0),
        ))
    };
    if let Value::Variable(ident) = value {
        if ty != argument.ty {
            return Err(syn::Error::new(
                ident.span(),
                "a variable stands for a whole argument, not for a part of a list",
            ));
        }
        if argument.rust.is_empty() {
            return Err(syn::Error::new(
                ident.span(),
                format!(
                    "`{}` is of a type that has no name in Rust, so that no variable can hold it",
                    argument.name
                ),
            ));
        }
        let variable = Variable { ident: ident.clone(), ty, rust: argument.rust };
        let name = variable.name();
        if !name.is_ascii() {
            let message = format!("`{name}` is no name in GraphQL, which has ASCII letters only");
            return Err(syn::Error::new(ident.span(), message));
        }
        variables.push(variable);
        return Ok(format!("${name}"));
    }
    if let Value::Name(name) = value
        && name == "null"
    {
        return if ty.is_nullable() {
            Ok("null".to_owned())
        } else {
            wrong("a value, since it is never null")
        };
    }
    if let Some(item) = ty.item() {
        let Value::List(items, _) = value else { return wrong("a list in `[..]`") };
        let items: syn::Result<Vec<_>> =
            items.iter().map(|value| constant(argument, item, value, variables)).collect();
        return Ok(format!("[{}]", items?.join(", ")));
    }
    if !argument.values.is_empty() && argument.values != ["~"] {
        let Value::Name(name) = value else { return wrong("one of its values, as a name") };
        let written = name.unraw().to_string();
        if argument.values.contains(&written.as_str()) {
            return Ok(written);
        }
        let hint = match nearest(&written, argument.values.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("there is {}", argument.values.join(", ")),
        };
        return Err(syn::Error::new(name.span(), format!("no value `{written}` in `{}`; {hint}", ty.base())));
    }
    match (argument.rust, value) {
        ("i64" | "Id" | "Json" | "f64" | "Decimal", Value::Number { text, is_integer: true, .. }) => {
            Ok(text.clone())
        }
        ("f64" | "Decimal" | "Json", Value::Number { text, .. }) => Ok(text.clone()),
        ("bool" | "Json", Value::Boolean(boolean)) => Ok(boolean.value.to_string()),
        ("String" | "Id" | "Decimal" | "Date" | "TimeOfDay" | "Timestamp" | "Json", Value::Text(text)) => {
            Ok(quoted(&text.value()))
        }
        (_, Value::Text(text)) if !argument.values.is_empty() => Ok(quoted(&text.value())),
        ("i64", _) => wrong("a whole number"),
        ("f64" | "Decimal", _) => wrong("a number"),
        ("bool", _) => wrong("`true` or `false`"),
        ("String" | "Id" | "Date" | "TimeOfDay" | "Timestamp", _) => wrong("a text in quotes"),
        _ if !argument.values.is_empty() => wrong("a text in quotes"),
        _ => wrong("a variable, `$name`, in a selection on `Query` or `Mutation`"),
    }
}

/// A text as GraphQL writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            char if char.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(char))),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

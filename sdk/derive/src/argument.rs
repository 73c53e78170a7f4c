//! Arguments of fields: constants, checked against the schema, and variables.

use crate::attribute::misspelled;
use crate::field::ambiguous;
use crate::schema::{Argument, Field, WrappedType, nearest};
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, LitBool, LitFloat, LitInt, LitStr, Token, bracketed};

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
                return Err(input.error("the name of the variable stands behind its `$`"));
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
            // Rust has `1.`, GraphQL has not.
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
                "an input object is given as a variable, `$name`, in a selection on `Query` or `Mutation`",
            ));
        }
        Err(input.error(
            "write a number, a text, `true`, a value of an enum, a list in `[..]`, or a variable `$name`",
        ))
    }
}

impl Value {
    /// A value with nothing behind it but the next attribute.
    pub(crate) fn parse_whole(input: ParseStream<'_>) -> syn::Result<Self> {
        let value = input.parse()?;
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error("a value is a constant or a variable, not an expression"));
        }
        Ok(value)
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

/// A variable of an operation, as an argument uses it.
pub(crate) struct Variable<'a> {
    pub(crate) ident: Ident,
    pub(crate) ty: WrappedType<'a>,
    /// Rust name of the type inside.
    pub(crate) rust: &'a str,
}

impl Variable<'_> {
    /// Its GraphQL name.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// The field of the user's struct: a keyword is a raw name there.
    pub(crate) fn field(&self) -> Ident {
        match syn::parse_str::<Ident>(&self.name()) {
            Ok(_) => self.ident.clone(),
            Err(_) => Ident::new_raw(&self.name(), self.ident.span()),
        }
    }
}

/// The arguments of one field, checked.
#[derive(Default)]
pub(crate) struct Arguments<'a> {
    /// `(first: 20)`, or nothing.
    pub(crate) text: String,
    /// The same without `first` and without parentheses.
    pub(crate) beside_first: String,
    pub(crate) variables: Vec<Variable<'a>>,
    /// How many records of a connection are asked for.
    pub(crate) size: u64,
}

/// The largest page of a connection.
const MAX_PAGE_SIZE: u64 = 100;

/// Checks what is given against what the field has. `name` is where the field's own name is, `all`
/// whether all pages of a connection are wanted.
pub(crate) fn arguments<'a>(
    field: &Field<'a>,
    given: &[(Ident, Value)],
    all: bool,
    name: Span,
    errors: &mut Vec<Error>,
) -> Arguments<'a> {
    let mut checked = Arguments { size: 1, ..Arguments::default() };
    let mut seen: Vec<&str> = Vec::new();
    let before = errors.len();
    for (ident, value) in given {
        let written = ident.unraw().to_string();
        let argument = match field.argument(&written) {
            Ok(Some(argument)) => argument,
            Ok(None) => {
                errors.push(Error::new(ident.span(), unknown(field, ident, &written)));
                continue;
            }
            Err(names) => {
                let with = "its name in the schema or that under [renames]";
                errors.push(Error::new(ident.span(), ambiguous(&written, &names, with)));
                continue;
            }
        };
        if seen.contains(&argument.name) {
            errors.push(Error::new(ident.span(), format!("the argument `{written}` is given twice")));
            continue;
        }
        seen.push(argument.name);
        if all && field.is_paged() && matches!(argument.name, "last" | "before" | "after") {
            let message = format!("`all` takes every record, from the first on: remove `{written}`");
            errors.push(Error::new(ident.span(), message));
            continue;
        }
        let is_size = field.is_paged() && matches!(argument.name, "first" | "last");
        let text = constant(argument, argument.ty, value, &mut checked.variables).and_then(|text| {
            if is_size {
                checked.size = size(value)?;
            }
            Ok(text)
        });
        match text {
            Ok(text) => {
                checked.text.push_str(if checked.text.is_empty() { "(" } else { ", " });
                checked.text.push_str(&format!("{}: {text}", argument.name));
                if !is_size {
                    checked.beside_first.push_str(if checked.beside_first.is_empty() { "" } else { ", " });
                    checked.beside_first.push_str(&format!("{}: {text}", argument.name));
                }
            }
            Err(error) => errors.push(error),
        }
    }
    if !checked.text.is_empty() {
        checked.text.push(')');
    }
    if all && field.is_paged() && !seen.contains(&"first") {
        checked.size = MAX_PAGE_SIZE;
        seen.push("first");
    }
    // What is missing may be what was misspelled.
    if errors.len() == before {
        missing(field, &seen, name, errors);
    }
    checked
}

fn missing(field: &Field<'_>, seen: &[&str], name: Span, errors: &mut Vec<Error>) {
    for argument in field.arguments.iter().filter(|it| it.is_required() && !seen.contains(&it.name)) {
        let Argument { name: argument, ty, .. } = argument;
        let message = format!(
            "`{}` needs its argument `{argument}: {}`: write `#[select({argument} = ..)]`",
            field.name, ty.0
        );
        errors.push(Error::new(name, message));
    }
    if field.is_paged() {
        let message = match (seen.contains(&"first"), seen.contains(&"last")) {
            (false, false) => format!(
                "`{}` is a connection: say how many records, 1 to 100, with `#[select(first = 20)]`, or take them all with `#[select(all)]`",
                field.name
            ),
            (true, true) => format!("`{}` takes `first` or `last`, not both", field.name),
            _ => return,
        };
        errors.push(Error::new(name, message));
    }
}

fn unknown(field: &Field<'_>, ident: &Ident, written: &str) -> String {
    let names = field.arguments.iter().map(|argument| argument.name);
    if let Some(message) = misspelled(ident).filter(|_| nearest(written, names.clone()).is_none()) {
        return message;
    }
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
            _ => Err(Error::new(
                value.span(),
                format!(
                    "{text} is not possible: a connection hands out 1 to {MAX_PAGE_SIZE} records at once"
                ),
            )),
        },
        _ => Err(Error::new(value.span(), format!("write how many records: 1 to {MAX_PAGE_SIZE}"))),
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
        Err(Error::new(
            value.span(),
            format!("the argument `{}` is of type `{}`: write {expected}", argument.name, argument.ty.0),
        ))
    };
    if let Value::Variable(ident) = value {
        let name = ident.unraw().to_string();
        if !name.is_ascii() || matches!(name.as_str(), "self" | "Self" | "super" | "crate" | "_") {
            let message = format!("`{name}` cannot name a variable: call it otherwise");
            return Err(Error::new(ident.span(), message));
        }
        if ty != argument.ty {
            return Err(Error::new(
                ident.span(),
                "a variable stands for a whole argument, not for a part of a list",
            ));
        }
        if argument.rust.is_empty() {
            return Err(Error::new(
                ident.span(),
                format!(
                    "`{}` is of a type that has no name in Rust, so that no variable can hold it",
                    argument.name
                ),
            ));
        }
        variables.push(Variable { ident: ident.clone(), ty, rust: argument.rust });
        return Ok(format!("${}", ident.unraw()));
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
            None => {
                let values: Vec<_> = argument.values.iter().map(|value| format!("`{value}`")).collect();
                format!("there is {}", values.join(", "))
            }
        };
        return Err(Error::new(name.span(), format!("no value `{written}` in `{}`; {hint}", ty.base())));
    }
    if let Value::Number { text, is_integer: true, .. } = value
        && ty.base() == "Int"
        && text.parse::<i32>().is_err()
    {
        return wrong("a whole number of 32 bits");
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Value, arguments, constant};
    use crate::schema::Type;
    use proc_macro2::Span;

    /// What is written for `a`, an argument of such a type, or why it is refused.
    fn written(ty: &str, value: &str) -> Result<String, String> {
        let text = format!("object A A\nfield Int l i64 a:{ty}");
        let described = Type::parse(&text).unwrap();
        let argument = described.field("field").unwrap().unwrap().argument("a").unwrap().unwrap();
        let value = syn::parse_str::<Value>(value).map_err(|error| error.to_string())?;
        constant(argument, argument.ty, &value, &mut Vec::new()).map_err(|error| error.to_string())
    }

    #[test]
    fn constants_of_every_type() {
        for (ty, value, text) in [
            ("Int=i64", "0x_1f", "31"),
            ("Int=i64", "-2147483648", "-2147483648"),
            ("Float=f64", "1.", "1.0"),
            ("Decimal=Decimal", "-1.50", "-1.50"),
            ("Boolean=bool", "true", "true"),
            ("Boolean=bool", "null", "null"),
            ("String=String", r#""a\"\\\n\u{1F600}""#, "\"a\\\"\\\\\\u000A\u{1F600}\""),
            ("ID!=Id", "5", "5"),
            ("[Int!]=i64", "[1, 2,]", "[1, 2]"),
            ("[[Int!]]=i64", "[[1], null, []]", "[[1], null, []]"),
            ("Kind=Kind{a,type}", "r#type", "type"),
            ("[Kind!]=Kind{a,b}", "[b]", "[b]"),
            ("Kind=Kind{~}", r#""any""#, r#""any""#),
        ] {
            assert_eq!(written(ty, value).as_deref(), Ok(text), "{ty} {value}");
        }
    }

    #[test]
    fn constants_of_another_type() {
        for (ty, value, expected) in [
            ("Int=i64", "1.5", "a whole number"),
            ("Int=i64", "2147483648", "32 bits"),
            ("Float=f64", "true", "a number"),
            ("Boolean=bool", "1", "`true` or `false`"),
            ("Boolean=bool", r#""true""#, "`true` or `false`"),
            ("Boolean!=bool", "null", "never null"),
            ("String=String", "true", "a text in quotes"),
            ("[Int!]=i64", "1", "a list in `[..]`"),
            ("[Int!]=i64", "[null]", "never null"),
            ("Kind=Kind{a,b}", "1", "one of its values"),
            ("Kind=Kind{a,b}", "c", "there is `a`, `b`"),
            ("Kind=Kind{~}", "any", "a text in quotes"),
            ("Thing=Thing", "1", "a variable"),
        ] {
            let message = written(ty, value).unwrap_err();
            assert!(message.contains(expected), "{ty} {value}: {message}");
        }
    }

    #[test]
    fn what_is_missing_is_named_only_if_nothing_is_misspelled() {
        let ty = Type::parse("object A A\nfield Int l i64 one:Int!=i64 two:Int!=i64?").unwrap();
        let messages = |names: &[&str]| {
            let given: Vec<_> = names
                .iter()
                .map(|name| (proc_macro2::Ident::new(name, Span::call_site()), syn::parse_str("1").unwrap()))
                .collect();
            let mut errors = Vec::new();
            arguments(ty.field("field").unwrap().unwrap(), &given, false, Span::call_site(), &mut errors);
            errors.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(messages(&["one"]), [""; 0]);
        assert_eq!(messages(&[]), ["`field` needs its argument `one: Int!`: write `#[select(one = ..)]`"]);
        assert_eq!(
            messages(&["two"]),
            ["`field` needs its argument `one: Int!`: write `#[select(one = ..)]`"]
        );
        assert_eq!(messages(&["oen"]), ["no argument `oen` on `field`; did you mean `one`?"]);
    }
}

//! Values of arguments, checked against their GraphQL types.

use crate::schema::{Argument, WrappedType};
use crate::suggest::{listed, nearest};
use crate::value::Value;
use proc_macro2::Ident;
use syn::Error;
use syn::ext::IdentExt;

/// A variable of an operation, used by an argument.
pub(crate) struct Variable<'a> {
    pub(crate) ident: Ident,
    pub(crate) ty: WrappedType<'a>,
    /// Rust name of the inner type.
    pub(crate) rust: &'a str,
}

impl Variable<'_> {
    /// The GraphQL name.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// The field of the user's struct, a raw identifier if its name is a keyword.
    pub(crate) fn field(&self) -> Ident {
        match syn::parse_str::<Ident>(&self.name()) {
            Ok(_) => self.ident.clone(),
            Err(_) => Ident::new_raw(&self.name(), self.ident.span()),
        }
    }
}

/// Records on the largest page of a connection.
pub(crate) const MAX_PAGE_SIZE: u64 = 100;

/// The number of records that `first` or `last` selects; of a variable, the maximum.
pub(crate) fn size(value: &Value) -> syn::Result<u64> {
    match value {
        Value::Variable(_) => Ok(MAX_PAGE_SIZE),
        Value::Number { text, .. } => match text.parse() {
            Ok(size @ 1..=MAX_PAGE_SIZE) => Ok(size),
            _ => Err(Error::new(
                value.span(),
                format!("{text} is out of range: a page has 1 to {MAX_PAGE_SIZE} records"),
            )),
        },
        _ => Err(Error::new(value.span(), format!("write the number of records: 1 to {MAX_PAGE_SIZE}"))),
    }
}

/// The GraphQL text of a value.
///
/// # Errors
/// When the value does not fit the type.
pub(crate) fn constant<'a>(
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
            let message = format!("`{name}` cannot name a variable: choose another name");
            return Err(Error::new(ident.span(), message));
        }
        if ty != argument.ty {
            return Err(Error::new(
                ident.span(),
                "a variable replaces a whole argument, not an item of a list",
            ));
        }
        if argument.rust.is_empty() {
            return Err(Error::new(
                ident.span(),
                format!("the type of `{}` has no Rust name, so no variable can hold it", argument.name),
            ));
        }
        variables.push(Variable { ident: ident.clone(), ty, rust: argument.rust });
        return Ok(format!("${}", ident.unraw()));
    }
    if let Value::Name(name) = value
        && name == "null"
    {
        return if ty.is_nullable() { Ok("null".to_owned()) } else { wrong("a value: it is never null") };
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
            None => format!("available: {}", listed(argument.values.iter().copied())),
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

/// A GraphQL string literal.
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
    use super::{Value, constant};
    use crate::schema::Type;

    /// The GraphQL text of `value` for an argument of type `ty`, or the error.
    fn written(ty: &str, value: &str) -> Result<String, String> {
        let text = format!("object A A\nfield Int l i64 a:{ty}");
        let described = Type::parse(&text).unwrap();
        let argument = described.field("field").unwrap().unwrap().argument("a").unwrap().unwrap();
        let value = syn::parse_str::<Value>(value).map_err(|error| error.to_string())?;
        constant(argument, argument.ty, &value, &mut Vec::new()).map_err(|error| error.to_string())
    }

    #[test]
    fn accepts_constants_of_every_type() {
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
    fn refuses_constants_of_another_type() {
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
            ("Kind=Kind{a,b}", "c", "available: `a`, `b`"),
            ("Kind=Kind{~}", "any", "a text in quotes"),
            ("Thing=Thing", "1", "a variable"),
        ] {
            let message = written(ty, value).unwrap_err();
            assert!(message.contains(expected), "{ty} {value}: {message}");
        }
    }
}

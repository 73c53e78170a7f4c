//! Values of arguments, checked against their GraphQL types.

use crate::schema::{Field, WrappedType};
use crate::suggest::{listed, nearest};
use crate::value::Value;
use proc_macro2::Ident;
use syn::Error;
use syn::ext::IdentExt;

/// A variable of an operation, used by an argument.
pub(crate) struct Variable {
    pub(crate) ident: Ident,
    /// The GraphQL name.
    pub(crate) name: String,
    pub(crate) ty: WrappedType,
    /// Rust name of the inner type.
    pub(crate) rust: String,
}

impl Variable {
    /// The field of the user's struct, a raw identifier if its name is a keyword.
    pub(crate) fn field(&self) -> Ident {
        match syn::parse_str::<Ident>(&self.name) {
            Ok(_) => self.ident.clone(),
            Err(_) => Ident::new_raw(&self.name, self.ident.span()),
        }
    }
}

/// The number of records that `first` or `last` selects, at most `max`; of a variable, the maximum.
pub(crate) fn size(value: &Value, max: u64) -> syn::Result<u64> {
    match value {
        Value::Variable(_) => Ok(max),
        Value::Number { text, .. } => {
            let size = text.parse().ok().filter(|size| (1..=max).contains(size));
            let message = format!("{text} is out of range: a page has 1 to {max} records");
            size.ok_or_else(|| Error::new(value.span(), message))
        }
        _ => Err(Error::new(value.span(), format!("write the number of records: 1 to {max}"))),
    }
}

/// The GraphQL text of a value, if it fits the type.
pub(crate) fn constant(
    argument: &Field,
    ty: &WrappedType,
    value: &Value,
    variables: &mut Vec<Variable>,
) -> syn::Result<String> {
    let wrong = |expected: &str| {
        Err(Error::new(
            value.span(),
            format!("the argument `{}` is of type `{}`: write {expected}", argument.name, argument.ty.0),
        ))
    };
    if let Value::Variable(ident) = value {
        let name = ident.unraw().to_string();
        let problem =
            if !name.is_ascii() || matches!(name.as_str(), "self" | "Self" | "super" | "crate" | "_") {
                format!("`{name}` cannot name a variable: choose another name")
            } else if *ty != argument.ty {
                "a variable replaces a whole argument, not an item of a list".to_owned()
            } else if argument.rust.is_empty() {
                format!("the type of `{}` has no Rust name, so no variable can hold it", argument.name)
            } else {
                let text = format!("${name}");
                let rust = argument.rust.clone();
                variables.push(Variable { ident: ident.clone(), name, ty: ty.clone(), rust });
                return Ok(text);
            };
        return Err(Error::new(ident.span(), problem));
    }
    if matches!(value, Value::Name(name) if name == "null") {
        return if ty.is_nullable() { Ok("null".to_owned()) } else { wrong("a value: it is never null") };
    }
    if let Some(item) = ty.item() {
        let Value::List(items, _) = value else { return wrong("a list in `[..]`") };
        let items: syn::Result<Vec<_>> =
            items.iter().map(|value| constant(argument, &item, value, variables)).collect();
        return Ok(format!("[{}]", items?.join(", ")));
    }
    if !argument.values.is_empty() && argument.values != ["~"] {
        let Value::Name(name) = value else { return wrong("one of its values, as a name") };
        let written = name.unraw().to_string();
        if argument.values.contains(&written) {
            return Ok(written);
        }
        let hint = match nearest(&written, argument.values.iter().map(String::as_str)) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("available: {}", listed(argument.values.iter().map(String::as_str))),
        };
        return Err(Error::new(name.span(), format!("no value `{written}` in `{}`; {hint}", ty.base())));
    }
    let is_listed = !argument.values.is_empty();
    match (argument.rust.as_str(), value) {
        (_, Value::Number { text, is_integer: true, .. })
            if ty.base() == "Int" && text.parse::<i32>().is_err() =>
        {
            wrong("a whole number of 32 bits")
        }
        ("i64" | "Id", Value::Number { text, is_integer: true, .. })
        | ("f64" | "Decimal" | "Json", Value::Number { text, .. }) => Ok(text.clone()),
        ("bool" | "Json", Value::Boolean(boolean)) => Ok(boolean.value.to_string()),
        ("String" | "Id" | "Decimal" | "Date" | "TimeOfDay" | "Timestamp" | "Json", Value::Text(text)) => {
            Ok(quoted(&text.value()))
        }
        (_, Value::Text(text)) if is_listed => Ok(quoted(&text.value())),
        ("i64", _) => wrong("a whole number"),
        ("f64" | "Decimal", _) => wrong("a number"),
        ("bool", _) => wrong("`true` or `false`"),
        ("String" | "Id" | "Date" | "TimeOfDay" | "Timestamp", _) => wrong("a text in quotes"),
        _ if is_listed => wrong("a text in quotes"),
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
    use crate::declaration::tests::described;

    /// The GraphQL text of `value` for an argument declared like `ty`, or the error.
    fn written(ty: &str, value: &str) -> Result<String, String> {
        let ty = described(&format!(r#"object A "A" [] field: i64 = "field": "Int" (a: {ty}),"#)).unwrap();
        let argument = ty.field("field").unwrap().unwrap().argument("a").unwrap().unwrap();
        let value = syn::parse_str::<Value>(value).map_err(|error| error.to_string())?;
        constant(argument, &argument.ty, &value, &mut Vec::new()).map_err(|error| error.to_string())
    }

    #[test]
    fn accepts_constants_of_every_type() {
        for (ty, value, text) in [
            (r#"i64 = "a": "Int""#, "0x_1f", "31"),
            (r#"i64 = "a": "Int""#, "-2147483648", "-2147483648"),
            (r#"f64 = "a": "Float""#, "1.", "1.0"),
            (r#"rt::Decimal = "a": "Decimal""#, "-1.50", "-1.50"),
            (r#"bool = "a": "Boolean""#, "true", "true"),
            (r#"bool = "a": "Boolean""#, "null", "null"),
            (r#"String = "a": "String""#, r#""a\"\\\n\u{1F600}""#, "\"a\\\"\\\\\\u000A\u{1F600}\""),
            (r#"rt::Id = "a": "ID!""#, "5", "5"),
            (r#"i64 = "a": "[Int!]""#, "[1, 2,]", "[1, 2]"),
            (r#"i64 = "a": "[[Int!]]""#, "[[1], null, []]", "[[1], null, []]"),
            (r#"Kind = "a": "Kind" { a, type }"#, "r#type", "type"),
            (r#"Kind = "a": "[Kind!]" { a, b }"#, "[b]", "[b]"),
            (r#"Kind = "a": "Kind" { ~ }"#, r#""any""#, r#""any""#),
        ] {
            assert_eq!(written(ty, value).as_deref(), Ok(text), "{ty} {value}");
        }
    }

    #[test]
    fn refuses_constants_of_another_type() {
        for (ty, value, expected) in [
            (r#"i64 = "a": "Int""#, "1.5", "a whole number"),
            (r#"i64 = "a": "Int""#, "2147483648", "32 bits"),
            (r#"f64 = "a": "Float""#, "true", "a number"),
            (r#"bool = "a": "Boolean""#, "1", "`true` or `false`"),
            (r#"bool = "a": "Boolean""#, r#""true""#, "`true` or `false`"),
            (r#"bool = "a": "Boolean!""#, "null", "never null"),
            (r#"String = "a": "String""#, "true", "a text in quotes"),
            (r#"i64 = "a": "[Int!]""#, "1", "a list in `[..]`"),
            (r#"i64 = "a": "[Int!]""#, "[null]", "never null"),
            (r#"Kind = "a": "Kind" { a, b }"#, "1", "one of its values"),
            (r#"Kind = "a": "Kind" { a, b }"#, "c", "available: `a`, `b`"),
            (r#"Kind = "a": "Kind" { ~ }"#, "any", "a text in quotes"),
            (r#"Thing = "a": "Thing""#, "1", "a variable"),
        ] {
            let message = written(ty, value).unwrap_err();
            assert!(message.contains(expected), "{ty} {value}: {message}");
        }
    }
}

//! Arguments of fields, checked against the schema.

use crate::attribute::misspelled;
use crate::constant::{MAX_PAGE_SIZE, Variable, constant, size};
use crate::schema::{Argument, Field};
use crate::suggest::{ambiguous, listed, nearest};
use crate::value::Value;
use proc_macro2::{Ident, Span};
use syn::Error;
use syn::ext::IdentExt;

/// The arguments of one field, checked.
#[derive(Default)]
pub(crate) struct Arguments {
    /// `(first: 20)`, or empty.
    pub(crate) text: String,
    /// The same without `first`, `last` and parentheses.
    pub(crate) beside_first: String,
    pub(crate) variables: Vec<Variable>,
    /// Number of selected records of a connection.
    pub(crate) size: u64,
}

/// Checks arguments against the schema. `name` is the span of the field's name; `all` selects all pages
/// of a connection.
pub(crate) fn arguments(
    field: &Field,
    given: &[(Ident, Value)],
    all: bool,
    name: Span,
    errors: &mut Vec<Error>,
) -> Arguments {
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
                let with = "its name in the schema or in [renames]";
                errors.push(Error::new(ident.span(), ambiguous(&written, &names, with)));
                continue;
            }
        };
        if seen.contains(&argument.name.as_str()) {
            errors.push(Error::new(ident.span(), format!("the argument `{written}` is given twice")));
            continue;
        }
        seen.push(&argument.name);
        if all && field.is_paged() && matches!(argument.name.as_str(), "last" | "before" | "after") {
            let message = format!("`all` selects every record from the first on: remove `{written}`");
            errors.push(Error::new(ident.span(), message));
            continue;
        }
        let is_size = field.is_paged() && matches!(argument.name.as_str(), "first" | "last");
        let text = constant(argument, &argument.ty, value, &mut checked.variables).and_then(|text| {
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
    // A misspelled argument may be the missing one.
    if errors.len() == before {
        missing(field, &seen, name, errors);
    }
    checked
}

fn missing(field: &Field, seen: &[&str], name: Span, errors: &mut Vec<Error>) {
    for argument in field.arguments.iter().filter(|it| it.is_required() && !seen.contains(&it.name.as_str()))
    {
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
                "`{}` is a connection: limit it to 1 to 100 records with `#[select(first = 20)]`, or select all with `#[select(all)]`",
                field.name
            ),
            (true, true) => format!("`{}` takes `first` or `last`, not both", field.name),
            _ => return,
        };
        errors.push(Error::new(name, message));
    }
}

fn unknown(field: &Field, ident: &Ident, written: &str) -> String {
    let names = field.arguments.iter().map(|argument| argument.name.as_str());
    if let Some(message) = misspelled(ident).filter(|_| nearest(written, names.clone()).is_none()) {
        return message;
    }
    match nearest(written, names.clone()) {
        Some(name) => format!("no argument `{written}` on `{}`; did you mean `{name}`?", field.name),
        None if field.arguments.is_empty() => format!("`{}` has no arguments", field.name),
        None => format!("no argument `{written}` on `{}`; available: {}", field.name, listed(names)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::arguments;
    use crate::declaration::tests::described;
    use proc_macro2::Span;

    #[test]
    fn missing_arguments_are_named_unless_one_is_misspelled() {
        let arguments_of_field = r#"one: i64 = "one": "Int!", two: i64 = "two": "Int!" = "1""#;
        let ty = format!(r#"object A "A" [] field: i64 = "field": "Int" ({arguments_of_field}),"#);
        let ty = described(&ty).unwrap();
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

//! Arguments of fields, checked against the schema.

use crate::attribute::misspelled;
use crate::constant::{Variable, constant, size};
use crate::deprecation::Deprecated;
use crate::schema::{Field, Paging};
use crate::suggest::{Errors, ambiguous, listed, nearest};
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
    /// Arguments and their values that are deprecated.
    pub(crate) deprecated: Vec<Deprecated>,
}

/// Checks arguments against the schema. `name` is the span of the field's name; `all` selects all pages
/// of a connection.
pub(crate) fn arguments(
    (field, paging): (&Field, &Paging),
    given: &[(Ident, Value)],
    all: bool,
    name: Span,
    errors: &mut Errors,
) -> Arguments {
    let mut checked = Arguments { size: 1, ..Arguments::default() };
    let (mut texts, mut beside_first) = (Vec::new(), Vec::new());
    let mut seen: Vec<&str> = Vec::new();
    let all_pages = all && field.is_paged();
    let before = errors.0.len();
    let mut check = |ident: &Ident, value: &Value| {
        let (span, written) = (ident.span(), ident.unraw().to_string());
        let with = "its name in the schema or in [renames]";
        let argument = field
            .argument(&written)
            .map_err(|names| Error::new(span, ambiguous(&written, &names, with)))?
            .ok_or_else(|| Error::new(span, unknown(field, ident, &written)))?;
        let name = argument.name.as_str();
        if seen.contains(&name) {
            return Err(Error::new(span, format!("the argument `{written}` is given twice")));
        }
        seen.push(name);
        if all_pages && (matches!(name, "last" | "before") || name == paging.after) {
            let message = format!("`all` selects every record from the first on: remove `{written}`");
            return Err(Error::new(span, message));
        }
        let text = constant(argument, &argument.ty, value, &mut checked.variables)?;
        let text = format!("{name}: {text}");
        if let Some(reason) = &argument.deprecated {
            let owner = format!("arguments_of_{}", field.rust_name);
            checked.deprecated.push(Deprecated::new(&owner, &argument.rust_name, reason, span));
        }
        for (name, reason) in &argument.deprecated_values {
            let used = value.names().into_iter().filter(|used| used.unraw() == name);
            let owner = argument.ty.base();
            checked.deprecated.extend(used.map(|used| Deprecated::new(owner, name, reason, used.span())));
        }
        if field.is_paged() && (name == "last" || name == paging.first) {
            checked.size = size(value, paging.max_page_size)?;
        } else {
            beside_first.push(text.clone());
        }
        texts.push(text);
        Ok(())
    };
    errors.0.extend(given.iter().filter_map(|(ident, value)| check(ident, value).err()));
    checked.beside_first = beside_first.join(", ");
    if !texts.is_empty() {
        checked.text = format!("({})", texts.join(", "));
    }
    if all_pages && !seen.contains(&paging.first.as_str()) {
        checked.size = paging.max_page_size;
        seen.push(&paging.first);
    }
    // A misspelled argument may be the missing one.
    if errors.0.len() == before {
        missing((field, paging), &seen, name, errors);
    }
    checked
}

fn missing((field, paging): (&Field, &Paging), seen: &[&str], span: Span, errors: &mut Errors) {
    let (name, first) = (&field.name, &paging.first);
    let is_missing = |it: &&Field| {
        it.is_required() && !seen.contains(&it.name.as_str()) && !(field.is_paged() && it.name == *first)
    };
    for argument in field.arguments.iter().filter(is_missing) {
        let (argument, ty) = (&argument.name, &argument.ty.0);
        let message =
            format!("`{name}` needs its argument `{argument}: {ty}`: write `#[select({argument} = ..)]`");
        errors.push(span, message);
    }
    if field.is_paged() {
        match (seen.contains(&first.as_str()), seen.contains(&"last")) {
            (false, false) => {
                let max = paging.max_page_size;
                let all = match field.argument(&paging.after) {
                    Ok(Some(_)) => ", or select all with `#[select(all)]`",
                    _ => "",
                };
                let message = format!(
                    "`{name}` is a connection: limit it to 1 to {max} records with `#[select({first} = 20)]`{all}"
                );
                errors.push(span, message);
            }
            (true, true) => errors.push(span, format!("`{name}` takes `{first}` or `last`, not both")),
            _ => {}
        }
    }
}

fn unknown(field: &Field, ident: &Ident, written: &str) -> String {
    let names = field.arguments.iter().map(|argument| argument.name.as_str());
    match (nearest(written, names.clone()), misspelled(ident)) {
        (Some(name), _) => format!("no argument `{written}` on `{}`; did you mean `{name}`?", field.name),
        (None, Some(message)) => message,
        (None, None) if field.arguments.is_empty() => format!("`{}` has no arguments", field.name),
        (None, None) => {
            format!("no argument `{written}` on `{}`; available: {}", field.name, listed(names))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Errors, arguments};
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
            let mut errors = Errors::default();
            let field = (ty.field("field").unwrap().unwrap(), &ty.paging);
            arguments(field, &given, false, Span::call_site(), &mut errors);
            errors.0.iter().map(ToString::to_string).collect::<Vec<_>>()
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

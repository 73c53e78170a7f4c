//! Fields of a struct, checked against the schema.

use crate::argument::{Arguments, arguments};
use crate::attribute::{Options, misspelled};
use crate::context::Context;
use crate::deprecation::Deprecated;
use crate::schema::{Field, TypeKind};
use crate::suggest::{Errors, ambiguous, listed, nearest};
use proc_macro2::Ident;
use std::mem;
use syn::Error;
use syn::ext::IdentExt;

/// A field whose name and options are checked. Constants check its type.
pub(crate) struct CheckedField<'t> {
    /// The response key.
    pub(crate) key: String,
    pub(crate) schema: &'t Field,
    pub(crate) arguments: Arguments,
    /// Whether all pages are selected.
    pub(crate) all: bool,
    pub(crate) deprecated: Vec<Deprecated>,
}

impl<'t> Context<'t> {
    /// Checks a field. Some errors leave enough to check its type as well.
    pub(crate) fn field(
        &self,
        ident: &Ident,
        options: &Options,
        errors: &mut Errors,
    ) -> syn::Result<CheckedField<'t>> {
        let key = ident.unraw().to_string();
        if let Some(message) = invalid_key(&key) {
            return Err(Error::new(ident.span(), message));
        }
        let (name, span) = options.name(ident);
        let ambiguous =
            |names: Vec<&str>| Error::new(span, ambiguous(&name, &names, "`#[select(rename = \"..\")]`"));
        let found = match options.rename {
            Some(_) => self.ty.field_named(&name),
            None => self.ty.field(&name).map_err(ambiguous)?,
        };
        let schema = found.ok_or_else(|| {
            // A misspelled `rename` may be the cause.
            match options.arguments.iter().find_map(|(key, _)| Some((key, misspelled(key)?))) {
                Some((key, message)) => Error::new(key.span(), message),
                None => Error::new(span, self.unknown(&name, options.rename.is_some())),
            }
        })?;
        let all = self.all(schema, options, errors);
        let field = (schema, &self.ty.paging);
        let mut arguments = arguments(field, &options.arguments, options.flag("all").is_some(), span, errors);
        self.check_variables(&arguments, errors);
        self.check_null(schema, options, errors);
        let mut deprecated = mem::take(&mut arguments.deprecated);
        if let Some(reason) = &schema.deprecated {
            deprecated.push(Deprecated::new(&self.ty.rust, &schema.rust_name, reason, span));
        }
        Ok(CheckedField { key, schema, arguments, all, deprecated })
    }

    /// Whether all pages of a field are selected.
    fn all(&self, schema: &Field, options: &Options, errors: &mut Errors) -> bool {
        let Some(span) = options.flag("all") else { return false };
        let (on, name) = (&self.ty.name, &schema.name);
        let message = if !schema.is_paged() {
            format!("`{name}` of `{on}` is not a connection: remove `all`")
        } else if !matches!(schema.argument(&self.ty.paging.after), Ok(Some(_))) {
            format!(
                "`{name}` of `{on}` has one page only, since it takes no cursor: write `first = ..` instead of `all`"
            )
        } else {
            match self.ty.kind {
                TypeKind::Node | TypeKind::AnyNode | TypeKind::Interface => return true,
                TypeKind::Query => format!(
                    "`all` is for connections of a record: `client.{}()` fetches all pages of this one",
                    schema.rust_name
                ),
                TypeKind::Object | TypeKind::Payload | TypeKind::Mutation => format!(
                    "`{on}` cannot be fetched by id, so the remaining pages of `{name}` cannot be: write `first = ..` instead of `all`"
                ),
            }
        };
        errors.push(span, message);
        false
    }

    fn check_variables(&self, arguments: &Arguments, errors: &mut Errors) {
        for variable in &arguments.variables {
            let message = match (self.ty.is_root(), &self.options.variables) {
                (false, _) => "only a selection on `Query` or `Mutation` has variables: write a constant",
                (true, None) => {
                    "name the struct that has the variables: `#[select(on = .., variables = MyVariables)]`"
                }
                (true, Some(_)) => continue,
            };
            errors.push(variable.ident.span(), message);
        }
    }

    fn check_null(&self, schema: &Field, options: &Options, errors: &mut Errors) {
        let (required, default) = (options.flag("required"), options.flag("default"));
        for (name, span) in [("required", required), ("default", default)] {
            if let Some(span) = span.filter(|_| !schema.ty.is_nullable()) {
                let message =
                    format!("`{}` of `{}` is never null: remove `{name}`", schema.name, self.ty.name);
                errors.push(span, message);
            }
        }
        if let (Some(_), Some(span)) = (required, default) {
            errors.push(span, "`required` and `default` exclude each other: remove one");
        }
    }

    fn unknown(&self, name: &str, renamed: bool) -> String {
        let on = &self.ty.name;
        if self.ty.kind == TypeKind::Payload && name.to_ascii_lowercase().ends_with("errors") {
            return "payload errors are always selected and reported as an `Error` of the call: remove this field".to_owned();
        }
        let near = nearest(name, self.ty.fields.iter().map(|field| field.name.as_str()));
        match near.and_then(|near| self.ty.field_named(near)) {
            Some(near) if renamed => format!("no field `{name}` on `{on}`; did you mean `{}`?", near.name),
            Some(near) => format!("no field `{name}` on `{on}`; did you mean `{}`?", near.rust_name),
            None if self.ty.fields.is_empty() => format!("no field `{name}` on `{on}`, which has none"),
            None if self.ty.fields.len() < 8 => {
                let names = listed(self.ty.fields.iter().map(|field| &*field.rust_name));
                format!("no field `{name}` on `{on}`; available: {names}")
            }
            None => format!("no field `{name}` on `{on}`; its documentation lists all fields"),
        }
    }
}

/// Why a name cannot be a response key.
fn invalid_key(key: &str) -> Option<String> {
    if !key.is_ascii() {
        return Some(format!("`{key}` is not a GraphQL name: rename the field, in ASCII letters"));
    }
    if key.starts_with("__") || key.starts_with("sdk_") {
        return Some("names that begin with `__` or `sdk_` are reserved: rename the field".to_owned());
    }
    None
}

//! Fields of a struct, checked against the schema.

use crate::argument::{Arguments, arguments};
use crate::attribute::{Options, Target, misspelled};
use crate::context::Context;
use crate::rust_type::{FieldType, field_type, group, mentions, spans};
use crate::schema::{Field, FieldKind, TypeKind, WrappedType, rust_wrappers};
use crate::suggest::{ambiguous, listed, nearest};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Error;
use syn::ext::IdentExt;

/// A field whose tokens are checked. Constants check the rest.
pub(crate) struct CheckedField {
    /// The name of the user's field.
    pub(crate) ident: Ident,
    /// Its constant.
    pub(crate) part: Ident,
    /// Constants: the part and its check.
    pub(crate) constants: TokenStream,
    /// The user's type, and its first and last span.
    pub(crate) ty: TokenStream,
    pub(crate) spans: (Span, Span),
    pub(crate) selection: FieldSelection,
    /// Whether null becomes the default of the type.
    pub(crate) default: bool,
}

pub(crate) enum FieldSelection {
    /// Another selection on the same type.
    Flattened { name: String },
    Field {
        key: String,
        kind: FieldKind,
        arguments: Arguments,
        is_plain: bool,
        schema: String,
        /// The selection of all pages.
        all: Option<TokenStream>,
    },
}

impl Context<'_> {
    pub(crate) fn field(
        &self,
        index: usize,
        field: &syn::Field,
        errors: &mut Vec<Error>,
    ) -> Option<CheckedField> {
        let ident = field.ident.clone()?;
        let before = errors.len();
        let options = Options::parse(&field.attrs, Target::Field, errors);
        if errors.len() > before {
            return None;
        }
        if mentions(field.ty.to_token_stream(), self.item) {
            let message = format!(
                "`{}` contains itself and would never end: write a second struct for the inner level",
                self.item
            );
            errors.push(Error::new_spanned(&field.ty, message));
            return None;
        }
        let part = format_ident!("F{index}");
        if let Some(span) = options.flatten {
            return self.flattened(ident, part, field, &options, span, errors);
        }
        let key = ident.unraw().to_string();
        if let Some(message) = invalid_key(&key) {
            errors.push(Error::new(ident.span(), message));
            return None;
        }
        let typename = Field {
            name: "__typename".to_owned(),
            rust_name: "__typename".to_owned(),
            ty: WrappedType("String!".to_owned()),
            kind: FieldKind::Leaf,
            rust: "String".to_owned(),
            arguments: Vec::new(),
        };
        let (name, span) = match &options.rename {
            Some(name) => (name.value(), name.span()),
            None => (key.clone(), ident.span()),
        };
        let found = match options.rename {
            Some(_) if name == "__typename" && !self.ty.is_root() => Some(&typename),
            Some(_) => self.ty.field_named(&name),
            None => match self.ty.field(&name) {
                Ok(found) => found,
                Err(names) => {
                    errors.push(Error::new(span, ambiguous(&name, &names, "`#[select(rename = \"..\")]`")));
                    return None;
                }
            },
        };
        let Some(schema) = found else {
            // A misspelled `rename` may be the cause.
            let misspelled = options.arguments.iter().find_map(|(key, _)| Some((key, misspelled(key)?)));
            errors.push(match misspelled {
                Some((key, message)) => Error::new(key.span(), message),
                None => Error::new(span, self.unknown(&name, options.rename.is_some())),
            });
            return None;
        };
        let all = self.all(schema, &options, errors);
        let arguments = arguments(schema, &options.arguments, options.all.is_some(), span, errors);
        self.check_variables(&arguments, errors);
        self.check_null(schema, &options, errors);
        let constants = self.part(&part, field, schema, &options);
        let is_plain = key == schema.name && arguments.text.is_empty();
        let schema_field = format!("{}{}", schema.name, arguments.text);
        let all = all.then(|| self.all_pages(&part, schema, &arguments));
        let kind = schema.kind;
        let selection = FieldSelection::Field { key, kind, arguments, is_plain, schema: schema_field, all };
        Some(CheckedField {
            ident,
            part,
            constants,
            ty: field.ty.to_token_stream(),
            spans: spans(&field.ty),
            selection,
            default: options.default.is_some(),
        })
    }

    fn flattened(
        &self,
        ident: Ident,
        part: Ident,
        field: &syn::Field,
        options: &Options,
        span: Span,
        errors: &mut Vec<Error>,
    ) -> Option<CheckedField> {
        let alone = options.rename.is_none()
            && options.required.is_none()
            && options.default.is_none()
            && options.all.is_none()
            && options.arguments.is_empty();
        if !alone {
            errors.push(Error::new(
                span,
                "`flatten` excludes other attributes: they belong to the inner fields",
            ));
            return None;
        }
        let ty = &field.ty;
        let on = self.generated(&self.ty.rust);
        let (name, on_name) = (field_type(ty).base, &self.ty.name);
        let (first, last) = spans(ty);
        let own =
            quote!(&__rt::Selection::Object(&__rt::Table { name: #on_name, fields: KEYS, nested: &[] }));
        let call = group(last, quote!(#own, #on_name, #name, #part.fits, &#part.selection, #part.wrappers));
        let check = quote_spanned!(first=> __rt::check_flattened);
        let no_variables = self.ty.is_root().then(|| {
            let check = quote_spanned!(first=> __rt::check_no_variables);
            let call = group(last, quote!(#name, <#ty as __rt::Operation>::DECLARATIONS));
            quote!(const _: () = #check #call;)
        });
        let constants = quote! {
            const #part: __rt::Part<#ty> = __rt::AsSelection::<#on, #ty>::OBJECT;
            const _: () = #check #call;
            #no_variables
        };
        let selection = FieldSelection::Flattened { name };
        Some(CheckedField {
            ident,
            part,
            constants,
            ty: quote!(#ty),
            spans: (first, last),
            selection,
            default: false,
        })
    }

    /// The constants of a field: its part and the check of its type.
    fn part(&self, part: &Ident, field: &syn::Field, schema: &Field, options: &Options) -> TokenStream {
        let ty = &field.ty;
        let default = options.default.is_some();
        let whole = if default { quote!(::core::option::Option<#ty>) } else { quote!(#ty) };
        let nullable = schema.ty.wrappers();
        let without_null = default || options.required.is_some();
        let expected = if without_null && schema.ty.is_nullable() { nullable >> 2 } else { nullable };
        let on = self.generated(&schema.rust);
        let (value, check) = match schema.kind {
            FieldKind::Leaf => (quote!(__rt::AsLeaf::<#whole>::PART), "checked_leaf"),
            FieldKind::Object => (quote!(__rt::AsSelection::<#on, #whole>::OBJECT), "check_object"),
            FieldKind::Payload => (quote!(__rt::AsSelection::<#on, #whole>::PAYLOAD), "check_object"),
            FieldKind::Connection => {
                (quote!(__rt::AsSelection::<#on, #whole>::CONNECTION), "check_connection")
            }
        };
        let (open, close) = rust_wrappers(expected);
        let FieldType { wrappers: written, base } = field_type(ty);
        let (on_name, name, rust) = (&self.ty.name, &schema.name, &schema.rust);
        let (first, last) = spans(ty);
        let check = Ident::new(check, first);
        let check = quote_spanned!(first=> __rt::#check);
        if schema.kind == FieldKind::Leaf {
            // Most fields are leaves: one short constant each compiles fastest.
            let text = format!("{on_name}|{name}|{open}|{close}|{base}");
            let call = group(last, quote!(#value, #rust, #expected, #written, #default, #text));
            return quote!(const #part: __rt::Part<#whole> = #check #call;);
        }
        let wrappers = if default { quote!(#part.wrappers >> 2) } else { quote!(#part.wrappers) };
        let call = group(
            last,
            quote! {
                __rt::FieldContext {
                    on: #on_name, field: #name, open: #open, close: #close, wrappers: #expected,
                    expected: #rust, base: #base, written: #written, fits: #part.fits,
                },
                #wrappers
            },
        );
        // The compiler reports cycles of selections at this span.
        let part = quote_spanned!(first=> const #part: __rt::Part<#whole> = #value;);
        quote! {
            #part
            const _: () = #check #call;
        }
    }

    fn check_variables(&self, arguments: &Arguments, errors: &mut Vec<Error>) {
        for variable in &arguments.variables {
            let message = match (self.ty.is_root(), &self.options.variables) {
                (false, _) => "only a selection on `Query` or `Mutation` has variables: write a constant",
                (true, None) => {
                    "name the struct that has the variables: `#[select(on = .., variables = MyVariables)]`"
                }
                (true, Some(_)) => continue,
            };
            errors.push(Error::new(variable.ident.span(), message));
        }
    }

    fn check_null(&self, schema: &Field, options: &Options, errors: &mut Vec<Error>) {
        for (name, span) in [("required", options.required), ("default", options.default)] {
            if let Some(span) = span
                && !schema.ty.is_nullable()
            {
                let message =
                    format!("`{}` of `{}` is never null: remove `{name}`", schema.name, self.ty.name);
                errors.push(Error::new(span, message));
            }
        }
        if let (Some(_), Some(span)) = (options.required, options.default) {
            errors.push(Error::new(span, "`required` and `default` exclude each other: remove one"));
        }
    }

    fn unknown(&self, name: &str, renamed: bool) -> String {
        let on = &self.ty.name;
        if self.ty.kind == TypeKind::Payload && name == "errors" {
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
    if key.starts_with("__") || key.starts_with("xurrent_") {
        return Some("names that begin with `__` or `xurrent_` are reserved: rename the field".to_owned());
    }
    None
}

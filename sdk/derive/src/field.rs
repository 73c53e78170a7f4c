//! One field of a struct.

use crate::argument::{Arguments, arguments};
use crate::attribute::{Home, Options, misspelled};
use crate::context::Context;
use crate::schema::{Code, Field, WrappedType, nearest, spelled};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, GenericArgument, PathArguments, Type, TypeGroup, TypeParen};

/// A field, checked as far as its tokens go.
pub(crate) struct Checked<'a> {
    /// The name of the user's field.
    pub(crate) ident: Ident,
    /// Its constant.
    pub(crate) part: Ident,
    /// Constants: the part and its check.
    pub(crate) constants: TokenStream,
    /// The user's type, and where it begins and ends.
    pub(crate) ty: TokenStream,
    pub(crate) spans: (Span, Span),
    pub(crate) kind: Selected<'a>,
    /// Whether null becomes the default of the type.
    pub(crate) default: bool,
}

pub(crate) enum Selected<'a> {
    /// All of another selection on the same type.
    Flattened { name: String },
    Field {
        key: String,
        code: Code,
        arguments: Arguments<'a>,
        is_plain: bool,
        schema: String,
        /// What is selected when all pages are wanted.
        all: Option<TokenStream>,
    },
}

/// The type that the user wrote: what is wrapped around it, and what is inside.
struct Written {
    wrappers: u32,
    base: String,
}

fn written(ty: &Type) -> Written {
    if let Type::Group(TypeGroup { elem, .. }) | Type::Paren(TypeParen { elem, .. }) = ty {
        return written(elem);
    }
    if let Type::Path(path) = ty
        && let Some(segment) = path.path.segments.last()
        && let PathArguments::AngleBracketed(generics) = &segment.arguments
        && let Some(GenericArgument::Type(inner)) = generics.args.first()
    {
        let code = match segment.ident.to_string().as_str() {
            "Option" => 1,
            "Vec" => 2,
            "Connection" => 3,
            _ => 0,
        };
        if code > 0 {
            let Written { wrappers, base } = written(inner);
            return Written { wrappers: wrappers << 2 | code, base };
        }
    }
    let mut base = String::new();
    spell(ty.to_token_stream(), &mut base);
    Written { wrappers: 0, base }
}

/// Writes a type as a person would, with spaces between words alone.
pub(crate) fn spell(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                spell(group.stream(), text);
                if text.ends_with(", ") {
                    text.pop();
                }
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                if matches!(punct.as_char(), ',' | ';') {
                    text.push(' ');
                }
            }
            word => {
                if text.ends_with(|char: char| char.is_alphanumeric() || char == '_') {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
        }
    }
}

/// Whether a type names the item, or `Self`, somewhere.
fn mentions(tokens: TokenStream, item: &Ident) -> bool {
    let mut path = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => !std::mem::take(&mut path) && (ident == *item || ident == "Self"),
        TokenTree::Group(group) => mentions(group.stream(), item),
        TokenTree::Punct(punct) => {
            path = punct.as_char() == ':';
            false
        }
        TokenTree::Literal(_) => false,
    })
}

/// All of a type's tokens, from the first to the last, so that an error underlines the whole.
pub(crate) fn spans(ty: &Type) -> (Span, Span) {
    let mut tokens = ty.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(|| ty.span(), |token| token.span());
    (first, tokens.last().map_or(first, |token| token.span()))
}

impl<'a> Context<'a> {
    pub(crate) fn field(
        &self,
        index: usize,
        field: &syn::Field,
        errors: &mut Vec<Error>,
    ) -> Option<Checked<'a>> {
        let ident = field.ident.clone()?;
        let before = errors.len();
        let options = Options::parse(&field.attrs, Home::Field, errors);
        if errors.len() > before {
            return None;
        }
        if mentions(field.ty.to_token_stream(), self.item) {
            let message = format!(
                "`{}` contains itself, so that it never ends: write a second struct for the inner level",
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
        if let Some(message) = refused(&key) {
            errors.push(Error::new(ident.span(), message));
            return None;
        }
        let typename = Field {
            name: "__typename",
            rust_name: "__typename".into(),
            ty: WrappedType("String!"),
            code: Code::Leaf,
            rust: "String",
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
            // A misspelled `rename` explains why the field is not found.
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
        let code = schema.code;
        let all = all.then(|| self.all_pages(&part, schema, &arguments));
        let kind = Selected::Field { key, code, arguments, is_plain, schema: schema_field, all };
        Some(Checked {
            ident,
            part,
            constants,
            ty: field.ty.to_token_stream(),
            spans: spans(&field.ty),
            kind,
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
    ) -> Option<Checked<'a>> {
        let alone = options.rename.is_none()
            && options.required.is_none()
            && options.default.is_none()
            && options.all.is_none()
            && options.arguments.is_empty();
        if !alone {
            errors.push(Error::new(
                span,
                "`flatten` stands alone: the other attributes belong to the fields inside",
            ));
            return None;
        }
        let ty = &field.ty;
        let on = self.generated(self.ty.rust);
        let (name, on_name) = (written(ty).base, self.ty.name);
        let (first, last) = spans(ty);
        let call = group(last, quote!(KEYS, #on_name, #name, #part.fits, &#part.selection, #part.wrappers));
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
        let kind = Selected::Flattened { name };
        Some(Checked { ident, part, constants, ty: quote!(#ty), spans: (first, last), kind, default: false })
    }

    /// The constants of a field: how it is selected and read, and the check of its type.
    fn part(&self, part: &Ident, field: &syn::Field, schema: &Field<'_>, options: &Options) -> TokenStream {
        let ty = &field.ty;
        let default = options.default.is_some();
        let whole = if default { quote!(::core::option::Option<#ty>) } else { quote!(#ty) };
        let nullable = schema.ty.wrappers();
        let without_null = default || options.required.is_some();
        let expected = if without_null && schema.ty.is_nullable() { nullable >> 2 } else { nullable };
        let on = self.generated(schema.rust);
        let (value, check) = match schema.code {
            Code::Leaf => (quote!(__rt::AsLeaf::<#whole>::PART), "checked_leaf"),
            Code::Object => (quote!(__rt::AsSelection::<#on, #whole>::OBJECT), "check_object"),
            Code::Payload => (quote!(__rt::AsSelection::<#on, #whole>::PAYLOAD), "check_object"),
            Code::Connection => (quote!(__rt::AsSelection::<#on, #whole>::CONNECTION), "check_connection"),
        };
        let (open, close) = spelled(expected);
        let Written { wrappers: written, base } = written(ty);
        let (on_name, name, rust) = (self.ty.name, schema.name, schema.rust);
        let (first, last) = spans(ty);
        let check = Ident::new(check, first);
        let check = quote_spanned!(first=> __rt::#check);
        if schema.code == Code::Leaf {
            // Most fields are leaves: one short constant each is what the compiler is fastest with.
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
        // Where selections contain each other, the compiler names this place.
        let part = quote_spanned!(first=> const #part: __rt::Part<#whole> = #value;);
        quote! {
            #part
            const _: () = #check #call;
        }
    }

    fn check_variables(&self, arguments: &Arguments<'_>, errors: &mut Vec<Error>) {
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

    fn check_null(&self, schema: &Field<'_>, options: &Options, errors: &mut Vec<Error>) {
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
            errors.push(Error::new(
                span,
                "null is either an error, `required`, or the default, `default`: choose one",
            ));
        }
    }

    fn unknown(&self, name: &str, renamed: bool) -> String {
        let on = self.ty.name;
        if self.ty.kind == crate::schema::Kind::Payload && name == "errors" {
            return "the errors of a payload are always asked for, and are an `Error` of the call: remove this field".to_owned();
        }
        let near = nearest(name, self.ty.fields.iter().map(|field| field.name));
        match near.and_then(|near| self.ty.field_named(near)) {
            Some(near) if renamed => format!("no field `{name}` on `{on}`; did you mean `{}`?", near.name),
            Some(near) => format!("no field `{name}` on `{on}`; did you mean `{}`?", near.rust_name),
            None if self.ty.fields.len() < 8 => {
                let names: Vec<_> =
                    self.ty.fields.iter().map(|field| format!("`{}`", field.rust_name)).collect();
                match names.is_empty() {
                    true => format!("no field `{name}` on `{on}`, which has none of its own"),
                    false => format!("no field `{name}` on `{on}`; there is {}", names.join(", ")),
                }
            }
            None => format!("no field `{name}` on `{on}`; its documentation lists all fields"),
        }
    }
}

/// The arguments of a call, in parentheses that stand where the user's token stands.
pub(crate) fn group(span: Span, tokens: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    group.set_span(span);
    group
}

/// What to say of a spelling that stands for several names of the schema.
pub(crate) fn ambiguous(written: &str, names: &[&str], with: &str) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("`{written}` can be {} here: say which of them with {with}", names.join(" or "))
}

/// Why a name cannot be the key of a response.
fn refused(key: &str) -> Option<String> {
    if !key.is_ascii() {
        return Some(format!(
            "`{key}` is no name in GraphQL, which has ASCII letters only: rename the field"
        ));
    }
    if key.starts_with("__") || key.starts_with("xurrent_") {
        return Some(format!("names like `{key}` are reserved: call the field otherwise"));
    }
    None
}

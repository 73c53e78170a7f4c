//! Declarations of types, as the SDK's macros pass them, read into schema descriptions.
//!
//! `node Team "Team" [] [name "name" ..] { name: Option<String> = "name": "String" } ..`: the names of all fields, then each in
//! braces.
//!
//! `[Person]` is a connection with the names and arguments of most APIs. Other names are a constant in
//! `[Person; NAMES]`, with all arguments; in `[Person; NAMES as PersonConnection]` also the connection's own type.
//! `#[deprecated(note = "..")]` stands before a field, an argument, a value or a possible type that is deprecated.

use crate::schema::{Field, FieldKind, Paging, Type, TypeKind, WrappedType};
use heck::ToSnakeCase;
use proc_macro2::{Delimiter, Ident, Literal, TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::ext::IdentExt;
use syn::parse::{Nothing, ParseStream, Parser};
use syn::{Data, DeriveInput, Token, braced, bracketed, parenthesized, token};

/// The names in a list. Text is faster than tokens: a derive is seldom optimized.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|word| !word.is_empty())
}

/// Names between commas.
pub(crate) fn names(tokens: TokenStream) -> Vec<String> {
    tokens.into_iter().map(|token| token.to_string()).filter(|token| token != ",").collect()
}

/// The description of a declared type. It has all fields, or at least those with a name among `names`: a selection
/// has few of many.
pub(crate) fn read(declaration: TokenStream, names: Option<&BTreeSet<String>>) -> syn::Result<Type> {
    let mut tokens = declaration.into_iter();
    let mut ty = read_type.parse2(tokens.by_ref().take(4).collect())?;
    let declared = tokens.next().map(|names| names.to_string()).unwrap_or_default();
    let declared: Vec<&str> = words(&declared).collect();
    for named in declared.chunks(2) {
        let field = tokens.next().into_iter();
        if names.is_none_or(|names| named.iter().any(|name| names.contains(plain(name)))) {
            ty.fields.push(declared_field.parse2(field.collect())?);
        }
    }
    // Nothing may be left.
    syn::parse2::<Nothing>(tokens.collect()).map(|_| ty)
}

/// A field in braces.
fn declared_field(input: ParseStream<'_>) -> syn::Result<Field> {
    let content;
    braced!(content in input);
    field(&content)
}

/// The names of fields that an item has, in Rust or in GraphQL.
pub(crate) fn names_in(item: &DeriveInput) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let fields = if let Data::Struct(data) = &item.data { Some(&data.fields) } else { None };
    for field in fields.into_iter().flatten() {
        names.extend(field.ident.as_ref().map(|ident| plain(&ident.to_string()).to_owned()));
        for attribute in field.attrs.iter().filter_map(|attribute| attribute.meta.require_list().ok()) {
            names.extend(
                attribute.tokens.clone().into_iter().map(|token| plain(&token.to_string()).to_owned()),
            );
        }
    }
    names
}

/// A name without what Rust adds to keywords, and without quotes.
fn plain(name: &str) -> &str {
    name.trim_start_matches("r#").trim_matches('"').trim_end_matches('_')
}

/// The type, without its fields.
fn read_type(input: ParseStream<'_>) -> syn::Result<Type> {
    let kind = match word(input)?.as_str() {
        "object" => TypeKind::Object,
        "node" => TypeKind::Node,
        "payload" => TypeKind::Payload,
        // Of an interface, which of its types have ids.
        "none" | "some" => TypeKind::Interface,
        "any" => TypeKind::AnyNode,
        "query" => TypeKind::Query,
        "mutation" => TypeKind::Mutation,
        _ => return Err(input.error("unknown kind of type")),
    };
    let rust = word(input)?;
    let rust = match kind {
        TypeKind::Query => "select::root::Query".to_owned(),
        TypeKind::Mutation => "select::root::Mutation".to_owned(),
        _ => rust,
    };
    let name = text(input)?;
    let content;
    bracketed!(content in input);
    let (mut possible, mut deprecated) = (Vec::new(), Vec::new());
    while !content.is_empty() {
        let reason = deprecation(&content)?;
        let (name, rust) = possible_type(&content)?;
        deprecated.extend(reason.map(|reason| (name.clone(), reason)));
        possible.push((name, rust));
        content.parse::<Token![,]>()?;
    }
    let typename = Field {
        name: "__typename".to_owned(),
        ty: WrappedType("String!".to_owned()),
        rust: "String".to_owned(),
        ..Field::default()
    };
    let (fields, paging) = (Vec::new(), Paging::default());
    Ok(Type { kind, name, rust, possible, deprecated, fields, typename, paging })
}

/// `first: limit, max_nodes: 1000`: what differs from the usual.
pub(crate) fn paging(tokens: TokenStream) -> syn::Result<Paging> {
    let mut paging = Paging::default();
    let mut settings = tokens.into_iter().filter(|token| !matches!(token, TokenTree::Punct(_)));
    while let (Some(name), Some(value)) = (settings.next(), settings.next()) {
        let (value, number) = (value.to_string(), value.to_string().parse());
        match (name.to_string().as_str(), number) {
            ("first", _) => paging.first = value,
            ("after", _) => paging.after = value,
            ("max_page_size", Ok(number)) => paging.max_page_size = number,
            ("max_nodes", number) => paging.max_nodes = Some(number.unwrap_or(u64::MAX)),
            _ => return Err(syn::Error::new(name.span(), "unknown setting")),
        }
    }
    Ok(paging)
}

/// `Variant = "Name"` or `Variant as Rust = "Name"`
fn possible_type(input: ParseStream<'_>) -> syn::Result<(String, String)> {
    let variant = word(input)?;
    let rust = if input.parse::<Option<Token![as]>>()?.is_some() { word(input)? } else { variant };
    input.parse::<Token![=]>()?;
    Ok((text(input)?, rust))
}

/// `rust_name: Type = "name": "Type" = "default" (arguments) { inner }`
fn field(input: ParseStream<'_>) -> syn::Result<Field> {
    let deprecated = deprecation(input)?;
    let declared = word(input)?;
    input.parse::<Token![:]>()?;
    let (mut names, mut is_connection) = (Vec::new(), false);
    while !input.peek(Token![=]) {
        is_connection |= rust_type(input.parse()?, &mut names);
    }
    let mut of_connection =
        names.split_off(if is_connection { 1.min(names.len()) } else { names.len() }).into_iter();
    let (shape, whole) = (of_connection.next(), of_connection.nth(1));
    let is_reference = names.len() > 1 && names[0] == "Ref";
    if is_reference {
        // The type of its id follows, unless it is `Id`.
        names.truncate(2);
    }
    input.parse::<Token![=]>()?;
    let name = text(input)?;
    input.parse::<Token![:]>()?;
    let ty = text(input)?;
    let has_default = input.parse::<Option<Token![=]>>()?.is_some();
    if has_default {
        text(input)?;
    }
    // A keyword is followed by `_` in the declaration, and need not be in a selection.
    let usual = name.to_snake_case();
    let is_usual = declared.strip_prefix(&usual).is_some_and(|rest| matches!(rest, "" | "_"));
    let mut arguments = Vec::new();
    if input.peek(token::Paren) {
        let content;
        parenthesized!(content in input);
        arguments.extend(content.parse_terminated(field, Token![,])?);
    }
    let (mut values, mut deprecated_values) = (None, Vec::new());
    if input.peek(token::Brace) {
        let content;
        braced!(content in input);
        let mut rest = Vec::new();
        while !content.is_empty() {
            let reason = deprecation(&content)?;
            let value: TokenTree = content.parse()?;
            deprecated_values.extend(reason.map(|reason| (value.to_string(), reason)));
            rest.push(value);
        }
        values = Some(self::names(rest.into_iter().collect()));
    }
    let errors = match values.as_deref() {
        Some([inner]) if inner == "errors" => "errors { message path }".to_owned(),
        Some([inner]) if inner.starts_with('"') => inner.trim_matches('"').to_owned(),
        _ => String::new(),
    };
    let kind = match values.as_deref() {
        _ if is_connection => FieldKind::Connection,
        _ if !errors.is_empty() => FieldKind::Payload,
        None if !is_reference => FieldKind::Leaf,
        _ => FieldKind::Object,
    };
    if is_connection && shape.is_none() {
        let paging = [
            ("after", "String", "String"),
            ("before", "String", "String"),
            ("first", "Int", "i64"),
            ("last", "Int", "i64"),
        ];
        arguments.extend(paging.map(|(name, ty, rust)| Field {
            name: name.to_owned(),
            rust_name: name.to_owned(),
            ty: WrappedType(ty.to_owned()),
            rust: rust.to_owned(),
            ..Field::default()
        }));
    }
    Ok(Field {
        name,
        rust_name: if is_usual { usual } else { declared },
        ty: WrappedType(ty),
        // A filter has no name of its own.
        rust: names.pop().filter(|_| names.is_empty() || is_reference).unwrap_or_default(),
        kind,
        shape,
        whole,
        errors,
        arguments,
        values: values.unwrap_or_default(),
        deprecated_values,
        has_default,
        deprecated,
    })
}

/// Adds the names in a Rust type, without wrappers. Returns whether it is that of a connection: `[Person]`.
fn rust_type(token: TokenTree, names: &mut Vec<String>) -> bool {
    match token {
        TokenTree::Ident(ident) if ident != "rt" && ident != "Option" && ident != "Vec" => {
            names.push(ident.to_string());
            false
        }
        TokenTree::Group(group) => {
            let inner = group.stream().into_iter().map(|token| rust_type(token, names));
            inner.fold(group.delimiter() == Delimiter::Bracket, |nodes, inner| nodes | inner)
        }
        _ => false,
    }
}

/// The reason in `#[deprecated(note = "..")]`, if that is what follows.
fn deprecation(input: ParseStream<'_>) -> syn::Result<Option<Literal>> {
    if !input.peek(Token![#]) {
        return Ok(None);
    }
    input.parse::<Token![#]>()?;
    let (attribute, note);
    bracketed!(attribute in input);
    word(&attribute)?;
    parenthesized!(note in attribute);
    word(&note)?;
    note.parse::<Token![=]>()?;
    note.parse().map(Some)
}

/// A text without escapes.
fn text(input: ParseStream<'_>) -> syn::Result<String> {
    input.parse::<Literal>().map(|literal| literal.to_string().trim_matches('"').to_owned())
}

fn word(input: ParseStream<'_>) -> syn::Result<String> {
    input.call(Ident::parse_any).map(|ident| ident.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use super::read;
    use crate::schema::{FieldKind, Type, TypeKind};
    use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

    /// The description of a declaration, whose fields end with commas.
    pub(crate) fn described(declaration: &str) -> Option<Type> {
        let mut tokens = declaration.parse::<TokenStream>().unwrap().into_iter();
        let mut declaration: Vec<TokenTree> = tokens.by_ref().take(4).collect();
        let (mut depth, mut names, mut fields, mut field) = (0, Vec::new(), Vec::new(), Vec::new());
        for token in tokens {
            if let TokenTree::Punct(punct) = &token {
                depth += i32::from(punct.as_char() == '<') - i32::from(punct.as_char() == '>');
                if depth == 0 && punct.as_char() == ',' {
                    names.push(
                        field.iter().find(|token| matches!(token, TokenTree::Ident(_))).unwrap().clone(),
                    );
                    names.push(
                        field.iter().find(|token| matches!(token, TokenTree::Literal(_))).unwrap().clone(),
                    );
                    fields.push(Group::new(Delimiter::Brace, field.drain(..).collect()).into());
                    continue;
                }
            }
            field.push(token);
        }
        if declaration.len() == 4 {
            declaration.push(Group::new(Delimiter::Bracket, names.into_iter().collect()).into());
        }
        declaration.extend(fields.into_iter().chain(field));
        read(declaration.into_iter().collect(), None).ok()
    }

    const PERSON: &str = r#"node Person "Person" [] id: rt::Id = "id": "ID!",
        notes: [Note] = "notes": "NoteConnection!" (
            view: NoteView = "view": "NoteView!" = "all" { all, open },
            filter: NoteFilter = "filter": "NoteFilter",
        ),
        manager: Option<rt::Ref<Person>> = "manager": "Person" { id },
        kinds: Vec<Kind> = "kinds": "[Kind!]!","#;

    #[test]
    fn reads_a_declaration() {
        let ty = described(PERSON).unwrap();
        assert_eq!((ty.kind, &*ty.name, &*ty.rust), (TypeKind::Node, "Person", "Person"));
        assert!(!ty.is_abstract() && !ty.is_root() && ty.possible.is_empty());
        let notes = ty.field("notes").unwrap().unwrap();
        assert_eq!(
            (notes.kind, &*notes.rust, &*notes.ty.0),
            (FieldKind::Connection, "Note", "NoteConnection!")
        );
        let names: Vec<_> = notes.arguments.iter().map(|argument| argument.name.as_str()).collect();
        assert_eq!(names, ["view", "filter", "after", "before", "first", "last"]);
        let view = notes.argument("view").unwrap().unwrap();
        assert_eq!((&*view.ty.0, &*view.rust), ("NoteView!", "NoteView"));
        assert_eq!(view.values, ["all", "open"]);
        assert!(view.has_default && !view.is_required());
        assert!(ty.field("id").unwrap().unwrap().arguments.is_empty());
        let manager = ty.field("manager").unwrap().unwrap();
        assert_eq!((manager.kind, &*manager.rust), (FieldKind::Object, "Person"));
    }

    #[test]
    fn reads_the_types_of_an_interface() {
        let ty = described(r#"any Node "Node" [A = "A", C as B = "B",] id: rt::Id = "id": "ID!","#).unwrap();
        assert_eq!(ty.possible, [("A".to_owned(), "A".to_owned()), ("B".to_owned(), "B".to_owned())]);
        assert!(ty.is_abstract());
        assert_eq!(ty.fields.len(), 1);
    }

    #[test]
    fn reads_references_with_ids_of_other_types() {
        for id in ["i64", "rt::Json", "Option<i64>"] {
            let ty =
                described(&format!(r#"object A "A" [] b: Option<rt::Ref<B, {id}>> = "b": "B" {{ id }},"#));
            let ty = ty.unwrap();
            let field = ty.field("b").unwrap().unwrap();
            assert_eq!((field.kind, &*field.rust), (FieldKind::Object, "B"), "{id}");
        }
    }

    #[test]
    fn refuses_invalid_declarations() {
        for text in ["", "node", r#"node Person "Person""#, r#"thing A "A" []"#, r#"node A "A" [] id"#] {
            assert!(described(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn finds_fields_by_graphql_and_rust_names() {
        let ty = described(
            r#"object A "A" [] foo_bar: rt::Id = "fooBar": "ID", foobar: i64 = "foobar": "Int",
            pdf_design_id: rt::Id = "pdfDesignID": "ID", type_: i64 = "type": "Int", _id: rt::Id = "_id": "ID",
            id: rt::Id = "id": "ID", sort: i64 = "kind": "Int" (
                source_id: i64 = "sourceID": "Int", src: i64 = "source_id": "Int",
            ),"#,
        )
        .unwrap();
        let found = |name| ty.field(name).unwrap().map(|field| field.name.as_str());
        assert_eq!(found("foobar"), Some("foobar"), "in GraphQL");
        assert_eq!(found("foo_bar"), Some("fooBar"), "in snake case");
        assert_eq!(found("pdf_design_id"), Some("pdfDesignID"));
        assert_eq!((found("type"), found("type_")), (Some("type"), Some("type")), "a keyword");
        assert_eq!((found("id"), found("_id")), (Some("id"), Some("_id")));
        assert_eq!((found("kind"), found("sort")), (Some("kind"), Some("kind")), "renamed");
        assert_eq!(found("pdf_design"), None);
        assert!(ty.field_named("foo_bar").is_none());
        let kind = ty.field("kind").unwrap().unwrap();
        let argument = |name| kind.argument(name).map(|argument| argument.unwrap().name.as_str());
        assert_eq!((argument("sourceID"), argument("src")), (Ok("sourceID"), Ok("source_id")));
        assert_eq!(argument("source_id"), Err(vec!["sourceID", "source_id"]), "it was the first one alone");
    }

    #[test]
    fn a_name_that_fits_two_fields_is_ambiguous() {
        for (before, after, name) in [
            (r#"source_id: rt::Id = "sourceID": "ID","#, r#"src: rt::Id = "source_id": "ID","#, "source_id"),
            (r#"foo: i64 = "Foo": "Int","#, r#"bar: i64 = "foo": "Int","#, "foo"),
            (r#"type_: i64 = "type": "Int","#, r#"kind: i64 = "type_": "Int","#, "type_"),
        ] {
            let ty = described(&format!("object A \"A\" [] {before}")).unwrap();
            assert!(before.contains(&format!("{}\":", ty.field(name).unwrap().unwrap().name)));
            let ty = described(&format!("object A \"A\" [] {before} {after}")).unwrap();
            assert_eq!(ty.field(name).map(|_| ()).unwrap_err().len(), 2, "{name}");
        }
    }
}

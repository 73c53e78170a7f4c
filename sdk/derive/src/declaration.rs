//! Declarations of types, as the SDK's macros pass them, read into schema descriptions.
//!
//! `node Team "Team" [] name: Option<String> = "name": "String", members: [Person] = "members": "PersonConnection", ..`

use crate::schema::{Argument, Field, FieldKind, Type, TypeKind, WrappedType};
use heck::ToSnakeCase;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::iter::Peekable;
use std::vec::IntoIter;

type Tokens = Peekable<IntoIter<TokenTree>>;

/// Names between commas.
pub(crate) fn names(tokens: TokenStream) -> Vec<String> {
    entries(tokens).iter().flatten().map(ToString::to_string).collect()
}

/// The description of a declared type.
pub(crate) fn read(declaration: TokenStream) -> Option<Type> {
    let mut tokens = flat(declaration);
    let kind = match tokens.next()?.to_string().as_str() {
        "object" => TypeKind::Object,
        "node" => TypeKind::Node,
        "payload" => TypeKind::Payload,
        // Of an interface, which of its types have ids.
        "none" | "some" => TypeKind::Interface,
        "any" => TypeKind::AnyNode,
        "query" => TypeKind::Query,
        "mutation" => TypeKind::Mutation,
        _ => return None,
    };
    let rust = tokens.next()?.to_string();
    let rust = match kind {
        TypeKind::Query => "__private::root::Query".to_owned(),
        TypeKind::Mutation => "__private::root::Mutation".to_owned(),
        _ => rust,
    };
    let name = literal(&tokens.next()?)?;
    let possible = entries(group(&mut tokens, Delimiter::Bracket)?.stream());
    let possible = possible.iter().map(|entry| possible_type(entry)).collect::<Option<_>>()?;
    let fields = entries(tokens.collect()).into_iter().map(field).collect::<Option<_>>()?;
    Some(Type { kind, name, rust, possible, fields })
}

/// `Variant = "Name"` or `Variant as Rust = "Name"`
fn possible_type(entry: &[TokenTree]) -> Option<(String, String)> {
    let rust = match entry {
        [TokenTree::Ident(_), TokenTree::Ident(_), TokenTree::Ident(rust), ..] => rust,
        [TokenTree::Ident(variant), ..] => variant,
        _ => return None,
    };
    Some((literal(entry.last()?)?, rust.to_string()))
}

/// `rust_name: Type = "name": "Type" (arguments) { inner }`
fn field(tokens: Vec<TokenTree>) -> Option<Field> {
    let Entry { name, rust_name, ty, rust, mut rest } = Entry::read(tokens)?;
    let arguments = group(&mut rest, Delimiter::Parenthesis).map(|group| entries(group.stream()));
    let mut arguments: Vec<_> =
        arguments.unwrap_or_default().into_iter().map(argument).collect::<Option<_>>()?;
    let inner = group(&mut rest, Delimiter::Brace);
    let kind = match (&rust, inner) {
        (RustType::Node(_), _) => FieldKind::Connection,
        (_, Some(inner)) if inner.stream().to_string() == "errors" => FieldKind::Payload,
        (RustType::Reference(_), _) | (_, Some(_)) => FieldKind::Object,
        (RustType::Other(_), None) => FieldKind::Leaf,
    };
    if kind == FieldKind::Connection {
        let paging = [
            ("after", "String", "String"),
            ("before", "String", "String"),
            ("first", "Int", "i64"),
            ("last", "Int", "i64"),
        ];
        arguments.extend(paging.map(|(name, ty, rust)| Argument {
            name: name.to_owned(),
            rust_name: name.to_owned(),
            ty: WrappedType(ty.to_owned()),
            rust: rust.to_owned(),
            values: Vec::new(),
            has_default: false,
        }));
    }
    Some(Field { name, rust_name, ty: WrappedType(ty), kind, rust: rust.into_name(), arguments })
}

/// `rust_name: Type = "name": "Type" = "default" { values }`
fn argument(tokens: Vec<TokenTree>) -> Option<Argument> {
    let Entry { name, rust_name, ty, rust, mut rest } = Entry::read(tokens)?;
    let has_default = rest.next_if(|token| is_punct(token, '=')).is_some();
    if has_default {
        rest.next();
    }
    let values = group(&mut rest, Delimiter::Brace).map(|group| names(group.stream())).unwrap_or_default();
    Some(Argument { name, rust_name, ty: WrappedType(ty), rust: rust.into_name(), values, has_default })
}

/// The common part of fields and arguments.
struct Entry {
    name: String,
    rust_name: String,
    ty: String,
    rust: RustType,
    rest: Tokens,
}

/// The type inside the Rust type of a field or an argument.
enum RustType {
    /// The nodes of a connection.
    Node(String),
    Reference(String),
    Other(String),
}

impl RustType {
    fn read(tokens: &[TokenTree]) -> Self {
        if let [TokenTree::Group(node)] = tokens {
            return Self::Node(node.stream().to_string());
        }
        let idents = tokens.iter().filter(|token| matches!(token, TokenTree::Ident(_)));
        let names: Vec<_> = idents.map(ToString::to_string).collect();
        let inner = names.iter().filter(|name| !matches!(name.as_str(), "rt" | "Option" | "Vec"));
        match inner.collect::<Vec<_>>().as_slice() {
            [wrapper, name] if *wrapper == "Ref" => Self::Reference((*name).clone()),
            [name] => Self::Other((*name).clone()),
            // A filter has no name of its own.
            _ => Self::Other(String::new()),
        }
    }

    fn into_name(self) -> String {
        let (Self::Node(name) | Self::Reference(name) | Self::Other(name)) = self;
        name
    }
}

impl Entry {
    fn read(tokens: Vec<TokenTree>) -> Option<Self> {
        let mut rest = tokens.into_iter().peekable();
        let declared = rest.next()?.to_string();
        rest.next_if(|token| is_punct(token, ':'))?;
        let types: Vec<_> = std::iter::from_fn(|| rest.next_if(|token| !is_punct(token, '='))).collect();
        rest.next()?;
        let name = literal(&rest.next()?)?;
        rest.next_if(|token| is_punct(token, ':'))?;
        let ty = literal(&rest.next()?)?;
        // A keyword is followed by `_` in the declaration, and need not be in a selection.
        let usual = name.to_snake_case();
        let is_usual = declared.strip_prefix(&usual).is_some_and(|rest| matches!(rest, "" | "_"));
        let rust_name = if is_usual { usual } else { declared };
        Some(Self { name, rust_name, ty, rust: RustType::read(&types), rest })
    }
}

/// Tokens between commas.
fn entries(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = flat(tokens).collect();
    let entries = tokens.split(|token| is_punct(token, ',')).filter(|entry| !entry.is_empty());
    entries.map(<[TokenTree]>::to_vec).collect()
}

/// Tokens without the invisible groups around fragments that a macro passes.
fn flat(tokens: TokenStream) -> Tokens {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                all.extend(flat(group.stream()))
            }
            token => all.push(token),
        }
    }
    all.into_iter().peekable()
}

fn group(tokens: &mut Tokens, delimiter: Delimiter) -> Option<Group> {
    match tokens.next_if(|token| matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)) {
        Some(TokenTree::Group(group)) => Some(group),
        _ => None,
    }
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn literal(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Literal(literal) => Some(literal.to_string().trim_matches('"').to_owned()),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use super::read;
    use crate::schema::{FieldKind, Type, TypeKind};

    /// The description of a declaration.
    pub(crate) fn described(declaration: &str) -> Option<Type> {
        read(declaration.parse().unwrap())
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

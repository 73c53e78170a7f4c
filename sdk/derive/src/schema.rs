//! Schema description of one type, as the SDK's macros pass it. The generator writes it in `ir::select`.

use heck::ToSnakeCase;
use std::borrow::Cow;

/// Kind of the type that a selection is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TypeKind {
    /// An object without a `node(id:)` of its own.
    Object,
    /// A record that `node(id:)` returns.
    Node,
    Payload,
    Interface,
    /// The interface of everything that `node(id:)` returns.
    AnyNode,
    Query,
    Mutation,
}

pub(crate) struct Type<'a> {
    pub(crate) kind: TypeKind,
    pub(crate) name: &'a str,
    /// Its Rust path below the SDK.
    pub(crate) rust: &'a str,
    /// The concrete types of an interface or a union, with their Rust names.
    pub(crate) possible: Vec<(&'a str, &'a str)>,
    pub(crate) fields: Vec<Field<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FieldKind {
    Leaf,
    Object,
    Connection,
    Payload,
}

pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    /// The name in Rust, optionally followed by `_`.
    pub(crate) rust_name: Cow<'a, str>,
    pub(crate) ty: WrappedType<'a>,
    pub(crate) kind: FieldKind,
    /// Rust name of the type inside.
    pub(crate) rust: &'a str,
    pub(crate) arguments: Vec<Argument<'a>>,
}

pub(crate) struct Argument<'a> {
    pub(crate) name: &'a str,
    /// The name in Rust, optionally followed by `_`.
    rust_name: Cow<'a, str>,
    pub(crate) ty: WrappedType<'a>,
    /// Rust name of the type inside; empty when it has none.
    pub(crate) rust: &'a str,
    /// The values of an enum.
    pub(crate) values: Vec<&'a str>,
    pub(crate) has_default: bool,
}

/// A GraphQL type in schema syntax: `[String!]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct WrappedType<'a>(pub(crate) &'a str);

const NULLABLE: u32 = 1;
const LIST: u32 = 2;

impl<'a> WrappedType<'a> {
    pub(crate) fn is_nullable(self) -> bool {
        !self.0.ends_with('!')
    }

    /// The type without the `!` at its end.
    fn nullable(self) -> &'a str {
        self.0.strip_suffix('!').unwrap_or(self.0)
    }

    /// The type of the items of a list.
    pub(crate) fn item(self) -> Option<Self> {
        self.nullable().strip_prefix('[')?.strip_suffix(']').map(Self)
    }

    pub(crate) fn base(self) -> &'a str {
        self.0.trim_matches(['[', ']', '!'])
    }

    /// The wrappers of the Rust type, the outermost in the lowest two bits.
    pub(crate) fn wrappers(self) -> u32 {
        let inner = self.item().map_or(0, |item| item.wrappers() << 2 | LIST);
        if self.is_nullable() { inner << 2 | NULLABLE } else { inner }
    }
}

/// The Rust syntax of wrappers: the text before and after the inner type.
pub(crate) fn rust_wrappers(mut wrappers: u32) -> (String, String) {
    let (mut open, mut close) = (String::new(), String::new());
    while wrappers != 0 {
        open.push_str(if wrappers & 3 == NULLABLE { "Option<" } else { "Vec<" });
        close.push('>');
        wrappers >>= 2;
    }
    (open, close)
}

impl<'a> Type<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut lines = text.lines();
        let mut head = lines.next()?.split(' ');
        let kind = match head.next()? {
            "object" => TypeKind::Object,
            "node" => TypeKind::Node,
            "payload" => TypeKind::Payload,
            "interface" => TypeKind::Interface,
            "any" => TypeKind::AnyNode,
            "query" => TypeKind::Query,
            "mutation" => TypeKind::Mutation,
            _ => return None,
        };
        let (name, rust) = (head.next()?, head.next()?);
        let mut possible = Vec::new();
        let mut fields = Vec::new();
        for line in lines {
            match line.strip_prefix("= ") {
                Some(types) => possible = types.split(' ').filter_map(|ty| ty.split_once('=')).collect(),
                None => fields.push(Field::parse(line)?),
            }
        }
        Some(Self { kind, name, rust, possible, fields })
    }

    pub(crate) fn is_abstract(&self) -> bool {
        matches!(self.kind, TypeKind::Interface | TypeKind::AnyNode)
    }

    pub(crate) fn is_root(&self) -> bool {
        matches!(self.kind, TypeKind::Query | TypeKind::Mutation)
    }

    /// The field with this name in GraphQL or in Rust.
    ///
    /// # Errors
    /// The GraphQL names of all candidates, if the name is ambiguous.
    pub(crate) fn field(&self, name: &str) -> Result<Option<&Field<'a>>, Vec<&'a str>> {
        find_unique(&self.fields, name, |field| (field.name, &*field.rust_name))
    }

    pub(crate) fn field_named(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The item with this name in GraphQL or in Rust. A name that fits two items is ambiguous: choosing
/// one would change its meaning when the schema grows.
fn find_unique<'t, 'a: 't, T>(
    all: &'t [T],
    name: &str,
    names: impl Fn(&'t T) -> (&'a str, &'t str),
) -> Result<Option<&'t T>, Vec<&'a str>> {
    let mut found = all.iter().filter(|item| {
        let (graphql, rust) = names(item);
        name == graphql || name.strip_prefix(rust).is_some_and(|rest| rest.is_empty() || rest == "_")
    });
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => {
            Err([first, second].into_iter().chain(found).map(|item| names(item).0).collect())
        }
        (first, _) => Ok(first),
    }
}

/// The names in GraphQL and in Rust, from `name`, or `name=rust` if it is not the snake case name.
fn split_names(name: &str) -> (&str, Cow<'_, str>) {
    match name.split_once('=') {
        Some((name, rust)) => (name, Cow::Borrowed(rust)),
        None => (name, Cow::Owned(name.to_snake_case())),
    }
}

impl<'a> Field<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut parts = line.split(' ');
        let ((name, rust_name), ty) = (split_names(parts.next()?), WrappedType(parts.next()?));
        let kind = match parts.next()? {
            "l" => FieldKind::Leaf,
            "o" => FieldKind::Object,
            "c" => FieldKind::Connection,
            "p" => FieldKind::Payload,
            _ => return None,
        };
        let rust = parts.next()?;
        let mut arguments: Vec<_> = parts.filter_map(Argument::parse).collect();
        if kind == FieldKind::Connection {
            let paging = ["after:String=String", "before:String=String", "first:Int=i64", "last:Int=i64"];
            arguments.extend(paging.into_iter().filter_map(Argument::parse));
        }
        Some(Self { name, rust_name, ty, kind, rust, arguments })
    }

    pub(crate) fn is_paged(&self) -> bool {
        self.kind == FieldKind::Connection
    }

    pub(crate) fn argument(&self, name: &str) -> Result<Option<&Argument<'a>>, Vec<&'a str>> {
        find_unique(&self.arguments, name, |argument| (argument.name, &*argument.rust_name))
    }
}

impl<'a> Argument<'a> {
    /// Parses `name:type=rust{values}?`; `?` marks a default.
    fn parse(text: &'a str) -> Option<Self> {
        let (text, has_default) = text.strip_suffix('?').map_or((text, false), |text| (text, true));
        let (text, values) = match text.split_once('{') {
            Some((text, values)) => (text, values.trim_end_matches('}').split(',').collect()),
            None => (text, Vec::new()),
        };
        let (name, rest) = text.split_once(':')?;
        let (ty, rust) = rest.split_once('=')?;
        let (name, rust_name) = split_names(name);
        Some(Self { name, rust_name, ty: WrappedType(ty), rust, values, has_default })
    }

    pub(crate) fn is_required(&self) -> bool {
        !self.ty.is_nullable() && !self.has_default
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::{FieldKind, Type, TypeKind, WrappedType, rust_wrappers};

    const PERSON: &str = "node Person r#Person\nid ID! l Id\nnotes NoteConnection! c Note \
        view:NoteView!=NoteView{all,open}? filter:NoteFilter=NoteFilter\nkinds [Kind!]! l Kind";

    #[test]
    fn parses_a_description() {
        let ty = Type::parse(PERSON).unwrap();
        assert_eq!((ty.kind, ty.name, ty.rust), (TypeKind::Node, "Person", "r#Person"));
        assert!(!ty.is_abstract() && !ty.is_root() && ty.possible.is_empty());
        let notes = ty.field("notes").unwrap().unwrap();
        assert_eq!((notes.kind, notes.rust, notes.ty.0), (FieldKind::Connection, "Note", "NoteConnection!"));
        let names: Vec<_> = notes.arguments.iter().map(|argument| argument.name).collect();
        assert_eq!(names, ["view", "filter", "after", "before", "first", "last"]);
        let view = notes.argument("view").unwrap().unwrap();
        assert_eq!(
            (view.ty.0, view.rust, view.values.as_slice()),
            ("NoteView!", "NoteView", &["all", "open"][..])
        );
        assert!(view.has_default && !view.is_required());
        assert!(ty.field("id").unwrap().unwrap().arguments.is_empty());
    }

    #[test]
    fn parses_the_types_of_an_interface() {
        let ty = Type::parse("any Node Node\n= A=A B=r#B\nid ID! l Id").unwrap();
        assert_eq!(ty.possible, [("A", "A"), ("B", "r#B")]);
        assert!(ty.is_abstract());
        assert_eq!(ty.fields.len(), 1);
    }

    #[test]
    fn refuses_invalid_descriptions() {
        for text in
            ["", "node", "node Person", "thing Person Person", "node A A\nid", "node A A\nid ID! x Id"]
        {
            assert!(Type::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn finds_fields_by_graphql_and_rust_names() {
        let ty = Type::parse(
            "object A A\nfooBar ID l Id\nfoobar Int l i64\npdfDesignID ID l Id\ntype Int l i64\n_id=_id ID l Id\n\
             id ID l Id\nkind=sort Int l i64 sourceID:Int=i64 source_id=src:Int=i64",
        )
        .unwrap();
        let found = |name| ty.field(name).unwrap().map(|field| field.name);
        assert_eq!(found("foobar"), Some("foobar"), "as it is written");
        assert_eq!(found("foo_bar"), Some("fooBar"), "in snake case");
        assert_eq!(found("pdf_design_id"), Some("pdfDesignID"));
        assert_eq!((found("type"), found("type_")), (Some("type"), Some("type")), "a keyword");
        assert_eq!((found("id"), found("_id")), (Some("id"), Some("_id")));
        assert_eq!((found("kind"), found("sort")), (Some("kind"), Some("kind")), "renamed");
        assert_eq!(found("pdf_design"), None);
        assert!(ty.field_named("foo_bar").is_none());
        let kind = ty.field("kind").unwrap().unwrap();
        let argument = |name| kind.argument(name).map(|argument| argument.unwrap().name);
        assert_eq!((argument("sourceID"), argument("src")), (Ok("sourceID"), Ok("source_id")));
        assert_eq!(argument("source_id"), Err(vec!["sourceID", "source_id"]), "it was the first one alone");
    }

    #[test]
    fn a_name_that_fits_two_fields_is_ambiguous() {
        for (before, after, name) in [
            ("sourceID ID l Id", "source_id=src ID l Id", "source_id"),
            ("Foo Int l i64", "foo=bar Int l i64", "foo"),
            ("type Int l i64", "type_=kind Int l i64", "type_"),
        ] {
            let text = format!("object A A\n{before}");
            let ty = Type::parse(&text).unwrap();
            assert_eq!(ty.field(name).unwrap().unwrap().name, before.split(' ').next().unwrap());
            let text = format!("object A A\n{before}\n{after}");
            let ty = Type::parse(&text).unwrap();
            assert_eq!(ty.field(name).map(|_| ()).unwrap_err().len(), 2, "{name}");
        }
    }

    #[test]
    fn reads_wrappers() {
        for (graphql, open, close, base) in [
            ("A!", "", "", "A"),
            ("A", "Option<", ">", "A"),
            ("[A!]!", "Vec<", ">", "A"),
            ("[A!]", "Option<Vec<", ">>", "A"),
            ("[[A]!]", "Option<Vec<Vec<Option<", ">>>>", "A"),
        ] {
            let ty = WrappedType(graphql);
            assert_eq!(rust_wrappers(ty.wrappers()), (open.to_owned(), close.to_owned()), "{graphql}");
            assert_eq!(ty.base(), base);
        }
        assert_eq!(WrappedType("[A!]!").item(), Some(WrappedType("A!")));
        assert_eq!(WrappedType("A!").item(), None);
    }
}

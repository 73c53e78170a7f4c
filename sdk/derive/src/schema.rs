//! The description of a type, as the SDK's macros hold it. See `ir::select` in the generator.

use heck::ToSnakeCase;
use std::borrow::Cow;

/// What kind of type is selected on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
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
    pub(crate) kind: Kind,
    pub(crate) name: &'a str,
    /// Its Rust path below the SDK.
    pub(crate) rust: &'a str,
    /// The concrete types of an interface or a union, with their Rust names.
    pub(crate) possible: Vec<(&'a str, &'a str)>,
    pub(crate) fields: Vec<Field<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Code {
    Leaf,
    Object,
    Connection,
    Payload,
}

pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    /// The name in Rust, to which `_` may be added.
    pub(crate) rust_name: Cow<'a, str>,
    pub(crate) ty: WrappedType<'a>,
    pub(crate) code: Code,
    /// Rust name of the type inside.
    pub(crate) rust: &'a str,
    pub(crate) arguments: Vec<Argument<'a>>,
}

pub(crate) struct Argument<'a> {
    pub(crate) name: &'a str,
    /// The name in Rust, to which `_` may be added.
    rust_name: Cow<'a, str>,
    pub(crate) ty: WrappedType<'a>,
    /// Rust name of the type inside; empty when it has none.
    pub(crate) rust: &'a str,
    /// The values of an enum.
    pub(crate) values: Vec<&'a str>,
    pub(crate) has_default: bool,
}

/// A GraphQL type as it is written: `[String!]`.
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

    /// What is wrapped around the Rust type, the outermost in the lowest two bits.
    pub(crate) fn wrappers(self) -> u32 {
        let inner = self.item().map_or(0, |item| item.wrappers() << 2 | LIST);
        if self.is_nullable() { inner << 2 | NULLABLE } else { inner }
    }
}

/// The Rust spelling of wrappers: what stands before the type inside, and what behind.
pub(crate) fn spelled(mut wrappers: u32) -> (String, String) {
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
            "object" => Kind::Object,
            "node" => Kind::Node,
            "payload" => Kind::Payload,
            "interface" => Kind::Interface,
            "any" => Kind::AnyNode,
            "query" => Kind::Query,
            "mutation" => Kind::Mutation,
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
        matches!(self.kind, Kind::Interface | Kind::AnyNode)
    }

    pub(crate) fn is_root(&self) -> bool {
        matches!(self.kind, Kind::Query | Kind::Mutation)
    }

    /// The field that is spelled like that in GraphQL or in Rust; all of them, where it is another
    /// one in each.
    pub(crate) fn field(&self, spelled: &str) -> Result<Option<&Field<'a>>, Vec<&'a str>> {
        only(&self.fields, spelled, |field| (field.name, &*field.rust_name))
    }

    pub(crate) fn field_named(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The one that is called `spelled` in GraphQL or in Rust. Where one has that name in GraphQL and
/// another one in Rust, neither may be taken: with one of them alone the name meant that one.
fn only<'t, 'a: 't, T>(
    all: &'t [T],
    spelled: &str,
    names: impl Fn(&'t T) -> (&'a str, &'t str),
) -> Result<Option<&'t T>, Vec<&'a str>> {
    let mut found = all.iter().filter(|item| {
        let (name, rust) = names(item);
        name == spelled || spelled.strip_prefix(rust).is_some_and(|rest| rest.is_empty() || rest == "_")
    });
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => {
            Err([first, second].into_iter().chain(found).map(|item| names(item).0).collect())
        }
        (first, _) => Ok(first),
    }
}

/// A name without what people spell differently: `requestedFor` is `requested_for`.
fn plain(name: &str) -> String {
    name.chars().filter(|char| *char != '_').map(|char| char.to_ascii_lowercase()).collect()
}

/// The names in GraphQL and in Rust, the latter only where it does not follow: `_id=_id`.
fn both(name: &str) -> (&str, Cow<'_, str>) {
    match name.split_once('=') {
        Some((name, rust)) => (name, Cow::Borrowed(rust)),
        None => (name, Cow::Owned(name.to_snake_case())),
    }
}

impl<'a> Field<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut parts = line.split(' ');
        let ((name, rust_name), ty) = (both(parts.next()?), WrappedType(parts.next()?));
        let code = match parts.next()? {
            "l" => Code::Leaf,
            "o" => Code::Object,
            "c" => Code::Connection,
            "p" => Code::Payload,
            _ => return None,
        };
        let rust = parts.next()?;
        let mut arguments: Vec<_> = parts.filter_map(Argument::parse).collect();
        if code == Code::Connection {
            for (name, ty, rust) in [
                ("after", "String", "String"),
                ("before", "String", "String"),
                ("first", "Int", "i64"),
                ("last", "Int", "i64"),
            ] {
                arguments.push(Argument {
                    name,
                    rust_name: Cow::Borrowed(name),
                    ty: WrappedType(ty),
                    rust,
                    values: Vec::new(),
                    has_default: false,
                });
            }
        }
        Some(Self { name, rust_name, ty, code, rust, arguments })
    }

    pub(crate) fn is_paged(&self) -> bool {
        self.code == Code::Connection
    }

    pub(crate) fn argument(&self, spelled: &str) -> Result<Option<&Argument<'a>>, Vec<&'a str>> {
        only(&self.arguments, spelled, |argument| (argument.name, &*argument.rust_name))
    }
}

impl<'a> Argument<'a> {
    /// `name:type=rust{values}?`, the name as that of a field
    fn parse(text: &'a str) -> Option<Self> {
        let (text, has_default) = text.strip_suffix('?').map_or((text, false), |text| (text, true));
        let (text, values) = match text.split_once('{') {
            Some((text, values)) => (text, values.trim_end_matches('}').split(',').collect()),
            None => (text, Vec::new()),
        };
        let (name, rest) = text.split_once(':')?;
        let (ty, rust) = rest.split_once('=')?;
        let (name, rust_name) = both(name);
        Some(Self { name, rust_name, ty: WrappedType(ty), rust, values, has_default })
    }

    pub(crate) fn is_required(&self) -> bool {
        !self.ty.is_nullable() && !self.has_default
    }
}

/// The name that someone who wrote `name` most likely meant.
pub(crate) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    const LIKELY: f64 = 0.6;
    let wanted = plain(name);
    let likeness = |candidate: &str| {
        let candidate = plain(candidate);
        // A part of a name is often what is remembered of it.
        let part = wanted.len().min(candidate.len()) > 2
            && (candidate.starts_with(&wanted) || wanted.starts_with(&candidate));
        let distance = strsim::normalized_damerau_levenshtein(&wanted, &candidate);
        if part { distance.max(LIKELY) } else { distance }
    };
    names
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness >= LIKELY)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::{Code, Kind, Type, WrappedType, nearest, spelled};

    const PERSON: &str = "node Person r#Person\nid ID! l Id\nnotes NoteConnection! c Note \
        view:NoteView!=NoteView{all,open}? filter:NoteFilter=NoteFilter\nkinds [Kind!]! l Kind";

    #[test]
    fn a_description() {
        let ty = Type::parse(PERSON).unwrap();
        assert_eq!((ty.kind, ty.name, ty.rust), (Kind::Node, "Person", "r#Person"));
        assert!(!ty.is_abstract() && !ty.is_root() && ty.possible.is_empty());
        let notes = ty.field("notes").unwrap().unwrap();
        assert_eq!((notes.code, notes.rust, notes.ty.0), (Code::Connection, "Note", "NoteConnection!"));
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
    fn an_interface_lists_its_types() {
        let ty = Type::parse("any Node Node\n= A=A B=r#B\nid ID! l Id").unwrap();
        assert_eq!(ty.possible, [("A", "A"), ("B", "r#B")]);
        assert!(ty.is_abstract());
        assert_eq!(ty.fields.len(), 1);
    }

    #[test]
    fn what_is_no_description() {
        for text in
            ["", "node", "node Person", "thing Person Person", "node A A\nid", "node A A\nid ID! x Id"]
        {
            assert!(Type::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn fields_by_either_spelling() {
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
    fn a_spelling_that_becomes_another_field_s_name_means_neither() {
        for (before, after, spelled) in [
            ("sourceID ID l Id", "source_id=src ID l Id", "source_id"),
            ("Foo Int l i64", "foo=bar Int l i64", "foo"),
            ("type Int l i64", "type_=kind Int l i64", "type_"),
        ] {
            let text = format!("object A A\n{before}");
            let ty = Type::parse(&text).unwrap();
            assert_eq!(ty.field(spelled).unwrap().unwrap().name, before.split(' ').next().unwrap());
            let text = format!("object A A\n{before}\n{after}");
            let ty = Type::parse(&text).unwrap();
            assert_eq!(ty.field(spelled).map(|_| ()).unwrap_err().len(), 2, "{spelled}");
        }
    }

    #[test]
    fn wrappers() {
        for (graphql, open, close, base) in [
            ("A!", "", "", "A"),
            ("A", "Option<", ">", "A"),
            ("[A!]!", "Vec<", ">", "A"),
            ("[A!]", "Option<Vec<", ">>", "A"),
            ("[[A]!]", "Option<Vec<Vec<Option<", ">>>>", "A"),
        ] {
            let ty = WrappedType(graphql);
            assert_eq!(spelled(ty.wrappers()), (open.to_owned(), close.to_owned()), "{graphql}");
            assert_eq!(ty.base(), base);
        }
        assert_eq!(WrappedType("[A!]!").item(), Some(WrappedType("A!")));
        assert_eq!(WrappedType("A!").item(), None);
    }

    #[test]
    fn names_that_were_meant() {
        let near = |name| {
            nearest(name, ["id", "name", "jobTitle", "primaryEmail", "source", "sourceID"].into_iter())
        };
        assert_eq!(near("naem"), Some("name"));
        assert_eq!(near("job"), Some("jobTitle"), "its beginning");
        assert_eq!(near("primary_email_address"), Some("primaryEmail"), "it is the beginning");
        assert_eq!(near("source_id"), Some("sourceID"), "another spelling");
        assert_eq!(near("identification"), None, "two letters are no beginning");
        assert_eq!(near("xylophone"), None);
        assert_eq!(near(""), None);
    }
}

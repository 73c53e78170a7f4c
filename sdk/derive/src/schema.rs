//! The description of a type, as the SDK's macros hold it. See `ir::select` in the generator.

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
    pub(crate) ty: WrappedType<'a>,
    pub(crate) code: Code,
    /// Rust name of the type inside.
    pub(crate) rust: &'a str,
    pub(crate) arguments: Vec<Argument<'a>>,
}

pub(crate) struct Argument<'a> {
    pub(crate) name: &'a str,
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

    /// The field that is spelled like that in GraphQL or in Rust.
    pub(crate) fn field(&self, spelled: &str) -> Option<&Field<'a>> {
        let exact = self.fields.iter().find(|field| field.name == spelled);
        exact.or_else(|| {
            let plain = plain(spelled);
            self.fields.iter().find(|field| self::plain(field.name) == plain)
        })
    }

    pub(crate) fn field_named(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A name without what GraphQL and Rust do differently: `requestedFor` is `requested_for`.
fn plain(name: &str) -> String {
    name.chars().filter(|char| *char != '_').map(|char| char.to_ascii_lowercase()).collect()
}

/// `requested_for` of `requestedFor`.
pub(crate) fn snake(name: &str) -> String {
    let mut text = String::new();
    let mut before = '_';
    for char in name.chars() {
        if char.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            text.push('_');
        }
        text.push(char.to_ascii_lowercase());
        before = char;
    }
    text
}

impl<'a> Field<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut parts = line.split(' ');
        let (name, ty) = (parts.next()?, WrappedType(parts.next()?));
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
                    ty: WrappedType(ty),
                    rust,
                    values: Vec::new(),
                    has_default: false,
                });
            }
        }
        Some(Self { name, ty, code, rust, arguments })
    }

    pub(crate) fn is_paged(&self) -> bool {
        self.code == Code::Connection
    }

    pub(crate) fn argument(&self, spelled: &str) -> Option<&Argument<'a>> {
        let plain = plain(spelled);
        self.arguments.iter().find(|argument| self::plain(argument.name) == plain)
    }
}

impl<'a> Argument<'a> {
    /// `name:type=rust{values}?`
    fn parse(text: &'a str) -> Option<Self> {
        let (text, has_default) = text.strip_suffix('?').map_or((text, false), |text| (text, true));
        let (text, values) = match text.split_once('{') {
            Some((text, values)) => (text, values.trim_end_matches('}').split(',').collect()),
            None => (text, Vec::new()),
        };
        let (name, rest) = text.split_once(':')?;
        let (ty, rust) = rest.split_once('=')?;
        Some(Self { name, ty: WrappedType(ty), rust, values, has_default })
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
        let part = wanted.len() > 2 && (candidate.starts_with(&wanted) || wanted.starts_with(&candidate));
        let distance = strsim::normalized_damerau_levenshtein(&wanted, &candidate);
        if part { distance.max(LIKELY) } else { distance }
    };
    names
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness >= LIKELY)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

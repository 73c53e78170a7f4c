//! Names: those of Rust, its prelude and the SDK, ordinary ones, and several that become the same in Rust.

use super::Random;
use std::collections::BTreeSet;

const TYPES: &[&str] = &[
    "Person",
    "Team",
    "Film",
    "Order",
    "Product",
    "Account",
    "Address",
    "Money",
    "Comment",
    "Ticket",
    "Service",
    "Item",
    "Group",
    "Role",
    "Option",
    "Result",
    "Box",
    "Vec",
    "Some",
    "None",
    "Ok",
    "Err",
    "Self",
    "Copy",
    "Clone",
    "Debug",
    "Default",
    "Iterator",
    "Error",
    "ErrorKind",
    "Client",
    "ClientBuilder",
    "Connection",
    "ConnectionQuery",
    "Page",
    "Partial",
    "Ref",
    "Id",
    "Json",
    "Timestamp",
    "Date",
    "TimeOfDay",
    "Decimal",
    "Upload",
    "Filter",
    "Select",
    "Leaf",
    "NodeId",
    "NodeQuery",
    "OpenEnum",
    "RetryPolicy",
    "Recording",
    "MemoryTransport",
    "type",
    "com1",
    "AUX",
    "self",
    "crate",
    "async",
    "ACL",
    "HTTPServer",
    "IPv4Address",
    "A",
    "e",
    "_Service",
    "_Entity",
    "X1",
    "T_1",
    "Any",
    "Send",
    "Sync",
    "Str",
    "Bool",
    "U8",
    "I64",
    "F64",
    "Char",
    "Usize",
    "rt",
    "input",
    "http",
    "bytes",
    "select",
    "webhook",
    "mod",
    "generated",
    "records",
    "Object",
    "Interface",
    "Union",
    "Enum",
    "Scalar",
    "Table",
    "Slot",
    "Decoder",
    "Selection",
    "RootField",
    "Field",
    "Read",
    "Api",
    "Input",
    "InputValue",
    "Mutation_",
    "Nodes",
    "Value",
    "Long_Name_With_Many_Parts",
    "Query",
    "Mutation",
];

const MEMBERS: &[&str] = &[
    "name",
    "title",
    "kind",
    "size",
    "status",
    "parent",
    "children",
    "owner",
    "createdAt",
    "updatedAt",
    "count",
    "url",
    "HTMLUrl",
    "isOpen",
    "price",
    "notes",
    "type",
    "self",
    "Self",
    "super",
    "crate",
    "fn",
    "match",
    "async",
    "await",
    "dyn",
    "gen",
    "try",
    "box",
    "impl",
    "loop",
    "move",
    "ref",
    "static",
    "struct",
    "where",
    "yield",
    "new",
    "clone",
    "default",
    "from",
    "into",
    "as",
    "raw",
    "get",
    "node",
    "nodes",
    "edges",
    "errors",
    "userErrors",
    "message",
    "path",
    "field",
    "first",
    "last",
    "after",
    "before",
    "limit",
    "offset",
    "filter",
    "view",
    "order",
    "orderBy",
    "direction",
    "values",
    "negate",
    "query",
    "mutation",
    "batch",
    "execute",
    "builder",
    "send",
    "select",
    "stream",
    "arguments",
    "argument",
    "pages",
    "all",
    "check",
    "clientMutationId",
    "fields",
    "table",
    "slot",
    "decode",
    "fmt",
    "eq",
    "cmp",
    "hash",
    "drop",
    "some",
    "none",
    "ok",
    "err",
    "a",
    "b",
    "x1",
    "aB",
    "with_digits_123",
    "_private",
    "_1",
    "trailing_",
    "SCREAMING_CASE",
    "Pascal",
    "x_y_z",
    "runtime",
    "client",
    "transport",
    "body",
    "id_",
    "ids",
    "key",
    "value",
    "input",
    "output",
    "data",
    "error",
    "T",
    "S",
    "Ok",
    "Err",
    "None",
    "Some",
    "Vec",
    "String",
    "Option",
    "Box",
    "u8",
    "str",
    "bool",
    "rt",
    "std",
    "page",
    "totalCount",
    "pageInfo",
    "cursor",
    "sdk_errors",
    "sdk_id",
    "b0",
    "typename",
    "allow_partial",
    "deprecated",
    "optional",
    "required",
    "connections",
    "also",
    "see",
    "macro",
    "union",
    "auto",
    "raw_",
];

/// Several become the same, or have a suffix of generated types.
const COLLIDING: &[&str] = &[
    "waitingFor",
    "WaitingFor",
    "waiting_for",
    "WAITING_FOR",
    "sourceId",
    "sourceID",
    "source_id",
    "type_",
    "Type",
    "TYPE",
    "self_",
    "Option_",
    "option",
    "Com1",
    "COM1",
    "com_1",
    "AB",
    "a_b",
    "ab",
    "Ab",
    "foo",
    "Foo",
    "FOO",
    "foo_",
    "FooType",
    "FooQuery",
    "FooArguments",
    "value",
    "Value",
    "_",
    "_value",
    "Unrecognized",
    "Unrecognized_",
    "NameArguments",
    "StatusQuery",
    "PersonType",
    "Query_",
    "raw",
    "raw_",
    "new_",
    "New",
];

/// The names of one scope.
pub(super) struct Names {
    taken: BTreeSet<String>,
    rust: BTreeSet<String>,
    hostility: usize,
}

/// What is the same for two names that become the same in Rust; also for some that do not.
fn key(name: &str) -> String {
    let key = name.replace('_', "").to_ascii_lowercase();
    if key.is_empty() { "value".to_owned() } else { key }
}

impl Names {
    pub(super) fn new(hostility: usize) -> Self {
        Self { taken: BTreeSet::new(), rust: BTreeSet::new(), hostility }
    }

    /// Takes a name, and says whether it was free.
    pub(super) fn take(&mut self, name: &str) -> bool {
        self.rust.insert(key(name)) & self.taken.insert(name.to_owned())
    }

    pub(super) fn ty(&mut self, random: &mut Random) -> String {
        self.any(random, TYPES)
    }

    pub(super) fn member(&mut self, random: &mut Random) -> String {
        self.any(random, MEMBERS)
    }

    /// The name of an enum value, which is none of the literals.
    pub(super) fn value(&mut self, random: &mut Random) -> String {
        let name = self.member(random);
        if random.one_in(3) && name != "_" && self.take(&format!("{}_V", name.to_ascii_uppercase())) {
            return format!("{}_V", name.to_ascii_uppercase());
        }
        name
    }

    /// A name with one of these words at its end.
    pub(super) fn with(&mut self, random: &mut Random, stem: &str, suffix: &str) -> String {
        let mut name = format!("{stem}{suffix}");
        while !self.take(&name) {
            name = format!("{stem}{}{suffix}", random.below(1_000));
        }
        name
    }

    fn any(&mut self, random: &mut Random, pool: &[&str]) -> String {
        if random.below(1_000) < self.hostility {
            let name = *random.pick(COLLIDING);
            if self.taken.insert(name.to_owned()) {
                self.rust.insert(key(name));
                return name.to_owned();
            }
        }
        loop {
            let mut name = (*random.pick(pool)).to_owned();
            if self.rust.contains(&key(&name)) {
                name.push_str(&random.below(1_000).to_string());
            }
            if self.take(&name) {
                return name;
            }
        }
    }
}

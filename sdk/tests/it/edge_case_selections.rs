//! Selections that look strange, and are right: they compile without a warning.

#![deny(warnings, clippy::pedantic)]
#![allow(dead_code, unreachable_pub, reason = "that they compile is what is tested")]

use sdk_by_another_name as sdk;
use xurrent::{Id, Select};

/// The SDK under another name.
mod sdk_by_another_name {
    pub(crate) use xurrent::*;
}

/// Raw names, names in the schema's spelling, documentation, attributes of others, parentheses.
#[derive(Debug, Clone, Select)]
#[allow(non_camel_case_types, non_snake_case, reason = "a raw name, and the schema's spelling")]
#[select(on = Request)]
pub struct r#struct {
    /// The id.
    #[doc(alias = "key")]
    pub id: Id,
    #[select(rename = "subject")]
    r#type: Option<String>,
    #[cfg(any())]
    not_there: Unknown,
    #[cfg(not(any()))]
    r#status: std::option::Option<::xurrent::RequestStatus>,
    createdAt: Option<xurrent::Timestamp>,
    #[rustfmt::skip]
    #[allow(unused_parens, reason = "tested")]
    source: (Option<(String)>),
    #[select(rename = "source", default)]
    _source: String,
    #[select(first = 1_0, rename = r"notes")]
    #[select(arguments(after = "\"\\\n"))]
    KEYS: Vec<Note>,
}

macro_rules! text {
    () => { Option<String> };
}

macro_rules! selection {
    ($name:ident on $on:ident { $($field:ident: $type:ty),* }) => {
        #[derive(Debug, Clone, Select)]
        #[select(on = $on)]
        struct $name { $($field: $type),* }
    };
}

selection!(Note on Note { id: Id, text: Option<String>, account: Option<Account> });
selection!(Account on Account { name: text!() });

/// In a macro, by another name of the SDK, with a type of the same name as the schema's.
#[derive(Select)]
#[select(crate = sdk)]
#[select(on = Person)]
struct Person {
    name: text!(),
    manager: Option<Box<private::Person>>,
    #[select(first = 10)]
    teams: Vec<xurrent::Team>,
    #[select(flatten)]
    more: private::Person,
}

mod problem {
    #[derive(Debug, xurrent::Select)]
    #[select(on = Problem)]
    pub(super) struct Part {
        id: xurrent::Id,
    }
}

mod private {
    #[derive(xurrent::Select)]
    #[select(on = Person, crate = super::sdk)]
    pub(super) struct Person {
        pub(super) id: xurrent::Id,
        organization: Option<xurrent::Ref<xurrent::Organization>>,
    }
}

#[derive(Select)]
#[select(on = Query, variables = Variables::<i64>)]
struct Query {
    #[select(first = $type, after = $r#where)]
    people: xurrent::Connection<Person>,
    #[select(rename = "people", last = $type, view = all)]
    decoder: Vec<Person>,
    #[select(id = $id)]
    node: Option<Node>,
}

struct Variables<T> {
    r#type: T,
    r#where: Option<String>,
    id: &'static str,
}

#[derive(Select)]
#[select(on = Node)]
enum Node {
    Request(r#struct),
    #[select(other)]
    Other,
}

/// Fields of an interface, and its types.
#[derive(Select)]
#[select(on = Node)]
struct Both {
    id: Id,
    #[select(flatten)]
    node: Node,
}

fn selects<On, T: Select<On>>() -> u64 {
    T::NODES
}

#[test]
fn edge_case_selections_compile() {
    #[derive(Debug, Select)]
    #[select(on = ProductBacklogItem, exhaustive)]
    enum InAFunction {
        Problem(problem::Part),
        #[select(rename = "Request")]
        Ticket(Part),
    }
    #[derive(Debug, Select)]
    #[select(on = Request)]
    struct Part {
        id: Id,
    }
    assert_eq!(selects::<xurrent::ProductBacklogItem, InAFunction>(), 1);
    assert_eq!(selects::<xurrent::Request, r#struct>(), 11);
    assert_eq!(selects::<xurrent::Person, Person>(), 11);
    assert_eq!(selects::<xurrent::Node, Both>(), 11);
}

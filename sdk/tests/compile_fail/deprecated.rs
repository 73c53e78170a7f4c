// Names of a selection that are deprecated in the schema.

#![deny(deprecated)]

use xurrent::Select;
pub use xurrent::{Node, NodeType, NoteMedium, Person, Request, __private};

#[macro_export]
macro_rules! __select {
    ($($selection:tt)*) => {
        xurrent::select::select_type! { $crate [Request, Node] $($selection)* }
    };
}

#[macro_export]
macro_rules! __select_Request {
    ($sdk:tt $($selection:tt)*) => {
        xurrent::select::select_fields! {
            $sdk {
                node Request "Request" [] [id "id" reason "reason" type_ "type" member "member"]
                { id: rt::Id = "id": "ID!" }
                { #[deprecated(note = "Use `completion_reason`.")]
                reason: Option<String> = "reason": "String" }
                { #[deprecated(note = "No longer supported")]
                type_: Option<String> = "type": "String" }
                { member: Option<rt::Ref<Person>> = "member": "Person" (
                    #[deprecated(note = "Use `by`.")] medium: NoteMedium = "medium": "NoteMedium" {
                        ai, #[deprecated(note = "Use `ai`.")] system
                    },
                    by: NoteMedium = "by": "[NoteMedium!]" { ai, #[deprecated(note = "Use `ai`.")] system },
                ) { id } }
            }
            $($selection)*
        }
    };
}

#[macro_export]
macro_rules! __select_Node {
    ($sdk:tt $($selection:tt)*) => {
        xurrent::select::select_fields! {
            $sdk {
                any Node "Node" [Person = "Person", #[deprecated(note = "It is a task now.")] Request = "Request",] [id "id"]
                { id: rt::Id = "id": "ID!" }
            }
            $($selection)*
        }
    };
}

#[derive(Select)]
#[select(on = Request, crate = crate)]
struct Ticket {
    id: xurrent::Id,
    reason: Option<String>,
    #[select(rename = "type")]
    kind: Option<String>,
    #[select(medium = ai)]
    member: Option<xurrent::Ref<Person>>,
    #[select(rename = "member", by = [ai, system])]
    other: Option<xurrent::Ref<Person>>,
}

#[derive(Select)]
#[select(on = Node, crate = crate)]
enum Found {
    Person(Person),
    Request(Request),
    #[select(other)]
    Other,
}

// Allowed at the field, the struct or the module.
#[derive(Select)]
#[select(on = Request, crate = crate)]
struct OneField {
    #[allow(deprecated)]
    reason: Option<String>,
}

#[derive(Select)]
#[select(on = Request, crate = crate)]
#[allow(deprecated)]
struct AllFields {
    reason: Option<String>,
}

mod old {
    #![allow(deprecated)]

    #[derive(xurrent::Select)]
    #[select(on = Request, crate = crate)]
    struct Module {
        reason: Option<String>,
    }
}

fn main() {}

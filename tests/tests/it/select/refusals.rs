//! Flattened selections that do not fit beside each other. The derive calls these checks in
//! constants, where they end the compilation; here they are called at run time, so that a test can
//! look on.

use xurrent::operation::Operation;
use xurrent::{Id, Person, Ref, RequestStatus, Select};
use xurrent_runtime::select::{check_disjoint, check_flattened, check_no_variables};
use xurrent_runtime::{Selection, Table};

macro_rules! unused {
    ($($(#[$attribute:meta])* struct $name:ident { $($(#[$option:meta])* $field:ident: $ty:ty,)* })*) => {$(
        #[derive(Select)]
        $(#[$attribute])*
        #[allow(dead_code, reason = "only what is selected is looked at")]
        struct $name { $($(#[$option])* $field: $ty,)* }
    )*};
}

unused! {
    #[select(on = Request)]
    struct Subject { #[select(rename = "subject")] x: Option<String>, }

    #[select(on = Request)]
    struct Status { #[select(rename = "status")] x: Option<RequestStatus>, }

    #[select(on = Request)]
    struct Other { #[select(rename = "status")] y: Option<RequestStatus>, }

    #[select(on = Query, variables = Variables)]
    struct WithVariable { #[select(id = $id)] node: Option<Named>, }

    #[select(on = Query)]
    struct Without { me: Option<Ref<Person>>, }

    #[select(on = Query)]
    struct Fine { #[select(flatten)] without: Without, }

    #[select(on = Node)]
    struct Named { id: Id, }
}

struct Variables {
    id: Id,
}

macro_rules! variants {
    ($($name:ident($inner:ty))*) => {$(
        #[derive(Select)]
        #[select(on = Node)]
        #[allow(dead_code, reason = "only what is selected is looked at")]
        enum $name { Request($inner), #[select(other)] Other }
    )*};
}

variants! { A(Subject) B(Status) C(Other) }

const fn of<On, T: Select<On>>() -> Selection {
    T::SELECTION
}

#[test]
#[should_panic(expected = "`x` is selected twice, by `A` and by `B`: remove it from one of them")]
fn two_enums_share_a_key_for_one_type() {
    check_disjoint(&of::<xurrent::Node, A>(), "A", &of::<xurrent::Node, B>(), "B");
}

#[test]
fn two_enums_with_different_keys() {
    check_disjoint(&of::<xurrent::Node, A>(), "A", &of::<xurrent::Node, C>(), "C");
}

#[test]
#[should_panic(expected = "`id` is selected twice, here and by `Ref<Person>`")]
fn a_reference_beside_a_key_of_that_name() {
    let id = Selection::Object(&Table { name: "Person", fields: &["id"], nested: &[], source: "" });
    check_flattened(&id, "Person", "Ref<Person>", true, &of::<Person, Ref<Person>>(), 0);
}

#[test]
#[should_panic(expected = "`id` is selected twice, by `Named` and by `Node`")]
fn an_interface_beside_a_key_of_that_name() {
    let named = of::<xurrent::Node, Named>();
    check_disjoint(&named, "Named", &of::<xurrent::Node, xurrent::Node>(), "Node");
}

#[test]
#[should_panic(
    expected = "`WithVariable` is flattened and has a variable, `$id`, whose value it would not get"
)]
fn an_operation_with_variables() {
    check_no_variables("WithVariable", WithVariable::DECLARATIONS);
}

#[test]
fn an_operation_without_variables() {
    check_no_variables("Fine", Fine::DECLARATIONS);
}

//! The classes of changes: the one place that decides them, each with its reason.

use super::change::{ChangeKind, Deployed, Severity};
use super::surface::{Item, Place, Role, written};
use super::types::{TypeChange, accepts, decodes};
use crate::schema::TypeRef;

/// How harmful a change is, and why.
pub(super) struct Class {
    pub(super) severity: Severity,
    pub(super) deployed: Deployed,
    pub(super) reason: String,
    pub(super) instead: Option<String>,
}

impl Class {
    pub(super) fn new(severity: Severity, deployed: Deployed, reason: impl Into<String>) -> Self {
        Self { severity, deployed, reason: reason.into(), instead: None }
    }

    pub(super) fn safe(reason: &str) -> Self {
        Self::new(Severity::Safe, Deployed::Works, reason)
    }

    fn behavioural(deployed: Deployed, reason: &str) -> Self {
        Self::new(Severity::Behavioural, deployed, reason)
    }

    pub(super) fn breaking(deployed: Deployed, reason: impl Into<String>) -> Self {
        Self::new(Severity::Breaking, deployed, reason)
    }

    pub(super) fn instead(self, instead: impl Into<String>) -> Self {
        Self { instead: Some(instead.into()), ..self }
    }
}

/// Whether an argument or a field of an input must be given.
pub(super) fn is_required(item: &Item<'_>) -> bool {
    item.ty.is_some_and(|ty| !ty.is_nullable()) && item.default.is_none()
}

pub(super) fn added(item: &Item<'_>) -> (ChangeKind, Class) {
    use ChangeKind as Kind;
    let is_required = is_required(item);
    match item.role {
        Role::Root(_) => (Kind::RootTypeAdded, Class::safe("no program uses it yet")),
        role if role.is_type() => (Kind::TypeAdded, Class::safe("no program uses it yet")),
        Role::Field(Some(_)) => (Kind::FieldAdded, Class::safe("a new function; no program calls it yet")),
        Role::Field(None) if item.rust.place == Place::Struct => {
            (Kind::FieldAdded, Class::safe("a new field of a struct that only the SDK makes"))
        }
        Role::Field(None) => (Kind::FieldAdded, Class::safe("not selected unless a program asks for it")),
        Role::Value => {
            let reason = "enums are open: older programs keep it as an unrecognized value";
            (Kind::ValueAdded, Class::safe(reason))
        }
        Role::Member => {
            (Kind::PossibleTypeAdded, Class::safe("the enum of its types is open: a match has another arm"))
        }
        Role::Implements => {
            (Kind::InterfaceAdded, Class::safe("the enum of its types is open: a match has another arm"))
        }
        Role::Directive => (Kind::DirectiveAdded, Class::safe("no document uses it yet")),
        Role::InputField if is_required => {
            let reason =
                "does not compile: `new` takes one more parameter; without it, the server refuses the input";
            let class = Class::breaking(Deployed::Fails, reason);
            (Kind::InputFieldAdded, class.instead(parameter(item)))
        }
        Role::InputField => (Kind::InputFieldAdded, Class::safe("optional, and not sent by default")),
        Role::RootArgument if is_required => {
            let reason = "does not compile: the function takes one more parameter; the server refuses the call without it";
            (Kind::ArgumentAdded, Class::breaking(Deployed::Fails, reason).instead(parameter(item)))
        }
        Role::Argument if is_required => {
            let reason = "a selection without it does not compile, and the server refuses it";
            let class = Class::breaking(Deployed::Fails, reason);
            (Kind::ArgumentAdded, class.instead(format!("`#[select({} = ..)]`", item.rust_name())))
        }
        Role::DirectiveArgument if is_required => {
            let reason = "documents of your own that use the directive without it are refused";
            (Kind::ArgumentAdded, Class::breaking(Deployed::Fails, reason))
        }
        _ => (Kind::ArgumentAdded, Class::safe("optional, and not sent by default")),
    }
}

fn parameter(item: &Item<'_>) -> String {
    let ty = item.rust.ty.as_ref().map(written).unwrap_or_default();
    let path = item.rust.paths.first().map(String::as_str).unwrap_or_default();
    format!("give `{}: {ty}` to `{path}`", item.rust_name())
}

pub(super) fn removed(item: &Item<'_>) -> (ChangeKind, Class) {
    use ChangeKind as Kind;
    let breaking = |reason: &str| Class::breaking(Deployed::Fails, reason);
    let has_rust = !item.rust.paths.is_empty();
    match item.role {
        Role::Root(_) => (Kind::RootTypeRemoved, breaking("does not compile: its functions are gone")),
        Role::Enum if !item.is_sent => {
            (Kind::TypeRemoved, Class::breaking(Deployed::Works, "does not compile: the type is gone"))
        }
        role if role.is_type() && !has_rust => {
            (Kind::TypeRemoved, Class::safe("it has no type of its own in Rust; its uses are listed"))
        }
        // Only types of variables are named by documents.
        Role::Input if !item.is_constant => {
            (Kind::TypeRemoved, Class::breaking(Deployed::Works, "does not compile: the type is gone"))
        }
        role if role.is_type() => {
            (Kind::TypeRemoved, breaking("does not compile: the type is gone; the server refuses its name"))
        }
        Role::Field(Some(_)) => (
            Kind::FieldRemoved,
            breaking("does not compile: the function is gone; the server refuses the call"),
        ),
        Role::Field(None) if !has_rust => {
            let reason =
                "the runtime selects it, so the server refuses older programs; calls are listed that differ";
            (Kind::FieldRemoved, Class::new(Severity::Safe, Deployed::Fails, reason))
        }
        Role::Field(None) => (
            Kind::FieldRemoved,
            breaking(match item.rust.place {
                Place::Struct => {
                    "does not compile: the field is gone; the server refuses a default selection of the type"
                }
                _ => "a selection of it does not compile, and the server refuses it",
            }),
        ),
        Role::Value if item.is_sent => (
            Kind::ValueRemoved,
            breaking("does not compile: the variant is gone; the server refuses the value"),
        ),
        Role::Value => (
            Kind::ValueRemoved,
            Class::breaking(
                Deployed::Works,
                "does not compile: the variant is gone; the server sends it no more",
            ),
        ),
        Role::Member => (Kind::PossibleTypeRemoved, breaking(POSSIBLE)),
        Role::Implements if has_rust => (Kind::InterfaceRemoved, breaking(POSSIBLE)),
        Role::Implements => {
            (Kind::InterfaceRemoved, Class::safe("its possible types are listed where they change"))
        }
        Role::Directive if !is_executable(&item.detail) => {
            (Kind::DirectiveRemoved, Class::safe("it stands in schemas, not in documents"))
        }
        Role::Directive => (Kind::DirectiveRemoved, breaking(DIRECTIVE)),
        Role::DirectiveArgument => (Kind::ArgumentRemoved, breaking(DIRECTIVE)),
        Role::InputField => (
            Kind::InputFieldRemoved,
            breaking("does not compile: nothing sets it any more; the server refuses it"),
        ),
        _ if item.rust.place == Place::Paging => {
            let reason = "programs that are already built send it with every page, and the server refuses it";
            (Kind::ArgumentRemoved, Class::breaking(Deployed::Fails, reason))
        }
        _ => {
            let reason = "does not compile where it is given, and the server refuses it";
            (Kind::ArgumentRemoved, breaking(reason))
        }
    }
}

const POSSIBLE: &str =
    "does not compile: the variant for the type is gone; the server refuses selections on it";
const DIRECTIVE: &str = "documents of your own that use it are refused; generated calls do not use it";

/// Whether a directive can stand in a document.
pub(super) fn is_executable(locations: &str) -> bool {
    const EXECUTABLE: [&str; 8] = [
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "MUTATION",
        "QUERY",
        "SUBSCRIPTION",
        "VARIABLE_DEFINITION",
    ];
    locations.split([' ', '|']).any(|location| EXECUTABLE.contains(&location))
}

/// The type of a field that is received. `None` if Rust and the server make no difference.
pub(super) fn output_type(old: &Item<'_>, new: &Item<'_>, change: &TypeChange) -> Class {
    let is_same = old.rust.ty == new.rust.ty && old.rust.selection == new.rust.selection;
    if old.is_connection() && new.is_connection() && is_same {
        return match (change.may_be_null, change.is_never_null) {
            (true, _) => Class::behavioural(Deployed::Fails, "a connection that is null is an error"),
            (_, true) if old.rust.place == Place::Function => Class::safe("the function is the same"),
            (_, true) => Class::breaking(
                Deployed::Works,
                "a selection that holds the connection in an `Option` does not compile: it is never null",
            ),
            _ => Class::safe("records and pages are selected as before"),
        };
    }
    if is_same && change.may_be_null {
        return Class::behavioural(Deployed::Fails, "null where it was never null is an error");
    }
    if is_same {
        return Class::safe("the Rust type is the same");
    }
    let fails = change.may_be_null || change.lists != 0 || (change.is_named && !decodes(old, new));
    let deployed = if fails { Deployed::Fails } else { Deployed::Works };
    let rust = match (&old.rust.ty, &new.rust.ty) {
        (Some(old), Some(new)) if old != new => format!("`{}` became `{}`", written(old), written(new)),
        (Some(_), Some(_)) => "it is selected in another way".to_owned(),
        (None, _) => return Class::safe("it had no Rust type"),
        (_, None) => "it has no Rust type any more".to_owned(),
    };
    let end = match () {
        () if change.lists != 0 || (change.is_named && fails) => "; older programs cannot decode it",
        () if change.may_be_null => "; older programs cannot decode null",
        () => "",
    };
    let class = Class::breaking(deployed, format!("does not compile: {rust}{end}"));
    let is_only_null = !change.is_named && change.lists == 0;
    match () {
        () if is_only_null && !change.is_never_null => class.instead(
            "handle `None`; in a selection of your own, `Option`, `#[select(required)]` or `#[select(default)]`",
        ),
        () if is_only_null && !change.may_be_null => class.instead("the value without its `Option`: it is never null"),
        () => class,
    }
}

/// The type or the default of an argument or of a field of an input, where whether it must be given differs.
pub(super) fn requirement(old: &Item<'_>, new: &Item<'_>) -> Option<Class> {
    let name = new.rust_name();
    let holder = new.rust.paths.first().map(String::as_str).unwrap_or_default();
    match (is_required(old), is_required(new), new.role) {
        (false, true, Role::Argument | Role::DirectiveArgument) => Some(Class::breaking(
            Deployed::Fails,
            "must be given: a selection without it does not compile, and the server refuses it",
        )),
        (false, true, _) => Some(
            Class::breaking(
                Deployed::Fails,
                "must be given: a parameter now; the server refuses a call without it",
            )
            .instead(parameter(new)),
        ),
        (true, false, Role::Argument | Role::DirectiveArgument) => Some(Class::safe("may be left out now")),
        (true, false, _) => {
            let class = Class::breaking(Deployed::Works, "does not compile: it is no parameter any more");
            Some(match (new.role, new.rust.place) {
                (_, Place::Option(function)) => class.instead(format!("`.{function}(..)` of the call")),
                (Role::RootArgument, _) => {
                    class.instead(format!("`.arguments({}(..))`", holder.replace("::", "::new().")))
                }
                _ => class.instead(format!("`.{name}(..)`")),
            })
        }
        _ => None,
    }
}

/// The type of something that is sent, where it is required or optional as before.
pub(super) fn input_type(old: &Item<'_>, new: &Item<'_>, change: &TypeChange) -> Class {
    let is_variable = old.role == Role::RootArgument;
    let (Some(was), Some(is)) = (&old.rust.ty, &new.rust.ty) else {
        return match (old.role, refuses_variable(old.ty, new.ty, change)) {
            (Role::RootArgument, true) => {
                let reason =
                    "older programs declare the variable with the old type, which the server refuses";
                Class::new(Severity::Safe, Deployed::Fails, reason)
            }
            _ if change.is_never_null || change.lists < 0 || change.is_named => {
                Class::breaking(Deployed::Fails, "the server refuses what it took before")
            }
            _ => Class::safe("the server takes more than before"),
        };
    };
    let is_same = was == is;
    let refuses = match is_variable {
        true => refuses_variable(old.ty, new.ty, change),
        false => change.is_never_null || change.lists < 0 || (change.is_named && !accepts(was, is)),
    };
    let deployed = if refuses { Deployed::Fails } else { Deployed::Works };
    let end = if refuses { "; the server refuses the old one" } else { "" };
    match () {
        () if !is_same => Class::breaking(
            deployed,
            format!("does not compile: `{}` became `{}`{end}", written(was), written(is)),
        ),
        () if change.is_never_null => {
            Class::breaking(deployed, "does not compile where null is given, which the server refuses")
        }
        () if refuses => {
            let reason = "older programs declare the variable with the old type, which the server refuses";
            Class::new(Severity::Safe, deployed, reason)
        }
        () => Class::safe("the server takes more than before, and the Rust type is the same"),
    }
}

/// Whether a variable of the old type is refused at an argument of the new type.
fn refuses_variable(old: Option<&TypeRef>, new: Option<&TypeRef>, change: &TypeChange) -> bool {
    let inner = |ty: Option<&TypeRef>| ty.map(|ty| ty.nullable().to_string());
    // The outermost `!` is not needed where the argument has a default; without one, it must be given.
    change.is_named || change.lists != 0 || (change.is_never_null && inner(old) != inner(new))
}

pub(super) fn default_value(old: &Item<'_>, new: &Item<'_>) -> Class {
    let reason = match (old.default, new.default) {
        (_, None) => "left out, it has no value any more",
        (None, _) => "left out, it has a value now",
        _ => "left out, it has another value",
    };
    Class::behavioural(Deployed::Changes, reason).instead("give the old value where a program relies on it")
}

pub(super) fn deprecated(old: &Item<'_>, new: &Item<'_>) -> Class {
    match (old.rust.place, new.rust.place) {
        (Place::Struct, Place::Struct) | (Place::Function | Place::Setter | Place::Named, _) => {
            Class::behavioural(Deployed::Works, "works until it is removed; the compiler warns of it")
        }
        (Place::Struct, _) => Class::breaking(
            Deployed::Works,
            "does not compile: a deprecated field is not in the struct, so that calls go on when it is removed",
        )
        .instead("select it in a struct of your own with `#[derive(Select)]`"),
        _ => Class::behavioural(Deployed::Works, "works until it is removed"),
    }
}

/// A field that entered or left the struct of its type by another change than its own.
pub(super) fn default_selection(new: &Item<'_>) -> Class {
    match new.rust.place {
        Place::Struct => Class::safe("a new field of a struct that only the SDK makes"),
        _ => Class::breaking(Deployed::Works, "does not compile: the field is not in the struct any more")
            .instead("select it in a struct of your own with `#[derive(Select)]`"),
    }
}

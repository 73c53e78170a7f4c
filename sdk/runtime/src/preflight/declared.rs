//! Types as a program declares them, in the syntax of a schema, compared with those of a server.

use super::live::TypeRef;

/// A type such as `[String!]!`.
#[derive(Clone, Copy)]
pub(super) struct Declared<'t>(pub(super) &'t str);

impl<'t> Declared<'t> {
    pub(super) fn is_non_null(self) -> bool {
        self.0.ends_with('!')
    }

    pub(super) fn nullable(self) -> Self {
        Self(self.0.strip_suffix('!').unwrap_or(self.0))
    }

    /// The type of the items, of a nullable list.
    pub(super) fn item(self) -> Option<Self> {
        Some(Self(self.0.strip_prefix('[')?.strip_suffix(']')?))
    }

    pub(super) fn name(self) -> &'t str {
        self.0.trim_matches(['[', ']', '!'])
    }
}

/// How the type of a field differs, as far as a program that reads it can tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// It may be null, and was never.
    Null,
    /// It has other lists, or another leaf inside.
    Other,
}

/// Compares the type of a field. The names of objects do not matter: a document does not have them.
pub(super) fn of_output(declared: Declared<'_>, live: &TypeRef, is_leaf: bool) -> Option<Difference> {
    if declared.is_non_null() && !live.is_non_null() {
        // A type that is wholly another one is not a matter of null.
        return of_output(declared.nullable(), live, is_leaf).or(Some(Difference::Null));
    }
    let (declared, live) = (declared.nullable(), live.nullable());
    match (declared.item(), live.item()) {
        (Some(declared), Some(live)) => of_output(declared, live, is_leaf),
        (None, None) if is_leaf == live.is_composite() => Some(Difference::Other),
        (None, None) if is_leaf && !reads(declared.0, live.name()) => Some(Difference::Other),
        (None, None) => None,
        _ => Some(Difference::Other),
    }
}

/// Whether what reads one leaf also reads the other.
fn reads(declared: &str, live: &str) -> bool {
    declared == live || matches!((declared, live), ("ID", "String") | ("String", "ID") | ("Float", "Int"))
}

/// Whether the value of a field of an input, apart from null, can be sent where the server expects another type: a
/// single value stands for a list with it.
pub(super) fn is_coerced(declared: Declared<'_>, live: &TypeRef) -> bool {
    let (declared, live) = (declared.nullable(), live.nullable());
    match (declared.item(), live.item()) {
        (Some(declared), Some(live)) => {
            (declared.is_non_null() || !live.is_non_null()) && is_coerced(declared, live)
        }
        (None, Some(live)) => is_coerced(declared, live),
        (None, None) => {
            declared.0 == live.name()
                || matches!(
                    (declared.0, live.name()),
                    ("Int", "Float" | "ID") | ("String", "ID") | ("ID", "String")
                )
        }
        (Some(_), None) => false,
    }
}

/// Whether a variable of this type can be given for an argument of another one.
/// `is_optional` says that null and nothing are fine for the server, because of a default.
pub(super) fn is_accepted(declared: Declared<'_>, live: &TypeRef, is_optional: bool) -> bool {
    if live.is_non_null() && !declared.is_non_null() && !is_optional {
        return false;
    }
    let (declared, live) = (declared.nullable(), live.nullable());
    match (declared.item(), live.item()) {
        (Some(declared), Some(live)) => is_accepted(declared, live, false),
        (None, None) => declared.0 == live.name(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Declared, Difference, TypeRef, is_accepted, is_coerced, of_output};

    fn live(text: &str, kind: &str) -> TypeRef {
        TypeRef::parse(text, kind)
    }

    #[test]
    fn types_of_fields_that_can_be_read() {
        use Difference::{Null, Other};

        for (declared, now, difference) in [
            ("A", "A!", None),
            ("[A]", "[A!]!", None),
            ("A!", "A", Some(Null)),
            ("[A!]!", "[A]!", Some(Null)),
            ("[A!]!", "[A!]", Some(Null)),
            ("A", "[A]", Some(Other)),
            ("[A]", "A", Some(Other)),
            ("[[A]]", "[A]", Some(Other)),
            ("A!", "B", Some(Other)),
            ("Int", "String", Some(Other)),
            ("Int", "Float", Some(Other)),
            ("Float", "Int", None),
            ("ID", "String!", None),
            ("String", "ID", None),
        ] {
            let found = of_output(Declared(declared), &live(now, "SCALAR"), true);
            assert_eq!(found, difference, "{declared} is {now}");
        }
        // Documents do not have the names of objects.
        assert_eq!(of_output(Declared("A"), &live("B", "OBJECT"), false), None);
        assert_eq!(of_output(Declared("A"), &live("A", "OBJECT"), true), Some(Other));
        assert_eq!(of_output(Declared("A"), &live("A", "ENUM"), false), Some(Other));
        assert_eq!(of_output(Declared("A"), &live("A", "ENUM"), true), None);
    }

    #[test]
    fn values_of_inputs_that_are_accepted() {
        for (declared, now, accepted) in [
            ("A", "A!", true),
            ("A", "[A!]!", true),
            ("[A!]", "[A]", true),
            ("[A]", "[A!]", false),
            ("[A]", "A", false),
            ("Int", "Float", true),
            ("Float", "Int", false),
            ("String", "Int", false),
            ("String", "ID", true),
        ] {
            assert_eq!(
                is_coerced(Declared(declared), &live(now, "SCALAR")),
                accepted,
                "{declared} for {now}"
            );
        }
    }

    #[test]
    fn types_of_variables_that_are_accepted() {
        for (declared, now, is_optional, accepted) in [
            ("A", "A", false, true),
            ("A!", "A", false, true),
            ("A", "A!", false, false),
            ("A", "A!", true, true),
            ("[A!]", "[A]", false, true),
            ("[A]", "[A!]", true, false),
            ("A", "[A]", false, false),
            ("[A]", "A", false, false),
            ("A", "B", false, false),
        ] {
            let ty = live(now, "SCALAR");
            assert_eq!(is_accepted(Declared(declared), &ty, is_optional), accepted, "{declared} for {now}");
        }
    }
}

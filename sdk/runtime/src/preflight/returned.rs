//! What a call returns, compared with the type of its root field.

use super::context::{At, Comparison};
use super::live::TypeRef;
use super::report::FindingKind;
use crate::decode::{Decoder, Read};

/// How many lists in lists are compared.
const MAX_LISTS: usize = 8;

/// What a call returns, and the items of its lists, by the JSON that its decoder accepts.
#[derive(Clone)]
pub(super) struct Returned(Vec<Accepted>);

#[derive(Clone)]
struct Accepted {
    null: bool,
    list: bool,
    object: bool,
}

impl Returned {
    pub(super) fn new<T>(read: Read<T>) -> Self {
        Self::by(&|json| read(&mut Decoder::new(json.as_bytes())).is_ok())
    }

    fn by(accepts: &dyn Fn(&str) -> bool) -> Self {
        let mut levels = Vec::new();
        for depth in 0..MAX_LISTS {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            let is_accepted = |value: &str| accepts(&format!("{open}{value}{close}"));
            let [null, list, object] = ["null", "[]", "{}"].map(is_accepted);
            levels.push(Accepted { null, list, object });
            if !list {
                break;
            }
        }
        Self(levels)
    }
}

impl Comparison<'_> {
    /// Compares nulls and lists. A payload that is null is an error of the server in any case.
    pub(super) fn returned(&mut self, returned: &Returned, ty: &TypeRef, is_payload: bool, at: &At) {
        let mut is_payload = is_payload;
        let mut inner = ty;
        for accepted in &returned.0 {
            if !inner.is_non_null() && !is_payload && !accepted.null {
                let message = format!("may be null, which the call cannot return: its type is `{ty}`");
                self.found(FindingKind::Null, at, message);
            }
            is_payload = false;
            match inner.nullable().item() {
                Some(item) if accepted.list => inner = item,
                // JSON of any type is accepted as well.
                None if !accepted.list || accepted.object => return,
                _ => return self.unreadable(ty, at),
            }
        }
    }

    /// Compares the lists of a field whose type is known by what the client reads of it, and whether it is a leaf.
    pub(super) fn shaped(&mut self, ty: &TypeRef, lists: usize, is_leaf: Option<bool>, at: &At) {
        if ty.lists() != lists || is_leaf.is_some_and(|is_leaf| is_leaf == ty.is_composite()) {
            self.unreadable(ty, at);
        }
    }

    fn unreadable(&mut self, ty: &TypeRef, at: &At) {
        self.found(FindingKind::FieldType, at, format!("is of type `{ty}`, which cannot be decoded"));
    }
}

#[cfg(test)]
mod tests {
    use super::{At, Comparison, FindingKind, Read, Returned, TypeRef};
    use crate::decode::read_field;
    use crate::preflight::live::Live;
    use crate::scalar::Json;

    fn difference<T: crate::decode::Field>(now: &str, is_payload: bool) -> Vec<FindingKind> {
        let live = Live::default();
        let mut comparison = Comparison::new(&live);
        let returned = Returned::new(read_field::<T> as Read<T>);
        let ty = TypeRef::parse(now, "SCALAR");
        comparison.returned(&returned, &ty, is_payload, &At::new("Query.field", "Query.field"));
        comparison.report.problems.iter().map(|problem| problem.kind).collect()
    }

    #[test]
    fn what_a_call_returns_decides_what_is_a_difference() {
        use FindingKind::{FieldType, Null};

        assert_eq!(difference::<i64>("Int!", false), []);
        assert_eq!(difference::<i64>("Int", false), [Null]);
        assert_eq!(difference::<i64>("Int", true), [], "a payload that is null is an error in any case");
        assert_eq!(difference::<i64>("[Int!]!", false), [FieldType]);
        assert_eq!(difference::<Option<i64>>("Int", false), []);
        assert_eq!(difference::<Option<i64>>("Int!", false), []);
        assert_eq!(difference::<Vec<i64>>("[Int!]!", false), []);
        assert_eq!(difference::<Vec<i64>>("[Int]", false), [Null], "reported once");
        assert_eq!(difference::<Vec<i64>>("[Int]", true), [Null]);
        assert_eq!(difference::<Vec<i64>>("Int!", false), [FieldType]);
        assert_eq!(difference::<Vec<Vec<i64>>>("[Int!]!", false), [FieldType]);
        assert_eq!(difference::<Vec<Option<i64>>>("[Int]!", false), []);
        assert_eq!(difference::<Option<Vec<Option<i64>>>>("[[Int]]", false), [FieldType]);
        // Any JSON is read, null as well.
        assert_eq!(difference::<Json>("[JSON]", false), []);
        assert_eq!(difference::<Json>("JSON", false), []);
    }
}

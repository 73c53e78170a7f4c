//! Inputs inside an input that a program lists, compared with those of a server.

use super::context::{At, Comparison, did_you_mean};
use super::inputs::declarations;
use super::report::{Finding, FindingKind};
use crate::input::{InputTable, ReadInput};
use std::collections::{BTreeSet, VecDeque};

/// The inputs in the fields of an input, and whether each of its values has one. A list may be empty.
fn inside(table: &'static InputTable) -> impl Iterator<Item = (&'static InputTable, bool)> {
    let reads = table.fields.iter().map(|(_, read)| read);
    declarations(table).zip(reads).filter_map(|((_, ty), read)| match read {
        ReadInput::Object(inner) => Some((inner(), ty.is_non_null() && ty.nullable().item().is_none())),
        ReadInput::Value(_) => None,
    })
}

/// The names of an input and of all inputs inside it.
pub(super) fn names(table: &'static InputTable, names: &mut BTreeSet<String>) {
    if names.insert(table.name.to_owned()) {
        inside(table).for_each(|(inner, _)| self::names(inner, names));
    }
}

impl Comparison<'_> {
    /// Compares the inputs inside an input, each once. What every value of the input sends or lacks is a problem;
    /// anything else is a note, since a program need not give these inputs.
    pub(super) fn nested_inputs(&mut self, table: &'static InputTable) {
        let mut seen = BTreeSet::new();
        // Those that are always given come first.
        let mut queue = VecDeque::from([(table, true)]);
        while let Some((inner, is_given)) = queue.pop_front() {
            if !seen.insert(inner.name) {
                continue;
            }
            if inner.name != table.name {
                self.nested_input(table.rust, inner, is_given);
            }
            for (inner, is_required) in inside(inner) {
                match is_given && is_required {
                    true => queue.push_front((inner, true)),
                    false => queue.push_back((inner, false)),
                }
            }
        }
    }

    fn nested_input(&mut self, rust: &str, table: &InputTable, is_given: bool) {
        let ty = match self.live().get(table.name) {
            None => {
                self.needed.insert(table.name.to_owned());
                return;
            }
            Some(ty) => ty.filter(|ty| ty.kind == "INPUT_OBJECT"),
        };
        let at = At::new(rust, table.name);
        let Some(ty) = ty else {
            let message = format!("needs the input `{}`, which is gone", table.name);
            return self.nested_difference(FindingKind::Type, &at, message, is_given);
        };
        let fields = ty.input_fields.as_deref().unwrap_or_default();
        for (name, declared) in declarations(table) {
            let at = at.input(ty, name);
            match fields.iter().find(|field| field.name == name) {
                None => {
                    let near = did_you_mean(name, fields.iter().map(|field| field.name.as_str()));
                    let message = format!("is unknown: `{}` has no field `{name}`{near}", table.name);
                    self.nested_difference(
                        FindingKind::Field,
                        &at,
                        message,
                        is_given && declared.is_non_null(),
                    );
                }
                Some(field) if field.is_required() && !declared.is_non_null() => {
                    let message = format!("is required: its type is `{}`, was `{}`", field.ty, declared.0);
                    self.nested_difference(FindingKind::Required, &at, message, false);
                }
                Some(_) => {}
            }
        }
        let is_known = |name: &str| declarations(table).any(|(known, _)| known == name);
        for field in fields.iter().filter(|field| field.is_required() && !is_known(&field.name)) {
            let message = format!("is required and not given: its type is `{}`", field.ty);
            self.nested_difference(FindingKind::Required, &at.input(ty, &field.name), message, is_given);
        }
    }

    fn nested_difference(&mut self, kind: FindingKind, at: &At, message: String, is_problem: bool) {
        if is_problem {
            return self.found(kind, at, message);
        }
        let At { rust, path } = at.clone();
        self.report.note(Finding { kind, rust, path, message });
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, FindingKind, InputTable, ReadInput};
    use crate::input::InputType;
    use crate::preflight::live::Live;
    use serde_json::json;

    fn order() -> &'static InputTable {
        &InputTable {
            rust: "OrderInput",
            name: "OrderInput",
            one_of: false,
            fields: &[
                ("parent: OrderInput", ReadInput::Object(order)),
                ("gift: BuyerInput", ReadInput::Object(buyer)),
                ("buyer: BuyerInput!", ReadInput::Object(buyer)),
                ("lines: [LineInput!]!", ReadInput::Object(line)),
            ],
        }
    }

    fn buyer() -> &'static InputTable {
        &InputTable {
            rust: "BuyerInput",
            name: "BuyerInput",
            one_of: false,
            fields: &[("name: String!", String::READ), ("age: Int", i64::READ)],
        }
    }

    fn line() -> &'static InputTable {
        &InputTable {
            rust: "LineInput",
            name: "LineInput",
            one_of: false,
            fields: &[("order: OrderInput!", ReadInput::Object(order))],
        }
    }

    #[test]
    fn what_is_always_given_is_a_problem_and_the_rest_is_a_note() {
        let mail = json!({ "name": "mail", "type": { "kind": "NON_NULL", "ofType": { "kind": "SCALAR", "name": "String" } } });
        let input = |name: &str| json!({ "kind": "INPUT_OBJECT", "name": name, "inputFields": [mail] });
        let live = Live::of([input("BuyerInput"), input("LineInput")]);
        let mut comparison = Comparison::new(&live);
        comparison.nested_inputs(order());
        assert!(comparison.needed.is_empty());
        let paths = |findings: &[super::Finding]| {
            findings.iter().map(|found| (found.kind, found.path.clone())).collect::<Vec<_>>()
        };
        let named = |kind, path: &str| (kind, path.to_owned());
        assert_eq!(
            paths(&comparison.report.problems),
            [named(FindingKind::Field, "BuyerInput.name"), named(FindingKind::Required, "BuyerInput.mail")]
        );
        assert_eq!(
            paths(&comparison.report.notes),
            [
                named(FindingKind::Field, "BuyerInput.age"),
                named(FindingKind::Field, "LineInput.order"),
                named(FindingKind::Required, "LineInput.mail"),
            ]
        );
    }
}

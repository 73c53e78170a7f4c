//! Calls, compared with the root types of a server.

use super::context::{At, Comparison};
use super::inputs::Variables;
use super::live::Live;
use super::outputs::{Page, Part};
use super::report::FindingKind;
use super::returned::Returned;
use crate::decode::Selection;
use crate::document::{OperationType, RootField, Shape};
use crate::input::InputObject;

/// A call of a root field with the arguments that it sends.
#[derive(Clone)]
pub(super) struct RootCall {
    pub(super) root: &'static RootField,
    pub(super) selection: Selection,
    pub(super) shape: Shape,
    pub(super) arguments: InputObject,
    /// None if it returns one object, or nothing.
    pub(super) returned: Option<Returned>,
}

impl Live {
    /// The name of a root type.
    pub(super) fn root(&self, operation: OperationType) -> Option<&str> {
        match operation {
            OperationType::Query => self.query.as_deref(),
            OperationType::Mutation => self.mutation.as_deref(),
            OperationType::Subscription => self.subscription.as_deref(),
        }
    }
}

impl Comparison<'_> {
    pub(super) fn call(&mut self, call: &RootCall) {
        let RootCall { root, selection, shape, arguments, returned } = call;
        let Some(name) = self.live().root(root.operation) else {
            let at = At::new(root.name, root.name);
            let message = format!("cannot be called: the server has no type for a {:?}", root.operation);
            return self.found(FindingKind::Type, &at, message);
        };
        let path = format!("{name}.{}", root.name);
        let at = At::new(&*path, &*path);
        let Some(ty) = self.ty(name, &at) else { return };
        let Some(field) = self.field(ty, root.name, &at) else { return };
        let paging = root.connection.map_or([""; 2], |shape| [shape.first, shape.after]);
        let is_sent = |name: &str| {
            arguments.get(name).is_some() || matches!(shape, Shape::Connection(_)) && paging.contains(&name)
        };
        for (name, declared) in root.arguments.iter().filter(|(name, _)| is_sent(name)) {
            let Some(argument) = field.args.iter().find(|argument| argument.name == *name) else {
                self.unknown_argument(name, &field.args, &at);
                continue;
            };
            let at = at.argument(name);
            self.deprecated(argument.deprecation.reason(), &at);
            self.variable(declared, argument, &at);
            if let Some(value) = arguments.get(name) {
                self.value(value, &argument.ty, &at);
            }
        }
        self.missing_arguments(&field.args, is_sent, &at);
        let is_leaf = matches!((selection, shape), (Selection::Leaf, Shape::Plain));
        if is_leaf == field.ty.is_composite() {
            let message = format!("is of type `{}`, which is selected in another way", field.ty);
            return self.found(FindingKind::FieldType, &at, message);
        }
        match returned {
            Some(returned) => self.returned(returned, &field.ty, selection.is_payload(), &at),
            None => self.shaped(&field.ty, 0, Some(false), &at),
        }
        if is_leaf {
            return;
        }
        let Some(inner) = self.ty(field.ty.name(), &at) else { return };
        match *shape {
            Shape::Plain => self.fields(selection, inner, &at, Variables::NONE),
            Shape::Connection(shape) => {
                self.connection(shape, Page { total: false, info: true }, selection, inner, &at);
            }
            Shape::Count(name) => {
                self.part(inner, name, Part::Leaf, &at);
            }
            Shape::Node(name) => self.fragment(name, selection, inner, &at),
        }
    }
}

//! Fields, arguments and values.

use super::super::{Argument, EnumValue, Field, Type, deprecation};
use super::builder::{Merge, add_paragraphs, prefix};
use super::pairs::{Pair, pairs};
use super::types::{Nullability, joined};

impl Merge<'_> {
    /// The fields of a type that both environments have.
    pub(super) fn fields(&mut self, owner: &str, one: &Type, other: &Type) -> Vec<Field> {
        let lists = [one, other].map(|ty| ty.fields.as_deref().unwrap_or_default());
        let fields = pairs(lists, |field| &field.name).into_iter().map(|pair| match pair {
            Pair::One(side, field) => self.only_field(side, field),
            Pair::Both(one, other) => self.field(owner, one, other),
        });
        fields.collect()
    }

    /// A field that only one environment has.
    pub(super) fn only_field(&self, side: usize, field: &Field) -> Field {
        let mut field = field.clone();
        self.mark(side, &mut field.only_in, &mut field.description);
        field
    }

    fn field(&mut self, owner: &str, one: &Field, other: &Field) -> Field {
        let path = format!("{owner}.{}", one.name);
        let ty = joined(&one.ty, &other.ty, Nullability::Output).unwrap_or_else(|| {
            self.contradiction(&path, [one, other].map(|field| format!("of type `{}`", field.ty)));
            one.ty.clone()
        });
        let arguments = self.arguments(&path, [&one.arguments, &other.arguments]);
        let (is_deprecated, deprecation_reason) = self.deprecation(
            [one, other].map(|field| deprecation(field.is_deprecated, field.deprecation_reason.as_ref())),
        );
        let mut description = one.description.clone().or_else(|| other.description.clone());
        let members = arguments.iter().map(|it| (it.name.as_str(), it.only_in.as_deref()));
        add_paragraphs(&mut description, self.only_in("the argument ", members));
        let name = one.name.clone();
        Field { name, description, arguments, ty, is_deprecated, deprecation_reason, only_in: None }
    }

    /// The arguments of a field, or the fields of an input.
    pub(super) fn arguments(&mut self, path: &str, lists: [&[Argument]; 2]) -> Vec<Argument> {
        let arguments = pairs(lists, |argument| &argument.name).into_iter().map(|pair| match pair {
            Pair::One(side, argument) => self.only_argument(side, argument),
            Pair::Both(one, other) => self.argument(path, one, other),
        });
        arguments.collect()
    }

    fn only_argument(&self, side: usize, argument: &Argument) -> Argument {
        let mut argument = argument.clone();
        let is_required = argument.is_required();
        self.mark(side, &mut argument.only_in, &mut argument.description);
        if is_required {
            argument.description = argument.description.map(|text| {
                let mark = format!("Only in {}", self.name(side));
                text.replacen(&format!("{mark}."), &format!("{mark}, and required there."), 1)
            });
        }
        argument
    }

    fn argument(&mut self, owner: &str, one: &Argument, other: &Argument) -> Argument {
        let ty = joined(&one.ty, &other.ty, Nullability::Input).unwrap_or_else(|| {
            let path = format!("{owner}.{}", one.name);
            self.contradiction(&path, [one, other].map(|argument| format!("of type `{}`", argument.ty)));
            one.ty.clone()
        });
        let is_required = one.is_required() || other.is_required();
        let default = one.default.clone().or_else(|| other.default.clone()).filter(|_| !is_required);
        let mut description = one.description.clone().or_else(|| other.description.clone());
        if default.is_some() && one.default != other.default {
            // The default itself is that of the first one which has one.
            let (side, default) = match (&one.default, &other.default) {
                (None, _) => (0, None),
                (Some(_), default) => (1, default.as_ref()),
            };
            prefix(
                &mut description,
                &match default {
                    Some(default) => format!("By default {default} in {}.", self.name(side)),
                    None => format!("Without a default in {}.", self.name(side)),
                },
            );
        }
        let reasons = [one, other].map(|argument| {
            let reason = argument.deprecation_reason.as_ref().and_then(Option::as_ref);
            deprecation(argument.is_deprecated == Some(true), reason)
        });
        let (is_deprecated, reason) = self.deprecation(reasons);
        Argument {
            name: one.name.clone(),
            description,
            ty,
            default,
            is_deprecated: is_deprecated.then_some(true),
            deprecation_reason: is_deprecated.then_some(reason),
            only_in: None,
        }
    }

    /// The values of an enum. That of a scalar are those which the configuration lists.
    pub(super) fn values(&self, one: &Type, other: &Type) -> Vec<EnumValue> {
        let listed = self.config.values.get(&one.name).into_iter().flatten();
        let listed = listed.map(|name| EnumValue { name: name.clone(), ..EnumValue::default() });
        let listed: Vec<EnumValue> = listed.collect();
        let lists = [one, other].map(|ty| ty.enum_values.as_deref().unwrap_or(&listed));
        let values = pairs(lists, |value| &value.name).into_iter().map(|pair| match pair {
            Pair::One(side, value) => {
                let mut value = value.clone();
                self.mark(side, &mut value.only_in, &mut value.description);
                value
            }
            Pair::Both(one, other) => {
                let (is_deprecated, deprecation_reason) = self.deprecation(
                    [one, other]
                        .map(|value| deprecation(value.is_deprecated, value.deprecation_reason.as_ref())),
                );
                let description = one.description.clone().or_else(|| other.description.clone());
                let name = one.name.clone();
                EnumValue { name, description, is_deprecated, deprecation_reason, only_in: None }
            }
        });
        values.collect()
    }

    /// What one environment deprecates is deprecated, so that code is ready for the other one.
    fn deprecation(&self, reasons: [Option<String>; 2]) -> (bool, Option<String>) {
        match reasons {
            [None, None] => (false, None),
            [Some(reason), Some(_)] => (true, Some(reason)),
            [Some(reason), None] => (true, Some(format!("In {}: {reason}", self.name(0)))),
            [None, Some(reason)] => (true, Some(format!("In {}: {reason}", self.name(1)))),
        }
    }
}

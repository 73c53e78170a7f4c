//! Types where they are used, and the kinds of types.

use super::super::{Kind, Type, TypeRef};
use super::builder::Merge;

/// Which of two types fits both environments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nullability {
    /// Of an output that may be null in one of them, code expects null.
    Output,
    /// Of an input that must not be null in one of them, code sends no null.
    Input,
}

/// The type that fits both environments, if there is one.
pub(super) fn joined(one: &TypeRef, other: &TypeRef, nullability: Nullability) -> Option<TypeRef> {
    let is_nullable = match nullability {
        Nullability::Output => one.is_nullable() || other.is_nullable(),
        Nullability::Input => one.is_nullable() && other.is_nullable(),
    };
    let of = |kind, inner| TypeRef { kind: Some(kind), name: None, of_type: Some(Box::new(inner)) };
    let ty = match (one.item(), other.item()) {
        (Some(one), Some(other)) => of(Kind::List, joined(one, other, nullability)?),
        (None, None) if one.name() == other.name() => one.nullable().clone(),
        _ => return None,
    };
    Some(if is_nullable { ty } else { of(Kind::NonNull, ty) })
}

impl Merge<'_> {
    /// The kind of a type that both environments have.
    pub(super) fn kind(&mut self, one: &Type, other: &Type) -> Kind {
        if one.kind == other.kind {
            return one.kind;
        }
        let name = &one.name;
        let is_leaf = one.kind.is_leaf() && other.kind.is_leaf();
        let has_values = self.config.values.contains_key(name);
        if is_leaf
            && has_values
            && let Some(path) = self.written(name)
        {
            let how = |ty: &Type| match ty.kind {
                Kind::Enum => "an enum",
                _ => "a scalar",
            };
            let written = |ty| format!("{}, which selections write in another way in `{path}`,", how(ty));
            self.contradiction(name, [written(one), how(other).to_owned()]);
        } else if is_leaf && !has_values {
            let hint = |ty: &Type| match ty.kind {
                Kind::Enum => "an enum".to_owned(),
                _ => "a scalar without a list under [values] in the configuration".to_owned(),
            };
            self.contradiction(name, [one, other].map(hint));
        } else if !is_leaf {
            self.contradiction(name, [one, other].map(|ty| noun(ty.kind).to_owned()));
        }
        Kind::Enum
    }

    /// An argument of this type whose values stand in the text of selections: an enum without, a text with quotes.
    fn written(&self, name: &str) -> Option<String> {
        self.sides.iter().find_map(|schema| {
            let owners = schema.types.iter().filter(|ty| !schema.is_root(&ty.name));
            let mut fields = owners.flat_map(|ty| ty.fields.iter().flatten().map(move |field| (ty, field)));
            fields.find_map(|(ty, field)| {
                let argument = field.arguments.iter().find(|argument| argument.ty.name() == name)?;
                Some(format!("{}.{}.{}", ty.name, field.name, argument.name))
            })
        })
    }

    /// Whether an input that takes exactly one of its fields in one environment can be sent to the other one.
    pub(super) fn check_one_of(&mut self, one: &Type, other: &Type, merged: &Type) {
        if one.is_one_of.max(other.is_one_of) != Some(true) {
            return;
        }
        let mut fields = merged.input_fields.iter().flatten();
        let must = fields.find(|field| !field.ty.is_nullable() || field.default.is_some());
        if let Some(field) = must {
            let what = |ty: &Type| match ty.is_one_of {
                Some(true) => "an input with `@oneOf`".to_owned(),
                _ => format!("an input where `{}` is required or has a default", field.name),
            };
            self.contradiction(&one.name, [one, other].map(what));
        }
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Scalar => "a scalar",
        Kind::Object => "an object",
        Kind::Interface => "an interface",
        Kind::Union => "a union",
        Kind::Enum => "an enum",
        Kind::InputObject => "an input",
        Kind::List | Kind::NonNull => "no named type",
    }
}

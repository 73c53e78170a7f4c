//! Arguments, variables and input objects, compared with the types of a server.

use super::context::{At, Comparison, did_you_mean};
use super::declared::{Declared, is_accepted, is_coerced};
use super::literal::Literal;
use super::live::{LiveInput, LiveType, TypeRef};
use super::report::FindingKind;
use crate::input::{InputObject, InputTable, InputValue};

/// The variables of an operation, with their types.
#[derive(Clone, Copy)]
pub(super) struct Variables(pub(super) &'static [(&'static str, &'static str)]);

impl Variables {
    pub(super) const NONE: Self = Self(&[]);
}

impl At {
    /// An argument of the field that is here.
    pub(super) fn argument(&self, name: &str) -> Self {
        Self::new(&*self.rust, format!("{}({name}:)", self.path))
    }

    /// A field of the input that is here.
    pub(super) fn input(&self, ty: &LiveType, name: &str) -> Self {
        Self::new(&*self.rust, format!("{}.{name}", ty.name))
    }
}

/// The fields of an input with their types: nullable ones where they have a default.
pub(super) fn declarations(table: &InputTable) -> impl Iterator<Item = (&'static str, Declared<'static>)> {
    let fields = table.fields.iter().filter_map(|(field, _)| field.split_once(": "));
    fields.map(|(name, ty)| match ty.split_once(" = ") {
        Some((ty, _)) => (name, Declared(ty).nullable()),
        None => (name, Declared(ty)),
    })
}

impl LiveInput {
    pub(super) fn is_required(&self) -> bool {
        self.ty.is_non_null() && self.default_value.is_none()
    }
}

impl Comparison<'_> {
    /// The arguments that a selection gives to a field.
    pub(super) fn arguments(
        &mut self,
        known: &[LiveInput],
        given: &[(&str, Literal<'_>)],
        at: &At,
        variables: Variables,
    ) {
        for (name, literal) in given {
            let Some(argument) = known.iter().find(|argument| argument.name == *name) else {
                self.unknown_argument(name, known, at);
                continue;
            };
            let at = at.argument(name);
            self.deprecated(argument.deprecation.reason(), &at);
            if let Literal::Variable(name) = literal {
                if let Some((_, declared)) = variables.0.iter().find(|(variable, _)| variable == name) {
                    self.variable(declared, argument, &at);
                }
            } else {
                self.literal(literal, &argument.ty, &at);
            }
        }
        self.missing_arguments(known, |name| given.iter().any(|(given, _)| *given == name), at);
    }

    pub(super) fn unknown_argument(&mut self, name: &str, known: &[LiveInput], at: &At) {
        let near = did_you_mean(name, known.iter().map(|argument| argument.name.as_str()));
        let message = format!("is unknown: the field has no argument `{name}`{near}");
        self.found(FindingKind::Argument, &at.argument(name), message);
    }

    pub(super) fn missing_arguments(
        &mut self,
        known: &[LiveInput],
        is_given: impl Fn(&str) -> bool,
        at: &At,
    ) {
        for argument in known.iter().filter(|argument| argument.is_required() && !is_given(&argument.name)) {
            let message = format!("is required and not given: its type is `{}`", argument.ty);
            self.found(FindingKind::Required, &at.argument(&argument.name), message);
        }
    }

    /// A variable of a declared type, for an argument.
    pub(super) fn variable(&mut self, declared: &str, argument: &LiveInput, at: &At) {
        let (live, is_optional) = (&argument.ty, argument.default_value.is_some());
        if !is_accepted(Declared(declared), live, is_optional) {
            self.found(FindingKind::InputType, at, format!("is of type `{live}`, was `{declared}`"));
        }
    }

    fn literal(&mut self, literal: &Literal<'_>, ty: &TypeRef, at: &At) {
        let inner = ty.nullable();
        match (literal, inner.item()) {
            (Literal::Null, _) => {
                if ty.is_non_null() {
                    self.found(FindingKind::InputType, at, format!("is given null: its type is `{ty}`"));
                }
            }
            (Literal::List(items), Some(item)) => {
                items.iter().for_each(|literal| self.literal(literal, item, at));
            }
            // A single value stands for a list with it.
            (literal, Some(item)) => self.literal(literal, item, at),
            (Literal::Symbol(value), None) if inner.kind == "ENUM" => self.value_of(inner.name(), value, at),
            (literal, None) => {
                let fits = match (inner.kind.as_str(), inner.name()) {
                    ("SCALAR", "Int") => matches!(literal, Literal::Int),
                    ("SCALAR", "Float") => matches!(literal, Literal::Int | Literal::Float),
                    ("SCALAR", "String") => matches!(literal, Literal::Text),
                    ("SCALAR", "Boolean") => matches!(literal, Literal::Boolean),
                    ("SCALAR", "ID") => matches!(literal, Literal::Int | Literal::Text),
                    // Only the server knows which values a custom scalar accepts.
                    (kind, _) => kind == "SCALAR",
                };
                if !fits {
                    self.found(FindingKind::InputType, at, format!("is given another type: it is `{ty}`"));
                }
            }
        }
    }

    fn value_of(&mut self, name: &str, value: &str, at: &At) {
        let Some(ty) = self.ty(name, at) else { return };
        let values = ty.enum_values.as_deref().unwrap_or_default();
        match values.iter().find(|known| known.name == value) {
            Some(known) => self.deprecated(known.deprecation.reason(), at),
            None => {
                let near = did_you_mean(value, values.iter().map(|known| known.name.as_str()));
                let message = format!("is given `{value}`, which `{name}` does not have{near}");
                self.found(FindingKind::Value, at, message);
            }
        }
    }

    /// A value that a call sends.
    pub(super) fn value(&mut self, value: &InputValue, ty: &TypeRef, at: &At) {
        let inner = ty.nullable();
        match (value, inner.item()) {
            (InputValue::Null, _) if ty.is_non_null() => {
                self.found(FindingKind::InputType, at, format!("is given null: its type is `{ty}`"));
            }
            // Their text is not compared: JSON of the user, and values that are never sent.
            (InputValue::Null | InputValue::Json(_) | InputValue::Refused(_), _) => {}
            (InputValue::List(items), Some(item)) => {
                items.iter().for_each(|value| self.value(value, item, at));
            }
            (value, Some(item)) => self.value(value, item, at),
            (InputValue::Object(object), None) if inner.kind == "INPUT_OBJECT" => {
                self.object(object, inner.name(), at);
            }
            (InputValue::Text(text), None) if inner.kind == "ENUM" => {
                self.value_of(inner.name(), text, at);
            }
            (_, None) if inner.kind == "SCALAR" => {}
            (_, None) => {
                self.found(FindingKind::InputType, at, format!("is given another type: it is `{ty}`"));
            }
        }
    }

    fn object(&mut self, object: &InputObject, name: &str, at: &At) {
        let Some(ty) = self.ty(name, at) else { return };
        for (key, value) in object.iter() {
            let at = At::new(name, format!("{name}.{key}"));
            if let Some(field) = self.input_field(ty, key, &at) {
                self.deprecated(field.deprecation.reason(), &at);
                self.value(value, &field.ty, &at);
            }
        }
        if ty.is_one_of.unwrap_or_default() && object.iter().len() != 1 {
            self.found(FindingKind::Required, at, format!("`{name}` takes exactly one field"));
        }
        self.missing_fields(ty, |key| object.get(key).is_some(), &At::new(name, name));
    }

    fn input_field<'t>(&mut self, ty: &'t LiveType, name: &str, at: &At) -> Option<&'t LiveInput> {
        let fields = ty.input_fields.as_deref().unwrap_or_default();
        let field = fields.iter().find(|field| field.name == name);
        if field.is_none() {
            let near = did_you_mean(name, fields.iter().map(|field| field.name.as_str()));
            self.found(
                FindingKind::Field,
                at,
                format!("is unknown: `{}` has no field `{name}`{near}", ty.name),
            );
        }
        field
    }

    fn missing_fields(&mut self, ty: &LiveType, is_known: impl Fn(&str) -> bool, at: &At) {
        let fields = ty.input_fields.iter().flatten();
        for field in fields.filter(|field| field.is_required() && !is_known(&field.name)) {
            let message = format!("is required and not given: its type is `{}`", field.ty);
            self.found(FindingKind::Required, &at.input(ty, &field.name), message);
        }
    }

    /// All fields of an input object.
    pub(super) fn input(&mut self, table: &'static InputTable) {
        let at = At::new(table.rust, table.name);
        let Some(ty) = self.ty(table.name, &at) else { return };
        if ty.kind != "INPUT_OBJECT" {
            self.found(FindingKind::Type, &at, "is no input object any more");
            return;
        }
        for (name, declared) in declarations(table) {
            let at = at.input(ty, name);
            let Some(field) = self.input_field(ty, name, &at) else { continue };
            self.deprecated(field.deprecation.reason(), &at);
            if field.is_required() && !declared.is_non_null() {
                let message = format!("is required: its type is `{}`, was `{}`", field.ty, declared.0);
                self.found(FindingKind::Required, &at, message);
            } else if !is_coerced(declared, &field.ty) {
                let message = format!("is of type `{}`, was `{}`", field.ty, declared.0);
                self.found(FindingKind::InputType, &at, message);
            }
        }
        self.missing_fields(ty, |key| declarations(table).any(|(name, _)| name == key), &at);
        if ty.is_one_of.unwrap_or_default() && !table.one_of {
            self.found(FindingKind::Required, &at, "takes exactly one of its fields");
        }
        self.nested_inputs(table);
    }

    /// All values of an enum, or all types of an interface or a union.
    pub(super) fn values(&mut self, rust: &str, name: &str, values: &[&str]) {
        let at = At::new(rust, name);
        let Some(ty) = self.ty(name, &at) else { return };
        let types = ty.possible_types.as_deref().unwrap_or_default();
        let known = ty.enum_values.as_deref().unwrap_or_default();
        for value in values {
            let at = At::new(rust, format!("{name}.{value}"));
            match ty.kind.as_str() {
                "ENUM" => match known.iter().find(|known| known.name == *value) {
                    Some(known) => self.deprecated(known.deprecation.reason(), &at),
                    None => {
                        let near = did_you_mean(value, known.iter().map(|known| known.name.as_str()));
                        self.found(
                            FindingKind::Value,
                            &at,
                            format!("is gone: `{name}` does not have it{near}"),
                        );
                    }
                },
                "INTERFACE" | "UNION" if types.iter().any(|known| known.name == *value) => {}
                "INTERFACE" | "UNION" => {
                    self.found(FindingKind::Value, &at, format!("is none of the types of `{name}` any more"));
                }
                "SCALAR" => {
                    let message = "is a scalar for the server, which does not list its values";
                    return self.found(FindingKind::NotCompared, &At::new(rust, name), message);
                }
                _ => return self.found(FindingKind::Type, &At::new(rust, name), "is no enum any more"),
            }
        }
    }
}

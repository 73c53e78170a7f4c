//! What is sent: scalars, enums, input objects, arguments and their defaults.

use super::text::{deprecated, description, string};
use super::{Argument, Builder, Field, Kind, Ref, Type};

impl Builder {
    /// Scalars, enums and inputs. The fields of inputs come last, since they can be of any input.
    pub(super) fn input_types(&mut self) {
        for _ in 0..self.random.below(3) {
            let name = self.type_names.ty(&mut self.random);
            self.add(Type::new(Kind::Scalar, &name));
            self.leaves.push(name);
        }
        for _ in 0..self.random.below(4) {
            let name = self.type_names.ty(&mut self.random);
            self.enumeration(&name);
        }
        for _ in 0..self.random.below(5) {
            let name = self.type_names.ty(&mut self.random);
            let stem = if self.random.one_in(2) { "Input" } else { "" };
            let name = self.type_names.with(&mut self.random, &name, stem);
            let kind = if self.random.one_in(5) { Kind::OneOf } else { Kind::Input };
            self.add(Type::new(kind, &name));
            self.inputs.push(name);
        }
        for index in 0..self.inputs.len() {
            let name = self.inputs[index].clone();
            let is_one_of = self.get(&name).is_some_and(|ty| ty.kind == Kind::OneOf);
            let mut names = self.names();
            let fields: Vec<Argument> = (0..=self.random.below(5))
                .map(|_| {
                    let name = names.member(&mut self.random);
                    self.input_field(name, index, is_one_of)
                })
                .collect();
            if let Some(ty) = self.schema.types.iter_mut().find(|ty| ty.name == name) {
                ty.inputs = fields;
            }
        }
    }

    fn enumeration(&mut self, name: &str) {
        let mut ty = Type::new(Kind::Enum, name);
        let mut names = self.names();
        for _ in 0..=self.random.below(6) {
            let mut value = Field::new(&names.value(&mut self.random), Ref::named("Int"));
            value.description = description(&mut self.random);
            value.deprecated = deprecated(&mut self.random);
            ty.values.push(value);
        }
        self.leaves.push(name.to_owned());
        self.add(ty);
    }

    /// A field of the input at `index`. What must be there is of an input before it, so that none needs itself.
    fn input_field(&mut self, name: String, index: usize, is_one_of: bool) -> Argument {
        let mut argument = Argument::new(&name, Ref::named("Int"));
        argument.description = description(&mut self.random);
        let is_input = self.random.one_in(3);
        let of = if is_input { self.random.pick(&self.inputs) } else { self.random.pick(&self.leaves) };
        let of = of.clone();
        let is_earlier = !is_input || self.inputs[..index].contains(&of);
        argument.ty = self.wrapped(Ref::named(&of));
        if (is_one_of || !is_earlier)
            && let Ref::NonNull(inner) = argument.ty
        {
            argument.ty = *inner;
        }
        if !is_one_of && is_earlier && self.random.one_in(3) {
            // Defaults are of inputs before this one as well.
            argument.default = self.literal(&argument.ty.clone(), 0);
        }
        if !argument.is_required() {
            argument.deprecated = deprecated(&mut self.random);
        }
        argument
    }

    /// Arguments of a field, at most `most`.
    pub(super) fn arguments(&mut self, most: usize) -> Vec<Argument> {
        let mut names = self.names();
        let mut arguments = Vec::new();
        for _ in 0..self.random.below(most + 1) {
            let mut argument = Argument::new(&names.member(&mut self.random), Ref::named("Int"));
            argument.description = description(&mut self.random);
            let use_input = !self.inputs.is_empty() && self.random.one_in(3);
            let of = if use_input { &self.inputs } else { &self.leaves };
            let of = self.random.pick(of).clone();
            argument.ty = self.wrapped(Ref::named(&of));
            if self.random.one_in(3) {
                argument.default = self.literal(&argument.ty.clone(), 0);
            }
            if !argument.is_required() {
                argument.deprecated = deprecated(&mut self.random);
            }
            arguments.push(argument);
        }
        arguments
    }

    /// A value of a type as a literal; nothing where it would be too deep.
    pub(super) fn literal(&mut self, ty: &Ref, depth: usize) -> Option<String> {
        match ty {
            Ref::NonNull(inner) => self.value(inner, depth),
            _ if self.random.one_in(6) => Some("null".to_owned()),
            _ => self.value(ty, depth),
        }
    }

    fn value(&mut self, ty: &Ref, depth: usize) -> Option<String> {
        let name = match ty {
            Ref::NonNull(inner) => return self.value(inner, depth),
            // A single value stands for a list with it.
            Ref::List(inner) if self.random.one_in(8) => return self.value(inner, depth),
            Ref::List(inner) => {
                let items = (0..self.random.below(3)).map(|_| self.literal(inner, depth + 1));
                return items.collect::<Option<Vec<_>>>().map(|items| format!("[{}]", items.join(", ")));
            }
            Ref::Named(name) => name.clone(),
        };
        Some(match name.as_str() {
            "Boolean" => (*self.random.pick(&["true", "false"])).to_owned(),
            "Int" => (*self.random.pick(&["0", "1", "-1", "2147483647", "-2147483648"])).to_owned(),
            "Float" => (*self.random.pick(&["0", "-0.5", "1e10", "1.5E-3", "-2147483648"])).to_owned(),
            "ID" if self.random.one_in(2) => "17".to_owned(),
            "ID" | "String" => string(&mut self.random),
            _ => return self.defined(&name, depth),
        })
    }

    fn defined(&mut self, name: &str, depth: usize) -> Option<String> {
        const ANY: &[&str] =
            &["1", "-1.5", "true", "\"text\"", "ENUM", "[1, \"a\"]", "{a: {b: [null]}}", "[]", "{}"];
        let ty = self.get(name)?;
        let kind = ty.kind;
        if kind == Kind::Enum {
            let values: Vec<String> = ty.values.iter().map(|value| value.name.clone()).collect();
            return Some(self.random.pick(&values).clone());
        }
        if kind == Kind::Scalar {
            return Some((*self.random.pick(ANY)).to_owned());
        }
        let fields = ty.inputs.clone();
        if fields.is_empty() || depth > 3 {
            return None;
        }
        let mut given = Vec::new();
        let only = (kind == Kind::OneOf).then(|| self.random.below(fields.len()));
        for (index, field) in fields.iter().enumerate() {
            let literal = match only {
                Some(only) if only != index => continue,
                Some(_) => self.value(&field.ty, depth + 1)?,
                None if field.is_required() => self.literal(&field.ty, depth + 1)?,
                None if self.random.one_in(3) => match self.literal(&field.ty, depth + 1) {
                    Some(literal) => literal,
                    None => continue,
                },
                None => continue,
            };
            given.push(format!("{}: {literal}", field.name));
        }
        Some(format!("{{{}}}", given.join(", ")))
    }
}

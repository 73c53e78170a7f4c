//! The Rust for each thing in a schema.

use super::{Builder, Place, Rust};
use crate::emit::inner;
use crate::ir::{Call, InputField, Object, Operation, OutputField};
use crate::schema::{Argument, Field, Type};

impl<'g> Builder<'g> {
    /// The Rust of a type: none if it becomes none.
    pub(super) fn type_rust(&self, ty: &Type) -> Rust {
        let name = ty.name.as_str();
        let index = &self.index;
        let object = index.objects.get(name);
        let own = object.map(|it| &it.rust).or_else(|| index.inputs.get(name).map(|it| &it.rust));
        let own = own.or_else(|| index.enums.get(name).map(|it| &it.rust));
        let own = own.or_else(|| index.orders.get(name).map(|it| &it.rust));
        let external = || index.external.get_key_value(crate::names::type_name(name).as_str());
        let Some(own) = own.map(String::as_str).or_else(|| external().map(|(rust, _)| *rust)) else {
            return Rust::default();
        };
        let mut paths = vec![own.to_owned()];
        paths.extend(index.types.get(name).map(|types| types.rust.clone()));
        Rust { paths, name: Some(own.to_owned()), place: Place::Named, ..Rust::default() }
    }

    /// How an input is declared.
    pub(super) fn input_kind(&self, name: &str) -> &'static str {
        match (self.schema.is_one_of(name), self.index.orders.contains_key(name)) {
            (true, _) => "oneOf",
            (_, true) => "order",
            _ if self.index.inputs.contains_key(name) => "input",
            _ => "filter",
        }
    }

    pub(super) fn value_rust(&self, name: &str, value: &str) -> Rust {
        let Some(item) = self.index.enums.get(name) else { return Rust::default() };
        let Some(variant) = item.variants.iter().find(|it| it.value == value) else { return Rust::default() };
        named(&item.rust, &variant.rust, Place::Named)
    }

    /// The variant for a type among those of an interface or a union.
    pub(super) fn possible_rust(&self, of: &str, member: &str) -> Rust {
        let Some(types) = self.index.types.get(of) else { return Rust::default() };
        let Some(variant) = types.variants.iter().find(|it| it.value == member) else {
            return Rust::default();
        };
        named(&types.rust, &variant.rust, Place::Named)
    }

    pub(super) fn input_field_rust(&self, owner: &str, field: &Argument) -> Rust {
        let Some(input) = self.index.inputs.get(owner) else { return Rust::default() };
        let place = match input.is_one_of {
            true => Place::Case,
            false if field.is_required() => Place::Parameter,
            false => Place::Setter,
        };
        match input.fields.iter().find(|it| it.argument.name == field.name) {
            Some(found) if place == Place::Parameter => {
                let paths = vec![format!("{}::new", input.rust)];
                Rust { paths, ..of_input(&input.rust, found, place) }
            }
            Some(found) => of_input(&input.rust, found, place),
            None => Rust::default(),
        }
    }

    pub(super) fn field_rust(&self, owner: &str, field: &Field, operation: Option<Operation>) -> Rust {
        let object = self.index.objects.get(owner);
        let found = object.and_then(|it| Some((it, it.fields.iter().find(|it| it.graphql == field.name)?)));
        let selected = found.map(|(object, field)| of_field(object, field));
        match operation.and_then(|operation| self.index.call(operation, &field.name)) {
            Some(call) => Rust {
                paths: of_call(call),
                name: Some(call.rust.clone()),
                ty: Some(call.ty.clone()),
                place: Place::Function,
                selection: String::new(),
                errors: call.errors.as_ref().map(|it| it.selection()),
                pages: call
                    .connection
                    .as_ref()
                    .map(|it| it.shape.as_ref().is_none_or(|(_, has_total)| *has_total)),
            },
            None => selected.unwrap_or_default(),
        }
    }

    pub(super) fn argument_rust(
        &self,
        owner: &str,
        field: &Field,
        argument: &Argument,
        operation: Option<Operation>,
    ) -> Rust {
        let Some(call) = operation.and_then(|operation| self.index.call(operation, &field.name)) else {
            let object = self.index.objects.get(owner);
            let found = object.and_then(|it| it.fields.iter().find(|it| it.graphql == field.name));
            let Some(found) = found else { return Rust::default() };
            let taken = found.arguments.iter().find(|(it, _)| it.argument.name == argument.name);
            let path =
                vec![format!("{}::{}", object.map(|it| it.rust.as_str()).unwrap_or_default(), found.rust)];
            return match taken {
                Some((it, _)) => Rust { paths: path, ..of_input(owner, it, Place::Selected) },
                None => Rust { paths: path, place: Place::Paging, ..Rust::default() },
            };
        };
        let is_it = |it: &&InputField| it.argument.name == argument.name;
        if let Some(it) = call.parameters.iter().find(is_it) {
            return Rust { paths: of_call(call), ..of_input(&call.rust, it, Place::Parameter) };
        }
        let optional = call.optional.as_ref().and_then(|name| self.index.arguments.get(name.as_str()));
        if let Some((input, it)) = optional.and_then(|it| Some((it, it.fields.iter().find(is_it)?))) {
            return of_input(&input.rust, it, Place::Setter);
        }
        let mut options = call.connection.iter().flat_map(|it| &it.options);
        let option = options.find(|it| it.argument == argument.name);
        let (place, ty) = match option {
            Some(option) => (Place::Option(option.function), Some(option.ty.clone())),
            None => (Place::Paging, None),
        };
        Rust { paths: of_call(call), ty, place, ..Rust::default() }
    }
}

/// Interfaces, unions and root types are for selections only.
fn of_field(object: &Object, field: &OutputField) -> Rust {
    let is_struct = !matches!(object.kind, "interface" | "union" | "query" | "mutation");
    let place = if is_struct && field.section == "fields" { Place::Struct } else { Place::Selected };
    Rust {
        ty: Some(field.ty.clone()),
        selection: inner(None, &field.selection).trim().to_owned(),
        ..named(&object.rust, &field.rust, place)
    }
}

fn of_call(call: &Call) -> Vec<String> {
    vec![format!("Client::{}", call.rust)]
}

fn of_input(owner: &str, field: &InputField, place: Place) -> Rust {
    Rust { ty: Some(field.ty.clone()), ..named(owner, &field.rust, place) }
}

fn named(owner: &str, name: &str, place: Place) -> Rust {
    Rust { paths: vec![format!("{owner}::{name}")], name: Some(name.to_owned()), place, ..Rust::default() }
}

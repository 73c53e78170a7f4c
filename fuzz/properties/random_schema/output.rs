//! What comes back: objects, interfaces, unions, and the root types.

use super::convention::ROOTS;
use super::text::{deprecated, description};
use super::{Argument, Builder, Field, Kind, Ref, Type};

impl Builder {
    /// Interfaces, objects and unions. Their fields come last, since they can be of any type.
    pub(super) fn output_types(&mut self) {
        let large = self.random.one_in(40);
        let interfaces: Vec<String> =
            (0..self.random.below(4)).map(|_| self.type_names.ty(&mut self.random)).collect();
        let objects = 1 + self.random.below(if large { 40 } else { 7 });
        let objects: Vec<String> = (0..objects).map(|_| self.type_names.ty(&mut self.random)).collect();
        let unions: Vec<String> =
            (0..self.random.below(3)).map(|_| self.type_names.ty(&mut self.random)).collect();
        self.outputs = [&interfaces[..], &objects, &unions].concat();
        let node = self.node_interface();
        for (kind, names) in [(Kind::Interface, &interfaces), (Kind::Object, &objects)] {
            for name in names {
                self.with_fields(kind, name, node.as_deref());
            }
        }
        for name in unions {
            let mut ty = Type::new(Kind::Union, &name);
            ty.types = objects.iter().filter(|_| self.random.one_in(2)).cloned().collect();
            if ty.types.is_empty() {
                ty.types.push(objects[0].clone());
            }
            self.add(ty);
        }
    }

    fn with_fields(&mut self, kind: Kind, name: &str, node: Option<&str>) {
        let mut ty = Type::new(kind, name);
        let all: Vec<String> = self
            .schema
            .types
            .iter()
            .filter(|ty| ty.kind == Kind::Interface)
            .map(|ty| ty.name.clone())
            .collect();
        for interface in &all {
            let is_node = node == Some(interface) && kind == Kind::Object;
            if self.random.one_in(if is_node { 2 } else { 4 }) {
                self.implement_one(&mut ty, interface);
            }
        }
        if kind == Kind::Interface {
            // What implements both has the narrower type of this one.
            for field in &mut ty.fields {
                if self.random.one_in(8) {
                    field.ty = field.ty.clone().non_null();
                }
            }
        }
        let mut names = self.names();
        ty.fields.iter().for_each(|field| _ = names.take(&field.name));
        if self.random.below(10) < 6 && names.take("id") {
            ty.fields.push(self.id());
        }
        for _ in 0..=self.random.below(5) {
            let name = names.member(&mut self.random);
            ty.fields.push(self.field(name));
        }
        self.add(ty);
    }

    /// Adds an interface with those that it implements, unless a field contradicts another.
    fn implement_one(&mut self, ty: &mut Type, interface: &str) {
        let Some(interface) = self.get(interface) else { return };
        let same = |field: &Field, other: &Field| field.ty == other.ty && field.arguments == other.arguments;
        let contradicts =
            |field: &Field| ty.fields.iter().any(|other| other.name == field.name && !same(field, other));
        if interface.fields.iter().any(contradicts) {
            return;
        }
        let new =
            interface.fields.iter().filter(|field| ty.fields.iter().all(|other| other.name != field.name));
        let new: Vec<Field> = new.cloned().collect();
        for name in interface.types.iter().chain([&interface.name]) {
            if !ty.types.contains(name) {
                ty.types.push(name.clone());
            }
        }
        ty.fields.extend(new);
    }

    fn field(&mut self, name: String) -> Field {
        if self.random.one_in(10) {
            return self.connection_field(name);
        }
        let is_leaf = self.random.below(10) < 6;
        let of = if is_leaf { self.random.pick(&self.leaves) } else { self.random.pick(&self.outputs) };
        let ty = Ref::named(&of.clone());
        self.field_of(name, ty)
    }

    /// A field of a type, wrapped somehow.
    pub(super) fn field_of(&mut self, name: String, ty: Ref) -> Field {
        let mut field = Field::new(&name, self.wrapped(ty));
        field.description = description(&mut self.random);
        field.deprecated = deprecated(&mut self.random);
        if self.random.one_in(4) {
            field.arguments = self.arguments(3);
        }
        field
    }

    fn id(&mut self) -> Field {
        let field = |ty: Ref| Field::new("id", ty);
        match self.random.below(20) {
            0 => field(Ref::named("Int").non_null()),
            1 => field(Ref::named("String").non_null()),
            2 => field(Ref::named("ID")),
            3 => field(Ref::named("ID").non_null().list().non_null()),
            4 => field(Ref::named("ID").non_null()).with([Argument::new("format", Ref::named("String"))]),
            5 => field(Ref::named("ID")).with([Argument::new("of", Ref::named("Int").non_null())]),
            6 => field(Ref::named(&self.random.pick(&self.outputs).clone())),
            7 => field(Ref::named(&self.random.pick(&self.leaves).clone())),
            _ => field(Ref::named("ID").non_null()),
        }
    }

    /// The root types. Their fields have one scope.
    pub(super) fn roots(&mut self) {
        let mut names = self.names();
        let in_types = self.random.one_in(10);
        for (index, (usual, one_in)) in ROOTS.into_iter().zip([1, 2, 5]).enumerate() {
            if !self.random.one_in(one_in) {
                continue;
            }
            let own = self.ways.own_roots;
            let name = if own { self.type_names.ty(&mut self.random) } else { usual.to_owned() };
            self.schema.roots[index] = Some(name.clone());
            if in_types {
                self.outputs.push(name.clone());
            }
            let mut root = Type::new(Kind::Object, &name);
            if index == 0 {
                root.fields.extend(self.node_fields(&mut names));
            }
            for _ in 0..=self.random.below(6) {
                let name = names.member(&mut self.random);
                let field = match (index, self.random.below(10)) {
                    (0, 0..3) => self.connection_field(name),
                    (1, 0..6) => self.payload_field(name),
                    _ => self.field(name),
                };
                root.fields.push(field);
            }
            self.add(root);
        }
        if in_types {
            self.return_roots();
        }
    }

    /// Fields of ordinary types that return a root type.
    fn return_roots(&mut self) {
        let roots: Vec<String> = self.schema.roots.iter().flatten().cloned().collect();
        for index in 0..self.schema.types.len() {
            let ty = &self.schema.types[index];
            let free = |name: &&&str| ty.fields.iter().all(|field| field.name != **name);
            let name = ["relay", "query", "root"].iter().find(free).map(|name| (*name).to_owned());
            if let Some(name) = name.filter(|_| ty.kind == Kind::Object)
                && self.random.one_in(3)
            {
                let root = self.random.pick(&roots).clone();
                let field = self.field_of(name, Ref::named(&root));
                self.schema.types[index].fields.push(field);
            }
        }
    }

    /// Narrows fields of objects below those of their interfaces, and mixes the order of types.
    pub(super) fn implement(&mut self) {
        let possible = |types: &[Type], name: &str| -> Vec<String> {
            let named = types.iter().find(|ty| ty.name == name);
            match named.map(|ty| (ty.kind, &ty.types)) {
                Some((Kind::Union, types)) => types.clone(),
                Some((Kind::Interface, _)) => {
                    let objects = types.iter().filter(|ty| ty.kind == Kind::Object);
                    let objects = objects.filter(|ty| ty.types.iter().any(|implemented| implemented == name));
                    objects.map(|ty| ty.name.clone()).collect()
                }
                _ => Vec::new(),
            }
        };
        for index in 0..self.schema.types.len() {
            let name = Some(self.schema.types[index].name.clone());
            if self.schema.types[index].kind != Kind::Object || self.schema.roots.contains(&name) {
                continue;
            }
            for at in 0..self.schema.types[index].fields.len() {
                let mut field = self.schema.types[index].fields[at].clone();
                let narrower = possible(&self.schema.types, field.ty.name());
                if !narrower.is_empty() && self.random.one_in(6) {
                    field.ty = renamed(&field.ty, self.random.pick::<String>(&narrower));
                }
                if self.random.one_in(15) {
                    field.ty = field.ty.non_null();
                }
                if self.random.one_in(15) && field.arguments.iter().all(|argument| argument.name != "more") {
                    field.arguments.push(Argument::new("more", Ref::named("Int")));
                }
                self.schema.types[index].fields[at] = field;
            }
        }
        self.random.shuffle(&mut self.schema.types);
    }
}

/// The same wrappers around another type.
fn renamed(ty: &Ref, name: &str) -> Ref {
    match ty {
        Ref::Named(_) => Ref::named(name),
        Ref::List(inner) => renamed(inner, name).list(),
        Ref::NonNull(inner) => renamed(inner, name).non_null(),
    }
}

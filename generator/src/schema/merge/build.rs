//! Builds the merge: the schema and its types.

use super::super::{Kind, Named, Schema, Type, TypeRef};
use super::builder::{Merge, add_paragraphs};
use super::pairs::{Pair, pairs};
use super::take;
use crate::{Config, Error};
use std::collections::BTreeMap;

impl Schema {
    /// Two schemas of one API, such as those of production and of QA, as one for a client of both. The names of the
    /// environments are [those of the configuration](crate::config::Environments).
    ///
    /// The result has what either of them has. What only one has is marked in `only_in` and in its description.
    /// Where both have it and differ, the result is what fits both:
    ///
    /// * An output that may be null in one of them may be null. An input that one of them requires is required, if
    ///   the other one has it; otherwise it is optional, since the other one refuses it.
    /// * What one of them deprecates is deprecated.
    /// * A scalar that is an enum in the other one is an enum, if the configuration lists its values.
    /// * Of descriptions and of defaults that differ, those of the first count, and the description has the other
    ///   default.
    ///
    /// # Errors
    /// [`Error::Environments`] when nothing fits both: other types, other kinds of types, other roots. With
    /// [`take`](crate::config::Environments::take) of the configuration, one of them counts.
    pub fn merge(first: &Self, second: &Self, config: &Config) -> Result<Self, Error> {
        let sides = take::without_others([first, second], config)?;
        let mut merge = Merge { sides: &sides, config, places: Vec::new() };
        let schema = merge.schema();
        if !merge.places.is_empty() {
            let names = config.environments.names.clone();
            return Err(Error::Environments { names, places: merge.places });
        }
        schema.check()?;
        Ok(schema)
    }
}

impl Merge<'_> {
    fn schema(&mut self) -> Schema {
        let [first, second] = self.sides;
        let mut left_out: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, types) in first.left_out.iter().chain(&second.left_out) {
            let all: &mut Vec<String> = left_out.entry(name.clone()).or_default();
            all.extend(types.iter().filter(|ty| !all.contains(ty)).cloned().collect::<Vec<_>>());
        }
        let directives = pairs([&first.directives, &second.directives], |it| &it.name);
        let [query_type, mutation_type, subscription_type] = self.roots();
        let mut schema = Schema {
            query_type,
            mutation_type,
            subscription_type,
            types: Vec::new(),
            directives: directives.into_iter().map(|pair| pair.first().clone()).collect(),
            left_out,
        };
        for pair in pairs([&first.types, &second.types], |it| &it.name) {
            let ty = match pair {
                Pair::One(side, ty) => self.only_type(side, ty, schema.is_root(&ty.name)),
                Pair::Both(one, other) => self.ty(one, other, schema.is_root(&one.name)),
            };
            schema.types.push(ty);
        }
        schema
    }

    /// The root types. Those of a role have one name.
    fn roots(&mut self) -> [Option<Named>; 3] {
        let of = |schema: &Schema| {
            [&schema.query_type, &schema.mutation_type, &schema.subscription_type].map(Clone::clone)
        };
        let [first, second] = self.sides;
        let mut roots = of(first).into_iter().zip(of(second)).zip(["query", "mutation", "subscription"]);
        std::array::from_fn(|_| {
            let ((one, other), role) = roots.next()?;
            let name = |root: &Option<Named>| root.as_ref().map(|root| root.name.clone());
            match (name(&one), name(&other)) {
                (Some(first), Some(second)) if first != second => {
                    self.contradiction(
                        &first,
                        [format!("the {role} type"), format!("not: it is `{second}`")],
                    );
                }
                (None, Some(name)) if first.get(&name).is_some() => {
                    self.contradiction(&name, ["another type".to_owned(), format!("the {role} type")]);
                }
                (Some(name), None) if second.get(&name).is_some() => {
                    self.contradiction(&name, [format!("the {role} type"), "another type".to_owned()]);
                }
                _ => {}
            }
            one.or(other)
        })
    }

    /// A type that only one of the environments has.
    fn only_type(&self, side: usize, ty: &Type, is_root: bool) -> Type {
        let mut ty = ty.clone();
        match is_root {
            // Its fields are functions of the client, each with a documentation of its own.
            true => {
                let fields = ty.fields.iter_mut().flatten();
                fields.for_each(|field| *field = self.only_field(side, field));
            }
            false => self.mark(side, &mut ty.only_in, &mut ty.description),
        }
        ty
    }

    /// A type that both have.
    fn ty(&mut self, one: &Type, other: &Type, is_root: bool) -> Type {
        let name = &one.name;
        let kind = self.kind(one, other);
        let mut ty = Type {
            kind,
            name: name.clone(),
            description: one.description.clone().or_else(|| other.description.clone()),
            fields: None,
            input_fields: None,
            interfaces: None,
            enum_values: None,
            possible_types: None,
            specified_by_url: one.specified_by_url.clone().or_else(|| other.specified_by_url.clone()),
            is_one_of: one.is_one_of.max(other.is_one_of),
            only_in: None,
            partial: BTreeMap::new(),
        };
        let mut notes = Vec::new();
        if one.fields.is_some() || other.fields.is_some() {
            let fields = self.fields(name, one, other);
            // The functions of root fields and the fields of inputs have a documentation of their own.
            if !is_root {
                let members = fields.iter().map(|it| (it.name.as_str(), it.only_in.as_deref()));
                notes.extend(self.only_in("", members));
            }
            ty.fields = Some(fields);
        }
        if one.input_fields.is_some() || other.input_fields.is_some() {
            let lists = [one, other].map(|ty| ty.input_fields.as_deref().unwrap_or_default());
            ty.input_fields = Some(self.arguments(name, lists));
        }
        ty.enum_values = (kind == Kind::Enum).then(|| self.values(one, other));
        for (lists, all, what) in [
            ([&one.interfaces, &other.interfaces], &mut ty.interfaces, "implements "),
            ([&one.possible_types, &other.possible_types], &mut ty.possible_types, "can be "),
        ] {
            if lists.iter().all(|list| list.is_none()) {
                continue;
            }
            let members = pairs(lists.map(|list| list.as_deref().unwrap_or_default()), TypeRef::name);
            let only = members.iter().filter_map(|pair| match pair {
                Pair::One(side, member) => Some((member.name(), self.name(*side))),
                Pair::Both(..) => None,
            });
            notes.extend(self.only_in(what, only.clone().map(|(name, side)| (name, Some(side)))));
            ty.partial.extend(only.map(|(name, side)| (name.to_owned(), side.to_owned())));
            *all = Some(members.iter().map(|pair| pair.first().clone()).collect());
        }
        add_paragraphs(&mut ty.description, notes.into_iter());
        self.check_one_of(one, other, &ty);
        ty
    }
}

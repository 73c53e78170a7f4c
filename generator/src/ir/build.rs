//! Builds the representation: names first, then types, then calls.

use super::builder::Builder;
use super::shape::order;
use super::{Doc, Enum, File, Ir, Variant};
use crate::conventions::scalars;
use crate::names::{self, Scope};
use crate::schema::{EnumValue, Kind, deprecation};
use crate::{Config, Error, Schema};
use std::collections::BTreeMap;

/// Files by the records that they are named after. Records whose file would have the same name share
/// it: nothing that a user writes names a file.
#[derive(Default)]
pub(super) struct Assignment {
    /// Record or other owner -> file name without extension.
    names: BTreeMap<String, String>,
    files: BTreeMap<String, File>,
}

impl Assignment {
    fn add(&mut self, owner: &str) -> Result<String, Error> {
        let file = names::module(owner)?;
        self.names.insert(owner.to_owned(), file.clone());
        Ok(file)
    }

    /// The file of a type: that of the longest record name which it begins with, at the end of a
    /// word; otherwise one of its own.
    pub(super) fn file_of(&mut self, name: &str) -> Result<&mut File, Error> {
        let longest = (1..=name.len())
            .rev()
            .filter(|end| !name[*end..].starts_with(|next: char| next.is_ascii_lowercase()))
            .find_map(|end| self.names.get(&name[..end]));
        let file = match longest {
            Some(file) => file.clone(),
            None => self.add(name)?,
        };
        Ok(self.files.entry(file).or_default())
    }
}

impl Ir {
    pub(crate) fn new(schema: &Schema, config: &Config) -> Result<Self, Error> {
        let mut types = Scope::new(names::TYPES).also(&config.reserved.types);
        let builder = Builder::new(schema, config, &mut types)?;
        let mut files = Assignment::default();
        for (name, kind) in builder.generated() {
            let is_part = builder.conventions.connections.is_part(name);
            if kind == Kind::Object && !builder.conventions.payloads.contains(name) && !is_part {
                files.add(name)?;
            }
        }
        let mut external = Vec::new();
        let (filtered, referenced) = (builder.filtered_records(), builder.referenced());
        for (name, kind) in builder.generated() {
            if let Some(path) = builder.external(name)? {
                external.push(path);
                continue;
            }
            let file = files.file_of(name)?;
            match kind {
                Kind::Object => file.objects.push(builder.object(name, &referenced)?),
                Kind::InputObject => match order(schema, name) {
                    Some(field) => file.orders.push(builder.order(name, field)),
                    None => file.inputs.push(builder.input(name, filtered.get(name).copied().flatten())?),
                },
                Kind::Interface | Kind::Union => {
                    let rust = types.take(name, builder.typename_name(name))?;
                    file.interfaces.push(builder.interface(name, builder.typename(name, rust)?)?);
                }
                _ => file.enums.push(builder.enumeration(name)?),
            }
        }
        builder.calls(&mut files, &mut types)?;
        let query = Some(schema.query_type()).map(|name| builder.root("query", name));
        let mutation = schema.mutation_type().map(|name| builder.root("mutation", name));
        let roots = query.into_iter().chain(mutation).collect::<Result<_, _>>()?;
        let paging = builder.paging();
        let mut conventions = builder.conventions.report(schema, config);
        conventions.extend(scalars::report(schema, config));
        let node = builder.conventions.node;
        Ok(Ir { files: files.files, roots, external, node, paging, conventions })
    }
}

impl<'a> Builder<'a> {
    /// The enum of the types that an interface or a union can be.
    fn typename(&self, interface: &str, rust: String) -> Result<Enum, Error> {
        let mut scope = Scope::new(names::VARIANTS);
        let variants = self.possible_types(interface).map(|name| {
            let rust = scope.take(name, self.stem(name, name))?;
            Ok(Variant { value: name.to_owned(), rust, doc: Doc::default() })
        });
        let variants = variants.collect::<Result<_, Error>>()?;
        Ok(Enum { graphql: interface.to_owned(), rust, doc: Doc::default(), variants })
    }

    /// An enum, or a scalar whose values are known.
    fn enumeration(&self, graphql: &str) -> Result<Enum, Error> {
        let mut scope = Scope::new(names::VARIANTS);
        let path = |value: &str| format!("{graphql}.{value}");
        let own = self.schema.enum_values(graphql).iter().map(|value| value.name.as_str());
        let own = own.map(|value| (names::variant(value), path(value)));
        let contested = names::contested(own.filter(|(_, path)| !self.config.renames.contains_key(path)));
        scope.block(&contested);
        let mut variant = |value: &EnumValue| {
            let path = path(&value.name);
            let own = match names::variant(&value.name) {
                plain if !contested.contains_key(&plain) => plain,
                plain if plain == value.name => format!("{plain}_"),
                _ => value.name.clone(),
            };
            Ok(Variant {
                value: value.name.clone(),
                rust: self.member_name(&mut scope, &path, own)?,
                doc: Doc {
                    description: value.description.clone(),
                    deprecation: deprecation(value.is_deprecated, value.deprecation_reason.as_ref()),
                    link: None,
                },
            })
        };
        let variants = match self.kind(graphql) {
            Kind::Enum => self.schema.enum_values(graphql).iter().map(variant).collect::<Result<_, Error>>(),
            _ => {
                let mut values: Vec<_> = self.config.values.get(graphql).into_iter().flatten().collect();
                values.sort();
                values.dedup();
                let value = |name: &String| EnumValue { name: name.clone(), ..EnumValue::default() };
                values.into_iter().map(|name| variant(&value(name))).collect()
            }
        };
        let (rust, doc) = (self.rust_type(graphql), self.type_doc("enum", graphql));
        Ok(Enum { graphql: graphql.to_owned(), rust, doc, variants: variants? })
    }

    /// Filter input -> the record it filters, where all its root fields agree.
    fn filtered_records(&self) -> BTreeMap<&'a str, Option<&'a str>> {
        let mut records = BTreeMap::new();
        for field in self.schema.fields(self.schema.query_type()) {
            let name = &self.conventions.connections.names.filter;
            let filter = field.arguments.iter().find(|argument| argument.name == *name);
            if let (Some(filter), Some(node)) = (filter, self.connection_node(field.ty.name())) {
                let record = records.entry(filter.ty.name()).or_insert(Some(node));
                *record = record.filter(|record| *record == node);
            }
        }
        records
    }
}

//! Builds the representation: names first, then types, then calls.

use super::builder::{Builder, is_node_field};
use super::file_assignment::FileAssignment;
use super::shape::{Shared, connection_node, paging_types, shared};
use super::{CallKind, Doc, Enum, File, Ir, Variant};
use crate::names::{self, Scope};
use crate::schema::{EnumValue, Kind};
use crate::{Error, Overrides, Schema};
use std::collections::{BTreeMap, BTreeSet};

impl Ir {
    pub(crate) fn new(schema: &Schema, overrides: &Overrides) -> Result<Self, Error> {
        let mut builder = Builder {
            schema,
            overrides,
            rust_types: BTreeMap::new(),
            paging: BTreeSet::new(),
            payloads: BTreeSet::new(),
            has_node_field: schema.fields(&schema.query_type).iter().any(is_node_field),
        };
        builder.check_overrides()?;
        builder.paging = paging_types(schema);
        builder.payloads = builder.mutation_fields().iter().map(|field| field.ty.name().to_owned()).collect();
        let mut scope = Scope::types();
        builder.name_types(&mut scope)?;
        builder.files(scope)
    }
}

impl<'a> Builder<'a> {
    fn files(&self, mut types: Scope) -> Result<Ir, Error> {
        let objects = || self.generated().filter(|(_, kind)| matches!(kind, Kind::Object { .. }));
        let records = objects().map(|(name, _)| name).filter(|name| !self.payloads.contains(*name));
        let mut assignment = FileAssignment::new(records)?;
        let mut files: BTreeMap<String, File> = BTreeMap::new();
        let mut external = Vec::new();
        let filtered = self.filtered_records();
        for (name, kind) in self.generated() {
            if let Some(path) = self.external(name)? {
                external.push(path);
                continue;
            }
            let file = files.entry(assignment.file_of(name)?).or_default();
            match kind {
                Kind::Object { .. } => file.objects.push(self.object(name)?),
                Kind::Scalar => file.enums.push(self.value_list(name)?),
                Kind::Enum(values) => {
                    let doc = self.type_doc("enum", "enum", name);
                    file.enums.push(self.enumeration(name, self.rust_type(name), doc, values)?);
                }
                Kind::InputObject(_) => match shared(self.schema, name) {
                    Some(Shared::Order { field }) => file.orders.push(self.order(name, field)),
                    _ => file.inputs.push(self.input(name, &filtered)?),
                },
                Kind::Interface { possible_types, .. } | Kind::Union { possible_types } => {
                    let keyword = if matches!(kind, Kind::Union { .. }) { "union" } else { "interface" };
                    let rust = types.take(name, format!("{}Type", self.stem(name, name)))?;
                    let types = self.typename(name, rust, possible_types)?;
                    file.interfaces.push(self.interface(keyword, types)?);
                }
            }
        }
        self.calls(&mut files, &mut assignment, &mut types)?;
        import(&mut files);
        Ok(Ir { files, roots: self.roots()?, external })
    }

    /// A scalar whose values are known.
    fn value_list(&self, name: &str) -> Result<Enum, Error> {
        let known = self.overrides.values.get(name).into_iter().flatten();
        let values: BTreeSet<&String> = known.collect();
        let values = plain_values(values);
        // Said to be an enum, like its twin of a schema in which it is one: to a user it is.
        self.enumeration(name, self.rust_type(name), self.type_doc("enum", "enum", name), &values)
    }

    /// The enum of the types that an interface or a union can be.
    fn typename(
        &self,
        interface: &str,
        rust: String,
        possible_types: &BTreeSet<String>,
    ) -> Result<Enum, Error> {
        let mut scope = Scope::variants();
        let variants = possible_types.iter().map(|name| {
            let doc = Doc { graphql: name.clone(), ..Doc::default() };
            Ok(Variant { value: name.clone(), rust: scope.take(name, self.stem(name, name))?, doc })
        });
        let variants = variants.collect::<Result<_, Error>>()?;
        let doc = Doc { graphql: format!("__typename of {interface}"), ..Doc::default() };
        Ok(Enum { graphql: interface.to_owned(), rust, doc, variants })
    }

    fn enumeration(
        &self,
        graphql: &str,
        rust: String,
        doc: Doc,
        values: &[EnumValue],
    ) -> Result<Enum, Error> {
        let mut scope = Scope::variants();
        let variants = values.iter().map(|value| {
            let path = format!("{graphql}.{}", value.name);
            Ok(Variant {
                value: value.name.clone(),
                rust: self.member_name(&mut scope, &path, names::variant(&value.name))?,
                doc: Doc {
                    description: value.description.clone(),
                    graphql: value.name.clone(),
                    deprecation: value.deprecation.clone(),
                    ..Doc::default()
                },
            })
        });
        let variants = variants.collect::<Result<_, Error>>()?;
        Ok(Enum { graphql: graphql.to_owned(), rust, doc, variants })
    }

    /// Filter input -> the record it filters, where all its root fields agree.
    fn filtered_records(&self) -> BTreeMap<String, String> {
        let mut records: BTreeMap<String, Option<String>> = BTreeMap::new();
        for field in self.schema.fields(&self.schema.query_type) {
            let filter = field.arguments.iter().find(|argument| argument.name == "filter");
            if let (Some(filter), Some(node)) = (filter, connection_node(self.schema, field.ty.name())) {
                records
                    .entry(filter.ty.name().to_owned())
                    .and_modify(|known| {
                        if known.as_deref() != Some(node) {
                            *known = None;
                        }
                    })
                    .or_insert_with(|| Some(node.to_owned()));
            }
        }
        records.into_iter().filter_map(|(filter, record)| Some((filter, record?))).collect()
    }
}

/// Values of which only the names are known.
fn plain_values<'a>(names: impl IntoIterator<Item = &'a String>) -> Vec<EnumValue> {
    let value = |name: &String| EnumValue { name: name.clone(), description: None, deprecation: None };
    names.into_iter().map(value).collect()
}

/// Notes for every file which types of other files it names.
fn import(files: &mut BTreeMap<String, File>) {
    for file in files.values_mut() {
        let mut used = BTreeSet::new();
        let mut own = BTreeSet::new();
        for object in &file.objects {
            own.insert(object.rust.clone());
            object.fields.iter().for_each(|field| field.ty.collect(&mut used));
        }
        for interface in &file.interfaces {
            own.insert(interface.rust.clone());
        }
        own.extend(file.enums.iter().map(|it| it.rust.clone()));
        for order in &file.orders {
            own.insert(order.rust.clone());
            order.field.collect(&mut used);
        }
        for input in &file.inputs {
            own.insert(input.rust.clone());
            input.fields.iter().for_each(|field| field.ty.collect(&mut used));
        }
        for call in &file.calls {
            let parameters = call.arguments.iter().filter_map(|argument| argument.parameter.as_ref());
            parameters.for_each(|(_, ty)| ty.collect(&mut used));
            match &call.kind {
                CallKind::Value(ty) => ty.collect(&mut used),
                CallKind::Connection { node, filter, view, order, .. } => {
                    let types = [Some(node), filter.as_ref(), view.as_ref(), order.as_ref()];
                    types.into_iter().flatten().for_each(|ty| ty.collect(&mut used));
                }
            }
        }
        file.imports = used.difference(&own).cloned().collect();
    }
}

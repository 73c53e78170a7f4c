//! What is sent: input objects, filters, orders, arguments.

use super::builder::{Builder, scalar_kind};
use super::shape::{Shared, input_fields, shared};
use super::{Doc, Input, InputField, Order, RustType};
use crate::Error;
use crate::names::{self, Scope};
use crate::overrides::ScalarKind;
use crate::schema::{Argument, Kind, WrappedType};
use std::collections::BTreeMap;

impl<'a> Builder<'a> {
    /// The enum that a filter's field is compared with, where the record says so.
    fn filtered_enum(&self, record: Option<&str>, field: &str) -> Option<String> {
        let of_record = self.schema.fields(record?).iter().find(|candidate| candidate.name == field)?;
        let name = of_record.ty.name();
        let is_list = of_record.ty.item().is_some();
        (self.is_enum(name) && !is_list).then(|| name.to_owned())
    }

    /// Rust type, kind of JSON and nested input of a named input type.
    fn input_base(
        &self,
        place: &str,
        name: &str,
        record: Option<&str>,
        field: &str,
    ) -> Result<(RustType, String, Option<String>), Error> {
        if let Some(scalar) = self.overrides.fields.get(place) {
            return Ok((RustType::Scalar(*scalar), scalar_kind(*scalar, name), None));
        }
        match self.schema.kind(name) {
            Kind::Scalar | Kind::Enum(_) => Ok((self.leaf(name), self.leaf_kind(name), None)),
            Kind::InputObject(_) => match shared(self.schema, name) {
                Some(Shared::Filter { values, ranges }) => {
                    let text = self.leaf(values) == RustType::Scalar(ScalarKind::String);
                    let filtered = if text { self.filtered_enum(record, field) } else { None };
                    let (values, kind) = match filtered {
                        Some(name) => (RustType::Generated(self.rust_type(&name)), "Enum".to_owned()),
                        None => (self.leaf(values), filter_kind(self.leaf_kind(values), values)),
                    };
                    let name = if ranges { "RangeFilter" } else { "Filter" };
                    let ty = RustType::Filter { values: Box::new(values), ranges };
                    Ok((ty, format!("{name}<{kind}>"), None))
                }
                Some(Shared::Order { .. }) => {
                    Ok((RustType::Generated(self.rust_type(name)), "Order".to_owned(), None))
                }
                None => {
                    let rust = self.rust_type(name);
                    Ok((RustType::Generated(rust.clone()), "Object".to_owned(), Some(rust)))
                }
            },
            _ => Err(Error::WrongKind { place: place.to_owned(), name: name.to_owned(), usage: "an input" }),
        }
    }

    /// A field of an input object or an argument. `record` is what a filter filters.
    pub(super) fn input_field(
        &self,
        owner: &str,
        argument: &Argument,
        record: Option<&str>,
        scope: &mut Scope,
    ) -> Result<InputField, Error> {
        let path = format!("{owner}.{}", argument.name);
        let (base, kind, nested) = self.input_base(&path, argument.ty.name(), record, &argument.name)?;
        // A default makes a field optional, also where null is not allowed.
        let checked: &WrappedType =
            if argument.is_required() { &argument.ty } else { argument.ty.nullable() };
        let kind = if kind.is_empty() { kind } else { format!("={kind}") };
        Ok(InputField {
            rust: self.member_name(scope, &path, names::snake(&argument.name))?,
            graphql: argument.name.clone(),
            doc: Doc {
                description: argument.description.clone(),
                graphql: argument.signature(),
                deprecation: argument.deprecation.clone(),
                ..Doc::default()
            },
            ty: RustType::wrapped(&argument.ty, base).without_null(),
            required: argument.is_required(),
            nullable: argument.ty.is_nullable(),
            line: format!("{}: {checked}{kind}", argument.name),
            nested,
        })
    }

    pub(super) fn input(&self, graphql: &str, records: &BTreeMap<String, String>) -> Result<Input, Error> {
        let mut scope = Scope::setters();
        let record = records.get(graphql).map(String::as_str);
        let mut fields = Vec::new();
        for argument in input_fields(self.schema, graphql) {
            if !self.overrides.skips.contains(&format!("{graphql}.{}", argument.name)) {
                fields.push(self.input_field(graphql, argument, record, &mut scope)?);
            }
        }
        let rust = self.rust_type(graphql);
        Ok(Input {
            graphql: graphql.to_owned(),
            rust,
            doc: self.type_doc("input", "input_object", graphql),
            fields,
        })
    }

    pub(super) fn order(&self, graphql: &str, field: &str) -> Order {
        let doc = self.type_doc("input", "input_object", graphql);
        Order { rust: self.rust_type(graphql), doc, field: RustType::Generated(self.rust_type(field)) }
    }
}

/// A filter's kind always names one: `Filter<String>`, not `Filter<>`.
fn filter_kind(kind: String, scalar: &str) -> String {
    if kind.is_empty() { scalar.to_owned() } else { kind }
}

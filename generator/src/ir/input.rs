//! What is sent: input objects, filters, orders, arguments.

use super::builder::Builder;
use super::shape::{Shared, input_fields, shared};
use super::{Doc, Input, InputField, Order, RustType};
use crate::Error;
use crate::names::{self, Scope};
use crate::overrides::ScalarKind;
use crate::schema::{Argument, Kind};
use std::collections::BTreeMap;

impl<'a> Builder<'a> {
    /// The enum that a filter's field is compared with, where the record says so.
    fn filtered_enum(&self, record: Option<&str>, field: &str) -> Option<String> {
        let of_record = self.schema.fields(record?).iter().find(|candidate| candidate.name == field)?;
        let name = of_record.ty.name();
        let is_list = of_record.ty.item().is_some();
        (self.is_enum(name) && !is_list).then(|| name.to_owned())
    }

    /// Rust type of a named input type.
    pub(super) fn input_base(
        &self,
        place: &str,
        name: &str,
        record: Option<&str>,
        field: &str,
    ) -> Result<RustType, Error> {
        if let Some(scalar) = self.overrides.fields.get(place) {
            return Ok(RustType::Scalar(*scalar));
        }
        match self.schema.kind(name) {
            Kind::Scalar | Kind::Enum(_) => Ok(self.leaf(name)),
            Kind::InputObject(_) => match shared(self.schema, name) {
                Some(Shared::Filter { values, ranges }) => {
                    let text = self.leaf(values) == RustType::Scalar(ScalarKind::String);
                    let filtered = if text { self.filtered_enum(record, field) } else { None };
                    let values = match filtered {
                        Some(name) => RustType::Generated(self.rust_type(&name)),
                        None => self.leaf(values),
                    };
                    Ok(RustType::Filter { values: Box::new(values), ranges })
                }
                Some(Shared::Order { .. }) | None => Ok(RustType::Generated(self.rust_type(name))),
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
        let base = self.input_base(&path, argument.ty.name(), record, &argument.name)?;
        Ok(InputField {
            rust: self.member_name(scope, &path, names::snake(&argument.name))?,
            graphql: argument.name.clone(),
            doc: Doc {
                description: argument.description.clone(),
                deprecation: argument.deprecation.clone(),
                ..Doc::default()
            },
            ty: RustType::wrapped(&argument.ty, base).without_null(),
            required: argument.is_required(),
            nullable: argument.ty.is_nullable(),
            line: argument.signature(),
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
            is_arguments: false,
            is_filter: record.is_some(),
            fields,
        })
    }

    pub(super) fn order(&self, graphql: &str, field: &str) -> Order {
        let doc = self.type_doc("input", "input_object", graphql);
        Order {
            graphql: graphql.to_owned(),
            rust: self.rust_type(graphql),
            doc,
            field: RustType::Generated(self.rust_type(field)),
        }
    }
}

//! What is sent: input objects, filters, orders, arguments.

use super::builder::Builder;
use super::shape::filter;
use super::{Input, InputField, Order, RustType};
use crate::Error;
use crate::config::ScalarKind;
use crate::names::{self, Scope};
use crate::schema::{Argument, Kind};

impl Builder<'_> {
    /// Rust type of the named type of an input field. `record` is what a filter filters.
    fn input_base(&self, path: &str, argument: &Argument, record: Option<&str>) -> Result<RustType, Error> {
        if let Some(scalar) = self.config.fields.get(path) {
            return Ok(RustType::Scalar(*scalar));
        }
        let name = argument.ty.name();
        let kind = self.kind(name);
        if kind.is_leaf() {
            return Ok(self.leaf(name));
        }
        if kind != Kind::InputObject {
            return Err(Error::Schema(format!(
                "{path} is of type `{name}`, which cannot be used for an input"
            )));
        }
        let Some((values, ranges)) = filter(self.schema, name) else {
            return Ok(RustType::Generated(self.rust_type(name)));
        };
        let values = match self.leaf(values) {
            RustType::Scalar(ScalarKind::String) => {
                self.filtered_enum(record, &argument.name).unwrap_or(RustType::Scalar(ScalarKind::String))
            }
            values => values,
        };
        Ok(RustType::Filter { values: Box::new(values), ranges })
    }

    /// The enum that a filter's field is compared with, where the record says so.
    fn filtered_enum(&self, record: Option<&str>, field: &str) -> Option<RustType> {
        let of_record = self.schema.fields(record?).iter().find(|candidate| candidate.name == field)?;
        let name = of_record.ty.name();
        (self.is_enum(name) && of_record.ty.item().is_none()).then(|| self.leaf(name))
    }

    /// A field of an input object or an argument. `record` is what a filter filters.
    pub(super) fn input_field(
        &self,
        owner: &str,
        argument: &Argument,
        record: Option<&str>,
        scope: &mut Scope<'_>,
    ) -> Result<InputField, Error> {
        let path = format!("{owner}.{}", argument.name);
        let base = self.input_base(&path, argument, record)?;
        let mut argument = argument.clone();
        if argument.only_in.is_some() && argument.default.is_none() {
            // One environment may require it, but the other one must not get it.
            argument.ty = argument.ty.nullable().clone();
        }
        Ok(InputField {
            rust: self.member_name(scope, &path, names::snake(&argument.name))?,
            ty: RustType::wrapped(&argument.ty, base).without_null(),
            argument,
        })
    }

    pub(super) fn input(&self, graphql: &str, record: Option<&str>) -> Result<Input, Error> {
        let mut scope = Scope::new(names::SETTERS);
        let mut fields = Vec::new();
        for argument in self.schema.input_fields(graphql) {
            if !self.config.skips.contains(&format!("{graphql}.{}", argument.name)) {
                fields.push(self.input_field(graphql, argument, record, &mut scope)?);
            }
        }
        Ok(Input {
            graphql: graphql.to_owned(),
            rust: self.rust_type(graphql),
            doc: self.type_doc("input_object", graphql),
            is_arguments: false,
            is_one_of: self.schema.is_one_of(graphql),
            is_filter: record.is_some(),
            new: None,
            fields,
        })
    }

    pub(super) fn order(&self, graphql: &str, field: &str) -> Order {
        Order {
            graphql: graphql.to_owned(),
            rust: self.rust_type(graphql),
            doc: self.type_doc("input_object", graphql),
            field: RustType::Generated(self.rust_type(field)),
        }
    }
}

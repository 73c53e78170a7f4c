//! The actions of mutations, derived from their names and payloads.

use apollo_compiler::Schema;

use crate::model::Model;
use crate::path::upper_first;
use crate::scopes::{CREATE, DELETE, UPDATE, scope};

/// The action of a mutation, with its record type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action<'a> {
    Create(&'a str),
    Update(&'a str),
    Delete(String),
    /// `appOfferingPublish`.
    Publish(&'a str),
    /// `knowledgeArticleMarkAsReviewed`.
    MarkAsReviewed(&'a str),
    /// `requestUpdateVisibility`.
    UpdateVisibility(String),
    /// `discoveredConfigurationItems`.
    Discover,
}

impl<'a> Action<'a> {
    /// The action of a mutation; `None` if the sandbox does not support it.
    pub(crate) fn read(model: &Model, schema: &'a Schema, name: &str, payload: &str) -> Option<Self> {
        let payload = schema.get_object(payload)?;
        let record = |stem: &str| {
            let record_type = payload.fields.get(stem)?.ty.inner_named_type().as_str();
            model.is_record(record_type).then_some(record_type).or_else(|| model.created(record_type))
        };
        let by_success = |stem: &str| {
            let record_type = upper_first(stem);
            let is_known = payload.fields.contains_key("success") && model.is_record(&record_type);
            is_known.then_some(record_type)
        };
        if name == "discoveredConfigurationItems" {
            let types = ["AsyncQuery", "ConfigurationItem", "Product", "ProductCategory"];
            return types.iter().all(|name| model.is_record(name)).then_some(Self::Discover);
        }
        let stem = |ending: &str| name.strip_suffix(ending);
        if let Some(stem) = stem("Create") {
            record(stem).map(Self::Create)
        } else if let Some(stem) = stem("Update") {
            record(stem).map(Self::Update)
        } else if let Some(stem) = stem("Delete") {
            by_success(stem).map(Self::Delete)
        } else if let Some(stem) = stem("Publish") {
            record(stem).map(Self::Publish)
        } else if let Some(stem) = stem("MarkAsReviewed") {
            record(stem).map(Self::MarkAsReviewed)
        } else {
            by_success(stem("UpdateVisibility")?).map(Self::UpdateVisibility)
        }
    }

    /// The required scopes.
    pub(crate) fn scopes(&self) -> Vec<String> {
        match self {
            Self::Create(record) => vec![scope(record, CREATE)],
            Self::Update(record) | Self::Publish(record) | Self::MarkAsReviewed(record) => {
                vec![scope(record, UPDATE)]
            }
            Self::UpdateVisibility(record) => vec![scope(record, UPDATE)],
            Self::Delete(record) => vec![scope(record, DELETE)],
            Self::Discover => {
                vec![scope("ConfigurationItem", CREATE), scope("ConfigurationItem", UPDATE)]
            }
        }
    }
}

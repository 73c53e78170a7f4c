//! The actions of mutations, derived from their names and payloads.

use apollo_compiler::Schema;

use crate::model::Model;
use crate::path::upper_first;
use crate::scopes::{CREATE, DELETE, UPDATE, scope};

/// The action of a mutation on records of a type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Action {
    pub(crate) kind: ActionKind,
    pub(crate) record_type: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActionKind {
    Create,
    Update,
    Delete,
    /// `appOfferingPublish`.
    Publish,
    /// `knowledgeArticleMarkAsReviewed`.
    MarkAsReviewed,
    /// `requestUpdateVisibility`.
    UpdateVisibility,
    /// `discoveredConfigurationItems`.
    Discover,
}

/// The ends of names.
const KINDS: [(&str, ActionKind); 6] = [
    ("Create", ActionKind::Create),
    ("Update", ActionKind::Update),
    ("Delete", ActionKind::Delete),
    ("Publish", ActionKind::Publish),
    ("MarkAsReviewed", ActionKind::MarkAsReviewed),
    ("UpdateVisibility", ActionKind::UpdateVisibility),
];

impl Action {
    /// The action of a mutation; `None` if the sandbox does not support it.
    pub(crate) fn read(model: &Model, schema: &Schema, name: &str, payload: &str) -> Option<Self> {
        let payload = schema.get_object(payload)?;
        if name == "discoveredConfigurationItems" {
            let types = ["AsyncQuery", "ConfigurationItem", "Product", "ProductCategory"];
            let is_known = types.iter().all(|name| model.is_record(name));
            let record_type = "ConfigurationItem".to_owned();
            return is_known.then_some(Self { kind: ActionKind::Discover, record_type });
        }
        let stem = |(ending, kind): &(&str, _)| Some((name.strip_suffix(ending)?, *kind));
        let (stem, kind) = KINDS.iter().find_map(stem)?;
        let record_type = if matches!(kind, ActionKind::Delete | ActionKind::UpdateVisibility) {
            Some(upper_first(stem)).filter(|_| payload.fields.contains_key("success"))?
        } else {
            let returned = payload.fields.get(stem)?.ty.inner_named_type();
            model.created(returned).unwrap_or(returned).to_owned()
        };
        model.is_record(&record_type).then_some(Self { kind, record_type })
    }

    /// The required scopes.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let actions = match self.kind {
            ActionKind::Create => &[CREATE][..],
            ActionKind::Delete => &[DELETE],
            ActionKind::Discover => &[CREATE, UPDATE],
            _ => &[UPDATE],
        };
        actions.iter().map(|action| scope(&self.record_type, action)).collect()
    }
}

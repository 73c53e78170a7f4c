//! The node limit: the maximum number of nodes that nested connections of a document may select.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::Value;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::response::JsonMap;
use std::collections::HashMap;

use crate::connection::PAGE_SIZE;
use crate::model::Model;

/// The limit of the API.
pub(crate) const MAX_NODES: u64 = 500_000;

/// Multiplies the page sizes of nested connections; a message if the largest product exceeds the limit.
pub(crate) fn check(
    model: &Model,
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &JsonMap,
    limit: u64,
) -> Result<(), String> {
    let mut count = Count { model, document, variables, fragments: HashMap::new() };
    let nodes = count.selection_set(&operation.selection_set);
    if nodes > limit {
        return Err(format!("the query asks for up to {nodes} nodes, more than the limit of {limit}"));
    }
    Ok(())
}

struct Count<'a> {
    model: &'a Model,
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
    /// The nodes of each fragment. Without this cache, nested fragments take exponential time.
    fragments: HashMap<&'a str, u64>,
}

impl<'a> Count<'a> {
    fn selection_set(&mut self, set: &'a SelectionSet) -> u64 {
        let nodes = set.selections.iter().map(|selection| match selection {
            Selection::Field(field) => self.field(field),
            Selection::InlineFragment(inline) => self.selection_set(&inline.selection_set),
            Selection::FragmentSpread(spread) => self.fragment(&spread.fragment_name),
        });
        nodes.max().unwrap_or(1)
    }

    fn fragment(&mut self, name: &'a str) -> u64 {
        if let Some(known) = self.fragments.get(name) {
            return *known;
        }
        let fragment = self.document.fragments.get(name);
        let nodes = fragment.map_or(1, |fragment| self.selection_set(&fragment.selection_set));
        self.fragments.insert(name, nodes);
        nodes
    }

    fn field(&mut self, field: &'a Field) -> u64 {
        let below = self.selection_set(&field.selection_set);
        if self.model.node_type(field.ty().inner_named_type()).is_none() {
            return below;
        }
        let size = |name: &&str| {
            let size = match field.specified_argument_by_name(name)?.as_ref() {
                Value::Variable(variable) => self.variables.get(variable.as_str())?.as_i64()?,
                literal => i64::from(literal.to_i32()?),
            };
            // The resolver refuses a size out of range.
            u64::try_from(size).ok()
        };
        ["first", "last"].iter().find_map(size).unwrap_or(PAGE_SIZE as u64).saturating_mul(below)
    }
}

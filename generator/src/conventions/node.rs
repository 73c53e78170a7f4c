//! The lookup of a record of any type by its id.

use crate::Schema;
use crate::schema::Field;

/// The root field `node(id: ID!): Node`, which the runtime calls for every type.
pub(crate) struct NodeLookup;

impl NodeLookup {
    /// The lookup of a schema, if it has one.
    pub(crate) fn of(schema: &Schema) -> Option<Self> {
        schema.fields(schema.query_type()).iter().any(|field| Self.is(field)).then_some(Self)
    }

    /// Whether a field of the query type is the lookup.
    pub(crate) fn is(&self, field: &Field) -> bool {
        let [id] = &*field.arguments else { return false };
        field.name == "node"
            && field.ty.name() == self.interface()
            && id.name == "id"
            && id.ty.to_string() == "ID!"
    }

    /// The interface of all types that can be looked up.
    pub(crate) fn interface(&self) -> &str {
        "Node"
    }
}

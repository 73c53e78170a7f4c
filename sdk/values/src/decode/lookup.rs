//! The query of a record of any type by its id.

/// The query of a record of any type by its id, with the names of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeLookup {
    /// The field of the query type.
    pub field: &'static str,
    /// Its argument, which takes the id.
    pub argument: &'static str,
    /// The GraphQL type of the argument.
    pub argument_type: &'static str,
    /// The interface of all types that it returns.
    pub interface: &'static str,
    /// The field of the interface with the id.
    pub id: &'static str,
}

impl NodeLookup {
    /// The usual one: `node(id: ID!): Node`, with `interface Node { id: ID! }`.
    pub const NODE: &'static Self =
        &Self { field: "node", argument: "id", argument_type: "ID!", interface: "Node", id: "id" };
}

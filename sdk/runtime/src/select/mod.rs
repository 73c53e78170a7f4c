//! Custom selections: the traits behind `#[derive(Select)]`, and compile-time checks of their types.

mod check;
mod const_str;
mod flatten;
mod nested;
mod object;
mod part;
mod payload_record;
mod selectable;
mod variable;

pub use check::{
    FieldContext, Leaves, check, check_connection, check_leaf, check_limits, check_object, check_parent,
    check_total, shaped,
};
pub use flatten::{check_disjoint, check_flattened, check_no_variables};
pub(crate) use nested::{AppendNode, Edges, Nodes};
pub use nested::{Connection, PageInfo};
pub use object::{IdType, Object, ObjectPreflight};
pub use part::{AsSelection, NotSelection};
pub(crate) use payload_record::PayloadRecord;
pub use selectable::Selectable;
pub use variable::{AsVariable, Fits, NotVariable, fits};
pub use xurrent_values::Abstract;
pub use xurrent_values::leaf::{AsLeaf, Leaf, LeafType, NotLeaf, Part, Slot, Slots, WireLeaf};
#[doc(hidden)]
pub use xurrent_values::{Expected, OwnPreflight, Preflight};

use crate::decode::{ConnectionShape, DecodeError, Decoded, Decoder, NodeLookup, Selection, read_field};
use xurrent_values::leaf::wrappers;

/// The largest number of nodes that one request may ask for, unless the configuration of the generated crate
/// has another one. The server refuses more.
///
/// It counts before it executes a query, and multiplies the sizes of nested connections.
pub const MAX_NODES: u64 = 500_000;

/// How deep objects may be nested in a selection, the selected record included. The deepest
/// selections that are known to be sent in production have 13 levels.
pub const MAX_SELECTION_DEPTH: u32 = 13;

/// A selection on the type `On` of the schema, and how its response is decoded.
///
/// `#[derive(Select)]` implements it for your struct and checks it against the schema at compile time.
/// Every generated record implements it too and selects all its leaf fields. `Option`, `Vec` and `Box`
/// of a selection are selections: for nullable fields, for lists, and for large selections in small
/// structs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a selection on `{On}`",
    label = "not a selection on `{On}`",
    note = "a struct becomes one with `#[derive(Select)]` and `#[select(on = ..)]`, which names the type"
)]
pub trait Select<On>: Sized {
    /// Nodes requested with one record of this selection: 1, and for every nested connection its
    /// `first` times the nodes of its own selection. A page has at most as many records as fit into the nodes
    /// of a request, [`MAX_NODES`]` / NODES`.
    const NODES: u64 = 1;

    /// Connections that the server resolves for one record of this selection: one for each nested
    /// connection, and those inside it for each of its records.
    const CONNECTIONS: u64 = 0;

    /// Depth of nested objects, this one included; at most [`MAX_SELECTION_DEPTH`].
    const DEPTH: u32 = Self::SELECTION.depth();

    /// The fields to request.
    #[doc(hidden)]
    const SELECTION: Selection;

    /// The wrappers around the selection: see [`wrappers`].
    #[doc(hidden)]
    const WRAPPERS: u32 = 0;

    /// Whether the type has the selected fields: an object without an id has no reference.
    #[doc(hidden)]
    const FITS: bool = true;

    /// How a field of this type is selected and read.
    #[doc(hidden)]
    const OBJECT: Part<Self> = Part {
        selection: Self::SELECTION,
        nodes: Self::NODES,
        connections: Self::CONNECTIONS,
        wrappers: Self::WRAPPERS,
        fits: Self::FITS,
        read: Self::read,
    };

    /// How a connection of this type is selected and read.
    #[doc(hidden)]
    const CONNECTION: Part<Self> = Part {
        selection: Selection::Connection {
            shape: ConnectionShape::NODES,
            page: wrappers::count(Self::WRAPPERS, wrappers::CONNECTION) > 0,
            nodes: &Self::SELECTION,
        },
        read: Self::read_connection,
        ..Self::OBJECT
    };

    /// The same for a connection of edges.
    #[doc(hidden)]
    const EDGES: Part<Self> = Part { read: Self::read_edges, ..Self::CONNECTION };

    /// Estimates the cost of a page of `page_size` records, in points of the API's hourly limit: one
    /// point per hundred resolved connections, and at least one. Remaining pages of nested lists
    /// (`#[select(all)]`) cost extra.
    ///
    /// The formula of the server may differ. The response header `x-costlimit-cost` has the real cost.
    #[must_use]
    fn cost(page_size: u64) -> u64 {
        page_size.saturating_mul(Self::CONNECTIONS).saturating_add(1).div_ceil(100)
    }

    /// Decodes one value.
    ///
    /// # Errors
    /// When the JSON does not fit.
    #[doc(hidden)]
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError>;

    /// Decodes the nodes of a connection.
    ///
    /// # Errors
    /// When the JSON does not fit.
    #[doc(hidden)]
    fn read_connection(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Self::read(decoder)
    }

    /// Decodes the nodes in the edges of a connection.
    ///
    /// # Errors
    /// When the JSON does not fit.
    #[doc(hidden)]
    fn read_edges(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Self::read(decoder)
    }
}

/// A record that can be fetched by its id, or a selection on one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be fetched by its id",
    label = "not a record that has an id of its own, nor a selection on one",
    note = "only types that the schema's `node(id: ID!): Node`, or a query like it, returns can, and selections on them; a schema without such a query has none"
)]
pub trait Fetch: Select<Self::Record> + Send + 'static {
    /// The record.
    type Record;
    /// The GraphQL name of its type.
    #[doc(hidden)]
    const TYPE: &'static str;
    /// The query of the record by its id.
    #[doc(hidden)]
    const LOOKUP: &'static NodeLookup = NodeLookup::NODE;
}

/// A whole operation: a selection on `Query` or `Mutation`, with the variables it takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an operation",
    label = "not a selection on `Query` or `Mutation`",
    note = "a struct becomes one with `#[derive(Select)]` and `#[select(on = Query)]` or `#[select(on = Mutation)]`"
)]
pub trait Operation: Send + 'static {
    /// The struct of the variables, `()` when there are none.
    type Variables;
    /// Name of the operation: that of the struct.
    #[doc(hidden)]
    const NAME: &'static str;
    /// The declarations of the variables, in their GraphQL form.
    #[doc(hidden)]
    const DECLARATIONS: &'static [(&'static str, &'static str)];
    /// Converts the variables to values.
    #[doc(hidden)]
    fn variables(variables: Self::Variables) -> crate::input::InputObject;
}

/// Markers for the schema's root types.
pub mod root {
    /// The schema's query type.
    #[derive(Debug, Clone, Copy)]
    pub enum Query {}
    /// The schema's mutation type.
    #[derive(Debug, Clone, Copy)]
    pub enum Mutation {}
}

#[diagnostic::do_not_recommend]
impl<K: Abstract> Select<crate::Interface<K>> for crate::Interface<K> {
    const NODES: u64 = 1;
    const CONNECTIONS: u64 = 0;
    const SELECTION: Selection = Selection::Interface { node: K::NODE };

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        read_field(decoder)
    }
}

/// The error for a concrete type that an enum has no variant for.
#[must_use]
pub fn unexpected_type(on: &'static str, found: &str) -> DecodeError {
    DecodeError::invalid(on, found)
}

/// Adds up the parts of a selection: pairs of how often each occurs and how much it counts.
#[must_use]
pub const fn sum(own: u64, parts: &[(u64, u64)]) -> u64 {
    let mut sum = own;
    let mut index = 0;
    while index < parts.len() {
        let (times, each) = parts[index];
        sum = sum.saturating_add(times.saturating_mul(each));
        index += 1;
    }
    sum
}

/// What is selected inside a field without fields of its own.
#[doc(hidden)]
pub const LEAF: &Selection = &Selection::Leaf;

/// Decodes a node and appends it to a list.
pub(crate) type Append<T> = fn(&mut Vec<T>, &mut Decoder<'_>) -> Decoded;

pub(crate) fn append<On, T: Select<On>>(list: &mut Vec<T>, decoder: &mut Decoder<'_>) -> Decoded {
    list.push(T::read(decoder)?);
    Ok(())
}

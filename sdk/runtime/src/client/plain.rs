//! A client of any GraphQL API.

crate::client! {
    /// A client of any GraphQL API. Cheap to clone; clones share the connections, the tokens and the
    /// limits. A crate that is generated from a schema declares a client of its own, with
    /// [`client!`](crate::client!).
    xurrent_runtime
}

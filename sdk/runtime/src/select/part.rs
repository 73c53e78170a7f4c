//! The part of a derived selection that is an object or a connection.

use super::{Part, Select};
use std::marker::PhantomData;

/// The part of an object or a connection, in the same way.
#[derive(Debug)]
pub struct AsSelection<On, T>(PhantomData<(On, T)>);

impl<On, T: Select<On>> AsSelection<On, T> {
    /// The part of an object.
    pub const OBJECT: Part<T> = T::OBJECT;
    /// The part of a connection.
    pub const CONNECTION: Part<T> = T::CONNECTION;
    /// The part of a connection of edges.
    pub const EDGES: Part<T> = T::EDGES;
}

/// What [`AsSelection`] falls back on.
pub trait NotSelection<T> {
    /// No part.
    const OBJECT: Part<T> = Part::UNFIT;
    /// No part.
    const CONNECTION: Part<T> = Part::UNFIT;
    /// No part.
    const EDGES: Part<T> = Part::UNFIT;
}

impl<On, T> NotSelection<T> for AsSelection<On, T> {}

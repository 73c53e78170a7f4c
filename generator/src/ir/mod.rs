//! The intermediate representation: every decision about the schema, none about how it is printed.

mod build;
mod builder;
mod call;
mod components;
mod defaults;
mod input;
mod model;
mod output;
mod paging;
mod rust_type;
mod shape;

pub use model::Summary;
pub(crate) use model::{
    Call, Connection, ConnectionOption, ConnectionShape, Doc, Enum, File, Input, InputField, Interface, Ir,
    Object, Operation, Order, OutputField, Paging, Selection, Variant,
};
pub(crate) use paging::USUAL;
pub(crate) use rust_type::RustType;

//! The intermediate representation: every decision about the schema, none about how it is printed.

mod build;
mod builder;
mod call;
mod file_assignment;
mod input;
mod model;
mod output;
mod shape;

pub(crate) use model::{
    Call, CallArgument, CallKind, Doc, Enum, FieldArgument, File, Input, InputField, Interface, Ir, Object,
    Order, OutputField, Root, RustType, Selection, Variant,
};

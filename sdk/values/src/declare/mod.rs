//! The macros that generated code declares enums and input objects with.

mod input;
mod open_enum;

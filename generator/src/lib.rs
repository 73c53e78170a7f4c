//! Generator of a typed Rust SDK from the introspection result of a GraphQL schema.
//!
//! Start with [`Generator`]. Data flows one way: [`schema`] reads the JSON, `ir` decides names, types and
//! selections, `emit` prints them as Rust, and [`documents`] prints the operations as GraphQL. The crate
//! reads and writes no files and does not panic: the result for any schema is source text or an [`Error`].
//!
//! # Names
//!
//! The wire keeps every name of the schema. In Rust:
//!
//! * A type becomes upper camel case (`ActivityID` is `ActivityId`), a field, an argument and a root
//!   field snake case, an enum value upper camel case. `_` at the beginning and at the end is kept,
//!   but for enum values: `_id` is another name than `id`.
//!   A value or a type that begins with a digit gets `Value` in front, one without letters and digits
//!   becomes `Value`, so `_1` is `_Value1` as a type and `_1` as an argument; other characters than ASCII letters and digits separate words.
//! * A name that Rust, its prelude or this SDK uses gets `_` behind it: `type_`, `Option_`,
//!   `raw_`, and `Unrecognized_` for an enum value that is called like the variant for values
//!   that the schema does not have.
//! * What is made for a type or a root field has its name and a suffix: `NodeType`, `PeopleQuery`,
//!   `WeatherArguments`. The function of a subscription has its name behind `subscribe_`, since many schemas
//!   have a query of the same name.
//! * Of two values of an enum that differ in case only (`closed` and `CLOSED`), both keep the spelling of the
//!   schema. A query and a mutation of one name get `_query` and `_mutation` behind it. Where the schema has a
//!   type `ActorType` beside an interface `Actor`, that type is `ActorType_`, and the enum of the types of
//!   `Actor` is `ActorTypename`. A type `UsersQuery` or `UsersArguments` beside a query `users` gets `_` as well, and
//!   what is made for the query is `UsersRootQuery` and `UsersRootArguments`. None of them keeps the name that both
//!   could have: code that was written before the second one was there does not compile, in place of meaning
//!   something else.
//! * Other names that become the same, `teamList` and `team_list`, are an
//!   [`Error::Collision`] that asks for a rename of the newer one. Whichever of them was given the
//!   name without being asked about, code that was written for a schema with the other one alone
//!   could come to mean it. So a Rust name means the same name of the schema as long as it is there.
//! * A file is named after its record. `aux`, `con` and other names that Windows keeps for itself
//!   get `_`; records whose file would have the same name share it.
//! * `schema.overrides.toml` can rename any type, field, value and argument.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "command")]
pub mod command;
pub mod config;
mod conventions;
pub mod diff;
pub mod documents;
mod emit;
mod error;
#[cfg(feature = "fetch")]
pub mod fetch;
mod ir;
mod names;
mod package;
pub mod schema;
#[cfg(feature = "select")]
pub mod select;
#[cfg(feature = "command")]
pub mod used_by;

pub use config::Config;
pub use emit::Files;
pub use error::{Error, error_chain};
pub use ir::Summary;
pub use package::{Package, Runtime};
pub use schema::Schema;

use std::collections::BTreeMap;

/// Everything that the generator knows about one schema.
pub struct Generator {
    schema: Schema,
    ir: ir::Ir,
    config: Config,
}

impl Generator {
    /// Reads a schema, in a form that [`Schema::from_text`] takes, and decides all names and types.
    ///
    /// # Errors
    /// When the text is no schema, when it contradicts itself, or when the configuration names something
    /// that the schema does not have.
    pub fn new(schema: &str, config: &Config) -> Result<Self, Error> {
        Self::from_schema(&Schema::from_text(schema)?, config)
    }

    /// Decides all names and types of a schema, such as [one of two environments](Schema::merge).
    ///
    /// # Errors
    /// When the schema contradicts itself, or when the configuration names something that it does not have.
    pub fn from_schema(schema: &Schema, config: &Config) -> Result<Self, Error> {
        config.check()?;
        let ir = ir::Ir::new(schema, config)?;
        Ok(Self { schema: schema.clone(), ir, config: config.clone() })
    }

    /// The Rust source files: declarations by the macros of the runtime.
    #[must_use]
    pub fn rust(&self) -> Files {
        emit::files(&self.ir, self.config.preamble())
    }

    /// All files of a crate: its manifest, its `lib.rs` with the client, the modules of [`rust`](Self::rust)
    /// in `src/generated`, and an example.
    ///
    /// # Errors
    /// When the name of the crate is not possible.
    pub fn package(&self, package: &Package) -> Result<Files, Error> {
        package::files(&self.ir, &self.config, self.rust(), package)
    }

    /// Every operation that the generated functions send, as a GraphQL file each.
    #[must_use]
    pub fn documents(&self) -> Files {
        documents::files(&self.ir)
    }

    /// What the generator concluded about the conventions of the API, for people: a line for each.
    pub fn conventions(&self) -> impl Iterator<Item = &str> {
        self.ir.conventions.iter().map(String::as_str)
    }

    /// Every Rust path that code can be written with, and the path in the schema of what it means:
    /// `RequestStatus::WaitingFor` is `RequestStatus.waiting_for`.
    #[must_use]
    pub fn names(&self) -> BTreeMap<String, String> {
        self.ir.names()
    }

    /// How many queries, mutations and types the schema has.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.ir.summary()
    }
}

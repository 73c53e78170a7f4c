//! The schema and the initial records, shared by engines.

use apollo_compiler::collections::HashMap;
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema};
use std::sync::Arc;

use crate::error::SandboxError;
use crate::introspection::{sdl_with_enums, validate};
use crate::model::Model;
use crate::schema_evolution;
use crate::seed;
use crate::store::Store;
use crate::value_lists::ValueLists;

/// A parsed schema and the records that every engine of it starts with.
pub(crate) struct SharedSchema {
    pub(crate) schema: Valid<Schema>,
    pub(crate) implementers: HashMap<Name, Implementers>,
    pub(crate) model: Model,
    pub(crate) store: Arc<Store>,
}

impl std::fmt::Debug for SharedSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedSchema").finish_non_exhaustive()
    }
}

impl SharedSchema {
    /// Reads an introspection result and seeds the records. `account` is the id of the sandbox's account.
    pub(crate) fn new(
        introspection_json: &str,
        account: &str,
        evolve: bool,
        mut value_lists: ValueLists,
        as_enums: bool,
    ) -> Result<Self, SandboxError> {
        let no_enums = ValueLists::new();
        let sdl = sdl_with_enums(introspection_json, if as_enums { &value_lists } else { &no_enums })?;
        let mut builder = Schema::builder().parse(sdl.as_str(), "schema.graphql");
        if evolve {
            let original = validate(Schema::builder().parse(sdl, "schema.graphql"))?;
            let extension = schema_evolution::extension(&original, &mut value_lists);
            builder = builder.parse(extension, "evolution.graphql");
        }
        let schema = validate(builder)?;
        if schema.schema_definition.query.is_none() {
            return Err(SandboxError::NoQueryType);
        }
        let model = Model::new(&schema, value_lists);
        let mut store = seed::store(&model, account);
        if evolve {
            schema_evolution::fill(&model, &mut store);
        }
        Ok(Self { implementers: schema.implementers_map(), store: Arc::new(store), schema, model })
    }
}

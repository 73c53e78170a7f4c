//! The schema and the initial records, shared by the engines of a process.

use apollo_compiler::collections::HashMap;
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema};
use parking_lot::Mutex;
use std::sync::Arc;

use crate::defaults::DEMO_ACCOUNT;
use crate::error::SandboxError;
use crate::introspection::{print, validate};
use crate::model::Model;
use crate::schema_evolution;
use crate::seed::{self, SeedSettings};
use crate::store::Store;
use crate::suggestion::suggestion;
use crate::value_lists::{self, ValueLists};

/// The introspection result of Xurrent's schema.
static XURRENT: &str = include_str!("../schema.json");

/// The maximum number of schemas that a process keeps.
const MAX_KEPT: usize = 6;

/// The schemas that were read, the newest last. Reading one takes longer than most tests.
static KEPT: Mutex<Vec<(SchemaSettings, Arc<SharedSchema>)>> = Mutex::new(Vec::new());

/// The settings that determine a schema and its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SchemaSettings {
    /// The introspection result; `None` for Xurrent's.
    pub(crate) json: Option<Arc<str>>,
    /// The id of the sandbox's account.
    pub(crate) account: String,
    pub(crate) evolves: bool,
    pub(crate) value_lists: ValueLists,
    pub(crate) lists_are_enums: bool,
}

impl Default for SchemaSettings {
    fn default() -> Self {
        Self {
            json: None,
            account: DEMO_ACCOUNT.to_owned(),
            evolves: false,
            value_lists: value_lists::KNOWN.clone(),
            lists_are_enums: false,
        }
    }
}

/// A parsed schema and the records that every engine of it starts with.
pub(crate) struct SharedSchema {
    pub(crate) schema: Valid<Schema>,
    pub(crate) implementers: HashMap<Name, Implementers>,
    pub(crate) model: Model,
    store: Arc<Store>,
}

impl SharedSchema {
    /// The schema and records of these settings. The first engine of a process to ask for them reads the
    /// schema and seeds the records, others wait for it.
    pub(crate) fn get(settings: &SchemaSettings) -> Result<Arc<Self>, SandboxError> {
        let mut kept = KEPT.lock();
        if let Some((_, shared)) = kept.iter().find(|(known, _)| known == settings) {
            return Ok(Arc::clone(shared));
        }
        let shared = Arc::new(Self::read(settings)?);
        if kept.len() == MAX_KEPT {
            kept.remove(0);
        }
        kept.push((settings.clone(), Arc::clone(&shared)));
        Ok(shared)
    }

    fn read(settings: &SchemaSettings) -> Result<Self, SandboxError> {
        let json = settings.json.as_deref().unwrap_or(XURRENT);
        let mut value_lists = settings.value_lists.clone();
        let sdl = print(json, settings.lists_are_enums.then_some(&value_lists))?;
        let mut builder = Schema::builder().parse(sdl.as_str(), "schema.graphql");
        if settings.evolves {
            let original = validate(Schema::builder().parse(sdl, "schema.graphql"))?;
            let extension = schema_evolution::extension(&original, &mut value_lists);
            builder = builder.parse(extension, "evolution.graphql");
        }
        let schema = validate(builder)?;
        if schema.schema_definition.query.is_none() {
            return Err(SandboxError::NoQueryType);
        }
        let model = Model::new(&schema, value_lists);
        let store = seeded(&model, settings, &SeedSettings::default());
        Ok(Self { implementers: schema.implementers_map(), store: Arc::new(store), schema, model })
    }

    /// The initial records: the shared ones, unless the settings ask for others.
    pub(crate) fn store(
        &self,
        settings: &SchemaSettings,
        seed: &SeedSettings,
    ) -> Result<Arc<Store>, SandboxError> {
        if *seed == SeedSettings::default() {
            return Ok(Arc::clone(&self.store));
        }
        match seed.generated.keys().find(|type_name| !self.model.is_record(type_name)) {
            None => Ok(Arc::new(seeded(&self.model, settings, seed))),
            Some(unknown) => Err(SandboxError::UnknownType {
                type_name: unknown.clone(),
                suggestion: suggestion(unknown, self.model.record_types()),
            }),
        }
    }
}

/// The initial records of a schema.
fn seeded(model: &Model, settings: &SchemaSettings, seed: &SeedSettings) -> Store {
    let mut store = seed::store(model, &settings.account, seed);
    if settings.evolves {
        schema_evolution::fill(model, &mut store);
    }
    store
}

//! The table of schemas, `schemas.toml`.

use crate::error::Error;
use serde::Deserialize;

/// A public schema.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schema {
    pub(crate) name: String,
    pub(crate) from: Registry,
    /// Name and version of the package, with `@` between them.
    pub(crate) package: String,
    /// Where the schema is in the package: SDL or an introspection result, or one of them compressed, as `.gz`.
    pub(crate) file: String,
    /// An older version of the package, to compare with.
    #[serde(default)]
    older: Option<String>,
    /// The configuration of the generator.
    #[serde(default)]
    pub(crate) config: String,
    /// Whether `programs/` has a program that calls this API.
    #[serde(default)]
    pub(crate) engine: bool,
}

/// Where a package is.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Registry {
    Npm,
    Cargo,
}

impl Schema {
    /// The name of the generated crate.
    pub(crate) fn package(&self) -> String {
        format!("foreign-{}", self.name)
    }

    /// The same schema in the older version.
    pub(crate) fn older(&self) -> Option<Self> {
        let package = self.older.clone()?;
        Some(Self { package, ..self.clone() })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schemas {
    schema: Vec<Schema>,
}

/// The schemas of these names; without names all, or all that can be called.
pub(crate) fn select(names: &[String], engine: bool) -> Result<Vec<Schema>, Error> {
    let Schemas { mut schema } = toml::from_str(include_str!("../schemas.toml"))?;
    for name in names {
        match schema.iter().find(|schema| schema.name == *name) {
            Some(schema) if engine && !schema.engine => return Err(Error::NoProgram(name.clone())),
            Some(_) => {}
            None => {
                let names: Vec<_> = schema.iter().map(|schema| schema.name.as_str()).collect();
                return Err(Error::Unknown { name: name.clone(), names: names.join(", ") });
            }
        }
    }
    schema.retain(|schema| match names {
        [] => schema.engine || !engine,
        names => names.contains(&schema.name),
    });
    Ok(schema)
}

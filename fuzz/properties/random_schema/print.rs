//! The schema definition language.

use super::text::quoted;
use super::{Argument, Field, Kind, Ref, Schema, Type};
use std::fmt::{Display, Formatter, Result};

impl Display for Ref {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::List(inner) => write!(f, "[{inner}]"),
            Self::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

impl Display for Schema {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "schema {{")?;
        for (operation, root) in ["query", "mutation", "subscription"].iter().zip(&self.roots) {
            if let Some(root) = root {
                writeln!(f, "  {operation}: {root}")?;
            }
        }
        writeln!(f, "}}")?;
        if self.types.iter().any(|ty| ty.kind == Kind::OneOf) {
            // Engines before the specification of 2025 do not define it.
            writeln!(f, "directive @oneOf on INPUT_OBJECT")?;
        }
        self.types.iter().try_for_each(|ty| writeln!(f, "{ty}"))
    }
}

impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        description(f, &self.description)?;
        let Self { name, types, .. } = self;
        let implements =
            |joined: String| if types.is_empty() { joined } else { format!(" implements {joined}") };
        match self.kind {
            Kind::Scalar => return write!(f, "scalar {name}"),
            Kind::Union => return write!(f, "union {name} = {}", types.join(" | ")),
            Kind::Object => write!(f, "type {name}{}", implements(types.join(" & ")))?,
            Kind::Interface => write!(f, "interface {name}{}", implements(types.join(" & ")))?,
            Kind::Enum => write!(f, "enum {name}")?,
            Kind::Input => write!(f, "input {name}")?,
            Kind::OneOf => write!(f, "input {name} @oneOf")?,
        }
        writeln!(f, " {{")?;
        self.fields.iter().try_for_each(|field| writeln!(f, "  {field}"))?;
        self.inputs.iter().try_for_each(|input| writeln!(f, "  {input}"))?;
        for value in &self.values {
            description(f, &value.description)?;
            write!(f, "  {}", value.name)?;
            deprecated(f, &value.deprecated)?;
            writeln!(f)?;
        }
        write!(f, "}}")
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        description(f, &self.description)?;
        f.write_str(&self.name)?;
        if !self.arguments.is_empty() {
            let arguments: Vec<String> = self.arguments.iter().map(ToString::to_string).collect();
            write!(f, "({})", arguments.join(", "))?;
        }
        write!(f, ": {}", self.ty)?;
        deprecated(f, &self.deprecated)
    }
}

impl Display for Argument {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        description(f, &self.description)?;
        write!(f, "{}: {}", self.name, self.ty)?;
        if let Some(default) = &self.default {
            write!(f, " = {default}")?;
        }
        deprecated(f, &self.deprecated)
    }
}

fn description(f: &mut Formatter<'_>, text: &Option<String>) -> Result {
    text.as_ref().map_or(Ok(()), |text| write!(f, "{} ", quoted(text)))
}

fn deprecated(f: &mut Formatter<'_>, deprecated: &Option<Option<String>>) -> Result {
    match deprecated {
        Some(Some(reason)) => write!(f, " @deprecated(reason: {})", quoted(reason)),
        Some(None) => write!(f, " @deprecated"),
        None => Ok(()),
    }
}

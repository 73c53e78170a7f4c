//! Environments of one API: schemas with parts of it, made up at random.

use std::fmt::Write as _;
use xurrent_generator::Schema;
use xurrent_generator::schema::{Argument, Kind, TypeRef};

/// Random numbers that are the same every time.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Whether an event happens that has one chance in so many.
    fn one_in(&mut self, chances: u64) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33).is_multiple_of(chances)
    }
}

/// What one environment has of a schema: some of its fields, arguments, values and types are missing, and some are
/// null, required, deprecated or with a default. `chances` is how rare that is.
pub(super) fn environment(schema: &Schema, random: &mut Random, chances: u64) -> Schema {
    let mut schema = schema.clone();
    let all = schema.clone();
    for ty in &mut schema.types {
        let interfaces = ty.interfaces.iter().flatten().map(|it| it.name().to_owned());
        // What an interface declares, its types have to have, with types that match.
        let fixed: Vec<String> = interfaces
            .chain((ty.kind == Kind::Interface).then(|| ty.name.clone()))
            .flat_map(|name| all.fields(&name).iter().map(|field| field.name.clone()).collect::<Vec<_>>())
            .collect();
        if let Some(fields) = &mut ty.fields {
            let mut left = fields.len();
            fields.retain(|field| {
                let is_gone = left > 1 && !fixed.contains(&field.name) && random.one_in(chances);
                left -= usize::from(is_gone);
                !is_gone
            });
            for field in fields {
                field.is_deprecated |= random.one_in(chances);
                if !fixed.contains(&field.name) {
                    flip(&mut field.ty, random, chances);
                    thin(&mut field.arguments, random, chances, 0);
                }
            }
        }
        if let Some(fields) = &mut ty.input_fields
            && ty.is_one_of != Some(true)
        {
            thin(fields, random, chances, 1);
        }
        if let Some(values) = &mut ty.enum_values {
            let mut left = values.len();
            values.retain(|_| {
                let is_gone = left > 1 && random.one_in(chances);
                left -= usize::from(is_gone);
                !is_gone
            });
        }
        if let (Kind::Union, Some(types)) = (ty.kind, &mut ty.possible_types) {
            let mut left = types.len();
            types.retain(|_| {
                let is_gone = left > 1 && random.one_in(chances);
                left -= usize::from(is_gone);
                !is_gone
            });
        }
    }
    for index in 0..schema.types.len() {
        if schema.types[index].kind != Kind::Object {
            continue;
        }
        let (name, mut gone) = (schema.types[index].name.clone(), Vec::new());
        schema.types[index].interfaces.get_or_insert_default().retain(|interface| {
            let is_gone = random.one_in(chances);
            gone.extend(is_gone.then(|| interface.name().to_owned()));
            !is_gone
        });
        for ty in schema.types.iter_mut().filter(|ty| gone.contains(&ty.name)) {
            if let Some(types) = &mut ty.possible_types {
                types.retain(|possible| possible.name() != name);
            }
        }
    }
    schema
}

/// Fewer arguments, and others in what they require.
fn thin(arguments: &mut Vec<Argument>, random: &mut Random, chances: u64, least: usize) {
    let mut left = arguments.len();
    arguments.retain(|_| {
        let is_gone = left > least && random.one_in(chances);
        left -= usize::from(is_gone);
        !is_gone
    });
    for argument in arguments {
        if argument.default.is_none() {
            flip(&mut argument.ty, random, chances);
        }
    }
}

/// Adds or removes a `!`.
fn flip(ty: &mut TypeRef, random: &mut Random, chances: u64) {
    if random.one_in(chances) {
        *ty = match ty.is_nullable() {
            true => TypeRef { kind: Some(Kind::NonNull), name: None, of_type: Some(Box::new(ty.clone())) },
            false => ty.nullable().clone(),
        };
    }
    if let Some(inner) = &mut ty.of_type
        && inner.kind == Some(Kind::List)
    {
        inner.of_type.iter_mut().for_each(|item| flip(item, random, chances));
    }
}

/// The schema definition language, without types that nothing needs any more.
pub(super) fn sdl(schema: &Schema) -> String {
    let mut sdl = String::new();
    write!(sdl, "{schema}").unwrap();
    sdl
}

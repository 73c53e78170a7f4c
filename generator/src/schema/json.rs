//! Introspection results: JSON to a checked schema, and back in canonical form.

use super::place::with_place;
use super::{Argument, BUILT_IN_DIRECTIVES, BUILT_IN_SCALARS, Kind, Schema, Type, TypeRef};
use crate::Error;
use serde::{Deserialize, Serialize};
use serde_json::ser::{PrettyFormatter, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Arguments;

/// The JSON of an introspection result, with or without `{"data": ..}` around the schema.
#[derive(Debug, Deserialize)]
pub struct Introspection {
    data: Option<Box<Introspection>>,
    #[serde(rename = "__schema")]
    schema: Option<Schema>,
}

impl Introspection {
    /// The schema as the server describes it, unchecked and in its order.
    #[must_use]
    pub fn into_schema(self) -> Option<Schema> {
        self.data.and_then(|data| data.schema).or(self.schema)
    }
}

impl Schema {
    /// Reads an introspection result, with or without `{"data": ..}` around it, after a byte order mark
    /// or not, and brings it into
    /// canonical form: types and their parts are sorted by name, introspection types and the directives
    /// of the GraphQL specification are omitted, and the five built-in scalars are always listed,
    /// without a description. Results that differ in such things only are the same schema.
    ///
    /// Some publishers remove types and keep their names in the lists of possible types and interfaces.
    /// Those names are [left out](Self::left_out).
    ///
    /// # Errors
    /// When the text is not JSON, or a part of the result is missing or contradicts another.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let json = json.strip_prefix('\u{feff}').unwrap_or(json);
        let result: Introspection = serde_json::from_str(json).map_err(|error| with_place(json, error))?;
        let mut schema = result.into_schema().ok_or(Error::NoSchema)?;
        schema.normalize();
        schema.leave_out();
        schema.check()?;
        Ok(schema)
    }

    /// Formats the schema as an introspection result. Equal schemas become equal bytes: keys have a
    /// fixed order, each level is indented by one space, and `isDeprecated` of an argument is written
    /// only where it is true.
    ///
    /// # Errors
    /// When serialization fails, for which a schema gives no cause.
    pub fn to_json(&self) -> Result<String, Error> {
        let mut bytes = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b" "));
        let data = BTreeMap::from([("data", BTreeMap::from([("__schema", self)]))]);
        data.serialize(&mut serializer)?;
        bytes.push(b'\n');
        // JSON is always UTF-8.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn normalize(&mut self) {
        let is_built_in = |ty: &Type| ty.kind == Kind::Scalar && BUILT_IN_SCALARS.contains(&ty.name.as_str());
        self.types.retain(|ty| !ty.name.starts_with("__") && !is_built_in(ty));
        for name in BUILT_IN_SCALARS {
            // Another kind of type can have this name.
            if self.types.iter().all(|ty| ty.name != name) {
                self.types.push(Type { name: name.to_owned(), ..Type::default() });
            }
        }
        for ty in &mut self.types {
            if matches!(ty.kind, Kind::Object | Kind::Interface) {
                ty.interfaces.get_or_insert_default();
            }
            for field in ty.fields.iter_mut().flatten() {
                field.deprecation_reason.take_if(|_| !field.is_deprecated);
                normalize_arguments(&mut field.arguments);
            }
            for value in ty.enum_values.iter_mut().flatten() {
                value.deprecation_reason.take_if(|_| !value.is_deprecated);
            }
            normalize_arguments(ty.input_fields.as_deref_mut().unwrap_or_default());
            sort(ty.fields.as_deref_mut().unwrap_or_default(), |field| &field.name);
            sort(ty.enum_values.as_deref_mut().unwrap_or_default(), |value| &value.name);
            for types in [&mut ty.interfaces, &mut ty.possible_types] {
                sort(types.as_deref_mut().unwrap_or_default(), TypeRef::name);
            }
        }
        sort(&mut self.types, |ty| &ty.name);
        self.directives.retain(|directive| !BUILT_IN_DIRECTIVES.contains(&directive.name.as_str()));
        for directive in &mut self.directives {
            directive.locations.sort();
            normalize_arguments(&mut directive.arguments);
        }
        sort(&mut self.directives, |directive| &directive.name);
    }

    /// Removes interfaces and possible types that are not defined.
    fn leave_out(&mut self) {
        let defined: BTreeSet<String> = self.types.iter().map(|ty| ty.name.clone()).collect();
        for ty in &mut self.types {
            for types in [&mut ty.interfaces, &mut ty.possible_types].into_iter().flatten() {
                let is_gone = |of: &mut TypeRef| of.name.as_ref().is_some_and(|name| !defined.contains(name));
                let gone: Vec<_> = types.extract_if(.., is_gone).filter_map(|of| of.name).collect();
                if !gone.is_empty() {
                    self.left_out.entry(ty.name.clone()).or_default().extend(gone);
                }
            }
        }
    }

    /// Nothing is missing, names are valid and unique, every named type exists, and the roots have
    /// fields.
    pub(super) fn check(&self) -> Result<(), Error> {
        check_names(format_args!("the schema"), self.types.iter().map(|ty| &ty.name))?;
        if self.query_type.is_none() {
            return Err(missing("the schema", "query type"));
        }
        for root in self.query_type.iter().chain(&self.mutation_type).chain(&self.subscription_type) {
            if self.fields(&root.name).is_empty() {
                return Err(missing(&format!("the root type `{}`", root.name), "fields"));
            }
        }
        self.check_roles()?;
        for ty in &self.types {
            if let Some(part) = missing_part(ty) {
                return Err(missing(&ty.name, part));
            }
            let place = format_args!("{}", ty.name);
            if !matches!(ty.kind, Kind::Object | Kind::Interface) && !self.fields(&ty.name).is_empty() {
                return Err(Error::Schema(format!("{place} has `fields`, which no type of its kind has")));
            }
            let fields = self.fields(&ty.name);
            check_names(place, fields.iter().map(|field| &field.name))?;
            for field in fields {
                let place = format_args!("{}.{}", ty.name, field.name);
                self.check_type(place, &field.ty)?;
                self.check_arguments(place, &field.arguments)?;
            }
            self.check_arguments(place, self.input_fields(&ty.name))?;
            let mut given = self.input_fields(&ty.name).iter().filter(|_| ty.is_one_of == Some(true));
            if let Some(field) = given.find(|field| !field.ty.is_nullable() || field.default.is_some()) {
                let place = format!("{place}.{}", field.name);
                return Err(Error::Schema(format!(
                    "{place} of an input with `@oneOf` is required or has a default"
                )));
            }
            check_names(place, self.enum_values(&ty.name).iter().map(|value| &value.name))?;
            for named in [&ty.possible_types, &ty.interfaces].into_iter().flatten().flatten() {
                self.check_type(place, named)?;
            }
            check_names(place, ty.possible_types.iter().flatten().map(TypeRef::name))?;
        }
        Ok(())
    }

    /// Each root type has one role: a selection on it would be of two operations otherwise.
    fn check_roles(&self) -> Result<(), Error> {
        let Self { query_type, mutation_type, subscription_type, .. } = self;
        let roles = [("query", query_type), ("mutation", mutation_type), ("subscription", subscription_type)];
        let mut before: BTreeMap<&str, &str> = BTreeMap::new();
        for (role, root) in roles.into_iter().filter_map(|(role, root)| Some((role, root.as_ref()?))) {
            if let Some(other) = before.insert(&root.name, role) {
                let name = &root.name;
                return Err(Error::Schema(format!(
                    "`{name}` is the {other} type and the {role} type: GraphQL allows one of them"
                )));
            }
        }
        Ok(())
    }

    fn check_arguments(&self, place: Arguments<'_>, arguments: &[Argument]) -> Result<(), Error> {
        check_names(place, arguments.iter().map(|argument| &argument.name))?;
        arguments
            .iter()
            .try_for_each(|argument| self.check_type(format_args!("{place}.{}", argument.name), &argument.ty))
    }

    fn check_type(&self, place: Arguments<'_>, ty: &TypeRef) -> Result<(), Error> {
        /// Wrappers beyond this many are taken for an endless type.
        const MAX_WRAPPERS: usize = 32;
        let mut types = std::iter::successors(Some(ty), |ty| ty.of_type.as_deref()).take(MAX_WRAPPERS + 1);
        let named = types.find(|ty| !matches!(ty.kind, Some(Kind::List | Kind::NonNull)));
        match named.and_then(|ty| ty.name.as_deref()) {
            Some(name) if self.get(name).is_some() => Ok(()),
            Some(name) => {
                Err(Error::Schema(format!("{place} is of type `{name}`, which the schema does not define")))
            }
            None => {
                Err(Error::Schema(format!("the type of {place} is cut off: ask for more levels of `ofType`")))
            }
        }
    }
}

fn sort<T>(items: &mut [T], name: fn(&T) -> &str) {
    items.sort_by(|left, right| name(left).cmp(name(right)));
}

fn normalize_arguments(arguments: &mut [Argument]) {
    for argument in arguments.iter_mut() {
        if argument.is_deprecated == Some(true) {
            argument.deprecation_reason.get_or_insert(None);
        } else {
            (argument.is_deprecated, argument.deprecation_reason) = (None, None);
        }
    }
    sort(arguments, |argument| &argument.name);
}

/// What a type of this kind has and this one has not.
fn missing_part(ty: &Type) -> Option<&'static str> {
    match ty.kind {
        Kind::Object | Kind::Interface if ty.fields.is_none() => Some("`fields`"),
        Kind::Interface | Kind::Union if ty.possible_types.is_none() => Some("`possibleTypes`"),
        Kind::Enum if ty.enum_values.is_none() => Some("`enumValues`"),
        Kind::InputObject if ty.input_fields.is_none() => Some("`inputFields`"),
        Kind::List | Kind::NonNull => Some("kind that a named type can have"),
        _ => None,
    }
}

/// Checks sorted names.
fn check_names<N: AsRef<str>>(place: Arguments<'_>, names: impl Iterator<Item = N>) -> Result<(), Error> {
    let mut before: Option<N> = None;
    for next in names {
        let name = next.as_ref();
        let starts_well = name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
        if !starts_well || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(Error::Schema(format!("{name:?} in {place} is no GraphQL name")));
        }
        if before.is_some_and(|before| before.as_ref() == name) {
            return Err(Error::Schema(format!("{place} has `{name}` twice")));
        }
        before = Some(next);
    }
    Ok(())
}

fn missing(place: &str, part: &str) -> Error {
    Error::Schema(format!("{place} has no {part}: ask for the full introspection result"))
}

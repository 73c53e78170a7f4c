//! Errors in the payload of a mutation.

use super::report::counted;
use crate::config;
use crate::names::nearest;
use crate::schema::{Field, Kind};
use crate::{Config, Error, Schema};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Usual names of the list.
const FIELDS: [&str; 8] = [
    "errors",
    "userErrors",
    "user_errors",
    "validationErrors",
    "mutationErrors",
    "fieldErrors",
    "inputErrors",
    "customerUserErrors",
];

/// The list of errors in a payload, which the runtime requests itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ErrorList {
    /// The name of the list.
    pub(crate) field: String,
    /// What is requested of an item: the key that the runtime reads, and the name in the schema. Nothing where
    /// the items are texts.
    items: Vec<(&'static str, String)>,
}

impl ErrorList {
    /// The fields of an item, in GraphQL.
    pub(crate) fn items(&self) -> impl Iterator<Item = String> {
        self.items.iter().map(|(key, name)| if key == name { name.clone() } else { format!("{key}: {name}") })
    }

    /// The whole field, in GraphQL.
    pub(crate) fn selection(&self) -> String {
        match self.items.is_empty() {
            true => self.field.clone(),
            false => format!("{} {{ {} }}", self.field, self.items().collect::<Vec<_>>().join(" ")),
        }
    }
}

/// `userErrors { field message }`
impl fmt::Display for ErrorList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.items.iter().map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        match names.is_empty() {
            true => write!(f, "`{}`, a list of texts", self.field),
            false => write!(f, "`{} {{ {} }}`", self.field, names.join(" ")),
        }
    }
}

/// The lists of errors of all payloads.
pub(crate) struct PayloadErrors<'a> {
    lists: BTreeMap<&'a str, ErrorList>,
    /// How many mutations return a payload with such a list.
    mutations: BTreeMap<ErrorList, usize>,
}

impl<'a> PayloadErrors<'a> {
    /// `returned` are the types that can be payloads.
    pub(super) fn of(
        schema: &'a Schema,
        config: &Config,
        returned: &BTreeSet<&'a str>,
    ) -> Result<Self, Error> {
        let mut this = Self { lists: BTreeMap::new(), mutations: BTreeMap::new() };
        if !config.payload_errors.enabled {
            return Ok(this);
        }
        let finder = Finder { schema, config, names: Names::new(&config.payload_errors) };
        finder.check()?;
        this.lists = returned.iter().filter_map(|name| Some((*name, finder.list(name)?))).collect();
        finder.check_lists(&this.lists)?;
        finder.check_environments(&this.lists, returned)?;
        for field in mutations(schema) {
            if let Some(list) = this.lists.get(field.ty.name()) {
                *this.mutations.entry(list.clone()).or_default() += 1;
            }
        }
        Ok(this)
    }

    /// The list of a payload.
    pub(crate) fn of_payload(&self, payload: &str) -> Option<&ErrorList> {
        self.lists.get(payload)
    }
}

impl fmt::Display for PayloadErrors<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lists: Vec<_> = self.mutations.iter().collect();
        lists.sort_by_key(|(_, mutations)| std::cmp::Reverse(**mutations));
        let lists: Vec<_> = lists
            .iter()
            .map(|(list, mutations)| format!("{list}, {}", counted(**mutations, "mutation")))
            .collect();
        f.write_str(if lists.is_empty() { "none" } else { "" })?;
        f.write_str(&lists.join("; "))
    }
}

/// The names in question, in order of preference.
struct Names<'c> {
    fields: Vec<&'c str>,
    message: Vec<&'c str>,
    path: Vec<&'c str>,
    code: Vec<&'c str>,
}

impl<'c> Names<'c> {
    fn new(config: &'c config::PayloadErrors) -> Self {
        let or = |name: &'c Option<String>, usual: &[&'static str]| match name {
            Some(name) => vec![name.as_str()],
            None => usual.to_vec(),
        };
        Self {
            fields: match &config.fields {
                Some(fields) => fields.iter().map(String::as_str).collect(),
                None => FIELDS.to_vec(),
            },
            message: or(&config.message, &["message", "messages"]),
            path: or(&config.path, &["path", "field", "fields"]),
            code: or(&config.code, &["code"]),
        }
    }
}

struct Finder<'a, 'c> {
    schema: &'a Schema,
    config: &'c Config,
    names: Names<'c>,
}

impl<'a> Finder<'a, '_> {
    /// Checks that the schema has the names of the configuration.
    fn check(&self) -> Result<(), Error> {
        let config::PayloadErrors { fields, message, path, code, .. } = &self.config.payload_errors;
        let types: BTreeSet<_> = mutations(self.schema).map(|field| field.ty.name()).collect();
        let returned: Vec<_> = types.into_iter().flat_map(|name| self.schema.fields(name)).collect();
        let check = |name: &str, known: &BTreeSet<&str>| match known.contains(name) {
            true => Ok(()),
            false => Err(Error::unknown_name(name, nearest(name, known.iter().copied()))),
        };
        let known = returned.iter().map(|field| field.name.as_str()).collect();
        fields.iter().flatten().try_for_each(|name| check(name, &known))?;
        let lists = returned.iter().filter(|field| self.names.fields.contains(&&*field.name));
        let items: BTreeSet<_> = lists.map(|list| list.ty.name()).collect();
        let items = items.into_iter().flat_map(|name| self.schema.fields(name));
        let known = items.map(|field| field.name.as_str()).collect();
        [message, path, code].into_iter().flatten().try_for_each(|name| check(name, &known))
    }

    /// Checks that each name of the configuration is that of a list in some payload.
    fn check_lists(&self, lists: &BTreeMap<&str, ErrorList>) -> Result<(), Error> {
        let is_list = |name: &&String| {
            lists.keys().any(|payload| {
                let fields = self.schema.fields(payload).iter();
                fields.filter(|field| field.name == **name).any(|field| self.items(field).is_some())
            })
        };
        match self.config.payload_errors.fields.iter().flatten().find(|name| !is_list(name)) {
            None => Ok(()),
            Some(name) => Err(Error::Config(format!(
                "takes `{name}` for the errors of payloads: expected a list of texts, or of objects with a \
                 message, in a type that only mutations return"
            ))),
        }
    }

    /// Refuses payloads whose list of errors only one of two environments has: requested from both, it fails in
    /// one of them; otherwise, errors in the other one are lost.
    fn check_environments(
        &self,
        lists: &BTreeMap<&str, ErrorList>,
        returned: &BTreeSet<&'a str>,
    ) -> Result<(), Error> {
        for payload in returned.iter().filter(|payload| !lists.contains_key(*payload)) {
            for field in self.schema.fields(payload) {
                let Some(environment) = &field.only_in else { continue };
                let alone = Field { only_in: None, ..field.clone() };
                let path = format!("{payload}.{}", field.name);
                if self.names.fields.contains(&&*field.name)
                    && !self.config.skips.contains(&path)
                    && self.items(&alone).is_some()
                {
                    return Err(Error::Config(format!(
                        "does not say what to do with `{path}`, a list of errors that only {environment} has: leave it \
                         out under `skips`, or take `{payload}` from {environment} under [environments.take]"
                    )));
                }
            }
        }
        Ok(())
    }

    /// The list of errors of a payload. One that is deprecated is the last choice.
    fn list(&self, payload: &str) -> Option<ErrorList> {
        let fields = self.schema.fields(payload);
        let named = |name: &&str| fields.iter().find(|field| field.name == **name);
        let mut named: Vec<_> = self.names.fields.iter().filter_map(named).collect();
        named.retain(|field| !self.config.skips.contains(&format!("{payload}.{}", field.name)));
        named.sort_by_key(|field| field.is_deprecated);
        named.into_iter().find_map(|field| {
            let items = self.items(field)?;
            Some(ErrorList { field: field.name.clone(), items })
        })
    }

    /// What is requested of the items of a list. Nothing if it is no list of errors.
    fn items(&self, list: &Field) -> Option<Vec<(&'static str, String)>> {
        let item = list.ty.item().filter(|item| list.is_free() && item.item().is_none())?.name();
        match self.schema.kind(item) {
            Kind::Scalar => (item == "String").then(Vec::new),
            Kind::Object | Kind::Interface => {
                let Names { message, path, code, .. } = &self.names;
                let message = self.leaf(item, message, true)?;
                let mut items = vec![("message", message)];
                items.extend(self.leaf(item, path, true).map(|path| ("path", path)));
                items.extend(self.leaf(item, code, false).map(|code| ("code", code)));
                Some(items)
            }
            _ => None,
        }
    }

    /// The first of these fields that is a leaf, or a list of them.
    fn leaf(&self, item: &str, names: &[&str], can_be_list: bool) -> Option<String> {
        let is_leaf = |field: &&Field| {
            let is_fitting = field.ty.item().is_none_or(|item| can_be_list && item.item().is_none());
            is_fitting && field.is_free() && self.schema.kind(field.ty.name()).is_leaf()
        };
        let fields = self.schema.fields(item);
        let found =
            names.iter().find_map(|name| fields.iter().filter(is_leaf).find(|field| field.name == **name));
        found.map(|field| field.name.clone())
    }
}

/// The fields of the mutation type.
fn mutations(schema: &Schema) -> impl Iterator<Item = &Field> {
    schema.mutation_type().into_iter().flat_map(|root| schema.fields(root))
}

//! Grows a selection from a list of numbers. Each number is one choice and 0 the simplest, and where
//! the list ends the simplest is chosen: so a shorter list, or a smaller number, is a simpler
//! selection, and shrinking one shrinks the other.

use crate::random_selections::plan::{Alias, Entry, Plan, table};
use crate::random_selections::schema::{Field, Kind, Schema, Type};
use std::collections::BTreeSet;
use xurrent_sandbox::node_id;

/// How deep objects are nested, the root not counted.
const DEPTH: usize = 6;
/// How many records one document may lead to.
const RECORDS: usize = 400;

pub(crate) struct Growth<'a> {
    schema: &'a Schema,
    choices: std::slice::Iter<'a, u16>,
    aliases: usize,
    /// Types and forms that were chosen.
    pub(crate) grown: BTreeSet<String>,
}

/// Where in the document something grows.
#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    /// How many records of this place there can be.
    records: usize,
}

type Keys = BTreeSet<String>;

impl<'a> Growth<'a> {
    pub(crate) fn new(schema: &'a Schema, choices: &'a [u16]) -> Self {
        Self { schema, choices: choices.iter(), aliases: 0, grown: BTreeSet::new() }
    }

    /// A number below `among`: the smaller the choice, the smaller the number.
    fn choose(&mut self, among: usize) -> usize {
        self.choices.next().map_or(0, |choice| (usize::from(*choice) * among) >> u16::BITS)
    }

    fn alias(&mut self) -> Alias {
        self.aliases += 1;
        Alias(self.aliases)
    }

    fn note(&mut self, form: &str) {
        self.grown.insert(form.to_owned());
    }

    pub(crate) fn query(&mut self) -> &'static Plan {
        let place = Place { depth: 0, records: 1 };
        let mut keys = Keys::new();
        let mut entries = Vec::new();
        for _ in 0..=self.choose(3) {
            entries.push(match self.choose(3) {
                0 => self.node(place, &mut keys),
                _ => {
                    let ty = &self.schema.types["Query"];
                    let fields: Vec<_> = ty.fields.iter().filter(|field| field.kind != Kind::Leaf).collect();
                    let field = fields[self.choose(fields.len())];
                    self.entry(ty, field, place, &mut keys)
                }
            });
        }
        Box::leak(Box::new(Plan::Object { table: table("Query", &entries), entries }))
    }

    /// A record by its id, through one of the interfaces that it implements.
    fn node(&mut self, place: Place, keys: &mut Keys) -> Entry {
        let interfaces = self.schema.interfaces();
        let interfaces: Vec<&Type> = interfaces.into_iter().filter(|ty| self.schema.has_nodes(ty)).collect();
        let interface = interfaces[self.choose(interfaces.len())];
        let possible: Vec<&String> =
            interface.possible.iter().filter(|name| self.schema.types[*name].is_node).collect();
        let ty = possible[self.choose(possible.len())];
        let number = u64::try_from(self.choose(3) + 1).unwrap();
        let inner = self.object(interface, Place { depth: place.depth + 1, ..place });
        let plan = Box::leak(Box::new(match interface.name {
            "Node" => return self.node_entry(ty, number, inner, keys),
            name => Plan::Inside { interface: name, plan: inner },
        }));
        self.node_entry(ty, number, plan, keys)
    }

    fn node_entry(&mut self, ty: &str, number: u64, plan: &'static Plan, keys: &mut Keys) -> Entry {
        let query = &self.schema.types["Query"];
        let key = self.key(query, "node", keys);
        let arguments = format!("(id: {:?})", node_id(ty, number));
        let (is_list, is_nullable) = (false, true);
        Entry { key, name: "node".to_owned(), arguments, is_list, is_nullable, plan, alias: self.alias() }
    }

    /// A change of some records, and the variables that it takes.
    pub(crate) fn mutation(&mut self) -> (&'static Plan, Vec<(&'static str, &'static str)>) {
        const CHANGES: [(&str, &str, &str); 4] = [
            ("requestUpdate", "a", "Request"),
            ("taskUpdate", "b", "Task"),
            ("personUpdate", "c", "Person"),
            ("teamUpdate", "d", "Team"),
        ];
        let mut keys = Keys::new();
        let (mut entries, mut variables) = (Vec::new(), Vec::new());
        let mutation = &self.schema.types["Mutation"];
        for _ in 0..=self.choose(2) {
            let (name, variable, record) = CHANGES[self.choose(CHANGES.len())];
            let payload = &self.schema.types[&format!("{record}UpdatePayload")];
            let place = Place { depth: 1, records: 1 };
            let plan = match self.choose(4) {
                0 => {
                    let interface = &self.schema.types["MutationPayload"];
                    Plan::Inside { interface: interface.name, plan: self.object(interface, place) }
                }
                _ => Plan::Payload(self.own(payload, place)),
            };
            self.note("payload");
            let key = self.key(mutation, name, &mut keys);
            let (plan, alias) = (Box::leak(Box::new(plan)), self.alias());
            let arguments = format!("(input: ${variable})");
            entries.push(Entry {
                key,
                name: name.to_owned(),
                arguments,
                is_list: false,
                is_nullable: true,
                plan,
                alias,
            });
            let declaration = (variable, &*format!("{record}UpdateInput!").leak());
            if !variables.contains(&declaration) {
                variables.push(declaration);
            }
        }
        (Box::leak(Box::new(Plan::Object { table: table("Mutation", &entries), entries })), variables)
    }

    /// What is selected of an object or an interface.
    fn object(&mut self, ty: &'a Type, place: Place) -> &'static Plan {
        let plan = match (ty.is_abstract, self.choose(5)) {
            (true, 0) => {
                let plan = Plan::Interface { has_nodes: self.schema.has_nodes(ty), alias: self.alias() };
                self.note("default of an interface");
                plan
            }
            (true, 1 | 2) => self.variants(ty, place),
            (true, 3) => {
                self.note("variants beside fields");
                let own = self.own(ty, place);
                let variants = self.variants(ty, place);
                Plan::Flattened(vec![own, Box::leak(Box::new(variants))])
            }
            (false, 4) if ty.is_node => {
                self.note("reference");
                Plan::Reference(self.alias())
            }
            _ => return self.own(ty, place),
        };
        if ty.is_abstract {
            self.note(ty.name);
        }
        Box::leak(Box::new(plan))
    }

    /// Fields that the type itself has: a struct, or several that are flattened into one.
    fn own(&mut self, ty: &'a Type, place: Place) -> &'static Plan {
        if ty.is_abstract {
            self.note(ty.name);
        }
        let mut keys = Keys::new();
        let plan = self.fields(ty, place, &mut keys);
        if self.choose(4) < 3 {
            return Box::leak(Box::new(plan));
        }
        self.note("flattened");
        let mut parts: Vec<&'static Plan> = vec![Box::leak(Box::new(plan))];
        for _ in 0..=self.choose(2) {
            let part = self.fields(ty, place, &mut keys);
            let part: &'static Plan = Box::leak(Box::new(part));
            if self.choose(3) == 2 {
                let inner = self.fields(ty, place, &mut keys);
                parts.push(Box::leak(Box::new(Plan::Flattened(vec![part, Box::leak(Box::new(inner))]))));
                self.note("flattened in flattened");
            } else {
                parts.push(part);
            }
        }
        if ty.is_node && keys.insert("id".to_owned()) {
            parts.push(Box::leak(Box::new(Plan::Reference(self.alias()))));
            self.note("flattened reference");
        }
        Box::leak(Box::new(Plan::Flattened(parts)))
    }

    fn fields(&mut self, ty: &'a Type, place: Place, keys: &mut Keys) -> Plan {
        let mut entries: Vec<Entry> = Vec::new();
        let leaves = ty.fields.iter().filter(|field| field.kind == Kind::Leaf).count();
        let among = if place.depth >= DEPTH { leaves } else { ty.fields.len() };
        let mut last = 0;
        for _ in 0..=self.choose(5) {
            // A field that leads to an interface is rare: it gets a chance of its own.
            let rare = |field: &Field| field.kind != Kind::Leaf && self.schema.types[&field.base].is_abstract;
            let rare = ty.fields[..among].iter().position(rare);
            last = match (self.choose(6), rare) {
                (5, Some(rare)) => rare,
                (4, _) => last,
                _ => self.choose(among),
            };
            entries.push(self.entry(ty, &ty.fields[last], place, keys));
        }
        Plan::Object { table: table(ty.name, &entries), entries }
    }

    fn entry(&mut self, ty: &Type, field: &'a Field, place: Place, keys: &mut Keys) -> Entry {
        let Field { name, base, kind, is_list, is_nullable } = field;
        let key = self.key(ty, name, keys);
        let alias = self.alias();
        let inner = |records| Place { depth: place.depth + 1, records: place.records * records };
        let (arguments, plan) = match kind {
            Kind::Leaf => (String::new(), Plan::Leaf(base.clone())),
            Kind::Object => {
                let plan = self.object(&self.schema.types[base], inner(if *is_list { 3 } else { 1 }));
                return Entry {
                    key,
                    name: name.clone(),
                    arguments: String::new(),
                    is_list: *is_list,
                    is_nullable: *is_nullable,
                    plan,
                    alias,
                };
            }
            Kind::Connection => {
                let most = if place.records * 3 > RECORDS { 1 } else { 3 };
                let count = self.choose(most) + 1;
                // Every type with connections, but the root types, has an id or is an interface of some.
                let has_id = ty.name != "Query" && ty.name != "Mutation";
                let all = (has_id && self.choose(4) == 3).then_some((ty.name, count as u64));
                if all.is_some() {
                    self.note("all pages");
                }
                let arguments = match self.choose(4) {
                    _ if all.is_some() => format!("(first: {count})"),
                    0..=1 => format!("(first: {count})"),
                    2 => format!("(last: {count})"),
                    _ => format!("(after: null, first: {count})"),
                };
                let page = self.choose(2) == 1;
                self.note(if page { "page" } else { "nodes" });
                let nodes = self.object(&self.schema.types[base], inner(count));
                (arguments, Plan::Connection { page, nodes, alias: self.alias(), all })
            }
        };
        let plan = Box::leak(Box::new(plan));
        Entry {
            key,
            name: name.clone(),
            arguments,
            is_list: *is_list,
            is_nullable: *is_nullable,
            plan,
            alias,
        }
    }

    /// A key that is not there yet: the field's own name, that of another field, or any other.
    fn key(&mut self, ty: &Type, name: &str, keys: &mut Keys) -> &'static str {
        const OTHERS: [&str; 8] = ["type", "nodes", "errors", "data", "_", "Request_id", "a1", "pageInfo"];
        let wanted = match self.choose(5) {
            3 => ty.fields[self.choose(ty.fields.len())].name.clone(),
            4 => OTHERS[self.choose(OTHERS.len())].to_owned(),
            _ => name.to_owned(),
        };
        let mut key = if wanted.starts_with("__") { "kind".to_owned() } else { wanted };
        while !keys.insert(key.clone()) {
            key.push_str("_x");
        }
        key.leak()
    }

    fn variants(&mut self, ty: &'a Type, place: Place) -> Plan {
        self.note("variants");
        let mut variants = Vec::new();
        let mut chosen = BTreeSet::new();
        for _ in 0..=self.choose(3) {
            let name = &ty.possible[self.choose(ty.possible.len())];
            if chosen.insert(name) {
                let concrete = &self.schema.types[name];
                let prefix: &'static str = format!("{name}_").leak();
                variants.push((concrete.name, prefix, self.object(concrete, place)));
            }
        }
        Plan::Variants { on: ty.name, variants, alias: self.alias() }
    }
}

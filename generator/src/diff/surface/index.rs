//! The representation by the names of the schema.

use crate::ir::{Call, Enum, File, Input, Ir, Object, Operation, Order};
use crate::names;
use std::collections::BTreeMap;

/// What the generator made of each name of the schema.
#[derive(Default)]
pub(super) struct Index<'g> {
    /// Objects, interfaces, unions and root types.
    pub(super) objects: BTreeMap<&'g str, &'g Object>,
    pub(super) inputs: BTreeMap<&'g str, &'g Input>,
    pub(super) orders: BTreeMap<&'g str, &'g Order>,
    pub(super) enums: BTreeMap<&'g str, &'g Enum>,
    /// The types of interfaces and unions.
    pub(super) types: BTreeMap<&'g str, &'g Enum>,
    /// Root fields, by operation and name.
    pub(super) calls: BTreeMap<(&'static str, &'g str), &'g Call>,
    /// Optional arguments of root fields, by their Rust names.
    pub(super) arguments: BTreeMap<&'g str, &'g Input>,
    /// Paths of types of other crates, by their Rust names.
    pub(super) external: BTreeMap<&'g str, &'g str>,
    records: BTreeMap<&'g str, &'g str>,
}

impl<'g> Index<'g> {
    pub(super) fn of(ir: &'g Ir) -> Self {
        let mut this = Self::default();
        for (name, file) in &ir.files {
            this.add(name, file);
        }
        this.objects.extend(ir.roots.iter().map(|root| (root.graphql.as_str(), root)));
        let last = |path: &'g String| (path.rsplit("::").next().unwrap_or(path), path.as_str());
        this.external = ir.external.iter().map(last).collect();
        this
    }

    fn add(&mut self, module: &str, file: &'g File) {
        let File { objects, interfaces, enums, orders, inputs, calls } = file;
        self.objects.extend(objects.iter().map(|it| (it.graphql.as_str(), it)));
        self.objects.extend(interfaces.iter().map(|it| (it.object.graphql.as_str(), &it.object)));
        self.types.extend(interfaces.iter().map(|it| (it.types.graphql.as_str(), &it.types)));
        self.enums.extend(enums.iter().map(|it| (it.graphql.as_str(), it)));
        self.orders.extend(orders.iter().map(|it| (it.graphql.as_str(), it)));
        let (optional, inputs): (Vec<_>, Vec<_>) = inputs.iter().partition(|it| it.is_arguments);
        self.inputs.extend(inputs.iter().map(|it| (it.graphql.as_str(), *it)));
        self.arguments.extend(optional.iter().map(|it| (it.rust.as_str(), *it)));
        let call = |call: &'g Call| ((call.operation.keyword(), call.field.name.as_str()), call);
        self.calls.extend(calls.iter().map(call));
        let names = objects.iter().map(|it| it.graphql.as_str());
        let names = names.chain(interfaces.iter().map(|it| it.object.graphql.as_str()));
        let names = names.chain(enums.iter().map(|it| it.graphql.as_str()));
        let names = names.chain(orders.iter().map(|it| it.graphql.as_str()));
        let names: Vec<&'g str> = names.chain(inputs.iter().map(|it| it.graphql.as_str())).collect();
        let is_record = |name: &&&str| names::module(name).is_ok_and(|own| own == module);
        if let Some(record) = names.iter().find(is_record).or_else(|| names.iter().min_by_key(|it| it.len()))
        {
            self.records.extend(names.iter().map(|name| (*name, *record)));
        }
    }

    /// The record that a type belongs to: that of its file, or else that whose name it begins with, or itself.
    pub(super) fn record(&self, name: &'g str) -> &'g str {
        let is_end = |end: &usize| !name[*end..].starts_with(|next: char| next.is_ascii_lowercase());
        let mut ends = (1..=name.len()).rev().filter(is_end);
        ends.find_map(|end| self.records.get(&name[..end]).copied()).unwrap_or(name)
    }

    pub(super) fn call(&self, operation: Operation, name: &str) -> Option<&'g Call> {
        self.calls.get(&(operation.keyword(), name)).copied()
    }
}

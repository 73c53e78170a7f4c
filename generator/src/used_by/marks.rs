//! Marks on the representation of the old schema: every item that a change touches is deprecated, with the number of the
//! change as the reason. The compiler then names each use.

use super::tag::{Condition, Tag, note};
use crate::diff::{Change, ChangeKind};
use crate::emit::deprecated;
use crate::ir::{Call, Enum, Input, Interface, Ir, Object, Operation};
use std::collections::{BTreeMap, BTreeSet};

/// The changes by the paths that they touch.
struct Marks<'a> {
    changes: &'a [Change],
    new: &'a Ir,
    by_path: BTreeMap<&'a str, Vec<usize>>,
    /// The changes that marked something.
    found: BTreeSet<usize>,
}

/// Marks everything that the changes touch of which `is_shown` holds.
pub(super) fn mark(ir: &mut Ir, new: &Ir, changes: &[Change], is_shown: fn(&Change) -> bool) {
    let mut marks = Marks { changes, new, by_path: BTreeMap::new(), found: BTreeSet::new() };
    let is_in_rust =
        |change: &Change| matches!(change.kind, ChangeKind::RustTypeChanged | ChangeKind::ReferenceChanged);
    let by_path = changes.iter().enumerate().filter(|(_, change)| is_shown(change) && !is_in_rust(change));
    for (index, change) in by_path {
        marks.by_path.entry(change.path.as_str()).or_default().push(index);
    }
    marks.all(ir);
    // Changes whose path in the schema has no item of its own have Rust paths that do.
    let rest: Vec<_> = changes.iter().enumerate().filter(|(_, change)| is_shown(change)).collect();
    let mut by_rust = Marks { changes, new, by_path: BTreeMap::new(), found: BTreeSet::new() };
    for (index, change) in rest.into_iter().filter(|(index, _)| !marks.found.contains(index)) {
        for path in &change.rust {
            by_rust.by_path.entry(path.as_str()).or_default().push(index);
        }
    }
    by_rust.rust(ir);
}

impl Marks<'_> {
    /// The unconditional tags of a path.
    fn of(&mut self, path: &str) -> Vec<Tag> {
        let found = self.by_path.get(path).cloned().unwrap_or_default();
        self.found.extend(&found);
        found.into_iter().map(Tag::always).collect()
    }

    /// The tags of a path whose changes are of some kinds.
    fn of_kind(&mut self, path: &str, is_kind: impl Fn(ChangeKind) -> bool) -> Vec<Tag> {
        let found = self.by_path.get(path).into_iter().flatten().copied();
        let found: Vec<_> = found.filter(|index| is_kind(self.changes[*index].kind)).collect();
        self.found.extend(&found);
        found.into_iter().map(Tag::always).collect()
    }

    /// The tags of a type that is gone, or becomes something else.
    fn of_type(&mut self, path: &str) -> Vec<Tag> {
        self.of_kind(path, |kind| matches!(kind, ChangeKind::TypeRemoved | ChangeKind::TypeKindChanged))
    }

    fn all(&mut self, ir: &mut Ir) {
        let roots: Vec<(Operation, String)> = ir.roots.iter().filter_map(root).collect();
        let mut values = BTreeMap::new();
        for it in ir.files.values_mut().flat_map(|file| &mut file.enums) {
            self.enumeration(it, &mut values);
        }
        for it in &mut ir.roots {
            self.object(it, &values);
        }
        for file in ir.files.values_mut() {
            file.objects.iter_mut().for_each(|it| self.object(it, &values));
            file.interfaces.iter_mut().for_each(|it| self.interface(it, &values));
            for it in &mut file.orders {
                it.doc.deprecation = note(self.of(&it.graphql));
            }
            let (calls, inputs) = (&mut file.calls, &mut file.inputs);
            for it in calls {
                self.call(it, &roots);
            }
            for it in inputs {
                self.input(it, &roots);
            }
        }
    }

    fn enumeration(&mut self, it: &mut Enum, values: &mut BTreeMap<String, String>) {
        set(&mut it.doc.deprecation, self.of(&it.graphql));
        for variant in &mut it.variants {
            let tags = self.of(&format!("{}.{}", it.graphql, variant.value));
            set(&mut variant.doc.deprecation, tags);
        }
        if it.variants.iter().any(|variant| variant.doc.deprecation.is_some()) {
            let values_of = it.variants.iter().map(|variant| {
                format!("{}{}", deprecated(variant.doc.deprecation.as_deref()), variant.value)
            });
            values.insert(it.graphql.clone(), values_of.collect::<Vec<_>>().join(", "));
        }
    }

    fn object(&mut self, it: &mut Object, values: &BTreeMap<String, String>) {
        if !it.is_root() {
            set(&mut it.doc.deprecation, self.of(&it.graphql));
        }
        let gone = self.of_type(&it.graphql);
        for field in &mut it.fields {
            let path = format!("{}.{}", it.graphql, field.graphql);
            let mut tags = self.of(&path);
            tags.extend(gone.iter().cloned());
            for (argument, listed) in &mut field.arguments {
                let name = &argument.argument.name;
                let (of_argument, of_field) = self.argument(&path, name, &argument.rust);
                tags.extend(of_field);
                if let Some(note) = note(of_argument) {
                    argument.argument.is_deprecated = Some(true);
                    argument.argument.deprecation_reason = Some(Some(note));
                }
                if let (Some(values), Some(listed)) = (values.get(argument.argument.ty.name()), listed)
                    && listed != "~"
                {
                    listed.clone_from(values);
                }
            }
            tags.extend(self.added(&format!("{path}("), ChangeKind::ArgumentAdded));
            // Of the fields that are not fetched by default, only those in this section have attributes.
            if !tags.is_empty() && matches!(field.section, "connections" | "also") {
                field.section = "deprecated";
            }
            set(&mut field.doc.deprecation, tags);
        }
    }

    fn interface(&mut self, it: &mut Interface, values: &BTreeMap<String, String>) {
        self.object(&mut it.object, values);
        for variant in &mut it.types.variants {
            let tags = self.of(&format!("{}.{}", it.types.graphql, variant.value));
            set(&mut variant.doc.deprecation, tags);
        }
    }

    /// The tags of an argument where it is given, and those of its field: where the argument is not given, or
    /// whether or not.
    fn argument(&mut self, field: &str, name: &str, rust: &str) -> (Vec<Tag>, Vec<Tag>) {
        let path = format!("{field}({name}:)");
        let mut given = self.of_kind(&path, |kind| kind != ChangeKind::DefaultChanged);
        let mut omitted = self.of_kind(&path, |kind| kind == ChangeKind::DefaultChanged);
        if self.becomes_required(field, name) {
            // A parameter or an argument of a selection then, whether or not it is given.
            given.extend(std::mem::take(&mut omitted));
            return (given.clone(), given);
        }
        (given, omitted.into_iter().map(|tag| tag.when(Condition::without(rust))).collect())
    }

    /// Whether an argument of a root field or a field is required in the new schema.
    fn becomes_required(&self, field: &str, name: &str) -> bool {
        let Some((owner, field)) = field.split_once('.') else { return false };
        let objects = self
            .new
            .files
            .values()
            .flat_map(|file| file.objects.iter().chain(file.interfaces.iter().map(|it| &it.object)));
        let mut objects = objects.chain(&self.new.roots).filter(|it| it.graphql == owner);
        let field = objects.find_map(|it| it.fields.iter().find(|it| it.graphql == field));
        let arguments = field.into_iter().flat_map(|field| &field.arguments);
        arguments.map(|(argument, _)| &argument.argument).any(|it| it.name == name && it.is_required())
    }

    /// The tags of new arguments or input fields whose path starts with `start`.
    fn added(&mut self, start: &str, kind: ChangeKind) -> Vec<Tag> {
        let found = self.by_path.iter().filter(|(path, _)| path.starts_with(start));
        let found = found.flat_map(|(_, found)| found.iter().copied());
        let found: Vec<_> = found.filter(|index| self.changes[*index].kind == kind).collect();
        self.found.extend(&found);
        found.into_iter().map(Tag::always).collect()
    }

    fn call(&mut self, it: &mut Call, roots: &[(Operation, String)]) {
        let path = path_of(it.operation, roots, &it.field.name);
        let mut tags = self.of(&path);
        for argument in it.field.arguments.clone() {
            let option = it.connection.iter().flat_map(|connection| &connection.options);
            let option = option.clone().find(|option| option.argument == argument.name);
            let is_parameter = it.parameters.iter().any(|it| it.argument.name == argument.name);
            let setter = option
                .map_or_else(|| crate::names::snake(&argument.name), |option| option.function.to_owned());
            let (given, omitted) = self.argument(&path, &argument.name, &setter);
            match (option, is_parameter) {
                (_, true) => tags.extend(given),
                (Some(option), _) => {
                    let condition = Condition::with(option.function);
                    tags.extend(given.into_iter().map(|tag| tag.when(condition.clone())));
                    tags.extend(omitted);
                }
                // Its setter is marked where it is declared.
                (None, false) => tags.extend(omitted),
            }
        }
        tags.extend(self.added(&format!("{path}("), ChangeKind::ArgumentAdded));
        set(&mut it.doc.deprecation, tags);
    }

    fn input(&mut self, it: &mut Input, roots: &[(Operation, String)]) {
        let operations = [Operation::Query, Operation::Mutation, Operation::Subscription];
        let owners: Vec<String> = match it.is_arguments {
            true => operations.iter().map(|operation| path_of(*operation, roots, &it.graphql)).collect(),
            false => vec![it.graphql.clone()],
        };
        let is_arguments = it.is_arguments;
        let path = |owner: &str, name: &str| match is_arguments {
            true => format!("{owner}({name}:)"),
            false => format!("{owner}.{name}"),
        };
        let mut of_new = Vec::new();
        for owner in owners {
            if !is_arguments {
                let tags = self.of_kind(&owner, |kind| kind != ChangeKind::OneOfChanged);
                set(&mut it.doc.deprecation, tags);
            }
            let is_made_differently = self.of_kind(&owner, |kind| kind == ChangeKind::OneOfChanged);
            of_new.extend(is_made_differently.iter().cloned());
            for field in &mut it.fields {
                let path = path(&owner, &field.argument.name);
                let mut given = self.of_kind(&path, |kind| kind != ChangeKind::DefaultChanged);
                given.extend(is_made_differently.iter().cloned());
                if !is_arguments {
                    let omitted = self.of_kind(&path, |kind| kind == ChangeKind::DefaultChanged);
                    if self.input_becomes_required(&it.graphql, &field.argument.name) {
                        given.extend(omitted);
                        of_new.extend(given.iter().cloned());
                    } else {
                        let without = Condition::without(&field.rust);
                        of_new.extend(omitted.into_iter().map(|tag| tag.when(without.clone())));
                    }
                    if field.argument.is_required() {
                        of_new.extend(given.iter().cloned());
                    }
                }
                if let Some(note) = note(std::mem::take(&mut given)) {
                    field.argument.is_deprecated = Some(true);
                    field.argument.deprecation_reason = Some(Some(note));
                }
            }
            if !is_arguments {
                of_new.extend(self.added(&format!("{owner}."), ChangeKind::InputFieldAdded));
            }
        }
        of_new.sort();
        of_new.dedup();
        it.new = note(of_new);
    }

    fn input_becomes_required(&self, input: &str, field: &str) -> bool {
        let mut inputs = self.new.files.values().flat_map(|file| &file.inputs);
        let input = inputs.find(|it| !it.is_arguments && it.graphql == input);
        let mut fields = input.into_iter().flat_map(|input| &input.fields);
        fields.any(|it| it.argument.name == field && it.argument.is_required())
    }

    /// Marks by Rust paths.
    fn rust(&mut self, ir: &mut Ir) {
        for file in ir.files.values_mut() {
            let interfaces = file.interfaces.iter_mut();
            for it in file.objects.iter_mut().chain(interfaces.map(|it| &mut it.object)) {
                set(&mut it.doc.deprecation, self.of(&it.rust));
                for field in &mut it.fields {
                    let mut tags = self.of(&format!("{}::{}", it.rust, field.rust));
                    tags.extend(self.of(&format!("{}.{}", it.rust, field.rust)));
                    set(&mut field.doc.deprecation, tags);
                }
            }
            for it in file.enums.iter_mut().chain(file.interfaces.iter_mut().map(|it| &mut it.types)) {
                set(&mut it.doc.deprecation, self.of(&it.rust));
                for variant in &mut it.variants {
                    set(&mut variant.doc.deprecation, self.of(&format!("{}::{}", it.rust, variant.rust)));
                }
            }
            for it in &mut file.orders {
                set(&mut it.doc.deprecation, self.of(&it.rust));
            }
            for it in &mut file.inputs {
                set(&mut it.doc.deprecation, self.of(&it.rust));
                set(&mut it.new, self.of(&format!("{}::new", it.rust)));
                for field in &mut it.fields {
                    let tags = self.of(&format!("{}::{}", it.rust, field.rust));
                    let mut reason = field.argument.deprecation();
                    set(&mut reason, tags);
                    field.argument.is_deprecated = reason.is_some().then_some(true);
                    field.argument.deprecation_reason = Some(reason);
                }
            }
            for it in &mut file.calls {
                set(&mut it.doc.deprecation, self.of(&format!("Client::{}", it.rust)));
            }
        }
    }
}

/// Replaces or extends a reason.
pub(super) fn set(reason: &mut Option<String>, tags: Vec<Tag>) {
    let before = reason.take().and_then(|reason| super::tag::tags(&reason)).unwrap_or_default();
    *reason = note(before.into_iter().chain(tags).collect());
}

fn root(it: &Object) -> Option<(Operation, String)> {
    let operation = match it.kind {
        "query" => Operation::Query,
        "mutation" => Operation::Mutation,
        _ => return None,
    };
    Some((operation, it.graphql.clone()))
}

/// The path of a root field.
fn path_of(operation: Operation, roots: &[(Operation, String)], field: &str) -> String {
    let root = roots.iter().find(|(of, _)| *of == operation).map(|(_, name)| name.as_str());
    let usual = match operation {
        Operation::Query => "Query",
        Operation::Mutation => "Mutation",
        Operation::Subscription => "Subscription",
    };
    format!("{}.{field}", root.unwrap_or(usual))
}

//! Compares two surfaces.

use super::change::{Change, ChangeKind, Deployed, Severity};
use super::class::{self, Class};
use super::detail;
use super::instead::Renames;
use super::surface::{Item, Place, Role, Surface, written};
use super::types::{TypeChange, base};
use crate::ir::RustType;
use std::collections::{BTreeMap, BTreeSet};

/// All changes, in the order of the report.
pub(super) fn changes(old: &Surface<'_>, new: &Surface<'_>) -> Vec<Change> {
    let mut comparison = Comparison {
        renames: Renames::of(old, new),
        old,
        new,
        changes: Vec::new(),
        shared: BTreeMap::new(),
        other_kind: BTreeSet::new(),
    };
    comparison.all();
    let mut changes = comparison.changes;
    sort(&mut changes);
    changes
}

/// Sorts by record, severity, kind and path.
pub(super) fn sort(changes: &mut [Change]) {
    changes.sort_by(|a, b| {
        let key = |it: &Change| (it.record.clone(), std::cmp::Reverse(it.severity), it.kind, it.path.clone());
        key(a).cmp(&key(b))
    });
}

/// An item of the old surface, and the same of the new one.
type Pair<'c, 'g> = (&'c Item<'g>, &'c Item<'g>);

struct Comparison<'c, 'g> {
    old: &'c Surface<'g>,
    new: &'c Surface<'g>,
    renames: Renames<'c>,
    changes: Vec<Change>,
    /// Differences in Rust alone that have a cause in common, by the type in the schema, the old and the new Rust
    /// type within lists and options: the items that have them.
    shared: BTreeMap<(String, String, String), Vec<Pair<'c, 'g>>>,
    /// Keys of types that became another kind of type: what they hold is not compared.
    other_kind: BTreeSet<&'c str>,
}

impl<'c, 'g> Comparison<'c, 'g> {
    fn all(&mut self) {
        let (old, new) = (&self.old.items, &self.new.items);
        for (key, was) in old {
            if let Some(is) = new.get(key).filter(|is| is_other_kind(was, is)) {
                self.other_kind.insert(key);
                self.kind(was, is);
            }
        }
        for (key, was) in old {
            match new.get(key) {
                Some(_) if self.is_other(key) || self.is_other(&was.owner) => {}
                Some(is) => self.pair(was, is),
                // Functions are not part of a type in Rust: each is gone with a root type.
                None if self.is_held(&was.owner, new) || matches!(was.role, Role::Field(Some(_))) => {
                    self.removed(was);
                }
                None => {}
            }
        }
        for (key, is) in new {
            if !old.contains_key(key) && self.is_held(&is.owner, old) {
                let (kind, class) = class::added(is);
                self.push(kind, is, added_summary(is), class);
            }
        }
        self.shared();
        for (name, is) in &self.new.conventions {
            let was = self.old.conventions.get(name);
            if let Some(was) = was.filter(|was| *was != is) {
                let item =
                    Item { path: (*name).to_owned(), record: "conventions".to_owned(), ..Item::default() };
                let class = detail::convention(name, was, is);
                self.push(ChangeKind::ConventionChanged, &item, format!("is `{is}`, was `{was}`"), class);
            }
        }
    }

    fn is_other(&self, key: &str) -> bool {
        self.other_kind.contains(key)
    }

    /// Whether what an item belongs to is there on the other side as well, so that the item itself is news.
    fn is_held(&self, owner: &str, other: &BTreeMap<String, Item<'g>>) -> bool {
        owner.is_empty() || (other.contains_key(owner) && !self.is_other(owner))
    }

    /// Whether both sides have an item that only the new one has Rust for.
    fn is_new_in_rust(&self, key: &str) -> bool {
        let is_named = |items: &BTreeMap<String, Item<'g>>| items.get(key).map(|it| it.rust.name.is_some());
        (is_named(&self.old.items), is_named(&self.new.items)) == (Some(false), Some(true))
    }

    fn push(&mut self, kind: ChangeKind, item: &Item<'_>, summary: String, class: Class) {
        let Class { severity, deployed, reason, instead } = class;
        self.changes.push(Change {
            record: item.record.clone(),
            kind,
            path: item.path.clone(),
            rust: item.rust.paths.clone(),
            severity,
            deployed,
            summary,
            reason,
            instead,
        });
    }

    fn removed(&mut self, item: &Item<'_>) {
        let (kind, mut class) = class::removed(item);
        let is_named = |it: &Item<'_>| match it.role {
            Role::Member => it.name == item.name,
            Role::Implements => it.owner == item.name,
            _ => false,
        };
        // Only fragments name objects, and only those of unions and interfaces have some.
        if item.role == Role::Object && !self.old.items.values().any(is_named) {
            class = Class::breaking(Deployed::Works, "does not compile: the type is gone");
        }
        let renamed = self.renames.of_removed(item).filter(|_| class.severity != Severity::Safe);
        let instead = renamed.or(class.instead.clone());
        self.push(kind, item, "removed".to_owned(), Class { instead, ..class });
    }

    fn kind(&mut self, old: &Item<'_>, new: &Item<'_>) {
        let class = match (old.role, new.role) {
            _ if old.rust.paths.is_empty() && new.rust.paths.is_empty() => {
                Class::safe("it has no type of its own in Rust")
            }
            (Role::Enum | Role::Input, Role::Scalar) => Class::breaking(
                Deployed::Works,
                "does not compile: the Rust type is gone; a scalar takes and returns the same values",
            ),
            (Role::Scalar, Role::Enum) if !new.is_sent => Class::breaking(
                Deployed::Works,
                "does not compile: it has a Rust type of its own; its values are texts",
            ),
            _ => Class::breaking(Deployed::Fails, "does not compile: it is another kind of type"),
        };
        let summary = format!("is {}, was {}", declared(new), declared(old));
        self.push(ChangeKind::TypeKindChanged, old, summary, class);
    }

    fn pair(&mut self, old: &'c Item<'g>, new: &'c Item<'g>) {
        if matches!(old.role, Role::Root(_)) && old.name != new.name {
            let class = match (&old.rust.name, &new.rust.name) {
                (Some(_), _) => Class::breaking(
                    Deployed::Works,
                    "a selection on the root type does not compile; functions of the client are the same",
                )
                .instead(format!("`#[select(on = {})]`", new.name)),
                _ => Class::safe("functions of the client are the same"),
            };
            self.push(ChangeKind::RootTypeRenamed, old, format!("is `{}` now", new.name), class);
        } else if old.rust.name != new.rust.name || old.rust.place != new.rust.place {
            self.place(old, new);
        }
        self.types(old, new);
        for find in [detail::pages, detail::errors, detail::detail] {
            if let Some((kind, summary, class)) = find(old, new) {
                self.push(kind, old, summary, class);
            }
        }
        self.deprecation(old, new);
        if old.description.map(str::trim) != new.description.map(str::trim) {
            let summary = match (old.description, new.description) {
                (None, _) => "is described",
                (_, None) => "is no longer described",
                _ => "is described differently",
            };
            let class = Class::safe("documentation only");
            self.push(ChangeKind::DescriptionChanged, new, summary.to_owned(), class);
        }
    }

    /// A name in Rust that differs, or a struct that came or went.
    fn place(&mut self, old: &Item<'_>, new: &Item<'_>) {
        let (kind, summary, class) = match (&old.rust.name, &new.rust.name) {
            (Some(was), Some(is)) if was != is => {
                let class = Class::breaking(Deployed::Works, "does not compile: it has another name in Rust");
                let path = new.rust.paths.first().unwrap_or(is);
                let summary = format!("is `{is}` in Rust, was `{was}`");
                (ChangeKind::RustNameChanged, summary, class.instead(format!("`{path}`")))
            }
            (Some(_), None) if new.role != Role::RootArgument => {
                let class = Class::breaking(Deployed::Works, "does not compile: it has no Rust any more");
                (ChangeKind::RustNameChanged, "has no Rust any more".to_owned(), class)
            }
            // Its type is listed.
            (None, Some(_)) if self.is_new_in_rust(&new.owner) => return,
            // The runtime gave it, and can still do so.
            (None, Some(_)) if old.rust.place == Place::Paging => return,
            (None, Some(_)) if new.role != Role::RootArgument => (
                ChangeKind::RustNameChanged,
                "has Rust of its own".to_owned(),
                Class::safe("no program uses it yet"),
            ),
            _ => return,
        };
        self.push(kind, if old.rust.name.is_some() { old } else { new }, summary, class);
    }

    fn types(&mut self, old: &'c Item<'g>, new: &'c Item<'g>) {
        let (Some(was), Some(is)) = (old.ty, new.ty) else { return };
        let change = TypeChange::of(was, is);
        let is_field = matches!(new.role, Role::Field(_));
        if !change.is_none() {
            let kind = match new.role {
                Role::Field(_) => ChangeKind::FieldTypeChanged,
                Role::InputField => ChangeKind::InputFieldTypeChanged,
                _ => ChangeKind::ArgumentTypeChanged,
            };
            let class =
                if is_field { class::output_type(old, new, &change) } else { self.input(old, new, &change) };
            let default = |item: &Item<'_>| item.default.map(|it| format!(" = {it}")).unwrap_or_default();
            let summary = match old.default == new.default {
                true => format!("type is `{is}`, was `{was}`"),
                false => format!("type is `{is}{}`, was `{was}{}`", default(new), default(old)),
            };
            self.push(kind, old, summary, class);
            return self.required(old, new);
        }
        if old.default != new.default {
            let class = class::requirement(old, new).unwrap_or_else(|| class::default_value(old, new));
            let written = |it: Option<&str>| it.map_or_else(|| "none".to_owned(), |it| format!("`{it}`"));
            let summary = format!("default is {}, was {}", written(new.default), written(old.default));
            self.push(ChangeKind::DefaultChanged, old, summary, class);
            self.required(old, new);
        }
        let is_left = (old.rust.place == Place::Struct) != (new.rust.place == Place::Struct);
        let is_explained = old.deprecation.is_some() != new.deprecation.is_some();
        if is_field && is_left && !is_explained && old.rust.name.is_some() && new.rust.name.is_some() {
            let verb = if new.rust.place == Place::Struct { "is in" } else { "is not in" };
            let summary = format!("{verb} the default selection");
            self.push(ChangeKind::DefaultSelectionChanged, new, summary, class::default_selection(new));
        }
        if let (Some(was), Some(is)) = (&old.rust.ty, &new.rust.ty) {
            let is_called = |item: &Item<'_>| item.rust.pages.is_some() || item.rust.errors.is_some();
            if !is_selected_as(base(was), base(is)) && is_called(old) == is_called(new) {
                let key =
                    (old.ty.map(|ty| ty.name()).unwrap_or_default(), written(base(was)), written(base(is)));
                self.shared.entry((key.0.to_owned(), key.1, key.2)).or_default().push((old, new));
            }
        }
    }

    /// Adds the function that has one more parameter to the paths of the last change.
    fn required(&mut self, old: &Item<'_>, new: &Item<'_>) {
        let Some(change) = self.changes.last_mut() else { return };
        if class::is_required(new) && !class::is_required(old) {
            let more = new.rust.paths.iter().filter(|path| !change.rust.contains(path)).cloned();
            let more: Vec<_> = more.collect();
            change.rust.extend(more);
        }
    }

    fn input(&self, old: &Item<'_>, new: &Item<'_>, change: &TypeChange) -> Class {
        let class = class::input_type(old, new, change);
        match class::requirement(old, new) {
            Some(required) if required.severity >= class.severity => {
                Class { deployed: required.deployed.max(class.deployed), ..required }
            }
            _ => class,
        }
    }

    /// Differences in Rust alone, each with all the places that have it.
    fn shared(&mut self) {
        for ((ty, was, is), items) in std::mem::take(&mut self.shared) {
            let Some((first, _)) = items.first() else { continue };
            let is_reference = |(old, new): &(&Item<'_>, &Item<'_>)| {
                let is = |item: &Item<'_>| matches!(item.rust.ty.as_ref().map(base), Some(RustType::Ref(..)));
                is(old) || is(new)
            };
            let is_reference = items.iter().any(is_reference);
            let kind = if is_reference { ChangeKind::ReferenceChanged } else { ChangeKind::RustTypeChanged };
            let reason = match items.iter().all(|(old, new)| old.is_connection() && new.is_connection()) {
                true => {
                    format!("a selection of more than its records does not compile: `{was}` became `{is}`")
                }
                false => format!("does not compile: `{was}` became `{is}`"),
            };
            let class = Class::breaking(Deployed::Works, reason);
            let mut record =
                self.old.items.get(&ty).map_or_else(|| first.record.clone(), |it| it.record.clone());
            let mut path = ty;
            if let [(only, _)] = items.as_slice() {
                (record, path) = (only.record.clone(), only.path.clone());
            }
            let mut rust: Vec<String> = items.iter().flat_map(|(old, _)| old.rust.paths.clone()).collect();
            rust.sort();
            rust.dedup();
            let Class { severity, deployed, reason, instead } = class;
            let summary = format!("is `{is}` in Rust, was `{was}`");
            self.changes.push(Change {
                record,
                kind,
                path,
                rust,
                severity,
                deployed,
                summary,
                reason,
                instead,
            });
        }
    }

    fn deprecation(&mut self, old: &Item<'_>, new: &Item<'_>) {
        let (kind, summary, class) = match (&old.deprecation, &new.deprecation) {
            (None, Some(reason)) => {
                let class = class::deprecated(old, new);
                let instead = self.renames.of_reason(reason, new).or(class.instead.clone());
                (
                    ChangeKind::Deprecated,
                    format!("deprecated: {}", one_line(reason)),
                    Class { instead, ..class },
                )
            }
            (Some(_), None) => {
                let class = Class::safe(match (old.rust.place, new.rust.place) {
                    (Place::Selected, Place::Struct) => "a new field of a struct that only the SDK makes",
                    _ => "it works as before",
                });
                (ChangeKind::DeprecationRemoved, "no longer deprecated".to_owned(), class)
            }
            (Some(was), Some(is)) if was != is => {
                let class = Class::safe("documentation only");
                (ChangeKind::DeprecationReasonChanged, format!("deprecated: {}", one_line(is)), class)
            }
            _ => return,
        };
        self.push(kind, new, summary, class);
    }
}

/// Whether a type became one of another kind, so that nothing in it can be compared.
fn is_other_kind(old: &Item<'_>, new: &Item<'_>) -> bool {
    let plain = |role| if role == Role::Paging { Role::Object } else { role };
    old.role.is_type() && plain(old.role) != plain(new.role)
}

/// Whether all selections of a type compile for another one. Those of a connection as a whole need its type;
/// changes of its parts are listed with them.
fn is_selected_as(old: &RustType, new: &RustType) -> bool {
    match (old, new) {
        (RustType::Nodes { node: was, whole: None, .. }, RustType::Nodes { node: is, .. }) => was == is,
        (RustType::Nodes { node: was, whole: old, .. }, RustType::Nodes { node: is, whole: new, .. }) => {
            was == is && old == new
        }
        (old, new) => old == new,
    }
}

fn declared(item: &Item<'_>) -> String {
    let noun = item.role.noun();
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

fn added_summary(item: &Item<'_>) -> String {
    let default = item.default.map(|it| format!(" = {it}")).unwrap_or_default();
    match item.ty {
        Some(ty) => format!("added: `{ty}{default}`"),
        None if item.role.is_type() => format!("added: {}", declared(item)),
        None => "added".to_owned(),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! Which file a type belongs to.

use crate::names::{Scope, snake};
use std::collections::BTreeMap;

/// Assigns types to the records they are named after.
pub(super) struct Places {
    /// Record or other owner -> file name without extension.
    files: BTreeMap<String, String>,
    scope: Scope,
}

impl Places {
    /// `records` are the GraphQL names of the object types, in order.
    pub(super) fn new<'a>(records: impl Iterator<Item = &'a str>) -> Self {
        let mut this = Self { files: BTreeMap::new(), scope: Scope::files() };
        for record in records {
            this.add(record);
        }
        this
    }

    fn add(&mut self, owner: &str) -> String {
        let file = self.scope.take(snake(owner));
        self.files.insert(owner.to_owned(), file.clone());
        file
    }

    /// The file of a type: that of the longest record name which it begins with, at the end of a
    /// word; otherwise one of its own.
    pub(super) fn of(&mut self, name: &str) -> String {
        let longest = (1..=name.len())
            .rev()
            .filter(|end| name.is_char_boundary(*end))
            .filter(|end| !name[*end..].starts_with(|next: char| next.is_ascii_lowercase()))
            .find_map(|end| self.files.get(&name[..end]));
        match longest {
            Some(file) => file.clone(),
            None => self.add(name),
        }
    }
}

//! The assignment of types to files.

use crate::Error;
use crate::names;
use std::collections::BTreeMap;

/// Assigns types to the records they are named after. Records whose file would have the same name
/// share it: nothing that a user writes names a file.
pub(super) struct FileAssignment {
    /// Record or other owner -> file name without extension.
    files: BTreeMap<String, String>,
}

impl FileAssignment {
    /// `records` are the GraphQL names of the object types, in order.
    pub(super) fn new<'a>(records: impl Iterator<Item = &'a str>) -> Result<Self, Error> {
        let mut this = Self { files: BTreeMap::new() };
        for record in records {
            this.add(record)?;
        }
        Ok(this)
    }

    fn add(&mut self, owner: &str) -> Result<String, Error> {
        let file = names::file(owner)?;
        self.files.insert(owner.to_owned(), file.clone());
        Ok(file)
    }

    /// The file of a type: that of the longest record name which it begins with, at the end of a
    /// word; otherwise one of its own.
    pub(super) fn file_of(&mut self, name: &str) -> Result<String, Error> {
        let longest = (1..=name.len())
            .rev()
            .filter(|end| name.is_char_boundary(*end))
            .filter(|end| !name[*end..].starts_with(|next: char| next.is_ascii_lowercase()))
            .find_map(|end| self.files.get(&name[..end]));
        match longest {
            Some(file) => Ok(file.clone()),
            None => self.add(name),
        }
    }
}

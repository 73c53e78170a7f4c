//! What to write in place of something that is gone or deprecated.

use super::surface::{Item, Surface};
use std::collections::{BTreeMap, BTreeSet};

/// How alike two names must be for one to be the new name of the other.
const LIKELY: f64 = 0.6;

/// Names by what they belong to.
pub(super) struct Renames<'c> {
    /// Of the new surface, those that the old one does not have.
    added: BTreeMap<&'c str, Vec<&'c Item<'c>>>,
    /// All of the new surface.
    all: BTreeMap<&'c str, Vec<&'c Item<'c>>>,
    /// All of the old surface.
    before: BTreeMap<&'c str, Vec<&'c Item<'c>>>,
}

impl<'c> Renames<'c> {
    pub(super) fn of<'g>(old: &'c Surface<'g>, new: &'c Surface<'g>) -> Self {
        let mut this = Self { added: BTreeMap::new(), all: BTreeMap::new(), before: BTreeMap::new() };
        for item in old.items.values() {
            this.before.entry(item.owner.as_str()).or_default().push(item);
        }
        for (key, item) in &new.items {
            this.all.entry(item.owner.as_str()).or_default().push(item);
            if !old.items.contains_key(key) {
                this.added.entry(item.owner.as_str()).or_default().push(item);
            }
        }
        this
    }

    /// What its deprecation named, or something new that is like it: of the same kind, with a similar name.
    pub(super) fn of_removed(&self, item: &Item<'_>) -> Option<String> {
        let named = item.deprecation.as_ref().and_then(|reason| self.of_reason(reason, item));
        named.or_else(|| {
            let candidates = self.added.get(item.owner.as_str())?;
            let candidates =
                candidates.iter().filter(|it| it.role == item.role && self.has_parts_of(it, item));
            let scored = candidates.map(|it| (likeness(item, it), *it)).filter(|(score, _)| *score >= LIKELY);
            let (_, best) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
            Some(format!("{}, if that is its new name", written(best)))
        })
    }

    /// Whether a new type has most of what an old one had. What is no type has no parts.
    fn has_parts_of(&self, new: &Item<'_>, old: &Item<'_>) -> bool {
        if !old.role.is_type() {
            return true;
        }
        let names = |of: &BTreeMap<&'c str, Vec<&'c Item<'c>>>, owner: &str| -> BTreeSet<&'c str> {
            let parts = of.get(owner).into_iter().flatten();
            // All inputs and payloads of some APIs have it.
            parts.map(|it| it.name).filter(|name| *name != "clientMutationId").collect()
        };
        let (was, is) = (names(&self.before, old.name), names(&self.all, new.name));
        let shared = was.intersection(&is).count();
        shared > 0 && shared * 3 >= was.len().max(is.len()) * 2
    }

    /// A name in the reason of a deprecation: one beside the item, or a path.
    pub(super) fn of_reason(&self, reason: &str, item: &Item<'_>) -> Option<String> {
        let beside = self.all.get(item.owner.as_str())?;
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut before = "";
        for (start, word) in words(reason, is_word) {
            let quoted = reason[..start].ends_with(['`', '\'', '"', '.']);
            let is_name = quoted || word.contains('_') || word.chars().skip(1).any(char::is_uppercase);
            let follows =
                matches!(before.to_ascii_lowercase().as_str(), "use" | "by" | "of" | "with" | "to" | "see");
            let found = beside.iter().find(|it| it.name == word && it.name != item.name);
            if let Some(found) = found.filter(|_| is_name || follows) {
                return Some(written(found));
            }
            before = word;
        }
        None
    }
}

/// The words of a text, with where they begin.
fn words(text: &str, is_word: impl Fn(char) -> bool) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(&is_word)?;
        let end = text[start..].find(|c| !is_word(c)).map_or(text.len(), |length| start + length);
        rest = end;
        Some((start, &text[start..end]))
    })
}

/// Between 0 and 1; above it for the same type.
fn likeness(old: &Item<'_>, new: &Item<'_>) -> f64 {
    let name = |item: &Item<'_>| item.name.to_ascii_lowercase();
    let (old_name, new_name) = (name(old), name(new));
    let like = strsim::normalized_damerau_levenshtein(&old_name, &new_name);
    let contains = old_name.len().min(new_name.len()) > 3
        && (old_name.contains(&new_name) || new_name.contains(&old_name));
    let like = if contains { like.max(LIKELY) } else { like };
    let same_type = old.ty.map(ToString::to_string) == new.ty.map(ToString::to_string);
    if same_type { like + 0.1 } else { like }
}

fn written(item: &Item<'_>) -> String {
    match item.rust.paths.first() {
        Some(path) => format!("`{path}`"),
        None => format!("`{}`", item.name),
    }
}

//! Circles of modules: files that use each other, directly or through others.

use super::source::{Module, ModulePath};
use std::collections::{BTreeMap, BTreeSet};

/// Which module uses which, and one path that says so.
pub(crate) struct Uses<'a> {
    modules: &'a [Module],
    edges: BTreeMap<(usize, usize), String>,
}

impl<'a> Uses<'a> {
    pub(crate) fn of(modules: &'a [Module]) -> Self {
        let mut this = Self { modules, edges: BTreeMap::new() };
        for (from, module) in modules.iter().enumerate() {
            for import in module.imports.iter().filter(|import| !import.is_public) {
                let Some(path) = this.absolute(module, &import.scope, &import.path) else { continue };
                // A module that is imported is used where its name is.
                let is_module = import.name != "*" && modules.iter().any(|module| module.path == path);
                if !is_module {
                    this.add(from, this.target(&path), &import.path);
                }
            }
            for mention in &module.mentions {
                let name = &mention.path[0];
                let target = match this.absolute(module, &mention.scope, &mention.path) {
                    Some(path) => this.target(&path),
                    None if mention.is_macro && !module.macros.contains(name) => {
                        modules.iter().position(|module| module.macros.contains(name))
                    }
                    None => None,
                };
                this.add(from, target, &mention.path);
            }
        }
        this
    }

    fn add(&mut self, from: usize, to: Option<usize>, path: &[String]) {
        if let Some(to) = to.filter(|to| *to != from) {
            self.edges.entry((from, to)).or_insert_with(|| path.join("::"));
        }
    }

    /// A path from the crate root, when it stays within the crate.
    fn absolute(&self, module: &Module, scope: &[String], path: &[String]) -> Option<ModulePath> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" if !rest.is_empty() => Some([scope, rest].concat()),
            "super" => {
                let parent = scope.split_last()?.1;
                let climbs = rest.first().is_some_and(|next| next == "super");
                if climbs { self.absolute(module, parent, rest) } else { Some([parent, rest].concat()) }
            }
            _ if module.children.contains_key(first) && scope == module.path => Some([scope, path].concat()),
            _ => {
                let import =
                    module.imports.iter().find(|import| import.name == *first && import.path[0] != *first)?;
                let base = self.absolute(module, &import.scope, &import.path)?;
                Some([base.as_slice(), rest].concat())
            }
        }
    }

    /// The module that has what a path names. Re-exports are followed.
    fn target(&self, path: &[String]) -> Option<usize> {
        self.follow(path, 0)
    }

    fn follow(&self, path: &[String], depth: usize) -> Option<usize> {
        let (index, module) = (0..=path.len())
            .rev()
            .find_map(|end| self.modules.iter().enumerate().find(|(_, module)| module.path == path[..end]))?;
        let Some(name) = path.get(module.path.len()) else { return Some(index) };
        if module.items.contains(name) || depth > 8 {
            return Some(index);
        }
        // A module that is not read.
        if module.children.contains_key(name) {
            return None;
        }
        if let Some(import) = module.imports.iter().find(|import| import.name == *name) {
            let base = self.absolute(module, &import.scope, &import.path)?;
            return self.follow(&[base.as_slice(), &path[module.path.len() + 1..]].concat(), depth + 1);
        }
        let globs = module.imports.iter().filter(|import| import.name == "*");
        let found =
            globs.filter_map(|import| self.absolute(module, &import.scope, &import.path)).find_map(|base| {
                let target =
                    self.follow(&[base.as_slice(), std::slice::from_ref(name)].concat(), depth + 1)?;
                self.modules[target].items.contains(name).then_some(target)
            });
        let exported = || self.modules.iter().position(|module| module.macros.contains(name));
        found.or_else(|| exported().filter(|_| module.path.is_empty())).or(Some(index))
    }

    /// The circles, each with its uses: from, to, and the path.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<String>> {
        let mut uses: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for &(from, to) in self.edges.keys() {
            uses.entry(from).or_default().insert(to);
        }
        let reached = |from: usize| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
            while let Some(next) = open.pop() {
                open.extend(uses.get(&next).into_iter().flatten().filter(|to| seen.insert(**to)));
            }
            seen
        };
        let reached: Vec<_> = (0..self.modules.len()).map(reached).collect();
        // A circle is named by its first module.
        let mut circles: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for ((from, to), path) in &self.edges {
            if reached[*to].contains(from) {
                let first = reached[*from].iter().find(|other| reached[**other].contains(from));
                let line = format!("{} -> {} ({path})", self.name(*from), self.name(*to));
                circles.entry(*first.unwrap_or(from)).or_default().insert(line);
            }
        }
        circles.into_values().collect()
    }

    fn name(&self, index: usize) -> String {
        match self.modules[index].path.join("::") {
            root if root.is_empty() => "crate".to_owned(),
            name => name,
        }
    }
}

//! What every part of a merge uses: the schemas, the configuration, contradictions, and marks in descriptions.

use crate::{Config, Schema};

/// Two schemas that become one.
pub(super) struct Merge<'a> {
    pub(super) sides: &'a [Schema; 2],
    pub(super) config: &'a Config,
    /// Contradictions: the path in the schema, and a sentence.
    pub(super) places: Vec<(String, String)>,
}

impl Merge<'_> {
    /// The name of an environment.
    pub(super) fn name(&self, side: usize) -> &str {
        &self.config.environments.names[side]
    }

    /// Keeps a contradiction, unless it is in a field that is left out.
    pub(super) fn contradiction(&mut self, path: &str, [first, second]: [String; 2]) {
        let field = path.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        if !self.config.skips.contains(&field) {
            let [one, other] = &self.config.environments.names;
            self.places
                .push((path.to_owned(), format!("`{path}` is {first} in {one} and {second} in {other}")));
        }
    }

    /// Marks what only one environment has.
    pub(super) fn mark(&self, side: usize, only_in: &mut Option<String>, description: &mut Option<String>) {
        *only_in = Some(self.name(side).to_owned());
        prefix(description, &format!("Only in {}.", self.name(side)));
    }

    /// For each environment a sentence that lists what only it has: `Only in QA: a, b.`
    pub(super) fn only_in<'n>(
        &self,
        what: &str,
        members: impl Iterator<Item = (&'n str, Option<&'n str>)> + Clone,
    ) -> impl Iterator<Item = String> {
        self.config.environments.names.iter().filter_map(move |environment| {
            let only = members.clone().filter(|(_, only_in)| *only_in == Some(environment));
            let names: Vec<&str> = only.map(|(name, _)| name).collect();
            (!names.is_empty()).then(|| format!("Only in {environment}: {what}{}.", names.join(", ")))
        })
    }
}

/// A sentence in front of a description.
pub(super) fn prefix(description: &mut Option<String>, sentence: &str) {
    let text = description.as_deref().map(str::trim_start).filter(|text| !text.is_empty());
    *description = Some(text.map_or_else(|| sentence.to_owned(), |text| format!("{sentence} {text}")));
}

/// Paragraphs behind a description.
pub(super) fn add_paragraphs(description: &mut Option<String>, paragraphs: impl Iterator<Item = String>) {
    let all: Vec<String> = description.take().into_iter().chain(paragraphs).collect();
    *description = (!all.is_empty()).then(|| all.join("\n\n"));
}

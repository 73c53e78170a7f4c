//! The reasons of marked items: numbers of changes, with the condition under which a use is one of the change.

use std::fmt;
use std::str::FromStr;

/// Where the numbers begin in a reason. No schema has such a text.
const START: &str = "xurrent-change-numbers:";

/// A change that a marked item belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tag {
    /// The index of the change.
    pub(crate) change: usize,
    pub(crate) condition: Condition,
}

/// Of a call, which other functions the same chain of calls has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Condition {
    Always,
    With(String),
    Without(String),
    /// The call fetches the fields of a record that it fetches by default.
    Default,
}

impl Condition {
    pub(super) fn with(name: &str) -> Self {
        Self::With(name.to_owned())
    }

    pub(super) fn without(name: &str) -> Self {
        Self::Without(name.to_owned())
    }
}

impl Tag {
    pub(super) fn always(change: usize) -> Self {
        Self { change, condition: Condition::Always }
    }

    pub(super) fn when(self, condition: Condition) -> Self {
        Self { condition, ..self }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.condition {
            Condition::Always => write!(f, "{}", self.change),
            Condition::With(name) => write!(f, "{}+{name}", self.change),
            Condition::Without(name) => write!(f, "{}-{name}", self.change),
            Condition::Default => write!(f, "{}*", self.change),
        }
    }
}

impl FromStr for Tag {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let end = text.find(['+', '-', '*']).unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        let condition = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
            (Some(name), _) => Condition::with(name),
            (_, Some(name)) => Condition::without(name),
            _ if rest == "*" => Condition::Default,
            _ => Condition::Always,
        };
        Ok(Self { change: number.parse()?, condition })
    }
}

/// The reason for these changes; none for none.
pub(super) fn note(mut tags: Vec<Tag>) -> Option<String> {
    tags.sort();
    tags.dedup();
    let texts: Vec<String> = tags.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| format!("{START} {}", texts.join(" ")))
}

/// The changes in a reason, or in a message of the compiler that ends with it. None for a reason of the schema.
pub(crate) fn tags(text: &str) -> Option<Vec<Tag>> {
    let (_, numbers) = text.split_once(START)?;
    numbers.split_whitespace().map(|tag| tag.parse().ok()).collect()
}

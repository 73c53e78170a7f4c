//! Changes and damage of documents.

use crate::decoder::documents::{
    Value, amount, anything, at, day, null, ratio, text, time_of_day, whole, words,
};
use Value::{List, Object};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One change of a document.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// Keys in another order.
    Shuffle(Index, Vec<Index>),
    /// One more key.
    Unknown(Index, Index, String, Value),
    Drop(Index, Index),
    Replace(Index, Value),
    /// Another leaf, right for a field of another type.
    Swap(Index, Index),
    /// The values of an object without its keys.
    Keyless(Index),
    Duplicate(Index, Index),
    /// A value inside many lists or objects.
    Deepen(Index, usize, bool),
}

/// Changes that must not matter.
pub(crate) fn harmless() -> BoxedStrategy<Change> {
    let key = words().prop_map(|word| format!("_{word}"));
    prop_oneof![
        (any::<Index>(), vec(any::<Index>(), 20)).prop_map(|(at, order)| Change::Shuffle(at, order)),
        (any::<Index>(), any::<Index>(), key, anything())
            .prop_map(|(at, place, key, value)| Change::Unknown(at, place, key, value)),
    ]
    .boxed()
}

pub(crate) fn change() -> BoxedStrategy<Change> {
    let index = any::<Index>;
    let leaf =
        prop_oneof![null(), anything(), whole(), ratio(), amount(), text(), at(), day(), time_of_day()];
    prop_oneof![
        harmless(),
        (index(), index()).prop_map(|(at, key)| Change::Drop(at, key)),
        (index(), leaf).prop_map(|(at, value)| Change::Replace(at, value)),
        (index(), index()).prop_map(|(at, from)| Change::Swap(at, from)),
        index().prop_map(Change::Keyless),
        (index(), index()).prop_map(|(at, key)| Change::Duplicate(at, key)),
        (index(), 1..100_usize, any::<bool>()).prop_map(|(at, depth, list)| Change::Deepen(at, depth, list)),
    ]
    .boxed()
}

fn is_object(value: &Value) -> bool {
    matches!(value, Object(entries) if !entries.is_empty())
}

/// Changes the entries of one of the wanted objects.
fn entries(
    document: &mut Value,
    at: Index,
    wanted: fn(&Value) -> bool,
    change: impl FnOnce(&mut Vec<(String, Value)>),
) {
    let count = document.count(wanted);
    if count > 0
        && let Some(Object(entries)) = document.nth(&mut at.index(count), wanted)
    {
        change(entries);
    }
}

/// Changes one value, whatever it is.
fn value(document: &mut Value, at: Index, change: impl FnOnce(&mut Value)) {
    let count = document.count(|_| true);
    if let Some(value) = document.nth(&mut at.index(count), |_| true) {
        change(value);
    }
}

impl Change {
    pub(crate) fn apply(self, document: &mut Value) {
        match self {
            Self::Shuffle(at, order) => entries(document, at, is_object, |entries| {
                for (one, other) in order.iter().enumerate().take(entries.len()) {
                    let other = other.index(entries.len());
                    entries.swap(one, other);
                }
            }),
            Self::Unknown(at, place, key, new) => entries(document, at, is_object, |entries| {
                entries.insert(place.index(entries.len() + 1), (key, new));
            }),
            Self::Drop(at, key) => entries(document, at, is_object, |entries| {
                entries.remove(key.index(entries.len()));
            }),
            Self::Duplicate(at, key) => entries(document, at, is_object, |entries| {
                let entry = entries[key.index(entries.len())].clone();
                entries.push(entry);
            }),
            Self::Replace(at, new) => value(document, at, |value| *value = new),
            Self::Swap(at, from) => {
                let mut copy = document.clone();
                let count = copy.count(|_| true);
                if let Some(new) = copy.nth(&mut from.index(count), |_| true).cloned() {
                    value(document, at, |value| *value = new);
                }
            }
            Self::Keyless(at) => value(document, at, |value| {
                if let Object(entries) = value {
                    *value = List(entries.iter().map(|(_, item)| item.clone()).collect());
                }
            }),
            Self::Deepen(at, depth, list) => value(document, at, |value| {
                for _ in 0..depth {
                    let inner = value.clone();
                    *value = if list { List(vec![inner]) } else { Object(vec![("a".to_owned(), inner)]) };
                }
            }),
        }
    }
}

/// One change of a text.
#[derive(Debug, Clone)]
pub(crate) enum Damage {
    Truncate(Index),
    Overwrite(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Append(&'static str),
}

pub(crate) fn damage() -> BoxedStrategy<Damage> {
    let byte =
        || prop_oneof![any::<u8>(), select(b"{}[]:,\"\\ 0123456789.eE+-tfnull\n\x00\x7f\xff\xc3".to_vec())];
    let index = any::<Index>;
    prop_oneof![
        index().prop_map(Damage::Truncate),
        (index(), byte()).prop_map(|(at, byte)| Damage::Overwrite(at, byte)),
        (index(), byte()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        index().prop_map(Damage::Remove),
        select(&[" ", "}", "]", ",", "null", "x", "{}", "\0"][..]).prop_map(Damage::Append),
    ]
    .boxed()
}

impl Damage {
    pub(crate) fn apply(self, text: &mut Vec<u8>) {
        match self {
            Self::Append(more) => text.extend_from_slice(more.as_bytes()),
            _ if text.is_empty() => {}
            Self::Truncate(at) => text.truncate(at.index(text.len())),
            Self::Overwrite(at, byte) => {
                let at = at.index(text.len());
                text[at] = byte;
            }
            Self::Insert(at, byte) => text.insert(at.index(text.len()), byte),
            Self::Remove(at) => {
                text.remove(at.index(text.len()));
            }
        }
    }
}

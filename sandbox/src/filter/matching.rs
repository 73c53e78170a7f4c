//! Comparisons of stored values with wanted ones.

use serde_json::Value;
use std::cmp::Ordering;

use crate::scalar;

#[derive(Debug, Clone, Copy)]
pub(super) enum Range {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Range {
    pub(super) fn holds(self, value: &Value, bound: &Value) -> bool {
        let order = scalar::compare(value, bound);
        match self {
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        }
    }
}

/// An empty list matches empty fields, as does a null among the values.
pub(super) fn any_wanted(stored: &[&Value], wanted: &[Value]) -> bool {
    if stored.is_empty() {
        return wanted.is_empty() || wanted.iter().any(Value::is_null);
    }
    wanted.iter().any(|wanted| stored.iter().any(|stored| scalar::equal(stored, wanted)))
}

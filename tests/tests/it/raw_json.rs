//! Compares typed values with raw JSON, without any code of the SDK's that reads or writes JSON.

#![allow(dead_code)] // Each test file that includes this module uses a part of it.

use serde_json::Value;
use std::any::type_name;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use xurrent::select::Interface;
use xurrent::{Date, Decimal, Id, Json, OpenEnum, Ref, TimeOfDay, Timestamp, WebhookEvent};

/// A value of which the raw JSON is known.
pub(crate) trait Raw {
    /// Panics unless the value is what the JSON says.
    fn same(&self, raw: &Value, place: &str);

    /// Whether it stands for null.
    fn is_null(&self) -> bool {
        false
    }

    /// Notes that this field was compared.
    fn seen(&self, object: &'static str, key: &'static str) {
        SEEN.with_borrow_mut(|fields| {
            let seen = fields.entry((object, key)).or_default();
            seen.ty = type_name::<Self>();
            seen.null |= self.is_null();
            seen.value |= !self.is_null();
        });
    }
}

/// What was seen of one field of one struct.
#[derive(Default, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) ty: &'static str,
    pub(crate) value: bool,
    pub(crate) null: bool,
}

thread_local! {
    static SEEN: RefCell<BTreeMap<(&'static str, &'static str), Seen>> = const { RefCell::new(BTreeMap::new()) };
}

/// What was seen on this thread so far.
pub(crate) fn coverage() -> BTreeMap<(&'static str, &'static str), Seen> {
    SEEN.with_borrow(Clone::clone)
}

/// Panics unless the raw object has exactly these keys, beside those of the runtime.
pub(crate) fn assert_keys(raw: &Value, keys: &[&str], place: &str) {
    let sent: BTreeSet<&str> = raw.as_object().unwrap().keys().map(String::as_str).collect();
    let sent: BTreeSet<&str> = sent.into_iter().filter(|key| *key != "sdk_errors").collect();
    assert_eq!(sent, keys.iter().copied().collect(), "{place}");
}

include!(concat!(env!("OUT_DIR"), "/raw_types.rs"));

impl<T: Raw> Raw for Option<T> {
    fn is_null(&self) -> bool {
        self.is_none()
    }

    fn same(&self, raw: &Value, place: &str) {
        match self {
            None => assert!(raw.is_null(), "{place}: None for {raw}"),
            Some(value) => {
                assert!(!raw.is_null(), "{place}: a value for null");
                value.same(raw, place);
            }
        }
    }
}

impl<T: Raw> Raw for Vec<T> {
    fn same(&self, raw: &Value, place: &str) {
        let connection = raw.get("nodes").is_some();
        let items = if connection { &raw["nodes"] } else { raw };
        let items = items.as_array().unwrap_or_else(|| panic!("{place}: a list for {raw}"));
        // A record that may not be seen is a null among the nodes, and left out.
        let items: Vec<_> = items.iter().filter(|item| !(connection && item.is_null())).collect();
        assert_eq!(self.len(), items.len(), "{place}");
        self.iter().zip(items).for_each(|(value, raw)| value.same(raw, place));
    }
}

macro_rules! same {
    ($($type:ty: |$value:ident, $raw:ident| $same:expr;)*) => {$(
        impl Raw for $type {
            fn same(&self, $raw: &Value, place: &str) {
                let $value = self;
                assert!($same, "{place}: {self:?} for {}", $raw);
            }
        }
    )*};
}

same! {
    String: |value, raw| raw.as_str() == Some(value);
    Id: |value, raw| raw.as_str() == Some(value.as_str());
    bool: |value, raw| raw.as_bool() == Some(*value);
    i64: |value, raw| raw.as_i64() == Some(*value);
    f64: |value, raw| raw.as_f64() == Some(*value);
    Decimal: |value, raw| raw.is_number() && value.to_string().parse::<f64>().ok() == raw.as_f64();
    Timestamp: |value, raw| raw.as_str() == Some(value.to_string().as_str());
    Json: |value, raw| value.to_value() == *raw;
    Date: |value, raw| raw.as_str() == Some(value.to_string().as_str());
    TimeOfDay: |value, raw| raw.as_str() == Some(value.to_string().as_str());
    WebhookEvent: |value, raw| raw.as_str() == Some(value.as_str());
}

impl<T> Raw for Ref<T> {
    fn same(&self, raw: &Value, place: &str) {
        assert_eq!(raw.as_object().unwrap().len(), 1, "{place}");
        self.id().same(&raw["id"], place);
    }
}

impl<K: OpenEnum + std::fmt::Debug> Raw for Interface<K> {
    fn same(&self, raw: &Value, place: &str) {
        assert_eq!(raw["__typename"].as_str(), Some(self.typename.as_str()), "{place}");
        self.id.same(&raw["id"], place);
    }
}

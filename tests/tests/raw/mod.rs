//! Compares typed values with raw JSON, without any code of the SDK's that reads or writes JSON.

use serde_json::Value;
use xurrent::{CustomField, Decimal, Id, Interface, Json, OpenEnum, Ref, Timestamp};

/// A value of which the raw JSON is known.
pub(crate) trait Raw {
    /// Panics unless the value is what the JSON says.
    fn same(&self, raw: &Value, place: &str);
}

impl<T: Raw> Raw for Option<T> {
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
        let items = raw.as_array().unwrap_or_else(|| panic!("{place}: a list for {raw}"));
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
}

impl Raw for CustomField {
    fn same(&self, raw: &Value, place: &str) {
        assert_eq!(raw.as_object().unwrap().len(), 2, "{place}");
        self.id.same(&raw["id"], place);
        self.value.same(&raw["value"], place);
    }
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

/// The generated enums that the tests meet.
macro_rules! enums {
    ($($type:ty),* $(,)?) => {$(
        impl Raw for $type {
            fn same(&self, raw: &Value, place: &str) {
                assert_eq!(raw.as_str(), Some(self.as_str()), "{place}");
            }
        }
    )*};
}

enums!(
    xurrent::Currency,
    xurrent::LifeCycleState,
    xurrent::PersonSendEmailNotifications,
    xurrent::PersonShowNotificationPopup,
);

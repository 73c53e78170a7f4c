//! Selections that the build script makes up, always the same: see `build/selections.rs`.

use crate::raw_json::Raw;
use crate::select::{Api, Value, selection, variant};
use xurrent::*;

include!(concat!(env!("OUT_DIR"), "/selections.rs"));

struct Check {
    api: Api,
    /// How many selections brought records, and how many values there were in them.
    with_records: usize,
    values: usize,
}

fn values(raw: &Value) -> usize {
    match raw {
        Value::Null => 0,
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(fields) => fields.values().map(values).sum(),
        _ => 1,
    }
}

impl Check {
    async fn same<T: Raw>(&mut self, records: xurrent::Result<Vec<T>>, root: &str, selection: &str) {
        let records = records.unwrap_or_else(|error| panic!("{root}: {error}: {selection}"));
        let raw = self.api.data(&format!("{{ {root}(first: 5) {{ nodes {{{selection} }} }} }}")).await;
        records.same(&raw[root], root);
        self.with_records += usize::from(!records.is_empty());
        self.values += values(&raw);
    }
}

#[tokio::test]
async fn selections_at_random() {
    let mut check = Check { api: Api::new().await, with_records: 0, values: 0 };
    all(&mut check).await;
    assert!(check.with_records > 35 && check.values > 2000, "{} with {}", check.with_records, check.values);
}

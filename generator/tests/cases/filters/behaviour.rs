//! What the setters of a filter accept, and what they send.

use crate::*;
use serde_json::{json, to_value};
use xurrent_runtime::{Filter, RangeFilter};

#[test]
fn plain_values() {
    let filter = PersonFilter::new().name(["Howard", "James"]).disabled(false).id("x").age(7).query("text");
    assert_eq!(
        to_value(&filter).unwrap(),
        json!({"name": {"values": ["Howard", "James"]}, "disabled": false, "id": {"values": ["x"]}, "age": {"values": [7]}, "query": "text"})
    );
}

#[test]
fn the_enum_of_the_record_and_other_text() {
    let filter = PersonFilter::new().state([State::Active, State::from("brand_new")]);
    assert_eq!(to_value(&filter).unwrap(), json!({"state": {"values": ["active", "brand_new"]}}));
}

#[test]
fn everything_else() {
    let filter = PersonFilter::new()
        .name(Filter::none_of(["x"]))
        .state(Filter::present())
        .id(Filter::empty())
        .age(RangeFilter::new().greater_than(3).less_than_or_equal_to(9))
        .custom_filters([PersonCustomFilter::new("Color", ["red"]).negate(true)]);
    assert_eq!(
        to_value(&filter).unwrap(),
        json!({
            "name": {"values": ["x"], "negate": true},
            "state": {"values": [], "negate": true},
            "id": {"values": []},
            "age": {"greaterThan": 3, "lessThanOrEqualTo": 9},
            "customFilters": [{"name": "Color", "values": ["red"], "negate": true}],
        })
    );
    // An empty list is what a computed one may come out as: from JSON, `[null]` says the same.
    let refused = serde_json::from_value::<PersonFilter>(to_value(&filter).unwrap()).unwrap_err();
    assert!(refused.to_string().starts_with("id.values: an empty list of values"), "{refused}");
    let text = to_value(&filter).unwrap().to_string().replace("\"values\":[]", "\"values\":[null]");
    let same: PersonFilter = serde_json::from_str(&text).unwrap();
    assert_eq!(to_value(&same).unwrap(), to_value(&filter).unwrap());
    let filter = PersonFilter::new().name("x").query("y");
    let same: PersonFilter = serde_json::from_value(to_value(&filter).unwrap()).unwrap();
    assert_eq!(to_value(&same).unwrap(), to_value(&filter).unwrap());
    let wrong = serde_json::from_value::<PersonFilter>(json!({"name": {"values": ["a"], "lessThan": "b"}})).unwrap_err();
    assert_eq!(wrong.to_string(), "name.lessThan: the type has no such field (in StringFilter)");
}

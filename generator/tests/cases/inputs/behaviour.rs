//! Three states, recursion, and inputs from JSON.

use crate::*;
use serde_json::json;

#[test]
fn unset_null_and_value_are_three_things() {
    let input = Filter_::new(["a"]).name(None).on(true);
    assert_eq!(serde_json::to_value(&input).unwrap(), json!({"ids": ["a"], "name": null, "on": true}));
}

#[test]
fn inputs_contain_themselves() {
    let inner = Filter_::new(["x"]).level(5);
    let input = Filter_::new(["y"]).and([inner.clone(), inner.clone()]).not(inner);
    let json = serde_json::to_value(&input).unwrap();
    assert_eq!(json["and"][1]["ids"], json!(["x"]));
    assert_eq!(json["not"]["level"], json!(5));
    let same: Filter_ = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&same).unwrap(), json);
}

#[test]
fn json_is_checked_against_the_schema() {
    let refused = |json: serde_json::Value| serde_json::from_value::<Filter_>(json).unwrap_err().to_string();
    assert_eq!(refused(json!({"ids": ["a"], "nmae": 1})), "nmae: the type has no such field (in Filter)");
    assert_eq!(refused(json!({})), "ids: the field is missing (in Filter)");
    assert_eq!(refused(json!({"ids": null})), "ids: expected [ID!], found null (in Filter)");
    assert_eq!(refused(json!({"ids": ["a", null]})), "ids[1]: expected ID, found null (in Filter)");
    assert_eq!(refused(json!({"ids": [], "and": [{"ids": [], "level": "x"}]})), "and[0].level: expected Int, found a string (in Filter)");
    assert_eq!(refused(json!([])), "expected Filter, found an array");
}

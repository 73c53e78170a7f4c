//! `Serialize` and `Deserialize` of generated types: what goes out comes back.

use crate::decoder::documents::{anything, record};
use crate::decoder::errors;
use crate::decoder::generated::{Leaves, Mood, Record};
use crate::decoder::model;
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::json;
use xurrent_runtime::decode::from_slice;
use xurrent_runtime::{Date, Decimal, Field, Json, Ref, TimeOfDay, Timestamp};

fn same(one: &Record, other: &Record) -> Result<(), TestCaseError> {
    prop_assert_eq!(model::Record::from(one), model::Record::from(other));
    Ok(())
}

/// JSON that a tree of values holds without a loss.
fn tame() -> BoxedStrategy<crate::decoder::documents::Value> {
    use crate::decoder::documents::Value::{List, Object, Plain, Text};
    let leaf = prop_oneof![
        Just(Plain("true".to_owned())),
        any::<i32>().prop_map(|n| Plain(n.to_string())),
        "[a-z]{0,5}".prop_map(Text)
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(List),
            proptest::collection::btree_map("[a-z]{1,3}", inner, 0..3)
                .prop_map(|entries| Object(entries.into_iter().collect())),
        ]
    })
    .boxed()
}

proptest! {
    #![proptest_config(crate::decoder::agreement::cases(300))]

    #[test]
    fn through_text(document in record(anything())) {
        let read: Record = from_slice(document.write(0).as_bytes()).unwrap();
        let text = serde_json::to_string(&read).unwrap();
        same(&read, &serde_json::from_str(&text).unwrap())?;
        same(&read, &serde_json::from_slice(text.as_bytes()).unwrap())?;
        same(&read, &serde_json::from_reader(text.as_bytes()).unwrap())?;
        same(&read, &from_slice(text.as_bytes()).unwrap())?;
    }

    #[test]
    fn through_a_value(document in record(tame())) {
        let read: Record = from_slice(document.write(0).as_bytes()).unwrap();
        let value = serde_json::to_value(&read).unwrap();
        same(&read, &serde_json::from_value(value.clone()).unwrap())?;
        same(&read, &serde_json::from_str(&value.to_string()).unwrap())?;
    }
}

#[test]
fn what_is_written() {
    let json = errors::record().to_string();
    let read: Record = from_slice(json.as_bytes()).unwrap();
    let mut expected = errors::record();
    // Decimals are written as texts, which no reader rounds.
    expected["leaves"]["amount"] = json!("1");
    for line in expected["lines"].as_array_mut().unwrap() {
        line["amount"] = json!("1");
    }
    assert_eq!(serde_json::to_value(&read).unwrap(), expected);
    let keys: Vec<_> = expected.as_object().unwrap().keys().cloned().collect();
    assert!(keys.contains(&"sourceID".to_owned()), "{keys:?}");
}

#[test]
fn no_digit_of_a_decimal_is_lost() {
    let digits = "123456789012.3456789012345";
    for json in [digits.to_owned(), format!("\"{digits}\"")] {
        let document = errors::leaves().to_string().replace("\"amount\":1", &format!("\"amount\":{json}"));
        let leaves: Leaves = serde_json::from_str(&document).unwrap();
        assert_eq!(leaves.amount.to_string(), digits);
        let value = serde_json::to_value(&leaves).unwrap();
        assert_eq!(value["amount"], digits);
        assert_eq!(serde_json::from_value::<Leaves>(value).unwrap().amount, leaves.amount);
    }
}

#[test]
fn json_keeps_its_text_in_a_record() {
    let kept = r#"{"b": 1.00, "a":[ 123456789012345678901234567890 ]}"#;
    let document = errors::leaves().to_string().replace("\"any\":null", &format!("\"any\":{kept}"));
    let leaves: Leaves = serde_json::from_str(&document).unwrap();
    assert_eq!(leaves.any.as_text(), kept);
    assert!(serde_json::to_string(&leaves).unwrap().contains(kept));
}

#[test]
fn deserialize_gives_the_decoders_own_words() {
    let mut document = errors::record();
    document["lines"][1]["whole"] = json!("x");
    let text = "lines[1].whole: expected Int, found a string (in Leaves)";
    assert_eq!(serde_json::from_value::<Record>(document.clone()).unwrap_err().to_string(), text);
    assert_eq!(serde_json::from_str::<Record>(&document.to_string()).unwrap_err().to_string(), text);
}

#[test]
fn scalars_alone() {
    fn both_ways<T: Field + serde::Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(json: &str) {
        let value: T = from_slice(json.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
        assert_eq!(serde_json::from_str::<T>(json).unwrap(), value);
        assert_eq!(serde_json::from_value::<T>(serde_json::to_value(&value).unwrap()).unwrap(), value);
    }
    both_ways::<Timestamp>(r#""2024-02-03T04:05:06.5+02:00""#);
    both_ways::<Timestamp>(r#""best_effort""#);
    both_ways::<TimeOfDay>(r#""24:00""#);
    both_ways::<Date>(r#""2024-02-03""#);
    both_ways::<Mood>(r#""brand_new""#);
    both_ways::<Json>(r#"{"a":[1,null]}"#);
    both_ways::<Ref<Record>>(r#"{"id":"1"}"#);
    assert!(serde_json::from_str::<Timestamp>("\"2024-02-03\"").is_err());
    assert!(serde_json::from_str::<TimeOfDay>("\"7:00\"").is_err());
}

#[test]
fn debug_output_is_that_of_a_derive() {
    let leaves: Leaves = serde_json::from_value(errors::leaves()).unwrap();
    assert_eq!(
        format!("{leaves:?}"),
        "Leaves { text: \"a\", id: \"1\", whole: 1, ratio: 0.5, flag: true, amount: 1, day: 2024-02-03, \
         timeOfDay: 07:00, at: 2024-02-03T04:05:06Z, any: null, mood: good }"
    );
    let _: Decimal = leaves.amount;
}

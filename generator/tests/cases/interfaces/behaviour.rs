//! Types that are known, types that are not, and objects without an id.

use crate::*;

#[test]
fn typenames() {
    let request: Request = serde_json::from_str(
        r#"{"any": {"__typename": "Brandnew", "id": "7"}, "bare": {"__typename": "Plain"}, "id": "1", "notes": null,
            "record": {"id": "2", "__typename": "Request"}}"#,
    )
    .unwrap();
    let any = request.any.as_ref().unwrap();
    assert_eq!(any.typename, AnythingType::Unrecognized("Brandnew".into()));
    assert_eq!(any.id.as_ref().unwrap().as_str(), "7");
    assert_eq!(request.bare.as_ref().unwrap().id, None);
    assert_eq!(request.record.as_ref().unwrap().typename, HasNotesType::Request);
    let json = serde_json::to_value(&request).unwrap();
    assert_eq!(json["any"]["__typename"], "Brandnew");
    let again: Request = serde_json::from_value(json).unwrap();
    assert_eq!(again.any, request.any);
    let missing = serde_json::from_str::<Request>(r#"{"any": {"id": "7"}}"#).unwrap_err();
    assert_eq!(missing.to_string(), "any.__typename: the field is missing (in Anything)");
}

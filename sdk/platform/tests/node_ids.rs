//! What is inside an id of a record: the rules of its form.

#![allow(clippy::unwrap_used, missing_docs)]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use xurrent_platform::NodeId;
use xurrent_runtime::Id;

fn parts(id: &str) -> Option<(String, String, u64)> {
    NodeId::decode(&Id::from(id)).map(|parts| (parts.instance, parts.type_name, parts.number))
}

fn some(instance: &str, type_name: &str, number: u64) -> Option<(String, String, u64)> {
    Some((instance.to_owned(), type_name.to_owned(), number))
}

#[test]
fn ids_of_the_documentation() {
    assert_eq!(parts("NG1lLmNvbS9QZXJzb24vMTI"), some("4me.com", "Person", 12));
    assert_eq!(parts("eHVycmVudC9vcmdhbml6YXRpb24vMQ"), some("xurrent", "organization", 1));
}

#[test]
fn both_alphabets_are_read_with_and_without_padding() {
    // Both characters in which the alphabets differ are in this one.
    let text = "aa>aa?/Person/7";
    let standard = STANDARD_NO_PAD.encode(text);
    let url_safe = URL_SAFE_NO_PAD.encode(text);
    assert!(standard.contains('/') && standard.contains('+'), "{standard}");
    assert!(url_safe.contains('_') && url_safe.contains('-'), "{url_safe}");
    for id in [standard, url_safe.clone(), STANDARD.encode(text), URL_SAFE.encode(text)] {
        assert_eq!(parts(&id), some("aa>aa?", "Person", 7), "{id}");
        // What is written is always the same.
        assert_eq!(NodeId::decode(&Id::new(id)).unwrap().encode(), Id::new(url_safe.clone()));
    }
}

#[test]
fn the_alphabets_are_not_mixed() {
    let id = URL_SAFE_NO_PAD.encode("aa>aa?/Person/7");
    let mixed = id.replacen('-', "+", 1);
    assert!(mixed.contains('_') && mixed.contains('+'), "{mixed}");
    assert_eq!(parts(&mixed), None);
}

#[test]
fn a_length_of_one_more_than_a_multiple_of_four_is_never_valid() {
    for number in [1_u64, 12, 123, 1234, 12345] {
        let id = URL_SAFE_NO_PAD.encode(format!("xurrent/Person/{number}"));
        assert_eq!(parts(&id), some("xurrent", "Person", number));
        let whole = &id[..id.len() / 4 * 4];
        for more in ["A", "AAAAA"] {
            assert_eq!(parts(&format!("{whole}{more}")), None, "{whole}{more}");
        }
    }
    assert_eq!(parts("A"), None);
}

#[test]
fn the_type_can_be_shortened() {
    assert_eq!(parts(&URL_SAFE_NO_PAD.encode("xurrent/Req/70450")), some("xurrent", "Req", 70_450));
}

#[test]
fn the_instance_can_hold_an_account_and_an_at_sign() {
    for instance in ["wdc@xurrent.com", "wdc@4me.qa", "xurrent.com/wdc", "a/b@c"] {
        let id = URL_SAFE_NO_PAD.encode(format!("{instance}/Person/12"));
        assert_eq!(parts(&id), some(instance, "Person", 12), "{instance}");
    }
}

#[test]
fn what_has_another_form_has_no_parts() {
    for text in [
        "",
        "/",
        "//",
        "Person/12",
        "/Person/12",
        "xurrent//12",
        "xurrent/Person/",
        "xurrent/Person/-1",
        "xurrent/Person/+1",
        "xurrent/Person/1.5",
        "xurrent/Person/x",
        "xurrent/Person/12 ",
        "xurrent/Person/18446744073709551616",
        "xurrent/Person/１２",
    ] {
        assert_eq!(parts(&URL_SAFE_NO_PAD.encode(text)), None, "{text:?}");
    }
    assert_eq!(parts(&URL_SAFE_NO_PAD.encode(b"\xff/Person/1")), None, "no UTF-8");
    for id in ["", " ", "!", "NG1lLmNvbS9QZXJzb24vMTI ", "NG1l\nLmNv", "🦀"] {
        assert_eq!(parts(id), None, "{id:?}");
    }
    let largest = URL_SAFE_NO_PAD.encode(format!("xurrent/Person/{}", u64::MAX));
    assert_eq!(parts(&largest), some("xurrent", "Person", u64::MAX));
}

#[test]
fn parts_are_put_together_again() {
    let parts = NodeId { instance: "wdc@xurrent".into(), type_name: "Req".into(), number: 0 };
    assert_eq!(parts.to_string(), "wdc@xurrent/Req/0");
    assert_eq!(NodeId::decode(&parts.encode()), Some(parts));
}

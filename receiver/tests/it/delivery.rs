//! Deliveries as an inbox stores them.

use crate::endpoint::inbox;
use crate::support::drained;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use std::time::Duration;
use xurrent_receiver::{Inbox, RawDelivery, Worker};

fn read(headers: &[(&'static str, &'static str)], body: &'static str) -> RawDelivery {
    let headers =
        headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
    RawDelivery::read(&headers.collect(), Bytes::from_static(body.as_bytes())).unwrap()
}

#[test]
fn the_first_attempt_is_its_own_origin() {
    let body =
        r#"{"webhook_id":1,"event":"request.create","account":"https://wdc.xurrent.com","object_id":7}"#;
    let first = read(&[("x-xurrent-delivery", "a")], body);
    assert_eq!((first.id.as_deref(), first.origin.as_deref()), (Some("a"), Some("a")));
    assert_eq!(first.decode().unwrap().origin, None);
    let second = read(&[("x-xurrent-delivery", "b"), ("x-xurrent-delivery-origin", "a")], body);
    assert_eq!((second.id.as_deref(), second.origin.as_deref()), (Some("b"), Some("a")));
    assert_eq!(second.decode().unwrap().origin.as_deref(), Some("a"));
    let older = read(&[("X-4me-Delivery", "c")], body);
    assert_eq!(older.origin.as_deref(), Some("c"));
    assert_eq!(read(&[("x-xurrent-delivery", " ")], body).origin, None);
}

#[test]
fn equal_numbers_of_two_types_are_two_records() {
    let node = read(
        &[],
        r#"{"webhook_id":1,"account":"a","event":"task.update","object_id":7,"object_nodeID":"eHl6"}"#,
    );
    assert_eq!(node.record.as_deref(), Some("eHl6"));
    let task = read(&[], r#"{"webhook_id":1,"account":"a","event":"task.update","object_id":7}"#);
    let request = read(&[], r#"{"webhook_id":1,"account":"a","event":"request.update","object_id":"7"}"#);
    assert_eq!(task.record.as_deref(), Some("task/7"));
    assert_eq!(request.record.as_deref(), Some("request/7"));
}

#[test]
fn bodies_that_are_not_deliveries_are_rejected_without_quoting_them() {
    let complete = r#"{"webhook_id":1,"account":"a","event":"task.update","object_id":7}"#;
    read(&[], complete);
    for body in [
        "",
        "[]",
        "null",
        "{}",
        r#"{"event":7}"#,
        "{\"event\":\"a\"",
        r#"{"webhook_id":"private","account":"a","event":"task.update","object_id":7}"#,
        r#"{"webhook_id":1,"account":"a","event":"automation_rule","object_id":null}"#,
    ] {
        let body = Bytes::from_static(body.as_bytes());
        let rejection = RawDelivery::read(&HeaderMap::new(), body.clone()).unwrap_err();
        assert_eq!(rejection.reason(), "malformed", "{body:?}");
        assert!(!rejection.to_string().contains("private"), "{rejection}");
    }
}

#[test]
fn debug_output_contains_neither_body_nor_token() {
    let mut delivery = RawDelivery::new("a", "e", "{\"note\":\"private\"}");
    delivery.token = Some("jti-1".to_owned());
    let output = format!("{delivery:?}");
    assert!(!output.contains("private") && !output.contains("jti-1"), "{output}");
}

/// Older versions stored bodies without decoding all of them.
#[tokio::test]
async fn a_stored_body_that_is_not_a_delivery_becomes_a_dead_letter() {
    let (inbox, _folder) = inbox().await;
    inbox.store(RawDelivery::new("a", "request.create", r#"{"event":"request.create"}"#)).await.unwrap();
    let worker = Worker::builder(inbox.clone()).start(|_| async { panic!("the handler was called") });
    drained(&inbox).await;
    worker.shutdown(Duration::ZERO).await;
    let letters =
        inbox.dead_letters(xurrent_receiver::inbox::DeadLetterFilter::all(), None, 9).await.unwrap();
    assert_eq!(letters[0].reason, "body is not a delivery: field `webhook_id` is missing");
    assert_eq!(letters[0].delivery.attempt, 1);
}

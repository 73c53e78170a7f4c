//! From JSON to typed deliveries: values, payloads, ids of headers, and what is no delivery.

use super::*;
use std::collections::BTreeSet;
use xurrent_values::{Decimal, OpenEnum, Timestamp};
use xurrent_webhook::{
    ChargeType, CommonPayload, Event, OutOfOfficePeriodPayload, Payload, TimeEntryPayload, VerifyPayload,
};

fn unsigned() -> Verifier {
    Verifier::builder().account_url(ACCOUNT).dangerously_accept_unsigned().build().unwrap()
}

async fn with_payload(event: &str, payload: &str) -> Delivery {
    let json =
        format!(r#"{{"webhook_id":1,"account":"a","event":"{event}","object_id":2,"payload":{payload}}}"#);
    verify(&unsigned(), json).await.unwrap()
}

#[test]
fn there_are_83_events_and_all_are_different() {
    assert_eq!(Event::VALUES.len(), 83);
    assert_eq!(Event::VALUES.iter().collect::<BTreeSet<_>>().len(), 83);
    for (name, variant) in Event::VALUES.iter().zip(Event::VARIANTS) {
        assert_eq!(variant.as_str(), *name);
        assert_eq!(Event::from(*name), *variant);
        let (object, action) = name.split_once('.').map_or((*name, None), |(a, b)| (a, Some(b)));
        assert_eq!((variant.object(), variant.action()), (object, action));
        assert!(!object.contains('-') && !action.unwrap_or_default().contains('_'), "{name}");
    }
    for name in [
        "request.agile-board-column-changed",
        "automation_rule",
        "webhook.verify",
        "app_instance.secrets-update",
    ] {
        assert!(Event::VALUES.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn an_event_that_is_not_known_is_kept() {
    let delivery = with_payload("cloud.rain-started", r#"{"mm":3.50}"#).await;
    assert_eq!(delivery.event, Event::Unrecognized("cloud.rain-started".to_owned()));
    assert_eq!((delivery.event.object(), delivery.event.action()), ("cloud", Some("rain-started")));
    assert_eq!(delivery.event.to_string(), "cloud.rain-started");
    let Payload::Other(payload) = delivery.typed_payload().unwrap() else { panic!() };
    assert_eq!(payload.as_text(), r#"{"mm":3.50}"#);
}

#[tokio::test]
async fn a_time_entry_is_read_whole_and_without_rounding() {
    let delivery = with_payload(
        "time_entry.update",
        r#"{"id":70,"nodeID":"te","date":"2026-03-01","started_at":"2026-03-01T08:00:00+01:00","time_spent":-15,
            "correction":true,"deleted":false,"description":"Fixed","effort_class":{"id":1,"name":"Normal"},
            "time_allocation":{"id":2,"name":"Support"},"charge":"120.500000000000000000001","charge_rate":75.25,
            "charge_type":"time_material","charge_currency":"EUR","cost_currency":"USD","rateID":"r-1","agreementID":"a-1",
            "customer":{"id":3,"name":"Widget"},"organization":{"id":4},"person":{"id":5,"account":{"id":"wdc"}},
            "team":{"id":6},"service":{"id":7},"service_instance":{"id":8},"sla":{"id":9},"request":{"id":10,"subject":"Printer"},
            "problem":null,"task":{"id":12},"project_task":{"id":13},"note_id":14,"note_nodeID":"n",
            "created_at":"2026-03-01T08:15:00Z","updated_at":"2026-03-01T08:16:00Z","cost_center":"new"}"#,
    )
    .await;
    let entry: TimeEntryPayload = delivery.payload().unwrap();
    assert_eq!((entry.id, entry.time_spent, entry.correction, entry.deleted), (70, Some(-15), true, false));
    assert_eq!(entry.date.unwrap().to_string(), "2026-03-01");
    assert_eq!(entry.charge.unwrap().to_string(), "120.500000000000000000001");
    assert_eq!(entry.charge_rate, Some(Decimal::new(7525, 2)));
    assert_eq!(entry.charge_type, Some(ChargeType::TimeMaterial));
    assert_eq!((entry.rate_id.as_deref(), entry.agreement_id.as_deref()), (Some("r-1"), Some("a-1")));
    assert_eq!(entry.started_at, Some("2026-03-01T08:00:00+01:00".parse::<Timestamp>().unwrap()));
    assert_eq!(entry.request.as_ref().unwrap().subject.as_deref(), Some("Printer"));
    assert!(entry.problem.is_none());
    for (record, id) in [
        (&entry.effort_class, 1),
        (&entry.time_allocation, 2),
        (&entry.customer, 3),
        (&entry.organization, 4),
        (&entry.person, 5),
        (&entry.team, 6),
        (&entry.service, 7),
        (&entry.service_instance, 8),
        (&entry.sla, 9),
        (&entry.request, 10),
        (&entry.task, 12),
        (&entry.project_task, 13),
    ] {
        assert_eq!(record.as_ref().unwrap().id, Some(id));
    }
    // Written and read again it is the same, to the last digit.
    let written = serde_json::to_string(&entry).unwrap();
    assert!(written.contains(r#""charge":"120.500000000000000000001""#), "{written}");
    assert_eq!(serde_json::from_str::<TimeEntryPayload>(&written).unwrap(), entry);
    assert_eq!(delivery.typed_payload().unwrap(), Payload::TimeEntry(Box::new(entry)));
}

#[tokio::test]
async fn a_period_out_of_office_is_read_whole() {
    let delivery = with_payload(
        "out_of_office_period.create",
        r#"{"id":"71","nodeID":"o","person":{"id":1,"name":"Howard"},"approval_delegate":{"id":2,"name":"Ellen"},"reason":"Holiday",
            "start_at":"2026-07-01T00:00:00-06:00","end_at":"2026-07-14T00:00:00-06:00","effort_class":{"id":3},
            "time_allocation":{"id":4},"source":"HR","sourceID":"hr-9","created_at":"2026-06-01T00:00:00Z","updated_at":null}"#,
    )
    .await;
    let period: OutOfOfficePeriodPayload = delivery.payload().unwrap();
    assert_eq!((period.id, period.reason.as_deref()), (71, Some("Holiday")));
    assert_eq!(period.approval_delegate.as_ref().unwrap().name.as_deref(), Some("Ellen"));
    assert_eq!(period.end_at.unwrap().to_string(), "2026-07-14T00:00:00-06:00");
    assert_eq!((period.source_id.as_deref(), period.updated_at), (Some("hr-9"), None));
    assert!(matches!(delivery.typed_payload().unwrap(), Payload::OutOfOfficePeriod(_)));
}

#[tokio::test]
async fn an_automation_rule_brings_a_type_of_the_users_own() {
    #[derive(Debug, serde::Deserialize)]
    struct Extra {
        approvals: Vec<Approval>,
    }
    #[derive(Debug, serde::Deserialize)]
    struct Approval {
        level: u8,
        amount: xurrent_values::Json,
    }
    let delivery =
        with_payload("automation_rule", r#"{"approvals":[{"level":1,"amount":0.10000000000000000001}]}"#)
            .await;
    let extra: Extra = delivery.payload().unwrap();
    assert_eq!(
        (extra.approvals[0].level, extra.approvals[0].amount.as_text()),
        (1, "0.10000000000000000001")
    );
    assert!(matches!(delivery.typed_payload().unwrap(), Payload::Other(_)));

    let headers = headers(&[("x-xurrent-delivery", "d-1")]);
    let json = r#"{"webhook_id":1,"account":"a","event":"automation_rule","object_id":2,"payload":{"approvals":[{"level":1,"amount":1},{"level":"two"}]}}"#;
    let delivery = unsigned().verify(&headers, json.as_bytes()).await.unwrap();
    let error = delivery.payload::<Extra>().unwrap_err();
    assert_eq!(error.delivery_id(), Some("d-1"));
    let text = format!("{error:#}");
    assert!(text.contains("`automation_rule`") && text.contains("Extra"), "{text}");
    assert!(text.contains("approvals[1].level: invalid type: string \"two\", expected u8"), "{text}");
}

#[tokio::test]
async fn a_payload_that_does_not_fit_names_its_path() {
    for (payload, expected) in [
        (r#"{"note_id":"x"}"#, "note_id: \"x\" is not a valid Int (in CommonPayload)"),
        (r#"{"team":{"id":[]}}"#, "team.id: expected Int, found an array (in RecordRef)"),
        (r#"{"team":"T"}"#, "team: expected RecordRef, found a string (in CommonPayload)"),
        (r#"{"status":"a","status":"b"}"#, "status: the key occurs twice (in CommonPayload)"),
    ] {
        let error = with_payload("request.update", payload).await.payload::<CommonPayload>().unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(expected), "{source}");
    }
    let error = with_payload("webhook.verify", "{}").await.payload::<VerifyPayload>().unwrap_err();
    assert!(
        std::error::Error::source(&error).unwrap().to_string().contains("callback: the field is missing")
    );
    let error =
        with_payload("time_entry.create", r#"{"id":1,"charge":"1,5"}"#).await.typed_payload().unwrap_err();
    assert!(
        std::error::Error::source(&error)
            .unwrap()
            .to_string()
            .contains("charge: \"1,5\" is not a valid Decimal")
    );
}

#[tokio::test]
async fn an_event_may_come_without_payload() {
    for json in [
        r#"{"webhook_id":1,"account":"a","event":"ci.update","object_id":2}"#,
        r#"{"webhook_id":1,"account":"a","event":"ci.update","object_id":2,"payload":null}"#,
    ] {
        let delivery = verify(&unsigned(), json).await.unwrap();
        assert_eq!(delivery.raw_payload.as_text(), "null");
        assert!(matches!(delivery.typed_payload().unwrap(), Payload::Other(_)));
    }
}

#[tokio::test]
async fn unknown_fields_are_tolerated_everywhere() {
    let json = r#"{"new":{"deep":[1,{"x":null}]},"webhook_id":1,"account":"a","event":"ci.update","object_id":2,"zz":1e5,"payload":{"new":[],"team":{"id":1,"new":0}}}"#;
    let delivery = verify(&unsigned(), json).await.unwrap();
    let payload: CommonPayload = delivery.payload().unwrap();
    assert_eq!(payload.team.unwrap().id, Some(1));
}

#[tokio::test]
async fn numbers_written_as_texts_are_numbers() {
    let json = r#"{"webhook_id":"9007199254740993","account":"a","account_id":12,"event":"ci.update","object_id":"2","person_id":"3"}"#;
    let delivery = verify(&unsigned(), json).await.unwrap();
    assert_eq!(
        (delivery.webhook_id, delivery.object_id, delivery.person_id),
        (9_007_199_254_740_993, 2, Some(3))
    );
    assert_eq!(delivery.account_id.as_deref(), Some("12"));
}

#[tokio::test]
async fn what_is_missing_or_of_another_type_is_named_by_its_path() {
    for (json, expected) in [
        (r#"{"account":"a","event":"x","object_id":2}"#, "webhook_id: the field is missing (in Message)"),
        (r#"{"webhook_id":1,"event":"x","object_id":2}"#, "account: the field is missing (in Message)"),
        (r#"{"webhook_id":1,"account":"a","object_id":2}"#, "event: the field is missing (in Message)"),
        (r#"{"webhook_id":1,"account":"a","event":"x"}"#, "object_id: the field is missing (in Message)"),
        (
            r#"{"webhook_id":null,"account":"a","event":"x","object_id":2}"#,
            "webhook_id: expected Int, found null (in Message)",
        ),
        (
            r#"{"webhook_id":"","account":"a","event":"x","object_id":2}"#,
            "webhook_id: \"\" is not a valid Int (in Message)",
        ),
        (
            r#"{"webhook_id":1.5,"account":"a","event":"x","object_id":2}"#,
            "webhook_id: \"1.5\" is not a valid Int (in Message)",
        ),
        (
            r#"{"webhook_id":1,"account":"a","event":7,"object_id":2}"#,
            "event: expected Event, found a number (in Message)",
        ),
        (
            r#"{"webhook_id":1,"webhook_id":1,"account":"a","event":"x","object_id":2}"#,
            "webhook_id: the key occurs twice (in Message)",
        ),
    ] {
        assert_eq!(
            reason(verify(&unsigned(), json).await),
            format!("the delivery cannot be read: {expected}")
        );
    }
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    for body in [
        &b""[..],
        b" ",
        b"null",
        b"[]",
        b"\"jwt\"",
        b"{",
        b"{}x",
        b"\xff",
        b"{\"a\":\"\xff\"}",
        b"{\"jwt\"}",
        b"\xef\xbb\xbf{}",
    ] {
        let reason = reason(verify(&unsigned(), body).await);
        assert!(
            reason.starts_with("the body cannot be read")
                || reason.starts_with("the delivery cannot be read")
                || reason == "the body is not UTF-8",
            "{reason}"
        );
    }
}

#[tokio::test]
async fn the_ids_of_a_delivery_are_read_by_new_and_old_names() {
    let json = br#"{"webhook_id":1,"account":"a","event":"ci.update","object_id":2}"#;
    for (pairs, id, origin, shared) in [
        (&[][..], None, None, None),
        (&[("X-Xurrent-Delivery", "a")], Some("a"), None, Some("a")),
        (&[("X-4ME-DELIVERY", "a")], Some("a"), None, Some("a")),
        (&[("x-4me-delivery", "old"), ("x-xurrent-delivery", "new")], Some("new"), None, Some("new")),
        (&[("x-xurrent-delivery", "b"), ("x-xurrent-delivery-origin", "a")], Some("b"), Some("a"), Some("a")),
        (&[("x-4me-delivery", "b"), ("X-4me-Delivery-Origin", "a")], Some("b"), Some("a"), Some("a")),
        (&[("x-xurrent-delivery", " ")], None, None, None),
    ] {
        let delivery = unsigned().verify(&headers(pairs), json).await.unwrap();
        assert_eq!((delivery.id.as_deref(), delivery.origin.as_deref()), (id, origin), "{pairs:?}");
        assert_eq!(delivery.origin_id(), shared);
    }
    let long = "x".repeat(129);
    let delivery = unsigned().verify(&headers(&[("x-xurrent-delivery", &long)]), json).await.unwrap();
    assert_eq!(delivery.id, None);
}

#[tokio::test]
async fn a_delivery_can_be_stored_and_is_the_same_afterwards() {
    let verifier = knowing(es256()).build().unwrap();
    let payload = serde_json::json!({ "charge": "0.10000000000000000001", "id": 1 });
    let body = es256().delivery(ACCOUNT).event("time_entry.create", 1).payload(payload).body();
    let headers = headers(&[
        ("x-xurrent-delivery", "b"),
        ("x-xurrent-delivery-origin", "a"),
        ("link", "<https://a/1>; rel=canonical"),
    ]);
    let delivery = verifier.verify(&headers, &body).await.unwrap();
    let stored = serde_json::to_string(&delivery).unwrap();
    let read: Delivery = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, delivery);
    assert_eq!(read.raw().as_text(), delivery.raw().as_text());
    assert_eq!((read.origin_id(), read.links.canonical()), (Some("a"), Some("https://a/1")));
    // Also its token: a delivery that is read again can still be released.
    verifier.release(&read).await.unwrap();
    verifier.verify(&headers, &body).await.unwrap();
    let broken = stored.replace("webhook_id", "webhook_number");
    let error = serde_json::from_str::<Delivery>(&broken).unwrap_err().to_string();
    assert!(error.contains("webhook_id: the field is missing"), "{error}");
}

//! Everything that Xurrent's own page on webhooks says about a delivery.

use super::*;
use xurrent_webhook::{CommonPayload, Event, Payload, VerifyPayload};

const VERIFY: &str = r#"{
    "webhook_id": 219,
    "webhook_nodeID": "NG1lMjQuMjIwODEyMTAxMzQ1QDRtZS1kZW1vLmNvbS9XZWJob29rLzM",
    "account": "https://mycompany.4me.com",
    "name": "Note added to Request of mycompany",
    "event": "webhook.verify",
    "object_id": 219,
    "object_nodeID": "NG1lMjQuMjIwODEyMTAxMzQ1QDRtZS1kZW1vLmNvbS9XZWJob29rLzM",
    "person_id": 8543,
    "person_nodeID": "NG1lMjQuMjIwODEyMTAxMzQ1QDRtZS1kZW1vLmNvbS9QZXJzb24vNg",
    "person_name": "Howard Tanner",
    "payload": {
        "callback": "https://mycompany.4me.com/webhooks/219/verify?code=EmzqeGYTj5LAIwY-hWoYNLJQ&expires_at=1610618451"
    }
}"#;

const NOTE_ADDED: &str = r#"{
    "webhook_id": 945,
    "account": "https://mycompany.4me.com",
    "name": "Note added to Request of mycompany",
    "event": "request.note-added",
    "object_id": 219,
    "person_id": 8543,
    "person_name": "Howard Tanner",
    "payload": {
        "source": "self service",
        "member": { "name": "Tom Edwards", "id": 8529 },
        "status": "workflow_pending",
        "team": { "id": 372, "name": "End-User Support, Houston" }
    }
}"#;

fn unsigned() -> Verifier {
    Verifier::builder()
        .account_url("https://mycompany.4me.com")
        .dangerously_accept_unsigned()
        .build()
        .unwrap()
}

async fn read(json: impl AsRef<[u8]>) -> Delivery {
    verify(&unsigned(), json).await.unwrap()
}

/// A delivery with one payload.
async fn with_payload(event: &str, payload: &str) -> Delivery {
    read(format!(
        r#"{{"webhook_id":1,"account":"https://mycompany.4me.com","event":"{event}","object_id":2,"payload":{payload}}}"#
    ))
    .await
}

#[tokio::test]
async fn the_request_of_a_verification_is_read() {
    let headers = headers(&[
        ("Content-Type", "application/json; charset=utf-8"),
        ("Host", "myserver.example.com"),
        ("User-Agent", "4me/1.0 (https://developer.xurrent.com/v1/webhooks)"),
        (
            "Link",
            r#"<https://mycompany.4me.com/webhooks/219>; rel="canonical", <https://api.4me.com/v1/webhooks/219>; rel="resource""#,
        ),
    ]);
    let delivery = unsigned().verify(&headers, VERIFY.as_bytes()).await.unwrap();
    assert_eq!(delivery.webhook_id, 219);
    assert_eq!(
        delivery.webhook_node_id.as_ref().unwrap().as_str(),
        "NG1lMjQuMjIwODEyMTAxMzQ1QDRtZS1kZW1vLmNvbS9XZWJob29rLzM"
    );
    assert_eq!(delivery.account, "https://mycompany.4me.com");
    assert_eq!(delivery.name.as_deref(), Some("Note added to Request of mycompany"));
    assert_eq!(delivery.event, Event::WebhookVerify);
    assert_eq!((delivery.event.object(), delivery.event.action()), ("webhook", Some("verify")));
    assert_eq!(delivery.object_id, 219);
    assert_eq!(delivery.object_node_id, delivery.webhook_node_id);
    assert_eq!(delivery.person_id, Some(8543));
    assert_eq!(
        delivery.person_node_id.as_ref().unwrap().as_str(),
        "NG1lMjQuMjIwODEyMTAxMzQ1QDRtZS1kZW1vLmNvbS9QZXJzb24vNg"
    );
    assert_eq!(delivery.person_name.as_deref(), Some("Howard Tanner"));
    let payload: VerifyPayload = delivery.payload().unwrap();
    assert!(payload.callback.ends_with("?code=EmzqeGYTj5LAIwY-hWoYNLJQ&expires_at=1610618451"));
    assert_eq!(delivery.typed_payload().unwrap(), Payload::Verify(payload));
    assert_eq!(delivery.links.canonical(), Some("https://mycompany.4me.com/webhooks/219"));
    assert_eq!(delivery.links.resource(), Some("https://api.4me.com/v1/webhooks/219"));
    assert_eq!(delivery.links.related().count(), 0);
    assert_eq!(delivery.raw().as_text(), VERIFY);
}

#[tokio::test]
async fn the_request_of_an_event_is_read() {
    let headers = headers(&[(
        "Link",
        r#"<https://mycompany.4me.com/requests/219>; rel="canonical", <https://api.4me.com/v1/requests/219>; rel="resource", <https://api.4me.com/v1/requests/219/notes/3455>; rel="related""#,
    )]);
    let delivery = unsigned().verify(&headers, NOTE_ADDED.as_bytes()).await.unwrap();
    assert_eq!((delivery.webhook_id, delivery.object_id), (945, 219));
    assert_eq!(delivery.event, Event::RequestNoteAdded);
    assert_eq!((delivery.webhook_node_id.clone(), delivery.object_node_id.clone()), (None, None));
    assert_eq!(delivery.links.canonical(), Some("https://mycompany.4me.com/requests/219"));
    assert_eq!(delivery.links.resource(), Some("https://api.4me.com/v1/requests/219"));
    let related: Vec<&str> = delivery.links.related().collect();
    assert_eq!(related, ["https://api.4me.com/v1/requests/219/notes/3455"]);
    let payload: CommonPayload = delivery.payload().unwrap();
    assert_eq!(payload.source.as_deref(), Some("self service"));
    assert_eq!(payload.status.as_deref(), Some("workflow_pending"));
    assert_eq!((payload.previous_status, payload.audit_line_id, payload.note_id), (None, None, None));
    let (member, team) = (payload.member.unwrap(), payload.team.unwrap());
    assert_eq!((member.id, member.name.as_deref()), (Some(8529), Some("Tom Edwards")));
    assert_eq!((team.id, team.name.as_deref()), (Some(372), Some("End-User Support, Houston")));
    assert!(!team.disabled && team.account.is_none());
}

#[tokio::test]
async fn all_fields_of_the_body_are_read() {
    let delivery = read(
        r#"{"webhook_id":1,"webhook_nodeID":"a","account_id":"wdc","account":"https://wdc.xurrent.com",
            "custom_url":"https://help.wdc.com","name":"n","event":"sla.update","object_id":2,"object_nodeID":"b",
            "person_id":3,"person_nodeID":"c","person_name":"p","instance_name":"Production","payload":{}}"#,
    )
    .await;
    assert_eq!(delivery.account_id.as_deref(), Some("wdc"));
    assert_eq!(delivery.custom_url.as_deref(), Some("https://help.wdc.com"));
    assert_eq!(delivery.instance_name.as_deref(), Some("Production"));
    assert_eq!(delivery.raw_payload.as_text(), "{}");
}

#[tokio::test]
async fn the_person_is_empty_for_events_of_the_system() {
    let absent = r#"{"webhook_id":1,"account":"a","event":"ci.update","object_id":2}"#;
    let null = r#"{"webhook_id":1,"account":"a","event":"ci.update","object_id":2,"person_id":null,"person_nodeID":null,"person_name":null}"#;
    let empty = r#"{"webhook_id":1,"account":"a","event":"ci.update","object_id":2,"person_id":"","person_nodeID":"","person_name":""}"#;
    for json in [absent, null, empty] {
        let delivery = read(json).await;
        assert_eq!(
            (delivery.person_id, delivery.person_node_id.clone(), delivery.person_name.clone()),
            (None, None, None)
        );
    }
}

#[tokio::test]
async fn all_fields_of_the_common_payload_are_read() {
    let payload: CommonPayload = with_payload(
        "request.status-changed",
        r#"{"audit_line_id":11,"audit_line_nodeID":"al","note_id":12,"note_nodeID":"no","source":"Nagios","sourceID":"x-1",
            "status":"completed","previous_status":"assigned",
            "team":{"id":21,"nodeID":"te","name":"T","sourceID":"t-1","disabled":true,"account":{"id":"wdc","name":"Widget"}},
            "member":{"id":22,"nodeID":"me","name":"M","sourceID":"m-1","disabled":true,"account":{"id":"msp","name":"Provider"}}}"#,
    )
    .await
    .payload()
    .unwrap();
    assert_eq!((payload.audit_line_id, payload.note_id), (Some(11), Some(12)));
    assert_eq!(payload.audit_line_node_id.unwrap().as_str(), "al");
    assert_eq!(payload.note_node_id.unwrap().as_str(), "no");
    assert_eq!((payload.source.as_deref(), payload.source_id.as_deref()), (Some("Nagios"), Some("x-1")));
    assert_eq!(
        (payload.status.as_deref(), payload.previous_status.as_deref()),
        (Some("completed"), Some("assigned"))
    );
    for (record, id, node_id, source_id, account) in [
        (payload.team.unwrap(), 21, "te", "t-1", ("wdc", "Widget")),
        (payload.member.unwrap(), 22, "me", "m-1", ("msp", "Provider")),
    ] {
        assert_eq!((record.id, record.node_id.unwrap().as_str()), (Some(id), node_id));
        assert_eq!((record.source_id.as_deref(), record.disabled), (Some(source_id), true));
        let of = record.account.unwrap();
        assert_eq!((of.id.as_deref(), of.name.as_deref()), (Some(account.0), Some(account.1)));
    }
}

#[tokio::test]
async fn the_previous_status_comes_with_six_events() {
    for object in ["request", "problem", "workflow", "task", "project", "project_task"] {
        let event = format!("{object}.status-changed");
        let delivery = with_payload(&event, r#"{"status":"b","previous_status":"a"}"#).await;
        assert!(!matches!(delivery.event, Event::Unrecognized(_)), "{event}");
        let Payload::Common(payload) = delivery.typed_payload().unwrap() else { panic!("{event}") };
        assert_eq!(payload.previous_status.as_deref(), Some("a"));
    }
}

#[tokio::test]
async fn a_webhook_of_a_triggered_account_is_of_that_account() {
    // The agreement is globalnet's, the customer wdc: both have the webhook `sla.update`.
    for account in ["https://globalnet.xurrent.com", "https://wdc.xurrent.com"] {
        let verifier = Verifier::builder()
            .account_url(account)
            .public_key(Algorithm::Es256, es256().public_key_pem())
            .build()
            .unwrap();
        let body = es256().delivery(account).event("sla.update", 5).body();
        assert_eq!(verify(&verifier, &body).await.unwrap().account, account);
    }
}

#[tokio::test]
async fn the_signed_form_holds_the_same_delivery() {
    let verifier = Verifier::builder()
        .account_url("https://mycompany.4me.com")
        .public_key(Algorithm::Es256, es256().public_key_pem())
        .build()
        .unwrap();
    let data: serde_json::Value = serde_json::from_str(NOTE_ADDED).unwrap();
    let body = es256().delivery("https://mycompany.4me.com").data(&data).unwrap().body();
    let signed = verify(&verifier, &body).await.unwrap();
    assert_eq!(signed.message.raw_payload.to_value(), data["payload"]);
    let unsigned = read(NOTE_ADDED).await;
    assert_eq!((&signed.event, signed.person_id), (&unsigned.event, unsigned.person_id));
    assert!(signed.signed && !unsigned.signed);
}

#[tokio::test]
async fn the_additional_measures_of_the_page_can_be_combined() {
    // https://myuser:mylogin@myserver.example.com/mywebhook?secret=..
    let verifier = Verifier::builder()
        .account_url("https://mycompany.4me.com")
        .dangerously_accept_unsigned()
        .secret_query_parameter("secret", "correct horse")
        .basic_auth("myuser", "mylogin")
        .webhook_id(945)
        .build()
        .unwrap();
    let uri = "/mywebhook?secret=correct%20horse".parse().unwrap();
    let headers = headers(&[("authorization", "Basic bXl1c2VyOm15bG9naW4=")]);
    verifier.verify_at(&uri, &headers, NOTE_ADDED.as_bytes()).await.unwrap();
    let other = verifier.verify_at(&uri, &headers, VERIFY.as_bytes()).await;
    assert_eq!(reason(other), "unexpected webhook 219");
}

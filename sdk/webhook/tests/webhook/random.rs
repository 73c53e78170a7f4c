//! Random input: nothing panics, nothing unsigned is accepted, and what is written is read again.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;
use xurrent_webhook::{CommonPayload, OutOfOfficePeriodPayload, TimeEntryPayload};

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
static STRICT: LazyLock<Verifier> = LazyLock::new(|| knowing(es256()).build().unwrap());
static OPEN: LazyLock<Verifier> =
    LazyLock::new(|| Verifier::builder().account_url(ACCOUNT).dangerously_accept_unsigned().build().unwrap());

fn run(verifier: &Verifier, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refused> {
    RUNTIME.block_on(verifier.verify(headers, body))
}

/// JSON of any shape, with the keys of deliveries more often than chance would have them.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
        "[0-9]{1,24}([.][0-9]{1,9})?".prop_map(Into::into),
    ];
    let key = prop_oneof![
        prop::sample::select(vec![
            "jwt",
            "webhook_id",
            "account",
            "event",
            "object_id",
            "payload",
            "team",
            "member",
            "id",
            "nodeID",
            "name",
            "person_id",
            "charge",
            "date",
            "started_at",
            "time_spent",
            "callback",
            "disabled",
            "status",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,8}",
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((key.clone(), inner), 0..8)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn read_everything(delivery: &Delivery) {
    let _ = delivery.typed_payload();
    let _ = delivery.payload::<CommonPayload>();
    let _ = delivery.payload::<TimeEntryPayload>();
    let _ = delivery.payload::<OutOfOfficePeriodPayload>();
    let _ = (format!("{delivery:?}"), delivery.origin_id(), serde_json::to_string(&delivery.message));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_refused(body in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(run(&STRICT, &HeaderMap::new(), &body).is_err());
        if let Ok(delivery) = run(&OPEN, &HeaderMap::new(), &body) {
            read_everything(&delivery);
        }
    }

    #[test]
    fn any_json_is_read_or_refused(json in json()) {
        let body = json.to_string();
        prop_assert!(run(&STRICT, &HeaderMap::new(), body.as_bytes()).is_err());
        if let Ok(delivery) = run(&OPEN, &HeaderMap::new(), body.as_bytes()) {
            read_everything(&delivery);
        }
    }

    #[test]
    fn any_token_is_refused(header in json(), claims in json()) {
        let other = signer(Algorithm::Es384);
        let token = other.token(&header.to_string(), &claims.to_string());
        let body = format!(r#"{{"jwt":"{token}"}}"#);
        prop_assert!(run(&STRICT, &HeaderMap::new(), body.as_bytes()).is_err());
    }

    #[test]
    fn any_delivery_that_is_signed_is_read_as_it_was_written(
        webhook in any::<i64>(), object in any::<i64>(), event in "\\PC{0,20}", name in "\\PC{1,40}", payload in json(),
    ) {
        let body = es256()
            .delivery(ACCOUNT)
            .event(&event, object)
            .field("webhook_id", webhook)
            .field("name", name.clone())
            .payload(payload.clone())
            .body();
        let delivery = run(&STRICT, &HeaderMap::new(), &body).unwrap();
        prop_assert_eq!((delivery.webhook_id, delivery.object_id), (webhook, object));
        prop_assert_eq!((delivery.event.as_str(), delivery.name.as_deref()), (event.as_str(), Some(name.as_str())));
        prop_assert_eq!(delivery.raw_payload.as_text(), payload.to_string());
        read_everything(&delivery);
    }

    #[test]
    fn any_headers_are_read(link in "[ -~]{0,80}", id in "[ -~]{0,40}") {
        let body = r#"{"webhook_id":1,"account":"a","event":"x","object_id":1}"#;
        let headers = headers(&[("link", &link), ("x-xurrent-delivery", &id), ("authorization", &link)]);
        let delivery = run(&OPEN, &headers, body.as_bytes()).unwrap();
        prop_assert!(delivery.links.iter().all(|link| !link.relation.is_empty()));
    }

    #[test]
    fn any_issuer_that_is_accepted_is_the_account_s(issuer in "https://[a-z.@:/\\\\%?#0-9-]{0,12}(wdc\\.xurrent\\.com)?[a-z.@:/\\\\%?#0-9-]{0,12}") {
        if run(&STRICT, &HeaderMap::new(), &es256().delivery(&issuer).body()).is_ok() {
            let url = url::Url::parse(&issuer).unwrap();
            prop_assert_eq!(url.host_str(), Some("wdc.xurrent.com"));
            prop_assert_eq!(url.port_or_known_default(), Some(443));
            prop_assert_eq!((url.username(), url.query(), url.fragment()), ("", None, None));
        }
    }
}

//! A receiver with a verifier of the SDK, over real sockets: only signed deliveries, of any
//! algorithm, reach the handler.

use crate::support::{Sender, serve, until};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::webhook::test::Signer;
use xurrent_receiver::webhook::{Algorithm, Delivery, Event, Verifier};
use xurrent_receiver::{Failure, Inbox, InboxReplayProtection, QueuedDelivery, Receiver, Worker};

const ISSUER: &str = "https://wdc.xurrent.com";

struct Endpoint {
    sender: Sender,
    inbox: SqliteInbox,
    handled: Arc<Mutex<Vec<Delivery>>>,
    _worker: Worker,
    _folder: TempDir,
}

async fn endpoint(signer: &Signer) -> Endpoint {
    let folder = TempDir::new().unwrap();
    let inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
    let verifier = Verifier::builder()
        .account_url(ISSUER)
        .public_key(signer.algorithm(), signer.public_key_pem())
        .replay_store(InboxReplayProtection)
        .build()
        .unwrap();
    let receiver = Receiver::builder(verifier, inbox.clone()).build();
    let handled: Arc<Mutex<Vec<Delivery>>> = Arc::default();
    let noted = Arc::clone(&handled);
    let worker = receiver.worker().start(move |delivery: QueuedDelivery| {
        let noted = Arc::clone(&noted);
        async move {
            noted.lock().unwrap().push(delivery.delivery);
            Ok::<(), Failure>(())
        }
    });
    let sender = Sender::connect(serve(receiver.router("/xurrent")).await).await.unwrap();
    Endpoint { sender, inbox, handled, _worker: worker, _folder: folder }
}

impl Endpoint {
    async fn post(&mut self, origin: &str, body: &[u8]) -> u16 {
        let headers = format!("x-xurrent-delivery: {origin}\r\n");
        let body = String::from_utf8(body.to_vec()).unwrap();
        self.sender.deliver_with("", &headers, &body).await.unwrap().status
    }
}

#[tokio::test]
async fn signed_deliveries_of_every_algorithm_reach_the_handler_once() {
    for algorithm in [
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::Es512,
    ] {
        let signer = Signer::generate(algorithm).unwrap();
        let mut endpoint = endpoint(&signer).await;
        let note = json!({ "note_id": 12, "source": "test" });
        let body = signer.delivery(ISSUER).event("request.note-added", 7).payload(note).body();
        assert_eq!(endpoint.post("a", &body).await, 200, "{algorithm:?}");
        // Retries after a lost response, also with another id, are recognised by their token.
        assert_eq!(endpoint.post("a", &body).await, 200);
        assert_eq!(endpoint.post("b", &body).await, 200);
        until("it is handled", async || !endpoint.handled.lock().unwrap().is_empty()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let handled = endpoint.handled.lock().unwrap().clone();
        assert_eq!(handled.len(), 1, "{handled:?}");
        assert_eq!((&handled[0].event, handled[0].object_id), (&Event::RequestNoteAdded, 7));
        assert!(handled[0].signed);
    }
}

#[tokio::test]
async fn a_token_id_of_the_maximum_length_is_stored() {
    let signer = Signer::generate(Algorithm::Es256).unwrap();
    let mut endpoint = endpoint(&signer).await;
    let issuer = format!("{ISSUER}/{}", "a".repeat(512 - ISSUER.len() - 1));
    let delivery = signer.delivery(&issuer).claim("jti", "\u{1f600}".repeat(256)).field("account", ISSUER);
    assert_eq!(endpoint.post("a", &delivery.body()).await, 200);
    assert_eq!(endpoint.post("b", &delivery.body()).await, 200);
    until("it is handled", async || !endpoint.handled.lock().unwrap().is_empty()).await;
    assert_eq!(endpoint.handled.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn deliveries_not_signed_by_the_policy_are_rejected() {
    let signer = Signer::generate(Algorithm::Es256).unwrap();
    let mut endpoint = endpoint(&signer).await;
    let forger = Signer::generate(Algorithm::Es256).unwrap();
    let plain = json!({ "webhook_id": 1, "account": ISSUER, "event": "request.create", "object_id": 7, "payload": {} });
    for body in [
        forger.delivery(ISSUER).event("request.create", 7).body(),
        signer.delivery("https://wdc.xurrent.com.example").event("request.create", 7).body(),
        plain.to_string().into_bytes(),
        b"{}".to_vec(),
    ] {
        assert_eq!(endpoint.post("a", &body).await, 403, "{}", String::from_utf8_lossy(&body));
    }
    assert_eq!(endpoint.inbox.depth().await.unwrap().pending, 0);
    assert_eq!(endpoint.handled.lock().unwrap().len(), 0);
    // A rejected token is not used up.
    let body = signer.delivery(ISSUER).event("request.create", 7).body();
    assert_eq!(endpoint.post("a", &body).await, 200);
}

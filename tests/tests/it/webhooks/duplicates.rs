//! What is delivered more than once is handled once.

use crate::webhooks::endpoint::{account, policy, rename, request, until, verifier, webhook};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use xurrent::webhook::Algorithm;
use xurrent::{WebhookEvent, WebhookPolicyJwtAlg};
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::{Failure, InboxReplayProtection, QueuedDelivery, Receiver};
use xurrent_sandbox::DeliveryFault;

/// The origin of a delivery, and the record it was about.
type Handled = (Option<String>, String);

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_with_an_inbox_handles_each_change_once_however_often_it_is_delivered() {
    let (sandbox, client) = account().await;
    for discovery in [false, true] {
        let folder = TempDir::new().unwrap();
        let inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
        let policy = policy(&client, WebhookPolicyJwtAlg::Es256).await;
        let mut builder = verifier(&sandbox).replay_store(InboxReplayProtection);
        if !discovery {
            builder = builder.public_key(Algorithm::Es256, policy.pem.clone().unwrap());
        }
        let receiver = Receiver::builder(builder.build().unwrap(), inbox).build();
        let handled: Arc<Mutex<Vec<Handled>>> = Arc::default();
        let noted = Arc::clone(&handled);
        let worker = receiver.worker().start(move |delivery: QueuedDelivery| {
            let noted = Arc::clone(&noted);
            async move {
                let record = delivery.object_node_id.as_ref().unwrap();
                let what = (delivery.origin_id().map(str::to_owned), record.to_string());
                noted.lock().unwrap().push(what);
                Ok::<(), Failure>(())
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/xurrent", listener.local_addr().unwrap());
        let app = receiver.router("/xurrent");
        let server = tokio::spawn(async move { axum::serve(listener, app).await });

        webhook(&client, WebhookEvent::RequestUpdate, &uri, &policy, discovery).await;
        sandbox.deliveries_settled().await;
        let before = sandbox.deliveries().len();
        let id = request(&client, "Printer").await;
        // Of each four, one comes twice with the same token, one again under another, one late.
        sandbox.delivery_faults((0..40).map(|number| match number % 4 {
            0 => DeliveryFault::twice(),
            1 => DeliveryFault::response_lost(),
            2 => DeliveryFault::delayed(Duration::from_millis(30)),
            _ => DeliveryFault::none(),
        }));
        for number in 0..30 {
            rename(&client, &id, &format!("Printer {number}")).await;
        }
        sandbox.deliveries_settled().await;
        until("all are handled", async || handled.lock().unwrap().len() >= 30).await;
        tokio::time::sleep(Duration::from_millis(200)).await;

        let attempts = sandbox.deliveries().split_off(before);
        assert!(attempts.len() >= 40, "{}", attempts.len());
        let origins: BTreeSet<&str> = attempts.iter().map(|attempt| attempt.origin.as_str()).collect();
        let handled = handled.lock().unwrap().clone();
        assert_eq!((origins.len(), handled.len()), (30, 30));
        assert_eq!(
            handled.iter().map(|(origin, _)| origin.as_deref().unwrap()).collect::<BTreeSet<_>>(),
            origins
        );
        assert!(handled.iter().all(|(_, record)| *record == id.to_string()));
        worker.shutdown(Duration::from_secs(5)).await;
        server.abort();
        let hooks = client.webhooks().all().await.unwrap();
        let own = hooks.into_iter().find(|hook| hook.uri.as_deref() == Some(uri.as_str())).unwrap();
        client.webhook_delete(xurrent::WebhookDeleteMutationInput::new(own.id)).await.unwrap();
    }
}

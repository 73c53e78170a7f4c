//! Receives deliveries and prints them, each once it is durable.
//!
//! For a webhook with a policy, whose deliveries are signed:
//!
//! ```sh
//! XURRENT_ACCOUNT_URL=https://wdc.xurrent.com cargo run -p xurrent-receiver --example receive
//! ```
//!
//! Without an account, accept unsigned deliveries with a secret in the query:
//!
//! ```sh
//! WEBHOOK_SECRET=correct-horse cargo run -p xurrent-receiver --example receive
//! curl -H 'x-xurrent-delivery: 1' 'http://127.0.0.1:8080/xurrent?secret=correct-horse' -d '{
//!     "webhook_id": 1, "account": "https://wdc.xurrent.com", "event": "request.create", "object_id": 7, "payload": {}
//! }'
//! ```
//!
//! Health and metrics are on port 8081. Ctrl-C or SIGTERM ends the program; remaining deliveries are
//! printed after the next start.

use std::error::Error;
use std::time::Duration;
use tokio::net::TcpListener;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::webhook::{TimeEntryPayload, Verifier};
use xurrent_receiver::{
    Failure, Inbox, InboxReplayProtection, QueuedDelivery, Receiver, Server, shutdown_signal,
};

async fn print(delivery: QueuedDelivery) -> Result<(), Failure> {
    println!("{} {} {} {}", delivery.queue_id, delivery.account, delivery.event, delivery.object_id);
    if delivery.event.object() == "time_entry" {
        let entry: TimeEntryPayload = delivery.payload()?;
        println!("  {} minutes of {:?}", entry.time_spent.unwrap_or_default(), entry.person);
    } else {
        println!("  {}", delivery.raw_payload);
    }
    Ok(())
}

/// Discovers the keys of signed deliveries and confirms handshakes.
fn verifier() -> Result<Verifier, Box<dyn Error>> {
    let builder = Verifier::builder().replay_store(InboxReplayProtection);
    let setting = |name| std::env::var(name).ok();
    Ok(match (setting("XURRENT_ACCOUNT_URL"), setting("WEBHOOK_SECRET")) {
        (Some(url), None) => builder.account_url(url),
        (Some(url), Some(secret)) => builder.account_url(url).secret_query_parameter("secret", secret),
        (None, Some(secret)) => builder
            .account_url("https://wdc.xurrent.com")
            .secret_query_parameter("secret", secret)
            .dangerously_accept_unsigned(),
        (None, None) => return Err("set XURRENT_ACCOUNT_URL, or WEBHOOK_SECRET to try it out".into()),
    }
    .build()?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let verifier = verifier()?;
    let inbox = SqliteInbox::open("inbox.sqlite").await?;
    let receiver = Receiver::builder(verifier, inbox.clone()).build();
    let worker = receiver.worker().in_order().start(print);

    let monitoring = TcpListener::bind("127.0.0.1:8081").await?;
    let monitor = receiver.monitoring();
    tokio::spawn(Server::new(monitor).serve(monitoring, std::future::pending()));
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    Server::new(receiver.router("/xurrent")).serve(listener, shutdown_signal()).await;

    worker.shutdown(Duration::from_secs(20)).await;
    inbox.close().await;
    Ok(())
}

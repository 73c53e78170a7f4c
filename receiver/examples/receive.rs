//! Receives deliveries and prints them, each once it is durable.
//!
//! ```sh
//! WEBHOOK_SECRET=correct-horse cargo run -p xurrent-receiver --example receive
//! curl -H 'x-xurrent-delivery: 1' -d '{"event":"request.create","account":"https://wdc.xurrent.com"}' \
//!     'http://127.0.0.1:8080/xurrent?secret=correct-horse'
//! ```
//!
//! It lets in whoever knows the secret in the address of the webhook. Health and metrics are on port
//! 8081. Control-C ends it; what was not printed is printed after the next start.

use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::{HeaderMap, Uri};
use std::error::Error;
use std::time::Duration;
use tokio::net::TcpListener;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::{Accepted, Check, Checked, Delivery, Failure, Receiver, Refused};

/// Lets in what has the secret in its address.
struct Secret {
    query: String,
}

impl Check for Secret {
    fn check<'a>(
        &'a self,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Checked, Refused>> {
        Box::pin(async move {
            if same(uri.query().unwrap_or_default(), &self.query) {
                Accepted::read(headers, body).map(Checked::Delivery)
            } else {
                Err(Refused::new("secret", "the address does not hold the secret"))
            }
        })
    }
}

/// Takes the same time whatever differs, so that nobody can guess letter by letter.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |sum, (l, r)| sum | (l ^ r)) == 0
}

async fn print(delivery: Delivery) -> Result<(), Failure> {
    let body: serde_json::Value = delivery.json()?;
    println!("{} {} {} {body:#}", delivery.id, delivery.account, delivery.event);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let secret = std::env::var("WEBHOOK_SECRET").map_err(|_| "set WEBHOOK_SECRET")?;
    let check = Secret { query: format!("secret={secret}") };

    let inbox = SqliteInbox::open("inbox.sqlite").await?;
    let receiver = Receiver::builder(check, inbox.clone()).build();
    let worker = receiver.worker().in_order().start(print);

    let monitoring = TcpListener::bind("127.0.0.1:8081").await?;
    let monitor = receiver.monitoring();
    tokio::spawn(async move { axum::serve(monitoring, monitor).await });
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, receiver.router("/xurrent"))
        .with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) })
        .await?;

    worker.shutdown(Duration::from_secs(20)).await;
    inbox.close().await;
    Ok(())
}

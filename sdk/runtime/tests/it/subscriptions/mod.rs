//! Subscriptions over sockets, from servers of every behaviour.

mod closing;
mod faults;
mod flow;
mod graphql_ws;
mod server;
mod settings;

use server::Server;
use std::time::Duration;
use xurrent_runtime::subscriptions::{SubscriptionCall, SubscriptionStream};
use xurrent_runtime::{
    Client, ClientBuilder, Decoded, Decoder, Error, Field, InputValue, Object, OperationType, RootField,
    Selection, Table,
};

static TICK: Table = Table { name: "Tick", fields: &["number"], nested: &[], source: "" };

static TICKED: RootField = RootField {
    operation: OperationType::Subscription,
    name: "ticked",
    arguments: &[("from", "Int!")],
    connection: None,
    selection: Selection::Object(&TICK),
};

#[derive(Debug, PartialEq)]
struct Tick {
    number: i64,
}

impl Field for Tick {
    fn placeholder() -> Self {
        Self { number: 0 }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.object(&TICK, &mut [&mut self.number])
    }
}

impl Object for Tick {
    const TABLE: &'static Table = &TICK;
}

const TOKEN: &str = "token-4f1b7a";

fn builder(address: &str) -> ClientBuilder {
    Client::builder()
        .endpoint(format!("http://{address}/graphql"))
        .header("x-account", "wdc")
        .personal_access_token(TOKEN)
}

fn call(client: &Client) -> SubscriptionCall<Tick> {
    SubscriptionCall::new(client.runtime(), &TICKED).argument("from", InputValue::Int(7))
}

fn ticks(server: &Server) -> SubscriptionStream<Tick> {
    call(&builder(&server.address).build().unwrap()).stream()
}

/// The next event, which must come.
async fn next(stream: &mut SubscriptionStream<Tick>) -> i64 {
    tokio::time::timeout(Duration::from_secs(20), stream.try_next()).await.unwrap().unwrap().unwrap().number
}

/// The next error, which must come.
async fn failure(stream: &mut SubscriptionStream<Tick>) -> Error {
    tokio::time::timeout(Duration::from_secs(20), stream.try_next()).await.unwrap().unwrap_err()
}

/// The stream must have ended.
async fn ended(stream: &mut SubscriptionStream<Tick>) {
    for _ in 0..2 {
        let end = tokio::time::timeout(Duration::from_secs(20), stream.try_next()).await;
        assert_eq!(end.unwrap().unwrap(), None);
    }
}

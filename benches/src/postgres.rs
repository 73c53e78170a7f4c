//! Receiver and worker on a PostgreSQL server of their own, which runs as long as the row is measured.

use crate::error::Error;
use crate::receiver;
use crate::run::Run;
use crate::table::Row;
use crate::worker;
use futures_core::future::BoxFuture;
use tokio::runtime::Runtime;
use xurrent_receiver::inbox::postgres::PostgresInbox;
use xurrent_receiver::inbox::postgres::tokio_postgres::{Client, NoTls, connect};

#[path = "../../receiver/tests/it/support/server.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "the server of the receiver's tests")]
mod server;

use server::Server;

fn start() -> Result<Server, Error> {
    Server::start()
        .ok_or_else(|| "needs an installed PostgreSQL server, such as `apt-get install postgresql`".into())
}

pub(crate) fn receive(run: &Run<'_>) -> Result<Row, Error> {
    let server = start()?;
    Ok(receiver::compare_with(run, || open(&server))?.target(4.0))
}

pub(crate) fn work(run: &Run<'_>) -> Result<Row, Error> {
    let server = start()?;
    let runtime = Runtime::new()?;
    let pairs = run.measure(
        5,
        || runtime.block_on(async { worker::worker(open(&server).await?).await }),
        || runtime.block_on(bare_queue(&server)),
    )?;
    Ok(worker::row(run, pairs))
}

/// An empty inbox.
fn open(server: &Server) -> BoxFuture<'static, Result<PostgresInbox, Error>> {
    let config = server.config();
    Box::pin(async move {
        let client = client(&config).await?;
        client.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await?;
        Ok(PostgresInbox::open(config.parse()?).await?)
    })
}

async fn client(config: &str) -> Result<Client, Error> {
    let (client, connection) = connect(config, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Microseconds to read, decode and delete a row, whose deletion is flushed as well.
async fn bare_queue(server: &Server) -> Result<f64, Error> {
    let client = client(&server.config()).await?;
    client
        .batch_execute(
            "DROP TABLE IF EXISTS queue; CREATE TABLE queue (id bigserial PRIMARY KEY, body text NOT NULL)",
        )
        .await?;
    let bodies: Vec<String> = (0..worker::DELIVERIES).map(worker::body).collect();
    client.execute("INSERT INTO queue (body) SELECT unnest(CAST($1 AS text[]))", &[&bodies]).await?;
    let take = client
        .prepare("DELETE FROM queue WHERE id IN (SELECT id FROM queue ORDER BY id LIMIT $1) RETURNING body")
        .await?;
    let started = std::time::Instant::now();
    let mut handled = 0;
    while handled < worker::DELIVERIES {
        for row in client.query(&take, &[&(worker::BATCH as i64)]).await? {
            let _: serde_json::Value = serde_json::from_str(row.try_get(0)?)?;
            handled += 1;
        }
    }
    Ok(worker::per_delivery(started.elapsed()))
}

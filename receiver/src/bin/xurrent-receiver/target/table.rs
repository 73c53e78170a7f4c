//! A target that is a table on a PostgreSQL server.

use super::stable_id::stable_id;
use crate::error::{Error, chain};
use deadpool_postgres::{Manager, Pool, Runtime};
use std::time::{Duration, UNIX_EPOCH};
use xurrent_receiver::inbox::postgres::ConnectOptions;
use xurrent_receiver::{Failure, QueuedDelivery};

/// How long to wait for a connection.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct Table {
    pool: Pool,
    insert: String,
}

impl Table {
    /// `name` can begin with a schema.
    pub(crate) fn new(name: &str, server: ConnectOptions, connections: usize) -> Result<Self, Error> {
        let is_plain = |part: &str| {
            !part.starts_with(|first: char| first.is_ascii_digit())
                && !part.is_empty()
                && part.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
        };
        let parts: Vec<&str> = name.split('.').collect();
        if parts.len() > 2 || !parts.iter().all(|part| is_plain(part)) {
            let why = "expected for example \"xurrent_deliveries\" or \"events.xurrent\"";
            return Err(Error::Configuration(format!("`target.table`: invalid name {name:?}; {why}")));
        }
        let name = format!("\"{}\"", parts.join("\".\""));
        let ConnectOptions { mut config, tls } = server;
        config.connect_timeout(TIMEOUT);
        let pool = Pool::builder(Manager::new(config, tls))
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(TIMEOUT))
            .create_timeout(Some(TIMEOUT))
            .recycle_timeout(Some(TIMEOUT))
            .build()
            .map_err(|error| Error::Failed(chain(&error)))?;
        let insert = format!(
            "INSERT INTO {name} (id, received, account, event, object_id, record, message)
             VALUES ($1, to_timestamp($2), $3, $4, $5, $6, CAST(CAST($7 AS text) AS json))
             ON CONFLICT (id) DO NOTHING"
        );
        Ok(Self { pool, insert })
    }

    /// Inserts a row, unless there is one with this id: an earlier attempt may have inserted it.
    pub(crate) async fn insert(&self, delivery: &QueuedDelivery) -> Result<(), Failure> {
        let client = self.pool.get().await?;
        let statement = client.prepare_cached(&self.insert).await?;
        let received = delivery.received.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let (id, record) = (stable_id(delivery), delivery.object_node_id.as_ref().map(|id| id.as_str()));
        let (event, message) = (delivery.event.as_str(), delivery.raw().as_text());
        let (account, object) = (&delivery.account, delivery.object_id);
        client.execute(&statement, &[&id, &received, account, &event, &object, &record, &message]).await?;
        Ok(())
    }

    /// Checks that the table has the columns.
    pub(crate) async fn check(&self) -> Result<(), Error> {
        let failed = |error: &dyn std::error::Error| Error::Failed(chain(error));
        let client = self.pool.get().await.map_err(|error| failed(&error))?;
        client.prepare(&self.insert).await.map(drop).map_err(|error| failed(&error))
    }
}

#![allow(deprecated)]

// Calls of all kinds of queries. `cargo xtask foreign --engine` adds the function that calls every one.

use crate::sdk::connection::ConnectionField;
use crate::sdk::{Client, ConnectionQuery, Query, Result};

/// Sends a call and prints its result. The server has made-up data for every field, so errors are ours.
async fn call(name: &str, query: impl Call) -> usize {
    match query.send().await {
        Ok(()) => println!("{name}"),
        Err(error) => panic!("{name}: {error:#}"),
    }
    1
}

trait Call {
    async fn send(self) -> Result<()>;
}

impl<T> Call for Query<T> {
    async fn send(self) -> Result<()> {
        Query::send(self).await.map(drop)
    }
}

impl<F: ConnectionField, T> Call for ConnectionQuery<F, T> {
    async fn send(self) -> Result<()> {
        let records = self.page_size(3).all().await?;
        assert_eq!(records.len(), 7, "three pages");
        Ok(())
    }
}

//! Connections of the pool, and deadlocks of their statements.

use super::schema::storage;
use crate::inbox::InboxError;
use deadpool_postgres::{Client, Pool};
use tokio_postgres::error::SqlState;

/// How often a statement is repeated after a deadlock, which rolls it back: storing and settling
/// deliveries of one record lock the same rows.
pub(super) const MAX_DEADLOCKS: u32 = 3;

pub(super) async fn client(pool: &Pool) -> Result<Client, InboxError> {
    pool.get().await.map_err(|error| match error {
        deadpool_postgres::PoolError::Closed => InboxError::Closed,
        deadpool_postgres::PoolError::Backend(error) => storage(error),
        error => InboxError::storage(error),
    })
}

pub(super) fn is_deadlock(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED)
}

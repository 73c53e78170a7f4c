//! The inbox in the dialect of PostgreSQL. All times are those of the server.

use super::{PostgresInbox, storage};
use crate::inbox::operations::{Database, Effects, Row, Shared, Statement};
use crate::inbox::{InboxFuture, Take};
use deadpool_postgres::GenericClient;
use rusqlite::types::Value;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};

/// The advisory lock for taking in order: each worker must see what the previous one took.
const TAKE_LOCK: i64 = 0x0078_7572_7475_726e;

/// How often a statement is repeated after a deadlock, which rolls it back: storing and settling
/// deliveries of one record lock the same rows.
const MAX_DEADLOCKS: u32 = 3;

impl Database for PostgresInbox {
    /// The server deletes the previous row later.
    const PROBE: &'static [&'static str] =
        &["INSERT INTO xurrent_probe (id, at, padding) VALUES (0, statement_timestamp(), $1)
           ON CONFLICT (id) DO UPDATE SET at = excluded.at, padding = excluded.padding"];

    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn run(&self, statements: Vec<Statement>, effects: Effects) -> InboxFuture<'_, Vec<Vec<Row>>> {
        Box::pin(async move {
            let client = self.client().await?;
            let mut results = Vec::new();
            for statement in &statements {
                let mut deadlocks = 0;
                let rows = loop {
                    match query(&client, statement).await {
                        Err(error) if is_deadlock(&error) && deadlocks < MAX_DEADLOCKS => deadlocks += 1,
                        rows => break rows.map_err(storage)?,
                    }
                };
                results.push(rows);
            }
            if effects.wakes {
                self.shared.changes.send_replace(());
            }
            Ok(results)
        })
    }

    fn run_take(&self, take: Statement, next: Statement, options: Take) -> InboxFuture<'_, Vec<Vec<Row>>> {
        Box::pin(async move {
            let mut client = self.client().await?;
            let taken = if options.in_order {
                let transaction = client.transaction().await.map_err(storage)?;
                let lock =
                    transaction.prepare_cached("SELECT pg_advisory_xact_lock($1)").await.map_err(storage)?;
                transaction.execute(&lock, &[&TAKE_LOCK]).await.map_err(storage)?;
                let taken = query(&transaction, &take).await.map_err(storage)?;
                transaction.commit().await.map_err(storage)?;
                taken
            } else {
                query(&client, &take).await.map_err(storage)?
            };
            // A worker that got as many as it asked for takes again without waiting.
            let next = match taken.len() < options.limit {
                true => query(&client, &next).await.map_err(storage)?,
                false => Vec::new(),
            };
            Ok(vec![taken, next])
        })
    }
}

fn is_deadlock(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED)
}

async fn query(
    client: &impl GenericClient,
    Statement { sql, values }: &Statement,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let sql = sql
        .replace("{deliveries}", "xurrent_delivery")
        .replace("{now}", "statement_timestamp()")
        .replace("{millisecond}", "interval '1 millisecond'")
        .replace("{ms(}", "CAST(1000 * extract(epoch FROM ")
        .replace("{)}", ") AS bigint)")
        // A trigger sets it.
        .replace("{held}", "false")
        .replace("{not_held}", "NOT held")
        .replace("{turn}", "")
        .replace("{skip_locked}", "FOR UPDATE SKIP LOCKED")
        .replace("{elements_of_$1}", "json_array_elements(CAST(CAST($1 AS text) AS json))");
    let statement = client.prepare_cached(&sql).await?;
    let values: Vec<_> = values.iter().map(parameter).collect();
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as _).collect();
    let rows = client.query(&statement, &values).await?;
    let read = |row: &tokio_postgres::Row| {
        let values: Vec<_> = (0..row.len()).map(|column| value(row, column)).collect::<Result<_, _>>()?;
        Ok(Row(values.into_iter()))
    };
    rows.iter().map(read).collect()
}

fn parameter(value: &Value) -> Box<dyn ToSql + Send + Sync + '_> {
    match value {
        Value::Integer(number) => Box::new(number),
        Value::Blob(bytes) => Box::new(bytes),
        // The server does not accept NUL characters in texts.
        Value::Text(text) => Box::new(text.replace('\0', "\u{FFFD}")),
        Value::Real(_) | Value::Null => Box::new(None::<String>),
    }
}

fn value(row: &tokio_postgres::Row, column: usize) -> Result<Value, tokio_postgres::Error> {
    Ok(match row.columns().get(column).map(|column| column.type_()) {
        Some(&Type::INT8) => row.try_get::<_, Option<i64>>(column)?.into(),
        Some(&Type::BYTEA) => row.try_get::<_, Option<Vec<u8>>>(column)?.into(),
        _ => row.try_get::<_, Option<String>>(column)?.into(),
    })
}

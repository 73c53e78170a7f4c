//! The tables, in SQLite or PostgreSQL: the same statements for both.

use anyhow::{Context, Result};
use std::sync::{Mutex, PoisonError};
use xurrent::jiff::Timestamp;

/// Times are texts in UTC that sort as the times do: `updated_at` is that of the server, `read_at` is when this
/// machine sent the request for the version. `json` is null for a record that is gone.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS record (kind TEXT NOT NULL, id TEXT NOT NULL, updated_at TEXT NOT NULL,
        read_at TEXT NOT NULL, json TEXT, PRIMARY KEY (kind, id));
    CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, updated_at TEXT NOT NULL);";

/// A version never replaces a newer one, however late it comes. Of two with one `updated_at`, the one that was
/// requested later is newer: archiving a record may leave its `updated_at`.
const PUT: &str = "
    INSERT INTO record (kind, id, updated_at, read_at, json) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (kind, id) DO UPDATE
    SET updated_at = excluded.updated_at, read_at = excluded.read_at, json = excluded.json
    WHERE (excluded.updated_at, excluded.read_at) >= (record.updated_at, record.read_at)";
const GONE: &str =
    "UPDATE record SET json = NULL, read_at = $3 WHERE kind = $1 AND id = $2 AND read_at <= $3";
const ADVANCE: &str = "
    INSERT INTO progress (name, updated_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE
    SET updated_at = excluded.updated_at WHERE excluded.updated_at > progress.updated_at";
const PROGRESS: &str = "SELECT updated_at FROM progress WHERE name = $1";
const NOT_READ_SINCE: &str = "SELECT id FROM record WHERE kind = $1 AND json IS NOT NULL AND read_at < $2";

/// A statement with its parameters.
pub(crate) type Write = (&'static str, Vec<String>);

fn write(sql: &'static str, texts: &[&str], times: &[Timestamp]) -> Write {
    let texts = texts.iter().map(|text| text.to_string());
    (sql, texts.chain(times.iter().map(|time| format!("{time:.6}"))).collect())
}

/// Stores a version of a record.
pub(crate) fn put(kind: &str, id: &str, updated_at: Timestamp, read_at: Timestamp, json: String) -> Write {
    let mut put = write(PUT, &[kind, id], &[updated_at, read_at]);
    put.1.push(json);
    put
}

/// Marks a record as gone.
pub(crate) fn gone(kind: &str, id: &str, read_at: Timestamp) -> Write {
    write(GONE, &[kind, id], &[read_at])
}

/// Stores how far a list was read.
pub(crate) fn advance(name: &str, to: Timestamp) -> Write {
    write(ADVANCE, &[name], &[to])
}

pub(crate) enum Store {
    Sqlite(Mutex<rusqlite::Connection>),
    Postgres(tokio::sync::Mutex<tokio_postgres::Client>),
}

impl Store {
    /// Opens a file, or a database such as `host=/run/postgresql dbname=mirror`.
    pub(crate) async fn open(database: &str) -> Result<Self> {
        if database.contains("dbname=") {
            let (client, connection) = tokio_postgres::connect(database, tokio_postgres::NoTls).await?;
            // Its error is that of the next statement.
            tokio::spawn(connection);
            client.batch_execute(TABLES).await?;
            return Ok(Self::Postgres(client.into()));
        }
        let file = rusqlite::Connection::open(database).with_context(|| format!("cannot open {database}"))?;
        file.busy_timeout(std::time::Duration::from_secs(10))?;
        file.execute_batch(TABLES)?;
        Ok(Self::Sqlite(file.into()))
    }

    /// Executes statements in one transaction.
    pub(crate) async fn write(&self, writes: Vec<Write>) -> Result<()> {
        match self {
            Self::Sqlite(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let transaction = file.transaction()?;
                for (sql, values) in writes {
                    transaction.prepare_cached(&sqlite(sql))?.execute(rusqlite::params_from_iter(values))?;
                }
                Ok(transaction.commit()?)
            }
            Self::Postgres(client) => {
                let mut client = client.lock().await;
                let transaction = client.transaction().await?;
                for (sql, values) in &writes {
                    transaction.execute(*sql, &parameters(values)).await?;
                }
                Ok(transaction.commit().await?)
            }
        }
    }

    /// How far a list was read.
    pub(crate) async fn progress(&self, name: &str) -> Result<Option<Timestamp>> {
        let rows = self.read(&write(PROGRESS, &[name], &[])).await?;
        rows.first().map(|time| Ok(time.parse()?)).transpose()
    }

    /// The ids of records that were last read before this time.
    pub(crate) async fn not_read_since(&self, kind: &str, time: Timestamp) -> Result<Vec<String>> {
        self.read(&write(NOT_READ_SINCE, &[kind], &[time])).await
    }

    async fn read(&self, (sql, values): &Write) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(file) => {
                let file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let mut query = file.prepare_cached(&sqlite(sql))?;
                let rows = query.query_map(rusqlite::params_from_iter(values), |row| row.get(0))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            }
            Self::Postgres(client) => {
                let rows = client.lock().await.query(*sql, &parameters(values)).await?;
                rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
            }
        }
    }
}

/// SQLite numbers parameters with `?`.
fn sqlite(sql: &str) -> String {
    sql.replace('$', "?")
}

fn parameters(values: &[String]) -> Vec<&(dyn tokio_postgres::types::ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}

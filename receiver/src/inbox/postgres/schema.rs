//! The schema of the tables and its migrations.

use crate::inbox::{InboxError, SchemaVersion};
use deadpool_postgres::{Client, GenericClient};
use tokio_postgres::error::SqlState;

const MIGRATION_LOCK: i64 = 0x0078_7572_7265_6e74;

/// The migration from each version to the next. Migrations are only added, never changed.
const MIGRATIONS: &[&str] = &["
    -- `state`: 0 pending, 1 taken, 2 done, 3 dead.
    -- `due`: when a pending delivery may be taken, a lease ends, or a done delivery may be purged.
    CREATE TABLE xurrent_delivery (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        delivery text,
        origin text,
        token text,
        account text NOT NULL,
        event text NOT NULL,
        record text,
        body bytea,
        received timestamptz NOT NULL DEFAULT statement_timestamp(),
        state smallint NOT NULL DEFAULT 0,
        due timestamptz NOT NULL DEFAULT statement_timestamp(),
        lease bigint NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0,
        reason text
    );
    CREATE UNIQUE INDEX xurrent_delivery_origin ON xurrent_delivery (account, origin) WHERE origin IS NOT NULL;
    CREATE UNIQUE INDEX xurrent_delivery_token ON xurrent_delivery (account, token) WHERE token IS NOT NULL;
    CREATE INDEX xurrent_delivery_open ON xurrent_delivery (due, id) WHERE state < 2;
    CREATE INDEX xurrent_delivery_record ON xurrent_delivery (account, record, id) WHERE state < 2;
    CREATE INDEX xurrent_delivery_taken ON xurrent_delivery (account, record) WHERE state = 1;
    CREATE INDEX xurrent_delivery_state ON xurrent_delivery (state, received) WHERE state <> 2;
    CREATE INDEX xurrent_delivery_done ON xurrent_delivery (due) WHERE state = 2;
    CREATE TABLE xurrent_probe (id integer PRIMARY KEY CHECK (id = 0), at timestamptz NOT NULL);
", "
    -- `held`: an earlier delivery of the record was open when this one was stored, and is not known to
    -- have ended. The first open delivery of a record is never held.
    ALTER TABLE xurrent_delivery ADD COLUMN held boolean NOT NULL DEFAULT false;
    CREATE INDEX xurrent_delivery_turn ON xurrent_delivery (due, id) WHERE state < 2 AND NOT held;
    CREATE FUNCTION xurrent_hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        -- Locks the row: an earlier delivery that ends concurrently must release this one, or be ended.
        PERFORM FROM xurrent_delivery WHERE state < 2 AND account = NEW.account AND record = NEW.record
            AND id < NEW.id ORDER BY id DESC LIMIT 1 FOR SHARE;
        NEW.held := FOUND;
        RETURN NEW;
    END $$;
    CREATE FUNCTION xurrent_release() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE xurrent_delivery SET held = false WHERE held AND id = (
            SELECT min(id) FROM xurrent_delivery
            WHERE state < 2 AND account = NEW.account AND record = NEW.record
        );
        RETURN NULL;
    END $$;
    CREATE TRIGGER xurrent_hold BEFORE INSERT ON xurrent_delivery
        FOR EACH ROW WHEN (NEW.record IS NOT NULL) EXECUTE FUNCTION xurrent_hold();
    CREATE TRIGGER xurrent_release AFTER UPDATE OF state ON xurrent_delivery
        FOR EACH ROW WHEN (OLD.state < 2 AND NEW.state > 1 AND NEW.record IS NOT NULL)
        EXECUTE FUNCTION xurrent_release();
", "
    -- A probe writes as much as a recent delivery. Machines with an older version leave it empty.
    ALTER TABLE xurrent_probe ADD COLUMN padding bytea;
", "
    -- Every step of a delivery adds to all indexes of its state.
    DROP INDEX xurrent_delivery_state;
    CREATE INDEX xurrent_delivery_dead ON xurrent_delivery (id) WHERE state = 3;
", "
    -- `in_order`: whether the worker that started last takes in order. Only then is a delivery `ordered` when it is
    -- stored: it may be held by an earlier one that is, and releases a later one. All others are never held.
    -- Machines with an older version store all as ordered.
    ALTER TABLE xurrent_inbox ADD COLUMN in_order boolean NOT NULL DEFAULT true;
    ALTER TABLE xurrent_delivery ADD COLUMN ordered boolean NOT NULL DEFAULT true;
    CREATE OR REPLACE FUNCTION xurrent_hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        -- Locks the row: an earlier delivery that ends concurrently must release this one, or be ended.
        PERFORM FROM xurrent_delivery WHERE state < 2 AND ordered AND account = NEW.account AND record = NEW.record
            AND id < NEW.id ORDER BY id DESC LIMIT 1 FOR SHARE;
        NEW.held := FOUND;
        RETURN NEW;
    END $$;
    CREATE OR REPLACE FUNCTION xurrent_release() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE xurrent_delivery SET held = false WHERE held AND id = (
            SELECT min(id) FROM xurrent_delivery
            WHERE state < 2 AND ordered AND account = NEW.account AND record = NEW.record
        );
        RETURN NULL;
    END $$;
    DROP TRIGGER xurrent_hold ON xurrent_delivery;
    DROP TRIGGER xurrent_release ON xurrent_delivery;
    CREATE TRIGGER xurrent_hold BEFORE INSERT ON xurrent_delivery
        FOR EACH ROW WHEN (NEW.ordered AND NEW.record IS NOT NULL) EXECUTE FUNCTION xurrent_hold();
    CREATE TRIGGER xurrent_release AFTER UPDATE OF state ON xurrent_delivery
        FOR EACH ROW WHEN (NEW.ordered AND OLD.state < 2 AND NEW.state > 1 AND NEW.record IS NOT NULL)
        EXECUTE FUNCTION xurrent_release();
"];

/// The oldest version whose programs can read and write the current tables. A migration that only adds
/// tables, indexes, and columns that are nullable or have a default leaves it as it is, and so does one that drops or
/// replaces indexes, as long as the statements of those programs still run. Any other migration raises it, and must
/// come at least one release after the one that stopped to use what it changes.
const MINIMUM: i64 = 3;

/// The version of the tables, unless this program cannot use them. Needs no right to create.
pub(super) async fn check(client: &Client) -> Result<SchemaVersion, InboxError> {
    let table = client.query_one("SELECT to_regclass('xurrent_inbox') IS NOT NULL", &[]).await;
    let version = match table.and_then(|row| row.try_get(0)).map_err(storage)? {
        true => stored(client).await.map_err(storage)?,
        false => SchemaVersion::new(MIGRATIONS, 0, None),
    };
    version.missing(MIGRATIONS, true).map(|_| version)
}

/// The version that the tables store. The first ones had no minimum.
async fn stored(client: &impl GenericClient) -> Result<SchemaVersion, tokio_postgres::Error> {
    let sql = "SELECT version, CAST(to_jsonb(xurrent_inbox)->>'minimum' AS bigint) FROM xurrent_inbox";
    match client.query_opt(sql, &[]).await? {
        Some(row) => Ok(SchemaVersion::new(MIGRATIONS, row.try_get(0)?, row.try_get(1)?)),
        None => Ok(SchemaVersion::new(MIGRATIONS, 0, None)),
    }
}

/// Migrates the tables to the current version, in one transaction. Machines that start at the same time
/// migrate one after the other.
pub(super) async fn migrate(client: &mut Client) -> Result<(), InboxError> {
    let transaction = client.transaction().await.map_err(storage)?;
    let start = format!(
        "SELECT pg_advisory_xact_lock({MIGRATION_LOCK});
         CREATE TABLE IF NOT EXISTS xurrent_inbox (version bigint NOT NULL)"
    );
    transaction.batch_execute(&start).await.map_err(storage)?;
    let steps = stored(&transaction).await.map_err(storage)?.missing(MIGRATIONS, true)?;
    for step in steps {
        transaction.batch_execute(step).await.map_err(storage)?;
    }
    if !steps.is_empty() {
        let version = format!(
            "ALTER TABLE xurrent_inbox ADD COLUMN IF NOT EXISTS minimum bigint;
             DELETE FROM xurrent_inbox;
             INSERT INTO xurrent_inbox (version, minimum) VALUES ({}, {MINIMUM})",
            MIGRATIONS.len()
        );
        transaction.batch_execute(&version).await.map_err(storage)?;
    }
    transaction.commit().await.map_err(storage)
}

pub(super) fn storage(error: tokio_postgres::Error) -> InboxError {
    match error.code() {
        Some(&SqlState::DISK_FULL) => InboxError::Full,
        _ => InboxError::storage(error),
    }
}

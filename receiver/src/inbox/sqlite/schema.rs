//! The schema of the file and its migrations.

use crate::inbox::{InboxError, SchemaVersion};
use rusqlite::Connection;

/// The migration from each version to the next. Migrations are only added, never changed.
const MIGRATIONS: &[&str] = &[
    "
    -- `state`: 0 pending, 1 taken, 2 done, 3 dead.
    -- `due`, in milliseconds since 1970: when a pending delivery may be taken, a lease ends, or a done
    -- delivery may be purged.
    CREATE TABLE delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        delivery TEXT,
        origin TEXT,
        token TEXT,
        account TEXT NOT NULL,
        event TEXT NOT NULL,
        record TEXT,
        body BLOB,
        received INTEGER NOT NULL,
        state INTEGER NOT NULL DEFAULT 0,
        due INTEGER NOT NULL,
        lease INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        reason TEXT
    ) STRICT;
    CREATE UNIQUE INDEX delivery_origin ON delivery (account, origin) WHERE origin IS NOT NULL;
    CREATE UNIQUE INDEX delivery_token ON delivery (account, token) WHERE token IS NOT NULL;
    CREATE INDEX delivery_open ON delivery (due, id) WHERE state < 2;
    CREATE INDEX delivery_record ON delivery (account, record, id) WHERE state < 2;
    CREATE INDEX delivery_taken ON delivery (account, record) WHERE state = 1;
    CREATE INDEX delivery_state ON delivery (state, received) WHERE state <> 2;
    CREATE INDEX delivery_done ON delivery (due) WHERE state = 2;
    CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 0), at INTEGER NOT NULL) STRICT;
",
    "
    -- `held`: an earlier delivery of the record was open when this one was stored, and is not known to
    -- have ended. The first open delivery of a record is never held.
    ALTER TABLE delivery ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX delivery_turn ON delivery (due, id) WHERE state < 2 AND held = 0;
    CREATE TRIGGER delivery_ended AFTER UPDATE OF state ON delivery
    WHEN OLD.state < 2 AND NEW.state > 1 AND NEW.record IS NOT NULL BEGIN
        UPDATE delivery SET held = 0 WHERE held = 1 AND id = (
            SELECT min(id) FROM delivery WHERE state < 2 AND account = NEW.account AND record = NEW.record
        );
    END;
",
    "
    -- A probe inserts a new row before it deletes the old one, so that it allocates space.
    DROP TABLE probe;
    CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, padding BLOB NOT NULL) STRICT;
",
    "
    -- Bodies are beside the deliveries, whose rows are rewritten when they are taken and when they end. A delivery
    -- that an older version stored has its body in its row.
    CREATE TABLE delivery_body (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
    CREATE TRIGGER delivery_body_ended AFTER UPDATE OF state ON delivery WHEN NEW.state = 2 BEGIN
        DELETE FROM delivery_body WHERE id = NEW.id;
    END;
",
    "
    -- Every step of a delivery changes all indexes of its state, so one index has the turns of held and other
    -- deliveries, and what counts them.
    DROP INDEX delivery_open;
    DROP INDEX delivery_turn;
    DROP INDEX delivery_state;
    CREATE INDEX delivery_turn ON delivery (held, due, id, state, received) WHERE state < 2;
    CREATE INDEX delivery_dead ON delivery (id, received) WHERE state = 3;
",
];

/// The oldest version whose programs can read and write the current tables. A migration that only adds
/// tables, indexes, and columns that are nullable or have a default leaves it as it is, and so does one that drops or
/// replaces indexes, as long as the statements of those programs still run. Any other migration raises it, and must
/// come at least one release after the one that stopped to use what it changes.
const MINIMUM: i64 = 4;

fn version(connection: &Connection) -> Result<SchemaVersion, InboxError> {
    let number =
        |name| connection.pragma_query_value(None, name, |row| row.get(0)).map_err(InboxError::storage);
    // Both are in the header of the file, so they take no page. The first files had no minimum.
    let (found, minimum): (i64, i64) = (number("user_version")?, number("application_id")?);
    let minimum = (minimum != 0).then_some(minimum);
    Ok(SchemaVersion::new(MIGRATIONS, found, minimum))
}

/// The version of the tables, unless this program cannot use them.
pub(super) fn check(connection: &Connection) -> Result<SchemaVersion, InboxError> {
    let version = version(connection)?;
    version.missing(MIGRATIONS, true).map(|_| version)
}

/// The version of a file that does not exist yet.
pub(super) fn none() -> SchemaVersion {
    SchemaVersion::new(MIGRATIONS, 0, None)
}

/// Migrates the file to the current version, in one transaction, or fails if it may not and has another one.
pub(super) fn migrate(connection: &mut Connection, migrate: bool) -> Result<(), InboxError> {
    let transaction = connection.transaction().map_err(InboxError::storage)?;
    let steps = version(&transaction)?.missing(MIGRATIONS, migrate)?;
    if steps.is_empty() {
        // Writes nothing: a full disk has no space for it.
        return Ok(());
    }
    for step in steps {
        transaction.execute_batch(step).map_err(InboxError::storage)?;
    }
    transaction.pragma_update(None, "application_id", MINIMUM).map_err(InboxError::storage)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64).map_err(InboxError::storage)?;
    transaction.commit().map_err(InboxError::storage)
}

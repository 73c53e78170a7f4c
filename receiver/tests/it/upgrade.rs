//! Upgrades: an inbox of every released version is migrated, and one of the next version is still used.
//!
//! `tests/fixtures/` has an inbox of each version. When the version changes, write one for the new version with
//! `FIXTURE=overwrite cargo test -p xurrent-receiver --all-features --test it upgrade::`, and commit it beside the others.

use crate::support::delivery;
use rusqlite::Connection;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{Batch, DeadLetterFilter, Outcome, Stored, Take};
use xurrent_receiver::{Inbox, InboxError};

const IN_ORDER: Take = Take { limit: 100, lease: Duration::from_secs(60), in_order: true };

/// The first version that has a fixture: the first that was released.
const FIRST: i64 = 3;

/// The oldest version whose programs can use a file of the current one.
const MINIMUM: i64 = 4;

/// Fills an empty inbox: `done` is handled, `dead` failed for good, `taken` is with a worker, and `held` waits for
/// it.
async fn fill(inbox: &impl Inbox) {
    assert!(inbox.take(IN_ORDER).await.unwrap().taken.is_empty());
    for (origin, record) in [("done", "r"), ("dead", "s"), ("taken", "t"), ("held", "t")] {
        assert_eq!(inbox.store(delivery(origin, record)).await.unwrap(), Stored::New);
    }
    let batch = inbox.take(IN_ORDER).await.unwrap();
    assert_eq!(origins(&batch), ["done", "dead", "taken"]);
    inbox.settle(batch.taken[0].lease, Outcome::Done).await.unwrap();
    inbox
        .settle(batch.taken[1].lease, Outcome::Dead { reason: "broken ' \" \u{1F600}".to_owned() })
        .await
        .unwrap();
}

/// Everything that `fill` stored is as it was.
async fn is_complete(inbox: &impl Inbox) {
    let letters = inbox.dead_letters(DeadLetterFilter::all(), None, 10).await.unwrap();
    assert_eq!((letters.len(), letters[0].reason.as_str()), (1, "broken ' \" \u{1F600}"));
    assert_eq!(letters[0].delivery.delivery, delivery("dead", "s"));
    for origin in ["done", "dead", "taken", "held"] {
        assert_eq!(inbox.store(delivery(origin, "r")).await.unwrap(), Stored::Duplicate, "{origin}");
    }
    let first = inbox.take(IN_ORDER).await.unwrap();
    assert_eq!((origins(&first), first.taken[0].delivery.attempt), (vec!["taken".to_owned()], 2));
    assert_eq!(first.taken[0].delivery.delivery, delivery("taken", "t"));
    inbox.settle(first.taken[0].lease, Outcome::Done).await.unwrap();
    let second = inbox.take(IN_ORDER).await.unwrap();
    assert_eq!((origins(&second), second.taken[0].delivery.attempt), (vec!["held".to_owned()], 1));
    inbox.settle(second.taken[0].lease, Outcome::Done).await.unwrap();
    assert_eq!(inbox.store(delivery("new", "t")).await.unwrap(), Stored::New);
    inbox.probe().await.unwrap();
    let depth = inbox.depth().await.unwrap();
    assert_eq!((depth.pending, depth.taken, depth.dead), (1, 0, 1));
}

fn origins(batch: &Batch) -> Vec<String> {
    batch.taken.iter().filter_map(|taken| taken.delivery.origin.clone()).collect()
}

fn fixture(version: i64, database: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/inbox-{version}.{database}.sql"))
}

/// Reads the inbox of a version, or writes that of the current one with `FIXTURE=overwrite`.
fn read_or_write(version: i64, database: &str, dump: Option<String>) -> String {
    let path = fixture(version, database);
    if let Some(dump) = dump.filter(|_| std::env::var_os("FIXTURE").is_some_and(|what| what == "overwrite")) {
        std::fs::write(&path, dump).unwrap();
    }
    std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; write it with FIXTURE=overwrite, and commit it", path.display())
    })
}

/// The statements that create the content of a file.
fn dump(file: &Connection) -> String {
    let rows = |sql: &str| -> Vec<String> {
        let mut statement = file.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<rusqlite::Result<_>>().unwrap()
    };
    let number = |name| file.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    let (version, minimum) = (number("user_version"), number("application_id"));
    let mut text = format!("PRAGMA user_version = {version};\nPRAGMA application_id = {minimum};\n");
    for kind in ["table", "index", "trigger"] {
        let select =
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        for sql in rows(&format!("{select} AND type = '{kind}' ORDER BY rowid")) {
            text += &format!("{sql};\n");
        }
    }
    for table in rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid") {
        let columns = rows(&format!("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')"));
        for row in rows(&format!("SELECT concat_ws(', ', {}) FROM \"{table}\"", columns.join(", "))) {
            text += &format!("INSERT INTO {table} VALUES ({row});\n");
        }
    }
    text
}

#[tokio::test]
async fn a_file_of_every_version_is_migrated_with_all_its_deliveries() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let inbox = SqliteInbox::open(path("now")).await.unwrap();
    fill(&inbox).await;
    inbox.close().await;
    let known = SqliteInbox::builder(path("now")).check().await.unwrap().known;
    let now = dump(&Connection::open(path("now")).unwrap());
    for version in FIRST..=known {
        let old = read_or_write(version, "sqlite", (version == known).then(|| now.clone()));
        let file = path(&format!("inbox-{version}"));
        Connection::open(&file).unwrap().execute_batch(&old).unwrap();
        let checked = SqliteInbox::builder(&file).check().await.unwrap();
        assert_eq!((checked.found, checked.known), (version, known));
        let inbox = SqliteInbox::open(&file).await.unwrap();
        is_complete(&inbox).await;
        inbox.close().await;
        assert!(SqliteInbox::builder(&file).check().await.unwrap().is_current());
        let schema = |text: &str| text.split("INSERT").next().unwrap().to_owned();
        assert_eq!(schema(&dump(&Connection::open(&file).unwrap())), schema(&now), "of version {version}");
    }
}

/// What the next version could add.
const ADDED: &str = "ALTER TABLE delivery ADD COLUMN added TEXT; CREATE TABLE added (id INTEGER);
    CREATE INDEX delivery_added ON delivery (added)";

#[tokio::test]
async fn a_file_of_the_next_version_is_used_down_to_its_minimum_and_not_changed_back() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("inbox");
    let builder = || SqliteInbox::builder(&path);
    let inbox = builder().open().await.unwrap();
    fill(&inbox).await;
    inbox.close().await;
    let known = builder().check().await.unwrap().known;
    let change = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    change(&format!("{ADDED}; PRAGMA user_version = {}", known + 1));
    let checked = builder().check().await.unwrap();
    assert_eq!((checked.found, checked.minimum, checked.is_current()), (known + 1, MINIMUM, true));
    let inbox = builder().open().await.unwrap();
    is_complete(&inbox).await;
    inbox.close().await;
    let inbox = builder().no_migration().open().await.unwrap();
    assert_eq!(inbox.depth().await.unwrap().pending, 1);
    inbox.close().await;
    assert_eq!(builder().check().await.unwrap().found, known + 1);

    change(&format!("PRAGMA application_id = {}", known + 1));
    for error in [builder().check().await.unwrap_err(), builder().open().await.unwrap_err()] {
        assert!(matches!(error, InboxError::Newer { .. }), "{error}");
        let expected = format!(
            "inbox has schema version {next}, which needs a program of version {next} or newer, but this \
             program has version {known}: run the newer program",
            next = known + 1
        );
        assert_eq!(error.to_string(), expected);
    }
    // Before there was a minimum, every newer version was refused.
    change("PRAGMA application_id = 0");
    assert!(matches!(builder().open().await.unwrap_err(), InboxError::Newer { .. }));
}

#[cfg(feature = "postgres")]
mod postgres {
    use super::{FIRST, fill, is_complete, read_or_write};
    use crate::postgres::{new_schema, server};
    use tokio_postgres::{Client, NoTls};
    use xurrent_receiver::inbox::Stored;
    use xurrent_receiver::inbox::postgres::PostgresInbox;
    use xurrent_receiver::{Inbox, InboxError};

    async fn connect(url: &str) -> Client {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    async fn open(url: &str) -> PostgresInbox {
        PostgresInbox::open(url.parse().unwrap()).await.unwrap()
    }

    fn name(url: &str) -> &str {
        url.rsplit_once("search_path=").unwrap().1.trim_end_matches('\'')
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn tables_of_every_version_are_migrated_with_all_their_deliveries() {
        let Some(server) = server() else { return };
        let url = new_schema(&server).await;
        let inbox = open(&url).await;
        fill(&inbox).await;
        inbox.close().await;
        let known = PostgresInbox::builder(url.parse().unwrap()).check(NoTls).await.unwrap().known;
        // `psql` alone has commands with a backslash.
        let now = server.dump(name(&url)).replace(name(&url), "{schema}");
        let now: String =
            now.lines().filter(|line| is_statement(line)).map(|line| format!("{line}\n")).collect();
        for version in FIRST..=known {
            let old = read_or_write(version, "postgres", (version == known).then(|| now.clone()));
            let url = new_schema(&server).await;
            let old = old.replace("CREATE SCHEMA {schema};", "").replace("{schema}", name(&url));
            connect(&url).await.batch_execute(&old).await.unwrap();
            // A lease ends a minute after the delivery was taken.
            let ended = "UPDATE xurrent_delivery SET due = received WHERE state = 1";
            connect(&url).await.batch_execute(ended).await.unwrap();
            is_complete(&open(&url).await).await;
            assert!(PostgresInbox::builder(url.parse().unwrap()).check(NoTls).await.unwrap().is_current());
        }
    }

    fn is_statement(line: &str) -> bool {
        !line.is_empty() && !line.starts_with('\\') && !line.starts_with("--")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn without_migration_no_right_to_create_is_needed() {
        let Some(server) = server() else { return };
        let url = new_schema(&server).await;
        open(&url).await.close().await;
        let (client, schema) = (connect(&url).await, name(&url));
        let role = format!(
            "CREATE ROLE limited LOGIN; GRANT USAGE ON SCHEMA {schema} TO limited;
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO limited"
        );
        client.batch_execute(&role).await.unwrap();
        let limited = url.replace("user=test", "user=limited");
        let builder = || PostgresInbox::builder(limited.parse().unwrap());
        let refused = builder().open(NoTls).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied for schema"), "{refused}");
        let inbox = builder().no_migration().open(NoTls).await.unwrap();
        fill(&inbox).await;
        assert_eq!(inbox.store(crate::support::delivery("new", "r")).await.unwrap(), Stored::New);
        inbox.probe().await.unwrap();
        inbox.close().await;
        client.batch_execute("UPDATE xurrent_inbox SET version = 2, minimum = NULL").await.unwrap();
        let outdated = builder().no_migration().open(NoTls).await.unwrap_err();
        assert!(matches!(outdated, InboxError::Outdated { found: 2, .. }), "{outdated}");
    }
}

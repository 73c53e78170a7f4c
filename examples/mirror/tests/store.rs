//! The tables of a mirror: whatever comes late changes nothing.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../src/store.rs"]
#[allow(dead_code)]
mod store;

use store::{Store, advance, gone, put};
use tempfile::TempDir;
use xurrent::jiff::Timestamp;

fn at(second: u8) -> Timestamp {
    format!("2026-03-01T12:00:{second:02}Z").parse().unwrap()
}

fn version(updated_at: u8, read_at: u8, json: &str) -> store::Write {
    put("person", "1", at(updated_at), at(read_at), json.to_owned())
}

#[tokio::test]
async fn an_older_version_never_replaces_a_newer_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mirror.sqlite").display().to_string();
    let store = Store::open(&path).await.unwrap();
    let json = || {
        let file = rusqlite::Connection::open(&path).unwrap();
        file.query_row("SELECT json FROM record", [], |row| row.get::<_, Option<String>>(0)).unwrap()
    };
    for (write, expected, what) in [
        (version(10, 10, "first"), Some("first"), "the first version"),
        (version(9, 20, "old"), Some("first"), "an older version that was read later"),
        (version(10, 9, "delayed"), Some("first"), "the same version, read earlier"),
        (version(10, 21, "archived"), Some("archived"), "the same version, read later"),
        (version(11, 5, "newer"), Some("newer"), "a newer version"),
        (gone("person", "1", at(4)), Some("newer"), "gone, as was read earlier"),
        (gone("person", "1", at(30)), None, "gone"),
        (version(11, 29, "delayed"), None, "read before it was gone"),
        (version(11, 31, "back"), Some("back"), "restored"),
        (gone("person", "2", at(40)), Some("back"), "another record"),
    ] {
        store.write(vec![write]).await.unwrap();
        assert_eq!(json().as_deref(), expected, "{what}");
    }
    assert_eq!(store.not_read_since("person", at(31)).await.unwrap(), Vec::<String>::new());
    assert_eq!(store.not_read_since("person", at(32)).await.unwrap(), ["1"]);
    assert_eq!(store.progress("people").await.unwrap(), None);
    for (to, expected) in [(20, 20), (10, 20), (30, 30)] {
        store.write(vec![advance("people", at(to))]).await.unwrap();
        assert_eq!(store.progress("people").await.unwrap(), Some(at(expected)));
    }
}

/// The last of several statements fails: none of them remains.
#[tokio::test]
async fn a_page_and_its_position_are_stored_together() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("mirror.sqlite").display().to_string()).await.unwrap();
    let broken = ("INSERT INTO nothing VALUES ($1)", vec![String::new()]);
    assert!(store.write(vec![version(1, 1, "{}"), advance("people", at(1)), broken]).await.is_err());
    assert_eq!(store.progress("people").await.unwrap(), None);
    assert_eq!(store.not_read_since("person", at(59)).await.unwrap(), Vec::<String>::new());
    store.write(vec![version(1, 1, "{}")]).await.unwrap();
    assert_eq!(store.not_read_since("person", at(59)).await.unwrap(), ["1"]);
}

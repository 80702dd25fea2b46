//! What is particular to the store in a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mcp_store::{Applied, Change, Index, Key, Kind, Page, Record, Sqlite, Store, StoreError, Time, When};
use rusqlite::Connection;
use tempfile::TempDir;

const NOW: Time = Time::from_millis(1_800_000_000_000);
const CODE: Kind = Kind::from_static("code");

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let path = directory.path().join("auth.db");
    (directory, path)
}

fn open(path: &Path) -> Sqlite {
    Sqlite::open(path).expect("the store opens")
}

fn record(number: usize) -> Record {
    Record::new(Key::new(CODE, number.to_string()), vec![7; 500]).with_subject("alice")
}

async fn fill(store: &Sqlite, records: usize) {
    let changes = (0..records).map(|number| Change::Put { record: record(number), when: When::Any }).collect();
    assert!(matches!(store.apply(changes, NOW).await, Ok(Applied::Done(_))));
}

async fn ids(store: &Sqlite) -> Result<Vec<String>, StoreError> {
    let records = store.list(Index::Kind(CODE), Page::first(10_000), NOW).await?;
    Ok(records.into_iter().map(|record| record.key.id).collect())
}

/// Changes the file behind the store's back.
fn tamper(path: &Path, sql: &str) {
    Connection::open(path).and_then(|connection| connection.execute_batch(sql)).expect("the file can be changed");
}

#[tokio::test]
async fn a_store_opened_again_finds_everything() {
    let (_directory, path) = place();
    let store = open(&path);
    fill(&store, 3).await;
    assert_eq!(store.count(&Key::new(CODE, "n"), 4, Duration::from_secs(9), NOW).await, Ok(4));
    let before = store.list(Index::Subject("alice", None), Page::first(9), NOW).await.expect("the store works");
    drop(store);
    assert!(!path.with_extension("db-wal").exists(), "all of it is in the file");
    let store = open(&path);
    assert_eq!(before.len(), 3);
    assert_eq!(store.list(Index::Subject("alice", None), Page::first(9), NOW).await, Ok(before));
    assert_eq!(store.count(&Key::new(CODE, "n"), 1, Duration::from_secs(9), NOW).await, Ok(5));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, path) = place();
    let store = open(&path);
    fill(&store, 1).await;
    store.backup_to(directory.path().join("copy.db")).await.expect("it is copied");
    let names = ["auth.db", "auth.db-wal", "auth.db-shm", "copy.db"];
    for name in names {
        let mode = fs::metadata(directory.path().join(name)).expect("the file is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn what_cannot_be_opened_says_why() {
    let (directory, path) = place();
    let text = directory.path().join("text");
    fs::write(&text, "This is no database at all. ".repeat(100)).expect("a file can be written");
    let other = directory.path().join("other.db");
    tamper(&other, "CREATE TABLE theirs (a)");
    let newer = directory.path().join("newer.db");
    drop(open(&newer));
    tamper(&newer, "PRAGMA user_version = 1000");
    let cases = [
        (directory.path().join("missing/auth.db"), "there is no directory"),
        (directory.path().to_owned(), "director"),
        (text, "not a database"),
        (other, "another program"),
        (newer.clone(), "has version 1000 and this program knows versions up to 1;"),
    ];
    for (path, reason) in cases {
        let error = Sqlite::open(&path).expect_err("it does not open").to_string();
        assert!(error.contains(reason) && error.contains(&*directory.path().to_string_lossy()), "{error}");
    }
    assert!(!path.exists());
    let version: i64 =
        Connection::open(&newer).and_then(|file| file.pragma_query_value(None, "user_version", |row| row.get(0))).expect("it can be read");
    assert_eq!(version, 1000, "a newer file is left alone");
}

#[tokio::test]
async fn an_empty_file_becomes_a_store_of_the_current_version() {
    let (_directory, path) = place();
    fs::write(&path, "").expect("a file can be written");
    fill(&open(&path), 1).await;
    let file = Connection::open(&path).expect("the file opens");
    let number = |pragma| file.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).expect("it can be read");
    assert_eq!((number("user_version"), number("application_id")), (1, 0x4d43_5053));
    assert_eq!(ids(&open(&path)).await, Ok(vec!["0".to_owned()]));
}

#[tokio::test]
async fn stores_of_one_file_see_what_the_others_write() {
    let (_directory, path) = place();
    let (one, other) = (open(&path), open(&path));
    for (number, (writer, reader)) in [(&one, &other), (&other, &one)].into_iter().enumerate() {
        assert_eq!(writer.put(record(number), When::Absent, NOW).await, Ok(true));
        assert_eq!(reader.put(record(number), When::Absent, NOW).await, Ok(false));
        assert_eq!(reader.get(&record(number).key, NOW).await, Ok(Some(Record { version: 1, ..record(number) })));
        assert_eq!(reader.put(record(number), When::Version(1), NOW).await, Ok(true));
        assert_eq!(writer.take(&record(number).key, NOW).await, Ok(Some(Record { version: 2, ..record(number) })));
        assert_eq!(reader.get(&record(number).key, NOW).await, Ok(None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_of_one_file_take_turns_at_opening_and_writing() {
    let (_directory, path) = place();
    let opened: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            tokio::task::spawn_blocking(move || open(&path))
        })
        .collect();
    let mut stores = Vec::new();
    for store in opened {
        stores.push(Arc::new(store.await.expect("nobody panics")));
    }
    let writers: Vec<_> = (0..32)
        .map(|number| {
            let store = stores[number % stores.len()].clone();
            tokio::spawn(async move { store.count(&Key::new(CODE, "n"), 1, Duration::from_secs(9), NOW).await })
        })
        .collect();
    for writer in writers {
        assert!(writer.await.expect("nobody panics").is_ok());
    }
    assert_eq!(stores[0].count(&Key::new(CODE, "n"), 0, Duration::from_secs(9), NOW).await, Ok(32));
}

#[tokio::test]
async fn a_backup_holds_what_there_was_and_replaces_no_file() {
    let (directory, path) = place();
    let store = open(&path);
    fill(&store, 5).await;
    let copy = directory.path().join("it's a copy.db");
    store.backup_to(&copy).await.expect("it is copied");
    fill(&store, 6).await;
    assert_eq!(ids(&open(&copy)).await.expect("the copy opens").len(), 5);
    assert!(matches!(store.backup_to(&copy).await, Err(StoreError::Setup(_))));
    assert_eq!(ids(&open(&copy)).await.expect("the copy is whole").len(), 5);
    assert!(matches!(store.backup_to(directory.path().join("missing/copy.db")).await, Err(StoreError::Setup(_))));
}

#[tokio::test]
async fn a_damaged_file_is_an_error() {
    let (_directory, path) = place();
    fill(&open(&path), 2_000).await;
    let whole = fs::read(&path).expect("the file can be read");
    // Where the damage is, in thousandths of the file, and how much of it there is.
    let damages = [(0, 1000), (0, 3), (3, 900), (100, 400), (500, 100), (900, 100)];
    for (from, length) in damages {
        let (from, length) = (whole.len() * from / 1000, whole.len() * length / 1000);
        let mut bytes = whole.clone();
        bytes[from..from + length].fill(0xa5);
        fs::write(&path, bytes).expect("the file can be written");
        check_damaged(&path).await;
    }
    for kept in [100, 5_000, whole.len() / 2] {
        fs::write(&path, &whole[..kept]).expect("the file can be written");
        check_damaged(&path).await;
    }
}

/// It does not open, or says so when what is damaged is read.
async fn check_damaged(path: &Path) {
    let error = match Sqlite::open(path) {
        Err(error) => error,
        Ok(store) => {
            let listed = ids(&store).await;
            let owned = store.list(Index::Subject("alice", None), Page::first(10_000), NOW).await;
            let purged = store.purge(Index::Kind(CODE)).await;
            listed.err().or(owned.err()).or(purged.err()).expect("the damage is noticed")
        }
    };
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
}

#[tokio::test]
async fn rows_that_no_store_wrote_are_an_error() {
    let (_directory, path) = place();
    let store = open(&path);
    for (id, column) in [("0", "version = -1"), ("1", "expires = -5"), ("2", "subject = cast(x'ff' AS TEXT)"), ("3", "kind = 'CODE'")] {
        fill(&store, 4).await;
        tamper(&path, &format!("UPDATE records SET {column}, client = 'c' WHERE id = '{id}'"));
        let listed = store.list(Index::Client("c", None), Page::first(9), Time::from_millis(0)).await;
        match column {
            "expires = -5" => assert_eq!(listed, Ok(Vec::new()), "that is long ago"),
            _ => assert!(matches!(listed, Err(StoreError::Corrupt(_))), "{column}: {listed:?}"),
        }
        store.purge(Index::Client("c", None)).await.expect("what is wrong can be removed");
    }
}

#[tokio::test]
async fn a_file_whose_tables_are_gone_is_an_error() {
    let (_directory, path) = place();
    let store = open(&path);
    fill(&store, 1).await;
    tamper(&path, "DROP TABLE records");
    assert!(matches!(store.get(&record(0).key, NOW).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(store.put(record(0), When::Any, NOW).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn the_log_begins_anew_when_all_of_it_is_in_the_file() {
    let (_directory, path) = place();
    let store = open(&path);
    // Each of these adds a frame to the log, which would have 80 MB in the end.
    for number in 0..20_000 {
        store.count(&Key::new(CODE, (number % 64).to_string()), 1, Duration::from_secs(9), NOW).await.expect("the store works");
    }
    let log = fs::metadata(path.with_extension("db-wal")).expect("the log is there").len();
    assert!(log < 40 * 1024 * 1024, "{log}");
}

//! The tables, and how files of older versions get them.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::StoreError;

/// Marks files as stores: "MCPS" in ASCII, where SQLite lets applications leave a mark.
const APPLICATION: i32 = 0x4d43_5053;

/// What leads from each version of the schema to the next one; an empty file has version 0. What was released stays as it is.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE records (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        expires INTEGER,
        subject TEXT,
        grant TEXT,
        client TEXT,
        body BLOB NOT NULL,
        UNIQUE (kind, id)
    ) STRICT;
    CREATE INDEX records_by_expiry ON records (expires) WHERE expires IS NOT NULL;
    CREATE INDEX records_by_subject ON records (subject, kind, id) WHERE subject IS NOT NULL;
    CREATE INDEX records_by_grant ON records (grant, kind, id) WHERE grant IS NOT NULL;
    CREATE INDEX records_by_client ON records (client, kind, id) WHERE client IS NOT NULL;
    CREATE TABLE counters (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        total INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX counters_by_expiry ON counters (expires);
"];

/// Brings the file up to date.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    migrate_by(connection, MIGRATIONS)
}

fn migrate_by(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    if version(connection)? == Some(migrations.len()) {
        return Ok(());
    }
    // Looked at again under the lock, for another process may be doing the same.
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let found = match version(&transaction)? {
        None => {
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            0
        }
        Some(found) => found,
    };
    let Some(missing) = migrations.get(found..) else {
        let known = migrations.len();
        let reason =
            format!("it has version {found} and this program knows versions up to {known}; run the program that wrote it, or a newer one");
        return Err(StoreError::Setup(reason));
    };
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", migrations.len() as i64)?;
    Ok(transaction.commit()?)
}

/// The version of the file's schema; none if it is empty.
fn version(connection: &Connection) -> Result<Option<usize>, StoreError> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match number("application_id")? {
        0 if tables == 0 => Ok(None),
        APPLICATION => {
            let version = number("user_version")?;
            usize::try_from(version).map(Some).map_err(|_| StoreError::Corrupt(format!("it says to have version {version}")))
        }
        _ => Err(StoreError::Setup("it is a database of another program".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(connection: &Connection) -> (Option<usize>, Vec<String>) {
        let mut statement = connection.prepare("SELECT name FROM pragma_table_info('things')").expect("it compiles");
        let names = statement.query_map([], |row| row.get(0)).expect("it runs").collect::<Result<_, _>>().expect("they are texts");
        (version(connection).expect("it has one"), names)
    }

    #[test]
    fn every_migration_is_made_once_and_keeps_what_is_there() {
        const STEPS: &[&str] = &["CREATE TABLE things (a)", "ALTER TABLE things ADD COLUMN b DEFAULT 7"];
        let mut connection = Connection::open_in_memory().expect("memory opens");
        assert_eq!(version(&connection), Ok(None));
        migrate_by(&mut connection, &STEPS[..1]).expect("the first is made");
        assert_eq!(columns(&connection), (Some(1), vec!["a".to_owned()]));
        connection.execute("INSERT INTO things VALUES (5)", []).expect("it fits");
        for _ in 0..2 {
            migrate_by(&mut connection, STEPS).expect("the second is made");
            assert_eq!(columns(&connection), (Some(2), vec!["a".to_owned(), "b".to_owned()]));
        }
        let kept = connection.query_row("SELECT a, b FROM things", [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(kept, Ok((5, 7)));
        assert!(matches!(migrate_by(&mut connection, &STEPS[..1]), Err(StoreError::Setup(_))));
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let mut connection = Connection::open_in_memory().expect("memory opens");
        migrate_by(&mut connection, &["CREATE TABLE things (a)"]).expect("the first is made");
        let steps = ["CREATE TABLE things (a)", "ALTER TABLE things ADD COLUMN b; ALTER TABLE nothing ADD COLUMN c"];
        assert!(migrate_by(&mut connection, &steps).is_err());
        assert_eq!(columns(&connection), (Some(1), vec!["a".to_owned()]));
    }
}

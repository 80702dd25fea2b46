//! The least that has to be written: rows of the same number and size, in durable transactions of SQLite and by nobody else.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior, params};

/// How large the rows are that a store keeps, in bytes, on average.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Those of codes.
    pub code: usize,
    /// Those of grants.
    pub grant: usize,
}

impl Sizes {
    /// Reads them from the file of an authorization server.
    ///
    /// # Panics
    /// When it is none, or has none of these rows.
    #[must_use]
    pub fn of(file: &Path) -> Self {
        let store = Connection::open(file).expect("the file opens");
        let average = |kind: &str| -> f64 {
            store.query_row("SELECT avg(length(body)) FROM records WHERE kind = ?", [kind], |row| row.get(0)).expect("there are rows")
        };
        Self { code: average("code") as usize, grant: average("grant") as usize }
    }
}

/// A file with rows in it, as durable as the store's.
#[derive(Debug)]
pub struct BareRows {
    connection: Connection,
    sizes: Sizes,
    next: u64,
}

impl BareRows {
    /// Makes a file.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn create(file: &Path, sizes: Sizes) -> Self {
        let connection = Connection::open(file).expect("the file can be made");
        let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).expect("SQLite answers");
        assert_eq!(mode, "wal");
        connection.pragma_update(None, "synchronous", "FULL").expect("SQLite obeys");
        connection.execute_batch("CREATE TABLE rows (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID").expect("SQL");
        Self { connection, sizes, next: 0 }
    }

    /// Changes a code and adds a grant, so many times; how long that takes.
    ///
    /// # Panics
    /// When the disk fails.
    pub fn exchange(&mut self, times: usize) -> Duration {
        let first = self.next;
        self.next += times as u64;
        let (code, spent, grant) = (vec![1_u8; self.sizes.code], vec![2_u8; self.sizes.code], vec![3_u8; self.sizes.grant]);
        let transaction = self.connection.transaction().expect("a transaction begins");
        for number in first..self.next {
            transaction.execute("INSERT INTO rows VALUES (?, ?)", params![name("code", number), code]).expect("SQL");
        }
        transaction.commit().expect("it is written");
        let begun = Instant::now();
        for number in first..self.next {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).expect("a transaction begins");
            let update = "UPDATE rows SET body = ? WHERE id = ?";
            transaction.prepare_cached(update).and_then(|mut sql| sql.execute(params![spent, name("code", number)])).expect("SQL");
            let insert = "INSERT INTO rows VALUES (?, ?)";
            transaction.prepare_cached(insert).and_then(|mut sql| sql.execute(params![name("grant", number), grant])).expect("SQL");
            transaction.commit().expect("it is written");
        }
        begun.elapsed()
    }

    /// Changes one grant so many times; how long that takes.
    ///
    /// # Panics
    /// When there is none yet, or the disk fails.
    pub fn refresh(&mut self, times: usize) -> Duration {
        let begun = Instant::now();
        for _ in 0..times {
            self.next += 1;
            // SQLite writes nothing where nothing has changed.
            let grant = self.next.to_le_bytes().repeat(self.sizes.grant / 8);
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).expect("a transaction begins");
            let update = "UPDATE rows SET body = ? WHERE id = ?";
            let changed = transaction.prepare_cached(update).and_then(|mut sql| sql.execute(params![grant, name("grant", 0)]));
            assert_eq!(changed, Ok(1), "an exchange comes first");
            transaction.commit().expect("it is written");
        }
        begun.elapsed()
    }
}

/// As long as the names that the store has.
fn name(kind: &str, number: u64) -> String {
    format!("{kind}-{number:026}")
}

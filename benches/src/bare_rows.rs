//! The least that has to be written: rows of the same number and size, in durable transactions of SQLite and by nobody else.

use std::path::Path;
use std::time::{Duration, Instant};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

/// What a store keeps of one kind.
#[derive(Clone, Debug)]
struct Kind {
    name: &'static str,
    /// How long a body is, in bytes, on average.
    size: usize,
    /// A row's columns besides its body.
    id: String,
    expires: Option<i64>,
    subject: Option<String>,
    grant: Option<String>,
    client: Option<String>,
}

/// A file with the tables and indexes of a store and rows like its own, as durable as that.
#[derive(Debug)]
pub struct BareRows {
    connection: Connection,
    code: Kind,
    grant: Kind,
    /// The row that is changed again and again.
    changing: Option<String>,
}

impl Kind {
    fn of(store: &Connection, name: &'static str) -> Self {
        let size = "SELECT avg(length(body)) FROM records WHERE kind = ?";
        let size: f64 = store.query_row(size, [name], |row| row.get(0)).expect("there are rows");
        let one = "SELECT id, expires, subject, grant, client FROM records WHERE kind = ? LIMIT 1";
        let row = |row: &rusqlite::Row<'_>| {
            let (id, expires, subject, grant, client) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            Ok(Self { name, size: size as usize, id, expires, subject, grant, client })
        };
        store.query_row(one, [name], row).expect("there are rows")
    }

    /// A name that is as long, and as far from any other.
    fn new_id(&self) -> String {
        let mut random = vec![0; self.id.len()];
        rand::fill(&mut random).expect("the operating system has randomness");
        let mut id = URL_SAFE_NO_PAD.encode(random);
        id.truncate(self.id.len());
        id
    }

    fn insert(&self, connection: &Connection, id: &str) {
        let insert = "INSERT INTO records (kind, id, version, expires, subject, grant, client, body) VALUES (?, ?, 1, ?, ?, ?, ?, ?)";
        // Those that name the row itself or one like it are different each time.
        let grant = self.grant.as_ref().map(|_| self.new_id());
        let values = params![self.name, id, self.expires, self.subject, grant, self.client, vec![3_u8; self.size]];
        connection.prepare_cached(insert).and_then(|mut sql| sql.execute(values)).expect("SQL");
    }

    fn update(&self, connection: &Connection, id: &str, body: &[u8]) {
        let update = "UPDATE records SET version = version + 1, body = ? WHERE kind = ? AND id = ?";
        let changed = connection.prepare_cached(update).and_then(|mut sql| sql.execute(params![body, self.name, id]));
        assert_eq!(changed, Ok(1), "the row is there");
    }
}

impl BareRows {
    /// Makes a file with the tables of the store that is in another, and rows as large.
    ///
    /// # Panics
    /// When it cannot be made, or the other is no store or has no codes and grants.
    #[must_use]
    pub fn create(file: &Path, store: &Path) -> Self {
        let store = Connection::open(store).expect("the file opens");
        let connection = Connection::open(file).expect("the file can be made");
        let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).expect("SQLite answers");
        assert_eq!(mode, "wal");
        connection.pragma_update(None, "synchronous", "FULL").expect("SQLite obeys");
        let mut schema = store.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").expect("SQL");
        for sql in schema.query_map([], |row| row.get::<_, String>(0)).expect("there are tables") {
            connection.execute_batch(&sql.expect("a text")).expect("SQL");
        }
        Self { connection, code: Kind::of(&store, "code"), grant: Kind::of(&store, "grant"), changing: None }
    }

    /// How large the rows are, in bytes: codes, and grants.
    #[must_use]
    pub fn sizes(&self) -> (usize, usize) {
        (self.code.size, self.grant.size)
    }

    /// Adds codes, all at once; their names.
    ///
    /// # Panics
    /// When the disk fails.
    pub fn codes(&mut self, count: usize) -> Vec<String> {
        let transaction = self.connection.transaction().expect("a transaction begins");
        let codes: Vec<String> = (0..count).map(|_| self.code.new_id()).collect();
        codes.iter().for_each(|code| self.code.insert(&transaction, code));
        transaction.commit().expect("it is written");
        codes
    }

    /// Changes a code and adds a grant.
    ///
    /// # Panics
    /// When there is no such code, or the disk fails.
    pub fn exchange(&mut self, code: &str) {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).expect("a transaction begins");
        self.code.update(&transaction, code, &vec![2; self.code.size]);
        self.grant.insert(&transaction, &self.grant.new_id());
        transaction.commit().expect("it is written");
    }

    /// Changes a grant, the same each time.
    ///
    /// # Panics
    /// When there is none yet, or the disk fails.
    pub fn refresh(&mut self) {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).expect("a transaction begins");
        let id = self.changing.get_or_insert_with(|| {
            let one = transaction.query_row("SELECT id FROM records WHERE kind = 'grant' LIMIT 1", [], |row| row.get(0)).optional();
            one.expect("SQL").expect("an exchange comes first")
        });
        // SQLite writes nothing where nothing has changed.
        self.grant.update(&transaction, id, &self.grant.new_id().into_bytes().repeat(self.grant.size)[..self.grant.size]);
        transaction.commit().expect("it is written");
    }

    /// How long so many exchanges take, one after the other.
    ///
    /// # Panics
    /// When the disk fails.
    pub fn exchanges(&mut self, times: usize) -> Duration {
        let codes = self.codes(times);
        let begun = Instant::now();
        codes.iter().for_each(|code| self.exchange(code));
        begun.elapsed()
    }

    /// How long so many refreshes take, one after the other.
    ///
    /// # Panics
    /// When there is no grant yet, or the disk fails.
    pub fn refreshes(&mut self, times: usize) -> Duration {
        let begun = Instant::now();
        (0..times).for_each(|_| self.refresh());
        begun.elapsed()
    }
}

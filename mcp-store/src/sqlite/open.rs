//! Files and connections.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema;
use crate::StoreError;

/// How long one process waits until another has written.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Statements that a connection keeps compiled; there are fewer.
const STATEMENTS: usize = 64;
/// What the log is cut back to after a great deal was written at once, in bytes.
const LOG_BYTES: i64 = 64 * 1024 * 1024;

/// Opens the file for writing; creates it and brings it up to date if need be.
pub(super) fn create(path: &Path) -> Result<Connection, StoreError> {
    let directory = directory(path);
    if !directory.is_dir() {
        return Err(StoreError::Setup(format!("there is no directory {}; create it first", directory.display())));
    }
    private(OpenOptions::new().write(true).create(true)).open(path).map_err(|error| io(path, &error))?;
    let mut connection = connect(path)?;
    set_up(&mut connection).map_err(|error| name(path, error))?;
    Ok(connection)
}

/// Opens a file that [`create`] has seen, for reading.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Opens a file that exists.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    // A name that looks like a URI is a name all the same, and nothing is shared between threads.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| name(path, error.into()))?;
    connection.busy_timeout(PATIENCE)?;
    // A file is data; what it says in its schema is not run with the program's rights.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// The directory that a file is in.
pub(super) fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Options that create files only their owner may read. SQLite gives the log the mode of the file.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// The file system does not do what it is asked to do with a file.
pub(super) fn io(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Setup(format!("{}: {error}", path.display()))
}

fn set_up(connection: &mut Connection) -> Result<(), StoreError> {
    schema::migrate(connection)?;
    let mode = journal(connection)?;
    if mode != "wal" {
        return Err(StoreError::Setup(format!("its file system does not do for a write-ahead log, only for `{mode}`")));
    }
    // Savepoints go to memory instead of to files.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    Ok(())
}

/// Asks for the write-ahead log and answers which log there is.
fn journal(connection: &Connection) -> Result<String, StoreError> {
    let started = Instant::now();
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)) {
            // For this change SQLite itself does not always wait until others have opened the file.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && started.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(2));
            }
            other => return Ok(other?),
        }
    }
}

/// Says which file it is about.
fn name(path: &Path, error: StoreError) -> StoreError {
    let named = |reason: String| format!("{}: {reason}", path.display());
    match error {
        StoreError::Setup(reason) => StoreError::Setup(named(reason)),
        StoreError::Unavailable(reason) => StoreError::Unavailable(named(reason)),
        StoreError::Full(reason) => StoreError::Full(named(reason)),
        StoreError::Corrupt(reason) => StoreError::Corrupt(named(reason)),
        other => other,
    }
}

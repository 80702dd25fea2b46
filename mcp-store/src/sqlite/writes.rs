//! Changing records and counters, inside a transaction.

use rusqlite::{Connection, OptionalExtension, ToSql, params, params_from_iter};

use super::rows::{self, Selection, signed, unsigned};
use super::work::Step;
use crate::{Applied, Change, Effect, Key, MAX_COUNT, Record, StoreError, Time, When};

/// Writes a record that was absent. Nothing is answered if it was not.
const PUT_ABSENT: &str = "INSERT INTO records (kind, id, version, expires, subject, grant, client, body)
    VALUES (?1, ?2, 1, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (kind, id) DO UPDATE SET version = 1, expires = ?4, subject = ?5, grant = ?6, client = ?7, body = ?8
    WHERE expires <= ?3
    RETURNING version";

/// Write a record that has a version. SQLite writes the index of every column that is set, changed or not, so the first
/// changes one that stays with its owners and until when it did, the second one that stays with its owners, the last any.
const PUT_VERSION: [&str; 3] = [
    "UPDATE records SET version = version + 1, body = ?8
    WHERE kind = ?1 AND id = ?2 AND version = ?9 AND (expires IS NULL OR expires > ?3)
        AND expires IS ?4 AND subject IS ?5 AND grant IS ?6 AND client IS ?7
    RETURNING version",
    "UPDATE records SET version = version + 1, expires = ?4, body = ?8
    WHERE kind = ?1 AND id = ?2 AND version = ?9 AND (expires IS NULL OR expires > ?3)
        AND subject IS ?5 AND grant IS ?6 AND client IS ?7
    RETURNING version",
    "UPDATE records SET version = version + 1, expires = ?4, subject = ?5, grant = ?6, client = ?7, body = ?8
    WHERE kind = ?1 AND id = ?2 AND version = ?9 AND (expires IS NULL OR expires > ?3)
    RETURNING version",
];

const PUT_ANY: &str = "INSERT INTO records (kind, id, version, expires, subject, grant, client, body)
    VALUES (?1, ?2, 1, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (kind, id) DO UPDATE SET version = CASE WHEN expires <= ?3 THEN 1 ELSE version + 1 END,
        expires = ?4, subject = ?5, grant = ?6, client = ?7, body = ?8
    RETURNING version";

const REMOVE_ANY: &str = "DELETE FROM records WHERE kind = ?1 AND id = ?2
    RETURNING version, expires, subject, grant, client, body";

const REMOVE_VERSION: &str = "DELETE FROM records
    WHERE kind = ?1 AND id = ?2 AND version = ?3 AND (expires IS NULL OR expires > ?4)
    RETURNING version, expires, subject, grant, client, body";

const COUNT: &str = "INSERT INTO counters (kind, id, total, expires) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (kind, id) DO UPDATE SET
        total = CASE WHEN expires <= ?5 THEN ?3 WHEN total > ?6 - ?3 THEN ?6 ELSE total + ?3 END,
        expires = CASE WHEN expires <= ?5 THEN ?4 ELSE expires END
    RETURNING total";

const SWEEP_RECORDS: &str = "DELETE FROM records WHERE rowid IN (SELECT rowid FROM records WHERE expires <= ?1 LIMIT ?2)";

const SWEEP_COUNTERS: &str = "DELETE FROM counters
    WHERE (kind, id) IN (SELECT kind, id FROM counters WHERE expires <= ?1 LIMIT ?2)";

pub(super) fn apply(connection: &Connection, changes: Vec<Change>, now: Time) -> Result<Step<Applied>, StoreError> {
    let mut effects = Vec::with_capacity(changes.len());
    for (index, change) in changes.into_iter().enumerate() {
        let effect = match change {
            Change::Put { record, when } => put(connection, &record, when, now)?.map(Effect::Put),
            Change::Remove { key, when } => remove(connection, &key, when, now)?.map(Effect::Removed),
        };
        match effect {
            Some(effect) => effects.push(effect),
            None => return Ok(Step::Discard(Applied::Conflict(index))),
        }
    }
    Ok(Step::Keep(Applied::Done(effects)))
}

pub(super) fn purge(connection: &Connection, selection: &Selection) -> Result<Step<u64>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("DELETE FROM records WHERE {}", selection.condition))?;
    Ok(Step::Keep(statement.execute(params_from_iter(&selection.values))? as u64))
}

/// Adds to a counter, which ends at `expires` if it begins now.
pub(super) fn count(connection: &Connection, key: &Key, by: u64, expires: Time, now: Time) -> Result<Step<u64>, StoreError> {
    let (expires, now) = (signed(expires.as_millis()), signed(now.as_millis()));
    let mut statement = connection.prepare_cached(COUNT)?;
    let values = params![key.kind.as_str(), key.id, signed(by), expires, now, signed(MAX_COUNT)];
    Ok(Step::Keep(unsigned(statement.query_row(values, |row| row.get(0))?)?))
}

pub(super) fn sweep(connection: &Connection, now: Time, max: u64) -> Result<Step<u64>, StoreError> {
    let delete = |sql, max| -> Result<u64, StoreError> {
        Ok(connection.prepare_cached(sql)?.execute((signed(now.as_millis()), signed(max)))? as u64)
    };
    let records = delete(SWEEP_RECORDS, max)?;
    let counters = delete(SWEEP_COUNTERS, max - records)?;
    Ok(Step::Keep(records + counters))
}

/// Writes the record and answers its version; none if the condition does not hold.
fn put(connection: &Connection, record: &Record, when: When, now: Time) -> Result<Option<u64>, StoreError> {
    let Record { key, version: _, expires, subject, grant, client, body } = record;
    let (kind, expires, now) = (key.kind.as_str(), expires.map(|time| signed(time.as_millis())), signed(now.as_millis()));
    let values = params![kind, key.id, now, expires, subject, grant, client, &body[..]];
    let write = |sql: &str, values: &[&dyn ToSql]| connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional();
    let written = match when {
        When::Absent => write(PUT_ABSENT, values)?,
        When::Any => write(PUT_ANY, values)?,
        When::Version(wanted) => {
            let Ok(wanted) = i64::try_from(wanted) else { return Ok(None) };
            let values = [values, &[&wanted as &dyn ToSql]].concat();
            PUT_VERSION.iter().find_map(|sql| write(sql, &values).transpose()).transpose()?
        }
    };
    written.map(unsigned).transpose()
}

/// Removes the record and answers it if there was one; none at all if the condition does not hold.
fn remove(connection: &Connection, key: &Key, when: When, now: Time) -> Result<Option<Option<Record>>, StoreError> {
    let (kind, id) = (key.kind.as_str(), &key.id);
    match when {
        When::Absent => Ok(rows::get(connection, key, now)?.is_none().then_some(None)),
        When::Version(wanted) => {
            let Ok(wanted) = i64::try_from(wanted) else { return Ok(None) };
            let mut statement = connection.prepare_cached(REMOVE_VERSION)?;
            let removed = rows::first(&mut statement, params![kind, id, wanted, signed(now.as_millis())], key)?;
            Ok(removed.map(Some))
        }
        When::Any => {
            let removed = rows::first(&mut *connection.prepare_cached(REMOVE_ANY)?, params![kind, id], key)?;
            Ok(Some(removed.filter(|record| record.is_live(now))))
        }
    }
}

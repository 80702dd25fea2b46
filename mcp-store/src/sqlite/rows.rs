//! Reading records.

use rusqlite::{Connection, Row, Statement, ToSql, params, params_from_iter};

use crate::{Index, Key, Kind, Page, Record, StoreError, Time};

/// The records of an [`Index`], as a part of a statement. It owns its texts.
pub(super) struct Selection {
    pub(super) condition: &'static str,
    /// What stands for the `?` of the condition.
    pub(super) values: Vec<String>,
    kind: Option<Kind>,
}

impl From<Index<'_>> for Selection {
    fn from(by: Index<'_>) -> Self {
        let (condition, owner) = match by {
            Index::Kind(_) => ("kind = ?", None),
            Index::Subject(owner, None) => ("subject = ?", Some(owner)),
            Index::Subject(owner, Some(_)) => ("subject = ? AND kind = ?", Some(owner)),
            Index::Grant(owner, None) => ("grant = ?", Some(owner)),
            Index::Grant(owner, Some(_)) => ("grant = ? AND kind = ?", Some(owner)),
            Index::Client(owner, None) => ("client = ?", Some(owner)),
            Index::Client(owner, Some(_)) => ("client = ? AND kind = ?", Some(owner)),
        };
        let kind = by.kind();
        let values = owner.map(str::to_owned).into_iter().chain(kind.map(|kind| kind.to_string())).collect();
        Self { condition, values, kind }
    }
}

const GET: &str = "SELECT version, expires, subject, grant, client, body FROM records
    WHERE kind = ?1 AND id = ?2 AND (expires IS NULL OR expires > ?3)";

pub(super) fn get(connection: &Connection, key: &Key, now: Time) -> Result<Option<Record>, StoreError> {
    first(&mut *connection.prepare_cached(GET)?, params![key.kind.as_str(), key.id, signed(now.as_millis())], key)
}

/// The record with this key that a statement answers, if it does.
pub(super) fn first(statement: &mut Statement<'_>, values: &[&dyn ToSql], key: &Key) -> Result<Option<Record>, StoreError> {
    statement.query(values)?.next()?.map(|row| record(row, key.clone())).transpose()
}

pub(super) fn list(connection: &Connection, selection: &Selection, page: Page, now: Time) -> Result<Vec<Record>, StoreError> {
    let (sql, after) = match (selection.kind, page.after) {
        (Some(kind), Some(after)) if after.kind > kind => return Ok(Vec::new()),
        (Some(kind), Some(after)) if after.kind == kind => (list_sql(selection.condition, "AND id > ?"), vec![after.id]),
        (None, Some(after)) => (list_sql(selection.condition, "AND (kind, id) > (?, ?)"), vec![after.kind.to_string(), after.id]),
        _ => (list_sql(selection.condition, ""), Vec::new()),
    };
    let texts = selection.values.iter().chain(&after).map(|text| text as &dyn ToSql);
    let (now, limit) = (signed(now.as_millis()), i64::try_from(page.limit).unwrap_or(i64::MAX));
    let numbers = [&now as &dyn ToSql, &limit];
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(texts.chain(numbers)))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let name = row.get_ref(6)?.as_str().ok().and_then(Kind::parse);
        let kind = name.ok_or_else(|| StoreError::Corrupt("a record is of a kind that there cannot be".to_owned()))?;
        records.push(record(row, Key { kind, id: row.get(7)? })?);
    }
    Ok(records)
}

fn list_sql(condition: &str, after: &str) -> String {
    format!(
        "SELECT version, expires, subject, grant, client, body, kind, id FROM records
         WHERE {condition} {after} AND (expires IS NULL OR expires > ?) ORDER BY kind, id LIMIT ?"
    )
}

/// A record, from the columns `version, expires, subject, grant, client, body`.
fn record(row: &Row<'_>, key: Key) -> Result<Record, StoreError> {
    Ok(Record {
        key,
        version: unsigned(row.get(0)?)?,
        expires: row.get::<_, Option<i64>>(1)?.map(|millis| unsigned(millis).map(Time::from_millis)).transpose()?,
        subject: row.get(2)?,
        grant: row.get(3)?,
        client: row.get(4)?,
        body: row.get::<_, Vec<u8>>(5)?.into(),
    })
}

/// SQLite has signed numbers only. Times and counts end where those do.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Corrupt("a number is less than zero".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("it compiles");
        // Values do not matter to the plan.
        let nulls = vec![None::<i64>; statement.parameter_count()];
        let lines = statement.query_map(params_from_iter(nulls), |row| row.get::<_, String>(3)).expect("it runs");
        lines.collect::<Result<Vec<_>, _>>().expect("they are texts").join("; ")
    }

    #[test]
    fn every_list_is_read_from_its_index_in_order() {
        let mut connection = Connection::open_in_memory().expect("memory opens");
        schema::migrate(&mut connection).expect("the tables are made");
        let cases = [
            ("kind = ?", "AND id > ?", "sqlite_autoindex_records_1 (kind=? AND id>?)"),
            ("subject = ?", "AND (kind, id) > (?, ?)", "records_by_subject (subject=? AND (kind,id)>(?,?))"),
            ("subject = ? AND kind = ?", "AND id > ?", "records_by_subject (subject=? AND kind=? AND id>?)"),
            ("grant = ?", "", "records_by_grant (grant=?)"),
            ("client = ? AND kind = ?", "", "records_by_client (client=? AND kind=?)"),
        ];
        for (condition, after, used) in cases {
            assert_eq!(plan(&connection, &list_sql(condition, after)), format!("SEARCH records USING INDEX {used}"));
        }
    }
}

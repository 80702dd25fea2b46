//! Lists and purges.

use std::sync::Arc;

use super::{CODE, NOW, TOKEN, keep, record};
use crate::{Index, Key, Kind, Page, Record, Store};

/// Kind, id, subject, grant and client of what there is, in order.
const RECORDS: [(Kind, &str, &str, &str, &str); 6] = [
    (CODE, "a", "alice", "g1", "c1"),
    (CODE, "b", "bob", "g2", "c1"),
    (CODE, "c", "", "", ""),
    (TOKEN, "a", "alice", "g1", "c1"),
    (TOKEN, "b", "alice", "g3", "c2"),
    (TOKEN, "c", "bob", "g1", ""),
];

/// What each index holds, by position.
const INDEXES: [(Index<'_>, &[usize]); 13] = [
    (Index::Kind(CODE), &[0, 1, 2]),
    (Index::Kind(TOKEN), &[3, 4, 5]),
    (Index::Kind(Kind::from_static("cod")), &[]),
    (Index::Subject("alice", None), &[0, 3, 4]),
    (Index::Subject("alice", Some(TOKEN)), &[3, 4]),
    (Index::Subject("bob", Some(CODE)), &[1]),
    (Index::Subject("", None), &[]),
    (Index::Subject("g1", None), &[]),
    (Index::Grant("g1", None), &[0, 3, 5]),
    (Index::Grant("g1", Some(TOKEN)), &[3, 5]),
    (Index::Client("c1", None), &[0, 1, 3]),
    (Index::Client("c1", Some(CODE)), &[0, 1]),
    (Index::Client("C1", None), &[]),
];

#[doc(hidden)]
pub async fn an_index_lists_its_own_in_order(store: Arc<dyn Store>) {
    fill(&*store).await;
    for (by, positions) in INDEXES {
        let listed = store.list(by, Page::first(99), NOW).await.expect("the store works");
        let expected: Vec<Record> = positions.iter().map(|position| make(*position)).collect();
        assert_eq!(listed, expected, "{by:?}");
    }
}

#[doc(hidden)]
pub async fn purging_an_index_removes_its_own_and_nothing_else(store: Arc<dyn Store>) {
    for (by, positions) in INDEXES {
        fill(&*store).await;
        assert_eq!(store.purge(by).await, Ok(positions.len() as u64), "{by:?}");
        assert_eq!(store.purge(by).await, Ok(0), "{by:?}");
        let mut left = store.list(Index::Kind(CODE), Page::first(99), NOW).await.expect("the store works");
        left.extend(store.list(Index::Kind(TOKEN), Page::first(99), NOW).await.expect("the store works"));
        let expected: Vec<Record> = (0..RECORDS.len()).filter(|position| !positions.contains(position)).map(make).collect();
        assert_eq!(left, expected, "{by:?}");
    }
}

#[doc(hidden)]
pub async fn a_record_that_changes_owners_leaves_their_indexes(store: Arc<dyn Store>) {
    keep(&*store, record("a", "1").with_subject("alice").with_grant("g1").with_client("c1")).await;
    keep(&*store, record("a", "2").with_subject("bob").with_grant("g2")).await;
    for (by, found) in [
        (Index::Subject("alice", None), 0),
        (Index::Grant("g1", None), 0),
        (Index::Client("c1", None), 0),
        (Index::Subject("bob", None), 1),
        (Index::Grant("g2", None), 1),
    ] {
        assert_eq!(store.list(by, Page::first(9), NOW).await.expect("the store works").len(), found, "{by:?}");
    }
    assert_eq!(store.purge(Index::Subject("alice", None)).await, Ok(0));
    assert_eq!(store.purge(Index::Subject("bob", None)).await, Ok(1));
}

/// Puts the records anew.
async fn fill(store: &dyn Store) {
    for kind in [CODE, TOKEN] {
        store.purge(Index::Kind(kind)).await.expect("the store works");
    }
    // Against the order in which they are listed.
    for position in (0..RECORDS.len()).rev() {
        keep(store, make(position)).await;
    }
}

fn make(position: usize) -> Record {
    let (kind, id, subject, grant, client) = RECORDS[position];
    let owner = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    Record {
        version: 1,
        subject: owner(subject),
        grant: owner(grant),
        client: owner(client),
        ..Record::new(Key::new(kind, id), position.to_string())
    }
}

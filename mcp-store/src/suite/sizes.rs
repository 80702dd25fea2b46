//! Ids and bodies at their limits.

use std::sync::Arc;
use std::time::Duration;

use super::{NOW, key, put, record};
use crate::{Index, MAX_BODY_BYTES, MAX_ID_BYTES, Page, Record, Store, StoreError, When};

#[doc(hidden)]
pub async fn awkward_ids_and_bodies_are_kept(store: Arc<dyn Store>) {
    let longest = "ü".repeat(MAX_ID_BYTES / 2);
    let ids = [
        "\0",
        "a\0",
        "a\0b",
        "a",
        "A",
        " a",
        "a ",
        "'; DROP TABLE records; --",
        "%_?*",
        "é",
        "e\u{301}",
        "日本",
        "🦀",
        "\u{10ffff}",
        &longest,
    ];
    let bodies: [Vec<u8>; 5] = [Vec::new(), vec![0; 3], b"a\0b".to_vec(), vec![0xff, 0xfe], vec![7; MAX_BODY_BYTES]];
    let mut records: Vec<Record> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| {
            let body = bodies[number % bodies.len()].clone();
            Record { version: 1, ..Record::new(key(id), body).with_subject(*id).with_grant(*id).with_client(*id) }
        })
        .collect();
    for record in &records {
        assert_eq!(store.put(record.clone(), When::Absent, NOW).await, Ok(true), "{record:?}");
    }
    records.sort_by(|one, other| one.key.id.as_bytes().cmp(other.key.id.as_bytes()));
    assert_eq!(store.list(Index::Kind(key("").kind), Page::first(99), NOW).await, Ok(records.clone()));
    for (position, record) in records.iter().enumerate() {
        let rest = store.list(Index::Kind(record.key.kind), Page::after(record.key.clone(), 99), NOW).await;
        assert_eq!(rest.as_deref(), Ok(&records[position + 1..]), "{record:?}");
        let id = &record.key.id;
        for by in [Index::Subject(id, None), Index::Grant(id, None), Index::Client(id, None)] {
            assert_eq!(store.list(by, Page::first(2), NOW).await.as_deref(), Ok(std::slice::from_ref(record)), "{by:?}");
        }
        assert_eq!(store.count(&record.key, 1, Duration::from_secs(1), NOW).await, Ok(1), "{record:?}");
        assert_eq!(store.take(&record.key, NOW).await, Ok(Some(record.clone())), "{record:?}");
    }
}

#[doc(hidden)]
pub async fn what_is_too_large_is_refused(store: Arc<dyn Store>) {
    let long = "x".repeat(MAX_ID_BYTES + 1);
    let too_large = |what| StoreError::TooLarge { what, bytes: MAX_ID_BYTES + 1, most: MAX_ID_BYTES };
    let cases = [
        (record(&long, ""), too_large("the id")),
        (record("a", "").with_subject(&*long), too_large("the subject")),
        (record("a", "").with_grant(&*long), too_large("the grant")),
        (record("a", "").with_client(&*long), too_large("the client")),
        (
            Record::new(key("a"), vec![0; MAX_BODY_BYTES + 1]),
            StoreError::TooLarge { what: "the body", bytes: MAX_BODY_BYTES + 1, most: MAX_BODY_BYTES },
        ),
        (record("", ""), StoreError::Empty { what: "the id" }),
        (record("a", "").with_subject(""), StoreError::Empty { what: "the subject" }),
    ];
    for (record, error) in cases {
        let changes = vec![put(super::record("good", ""), When::Absent), put(record, When::Any)];
        assert_eq!(store.apply(changes, NOW).await, Err(error));
    }
    for id in [&*long, ""] {
        assert!(store.count(&key(id), 1, Duration::from_secs(1), NOW).await.is_err());
        // By such an id there is nothing, and that is not a mistake: ids come from outside.
        assert_eq!(store.get(&key(id), NOW).await, Ok(None));
        assert_eq!(store.take(&key(id), NOW).await, Ok(None));
    }
    assert_eq!(store.list(Index::Kind(key("").kind), Page::first(9), NOW).await, Ok(Vec::new()));
}

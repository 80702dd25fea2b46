//! Lists in parts.

use std::sync::Arc;

use super::{CODE, NOW, TOKEN, keep, put, record};
use crate::{Applied, Index, Key, Kind, Page, Record, Store, When};

#[doc(hidden)]
pub async fn pages_join_to_the_whole_list(store: Arc<dyn Store>) {
    for number in 0..7 {
        for kind in [CODE, TOKEN] {
            let key = Key::new(kind, number.to_string());
            keep(&*store, Record::new(key, "r").with_subject("alice").with_grant("g").with_client("c")).await;
        }
    }
    for by in [Index::Kind(TOKEN), Index::Subject("alice", None), Index::Grant("g", Some(CODE)), Index::Client("c", None)] {
        let whole = store.list(by, Page::first(99), NOW).await.expect("the store works");
        assert_eq!(whole.len(), if by.kind().is_some() { 7 } else { 14 });
        for limit in [1, 2, 7, 13, 14, 15] {
            assert_eq!(pages(&*store, by, limit).await, whole, "{by:?} {limit}");
        }
        assert_eq!(store.list(by, Page::first(0), NOW).await, Ok(Vec::new()));
    }
    // What a page begins after need not be there, nor be of the kind that is listed.
    let rest = async |by, kind, id: &str| {
        let page = Page::after(Key::new(kind, id), 99);
        store.list(by, page, NOW).await.expect("the store works").len()
    };
    assert_eq!(rest(Index::Kind(CODE), CODE, "45").await, 2);
    assert_eq!(rest(Index::Subject("alice", None), CODE, "9").await, 7);
    for (by, of) in [(Index::Kind(CODE), CODE), (Index::Subject("alice", Some(CODE)), CODE)] {
        assert_eq!(rest(by, Kind::from_static("a"), "9").await, 7, "{of}");
        assert_eq!(rest(by, Kind::from_static("z"), "").await, 0, "{of}");
    }
}

#[doc(hidden)]
pub async fn ten_thousand_records_are_paged(store: Arc<dyn Store>) {
    const RECORDS: usize = 10_000;
    for hundred in 0..RECORDS / 100 {
        let changes = (0..100).map(|one| put(record(&format!("{:05}", hundred * 100 + one), "r").with_client("c"), When::Absent)).collect();
        assert!(matches!(store.apply(changes, NOW).await, Ok(Applied::Done(effects)) if effects.len() == 100));
    }
    for by in [Index::Kind(CODE), Index::Client("c", None)] {
        let ids = pages(&*store, by, 997).await.into_iter().map(|record| record.key.id);
        assert!(ids.eq((0..RECORDS).map(|number| format!("{number:05}"))), "{by:?}");
    }
    assert_eq!(store.purge(Index::Client("c", None)).await, Ok(RECORDS as u64));
    assert_eq!(store.list(Index::Kind(CODE), Page::first(1), NOW).await, Ok(Vec::new()));
}

/// All pages, one after the other.
async fn pages(store: &dyn Store, by: Index<'_>, limit: usize) -> Vec<Record> {
    let mut all: Vec<Record> = Vec::new();
    loop {
        let after = all.last().map(|record| record.key.clone());
        let page = store.list(by, Page { after, limit }, NOW).await.expect("the store works");
        assert!(page.len() <= limit);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

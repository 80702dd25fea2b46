//! Records that expire.

use std::sync::Arc;
use std::time::Duration;

use super::{NOW, keep, key, record};
use crate::{Index, Page, Record, Store, Time, When};

const MINUTE: Duration = Duration::from_secs(60);

#[doc(hidden)]
pub async fn an_expired_record_is_absent(store: Arc<dyn Store>) {
    let expires = NOW + MINUTE;
    keep(&*store, record("mortal", "m").with_expiry(expires).with_grant("g")).await;
    keep(&*store, record("eternal", "e").with_grant("g")).await;
    keep(&*store, record("last", "l").with_expiry(Time::MAX).with_grant("g")).await;
    let before = Time::from_millis(expires.as_millis() - 1);
    for (now, there) in [(NOW, true), (before, true), (expires, false), (expires + MINUTE, false)] {
        assert_eq!(store.get(&key("mortal"), now).await.expect("the store works").is_some(), there, "{now:?}");
        for by in [Index::Grant("g", None), Index::Kind(key("").kind)] {
            let ids: Vec<String> =
                store.list(by, Page::first(9), now).await.expect("the store works").into_iter().map(|record| record.key.id).collect();
            let expected: &[&str] = if there { &["eternal", "last", "mortal"] } else { &["eternal", "last"] };
            assert_eq!(ids, expected, "{by:?} {now:?}");
        }
    }
    // Expired records take no room on a page.
    let page = store.list(Index::Grant("g", None), Page::after(key("last"), 1), expires).await;
    assert_eq!(page, Ok(Vec::new()));
    assert_eq!(store.take(&key("mortal"), expires).await, Ok(None));
}

#[doc(hidden)]
pub async fn a_record_put_over_an_expired_one_is_new(store: Arc<dyn Store>) {
    for when in [When::Absent, When::Any] {
        for _ in 0..2 {
            keep(&*store, record("a", "old").with_expiry(NOW + MINUTE)).await;
        }
        let later = NOW + MINUTE;
        assert_eq!(store.put(record("a", "late"), When::Version(2), later).await, Ok(false));
        assert_eq!(store.put(record("a", "new").with_expiry(later + MINUTE), when, later).await, Ok(true));
        let new = Record { version: 1, ..record("a", "new").with_expiry(later + MINUTE) };
        assert_eq!(store.take(&key("a"), later).await, Ok(Some(new)), "{when:?}");
    }
}

#[doc(hidden)]
pub async fn sweeping_deletes_what_has_expired_and_no_more_than_asked(store: Arc<dyn Store>) {
    for number in 0..10 {
        let times = [("past", NOW), ("future", NOW + MINUTE)];
        for (name, expires) in times {
            keep(&*store, record(&format!("{name}-{number}"), "r").with_expiry(expires)).await;
        }
        keep(&*store, record(&format!("eternal-{number}"), "r")).await;
    }
    let ids = [("c1", Duration::ZERO), ("c2", Duration::ZERO), ("c3", MINUTE)];
    for (id, ttl) in ids {
        store.count(&key(id), 5, ttl, NOW).await.expect("the store works");
    }
    assert_eq!(store.sweep(NOW, 0).await, Ok(0));
    assert_eq!(store.sweep(NOW, 4).await, Ok(4));
    assert_eq!(store.sweep(NOW, 7).await, Ok(7));
    assert_eq!(store.sweep(NOW, u64::MAX).await, Ok(1));
    assert_eq!(store.sweep(NOW, u64::MAX).await, Ok(0));
    assert_eq!(store.list(Index::Kind(key("").kind), Page::first(99), NOW).await.expect("the store works").len(), 20);
    assert_eq!(store.count(&key("c3"), 0, MINUTE, NOW).await, Ok(5));
    assert_eq!(store.sweep(NOW + MINUTE, u64::MAX).await, Ok(11));
    assert_eq!(store.purge(Index::Kind(key("").kind)).await, Ok(10));
}

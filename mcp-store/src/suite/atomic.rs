//! Several changes at once.

use std::sync::Arc;

use super::{NOW, keep, key, put, record, remove};
use crate::{Applied, Effect, Index, Page, Record, Store, When};

#[doc(hidden)]
pub async fn all_changes_are_made_or_none(store: Arc<dyn Store>) {
    keep(&*store, record("there", "old").with_subject("alice").with_expiry(NOW + std::time::Duration::from_secs(9))).await;
    let before = store.get(&key("there"), NOW).await.expect("the store works");
    let failing = vec![
        put(record("new", "1").with_subject("alice"), When::Absent),
        put(record("there", "2").with_subject("bob"), When::Version(1)),
        remove("there", When::Version(2)),
        put(record("another", "3"), When::Any),
        remove("there", When::Version(2)),
        put(record("never", "4"), When::Absent),
    ];
    assert_eq!(store.apply(failing, NOW).await, Ok(Applied::Conflict(4)));
    assert_eq!(store.get(&key("there"), NOW).await, Ok(before.clone()));
    for id in ["new", "another", "never"] {
        assert_eq!(store.get(&key(id), NOW).await, Ok(None), "{id}");
    }
    let of = async |subject| store.list(Index::Subject(subject, None), Page::first(9), NOW).await.expect("the store works");
    assert_eq!(of("alice").await, Vec::from_iter(before));
    assert_eq!(of("bob").await, []);

    let holding = vec![put(record("new", "1"), When::Absent), remove("there", When::Version(1)), remove("nothing", When::Any)];
    let Ok(Applied::Done(effects)) = store.apply(holding, NOW).await else { panic!("all of the conditions hold") };
    assert!(matches!(&effects[..], [Effect::Put(1), Effect::Removed(Some(_)), Effect::Removed(None)]), "{effects:?}");
    assert_eq!(of("alice").await, []);
    assert_eq!(store.apply(Vec::new(), NOW).await, Ok(Applied::Done(Vec::new())));
}

#[doc(hidden)]
pub async fn changes_see_the_ones_before_them(store: Arc<dyn Store>) {
    let changes = vec![
        put(record("a", "1"), When::Absent),
        put(record("a", "2"), When::Version(1)),
        remove("a", When::Version(2)),
        remove("a", When::Absent),
        put(record("a", "3"), When::Absent),
    ];
    let second = Record { version: 2, ..record("a", "2") };
    let effects = vec![Effect::Put(1), Effect::Put(2), Effect::Removed(Some(second)), Effect::Removed(None), Effect::Put(1)];
    assert_eq!(store.apply(changes, NOW).await, Ok(Applied::Done(effects)));
    assert_eq!(store.get(&key("a"), NOW).await, Ok(Some(Record { version: 1, ..record("a", "3") })));
}

//! Conditions of single changes.

use std::sync::Arc;
use std::time::Duration;

use super::{NOW, keep, key, put, record, remove};
use crate::{Applied, Effect, Record, Store, When};

/// What there is before a change.
#[derive(Clone, Copy, Debug)]
enum Before {
    Nothing,
    Once,
    Twice,
    Expired,
}

#[doc(hidden)]
pub async fn a_condition_decides_whether_a_record_is_put_or_removed(store: Arc<dyn Store>) {
    use Before::{Expired, Nothing, Once, Twice};
    use When::{Absent, Any, Version};
    // Whether the condition holds, and the version of what is put if it does.
    let cases: &[(Before, When, Option<u64>)] = &[
        (Nothing, Absent, Some(1)),
        (Nothing, Any, Some(1)),
        (Nothing, Version(0), None),
        (Nothing, Version(1), None),
        (Once, Absent, None),
        (Once, Any, Some(2)),
        (Once, Version(0), None),
        (Once, Version(1), Some(2)),
        (Once, Version(2), None),
        (Once, Version(u64::MAX), None),
        (Twice, Absent, None),
        (Twice, Any, Some(3)),
        (Twice, Version(1), None),
        (Twice, Version(2), Some(3)),
        (Expired, Absent, Some(1)),
        (Expired, Any, Some(1)),
        (Expired, Version(1), None),
        (Expired, Version(0), None),
    ];
    for (number, &(before, when, version)) in cases.iter().enumerate() {
        for removes in [false, true] {
            let id = format!("{number}-{removes}");
            let old = prepare(&*store, &id, before).await;
            let change = if removes { remove(&id, when) } else { put(record(&id, "new"), when) };
            let applied = store.apply(vec![change], NOW).await.expect("the store works");
            let effect = |version| if removes { Effect::Removed(old.clone()) } else { Effect::Put(version) };
            let expected = version.map_or(Applied::Conflict(0), |version| Applied::Done(vec![effect(version)]));
            assert_eq!(applied, expected, "{before:?} {when:?} removes: {removes}");
            let left = store.get(&key(&id), NOW).await.expect("the store works");
            let expected = match version {
                None => old,
                Some(_) if removes => None,
                Some(version) => Some(Record { version, ..record(&id, "new") }),
            };
            assert_eq!(left, expected, "{before:?} {when:?} removes: {removes}");
        }
    }
}

/// Puts what there is before, and answers what of it can be seen.
async fn prepare(store: &dyn Store, id: &str, before: Before) -> Option<Record> {
    let times = match before {
        Before::Nothing => 0,
        Before::Once => 1,
        Before::Twice => 2,
        Before::Expired => {
            keep(store, record(id, "old").with_expiry(NOW)).await;
            return None;
        }
    };
    for _ in 0..times {
        keep(store, record(id, "old")).await;
    }
    (times > 0).then(|| Record { version: times, ..record(id, "old") })
}

#[doc(hidden)]
pub async fn what_was_put_is_what_is_there(store: Arc<dyn Store>) {
    let full = record("a", "full").with_expiry(NOW + Duration::from_secs(1)).with_subject("s").with_grant("g").with_client("c");
    // The version of what is put is not looked at.
    assert_eq!(store.put(Record { version: 77, ..full.clone() }, When::Absent, NOW).await, Ok(true));
    assert_eq!(store.get(&key("a"), NOW).await, Ok(Some(Record { version: 1, ..full })));
    assert_eq!(store.put(record("a", "bare"), When::Version(1), NOW).await, Ok(true));
    assert_eq!(store.get(&key("a"), NOW).await, Ok(Some(Record { version: 2, ..record("a", "bare") })));
    assert_eq!(store.put(record("a", "late"), When::Version(1), NOW).await, Ok(false));
    assert_eq!(store.take(&key("a"), NOW).await, Ok(Some(Record { version: 2, ..record("a", "bare") })));
    assert_eq!(store.take(&key("a"), NOW).await, Ok(None));
    assert_eq!(store.get(&key("a"), NOW).await, Ok(None));
}

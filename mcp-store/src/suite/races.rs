//! Many callers at once.

use std::sync::Arc;

use super::{NOW, RACERS, keep, key, put, race, record};
use crate::{Applied, Index, Record, Store, When};

#[doc(hidden)]
pub async fn one_of_many_takes_a_record(store: Arc<dyn Store>) {
    for round in 0..4 {
        let id = format!("code-{round}");
        keep(&*store, record(&id, "prize")).await;
        let taken = race(&store, |store, _| {
            let key = key(&id);
            async move { store.take(&key, NOW).await.expect("the store works") }
        });
        let taken: Vec<Record> = taken.await.into_iter().flatten().collect();
        assert_eq!(taken, [Record { version: 1, ..record(&id, "prize") }]);
    }
}

#[doc(hidden)]
pub async fn every_swap_of_a_version_is_won_once(store: Arc<dyn Store>) {
    keep(&*store, record("a", "0")).await;
    let tries = race(&store, async |store: Arc<dyn Store>, _| {
        for tries in 1.. {
            let old = store.get(&key("a"), NOW).await.expect("the store works").expect("nobody removes it");
            let number: u64 = str::from_utf8(&old.body).ok().and_then(|body| body.parse().ok()).expect("it is a number");
            assert_eq!(old.version, number + 1);
            if store.put(record("a", &(number + 1).to_string()), When::Version(old.version), NOW).await.expect("the store works") {
                return tries;
            }
        }
        unreachable!("it is tried until it is won")
    });
    let tries: Vec<u64> = tries.await;
    let last = store.get(&key("a"), NOW).await;
    assert_eq!(last, Ok(Some(Record { version: RACERS + 1, ..record("a", &RACERS.to_string()) })), "{tries:?}");
}

#[doc(hidden)]
pub async fn a_purge_and_a_swap_do_not_both_win(store: Arc<dyn Store>) {
    // A grant is revoked while tokens are issued for it: afterwards there are none.
    keep(&*store, record("grant", "live").with_grant("g")).await;
    let outcomes = race(&store, async |store: Arc<dyn Store>, number| {
        if number == RACERS / 2 {
            return store.purge(Index::Grant("g", None)).await.expect("the store works") > 0;
        }
        let Some(grant) = store.get(&key("grant"), NOW).await.expect("the store works") else { return false };
        let token = record(&format!("token-{number}"), "t").with_grant("g");
        let when = When::Version(grant.version);
        let applied = store.apply(vec![put(grant, when), put(token, When::Absent)], NOW).await.expect("the store works");
        matches!(applied, Applied::Done(_))
    });
    assert!(outcomes.await[RACERS as usize / 2]);
    assert_eq!(store.list(Index::Grant("g", None), crate::Page::first(99), NOW).await, Ok(Vec::new()));
}

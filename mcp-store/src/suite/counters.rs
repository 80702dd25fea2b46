//! Counters.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::{NOW, RACERS, keep, key, race, record};
use crate::{Index, Key, MAX_COUNT, Store};

const SECOND: Duration = Duration::from_secs(1);

#[doc(hidden)]
pub async fn a_counter_adds_up_and_begins_anew(store: Arc<dyn Store>) {
    // Seconds after the first, what is added, for how many seconds, and the sum.
    let counts =
        [(0, 1, 10, 1), (1, 2, 100, 3), (9, 0, 1, 3), (10, 5, 10, 5), (19, 1, 10, 6), (20, 0, 10, 0), (21, MAX_COUNT, 9, MAX_COUNT)];
    for (at, by, ttl, sum) in counts {
        assert_eq!(store.count(&key("a"), by, SECOND * ttl, NOW + SECOND * at).await, Ok(sum), "{at}");
    }
    // It stops where it ends, and others do not see it.
    assert_eq!(store.count(&key("a"), u64::MAX, SECOND, NOW + SECOND * 22).await, Ok(MAX_COUNT));
    assert_eq!(store.count(&key("b"), u64::MAX, SECOND, NOW).await, Ok(MAX_COUNT));
    assert_eq!(store.count(&Key::new(super::TOKEN, "a"), 1, SECOND, NOW).await, Ok(1));
    // Counters are not records, by whichever key.
    assert_eq!(store.get(&key("a"), NOW).await, Ok(None));
    keep(&*store, record("a", "record")).await;
    assert_eq!(store.purge(Index::Kind(key("a").kind)).await, Ok(1));
    assert_eq!(store.count(&key("a"), 0, SECOND, NOW + SECOND * 22).await, Ok(MAX_COUNT));
}

#[doc(hidden)]
pub async fn counts_at_the_same_time_are_all_counted(store: Arc<dyn Store>) {
    let sums = race(&store, async |store: Arc<dyn Store>, _| store.count(&key("a"), 1, SECOND, NOW).await.expect("the store works")).await;
    assert_eq!(BTreeSet::from_iter(sums), BTreeSet::from_iter(1..=RACERS));
}

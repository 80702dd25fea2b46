//! What every backend has to do, as tests of one.

mod atomic;
mod conditions;
mod counters;
mod expiry;
mod indexes;
mod paging;
mod races;
mod sizes;

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

pub use atomic::*;
pub use conditions::*;
pub use counters::*;
pub use expiry::*;
pub use indexes::*;
pub use paging::*;
pub use races::*;
pub use sizes::*;

use crate::{Change, Key, Kind, Record, Store, Time, When};

/// Tests a backend: expands to one `#[test]` for each thing that a [`Store`](crate::Store) has to do.
///
/// It is given an async function, or a closure like one, that makes an empty store for each test and answers it together with whatever
/// must not be dropped before it: a temporary directory, a container, or `()`.
///
/// ```
/// async fn make() -> (mcp_store::Memory, ()) {
///     (mcp_store::Memory::new(), ())
/// }
///
/// mcp_store::store_suite!(make);
/// ```
#[macro_export]
macro_rules! store_suite {
    ($make:expr) => {
        $crate::__store_suite! { $make;
            a_condition_decides_whether_a_record_is_put_or_removed
            what_was_put_is_what_is_there
            all_changes_are_made_or_none
            changes_see_the_ones_before_them
            an_expired_record_is_absent
            a_record_put_over_an_expired_one_is_new
            sweeping_deletes_what_has_expired_and_no_more_than_asked
            an_index_lists_its_own_in_order
            purging_an_index_removes_its_own_and_nothing_else
            a_record_that_changes_owners_leaves_their_indexes
            pages_join_to_the_whole_list
            ten_thousand_records_are_paged
            one_of_many_takes_a_record
            every_swap_of_a_version_is_won_once
            a_purge_and_a_swap_do_not_both_win
            a_counter_adds_up_and_begins_anew
            counts_at_the_same_time_are_all_counted
            awkward_ids_and_bodies_are_kept
            what_is_too_large_is_refused
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __store_suite {
    ($make:expr; $($test:ident)*) => {$(
        #[test]
        fn $test() {
            $crate::suite::run(async {
                let (store, _kept) = ($make)().await;
                $crate::suite::$test(::std::sync::Arc::new(store)).await;
            });
        }
    )*};
}

/// Runs one test on a runtime of its own, whose threads race.
pub fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime can be built").block_on(test);
}

/// How many race.
const RACERS: u64 = 64;

const NOW: Time = Time::from_millis(1_800_000_000_000);
const CODE: Kind = Kind::from_static("code");
const TOKEN: Kind = Kind::from_static("token");

fn key(id: &str) -> Key {
    Key::new(CODE, id)
}

fn record(id: &str, body: &str) -> Record {
    Record::new(key(id), body.to_owned())
}

fn put(record: Record, when: When) -> Change {
    Change::Put { record, when }
}

fn remove(id: &str, when: When) -> Change {
    Change::Remove { key: key(id), when }
}

/// Puts a record whatever is there.
async fn keep(store: &dyn Store, record: Record) {
    assert!(store.put(record, When::Any, NOW).await.expect("the store works"));
}

/// Runs `racer` as often as there are racers, at once, and answers what they answered.
async fn race<T, F>(store: &Arc<dyn Store>, racer: impl Fn(Arc<dyn Store>, u64) -> F) -> Vec<T>
where
    T: Debug + Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let racers: Vec<_> = (0..RACERS).map(|number| tokio::spawn(racer(store.clone(), number))).collect();
    let mut answers = Vec::with_capacity(racers.len());
    for racer in racers {
        answers.push(racer.await.expect("no racer panics"));
    }
    answers
}

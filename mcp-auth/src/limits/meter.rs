//! One limit and its keys.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};

use super::Rate;

/// How many keys are remembered at most, each in some 32 bytes. A key is forgotten when it has its whole burst
/// again, so filling this takes as many requests, from as many callers, within the interval of one: 100,000 in a
/// second at `60/min`.
const CAPACITY: usize = 100_000;

/// How many shared keys stand in when there is no room.
const SHARED: u128 = 1_024;

/// How long a full table is not searched again for keys to forget, in nanoseconds: searching takes time.
const SEARCH_EVERY: u64 = 1_000_000_000;

/// One limit and its keys.
///
/// When the table is full of keys that are in use, a newcomer is given one of [`SHARED`] common keys, by its hash.
/// It is limited as strictly as anybody, together with whoever shares that key; nobody else is forgotten for
/// it, and nobody gets past the limit by bringing many keys.
pub(super) struct Meter {
    rate: Rate,
    capacity: usize,
    /// Keys are kept as 128 bits of keyed hashes, so that long names cost no memory and nobody can choose names that collide.
    hashers: [RandomState; 2],
    full_again: HashMap<u128, u64>,
    search_after: u64,
}

/// The place of one key.
pub(super) struct Cell<'a> {
    rate: Rate,
    hash: u128,
    full_again: u64,
    table: &'a mut HashMap<u128, u64>,
}

impl Meter {
    pub(super) fn new(rate: Rate) -> Self {
        Self::with_capacity(rate, CAPACITY)
    }

    pub(super) fn with_capacity(rate: Rate, capacity: usize) -> Self {
        Self { rate, capacity, hashers: Default::default(), full_again: HashMap::new(), search_after: 0 }
    }

    /// The place of a key at the time `now`, in nanoseconds since 1970.
    pub(super) fn find(&mut self, key: &impl Hash, now: u64) -> Cell<'_> {
        let [high, low] = self.hashers.each_ref().map(|hasher| u128::from(hasher.hash_one(key)));
        let mut hash = high << 64 | low;
        if !self.full_again.contains_key(&hash) && !self.has_room(now) {
            hash %= SHARED;
        }
        let latest = self.latest(now);
        let full_again = self.full_again.get_mut(&hash).map_or(now, |time| {
            // Written back, so that the wait becomes shorter as the clock goes on from where it was set.
            *time = latest.min(*time);
            now.max(*time)
        });
        Cell { rate: self.rate, hash, full_again, table: &mut self.full_again }
    }

    /// A whole burst from now, which is as far as counting goes. What is later was counted before the clock was
    /// set back, and callers would wait for it to come forward again.
    fn latest(&self, now: u64) -> u64 {
        now.saturating_add(self.rate.refill_nanos())
    }

    fn has_room(&mut self, now: u64) -> bool {
        if self.full_again.len() >= self.capacity {
            // The clock may have been set back, hence the second comparison.
            if now < self.search_after && self.search_after - now <= SEARCH_EVERY {
                return false;
            }
            self.search_after = now.saturating_add(SEARCH_EVERY);
            let latest = self.latest(now);
            self.full_again.retain(|_, full_again| {
                *full_again = latest.min(*full_again);
                *full_again > now
            });
        }
        self.full_again.len() < self.capacity
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> usize {
        self.full_again.len()
    }
}

impl Cell<'_> {
    /// How long a request would have to wait, in nanoseconds.
    pub(super) fn wait(&self, now: u64) -> u64 {
        let room = self.rate.refill_nanos() - self.rate.interval_nanos();
        (self.full_again - now).saturating_sub(room)
    }

    /// Counts a request.
    pub(super) fn count(self, now: u64) {
        let counted = self.full_again.max(now).saturating_add(self.rate.interval_nanos());
        self.table.insert(self.hash, counted);
    }
}

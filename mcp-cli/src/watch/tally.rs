//! What was seen so far, in a bounded space.

use std::collections::{BTreeMap, VecDeque};

use super::event::Event;
use super::latency::Latency;

/// Most items that are counted by name; an attacker can invent names.
const MOST_ITEMS: usize = 500;
/// Under which the others are counted.
const OTHERS: &str = "(others)";
/// How many records are kept to be shown.
const RECENT: usize = 200;

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    items: BTreeMap<String, Item>,
    all: Item,
    recent: VecDeque<Event>,
    refusals: VecDeque<Event>,
    unreadable: u64,
}

/// What was seen of one item.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    pub(super) calls: u64,
    pub(super) failed: u64,
    pub(super) refused: u64,
    /// Of calls that were let in.
    pub(super) latency: Latency,
}

impl Item {
    fn take(&mut self, event: &Event) {
        self.calls += 1;
        self.failed += u64::from(event.has_failed());
        if event.is_refused() {
            self.refused += 1;
        } else {
            self.latency.take(event.latency_us);
        }
    }
}

impl Tally {
    /// Takes a line.
    pub(super) fn take(&mut self, line: &[u8]) {
        if line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let Some(event) = Event::parse(line) else {
            self.unreadable += 1;
            return;
        };
        self.all.take(&event);
        let known = self.items.len() < MOST_ITEMS || self.items.contains_key(event.what());
        let name = if known { event.what() } else { OTHERS };
        self.items.entry(name.to_owned()).or_default().take(&event);
        if event.is_refused() {
            keep(&mut self.refusals, event.clone());
        }
        keep(&mut self.recent, event);
    }

    /// Items by name, the most called first.
    pub(super) fn items(&self) -> Vec<(&str, &Item)> {
        let mut items: Vec<_> = self.items.iter().map(|(name, item)| (name.as_str(), item)).collect();
        items.sort_by_key(|(_, item)| std::cmp::Reverse(item.calls));
        items
    }

    /// All items together.
    pub(super) fn all(&self) -> &Item {
        &self.all
    }

    /// The latest records, the oldest first.
    pub(super) fn recent(&self) -> &VecDeque<Event> {
        &self.recent
    }

    /// The latest refusals, the oldest first.
    pub(super) fn refusals(&self) -> &VecDeque<Event> {
        &self.refusals
    }

    /// How many lines were no records.
    pub(super) fn unreadable(&self) -> u64 {
        self.unreadable
    }
}

fn keep(events: &mut VecDeque<Event>, event: Event) {
    if events.len() == RECENT {
        events.pop_front();
    }
    events.push_back(event);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_grows_without_bound() {
        let mut tally = Tally::default();
        for number in 0..2_000 {
            tally.take(
                format!(r#"{{"operation":"tools/call","item":"made-up-{number}","verdict":"denied","reason":"unknown"}}"#).as_bytes(),
            );
        }
        tally.take(b"not a record");
        tally.take(b"  ");
        assert_eq!((tally.items().len(), tally.recent().len(), tally.refusals().len()), (MOST_ITEMS + 1, RECENT, RECENT));
        assert_eq!((tally.items()[0].0, tally.items()[0].1.refused), (OTHERS, 1_500));
        assert_eq!((tally.all().calls, tally.unreadable()), (2_000, 1));
    }
}

//! The newest events, in memory, so that live watches need not ask the database.

use crate::ledger::size;
use crate::place::Place;
use engine::api::Revision;
use engine::ports::StoreEvent;
use std::collections::VecDeque;

/// Bounds of what is kept here.
const EVENTS: usize = 4096;
const BYTES: u64 = 8 * 1024 * 1024;

/// Everything after `start`, up to the end of `revision`.
#[derive(Debug)]
pub(crate) struct Tail {
    events: VecDeque<(Place, StoreEvent)>,
    start: Place,
    revision: Revision,
    bytes: u64,
}

/// Events in order, and how far they reach.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) events: Vec<(Place, StoreEvent)>,
    pub(crate) upto: Place,
}

impl Tail {
    pub(crate) fn new(revision: Revision) -> Self {
        let start = Place::end_of(revision);
        Self { events: VecDeque::new(), start, revision, bytes: 0 }
    }

    pub(crate) fn append(&mut self, events: Vec<(Place, StoreEvent)>, revision: Revision) {
        self.bytes += events.iter().map(|(_, event)| size(event)).sum::<u64>();
        self.events.extend(events);
        self.revision = revision;
        while self.events.len() > EVENTS || self.bytes > BYTES {
            let Some((place, event)) = self.events.pop_front() else { return };
            self.start = place;
            self.bytes -= size(&event);
        }
    }

    /// At most `limit` events after a place; `None` where that is before what is kept.
    pub(crate) fn after(&self, place: Place, prefix: &str, limit: usize) -> Option<Page> {
        if place < self.start {
            return None;
        }
        let first = self.events.partition_point(|(here, _)| *here <= place);
        let later = self.events.range(first..);
        let events: Vec<_> =
            later.filter(|(_, event)| event.key.starts_with(prefix)).take(limit).cloned().collect();
        let upto = match events.last() {
            Some((place, _)) if events.len() == limit => *place,
            // A reader of the database may be ahead of what is kept here.
            _ => Place::end_of(self.revision).max(place),
        };
        Some(Page { events, upto })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(revision: Revision, key: &str, bytes: usize) -> (Place, StoreEvent) {
        let value = Some(vec![0; bytes]);
        (Place { revision, position: 0 }, StoreEvent { revision, key: key.to_owned(), value })
    }

    fn revisions(page: &Page) -> Vec<Revision> {
        page.events.iter().map(|(place, _)| place.revision).collect()
    }

    #[test]
    fn pages_follow_one_another_without_gap_or_repetition() {
        let mut tail = Tail::new(10);
        for revision in 11..=15 {
            let key = if revision == 13 { "b" } else { "a" };
            tail.append(vec![event(revision, key, 1)], revision);
        }
        assert_eq!(tail.after(Place::end_of(9), "", 9), None);
        let page = tail.after(Place::end_of(10), "a", 3).unwrap();
        assert_eq!(revisions(&page), [11, 12, 14]);
        let page = tail.after(page.upto, "a", 3).unwrap();
        assert_eq!((revisions(&page), page.upto), (vec![15], Place::end_of(15)));
        let page = tail.after(page.upto, "a", 3).unwrap();
        assert_eq!((revisions(&page), page.upto), (vec![], Place::end_of(15)));
    }

    #[test]
    fn it_is_bounded_in_events_and_in_bytes() {
        let mut tail = Tail::new(0);
        for revision in 1..=EVENTS as u64 + 1 {
            tail.append(vec![event(revision, "k", 1)], revision);
        }
        assert_eq!(tail.after(Place::end_of(0), "", 1), None);
        assert!(tail.after(Place::end_of(1), "", 1).is_some());
        let large = usize::try_from(BYTES).unwrap();
        tail.append(vec![event(5000, "k", large), event(5001, "k", 1)], 5001);
        assert_eq!(tail.after(Place::end_of(4999), "", 1), None);
        assert_eq!(revisions(&tail.after(Place::end_of(5000), "", 9).unwrap()), [5001]);
    }
}

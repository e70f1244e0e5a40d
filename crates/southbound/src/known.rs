//! What a device was last seen to hold. A read fills it, and whatever may change the device
//! empties it, reads that began before included.

use std::sync::{Mutex, MutexGuard, PoisonError};
use yang::Tree;

#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    running: Option<Tree>,
    changes: u64,
}

/// A read that is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    since: u64,
}

impl Known {
    pub(crate) fn get(&self) -> Option<Tree> {
        self.seen().running.clone()
    }

    pub(crate) fn begin(&self) -> Reading {
        Reading { since: self.seen().changes }
    }

    pub(crate) fn end(&self, reading: Reading, running: &Tree) {
        let mut seen = self.seen();
        if seen.changes == reading.since {
            seen.running = Some(running.clone());
        }
    }

    pub(crate) fn forget(&self) {
        let mut seen = self.seen();
        seen.running = None;
        seen.changes += 1;
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_began_before_a_change_is_not_kept() {
        let known = Known::default();
        let reading = known.begin();
        known.end(reading, &Tree::new());
        assert!(known.get().is_some());
        let reading = known.begin();
        known.forget();
        known.end(reading, &Tree::new());
        assert!(known.get().is_none());
    }
}

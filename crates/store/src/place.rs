//! Where an event stands in history.

use engine::api::Revision;

const POSITION_BITS: u32 = 16;

/// A revision, and a position within its batch. As a row id it is both in one integer, so that
/// history is appended to at its end and forgotten from its beginning, without an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) revision: Revision,
    pub(crate) position: u16,
}

impl Place {
    /// After the last event of a revision; no event stands there.
    pub(crate) fn end_of(revision: Revision) -> Self {
        Self { revision, position: u16::MAX }
    }

    /// The last revision of which nothing is missing up to here.
    pub(crate) fn whole(self) -> Revision {
        if self.position == u16::MAX { self.revision } else { self.revision.saturating_sub(1) }
    }

    pub(crate) fn row(self) -> i64 {
        let row = (self.revision << POSITION_BITS) | u64::from(self.position);
        i64::try_from(row).expect("2^47 revisions take longer than anything runs")
    }

    /// `None` where no place has that row id.
    pub(crate) fn of_row(row: i64) -> Option<Self> {
        let row = u64::try_from(row).ok()?;
        let position = u16::try_from(row & u64::from(u16::MAX)).ok()?;
        Some(Self { revision: row >> POSITION_BITS, position })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_order_of_places() {
        let places = [
            Place { revision: 1, position: 0 },
            Place { revision: 1, position: 9 },
            Place::end_of(1),
            Place { revision: 2, position: 0 },
            Place::end_of(1 << 40),
        ];
        assert!(places.is_sorted());
        assert!(places.iter().map(|place| place.row()).is_sorted());
        for place in places {
            assert_eq!(Place::of_row(place.row()), Some(place));
        }
        assert_eq!(Place::of_row(-1), None);
    }

    #[test]
    fn a_revision_is_whole_only_at_its_end() {
        assert_eq!(Place { revision: 7, position: 3 }.whole(), 6);
        assert_eq!(Place::end_of(7).whole(), 7);
    }
}

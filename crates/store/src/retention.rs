//! How much history is kept for watches.

use engine::api::Revision;

/// The bounds of the history table; whichever is reached first. Current values are never
/// forgotten. A watch from before the bound is answered `Compacted`.
///
/// On disk history takes its bytes and some 40 more for each event. The file does not shrink when
/// history is forgotten; the room is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Revisions that can be watched from.
    pub revisions: Revision,
    /// Bytes of keys and values in history.
    pub bytes: u64,
}

impl Default for Retention {
    /// 100,000 revisions or 256 MiB.
    fn default() -> Self {
        Self { revisions: 100_000, bytes: 256 * 1024 * 1024 }
    }
}

//! How long to search: a number of moves, not a time, so that the answer does not depend on the
//! machine.

use super::solution::{SearchEnd, Spent};
use std::fmt;

/// What a search may spend, and the seed of its choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    pub seed: u64,
    /// Moves to try. Each tries other hosts for a few functions and costs a few microseconds.
    pub moves: u64,
}

impl Effort {
    /// An answer at once: some hundred microseconds for a service of six functions.
    pub const FAST: Self = Self { seed: 0, moves: 800 };
    /// A better answer: some milliseconds.
    pub const THOROUGH: Self = Self { seed: 0, moves: 10_000 };

    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    #[must_use]
    pub fn moves(self, moves: u64) -> Self {
        Self { moves, ..self }
    }
}

impl Default for Effort {
    fn default() -> Self {
        Self::FAST
    }
}

/// Which paths a link may take where arcs all cost the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detours {
    /// Any: one that is long only where there is no other.
    #[default]
    Any,
    /// None that is much longer than the shortest with room. What only long paths would carry is
    /// refused: a full network then carries more, for it is worth more to others.
    Short,
}

/// Counts moves, and asks the caller now and then whether to go on.
pub(super) struct Meter<'s> {
    limit: u64,
    moves: u64,
    stop: &'s mut dyn FnMut() -> bool,
    end: SearchEnd,
}

/// Moves between two questions to the caller.
const STRIDE: u64 = 16;

impl<'s> Meter<'s> {
    pub(super) fn new(effort: Effort, stop: &'s mut dyn FnMut() -> bool) -> Self {
        Self { limit: effort.moves, moves: 0, stop, end: SearchEnd::Converged }
    }

    /// Counts a move; false when there are to be no more.
    pub(super) fn more(&mut self) -> bool {
        if self.end != SearchEnd::Converged {
            return false;
        }
        if self.moves >= self.limit {
            self.end = SearchEnd::Budget;
        } else if self.moves.is_multiple_of(STRIDE) && (self.stop)() {
            self.end = SearchEnd::Stopped;
        }
        self.moves += 1;
        self.end == SearchEnd::Converged
    }

    pub(super) fn moves(&self) -> u64 {
        self.moves
    }

    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    pub(super) fn spent(&self) -> Spent {
        Spent { moves: self.moves.min(self.limit), end: self.end }
    }
}

impl fmt::Debug for Meter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Meter {{ {} of {} moves, {:?} }}", self.moves, self.limit, self.end)
    }
}

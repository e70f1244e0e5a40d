//! What is known about the way to an end once its cheapest path is: a feasible potential, exact about
//! that path, from which second-best paths are found without searching the network again.

use super::Finder;
use super::admission::Admission;
use super::bounded::{backward, behind};
use super::landmarks::{Bounds, Metric};
use super::query::Query;
use super::tree::{Tree, UNREACHED};
use crate::ids::NodeId;
use crate::residual::Residuals;

/// Lower bounds on the cost from each node to the end. No arc is cheaper than the difference of the
/// bounds at its ends, and on the cheapest path all arcs cost just that.
///
/// It is the smaller of two potentials of which that is true: the distance to the end, known where a
/// path through the node is no longer than the cheapest; and that length less what lies behind.
#[derive(Debug)]
pub(super) struct Corridor<'a> {
    tree: &'a Tree,
    behind: Bounds<'a>,
    length: u64,
}

impl Corridor<'_> {
    #[inline]
    pub(super) fn ahead(&self, node: NodeId) -> u64 {
        let known = self.tree.distance(node);
        if known != UNREACHED { known } else { self.length.saturating_sub(self.behind.of(node)) }
    }
}

impl Finder<'_> {
    /// Makes the corridor of a query whose cheapest path costs `length`. The marks are as they are.
    pub(super) fn open_corridor(&mut self, residuals: &Residuals, query: &Query, length: u64) {
        let behind = behind(self.landmarks.as_deref(), Metric::Cost, query.from);
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        let weigh = |step: &crate::Step| u64::from(step.cost);
        backward(&mut self.corridor, admission, weigh, (behind, length));
    }

    /// The corridor that was opened last, for the same query.
    pub(super) fn corridor(&self, query: &Query) -> Corridor<'_> {
        let behind = behind(self.landmarks.as_deref(), Metric::Cost, query.from);
        Corridor { tree: &self.corridor, behind, length: self.corridor.distance(query.from) }
    }
}

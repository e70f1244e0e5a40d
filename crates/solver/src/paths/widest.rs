//! The path whose narrowest arc is widest.

use super::Finder;
use super::admission::{Admission, Strictness, prepare};
use super::query::{NoPath, Path, Query};
use super::tree::{Direction, Tree, UNREACHED};
use crate::graph::{MAX_CAPACITY, Step};
use crate::ids::{ArcId, NodeId};
use crate::residual::Residuals;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// What is left of the arc.
    Width,
    /// What the arc lacks of what the query needs, both ways taken together.
    Shortfall,
}

/// A path and what its narrowest arc has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidestPath {
    pub path: Path,
    pub width: u64,
}

impl Finder<'_> {
    /// The widest of the paths that policies admit. [`Query::bandwidth`] is the least that is
    /// accepted; latency, hops and
    /// traffic the other way are not looked at here. The cheapest where several are as wide.
    ///
    /// # Errors
    /// Why there is none.
    pub fn widest(&mut self, residuals: &Residuals, query: &Query) -> Result<WidestPath, NoPath> {
        prepare(self.graph, query, &mut self.marks)?;
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        let policy = admission.with(Strictness::Policy);
        let Some(arcs) = search(&mut self.by_cost, policy, Measure::Width) else {
            return Err(self.diagnose(residuals, query));
        };
        let width = |arc: &ArcId| residuals.bandwidth(self.graph.arc(*arc).pool);
        let width = arcs.iter().map(width).min().unwrap_or(u64::MAX);
        if width < query.bandwidth {
            return Err(bottleneck(&admission, &arcs));
        }
        let width_of_all = Query { bandwidth: width, backward: None, ..query.clone() };
        let free = Query { max_latency: None, max_hops: None, ..width_of_all };
        let path = self.search(residuals, &free)?;
        Ok(WidestPath { path, width })
    }
}

/// Grows a tree in which the "distance" of a node is the worst step on the way to it.
pub(super) fn search(
    tree: &mut Tree,
    admission: Admission,
    measure: Measure,
) -> Option<Vec<ArcId>> {
    let (graph, target) = (admission.graph, admission.query.to);
    let badness = |step: &Step| match measure {
        Measure::Width => MAX_CAPACITY.saturating_sub(admission.residuals.bandwidth(step.pool)),
        Measure::Shortfall => admission.shortfall(step),
    };
    let extend = |(node, here): (NodeId, u64), step: &Step| {
        admission.admits(node, step).then(|| here.max(badness(step)))
    };
    let root = (admission.query.from, Direction::Forward);
    tree.grow(graph, root, extend, |_| 0, |node| node == target);
    (tree.distance(target) != UNREACHED).then(|| tree.path_to(graph, target))
}

/// What the narrowest arc of a path lacks, in the direction that lacks more.
pub(super) fn bottleneck(admission: &Admission, arcs: &[ArcId]) -> NoPath {
    let step = |arc: &ArcId| admission.graph.step(*arc);
    let worst = arcs.iter().map(step).max_by_key(|step| admission.shortfall(step));
    let worst = worst.expect("an empty path lacks nothing");
    let (there, back) = admission.available(&worst);
    let query = admission.query;
    let (needed, needed_back) = (query.bandwidth, query.backward.unwrap_or(0));
    let twin = admission.graph.arc(worst.arc).twin;
    match twin {
        Some(arc) if needed_back.saturating_sub(back) > needed.saturating_sub(there) => {
            NoPath::Bandwidth { arc, needed: needed_back, available: back }
        }
        _ => NoPath::Bandwidth { arc: worst.arc, needed, available: there },
    }
}

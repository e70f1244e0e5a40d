//! The cheapest path that meets a query.

use super::admission::{Admission, Strictness, prepare};
use super::bounded::ahead;
use super::disjoint::loopless;
use super::landmarks::{Approach, Landmarks, Metric};
use super::query::{NoPath, Path, Query};
use super::tree::{Direction, Tree, UNREACHED};
use super::{Finder, bidirectional, widest};
use crate::ids::{ArcId, NodeId};
use crate::residual::Residuals;

impl Finder<'_> {
    /// The cheapest path that the query admits. Exact, with a latency bound and a hop limit, too;
    /// the same query always gets the same path.
    ///
    /// # Errors
    /// Why there is none.
    pub fn shortest(&mut self, residuals: &Residuals, query: &Query) -> Result<Path, NoPath> {
        prepare(self.graph, query, &mut self.marks)?;
        self.search(residuals, query)
    }

    /// As [`shortest`](Self::shortest), for a caller that knows that the query is sound and has
    /// lower bounds, by node, on the cost of what is still to come; infinite where nothing is. All
    /// arcs cost `unit`, and a path takes at most `detour` more of them than the bounds say. Does not
    /// look for reasons.
    pub(crate) fn guided(
        &mut self,
        residuals: &Residuals,
        query: &Query,
        (ahead, unit): (&[f32], f32),
        detour: f32,
    ) -> Option<Path> {
        if ahead[query.from.index()] == f32::INFINITY {
            return None;
        }
        self.marks.clear();
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        let ends = (query.from, query.to);
        let even = |at: (NodeId, u64), step: &crate::Step| evenly(&admission, at, step);
        if !self.by_cost.descend(self.graph, ends, even, (ahead, unit)) {
            let most = whole(ahead[query.from.index()] + detour * unit);
            grow_evenly(&mut self.by_cost, admission, ahead, most);
        }
        if self.by_cost.distance(query.to) == UNREACHED {
            return None;
        }
        let path = Path::of(self.graph, query, self.by_cost.path_to(self.graph, query.to));
        if meets(&path, query) { Some(path) } else { self.search(residuals, query).ok() }
    }

    /// The arc from one end to the other that has most left, for a caller that knows that the query
    /// is sound and that nothing is cheaper than an arc.
    pub(crate) fn direct(&mut self, residuals: &Residuals, query: &Query) -> Option<Path> {
        self.marks.clear();
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        let leads = self.graph.outgoing(query.from).iter().filter(|step| step.node == query.to);
        let best = leads
            .filter(|step| admission.admits(query.from, step))
            .max_by_key(|step| residuals.bandwidth(step.pool))?;
        let path = Path::of(self.graph, query, vec![best.arc]);
        meets(&path, query).then_some(path)
    }

    /// As [`shortest`](Self::shortest), with the marks as they are.
    pub(super) fn search(&mut self, residuals: &Residuals, query: &Query) -> Result<Path, NoPath> {
        let Some(arcs) = self.cheapest(residuals, query) else {
            return Err(self.diagnose(residuals, query));
        };
        let path = Path::of(self.graph, query, arcs);
        if meets(&path, query) { Ok(path) } else { self.bounded(residuals, query, &path) }
    }

    /// The cheapest path, without a look at latency or hops.
    pub(super) fn cheapest(&mut self, residuals: &Residuals, query: &Query) -> Option<Vec<ArcId>> {
        let (graph, ends) = (self.graph, (query.from, query.to));
        let admission = Admission::new(graph, residuals, query, &self.marks);
        let approach = self.landmarks.as_deref().map_or(Approach::Plain, Landmarks::approach);
        if approach == Approach::Bidirectional {
            let trees = [&mut self.by_cost, &mut self.by_latency];
            let admits = |node: NodeId, step: &crate::Step| admission.admits(node, step);
            let arcs = bidirectional::meet(graph, trees, ends, admits, |_, _| 0)?;
            return Some(loopless(graph, query.from, arcs));
        }
        let ahead = ahead(self.landmarks.as_deref(), Metric::Cost, query.to);
        grow_by_cost(&mut self.by_cost, admission, |node| ahead.of(node));
        let reached = self.by_cost.distance(query.to) != UNREACHED;
        reached.then(|| self.by_cost.path_to(graph, query.to))
    }

    /// Why nothing leads to the target.
    pub(super) fn diagnose(&mut self, residuals: &Residuals, query: &Query) -> NoPath {
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        for (strictness, reason) in
            [(Strictness::Topology, NoPath::Disconnected), (Strictness::Policy, NoPath::Excluded)]
        {
            grow_by_cost(&mut self.by_cost, admission.with(strictness), |_| 0);
            if self.by_cost.distance(query.to) == UNREACHED {
                return reason;
            }
        }
        let policy = admission.with(Strictness::Policy);
        let widest = widest::search(&mut self.by_cost, policy, widest::Measure::Shortfall);
        let arcs = widest.expect("a path that policies admit was found just now");
        widest::bottleneck(&admission, &arcs)
    }
}

pub(super) fn meets(path: &Path, query: &Query) -> bool {
    query.max_latency.is_none_or(|bound| path.latency <= bound)
        && query.max_hops.is_none_or(|bound| path.hops() as u64 <= u64::from(bound))
}

/// Room below one unit of cost for telling paths of equal cost apart.
const EVEN_BITS: u32 = 16;
/// The largest share of that room that one arc takes: 64 arcs together stay below one unit.
const EVEN_MOST: u64 = (1 << (EVEN_BITS - 6)) - 1;

/// By cost; of paths that cost the same, the one that takes the smaller shares of what is left.
fn evenly(admission: &Admission, (node, here): (NodeId, u64), step: &crate::Step) -> Option<u64> {
    admission.admits(node, step).then(|| {
        let left = admission.residuals.bandwidth(step.pool).max(1);
        let share = EVEN_MOST * admission.query.bandwidth / left;
        here + (u64::from(step.cost) << EVEN_BITS) + share
    })
}

fn grow_evenly(tree: &mut Tree, admission: Admission, ahead: &[f32], most: u64) {
    let (from, target) = (admission.query.from, admission.query.to);
    let extend = |at: (NodeId, u64), step: &crate::Step| {
        let next = evenly(&admission, at, step)?;
        (next.saturating_add(whole(ahead[step.node.index()])) <= most).then_some(next)
    };
    let ahead = |node: NodeId| whole(ahead[node.index()]);
    tree.grow(admission.graph, (from, Direction::Forward), extend, ahead, |node| node == target);
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, not negative")]
fn whole(bound: f32) -> u64 {
    if bound == f32::INFINITY { UNREACHED } else { (bound as u64) << EVEN_BITS }
}

fn grow_by_cost(tree: &mut Tree, admission: Admission, ahead: impl Fn(NodeId) -> u64) {
    let target = admission.query.to;
    let step = |(node, here): (NodeId, u64), step: &crate::Step| {
        admission.admits(node, step).then(|| here + u64::from(step.cost))
    };
    let root = (admission.query.from, Direction::Forward);
    tree.grow(admission.graph, root, step, ahead, |node| node == target);
}

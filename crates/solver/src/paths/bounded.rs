//! The cheapest path under bounds that the cheapest of all breaks.

use super::Finder;
use super::admission::Admission;
use super::constrained::meets;
use super::labels::{self, Outcome};
use super::landmarks::{Bounds, Landmarks, Metric};
use super::query::{NoPath, Path, Query, latency};
use super::tree::{Direction, Tree, UNREACHED};
use crate::graph::Step;
use crate::ids::NodeId;
use crate::residual::Residuals;

/// Weighted searches for a cheap path within the latency bound, before the exact one.
const WEIGHTED: usize = 4;
/// Weights stay below this, so that sums of weighted arcs do not overflow.
const WEIGHT: u64 = 1 << 20;

impl Finder<'_> {
    /// As [`shortest`](Self::shortest), when the cheapest path of all is known and breaks a bound.
    /// The marks are as they are.
    pub(super) fn bounded(
        &mut self,
        residuals: &Residuals,
        query: &Query,
        cheapest: &Path,
    ) -> Result<Path, NoPath> {
        self.measure_bounds(residuals, query)?;
        let most = self.affordable(residuals, query, cheapest);
        self.measure_cost(residuals, query, most);
        let (graph, by_latency, by_hops) = (self.graph, &self.by_latency, &self.by_hops);
        let latency_ahead = |node| by_latency.distance(node);
        let hops_ahead = |node| by_hops.distance(node);
        let bounds = labels::Bounds {
            cost: &|node| self.by_cost.distance(node),
            latency: if query.max_latency.is_some() { &latency_ahead } else { &|_| 0 },
            hops: if query.max_hops.is_some() { &hops_ahead } else { &|_| 0 },
            max_latency: query.max_latency.unwrap_or(UNREACHED),
            max_hops: query.max_hops.map_or(UNREACHED, u64::from),
            max_labels: query.max_labels,
        };
        let admission = Admission::new(graph, residuals, query, &self.marks);
        let step = |node: NodeId, step: &Step| {
            admission.admits(node, step).then(|| u64::from(latency(graph, query, step.arc)))
        };
        match labels::cheapest(graph, (query.from, query.to), step, &bounds) {
            Outcome::Found(arcs) => Ok(Path::of(graph, query, arcs)),
            Outcome::None => Err(NoPath::Combination),
            Outcome::Spent => Err(NoPath::Budget(query.max_labels)),
        }
    }

    /// What is still to come in latency and hops, by node, as far as the bounds allow.
    fn measure_bounds(&mut self, residuals: &Residuals, query: &Query) -> Result<(), NoPath> {
        if let Some(bound) = query.max_latency
            && self.measure_latency(residuals, query, bound) > bound
        {
            let best = self.measure_latency(residuals, query, UNREACHED - 1);
            return Err(NoPath::Latency { bound, best });
        }
        let Some(bound) = query.max_hops else { return Ok(()) };
        if self.measure_hops(residuals, query, u64::from(bound)) > u64::from(bound) {
            let best = self.measure_hops(residuals, query, UNREACHED - 1);
            let best = u32::try_from(best).unwrap_or(u32::MAX);
            return Err(NoPath::Hops { bound, best });
        }
        Ok(())
    }

    fn measure_latency(&mut self, residuals: &Residuals, query: &Query, most: u64) -> u64 {
        let graph = self.graph;
        let behind = behind(self.landmarks.as_deref(), Metric::Latency, query.from);
        let admission = Admission::new(graph, residuals, query, &self.marks);
        let weigh = |step: &Step| u64::from(latency(graph, query, step.arc));
        backward(&mut self.by_latency, admission, weigh, (behind, most));
        self.by_latency.distance(query.from)
    }

    fn measure_hops(&mut self, residuals: &Residuals, query: &Query, most: u64) -> u64 {
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        backward(&mut self.by_hops, admission, |_| 1, (Bounds::NONE, most));
        self.by_hops.distance(query.from)
    }

    fn measure_cost(&mut self, residuals: &Residuals, query: &Query, most: u64) {
        let behind = behind(self.landmarks.as_deref(), Metric::Cost, query.from);
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        backward(&mut self.by_cost, admission, |step| u64::from(step.cost), (behind, most));
    }

    /// The cost of a path within all bounds, or more than any costs.
    fn affordable(&mut self, residuals: &Residuals, query: &Query, cheapest: &Path) -> u64 {
        let by_latency = query.max_latency.is_some();
        let tree = if by_latency { &self.by_latency } else { &self.by_hops };
        let safe = Path::of(self.graph, query, tree.path_from(self.graph, query.from));
        let best = if meets(&safe, query) { safe.cost } else { UNREACHED - 1 };
        if by_latency {
            best.min(self.bargain(residuals, query, cheapest.clone(), safe))
        } else {
            best
        }
    }

    /// The cost of a path within the bounds, looked for between one that is too slow and one that
    /// is dear.
    fn bargain(
        &mut self,
        residuals: &Residuals,
        query: &Query,
        mut cheap: Path,
        mut fast: Path,
    ) -> u64 {
        let mut best = UNREACHED - 1;
        for _ in 0..WEIGHTED {
            let Some(weights) = weights(&cheap, &fast) else { break };
            let Some(path) = self.weighted(residuals, query, weights) else { break };
            if meets(&path, query) {
                best = best.min(path.cost);
            }
            let within = query.max_latency.is_none_or(|bound| path.latency <= bound);
            let side = if within { &mut fast } else { &mut cheap };
            if (side.cost, side.latency) == (path.cost, path.latency) {
                break;
            }
            *side = path;
        }
        best
    }

    /// The path that is cheapest when latency has a price (Jüttner et al. 2001).
    fn weighted(
        &mut self,
        residuals: &Residuals,
        query: &Query,
        (a, b): (u64, u64),
    ) -> Option<Path> {
        let graph = self.graph;
        let known = self.landmarks.as_deref();
        let cost = ahead(known, Metric::Cost, query.to);
        let by_latency = &self.by_latency;
        let admission = Admission::new(graph, residuals, query, &self.marks);
        let extend = |(node, here): (NodeId, u64), step: &Step| {
            let weight = a * u64::from(step.cost) + b * u64::from(latency(graph, query, step.arc));
            admission.admits(node, step).then(|| here.saturating_add(weight))
        };
        // Where the way on would take too long, nothing is to be found.
        let bound = |node: NodeId| match by_latency.distance(node) {
            UNREACHED => UNREACHED,
            latency => (a * cost.of(node)).saturating_add(b.saturating_mul(latency)),
        };
        let root = (query.from, Direction::Forward);
        self.by_cost.grow(graph, root, extend, bound, |node| node == query.to);
        let reached = self.by_cost.distance(query.to) != UNREACHED;
        reached.then(|| Path::of(graph, query, self.by_cost.path_to(graph, query.to)))
    }
}

pub(super) fn ahead(known: Option<&Landmarks>, metric: Metric, target: NodeId) -> Bounds<'_> {
    known.map_or(Bounds::NONE, |known| known.ahead(metric, target))
}

pub(super) fn behind(known: Option<&Landmarks>, metric: Metric, source: NodeId) -> Bounds<'_> {
    known.map_or(Bounds::NONE, |known| known.behind(metric, source))
}

/// Distances to the end of the query, no farther than can matter: with what lies behind, a way must
/// stay within `most`.
pub(super) fn backward(
    tree: &mut Tree,
    admission: Admission,
    weigh: impl Fn(&Step) -> u64,
    (behind, most): (Bounds, u64),
) {
    let extend = |(node, here): (NodeId, u64), step: &Step| {
        let distance = here + weigh(step);
        let near = || distance.saturating_add(behind.of(step.node)) <= most;
        (admission.admits(node, step) && near()).then_some(distance)
    };
    let root = (admission.query.to, Direction::Backward);
    tree.grow(admission.graph, root, extend, |_| 0, |_| false);
}

/// What a unit of cost and a unit of latency weigh, for both paths to weigh the same.
fn weights(cheap: &Path, fast: &Path) -> Option<(u64, u64)> {
    let mut a = cheap.latency.checked_sub(fast.latency)?;
    let mut b = fast.cost.checked_sub(cheap.cost)?;
    while a.max(b) >= WEIGHT {
        (a, b) = (a / 2, b / 2);
    }
    (a > 0 && b > 0).then_some((a, b))
}

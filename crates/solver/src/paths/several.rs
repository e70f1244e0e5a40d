//! The k cheapest loopless paths (Yen 1971, with the partition of Lawler 1972). A part of what is
//! left is searched only when its lower bound says that the next path may be in it.

use super::Finder;
use super::admission::Admission;
use super::constrained::meets;
use super::query::{NoPath, Path, Query};
use super::tree::Direction;
use crate::graph::Step;
use crate::ids::{ArcId, NodeId};
use crate::residual::Residuals;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Paths that are looked at, at most, for ones that meet bounds on latency and hops.
const LOOKED_AT: usize = 10_000;

/// All paths that begin with `arcs` and leave its end on none of `barred`.
#[derive(Debug, Default)]
struct Part {
    arcs: Vec<ArcId>,
    barred: Vec<ArcId>,
    /// The cheapest of them, once it is known.
    best: Option<Vec<ArcId>>,
}

/// Paths in order of cost.
#[derive(Debug, Default)]
pub(super) struct Enumeration {
    /// By cost or a lower bound on it; what is known comes first, then what is older.
    queue: BinaryHeap<Reverse<(u64, bool, usize)>>,
    parts: Vec<Part>,
    /// The cost of the first.
    length: u64,
}

impl Finder<'_> {
    /// Up to `k` cheapest loopless paths within the query's bounds, the cheapest first. Fewer when
    /// there are no more.
    ///
    /// # Errors
    /// Why there is none; or [`NoPath::Budget`] when too many are passed over for their latency or
    /// hops before `k` are found.
    pub fn several(
        &mut self,
        residuals: &Residuals,
        query: &Query,
        k: usize,
    ) -> Result<Vec<Path>, NoPath> {
        let first = self.shortest(residuals, query)?;
        if k <= 1 || first.arcs.is_empty() {
            return Ok(if k == 0 { Vec::new() } else { vec![first] });
        }
        let mut found = Vec::new();
        let mut enumeration = self.enumerate(residuals, query);
        for _ in 0..LOOKED_AT {
            let Some(arcs) = self.next_path(residuals, query, &mut enumeration) else {
                return Ok(found);
            };
            let path = Path::of(self.graph, query, arcs);
            if meets(&path, query) {
                found.push(path);
            }
            if found.len() == k {
                return Ok(found);
            }
        }
        Err(NoPath::Budget(LOOKED_AT as u64))
    }

    /// Begins with the cheapest path. The query is sound.
    pub(super) fn enumerate(&mut self, residuals: &Residuals, query: &Query) -> Enumeration {
        self.mark(query);
        let mut enumeration = Enumeration::default();
        if let Some(best) = self.cheapest(residuals, query) {
            enumeration.length = self.graph.cost_of(&best);
            self.open_corridor(residuals, query, enumeration.length);
            let all = Part { arcs: Vec::new(), barred: Vec::new(), best: Some(best) };
            enumeration.push(enumeration.length, all);
        }
        enumeration
    }

    /// The cheapest path that has not been given yet. [`Finder::corridor`] is as
    /// [`enumerate`](Self::enumerate) left it.
    pub(super) fn next_path(
        &mut self,
        residuals: &Residuals,
        query: &Query,
        enumeration: &mut Enumeration,
    ) -> Option<Vec<ArcId>> {
        while let Some(Reverse((_, _, index))) = enumeration.queue.pop() {
            if let Some(best) = enumeration.parts[index].best.take() {
                let part = std::mem::take(&mut enumeration.parts[index]);
                for (bound, rest) in self.divide(residuals, query, &part, &best) {
                    enumeration.push(bound, rest);
                }
                return Some(best);
            }
            let part = &enumeration.parts[index];
            let Some(best) = self.best_of(residuals, query, part) else { continue };
            enumeration.parts[index].best = Some(best.clone());
            enumeration.queue.push(Reverse((self.graph.cost_of(&best), false, index)));
        }
        None
    }

    /// What is left of a part without its best path, each with a lower bound.
    fn divide(
        &mut self,
        residuals: &Residuals,
        query: &Query,
        part: &Part,
        best: &[ArcId],
    ) -> Vec<(u64, Part)> {
        self.mark(query);
        let mut rest = Vec::new();
        let mut spent = 0;
        let mut node = query.from;
        for (index, arc) in best.iter().enumerate() {
            if index >= part.arcs.len() {
                let mut barred = vec![*arc];
                if index == part.arcs.len() {
                    barred.extend(&part.barred);
                }
                if let Some(ahead) = self.least_ahead(residuals, query, node, &barred) {
                    let arcs = best[..index].to_vec();
                    rest.push((spent + ahead, Part { arcs, barred, best: None }));
                }
            }
            self.marks.node(node);
            spent += u64::from(self.graph.arc(*arc).cost);
            node = self.graph.arc(*arc).to;
        }
        rest
    }

    /// A lower bound on the way from `node` to the end over none of `barred`. The marks are those of
    /// the query and of the nodes on the way to `node`.
    fn least_ahead(
        &self,
        residuals: &Residuals,
        query: &Query,
        node: NodeId,
        barred: &[ArcId],
    ) -> Option<u64> {
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        let corridor = self.corridor(query);
        let steps = self.graph.outgoing(node).iter();
        let open = steps.filter(|step| !barred.contains(&step.arc) && admission.admits(node, step));
        open.map(|step| u64::from(step.cost) + corridor.ahead(step.node)).min()
    }

    /// The cheapest path of a part.
    fn best_of(&mut self, residuals: &Residuals, query: &Query, part: &Part) -> Option<Vec<ArcId>> {
        self.mark(query);
        part.barred.iter().for_each(|arc| self.marks.arc(*arc));
        part.arcs.iter().for_each(|arc| self.marks.node(self.graph.arc(*arc).from));
        let root = part.arcs.last().map_or(query.from, |arc| self.graph.arc(*arc).to);
        let mut scratch = std::mem::take(&mut self.by_latency);
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        let corridor = self.corridor(query);
        let extend = |(node, here): (NodeId, u64), step: &Step| {
            admission.admits(node, step).then(|| here + u64::from(step.cost))
        };
        let ahead = |node| corridor.ahead(node);
        let stop = |node| node == query.to;
        scratch.grow(self.graph, (root, Direction::Forward), extend, ahead, stop);
        let rest = scratch.path_to(self.graph, query.to);
        self.by_latency = scratch;
        (!rest.is_empty()).then(|| part.arcs.iter().copied().chain(rest).collect())
    }

    /// Marks what the query avoids, and nothing else. The query is sound.
    pub(super) fn mark(&mut self, query: &Query) {
        self.marks.clear();
        query.avoid_nodes.iter().for_each(|node| self.marks.node(*node));
        query.avoid_arcs.iter().for_each(|arc| self.marks.arc(*arc));
    }
}

impl Enumeration {
    fn push(&mut self, bound: u64, part: Part) {
        let unknown = part.best.is_none();
        self.queue.push(Reverse((bound, unknown, self.parts.len())));
        self.parts.push(part);
    }
}

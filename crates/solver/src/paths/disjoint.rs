//! Two paths that share no link, no node between the ends, or no risk.
//!
//! By links and nodes: the cheapest pair, by two shortest paths of which the second may undo parts of
//! the first (Suurballe 1974, Bhandari 1999). By risk, or with bounds on latency or hops, for which
//! the problem is NP-hard: first paths are tried in order of cost, each with its best partner, until
//! no later one can be part of a cheaper pair.

use super::Finder;
use super::admission::Admission;
use super::query::{NoPath, Path, Query};
use super::tree::UNREACHED;
use crate::graph::{Graph, Step};
use crate::ids::{ArcId, NodeId};
use crate::residual::Residuals;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

/// First paths that are tried, at least.
const TRIED: usize = 64;
/// In small networks more are tried: as many as make this many arcs together.
const ARCS_LOOKED_AT: usize = 2_000_000;

/// What two paths must not share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disjointness {
    Link,
    /// Nor a link.
    Node,
    /// Shared-risk link groups (RFC 4202 §2.3), nor a link.
    Srlg,
}

/// Two paths, the cheaper first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub first: Path,
    pub second: Path,
    pub optimality: Optimality,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimality {
    /// No pair is cheaper.
    Proven,
    /// It is the best of those that were looked at.
    BestFound,
}

/// Why there is no pair.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPair {
    /// There is not even one path.
    #[error(transparent)]
    NoPath(NoPath),
    #[error("every path goes over arc {0}; add a way around it")]
    Link(ArcId),
    #[error("every path goes through node {0}; add a way around it")]
    Node(NodeId),
    #[error("no two paths without a common risk exist; add a way around one of them")]
    Risk,
    #[error("both ends are node {0}; name two")]
    SameEnds(NodeId),
    #[error("gave up after {0} first paths; loosen the constraints")]
    Budget(usize),
}

impl Pair {
    #[must_use]
    pub fn cost(&self) -> u64 {
        self.first.cost + self.second.cost
    }
}

impl Finder<'_> {
    /// The pair of disjoint paths whose costs are least together. Bounds of the query hold for each
    /// of the two.
    ///
    /// # Errors
    /// Why there is none, or none was found.
    pub fn disjoint(
        &mut self,
        residuals: &Residuals,
        query: &Query,
        what: Disjointness,
    ) -> Result<Pair, NoPair> {
        let first = self.shortest(residuals, query).map_err(NoPair::NoPath)?;
        if query.from == query.to {
            return Err(NoPair::SameEnds(query.from));
        }
        let bounded = query.max_latency.is_some() || query.max_hops.is_some();
        if what == Disjointness::Srlg || bounded {
            return self.by_trial(residuals, query, what);
        }
        self.mark(query);
        self.open_corridor(residuals, query, first.cost);
        let detour = self.detour(residuals, query, what, &first.arcs)?;
        let pair = untangle(self.graph, query, &first.arcs, &detour);
        Ok(self.pair(query, pair, Optimality::Proven))
    }

    fn pair(
        &self,
        query: &Query,
        (a, b): (Vec<ArcId>, Vec<ArcId>),
        optimality: Optimality,
    ) -> Pair {
        let (a, b) = (Path::of(self.graph, query, a), Path::of(self.graph, query, b));
        let (first, second) = if b.cost < a.cost { (b, a) } else { (a, b) };
        Pair { first, second, optimality }
    }

    /// The cheapest way to the end on which arcs of the first path are walked backward only, at a
    /// gain of what they cost.
    fn detour(
        &self,
        residuals: &Residuals,
        query: &Query,
        what: Disjointness,
        first: &[ArcId],
    ) -> Result<Vec<Leg>, NoPair> {
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        let mut search = Detour::new(self.graph, what, first);
        let corridor = self.corridor(query);
        let reached = search.run(
            (query.from, query.to),
            |node, step| admission.admits(node, step),
            |node| corridor.ahead(node),
        );
        if reached { Ok(search.legs(query)) } else { Err(search.cut(query)) }
    }

    /// Tries first paths in order of cost.
    fn by_trial(
        &mut self,
        residuals: &Residuals,
        query: &Query,
        what: Disjointness,
    ) -> Result<Pair, NoPair> {
        let risks = if what == Disjointness::Srlg { risks(self.graph) } else { HashMap::new() };
        let mut best: Option<Pair> = None;
        let mut enumeration = self.enumerate(residuals, query);
        let tries = TRIED.max(ARCS_LOOKED_AT / (self.graph.arc_count() + 1));
        for _ in 0..tries {
            let Some(arcs) = self.next_path(residuals, query, &mut enumeration) else {
                return best.map(proven).ok_or(NoPair::Risk);
            };
            let first = Path::of(self.graph, query, arcs);
            // The other of a pair costs no less than the first of it.
            if best.as_ref().is_some_and(|best| 2 * first.cost >= best.cost()) {
                return best.map(proven).ok_or(NoPair::Risk);
            }
            if !super::constrained::meets(&first, query) {
                continue;
            }
            let mut other = query.clone();
            self.keep_clear(&mut other, what, &first.arcs, &risks);
            if let Ok(second) = self.shortest(residuals, &other) {
                let pair = self.pair(query, (first.arcs, second.arcs), Optimality::BestFound);
                if best.as_ref().is_none_or(|best| pair.cost() < best.cost()) {
                    best = Some(pair);
                }
            }
        }
        best.ok_or(NoPair::Budget(tries))
    }

    /// Has a query avoid what a path uses.
    fn keep_clear(
        &self,
        query: &mut Query,
        what: Disjointness,
        arcs: &[ArcId],
        risks: &HashMap<u32, Vec<ArcId>>,
    ) {
        for arc in arcs {
            query.avoid_arcs.push(*arc);
            query.avoid_arcs.extend(self.graph.arc(*arc).twin);
            for risk in self.graph.srlgs(*arc) {
                query.avoid_arcs.extend(risks.get(risk).into_iter().flatten());
            }
        }
        if what == Disjointness::Node {
            let inner = arcs.iter().skip(1).map(|arc| self.graph.arc(*arc).from);
            query.avoid_nodes.extend(inner);
        }
    }
}

fn proven(pair: Pair) -> Pair {
    Pair { optimality: Optimality::Proven, ..pair }
}

/// Arcs by the risk that they share.
fn risks(graph: &Graph) -> HashMap<u32, Vec<ArcId>> {
    let mut risks: HashMap<u32, Vec<ArcId>> = HashMap::new();
    for arc in graph.arcs() {
        graph.srlgs(arc).iter().for_each(|risk| risks.entry(*risk).or_default().push(arc));
    }
    risks
}

/// A step of the detour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leg {
    Along(ArcId),
    /// Against an arc of the first path.
    Against(ArcId),
}

/// A node, and how it was come to: on the first path it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Spot {
    /// Anywhere, or on the first path against its direction: all ways on are open.
    Free(NodeId),
    /// Come to from aside a node of the first path that must not be shared: only back along it.
    Held(NodeId),
}

impl Spot {
    fn node(self) -> NodeId {
        match self {
            Self::Free(node) | Self::Held(node) => node,
        }
    }
}

struct Detour<'g> {
    graph: &'g Graph,
    what: Disjointness,
    /// Arcs of the first path, and the way back over their links.
    taken: HashSet<ArcId>,
    /// The arc of the first path that leads to a node.
    entry: BTreeMap<NodeId, ArcId>,
    reached: HashMap<Spot, (u64, Option<(Spot, Leg)>)>,
    queue: BinaryHeap<Reverse<(u64, Spot)>>,
    first: Vec<ArcId>,
}

impl<'g> Detour<'g> {
    fn new(graph: &'g Graph, what: Disjointness, first: &[ArcId]) -> Self {
        let twins = first.iter().filter_map(|arc| graph.arc(*arc).twin);
        Self {
            graph,
            what,
            taken: first.iter().copied().chain(twins).collect(),
            entry: first.iter().map(|arc| (graph.arc(*arc).to, *arc)).collect(),
            reached: HashMap::new(),
            queue: BinaryHeap::new(),
            first: first.to_vec(),
        }
    }

    /// Dijkstra on costs reduced by the potential, of which none is negative.
    fn run(
        &mut self,
        (from, to): (NodeId, NodeId),
        admits: impl Fn(NodeId, &Step) -> bool,
        ahead: impl Fn(NodeId) -> u64,
    ) -> bool {
        self.reached.insert(Spot::Free(from), (0, None));
        self.queue.push(Reverse((0, Spot::Free(from))));
        while let Some(Reverse((here, spot))) = self.queue.pop() {
            if here > self.reached[&spot].0 {
                continue;
            }
            let node = spot.node();
            if node == to {
                return true;
            }
            if let Some(arc) = self.entry.get(&node).copied() {
                // Back along the first path costs nothing by the potential.
                self.reach(Spot::Free(self.graph.arc(arc).from), here, (spot, Leg::Against(arc)));
            }
            if matches!(spot, Spot::Held(_)) {
                continue;
            }
            for step in self.graph.outgoing(node) {
                if self.taken.contains(&step.arc) || !admits(node, step) || step.node == from {
                    continue;
                }
                let reduced = (here + u64::from(step.cost) + ahead(step.node)) - ahead(node);
                self.reach(self.spot(step.node, to), reduced, (spot, Leg::Along(step.arc)));
            }
        }
        false
    }

    fn spot(&self, node: NodeId, to: NodeId) -> Spot {
        let shared = self.what == Disjointness::Node && self.entry.contains_key(&node);
        if shared && node != to { Spot::Held(node) } else { Spot::Free(node) }
    }

    fn reach(&mut self, spot: Spot, distance: u64, by: (Spot, Leg)) {
        let known = self.reached.get(&spot).map_or(UNREACHED, |known| known.0);
        if distance < known {
            self.reached.insert(spot, (distance, Some(by)));
            self.queue.push(Reverse((distance, spot)));
        }
    }

    /// The way that was found.
    fn legs(&self, query: &Query) -> Vec<Leg> {
        let mut legs = Vec::new();
        let mut spot = Spot::Free(query.to);
        while let Some((before, leg)) = self.reached[&spot].1 {
            legs.push(leg);
            spot = before;
        }
        legs.reverse();
        legs
    }

    /// What every path goes over: where the first path leaves what was reached.
    fn cut(&self, query: &Query) -> NoPair {
        let free = |node| self.reached.contains_key(&Spot::Free(node));
        let held = |node| self.reached.contains_key(&Spot::Held(node));
        for arc in self.first.iter().rev() {
            let node = self.graph.arc(*arc).from;
            if free(node) {
                return NoPair::Link(*arc);
            }
            if held(node) && node != query.from {
                return NoPair::Node(node);
            }
        }
        NoPair::Risk
    }
}

/// Two disjoint paths of a first path and a detour from it: what both use, in opposite directions,
/// falls away.
fn untangle(
    graph: &Graph,
    query: &Query,
    first: &[ArcId],
    detour: &[Leg],
) -> (Vec<ArcId>, Vec<ArcId>) {
    let undone: HashSet<ArcId> = detour
        .iter()
        .filter_map(|leg| match leg {
            Leg::Against(arc) => Some(*arc),
            Leg::Along(_) => None,
        })
        .collect();
    let along = detour.iter().filter_map(|leg| match leg {
        Leg::Along(arc) => Some(*arc),
        Leg::Against(_) => None,
    });
    let kept = first.iter().copied().filter(|arc| !undone.contains(arc));
    let mut leaving: HashMap<NodeId, Vec<ArcId>> = HashMap::new();
    for arc in along.chain(kept) {
        leaving.entry(graph.arc(arc).from).or_default().push(arc);
    }
    let mut walk = || {
        let (mut arcs, mut node) = (Vec::new(), query.from);
        while node != query.to {
            let arc = leaving.get_mut(&node).and_then(Vec::pop);
            let arc = arc.expect("as many arcs lead to a node between as leave it");
            node = graph.arc(arc).to;
            arcs.push(arc);
        }
        loopless(graph, query.from, arcs)
    };
    let a = walk();
    (a, walk())
}

/// The path without its loops.
pub(super) fn loopless(graph: &Graph, start: NodeId, arcs: Vec<ArcId>) -> Vec<ArcId> {
    let mut at: HashMap<NodeId, usize> = HashMap::from([(start, 0)]);
    let mut kept: Vec<ArcId> = Vec::with_capacity(arcs.len());
    for arc in arcs {
        kept.push(arc);
        let node = graph.arc(arc).to;
        if let Some(length) = at.get(&node).copied() {
            for arc in kept.drain(length..) {
                let passed = graph.arc(arc).to;
                if passed != node {
                    at.remove(&passed);
                }
            }
        }
        at.insert(node, kept.len());
    }
    kept
}

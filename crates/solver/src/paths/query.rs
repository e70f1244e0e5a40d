//! What is asked of a path, what a path is, and why there may be none.

use crate::graph::{AdminGroups, Graph};
use crate::ids::{ArcId, NodeId};

/// A search gives up after this many labels unless told otherwise.
pub const DEFAULT_LABELS: u64 = 20_000_000;

/// Which links may be used, by the administrative groups they are in (RFC 3209 §4.7.4). The
/// default admits all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdminPolicy {
    /// At least one of these; 0 asks for nothing.
    pub include_any: AdminGroups,
    /// All of these.
    pub include_all: AdminGroups,
    /// None of these.
    pub exclude_any: AdminGroups,
}

impl AdminPolicy {
    #[must_use]
    pub fn admits(&self, groups: AdminGroups) -> bool {
        groups & self.exclude_any == 0
            && groups & self.include_all == self.include_all
            && (self.include_any == 0 || groups & self.include_any != 0)
    }
}

/// A request for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub from: NodeId,
    pub to: NodeId,
    /// Each arc must have this much left.
    pub bandwidth: u64,
    /// Traffic the other way over the same links: each arc must have a twin with this much left,
    /// and its latency counts as the larger of the two directions. None for one-way traffic.
    pub backward: Option<u64>,
    /// Upper bound on the sum of latencies, in microseconds.
    pub max_latency: Option<u64>,
    pub max_hops: Option<u32>,
    pub admin: AdminPolicy,
    pub avoid_nodes: Vec<NodeId>,
    pub avoid_arcs: Vec<ArcId>,
    /// How many labels the search may make.
    pub max_labels: u64,
}

impl Query {
    /// A path without any constraint.
    #[must_use]
    pub fn new(from: NodeId, to: NodeId) -> Self {
        Self {
            from,
            to,
            bandwidth: 0,
            backward: None,
            max_latency: None,
            max_hops: None,
            admin: AdminPolicy::default(),
            avoid_nodes: Vec::new(),
            avoid_arcs: Vec::new(),
            max_labels: DEFAULT_LABELS,
        }
    }

    #[must_use]
    pub fn bandwidth(self, bandwidth: u64) -> Self {
        Self { bandwidth, ..self }
    }

    #[must_use]
    pub fn backward(self, bandwidth: u64) -> Self {
        Self { backward: Some(bandwidth), ..self }
    }

    #[must_use]
    pub fn max_latency(self, micros: u64) -> Self {
        Self { max_latency: Some(micros), ..self }
    }

    #[must_use]
    pub fn max_hops(self, hops: u32) -> Self {
        Self { max_hops: Some(hops), ..self }
    }

    #[must_use]
    pub fn avoid_arcs(self, arcs: Vec<ArcId>) -> Self {
        Self { avoid_arcs: arcs, ..self }
    }

    #[must_use]
    pub fn avoid_nodes(self, nodes: Vec<NodeId>) -> Self {
        Self { avoid_nodes: nodes, ..self }
    }
}

/// A loopless path, with its sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    pub arcs: Vec<ArcId>,
    pub cost: u64,
    /// In microseconds; of the slower direction on each link where traffic goes both ways.
    pub latency: u64,
}

impl Path {
    pub(crate) fn of(graph: &Graph, query: &Query, arcs: Vec<ArcId>) -> Self {
        let latency = arcs.iter().map(|arc| u64::from(latency(graph, query, *arc))).sum();
        Self { cost: graph.cost_of(&arcs), latency, arcs }
    }

    #[must_use]
    pub fn hops(&self) -> usize {
        self.arcs.len()
    }

    /// The same links the other way, for traffic that is co-routed. None where an arc has no twin.
    #[must_use]
    pub fn backward(&self, graph: &Graph) -> Option<Vec<ArcId>> {
        self.arcs.iter().rev().map(|arc| graph.arc(*arc).twin).collect()
    }
}

/// What an arc adds to the latency that the query bounds.
pub(crate) fn latency(graph: &Graph, query: &Query, arc: ArcId) -> u32 {
    let there = graph.arc(arc);
    match (query.backward, there.twin) {
        (Some(_), Some(twin)) => there.latency.max(graph.arc(twin).latency),
        _ => there.latency,
    }
}

/// Why there is no path: the first of these that holds, from the hardest to change to the easiest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPath {
    #[error("node {0} does not exist; name a node of the graph")]
    UnknownNode(NodeId),
    #[error("arc {0} does not exist; name an arc of the graph")]
    UnknownArc(ArcId),
    #[error("node {0} is both an end and to be avoided; drop one of the two")]
    EndAvoided(NodeId),
    #[error("no path leads there at all; connect the two parts of the graph")]
    Disconnected,
    #[error("every path is excluded by admin groups or by what is to be avoided; allow more")]
    Excluded,
    /// `arc` is the narrowest of the path that lacks least.
    #[error(
        "the path that lacks least has {available} of the {needed} needed left on arc {arc}; \
             ask for less or free some"
    )]
    Bandwidth { arc: ArcId, needed: u64, available: u64 },
    #[error("the fastest path with room takes {best} µs, {bound} µs are allowed; allow {best}")]
    Latency { bound: u64, best: u64 },
    #[error("the shortest path with room has {best} hops, {bound} are allowed; allow {best}")]
    Hops { bound: u32, best: u32 },
    #[error("no path meets the latency and the hop limit together, though each can be met alone")]
    Combination,
    #[error("gave up after {0} labels; raise the budget or loosen the constraints")]
    Budget(u64),
}

//! A directed multigraph in compressed adjacency. It never changes; what is left of its capacity
//! is kept beside it, in [`Residuals`](crate::Residuals).

mod builder;

pub use builder::{ArcFault, ArcSpec, BadArc, GraphBuilder, MAX_CAPACITY, MAX_NODES};

use crate::ids::{ArcId, NodeId, PoolId};

/// Bits of administrative groups (link affinities, RFC 3209 §4.7.4).
pub type AdminGroups = u64;

/// One entry of an adjacency list: what a search needs of an arc, in one cache line's reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node at the other end.
    pub node: NodeId,
    pub arc: ArcId,
    pub pool: PoolId,
    pub cost: u32,
}

/// A directed arc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    pub from: NodeId,
    pub to: NodeId,
    pub pool: PoolId,
    pub cost: u32,
    /// One way, in microseconds.
    pub latency: u32,
    pub admin: AdminGroups,
    /// The arc of the same link the other way, where there is one.
    pub twin: Option<ArcId>,
}

#[derive(Clone, Debug)]
pub struct Graph {
    out: Adjacency,
    into: Adjacency,
    arcs: Vec<Arc>,
    capacities: Vec<u64>,
    srlg_first: Vec<u32>,
    srlgs: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
struct Adjacency {
    first: Vec<u32>,
    steps: Vec<Step>,
}

impl Adjacency {
    fn of(&self, node: NodeId) -> &[Step] {
        let (from, to) = (self.first[node.index()], self.first[node.index() + 1]);
        &self.steps[from as usize..to as usize]
    }

    /// Counting sort of the arcs by the node that `key` names; stable, so lists keep arc order.
    fn build(nodes: usize, arcs: &[Arc], ends: impl Fn(&Arc) -> (NodeId, NodeId)) -> Self {
        let mut first = vec![0u32; nodes + 1];
        for arc in arcs {
            first[ends(arc).0.index() + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let nowhere = Step { node: NodeId(0), arc: ArcId(0), pool: PoolId(0), cost: 0 };
        let mut steps = vec![nowhere; arcs.len()];
        for (index, arc) in arcs.iter().enumerate() {
            let (here, node) = ends(arc);
            let slot = &mut next[here.index()];
            steps[*slot as usize] =
                Step { node, arc: ArcId::at(index), pool: arc.pool, cost: arc.cost };
            *slot += 1;
        }
        Self { first, steps }
    }
}

impl Graph {
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.out.first.len() - 1
    }

    #[must_use]
    pub fn arc_count(&self) -> usize {
        self.arcs.len()
    }

    #[must_use]
    pub fn pool_count(&self) -> usize {
        self.capacities.len()
    }

    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.node_count()).map(NodeId::at)
    }

    pub fn arcs(&self) -> impl DoubleEndedIterator<Item = ArcId> + use<> {
        (0..self.arc_count()).map(ArcId::at)
    }

    #[must_use]
    pub fn has_node(&self, node: NodeId) -> bool {
        node.index() < self.node_count()
    }

    #[must_use]
    pub fn arc(&self, id: ArcId) -> &Arc {
        &self.arcs[id.index()]
    }

    pub(crate) fn step(&self, id: ArcId) -> Step {
        let Arc { to, pool, cost, .. } = self.arcs[id.index()];
        Step { node: to, arc: id, pool, cost }
    }

    /// Arcs that leave `node`; [`Step::node`] is where they lead.
    #[must_use]
    pub fn outgoing(&self, node: NodeId) -> &[Step] {
        self.out.of(node)
    }

    /// Arcs that enter `node`; [`Step::node`] is where they come from.
    #[must_use]
    pub fn incoming(&self, node: NodeId) -> &[Step] {
        self.into.of(node)
    }

    #[must_use]
    pub fn capacity(&self, pool: PoolId) -> u64 {
        self.capacities[pool.index()]
    }

    #[must_use]
    pub fn capacities(&self) -> &[u64] {
        &self.capacities
    }

    /// Shared-risk link groups of an arc (RFC 4202 §2.3).
    #[must_use]
    pub fn srlgs(&self, arc: ArcId) -> &[u32] {
        let (from, to) = (self.srlg_first[arc.index()], self.srlg_first[arc.index() + 1]);
        &self.srlgs[from as usize..to as usize]
    }

    /// Sum of the arcs' latencies, in microseconds.
    #[must_use]
    pub fn latency_of(&self, arcs: &[ArcId]) -> u64 {
        arcs.iter().map(|arc| u64::from(self.arc(*arc).latency)).sum()
    }

    #[must_use]
    pub fn cost_of(&self, arcs: &[ArcId]) -> u64 {
        arcs.iter().map(|arc| u64::from(self.arc(*arc).cost)).sum()
    }

    /// The nodes that a path through `arcs` visits, the start included.
    #[must_use]
    pub fn nodes_of(&self, start: NodeId, arcs: &[ArcId]) -> Vec<NodeId> {
        let mut nodes = vec![start];
        nodes.extend(arcs.iter().map(|arc| self.arc(*arc).to));
        nodes
    }
}

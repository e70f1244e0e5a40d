//! Collects arcs, and refuses bad ones all at once.

use super::{Adjacency, AdminGroups, Arc, Graph};
use crate::ids::{ArcId, NodeId, PoolId};

/// Above this, sums of capacities could leave 64 bits.
pub const MAX_CAPACITY: u64 = 1 << 48;
/// Above this, an index no longer fits where the solver keeps it.
pub const MAX_NODES: usize = 1 << 28;

/// What the caller knows about one direction of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArcSpec {
    pub from: NodeId,
    pub to: NodeId,
    /// In the caller's unit of bandwidth, 1 to [`MAX_CAPACITY`]. For a link that is down, take its
    /// residual away instead.
    pub capacity: u64,
    /// The metric that paths minimise; below 2^32.
    pub cost: u64,
    /// One way, in microseconds; below 2^32.
    pub latency: u64,
    pub admin: AdminGroups,
    pub srlgs: Vec<u32>,
}

impl ArcSpec {
    /// An arc of cost 1, without latency, groups or shared risks.
    #[must_use]
    pub fn new(from: NodeId, to: NodeId, capacity: u64) -> Self {
        Self { from, to, capacity, cost: 1, latency: 0, admin: 0, srlgs: Vec::new() }
    }

    #[must_use]
    pub fn cost(self, cost: u64) -> Self {
        Self { cost, ..self }
    }

    #[must_use]
    pub fn latency(self, latency: u64) -> Self {
        Self { latency, ..self }
    }

    #[must_use]
    pub fn admin(self, admin: AdminGroups) -> Self {
        Self { admin, ..self }
    }

    #[must_use]
    pub fn srlgs(self, srlgs: Vec<u32>) -> Self {
        Self { srlgs, ..self }
    }

    fn reversed(&self) -> Self {
        Self { from: self.to, to: self.from, ..self.clone() }
    }
}

/// An arc that cannot be part of a graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("arc {arc} from node {from} to node {to}: {fault}")]
pub struct BadArc {
    pub arc: ArcId,
    pub from: NodeId,
    pub to: NodeId,
    pub fault: ArcFault,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArcFault {
    #[error("it starts and ends at the same node; remove it")]
    SelfLoop,
    #[error("node {0} does not exist; the graph has nodes 0 to {last}", last = *.1 as i64 - 1)]
    UnknownNode(NodeId, usize),
    #[error("its capacity is zero; remove it, or take its residual away while it is down")]
    ZeroCapacity,
    #[error("its {field} is {value}; the largest allowed is {max}")]
    TooLarge { field: &'static str, value: u64, max: u64 },
    #[error("arc {0}, named as its twin, does not run the other way between the same nodes")]
    NotATwin(ArcId),
}

#[derive(Clone, Debug, Default)]
pub struct GraphBuilder {
    nodes: usize,
    arcs: Vec<Arc>,
    capacities: Vec<u64>,
    srlg_first: Vec<u32>,
    srlgs: Vec<u32>,
    bad: Vec<BadArc>,
}

impl GraphBuilder {
    /// # Panics
    /// Above [`MAX_NODES`] nodes.
    #[must_use]
    pub fn new(nodes: usize) -> Self {
        assert!(nodes <= MAX_NODES, "a graph has at most {MAX_NODES} nodes, not {nodes}");
        Self { nodes, srlg_first: vec![0], ..Self::default() }
    }

    /// A directed arc with a capacity of its own.
    pub fn arc(&mut self, spec: &ArcSpec) -> ArcId {
        let pool = PoolId::at(self.capacities.len());
        self.capacities.push(spec.capacity);
        self.push(spec, pool)
    }

    /// A link whose two directions have each the full capacity. Returns the arc from `from` to
    /// `to` and its twin.
    pub fn duplex(&mut self, spec: &ArcSpec) -> (ArcId, ArcId) {
        let there = self.arc(spec);
        let back = self.arc(&spec.reversed());
        self.pair(there, back);
        (there, back)
    }

    /// An undirected link: both directions draw on the same capacity.
    pub fn edge(&mut self, spec: &ArcSpec) -> (ArcId, ArcId) {
        let there = self.arc(spec);
        let pool = self.arcs[there.index()].pool;
        let back = self.push(&spec.reversed(), pool);
        self.pair(there, back);
        (there, back)
    }

    /// Says that two arcs are the two directions of one link, so that traffic can be co-routed.
    pub fn pair(&mut self, there: ArcId, back: ArcId) {
        let known = |arc: ArcId| arc.index() < self.arcs.len();
        assert!(known(there) && known(back), "arcs are added before they are paired");
        let (a, b) = (self.arcs[there.index()], self.arcs[back.index()]);
        if (a.from, a.to) != (b.to, b.from) {
            self.refuse(there, ArcFault::NotATwin(back));
        }
        self.arcs[there.index()].twin = Some(back);
        self.arcs[back.index()].twin = Some(there);
    }

    /// # Errors
    /// Every arc that cannot be part of a graph, and why.
    pub fn build(self) -> Result<Graph, Vec<BadArc>> {
        if !self.bad.is_empty() {
            return Err(self.bad);
        }
        Ok(Graph {
            out: Adjacency::build(self.nodes, &self.arcs, |arc| (arc.from, arc.to)),
            into: Adjacency::build(self.nodes, &self.arcs, |arc| (arc.to, arc.from)),
            arcs: self.arcs,
            capacities: self.capacities,
            srlg_first: self.srlg_first,
            srlgs: self.srlgs,
        })
    }

    fn push(&mut self, spec: &ArcSpec, pool: PoolId) -> ArcId {
        let id = ArcId::at(self.arcs.len());
        let &ArcSpec { from, to, admin, .. } = spec;
        let cost = self.narrow(id, spec, "cost", spec.cost);
        let latency = self.narrow(id, spec, "latency", spec.latency);
        self.arcs.push(Arc { from, to, pool, cost, latency, admin, twin: None });
        self.srlgs.extend(&spec.srlgs);
        let end = u32::try_from(self.srlgs.len()).expect("fewer than 2^32 shared-risk entries");
        self.srlg_first.push(end);
        self.check(id, spec);
        id
    }

    fn narrow(&mut self, id: ArcId, spec: &ArcSpec, field: &'static str, value: u64) -> u32 {
        u32::try_from(value).unwrap_or_else(|_| {
            let fault = ArcFault::TooLarge { field, value, max: u64::from(u32::MAX) };
            self.bad.push(BadArc { arc: id, from: spec.from, to: spec.to, fault });
            0
        })
    }

    fn check(&mut self, id: ArcId, spec: &ArcSpec) {
        if spec.from == spec.to {
            self.refuse(id, ArcFault::SelfLoop);
        }
        for node in [spec.from, spec.to] {
            if node.index() >= self.nodes {
                self.refuse(id, ArcFault::UnknownNode(node, self.nodes));
            }
        }
        if spec.capacity == 0 {
            self.refuse(id, ArcFault::ZeroCapacity);
        }
        if spec.capacity > MAX_CAPACITY {
            let (field, value, max) = ("capacity", spec.capacity, MAX_CAPACITY);
            self.refuse(id, ArcFault::TooLarge { field, value, max });
        }
    }

    fn refuse(&mut self, arc: ArcId, fault: ArcFault) {
        let Arc { from, to, .. } = self.arcs[arc.index()];
        self.bad.push(BadArc { arc, from, to, fault });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(from: u32, to: u32) -> ArcSpec {
        ArcSpec::new(NodeId(from), NodeId(to), 10)
    }

    #[test]
    fn every_bad_arc_is_reported_at_once() {
        let mut builder = GraphBuilder::new(3);
        builder.arc(&spec(0, 0));
        builder.arc(&spec(0, 7));
        builder.arc(&ArcSpec { capacity: 0, ..spec(0, 1) });
        builder.arc(&ArcSpec { capacity: u64::MAX, ..spec(0, 1) });
        builder.arc(&spec(1, 2).cost(1 << 32));
        builder.arc(&spec(1, 2).latency(u64::MAX));
        let a = builder.arc(&spec(1, 2));
        builder.pair(a, a);
        let faults: Vec<_> = builder.build().unwrap_err().into_iter().map(|b| b.fault).collect();
        let large = |field, value, max| ArcFault::TooLarge { field, value, max };
        assert_eq!(
            faults,
            [
                ArcFault::SelfLoop,
                ArcFault::UnknownNode(NodeId(7), 3),
                ArcFault::ZeroCapacity,
                large("capacity", u64::MAX, MAX_CAPACITY),
                large("cost", 1 << 32, u64::from(u32::MAX)),
                large("latency", u64::MAX, u64::from(u32::MAX)),
                ArcFault::NotATwin(a),
            ]
        );
    }

    #[test]
    fn a_bad_arc_says_which_why_and_what_next() {
        let mut builder = GraphBuilder::new(2);
        builder.arc(&spec(0, 2));
        let bad = builder.build().unwrap_err();
        let text = "arc 0 from node 0 to node 2: node 2 does not exist; the graph has nodes 0 to 1";
        assert_eq!(bad[0].to_string(), text);
    }

    #[test]
    fn parallel_links_and_both_kinds_of_capacity() {
        let mut builder = GraphBuilder::new(2);
        let (there, back) = builder.edge(&spec(0, 1));
        let (east, west) = builder.duplex(&spec(0, 1).cost(5).srlgs(vec![7, 8]));
        let graph = builder.build().unwrap();
        assert_eq!(graph.arc(there).pool, graph.arc(back).pool);
        assert_ne!(graph.arc(east).pool, graph.arc(west).pool);
        assert_eq!(graph.arc(west).twin, Some(east));
        assert_eq!(graph.srlgs(west), [7, 8]);
        assert_eq!(graph.srlgs(there), []);
        let leaving: Vec<_> = graph.outgoing(NodeId(0)).iter().map(|step| step.arc).collect();
        assert_eq!(leaving, [there, east]);
        let entering: Vec<_> = graph.incoming(NodeId(0)).iter().map(|step| step.arc).collect();
        assert_eq!(entering, [back, west]);
    }

    #[test]
    fn an_empty_graph_is_a_graph() {
        assert_eq!(GraphBuilder::new(0).build().unwrap().node_count(), 0);
    }
}

//! Hop counts in small graphs, by whole sets of nodes at a time.

use crate::graph::{Graph, Step};
use crate::ids::NodeId;
use crate::paths::tree::Direction;

const WORDS: usize = 4;
/// The largest graph that fits.
const NODES: usize = WORDS * 64;

type Set = [u64; WORDS];

/// Who can be reached from whom in one hop, each way.
#[derive(Clone, Debug)]
pub(crate) struct BitGraph {
    nodes: usize,
    out: Vec<Set>,
    /// Empty where it is the same as `out`.
    into: Vec<Set>,
}

impl BitGraph {
    pub(super) fn holds(graph: &Graph) -> bool {
        graph.node_count() <= NODES
    }

    pub(crate) fn of(graph: &Graph, admits: impl Fn(NodeId, &Step) -> bool) -> Self {
        let nodes = graph.node_count();
        let mut out = vec![Set::default(); nodes];
        let mut into = vec![Set::default(); nodes];
        for node in graph.nodes() {
            for step in graph.outgoing(node).iter().filter(|step| admits(node, step)) {
                insert(&mut out[node.index()], step.node.index());
                insert(&mut into[step.node.index()], node.index());
            }
        }
        if into == out {
            into = Vec::new();
        }
        Self { nodes, out, into }
    }

    /// Distances from `place` to each node, or back, in hops of `unit`; infinite where nothing
    /// leads.
    pub(super) fn measure(
        &self,
        place: NodeId,
        direction: Direction,
        unit: f32,
        distances: &mut [f32],
    ) {
        let backward = direction == Direction::Backward && !self.into.is_empty();
        let next = if backward { &self.into } else { &self.out };
        distances[..self.nodes].fill(f32::INFINITY);
        let mut seen = Set::default();
        insert(&mut seen, place.index());
        let mut front = seen;
        let mut distance = 0.0;
        while front != Set::default() {
            let mut reached = Set::default();
            for_each(&front, |node| {
                distances[node] = distance;
                reached.iter_mut().zip(&next[node]).for_each(|(all, more)| *all |= more);
            });
            reached.iter_mut().zip(&seen).for_each(|(new, old)| *new &= !old);
            seen.iter_mut().zip(&reached).for_each(|(old, new)| *old |= new);
            front = reached;
            distance += unit;
        }
    }
}

fn insert(set: &mut Set, index: usize) {
    set[index / 64] |= 1 << (index % 64);
}

fn for_each(set: &Set, mut visit: impl FnMut(usize)) {
    for (word, bits) in set.iter().enumerate() {
        let mut rest = *bits;
        while rest != 0 {
            visit(word * 64 + rest.trailing_zeros() as usize);
            rest &= rest - 1;
        }
    }
}

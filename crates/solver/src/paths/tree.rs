//! Dijkstra's algorithm over reusable arrays.

use crate::graph::{Graph, Step};
use crate::ids::{ArcId, NodeId};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub(crate) const UNREACHED: u64 = u64::MAX;
const NO_ARC: u32 = u32::MAX;

/// Distances and parents of one search, emptied by counting a generation up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    cells: Vec<Cell>,
    generation: u32,
    heap: BinaryHeap<Reverse<(u64, u32)>>,
    level: Vec<NodeId>,
    settled: usize,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    distance: u64,
    parent: u32,
    generation: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

impl Direction {
    pub(crate) fn steps(self, graph: &Graph, node: NodeId) -> &[Step] {
        match self {
            Self::Forward => graph.outgoing(node),
            Self::Backward => graph.incoming(node),
        }
    }
}

impl Tree {
    pub(crate) fn new(nodes: usize) -> Self {
        let cell = Cell { distance: UNREACHED, parent: NO_ARC, generation: 0 };
        Self {
            cells: vec![cell; nodes],
            generation: 0,
            heap: BinaryHeap::new(),
            level: Vec::new(),
            settled: 0,
        }
    }

    fn clear(&mut self) {
        self.settled = 0;
        self.heap.clear();
        self.generation = self.generation.wrapping_add(1);
        if self.generation == 0 {
            self.cells.iter_mut().for_each(|cell| cell.generation = 0);
            self.generation = 1;
        }
    }

    /// Distance from the root, or [`UNREACHED`].
    #[inline]
    pub(crate) fn distance(&self, node: NodeId) -> u64 {
        let cell = &self.cells[node.index()];
        if cell.generation == self.generation { cell.distance } else { UNREACHED }
    }

    pub(crate) fn parent(&self, node: NodeId) -> Option<ArcId> {
        let cell = &self.cells[node.index()];
        (cell.generation == self.generation && cell.parent != NO_ARC).then_some(ArcId(cell.parent))
    }

    #[inline]
    fn improve(&mut self, node: NodeId, distance: u64, parent: u32) -> bool {
        if self.distance(node) <= distance {
            return false;
        }
        let generation = self.generation;
        self.cells[node.index()] = Cell { distance, parent, generation };
        true
    }

    /// Grows a tree of best paths from `root` until `stop` says that a settled node is the last.
    /// `extend` gives the distance at the far end of a step, from the node and its distance, never
    /// less than that; None where the step may not be taken.
    /// `ahead` is a consistent lower bound on what is still to come.
    pub(crate) fn grow(
        &mut self,
        graph: &Graph,
        (root, direction): (NodeId, Direction),
        extend: impl Fn((NodeId, u64), &Step) -> Option<u64>,
        ahead: impl Fn(NodeId) -> u64,
        mut stop: impl FnMut(NodeId) -> bool,
    ) {
        self.clear();
        self.improve(root, 0, NO_ARC);
        self.heap.push(Reverse((ahead(root), root.0)));
        while let Some(Reverse((key, node))) = self.heap.pop() {
            let node = NodeId(node);
            let here = self.distance(node);
            if key > here.saturating_add(ahead(node)) {
                continue;
            }
            self.settled += 1;
            if stop(node) {
                return;
            }
            for step in direction.steps(graph, node) {
                let Some(distance) = extend((node, here), step) else { continue };
                let bound = ahead(step.node);
                if bound != UNREACHED && self.improve(step.node, distance, step.arc.0) {
                    self.heap.push(Reverse((distance + bound, step.node.0)));
                }
            }
        }
    }

    /// Begins a search that is to be led by hand, with [`advance`](Self::advance).
    pub(super) fn plant(&mut self, root: NodeId) {
        self.clear();
        self.improve(root, 0, NO_ARC);
        self.heap.push(Reverse((0, root.0)));
    }

    /// The distance of the node that is settled next.
    pub(super) fn next_key(&mut self) -> Option<u64> {
        while let Some(Reverse((key, node))) = self.heap.peek() {
            if *key <= self.distance(NodeId(*node)) {
                return Some(*key);
            }
            self.heap.pop();
        }
        None
    }

    /// Settles one node. `extend` is given the node, its distance and a step.
    pub(super) fn advance(
        &mut self,
        graph: &Graph,
        direction: Direction,
        mut extend: impl FnMut(NodeId, u64, &Step) -> Option<u64>,
    ) {
        let Some(Reverse((here, node))) = self.heap.pop() else { return };
        self.settled += 1;
        let node = NodeId(node);
        for step in direction.steps(graph, node) {
            let Some(distance) = extend(node, here, step) else { continue };
            if self.improve(step.node, distance, step.arc.0) {
                self.heap.push(Reverse((distance, step.node.0)));
            }
        }
    }

    /// How many nodes the last search settled.
    pub(super) fn settled(&self) -> usize {
        self.settled
    }

    /// Goes from `root` to `target` over steps that are `unit` nearer to it by `ahead` each, on the
    /// cheapest such way by `extend`. Level by level: no queue is needed.
    pub(crate) fn descend(
        &mut self,
        graph: &Graph,
        (root, target): (NodeId, NodeId),
        extend: impl Fn((NodeId, u64), &Step) -> Option<u64>,
        (ahead, unit): (&[f32], f32),
    ) -> bool {
        self.clear();
        self.improve(root, 0, NO_ARC);
        let mut level = std::mem::take(&mut self.level);
        level.clear();
        level.push(root);
        let mut left = ahead[root.index()];
        while left > 0.0 && !level.is_empty() {
            left -= unit;
            let here = level.len();
            for at in 0..here {
                let node = level[at];
                let distance = self.distance(node);
                for step in graph.outgoing(node) {
                    if ahead[step.node.index()] > left {
                        continue;
                    }
                    let Some(next) = extend((node, distance), step) else { continue };
                    let new = self.distance(step.node) == UNREACHED;
                    if self.improve(step.node, next, step.arc.0) && new {
                        level.push(step.node);
                    }
                }
            }
            level.drain(..here);
        }
        self.level = level;
        self.distance(target) != UNREACHED
    }

    /// The arcs from `node` to the root of a backward tree.
    pub(super) fn path_from(&self, graph: &Graph, node: NodeId) -> Vec<ArcId> {
        let mut arcs = Vec::new();
        let mut here = node;
        while let Some(arc) = self.parent(here) {
            arcs.push(arc);
            here = graph.arc(arc).to;
        }
        arcs
    }

    /// The arcs from the root of a forward tree to `node`.
    pub(crate) fn path_to(&self, graph: &Graph, node: NodeId) -> Vec<ArcId> {
        let mut arcs = Vec::new();
        let mut here = node;
        while let Some(arc) = self.parent(here) {
            arcs.push(arc);
            here = graph.arc(arc).from;
        }
        arcs.reverse();
        arcs
    }
}

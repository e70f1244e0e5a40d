//! Hop counts in small graphs, by whole sets of nodes at a time.

use crate::graph::{Graph, Step};
use crate::ids::NodeId;
use crate::paths::tree::Direction;
use crate::residual::Residuals;

/// The largest graph that fits.
const NODES: usize = 256;

/// Who can be reached from whom in one hop, each way: a row of bits a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BitGraph {
    nodes: usize,
    words: usize,
    out: Vec<u64>,
    /// Empty where it is the same as `out`.
    into: Vec<u64>,
}

impl BitGraph {
    pub(super) fn holds(graph: &Graph) -> bool {
        graph.node_count() <= NODES
    }

    fn empty(nodes: usize) -> Self {
        let words = nodes.div_ceil(64).next_power_of_two();
        let rows = vec![0; nodes * words];
        Self { nodes, words, out: rows.clone(), into: rows }
    }

    pub(crate) fn of(graph: &Graph, admits: impl Fn(NodeId, &Step) -> bool) -> Self {
        let mut bits = Self::empty(graph.node_count());
        for node in graph.nodes() {
            for step in graph.outgoing(node).iter().filter(|step| admits(node, step)) {
                bits.join(node, step.node);
            }
        }
        bits.simplified()
    }

    /// For each of some bandwidths, the largest first, the arcs that have as much left; and which
    /// of the graphs returned is whose. Bandwidths that the same arcs have room for share one.
    pub(super) fn layers(
        graph: &Graph,
        residuals: &Residuals,
        bandwidths: &[u64],
    ) -> (Vec<Self>, Vec<usize>) {
        let mut bands: Vec<Vec<crate::ArcId>> = vec![Vec::new(); bandwidths.len()];
        for arc in graph.arcs() {
            let left = residuals.bandwidth(graph.arc(arc).pool);
            let band = bandwidths.partition_point(|bandwidth| *bandwidth > left);
            if let Some(band) = bands.get_mut(band) {
                band.push(arc);
            }
        }
        let (mut layers, mut whose): (Vec<Self>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut bits = Self::empty(graph.node_count());
        for band in bands {
            for arc in &band {
                let arc = graph.arc(*arc);
                bits.join(arc.from, arc.to);
            }
            if layers.is_empty() || !band.is_empty() {
                layers.push(bits.clone().simplified());
            }
            whose.push(layers.len() - 1);
        }
        (layers, whose)
    }

    fn join(&mut self, from: NodeId, to: NodeId) {
        let (from, to, words) = (from.index(), to.index(), self.words);
        self.out[from * words + to / 64] |= 1 << (to % 64);
        self.into[to * words + from / 64] |= 1 << (from % 64);
    }

    fn simplified(mut self) -> Self {
        if self.into == self.out {
            self.into = Vec::new();
        }
        self
    }

    /// Whether it is as far there as back, for any two nodes.
    pub(super) fn symmetric(&self) -> bool {
        self.into.is_empty()
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
        let backward = direction == Direction::Backward && !self.symmetric();
        let next = if backward { &self.into } else { &self.out };
        let distances = &mut distances[..self.nodes];
        match self.words {
            1 => flood::<1>(next, place, unit, distances),
            2 => flood::<2>(next, place, unit, distances),
            _ => flood::<4>(next, place, unit, distances),
        }
    }
}

fn flood<const W: usize>(next: &[u64], place: NodeId, unit: f32, distances: &mut [f32]) {
    distances.fill(f32::INFINITY);
    let mut unseen = [0u64; W];
    for (word, bits) in unseen.iter_mut().enumerate() {
        let rest = distances.len().saturating_sub(word * 64);
        *bits = if rest >= 64 { u64::MAX } else { (1 << rest) - 1 };
    }
    let mut front = [0u64; W];
    front[place.index() / 64] |= 1 << (place.index() % 64);
    let mut distance = 0.0;
    while front != [0; W] {
        unseen.iter_mut().zip(&front).for_each(|(unseen, new)| *unseen &= !new);
        // Where all is seen, only the distances of the last are still to be noted.
        let last = unseen == [0; W];
        let mut reached = [0u64; W];
        for_each(&front, |node| {
            distances[node] = distance;
            if !last {
                let row = &next[node * W..(node + 1) * W];
                reached.iter_mut().zip(row).for_each(|(all, more)| *all |= more);
            }
        });
        reached.iter_mut().zip(&unseen).for_each(|(new, unseen)| *new &= unseen);
        front = reached;
        distance += unit;
    }
}

fn for_each(set: &[u64], mut visit: impl FnMut(usize)) {
    for (word, bits) in set.iter().enumerate() {
        let mut rest = *bits;
        while rest != 0 {
            visit(word * 64 + rest.trailing_zeros() as usize);
            rest &= rest - 1;
        }
    }
}

//! Cheapest path under bounds on latency and hops: exact label setting.

use super::tree::UNREACHED;
use crate::graph::{Graph, Step};
use crate::ids::{ArcId, NodeId};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// A partial path from the source to `node`.
#[derive(Clone, Copy, Debug)]
struct Label {
    cost: u64,
    latency: u64,
    hops: u32,
    node: NodeId,
    arc: ArcId,
    parent: u32,
}

const NO_PARENT: u32 = u32::MAX;

/// Lower bounds on what is still to come, per node, and what the whole path may use.
pub(super) struct Bounds<'a> {
    pub(super) cost: &'a dyn Fn(NodeId) -> u64,
    pub(super) latency: &'a dyn Fn(NodeId) -> u64,
    pub(super) hops: &'a dyn Fn(NodeId) -> u64,
    pub(super) max_latency: u64,
    pub(super) max_hops: u64,
    pub(super) max_labels: u64,
}

impl Bounds<'_> {
    fn allow(&self, label: &Label) -> bool {
        let latency = label.latency.saturating_add((self.latency)(label.node));
        let hops = u64::from(label.hops).saturating_add((self.hops)(label.node));
        latency <= self.max_latency && hops <= self.max_hops
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Found(Vec<ArcId>),
    None,
    /// The budget ran out first.
    Spent,
}

/// Labels leave the queue in order of cost plus the bound on the rest, so that at each node they
/// leave in order of cost: one that is dominated in latency and hops can be dropped.
#[derive(Default)]
struct Search {
    labels: Vec<Label>,
    queue: BinaryHeap<Reverse<(u64, u64, u32, u32)>>,
    fronts: HashMap<NodeId, Vec<(u64, u32)>>,
}

impl Search {
    fn push(&mut self, label: Label, bounds: &Bounds) {
        let ahead = (bounds.cost)(label.node);
        if ahead == UNREACHED || !bounds.allow(&label) || self.dominated(&label) {
            return;
        }
        let index = u32::try_from(self.labels.len()).expect("the label budget is below 2^32");
        self.queue.push(Reverse((label.cost + ahead, label.latency, label.hops, index)));
        self.labels.push(label);
    }

    fn dominated(&self, label: &Label) -> bool {
        let front = self.fronts.get(&label.node);
        let better = |&(latency, hops): &(u64, u32)| latency <= label.latency && hops <= label.hops;
        front.is_some_and(|front| front.iter().any(better))
    }

    /// Makes the label permanent, unless one that is as good in everything already is.
    fn settle(&mut self, label: &Label) -> bool {
        if self.dominated(label) {
            return false;
        }
        let front = self.fronts.entry(label.node).or_default();
        front.retain(|&(latency, hops)| latency < label.latency || hops < label.hops);
        front.push((label.latency, label.hops));
        true
    }

    fn path(&self, mut index: u32) -> Vec<ArcId> {
        let mut arcs = Vec::new();
        while self.labels[index as usize].parent != NO_PARENT {
            arcs.push(self.labels[index as usize].arc);
            index = self.labels[index as usize].parent;
        }
        arcs.reverse();
        arcs
    }
}

/// The cheapest path within the bounds; the fastest of those that cost the same.
pub(super) fn cheapest(
    graph: &Graph,
    (from, to): (NodeId, NodeId),
    latency: impl Fn(NodeId, &Step) -> Option<u64>,
    bounds: &Bounds,
) -> Outcome {
    let mut search = Search::default();
    let root = Label { cost: 0, latency: 0, hops: 0, node: from, arc: ArcId(0), parent: NO_PARENT };
    search.push(root, bounds);
    let max_labels = usize::try_from(bounds.max_labels.min(1 << 31)).expect("at most 2^31");
    while let Some(Reverse((.., index))) = search.queue.pop() {
        let label = search.labels[index as usize];
        if label.node == to {
            return Outcome::Found(search.path(index));
        }
        if !search.settle(&label) {
            continue;
        }
        for step in graph.outgoing(label.node) {
            let Some(latency) = latency(label.node, step) else { continue };
            let next = Label {
                cost: label.cost + u64::from(step.cost),
                latency: label.latency + latency,
                hops: label.hops + 1,
                node: step.node,
                arc: step.arc,
                parent: index,
            };
            search.push(next, bounds);
        }
        if search.labels.len() >= max_labels {
            return Outcome::Spent;
        }
    }
    Outcome::None
}

//! Latencies in the empty network, one row a node, made when first needed. They do not change as
//! residuals do: less room never makes a path shorter, so they stay lower bounds for ever.

use crate::graph::Graph;
use crate::ids::NodeId;
use crate::paths::tree::{Direction, Tree, UNREACHED};

/// More cached values than this, and the cache starts anew.
const MAX_CACHED: usize = 1 << 26;

/// A row by node; infinite where nothing leads.
pub(super) type Row = [f32];

#[derive(Clone, Debug)]
pub(super) struct Landscape {
    tree: Tree,
    symmetric: bool,
    uniform_cost: Option<f32>,
    rows: [Vec<Option<Box<Row>>>; 2],
    cached: usize,
}

impl Landscape {
    pub(super) fn new(graph: &Graph) -> Self {
        let nodes = graph.node_count();
        let empty = || vec![None; nodes];
        Self {
            tree: Tree::new(nodes),
            symmetric: graph.arcs().all(|arc| twin_is_alike(graph, arc)),
            uniform_cost: uniform_cost(graph),
            rows: [empty(), empty()],
            cached: 0,
        }
    }

    /// The cost that all arcs have, if they all have the same, and it is not 0.
    pub(super) fn uniform_cost(&self) -> Option<f32> {
        self.uniform_cost
    }

    /// Makes room for rows that must exist together. Call before a run of [`ensure`](Self::ensure).
    pub(super) fn begin(&mut self) {
        if self.cached > MAX_CACHED {
            self.rows.iter_mut().for_each(|rows| rows.fill(None));
            self.cached = 0;
        }
    }

    /// Sees to it that the rows of `node` exist, both ways.
    pub(super) fn ensure(&mut self, graph: &Graph, node: NodeId) {
        for direction in [Direction::Backward, Direction::Forward] {
            let slot = self.slot(direction);
            if self.rows[slot][node.index()].is_none() {
                let row = self.compute(graph, direction, node);
                self.cached += row.len();
                self.rows[slot][node.index()] = Some(row);
            }
        }
    }

    /// From each node to `node` (backward) or from `node` to each (forward).
    pub(super) fn row(&self, direction: Direction, node: NodeId) -> &Row {
        let row = self.rows[self.slot(direction)][node.index()].as_deref();
        row.expect("rows are ensured before they are read")
    }

    fn slot(&self, direction: Direction) -> usize {
        if self.symmetric || direction == Direction::Backward { 0 } else { 1 }
    }

    #[expect(clippy::cast_precision_loss, reason = "bounds that are used have slack for it")]
    fn compute(&mut self, graph: &Graph, direction: Direction, node: NodeId) -> Box<Row> {
        let extend = |(_, here): (NodeId, u64), step: &crate::Step| {
            Some(here + u64::from(graph.arc(step.arc).latency))
        };
        self.tree.grow(graph, (node, direction), extend, |_| 0, |_| false);
        let value = |node: NodeId| match self.tree.distance(node) {
            UNREACHED => f32::INFINITY,
            distance => distance as f32,
        };
        graph.nodes().map(value).collect()
    }
}

fn twin_is_alike(graph: &Graph, arc: crate::ArcId) -> bool {
    let there = graph.arc(arc);
    there.twin.is_some_and(|twin| {
        let back = graph.arc(twin);
        back.latency == there.latency
    })
}

#[expect(clippy::cast_precision_loss, reason = "distances only guide the search")]
fn uniform_cost(graph: &Graph) -> Option<f32> {
    let cost = graph.arc(graph.arcs().next()?).cost;
    (cost > 0 && graph.arcs().all(|arc| graph.arc(arc).cost == cost)).then_some(cost as f32)
}

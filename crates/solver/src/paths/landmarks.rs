//! Distances to and from a few far-off nodes, from which lower bounds on any distance follow by the
//! triangle inequality (Goldberg, Harrelson 2005). They are taken in the whole network: less room,
//! policies and exclusions only make ways longer, so the bounds hold whatever the residuals are.

use super::tree::{Direction, Tree, UNREACHED};
use crate::graph::{Graph, Step};
use crate::ids::NodeId;

/// Landmarks: one cache line of distances a node.
const COUNT: usize = 16;
/// Smaller networks are searched without.
const WORTHWHILE: usize = 2_000;
/// Distances above this are not kept; such a network is searched without.
const LARGEST: u64 = 1 << 29;
/// Stands for no way; the difference to any distance is longer than any way.
const NO_WAY: i32 = 1 << 30;
/// Pairs on which the two kinds of search are compared.
const SAMPLES: usize = 12;

type Row = [i32; COUNT];

/// What arcs are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    Cost,
    Latency,
}

impl Metric {
    pub(super) fn of(self, graph: &Graph, step: &Step) -> u64 {
        match self {
            Self::Cost => u64::from(step.cost),
            Self::Latency => u64::from(graph.arc(step.arc).latency),
        }
    }
}

/// How the cheapest path between two nodes is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approach {
    /// From one end, outwards.
    Plain,
    /// From both ends at once: best where a few steps reach everything.
    Bidirectional,
    /// From one end, drawn to the other by landmarks: best where the network lies in a plane.
    Landmarks,
}

/// What is known of a network beforehand.
#[derive(Clone, Debug)]
pub struct Landmarks {
    cost: Option<Table>,
    latency: Option<Table>,
    approach: Approach,
}

/// Distances by node. Where all are the same both ways, `from` is empty.
#[derive(Clone, Debug)]
struct Table {
    to: Vec<Row>,
    from: Vec<Row>,
}

impl Landmarks {
    /// Measures a network: some twenty searches of all of it.
    #[must_use]
    pub fn new(graph: &Graph) -> Self {
        if graph.node_count() < WORTHWHILE {
            return Self::for_approach(graph, Approach::Plain);
        }
        let landmarks = Self::for_approach(graph, Approach::Bidirectional);
        let approach = landmarks.better(graph);
        Self { approach, ..landmarks }
    }

    /// Measures a network for a approach that the caller knows to be best; any gives right answers.
    #[must_use]
    pub fn for_approach(graph: &Graph, approach: Approach) -> Self {
        if approach == Approach::Plain || graph.node_count() == 0 {
            return Self { cost: None, latency: None, approach };
        }
        let mut tree = Tree::new(graph.node_count());
        let places = places(graph, &mut tree);
        let mut table = |metric| Table::new(graph, &mut tree, &places, metric);
        Self { cost: table(Metric::Cost), latency: table(Metric::Latency), approach }
    }

    #[must_use]
    pub fn approach(&self) -> Approach {
        self.approach
    }

    fn table(&self, metric: Metric) -> Option<&Table> {
        match metric {
            Metric::Cost => self.cost.as_ref(),
            Metric::Latency => self.latency.as_ref(),
        }
    }

    /// Lower bounds on what is still to come on the way to `target`.
    pub(super) fn ahead(&self, metric: Metric, target: NodeId) -> Bounds<'_> {
        let table = self.table(metric);
        Bounds { table: table.map(|table| (table, table.rows(target))), sense: Direction::Forward }
    }

    /// Lower bounds on what lies behind on the way from `source`.
    pub(super) fn behind(&self, metric: Metric, source: NodeId) -> Bounds<'_> {
        let table = self.table(metric);
        Bounds { table: table.map(|table| (table, table.rows(source))), sense: Direction::Backward }
    }

    /// The approach that settles fewer nodes on a sample of pairs.
    fn better(&self, graph: &Graph) -> Approach {
        if self.cost.is_none() {
            return Approach::Bidirectional;
        }
        let mut random = crate::random::Random::new(graph.node_count() as u64);
        let mut trees = [Tree::new(graph.node_count()), Tree::new(graph.node_count())];
        let (mut meeting, mut drawn) = (0, 0);
        for _ in 0..SAMPLES {
            let mut node = || NodeId::at(random.below(graph.node_count()));
            let ends = (node(), node());
            let [there, back] = &mut trees;
            super::bidirectional::meet(graph, [there, back], ends, |_, _| true, |_, _| 0);
            meeting += there.settled() + back.settled();
            let bounds = self.ahead(Metric::Cost, ends.1);
            let extend = |(_, here): (NodeId, u64), step: &Step| Some(here + u64::from(step.cost));
            let root = (ends.0, Direction::Forward);
            there.grow(graph, root, extend, |node| bounds.of(node), |node| node == ends.1);
            drawn += there.settled();
        }
        if drawn < meeting { Approach::Landmarks } else { Approach::Bidirectional }
    }
}

/// Lower bounds by node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds<'a> {
    table: Option<(&'a Table, (Row, Row))>,
    sense: Direction,
}

impl Bounds<'_> {
    pub(super) const NONE: Self = Self { table: None, sense: Direction::Forward };

    #[inline]
    pub(super) fn of(&self, node: NodeId) -> u64 {
        let Some((table, (to, from))) = &self.table else { return 0 };
        let here = &table.to[node.index()];
        let best = if table.from.is_empty() {
            widest_gap(here, to)
        } else {
            let there = &table.from[node.index()];
            match self.sense {
                Direction::Forward => largest(here, to).max(largest(from, there)),
                Direction::Backward => largest(to, here).max(largest(there, from)),
            }
        };
        u64::try_from(best).unwrap_or(0)
    }
}

/// The largest of a − b.
fn largest(a: &Row, b: &Row) -> i32 {
    a.iter().zip(b).map(|(a, b)| a - b).fold(0, i32::max)
}

/// The largest of |a − b|.
fn widest_gap(a: &Row, b: &Row) -> i32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0, i32::max)
}

impl Table {
    fn new(graph: &Graph, tree: &mut Tree, places: &[NodeId], metric: Metric) -> Option<Self> {
        let nodes = graph.node_count();
        let mut table = Self { to: vec![[0; COUNT]; nodes], from: vec![[0; COUNT]; nodes] };
        for (column, place) in places.iter().enumerate() {
            measure(graph, tree, (*place, Direction::Backward), metric);
            note(tree, &mut table.to, column)?;
            measure(graph, tree, (*place, Direction::Forward), metric);
            note(tree, &mut table.from, column)?;
        }
        if table.to == table.from {
            table.from = Vec::new();
        }
        Some(table)
    }

    fn rows(&self, node: NodeId) -> (Row, Row) {
        let to = self.to[node.index()];
        (to, self.from.get(node.index()).copied().unwrap_or(to))
    }
}

fn measure(graph: &Graph, tree: &mut Tree, root: (NodeId, Direction), metric: Metric) {
    let extend = |(_, here): (NodeId, u64), step: &Step| Some(here + metric.of(graph, step));
    tree.grow(graph, root, extend, |_| 0, |_| false);
}

/// None when a distance is too long.
fn note(tree: &Tree, rows: &mut [Row], column: usize) -> Option<()> {
    for (index, row) in rows.iter_mut().enumerate() {
        row[column] = match tree.distance(NodeId::at(index)) {
            UNREACHED => NO_WAY,
            distance if distance > LARGEST => return None,
            distance => i32::try_from(distance).ok()?,
        };
    }
    Some(())
}

/// Nodes that are far from each other: each the farthest from those before it.
fn places(graph: &Graph, tree: &mut Tree) -> Vec<NodeId> {
    let mut nearest = vec![UNREACHED; graph.node_count()];
    let mut next = NodeId(0);
    // What is farthest from anywhere lies at the rim.
    measure(graph, tree, (next, Direction::Forward), Metric::Cost);
    next = farthest(tree, &nearest).unwrap_or(next);
    let mut places = Vec::new();
    while places.len() < COUNT {
        places.push(next);
        measure(graph, tree, (next, Direction::Forward), Metric::Cost);
        for (index, nearest) in nearest.iter_mut().enumerate() {
            *nearest = (*nearest).min(tree.distance(NodeId::at(index)));
        }
        next = farthest(tree, &nearest).unwrap_or(next);
    }
    places
}

fn farthest(tree: &Tree, nearest: &[u64]) -> Option<NodeId> {
    let reached = (0..nearest.len()).map(NodeId::at);
    let reached = reached.filter(|node| tree.distance(*node) != UNREACHED);
    reached.max_by_key(|node| nearest[node.index()].min(tree.distance(*node)))
}

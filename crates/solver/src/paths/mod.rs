//! Paths under constraints. A [`Finder`] keeps the arrays that searches reuse; it holds no state
//! that changes an answer.

mod admission;
mod bidirectional;
mod bounded;
mod constrained;
mod corridor;
mod disjoint;
mod job;
mod labels;
mod landmarks;
mod query;
mod several;
pub(crate) mod tree;
mod widest;

pub use disjoint::{Disjointness, NoPair, Optimality, Pair};
pub use job::Job;
pub use landmarks::{Approach, Landmarks};
pub use query::{AdminPolicy, DEFAULT_LABELS, NoPath, Path, Query};
pub use widest::WidestPath;

use crate::embed::bits::BitGraph;
use crate::graph::{Graph, Step};
use crate::ids::NodeId;
use crate::residual::Residuals;
use admission::{Admission, Marks};
use std::sync::Arc;
use tree::{Direction, Tree};

/// Finds paths in one graph.
#[derive(Clone, Debug)]
pub struct Finder<'g> {
    graph: &'g Graph,
    marks: Marks,
    by_cost: Tree,
    by_latency: Tree,
    by_hops: Tree,
    corridor: Tree,
    landmarks: Option<Arc<Landmarks>>,
}

impl<'g> Finder<'g> {
    #[must_use]
    pub fn new(graph: &'g Graph) -> Self {
        let tree = Tree::new(graph.node_count());
        Self {
            graph,
            marks: Marks::new(graph),
            by_cost: tree.clone(),
            by_latency: tree.clone(),
            by_hops: tree.clone(),
            corridor: tree,
            landmarks: None,
        }
    }

    /// A finder that knows the network beforehand: searches in a large one touch less of it. The
    /// landmarks are of this graph; they stay right whatever happens to residuals.
    #[must_use]
    pub fn with_landmarks(graph: &'g Graph, landmarks: Arc<Landmarks>) -> Self {
        Self { landmarks: Some(landmarks), ..Self::new(graph) }
    }

    #[must_use]
    pub fn graph(&self) -> &'g Graph {
        self.graph
    }

    /// The arcs that a query admits, as sets. Looks at no ends, bounds or exclusions by name.
    pub(crate) fn bits(&mut self, residuals: &Residuals, query: &Query) -> BitGraph {
        self.marks.clear();
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        BitGraph::of(self.graph, |node, step| admission.admits(node, step))
    }

    /// Distances from or to a node over the arcs that a query admits; the same is not looked at.
    pub(crate) fn measure(
        &mut self,
        residuals: &Residuals,
        query: &Query,
        root: (NodeId, Direction),
    ) -> &Tree {
        self.marks.clear();
        let admission = Admission::new(self.graph, residuals, query, &self.marks);
        let extend = |(node, here): (NodeId, u64), step: &Step| {
            admission.admits(node, step).then(|| here + u64::from(step.cost))
        };
        self.by_cost.grow(self.graph, root, extend, |_| 0, |_| false);
        &self.by_cost
    }
}

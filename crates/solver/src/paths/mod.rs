//! Paths under constraints. A [`Finder`] keeps the arrays that searches reuse; it holds no state
//! that changes an answer.

mod admission;
mod constrained;
mod labels;
mod query;
pub(crate) mod tree;
mod widest;

pub use query::{AdminPolicy, DEFAULT_LABELS, NoPath, Path, Query};
pub use widest::WidestPath;

use crate::graph::Graph;
use admission::Marks;
use tree::Tree;

/// Finds paths in one graph.
#[derive(Clone, Debug)]
pub struct Finder<'g> {
    graph: &'g Graph,
    marks: Marks,
    by_cost: Tree,
    by_latency: Tree,
    by_hops: Tree,
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
            by_hops: tree,
        }
    }

    #[must_use]
    pub fn graph(&self) -> &'g Graph {
        self.graph
    }
}

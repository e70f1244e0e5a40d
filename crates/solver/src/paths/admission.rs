//! Which arcs a query admits.

use super::query::{AdminPolicy, NoPath, Query};
use crate::graph::{Graph, Step};
use crate::ids::{ArcId, NodeId};
use crate::residual::Residuals;

/// Nodes and arcs to be avoided, as arrays that are emptied by counting a generation up.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    nodes: Vec<u32>,
    arcs: Vec<u32>,
    generation: u32,
    any: bool,
}

impl Marks {
    pub(super) fn new(graph: &Graph) -> Self {
        let (nodes, arcs) = (vec![0; graph.node_count()], vec![0; graph.arc_count()]);
        Self { nodes, arcs, generation: 0, any: false }
    }

    pub(super) fn clear(&mut self) {
        self.any = false;
        self.generation = self.generation.wrapping_add(1);
        if self.generation == 0 {
            self.nodes.fill(0);
            self.arcs.fill(0);
            self.generation = 1;
        }
    }

    pub(super) fn node(&mut self, node: NodeId) {
        self.nodes[node.index()] = self.generation;
        self.any = true;
    }

    pub(super) fn arc(&mut self, arc: ArcId) {
        self.arcs[arc.index()] = self.generation;
        self.any = true;
    }

    fn admits(&self, from: NodeId, step: &Step) -> bool {
        !self.any
            || (self.nodes[step.node.index()] != self.generation
                && self.nodes[from.index()] != self.generation
                && self.arcs[step.arc.index()] != self.generation)
    }
}

/// How much of a query to hold an arc against; for telling why there is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strictness {
    /// Any arc that could carry the kind of traffic at all.
    Topology,
    /// What policies admit.
    Policy,
    /// What has room, too.
    Room,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Admission<'a> {
    pub(super) graph: &'a Graph,
    pub(super) residuals: &'a Residuals,
    pub(super) query: &'a Query,
    pub(super) marks: &'a Marks,
    pub(super) strictness: Strictness,
    plain: bool,
}

impl<'a> Admission<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        residuals: &'a Residuals,
        query: &'a Query,
        marks: &'a Marks,
    ) -> Self {
        let plain = query.backward.is_none() && query.admin == AdminPolicy::default();
        Self { graph, residuals, query, marks, strictness: Strictness::Room, plain }
    }

    pub(super) fn with(self, strictness: Strictness) -> Self {
        Self { strictness, plain: false, ..self }
    }

    /// Whether the query admits `step`, found in an adjacency list of `here`.
    #[inline]
    pub(super) fn admits(&self, here: NodeId, step: &Step) -> bool {
        if self.plain {
            return self.residuals.bandwidth(step.pool) >= self.query.bandwidth
                && self.marks.admits(here, step);
        }
        self.carries(step)
            && (self.strictness < Strictness::Policy || self.policy(here, step))
            && (self.strictness < Strictness::Room || self.room(step))
    }

    fn carries(&self, step: &Step) -> bool {
        self.query.backward.is_none() || self.graph.arc(step.arc).twin.is_some()
    }

    fn policy(&self, here: NodeId, step: &Step) -> bool {
        self.query.admin.admits(self.graph.arc(step.arc).admin) && self.marks.admits(here, step)
    }

    fn room(&self, step: &Step) -> bool {
        let there = self.residuals.bandwidth(step.pool);
        let Some((twin_pool, backward)) = self.other_way(step) else {
            return there >= self.query.bandwidth;
        };
        if twin_pool == step.pool {
            return there >= self.query.bandwidth.saturating_add(backward);
        }
        there >= self.query.bandwidth && self.residuals.bandwidth(twin_pool) >= backward
    }

    /// What is left for the query's traffic, and for that the other way.
    pub(super) fn available(&self, step: &Step) -> (u64, u64) {
        let there = self.residuals.bandwidth(step.pool);
        match self.other_way(step) {
            None => (there, 0),
            Some((twin_pool, _)) if twin_pool == step.pool => {
                (there.min(self.query.bandwidth), there.saturating_sub(self.query.bandwidth))
            }
            Some((twin_pool, _)) => (there, self.residuals.bandwidth(twin_pool)),
        }
    }

    /// How much the arc lacks of what the query needs, both ways taken together.
    pub(super) fn shortfall(&self, step: &Step) -> u64 {
        let (there, back) = self.available(step);
        let back_needed = self.query.backward.unwrap_or(0);
        let short = self.query.bandwidth.saturating_sub(there);
        short.saturating_add(back_needed.saturating_sub(back))
    }

    fn other_way(&self, step: &Step) -> Option<(crate::PoolId, u64)> {
        let twin = self.graph.arc(step.arc).twin?;
        Some((self.graph.arc(twin).pool, self.query.backward?))
    }
}

/// Marks what the query avoids, having checked that all that it names exists.
pub(super) fn prepare(graph: &Graph, query: &Query, marks: &mut Marks) -> Result<(), NoPath> {
    let nodes = [query.from, query.to].into_iter().chain(query.avoid_nodes.iter().copied());
    if let Some(unknown) = nodes.into_iter().find(|node| !graph.has_node(*node)) {
        return Err(NoPath::UnknownNode(unknown));
    }
    if let Some(unknown) = query.avoid_arcs.iter().find(|arc| arc.index() >= graph.arc_count()) {
        return Err(NoPath::UnknownArc(*unknown));
    }
    if let Some(end) = [query.from, query.to].iter().find(|end| query.avoid_nodes.contains(end)) {
        return Err(NoPath::EndAvoided(*end));
    }
    marks.clear();
    query.avoid_nodes.iter().for_each(|node| marks.node(*node));
    query.avoid_arcs.iter().for_each(|arc| marks.arc(*arc));
    Ok(())
}

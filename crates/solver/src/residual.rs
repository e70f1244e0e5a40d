//! What is left: bandwidth by pool, resources by node. With a log, so that a trial costs what it
//! touches.

use crate::graph::Graph;
use crate::ids::{NodeId, PoolId};

/// Bandwidth and node resources that are still free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residuals {
    bandwidth: Vec<u64>,
    dimensions: usize,
    resources: Vec<u64>,
    log: Vec<Undo>,
    open: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Undo {
    Bandwidth { pool: u32, was: u64 },
    Resource { slot: usize, was: u64 },
}

/// A point to roll back to. Checkpoints nest: the last one opened is closed first.
#[derive(Debug)]
#[must_use = "a checkpoint that is neither rolled back nor kept makes the log grow"]
pub struct Checkpoint(usize);

/// There is less than was asked for; nothing was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{needed} needed, {available} available; ask for less or free some")]
pub struct Short {
    pub needed: u64,
    pub available: u64,
}

/// Node resources do not have the shape of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{given} resource values for {nodes} nodes of {dimensions} dimensions; give one a node and dimension"
)]
pub struct ShapeMismatch {
    pub given: usize,
    pub nodes: usize,
    pub dimensions: usize,
}

impl Residuals {
    /// Full bandwidth everywhere; `resources` holds `dimensions` values a node, node by node.
    ///
    /// # Errors
    /// When the number of values is not nodes × dimensions.
    pub fn new(
        graph: &Graph,
        dimensions: usize,
        resources: Vec<u64>,
    ) -> Result<Self, ShapeMismatch> {
        let (given, nodes) = (resources.len(), graph.node_count());
        if nodes.checked_mul(dimensions) != Some(given) {
            return Err(ShapeMismatch { given, nodes, dimensions });
        }
        let bandwidth = graph.capacities().to_vec();
        Ok(Self { bandwidth, dimensions, resources, log: Vec::new(), open: 0 })
    }

    /// Full bandwidth, and nodes without any resources: enough for paths.
    #[must_use]
    pub fn of_links(graph: &Graph) -> Self {
        let bandwidth = graph.capacities().to_vec();
        Self { bandwidth, dimensions: 0, resources: Vec::new(), log: Vec::new(), open: 0 }
    }

    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    #[must_use]
    #[inline]
    pub fn bandwidth(&self, pool: PoolId) -> u64 {
        self.bandwidth[pool.index()]
    }

    #[must_use]
    pub fn resources(&self, node: NodeId) -> &[u64] {
        let first = node.index() * self.dimensions;
        &self.resources[first..first + self.dimensions]
    }

    /// Whether `node` has at least `demand` left in every dimension.
    #[must_use]
    pub fn fits(&self, node: NodeId, demand: &[u64]) -> bool {
        self.resources(node).iter().zip(demand).all(|(free, need)| free >= need)
    }

    /// # Errors
    /// When the pool has less than `amount`.
    pub fn take_bandwidth(&mut self, pool: PoolId, amount: u64) -> Result<(), Short> {
        let available = self.bandwidth(pool);
        let Some(left) = available.checked_sub(amount) else {
            return Err(Short { needed: amount, available });
        };
        self.set_bandwidth(pool, left);
        Ok(())
    }

    pub fn give_bandwidth(&mut self, pool: PoolId, amount: u64) {
        self.set_bandwidth(pool, self.bandwidth(pool).saturating_add(amount));
    }

    /// Says what is left of a pool; 0 takes a link out of service.
    pub fn set_bandwidth(&mut self, pool: PoolId, value: u64) {
        let slot = &mut self.bandwidth[pool.index()];
        if self.open > 0 {
            self.log.push(Undo::Bandwidth { pool: pool.0, was: *slot });
        }
        *slot = value;
    }

    /// # Errors
    /// The first dimension of which the node has less than is demanded; nothing is taken then.
    pub fn take_resources(&mut self, node: NodeId, demand: &[u64]) -> Result<(), Short> {
        let free = self.resources(node);
        if let Some((available, needed)) = free.iter().zip(demand).find(|(have, need)| have < need)
        {
            return Err(Short { needed: *needed, available: *available });
        }
        self.change_resources(node, demand, u64::saturating_sub);
        Ok(())
    }

    pub fn give_resources(&mut self, node: NodeId, demand: &[u64]) {
        self.change_resources(node, demand, u64::saturating_add);
    }

    fn change_resources(&mut self, node: NodeId, demand: &[u64], change: fn(u64, u64) -> u64) {
        let first = node.index() * self.dimensions;
        for (slot, amount) in (first..first + self.dimensions).zip(demand) {
            let was = self.resources[slot];
            if self.open > 0 {
                self.log.push(Undo::Resource { slot, was });
            }
            self.resources[slot] = change(was, *amount);
        }
    }

    pub fn checkpoint(&mut self) -> Checkpoint {
        self.open += 1;
        Checkpoint(self.log.len())
    }

    /// Undoes everything since the checkpoint.
    pub fn roll_back(&mut self, to: &Checkpoint) {
        while self.log.len() > to.0 {
            let undo = self.log.pop().expect("the log is longer than a checkpoint's length");
            match undo {
                Undo::Bandwidth { pool, was } => self.bandwidth[pool as usize] = was,
                Undo::Resource { slot, was } => self.resources[slot] = was,
            }
        }
    }

    /// Undoes everything since the checkpoint, and closes it.
    pub fn abandon(&mut self, to: Checkpoint) {
        self.roll_back(&to);
        self.close();
    }

    /// Keeps what was done since the checkpoint, and closes it.
    pub fn keep(&mut self, _checkpoint: Checkpoint) {
        self.close();
    }

    fn close(&mut self) {
        self.open -= 1;
        if self.open == 0 {
            self.log.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{ArcSpec, GraphBuilder};
    use proptest::prelude::*;

    fn line() -> Graph {
        let mut builder = GraphBuilder::new(3);
        builder.edge(&ArcSpec::new(NodeId(0), NodeId(1), 10));
        builder.edge(&ArcSpec::new(NodeId(1), NodeId(2), 20));
        builder.build().unwrap()
    }

    #[test]
    fn what_is_missing_is_not_taken() {
        let mut residuals = Residuals::new(&line(), 2, vec![5, 9, 5, 9, 5, 9]).unwrap();
        let before = residuals.clone();
        let short = residuals.take_bandwidth(PoolId(0), 11).unwrap_err();
        assert_eq!(short, Short { needed: 11, available: 10 });
        let short = residuals.take_resources(NodeId(1), &[1, 10]).unwrap_err();
        assert_eq!(short, Short { needed: 10, available: 9 });
        assert_eq!(residuals, before);
    }

    #[test]
    fn resources_have_the_shape_of_the_graph() {
        let error = Residuals::new(&line(), 2, vec![1; 5]).unwrap_err();
        assert_eq!(error, ShapeMismatch { given: 5, nodes: 3, dimensions: 2 });
    }

    proptest! {
        #[test]
        fn rolling_back_restores_everything(
            ops in prop::collection::vec((0u32..5, 0u64..12), 0..40), inner in 0usize..40,
        ) {
            let mut residuals = Residuals::new(&line(), 1, vec![30, 30, 30]).unwrap();
            let before = residuals.clone();
            let outer = residuals.checkpoint();
            let mut half = None;
            for (step, (which, amount)) in ops.iter().enumerate() {
                if step == inner {
                    half = Some((residuals.checkpoint(), residuals.clone()));
                }
                match which {
                    0 | 1 => drop(residuals.take_bandwidth(PoolId(*which), *amount)),
                    2 => residuals.give_bandwidth(PoolId(0), *amount),
                    3 => drop(residuals.take_resources(NodeId(1), &[*amount])),
                    _ => residuals.give_resources(NodeId(2), &[*amount]),
                }
            }
            if let Some((checkpoint, then)) = half {
                residuals.roll_back(&checkpoint);
                prop_assert_eq!(&residuals.bandwidth, &then.bandwidth);
                prop_assert_eq!(&residuals.resources, &then.resources);
                residuals.keep(checkpoint);
            }
            residuals.abandon(outer);
            prop_assert_eq!(residuals, before);
        }
    }
}

//! Placement on estimates: hosts without paths. A link is taken to cost what its shortest path
//! costs in the empty network, more where the arc between two neighbours has no room for it.

use super::instance::{Instance, Part};
use super::landscape::{Landscape, Metric, Row};
use crate::graph::Step;
use crate::ids::NodeId;
use crate::paths::tree::Direction;
use crate::random::Random;
use crate::residual::Residuals;

const NOWHERE: u32 = u32::MAX;

/// A placement, complete or not, with what it is taken to cost.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    /// By function: an index into the pool.
    host: Vec<u32>,
    /// By link, as far as both ends are placed.
    estimate: Vec<f32>,
    pub(super) cost: f32,
}

/// Scores hosts for functions. Reads residuals, takes nothing.
pub(super) struct Sketcher<'a> {
    instance: &'a Instance<'a>,
    landscape: &'a mut Landscape,
    /// Index into the pool, by node.
    index_of: Vec<u32>,
    /// By index into the pool: what it would cost to run the function there.
    scores: Vec<f32>,
    /// By index into the pool: how many functions run there.
    occupied: Vec<u16>,
    pub(super) placement: Placement,
}

impl<'a> Sketcher<'a> {
    pub(super) fn new(instance: &'a Instance<'a>, landscape: &'a mut Landscape) -> Self {
        let mut index_of = vec![NOWHERE; instance.graph.node_count()];
        for (index, node) in instance.pool.iter().enumerate() {
            index_of[node.index()] =
                u32::try_from(index).expect("a pool is no larger than a graph");
        }
        let placement = Placement {
            host: vec![NOWHERE; instance.functions()],
            estimate: vec![0.0; instance.links.len()],
            cost: 0.0,
        };
        landscape.begin();
        Self {
            instance,
            landscape,
            index_of,
            scores: vec![0.0; instance.pool.len()],
            occupied: vec![0; instance.pool.len()],
            placement,
        }
    }

    pub(super) fn clear(&mut self) {
        self.placement.host.fill(NOWHERE);
        self.placement.estimate.fill(0.0);
        self.placement.cost = 0.0;
        self.occupied.fill(0);
    }

    pub(super) fn node_of(&self, part: Part) -> Option<NodeId> {
        if !self.instance.is_function(part) {
            return Some(self.instance.fixed[part - self.instance.functions()]);
        }
        let host = self.placement.host[part];
        (host != NOWHERE).then(|| self.instance.pool[host as usize])
    }

    /// Functions that are not where they were.
    pub(super) fn moved(&self) -> usize {
        let moved = |function: &Part| {
            let previous = self.instance.previous(*function);
            previous.is_some_and(|previous| self.node_of(*function) != Some(previous))
        };
        (0..self.instance.functions()).filter(moved).count()
    }

    /// The hosts, when every function has one.
    pub(super) fn hosts(&self) -> Option<Vec<NodeId>> {
        (0..self.instance.functions()).map(|function| self.node_of(function)).collect()
    }

    pub(super) fn restore(&mut self, placement: &Placement) {
        self.placement.clone_from(placement);
        self.occupied.fill(0);
        for host in self.placement.host.iter().filter(|host| **host != NOWHERE) {
            self.occupied[*host as usize] += 1;
        }
    }

    pub(super) fn place(&mut self, residuals: &Residuals, function: Part, host: u32) {
        self.placement.host[function] = host;
        self.occupied[host as usize] += 1;
        let here = self.instance.pool[host as usize];
        self.placement.cost += self.instance.stay_cost(function, here);
        for &wire in &self.instance.wires_of[function] {
            let peer = self.instance.links[wire].peer(function);
            if let Some(there) = self.node_of(peer) {
                let estimate = self.estimate(residuals, wire, (function, here), there);
                self.placement.estimate[wire] = estimate;
                self.placement.cost += estimate;
            }
        }
    }

    pub(super) fn remove(&mut self, function: Part) -> u32 {
        let host = std::mem::replace(&mut self.placement.host[function], NOWHERE);
        self.occupied[host as usize] -= 1;
        let here = self.instance.pool[host as usize];
        self.placement.cost -= self.instance.stay_cost(function, here);
        for &wire in &self.instance.wires_of[function] {
            let estimate = std::mem::take(&mut self.placement.estimate[wire]);
            self.placement.cost -= estimate;
        }
        host
    }

    /// The best host for a function, given what is placed; ties fall by `random`. `shun` is one
    /// that is not wanted.
    pub(super) fn best_host(
        &mut self,
        residuals: &Residuals,
        function: Part,
        shun: Option<u32>,
        random: &mut Random,
    ) -> Option<u32> {
        self.score(residuals, function);
        if let Some(shun) = shun {
            self.scores[shun as usize] = f32::INFINITY;
        }
        loop {
            let host = lowest(&self.scores, random)?;
            if self.allowed(residuals, function, host) {
                return Some(u32::try_from(host).expect("a pool is no larger than a graph"));
            }
            self.scores[host] = f32::INFINITY;
        }
    }

    /// Scores every host of the pool; infinite where the function cannot run.
    fn score(&mut self, residuals: &Residuals, function: Part) {
        let fits = &self.instance.fits[function];
        for (score, fits) in self.scores.iter_mut().zip(fits) {
            *score = if *fits { 0.0 } else { f32::INFINITY };
        }
        if self.instance.previous(function).is_some() {
            for (score, node) in self.scores.iter_mut().zip(&self.instance.pool) {
                *score += self.instance.stay_cost(function, *node);
            }
        }
        if self.instance.one_per_host() {
            for host in self.placement.host.iter().filter(|host| **host != NOWHERE) {
                self.scores[*host as usize] = f32::INFINITY;
            }
        }
        for &wire in &self.instance.wires_of[function] {
            let peer = self.instance.links[wire].peer(function);
            if let Some(there) = self.node_of(peer) {
                self.add_wire(residuals, wire, function, there);
            }
        }
    }

    /// Adds what a link to `there` would cost from each host.
    fn add_wire(&mut self, residuals: &Residuals, index: usize, function: Part, there: NodeId) {
        let instance = self.instance;
        let wire = &instance.links[index];
        let (away, towards) = wire.weights_at(function);
        self.landscape.ensure(instance.graph, Metric::Cost, there);
        for (weight, direction) in [(away, Direction::Backward), (towards, Direction::Forward)] {
            if weight > 0.0 {
                let row = self.landscape.row(Metric::Cost, direction, there);
                add_row(&mut self.scores, &instance.pool, weight, row);
            }
        }
        if wire.max_latency < f32::INFINITY {
            self.rule_out_far(wire.max_latency, wire.two_way, wire.a == function, there);
        }
        self.add_crowding(residuals, wire.needs_at(function), there);
    }

    fn rule_out_far(&mut self, bound: f32, two_way: bool, outward: bool, there: NodeId) {
        let instance = self.instance;
        self.landscape.ensure(instance.graph, Metric::Latency, there);
        let directions: &[Direction] = match (two_way, outward) {
            (true, _) => &[Direction::Backward, Direction::Forward],
            (false, true) => &[Direction::Backward],
            (false, false) => &[Direction::Forward],
        };
        for direction in directions {
            let row = self.landscape.row(Metric::Latency, *direction, there);
            for (score, node) in self.scores.iter_mut().zip(&instance.pool) {
                if row[node.index()] > bound {
                    *score = f32::INFINITY;
                }
            }
        }
    }

    /// Where the arc from a neighbour has no room, the way round costs about as much again.
    fn add_crowding(&mut self, residuals: &Residuals, needs: (u64, u64), there: NodeId) {
        let graph = self.instance.graph;
        for (steps, need) in [(graph.incoming(there), needs.0), (graph.outgoing(there), needs.1)] {
            for step in steps.iter().filter(|step| residuals.bandwidth(step.pool) < need) {
                let host = self.index_of[step.node.index()];
                if host != NOWHERE {
                    self.scores[host as usize] += detour(need, step);
                }
            }
        }
    }

    /// What one link is taken to cost; the same terms as in [`score`](Self::score).
    fn estimate(
        &mut self,
        residuals: &Residuals,
        index: usize,
        (function, here): (Part, NodeId),
        there: NodeId,
    ) -> f32 {
        let (graph, wire) = (self.instance.graph, &self.instance.links[index]);
        self.landscape.ensure(graph, Metric::Cost, there);
        let ((away, towards), needs) = (wire.weights_at(function), wire.needs_at(function));
        let mut sum =
            away * self.landscape.row(Metric::Cost, Direction::Backward, there)[here.index()];
        if towards > 0.0 {
            let row = self.landscape.row(Metric::Cost, Direction::Forward, there);
            sum += towards * row[here.index()];
        }
        for (steps, need) in [(graph.incoming(there), needs.0), (graph.outgoing(there), needs.1)] {
            let between = steps.iter().filter(|step| step.node == here);
            let full = between.filter(|step| residuals.bandwidth(step.pool) < need);
            sum += full.map(|step| detour(need, step)).sum::<f32>();
        }
        sum
    }

    /// What [`score`](Self::score) leaves out: rules by pair, and room that functions share.
    fn allowed(&self, residuals: &Residuals, function: Part, host: usize) -> bool {
        let instance = self.instance;
        let node = instance.pool[host];
        let mut others = (0..instance.functions()).filter(|other| *other != function);
        if instance.has_rules() {
            let agree = |other: Part| {
                self.node_of(other).is_none_or(|at| instance.agree((function, node), (other, at)))
            };
            if !others.clone().all(agree) {
                return false;
            }
        }
        if self.occupied[host] == 0 {
            return true;
        }
        let functions = &instance.problem.functions;
        let mut left = residuals.resources(node).to_vec();
        let at = |other: &Part| self.placement.host[*other] as usize == host;
        let here = others.by_ref().filter(at).chain([function]);
        here.flat_map(|other| functions[other].demand.iter().enumerate()).all(
            |(dimension, need)| {
                let enough = left[dimension] >= *need;
                left[dimension] = left[dimension].saturating_sub(*need);
                enough
            },
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "estimates only guide the search")]
fn detour(need: u64, step: &Step) -> f32 {
    need as f32 * step.cost as f32
}

fn add_row(scores: &mut [f32], pool: &[NodeId], weight: f32, row: &Row) {
    if pool.len() == row.len() {
        scores.iter_mut().zip(row).for_each(|(score, value)| *score += weight * value);
    } else {
        let values = pool.iter().map(|node| row[node.index()]);
        scores.iter_mut().zip(values).for_each(|(score, value)| *score += weight * value);
    }
}

/// The index of the lowest finite score.
fn lowest(scores: &[f32], random: &mut Random) -> Option<usize> {
    let least = scores.iter().copied().fold(f32::INFINITY, f32::min);
    if least == f32::INFINITY {
        return None;
    }
    let ties = scores.iter().filter(|score| **score <= least).count();
    let chosen = random.below(ties);
    scores.iter().enumerate().filter(|(_, score)| **score <= least).nth(chosen).map(|(i, _)| i)
}

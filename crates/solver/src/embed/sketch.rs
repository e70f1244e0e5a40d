//! Placement on distances: hosts without paths. Each link is taken to cost what its shortest path
//! costs over arcs that have room for it now, as if the other links were not there.

use super::instance::{Instance, Part};
use super::noise::Noise;
use super::reach::{Ground, Known, Reach};
use crate::ids::NodeId;
use crate::random::Random;
use crate::residual::Residuals;

const NOWHERE: u32 = u32::MAX;

/// A placement, complete or not, with what it is taken to cost.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    /// By function: an index into the pool.
    host: Vec<u32>,
    pub(super) cost: f64,
}

impl Placement {
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.host.copy_from_slice(&other.host);
        self.cost = other.cost;
    }
}

/// Scores hosts for functions. Reads residuals, takes nothing.
#[derive(Debug)]
pub(super) struct Sketcher<'a> {
    instance: &'a Instance<'a>,
    pub(super) noise: &'a Noise,
    pub(super) reach: Reach<'a>,
    /// By index into the pool: what it would cost to run the function there.
    scores: Vec<f32>,
    disturbed: Vec<f32>,
    /// By index into the pool: how many functions run there.
    occupied: Vec<u16>,
    pub(super) placement: Placement,
}

impl<'a> Sketcher<'a> {
    pub(super) fn new(instance: &'a Instance<'a>, noise: &'a Noise) -> Self {
        let hosts = instance.pool.len();
        Self {
            instance,
            noise,
            reach: Reach::new(instance),
            scores: vec![0.0; hosts],
            disturbed: vec![0.0; hosts],
            occupied: vec![0; hosts],
            placement: Placement { host: vec![NOWHERE; instance.functions()], cost: 0.0 },
        }
    }

    pub(super) fn clear(&mut self) {
        self.placement.host.fill(NOWHERE);
        self.placement.cost = 0.0;
        self.occupied.fill(0);
    }

    pub(super) fn is_placed(&self, part: Part) -> bool {
        !self.instance.is_function(part) || self.placement.host[part] != NOWHERE
    }

    pub(super) fn node_of(&self, part: Part) -> Option<NodeId> {
        self.spot_of(part).map(|spot| self.instance.spot(spot))
    }

    /// Hosts of the pool come first among spots, then the fixed parts.
    fn spot_of(&self, part: Part) -> Option<u32> {
        if !self.instance.is_function(part) {
            return Some(self.instance.fixed_spot(part));
        }
        let host = self.placement.host[part];
        (host != NOWHERE).then_some(host)
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
        for host in self.placement.host.iter().filter(|host| **host != NOWHERE) {
            self.occupied[*host as usize] = 0;
        }
        self.placement.copy_from(placement);
        for host in self.placement.host.iter().filter(|host| **host != NOWHERE) {
            self.occupied[*host as usize] += 1;
        }
    }

    /// Takes a function out.
    pub(super) fn remove(&mut self, ground: &mut Ground, function: Part) {
        let host = std::mem::replace(&mut self.placement.host[function], NOWHERE) as usize;
        self.occupied[host] -= 1;
        self.placement.cost -= f64::from(self.instance.base[function][host]);
        for &index in &self.instance.wires_of[function] {
            let wire = &self.instance.links[index];
            let (peer, known) =
                if wire.a == function { (wire.b, Known::B) } else { (wire.a, Known::A) };
            if let Some(spot) = self.spot_of(peer) {
                let row = self.reach.row(ground, index, known, spot);
                self.placement.cost -= f64::from(row[host]);
            }
        }
    }

    /// Places a function on a host drawn by its score; false where none is allowed.
    pub(super) fn insert(
        &mut self,
        ground: &mut Ground,
        function: Part,
        temperature: f32,
        random: &mut Random,
    ) -> bool {
        self.score(ground, function);
        let Some(host) = self.draw(ground.residuals, function, temperature, random) else {
            return false;
        };
        self.placement.cost += f64::from(self.scores[host as usize]);
        self.placement.host[function] = host;
        self.occupied[host as usize] += 1;
        true
    }

    fn draw(
        &mut self,
        residuals: &Residuals,
        function: Part,
        temperature: f32,
        random: &mut Random,
    ) -> Option<u32> {
        // Even where the best is wanted, ties are broken by chance.
        let noise = self.noise.draw(random, self.scores.len());
        let scale = temperature.max(1e-3);
        let disturbed = self.disturbed.iter_mut().zip(&self.scores).zip(noise);
        disturbed.for_each(|((sum, score), noise)| *sum = score - scale * noise);
        loop {
            let host = lowest(&self.disturbed)?;
            if self.allowed(residuals, function, host) {
                return Some(u32::try_from(host).expect("a pool is no larger than a graph"));
            }
            self.disturbed[host] = f32::INFINITY;
        }
    }

    /// Scores every host of the pool; infinite where the function cannot run.
    fn score(&mut self, ground: &mut Ground, function: Part) {
        self.scores.copy_from_slice(&self.instance.base[function]);
        if self.instance.one_per_host() {
            for host in self.placement.host.iter().filter(|host| **host != NOWHERE) {
                self.scores[*host as usize] = f32::INFINITY;
            }
        }
        for &index in &self.instance.wires_of[function] {
            let wire = &self.instance.links[index];
            let (peer, known) =
                if wire.a == function { (wire.b, Known::B) } else { (wire.a, Known::A) };
            let Some(spot) = self.spot_of(peer) else { continue };
            let row = self.reach.row(ground, index, known, spot);
            self.scores.iter_mut().zip(row).for_each(|(score, value)| *score += value);
        }
    }

    /// What [`score`](Self::score) leaves out: rules by pair, and room that functions share.
    fn allowed(&self, residuals: &Residuals, function: Part, host: usize) -> bool {
        let instance = self.instance;
        let node = instance.pool[host];
        let others = || (0..instance.functions()).filter(|other| *other != function);
        let agree = |other: Part| {
            self.node_of(other).is_none_or(|at| instance.agree((function, node), (other, at)))
        };
        if instance.has_rules() && !others().all(agree) {
            return false;
        }
        if self.occupied[host] == 0 {
            return true;
        }
        let at_host = |other: &Part| self.placement.host[*other] as usize == host;
        let demand = |other: Part| &instance.problem.functions[other].demand;
        (0..residuals.dimensions()).all(|dimension| {
            let taken: u64 = others().filter(at_host).map(|other| demand(other)[dimension]).sum();
            taken.saturating_add(demand(function)[dimension])
                <= residuals.resources(node)[dimension]
        })
    }
}

/// The index of the lowest finite value.
fn lowest(values: &[f32]) -> Option<usize> {
    const LANES: usize = 8;
    let mut least = [f32::INFINITY; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (least, value) in least.iter_mut().zip(chunk) {
            *least = if value < least { *value } else { *least };
        }
    }
    let least = least.iter().chain(rest).copied().fold(f32::INFINITY, f32::min);
    if least == f32::INFINITY {
        return None;
    }
    values.iter().position(|value| *value == least)
}

//! Placement on distances: hosts without paths. Each link is taken to cost what its shortest path
//! costs over arcs that have room for it now, as if the other links were not there.

use super::instance::{Instance, LANES, Part, Wire};
use super::noise::Noise;
use super::reach::{Ground, Known, Reach, Term};
use crate::ids::NodeId;
use crate::random::Random;
use crate::residual::Residuals;

const NOWHERE: u32 = u32::MAX;

/// A placement, complete or not, with what it is taken to cost.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    /// By function: an index into the pool.
    host: Vec<u32>,
    /// What the search makes small: of the links, and of the hosts.
    pub(super) cost: f64,
    /// What the links are taken to cost.
    pub(super) links: f64,
}

impl Placement {
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.host.copy_from_slice(&other.host);
        self.cost = other.cost;
        self.links = other.links;
    }
}

/// Scores hosts for functions. Reads residuals, takes nothing.
#[derive(Debug)]
pub(super) struct Sketcher<'a> {
    instance: &'a Instance<'a>,
    pub(super) noise: &'a Noise,
    pub(super) reach: Reach<'a>,
    /// Rows of what is placed about the function that is looked at.
    terms: Vec<Term>,
    /// By index into the pool: what it would cost to run the function there.
    scores: Vec<f32>,
    /// By index into the pool: how many functions run there.
    occupied: Vec<u16>,
    pub(super) placement: Placement,
}

impl<'a> Sketcher<'a> {
    pub(super) fn new(instance: &'a Instance<'a>, noise: &'a Noise, ground: &mut Ground) -> Self {
        Self {
            instance,
            noise,
            reach: Reach::new(instance, ground),
            terms: Vec::new(),
            scores: vec![0.0; instance.stride],
            occupied: vec![0; instance.pool.len()],
            placement: Placement {
                host: vec![NOWHERE; instance.functions()],
                cost: 0.0,
                links: 0.0,
            },
        }
    }

    pub(super) fn clear(&mut self) {
        self.placement.host.fill(NOWHERE);
        (self.placement.cost, self.placement.links) = (0.0, 0.0);
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
        self.gather(ground, function);
        self.charge(function, host, -1.0);
    }

    /// Places a function where it costs least; false where none is allowed. `warmth` leaves some
    /// of the choice to chance.
    pub(super) fn insert(
        &mut self,
        ground: &mut Ground,
        function: Part,
        warmth: f32,
        random: &mut Random,
    ) -> bool {
        self.gather(ground, function);
        // Even where the best is wanted, ties are broken by chance.
        self.score(function, warmth.max(1e-3), random);
        let Some(host) = self.draw(ground.residuals, function) else {
            return false;
        };
        self.charge(function, host as usize, 1.0);
        self.placement.host[function] = host;
        self.occupied[host as usize] += 1;
        true
    }

    /// Finds the rows of the links to what is placed.
    fn gather(&mut self, ground: &mut Ground, function: Part) {
        self.terms.clear();
        for &index in &self.instance.wires_of[function] {
            let wire = &self.instance.links[index];
            let (peer, known) =
                if wire.a == function { (wire.b, Known::B) } else { (wire.a, Known::A) };
            if let Some(spot) = self.spot_of(peer) {
                let term = self.reach.term(ground, index, known, spot);
                self.terms.push(term);
            }
        }
    }

    /// Adds (or with -1 takes away) what the function costs on a host, with what was gathered.
    fn charge(&mut self, function: Part, host: usize, sign: f64) {
        let values = self.reach.values();
        let links =
            self.terms.iter().map(|term| f64::from(term.weight * values[term.begin + host]));
        let links = links.sum::<f64>();
        self.placement.links += sign * links;
        self.placement.cost += sign * (links + f64::from(self.instance.base[function][host]));
    }

    /// Scores every host of the pool; infinite where the function cannot run.
    fn score(&mut self, function: Part, warmth: f32, random: &mut Random) {
        let values = self.reach.values();
        let base = self.instance.base[function].chunks_exact(LANES);
        let noise = self.noise.lanes(random);
        let scores = self.scores.chunks_exact_mut(LANES);
        for (lane, ((scores, base), noise)) in scores.zip(base).zip(noise).enumerate() {
            let mut sum = [0.0; LANES];
            for ((sum, base), noise) in sum.iter_mut().zip(base).zip(noise) {
                *sum = base - warmth * noise;
            }
            for term in &self.terms {
                let begin = term.begin + lane * LANES;
                let row = &values[begin..begin + LANES];
                sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += term.weight * value);
            }
            scores.copy_from_slice(&sum);
        }
        if self.instance.one_per_host() {
            for host in self.placement.host.iter().filter(|host| **host != NOWHERE) {
                self.scores[*host as usize] = f32::INFINITY;
            }
        }
    }

    /// The host with the lowest score of those that are allowed.
    fn draw(&mut self, residuals: &Residuals, function: Part) -> Option<u32> {
        loop {
            let host = lowest(&self.scores)?;
            if self.allowed(residuals, function, host) {
                return Some(u32::try_from(host).expect("a pool is no larger than a graph"));
            }
            self.scores[host] = f32::INFINITY;
        }
    }

    /// Links that have no way, each looked at alone, as far as hosts of the pool tell.
    pub(super) fn far_links(&mut self, ground: &mut Ground) -> usize {
        let instance = self.instance;
        let links = instance.links.iter().enumerate();
        links.filter(|(index, wire)| self.is_far(ground, *index, wire)).count()
    }

    fn is_far(&mut self, ground: &mut Ground, index: usize, wire: &Wire) -> bool {
        let (Some(a), Some(b)) = (self.spot_of(wire.a), self.spot_of(wire.b)) else {
            return true;
        };
        let Some(b) = self.instance.host_of(b) else { return false };
        let term = self.reach.term(ground, index, Known::A, a);
        self.reach.is_far(index, self.reach.values()[term.begin + b])
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

/// The index of the lowest finite value of whole lanes.
fn lowest(values: &[f32]) -> Option<usize> {
    let mut least = [f32::INFINITY; LANES];
    for chunk in values.chunks_exact(LANES) {
        for (least, value) in least.iter_mut().zip(chunk) {
            *least = if value < least { *value } else { *least };
        }
    }
    let least = least.iter().copied().fold(f32::INFINITY, f32::min);
    if least == f32::INFINITY {
        return None;
    }
    values.iter().position(|value| *value == least)
}

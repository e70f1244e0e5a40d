//! The search: place on distances, take real paths, then mend where links were in each other's way.

use super::effort::{Detours, Meter};
use super::instance::{Instance, Part};
use super::noise::Noise;
use super::reach::Ground;
use super::sketch::Sketcher;
use super::solution::Route;
use super::trial::Trial;
use crate::random::Random;

/// Placements that are begun before giving up on one.
const STARTS: usize = 8;
/// Arcs that a path takes beyond the fewest, where all cost the same: paths that are longer hold
/// more of the network than they are worth to it.
const SHORT_DETOUR: f32 = 3.5;
/// Costs that differ by less are the same.
const SAME: f64 = 1e-3;

/// Where annealing begins, in mean links over mean arcs: hot enough to walk freely at first.
const HOT: f32 = 7.0;
/// Links that cost this much more than the least they can are not worth a long walk.
const NEARLY_BEST: f64 = 1.1;
/// The part of the moves that the short walk takes.
const SHORT: u64 = 4;
/// Annealing moves by square of the number of functions; more do not pay.
const MOVES_EACH: u64 = 32;

#[derive(Debug)]
pub(super) struct Search<'a, 'g> {
    pub(super) instance: &'a Instance<'a>,
    pub(super) sketcher: Sketcher<'a>,
    pub(super) trial: Trial<'a>,
    pub(super) ground: Ground<'a, 'g>,
    pub(super) random: Random,
    detours: Detours,
    /// By function: how often it could not be placed; such go first.
    urgency: Vec<u32>,
}

/// A complete answer: by function, by link.
pub(super) type Answer = (Vec<crate::NodeId>, Vec<Route>);

impl<'a, 'g> Search<'a, 'g> {
    pub(super) fn new(
        instance: &'a Instance<'a>,
        mut ground: Ground<'a, 'g>,
        noise: &'a Noise,
        (seed, detours): (u64, Detours),
    ) -> Self {
        ground.landscape.begin();
        Self {
            instance,
            sketcher: Sketcher::new(instance, noise, &mut ground),
            trial: Trial::new(instance),
            ground,
            random: Random::new(seed),
            detours,
            urgency: vec![0; instance.functions()],
        }
    }

    /// The best answer found, or none. Leaves the residuals as they were.
    pub(super) fn run(&mut self, meter: &mut Meter) -> Option<Answer> {
        let checkpoint = self.ground.residuals.checkpoint();
        let mut answer = None;
        while answer.is_none() {
            answer = self.attempt(meter);
            self.ground.residuals.roll_back(&checkpoint);
            if self.instance.functions() == 0 || !meter.more() {
                break;
            }
        }
        self.ground.residuals.abandon(checkpoint);
        answer
    }

    fn attempt(&mut self, meter: &mut Meter) -> Option<Answer> {
        self.trial = Trial::new(self.instance);
        self.ground.detour = SHORT_DETOUR;
        self.begin(meter)?;
        self.anneal(meter);
        if self.sketcher.far_links(&mut self.ground) > 0 {
            return None;
        }
        self.connect_all();
        self.mend(meter);
        if self.trial.missing > 0 && self.detours == Detours::Any {
            self.ground.detour = f32::INFINITY;
            self.connect_all();
        }
        let routes = self.trial.routes.iter().cloned().collect::<Option<Vec<_>>>()?;
        Some((self.sketcher.hosts()?, routes))
    }

    /// A first placement.
    fn begin(&mut self, meter: &mut Meter) -> Option<()> {
        for _ in 0..=STARTS.max(self.instance.functions()) {
            self.sketcher.clear();
            if self.construct() {
                return Some(());
            }
            if !meter.more() {
                break;
            }
        }
        None
    }

    /// Places all functions, each time the one that is tied most to what is placed.
    fn construct(&mut self) -> bool {
        for _ in 0..self.instance.functions() {
            let function = self.next_function().expect("as many are unplaced as are still to come");
            if !self.sketcher.insert(&mut self.ground, function, 0.0, &mut self.random) {
                self.urgency[function] += 1;
                return false;
            }
        }
        true
    }

    /// Improves the placement on distances alone, in a short walk, and in a long one where links are
    /// still much longer than they might be.
    fn anneal(&mut self, meter: &mut Meter) {
        let functions = self.instance.functions() as u64;
        let left = meter.limit().saturating_sub(meter.moves());
        let budget = (left * 3 / 4).min(MOVES_EACH * functions * functions);
        self.walk(meter, budget / SHORT);
        if self.sketcher.placement.links > self.instance.least * NEARLY_BEST + SAME {
            self.walk(meter, budget - budget / SHORT);
        }
    }

    /// Takes a few functions out, puts each back where it is best, and accepts what is worse the less
    /// readily the longer it goes on. Ends at the best placement that it came by.
    fn walk(&mut self, meter: &mut Meter, budget: u64) {
        let mut best = self.sketcher.placement.clone();
        let mut held = best.clone();
        let mut spent = 0;
        while spent < budget && best.links > self.instance.least + SAME && meter.more() {
            held.copy_from(&self.sketcher.placement);
            let allowance = self.allowance(spent, budget);
            let chosen = self.choose();
            let placed = self.replace(&chosen, 0.0);
            if !placed || self.sketcher.placement.cost > held.cost + allowance {
                self.sketcher.restore(&held);
            } else if self.sketcher.placement.cost < best.cost - SAME {
                best.copy_from(&self.sketcher.placement);
            }
            spent += 1;
        }
        self.sketcher.restore(&best);
    }

    /// How much worse the next placement may be: exponentially distributed about a temperature
    /// that falls to nothing before the end (Metropolis et al. 1953).
    #[expect(clippy::cast_precision_loss, reason = "temperatures need no precision")]
    fn allowance(&mut self, spent: u64, budget: u64) -> f64 {
        let temperature =
            HOT * self.instance.mean_hop * (1.0 - 1.15 * spent as f32 / budget as f32).max(0.0);
        f64::from(temperature * self.sketcher.noise.one(&mut self.random))
    }

    /// Of the functions without a host, the most urgent; then the one with the heaviest links to
    /// what is placed; then the one with the heaviest links.
    fn next_function(&self) -> Option<Part> {
        let key = |function: &Part| {
            let (mut placed, mut all) = (0.0f32, 0.0f32);
            for &wire in &self.instance.wires_of[*function] {
                let wire = &self.instance.links[wire];
                all += wire.weight();
                if self.sketcher.is_placed(wire.peer(*function)) {
                    placed += wire.weight();
                }
            }
            (self.urgency[*function], placed, all)
        };
        let unplaced = (0..self.instance.functions()).filter(|f| !self.sketcher.is_placed(*f));
        unplaced
            .map(|function| (key(&function), function))
            .max_by(|(a, _), (b, _)| {
                a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2))
            })
            .map(|(_, function)| function)
    }

    /// One to three functions that hang together, picked at random.
    pub(super) fn choose(&mut self) -> Vec<Part> {
        let first = self.random.below(self.instance.functions());
        self.around(first)
    }

    /// `first` and up to two of its neighbours.
    pub(super) fn around(&mut self, first: Part) -> Vec<Part> {
        let mut chosen = vec![first];
        for _ in 0..self.random.below(3) {
            let from = chosen[self.random.below(chosen.len())];
            let wires = &self.instance.wires_of[from];
            if wires.is_empty() {
                continue;
            }
            let wire = wires[self.random.below(wires.len())];
            let peer = self.instance.links[wire].peer(from);
            if self.instance.is_function(peer) && !chosen.contains(&peer) {
                chosen.push(peer);
            }
        }
        chosen
    }

    /// Takes functions out and puts each back where it is best, or nearly so.
    pub(super) fn replace(&mut self, chosen: &[Part], warmth: f32) -> bool {
        let temperature = warmth * self.instance.mean_hop;
        for function in chosen {
            self.sketcher.remove(&mut self.ground, *function);
        }
        chosen.iter().all(|function| {
            self.sketcher.insert(&mut self.ground, *function, temperature, &mut self.random)
        })
    }

    /// Real paths for all links that have none, the heaviest first.
    fn connect_all(&mut self) {
        let missing = |wire: &usize| self.trial.routes[*wire].is_none();
        let mut order: Vec<_> = (0..self.instance.links.len()).filter(missing).collect();
        let weight = |wire: &usize| self.instance.links[*wire].weight();
        order.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.cmp(b)));
        order.into_iter().for_each(|wire| self.connect(wire));
    }

    pub(super) fn connect(&mut self, wire: usize) {
        let ends = &self.instance.links[wire];
        let nodes = self.sketcher.node_of(ends.a).zip(self.sketcher.node_of(ends.b));
        let nodes = nodes.expect("links are connected when all functions are placed");
        // A link without a path stays missing, and counts against the trial.
        let _ = self.trial.connect(&mut self.ground, &mut self.sketcher.reach, wire, nodes);
    }
}

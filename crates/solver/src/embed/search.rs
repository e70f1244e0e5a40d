//! The search: place on estimates, take real paths, then mend what is missing or long.

use super::effort::Meter;
use super::instance::{Instance, Part};
use super::landscape::Landscape;
use super::sketch::{Placement, Sketcher};
use super::solution::Route;
use super::trial::Trial;
use crate::paths::Finder;
use crate::random::Random;
use crate::residual::Residuals;

/// Placements that are begun anew before the best is taken further.
const STARTS: u64 = 8;

pub(super) struct Search<'a, 'g> {
    pub(super) instance: &'a Instance<'a>,
    pub(super) sketcher: Sketcher<'a>,
    pub(super) trial: Trial<'a>,
    pub(super) finder: &'a mut Finder<'g>,
    pub(super) residuals: &'a mut Residuals,
    pub(super) random: Random,
    /// By function: how often it could not be placed; such go first.
    urgency: Vec<u32>,
}

/// A complete answer: by function, by link.
pub(super) type Answer = (Vec<crate::NodeId>, Vec<Route>);

impl<'a, 'g> Search<'a, 'g> {
    pub(super) fn new(
        instance: &'a Instance<'a>,
        landscape: &'a mut Landscape,
        finder: &'a mut Finder<'g>,
        residuals: &'a mut Residuals,
        seed: u64,
    ) -> Self {
        Self {
            instance,
            sketcher: Sketcher::new(instance, landscape),
            trial: Trial::new(instance),
            finder,
            residuals,
            random: Random::new(seed),
            urgency: vec![0; instance.functions()],
        }
    }

    /// The best answer found, or none. Leaves the residuals as they were.
    pub(super) fn run(&mut self, meter: &mut Meter) -> Option<Answer> {
        let checkpoint = self.residuals.checkpoint();
        let mut answer = None;
        while answer.is_none() {
            answer = self.attempt(meter);
            self.residuals.roll_back(&checkpoint);
            if self.instance.functions() == 0 || !meter.more() {
                break;
            }
        }
        self.residuals.abandon(checkpoint);
        answer
    }

    fn attempt(&mut self, meter: &mut Meter) -> Option<Answer> {
        self.trial = Trial::new(self.instance);
        let placement = self.begin(meter)?;
        self.sketcher.restore(&placement);
        self.settle(meter);
        self.connect_all();
        self.mend(meter);
        if self.trial.missing > 0 {
            return None;
        }
        let routes = self.trial.routes.iter().cloned().collect::<Option<Vec<_>>>()?;
        Some((self.sketcher.hosts()?, routes))
    }

    /// The best of a few placements from different beginnings.
    fn begin(&mut self, meter: &mut Meter) -> Option<Placement> {
        let mut best: Option<Placement> = None;
        for start in 0..STARTS.max(self.instance.functions() as u64) {
            if best.is_some() && (start >= STARTS || !meter.more()) {
                break;
            }
            self.sketcher.clear();
            if self.construct()
                && best.as_ref().is_none_or(|b| self.sketcher.placement.cost < b.cost)
            {
                best = Some(self.sketcher.placement.clone());
            }
        }
        best
    }

    /// Places all functions, each time the one that is tied most to what is placed.
    fn construct(&mut self) -> bool {
        for _ in 0..self.instance.functions() {
            let function = self.next_function().expect("as many are unplaced as are still to come");
            let host = self.sketcher.best_host(self.residuals, function, None, &mut self.random);
            let Some(host) = host else {
                self.urgency[function] += 1;
                return false;
            };
            self.sketcher.place(self.residuals, function, host);
        }
        true
    }

    /// Of the functions without a host, the most urgent; then the one with the heaviest links to
    /// what is placed; then the one with the heaviest links.
    fn next_function(&self) -> Option<Part> {
        let key = |function: &Part| {
            let (mut placed, mut all) = (0.0f32, 0.0f32);
            for &wire in &self.instance.wires_of[*function] {
                let wire = &self.instance.links[wire];
                all += wire.weight();
                if self.sketcher.node_of(wire.peer(*function)).is_some() {
                    placed += wire.weight();
                }
            }
            (self.urgency[*function], placed, all)
        };
        let unplaced =
            (0..self.instance.functions()).filter(|f| self.sketcher.node_of(*f).is_none());
        unplaced
            .map(|function| (key(&function), function))
            .max_by(|(a, _), (b, _)| {
                a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2))
            })
            .map(|(_, function)| function)
    }

    /// Improves the placement on estimates alone: takes a few functions out and puts them back
    /// where they are best.
    fn settle(&mut self, meter: &mut Meter) {
        let mut best = self.sketcher.placement.clone();
        let until = meter.moves() + (meter.limit().saturating_sub(meter.moves())) * 3 / 4;
        while meter.moves() < until && self.instance.functions() > 0 && meter.more() {
            let before = self.sketcher.placement.clone();
            let worse = !self.shake() || self.sketcher.placement.cost > before.cost;
            if worse {
                self.sketcher.restore(&before);
            } else if self.sketcher.placement.cost < best.cost {
                best = self.sketcher.placement.clone();
            }
        }
        self.sketcher.restore(&best);
    }

    fn shake(&mut self) -> bool {
        let chosen = self.choose();
        self.replace(&chosen)
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

    /// Takes functions out and puts each back where it is best, the first elsewhere if it can.
    pub(super) fn replace(&mut self, chosen: &[Part]) -> bool {
        let left: Vec<_> = chosen.iter().map(|function| self.sketcher.remove(*function)).collect();
        for (index, function) in chosen.iter().enumerate() {
            let shun = (index == 0).then_some(left[0]);
            let host = self.sketcher.best_host(self.residuals, *function, shun, &mut self.random);
            let Some(host) = host else { return false };
            self.sketcher.place(self.residuals, *function, host);
        }
        true
    }

    /// Real paths for all links, the heaviest first.
    fn connect_all(&mut self) {
        let mut order: Vec<_> = (0..self.instance.links.len()).collect();
        let weight = |wire: &usize| self.instance.links[*wire].weight();
        order.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.cmp(b)));
        order.into_iter().for_each(|wire| self.connect(wire));
    }

    pub(super) fn connect(&mut self, wire: usize) {
        let ends = &self.instance.links[wire];
        let nodes = self.sketcher.node_of(ends.a).zip(self.sketcher.node_of(ends.b));
        let nodes = nodes.expect("links are connected when all functions are placed");
        // A link without a path stays missing, and counts against the trial.
        let _ = self.trial.connect(self.finder, self.residuals, wire, nodes);
    }
}

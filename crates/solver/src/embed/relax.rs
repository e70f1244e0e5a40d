//! The smallest single change that makes a problem fit, each verified by solving again.

use super::effort::{Effort, Meter};
use super::embedder::Embedder;
use super::problem::{Hosts, Problem, Sharing, Traffic};
use super::refusal::{Binding, Relaxation};
use super::search::Answer;
use crate::ids::ArcId;
use crate::paths::AdminPolicy;
use crate::residual::Residuals;

/// Changed problems that are solved, at most.
const TRIALS: u32 = 48;
/// Parts of each sort that are tried.
const PARTS: usize = 6;
/// Moves for each.
const MOVES: u64 = 300;

pub(super) fn smallest(
    embedder: &mut Embedder,
    residuals: &mut Residuals,
    problem: &Problem,
    effort: Effort,
    binding: &Binding,
) -> Option<Relaxation> {
    let effort = effort.moves(effort.moves.min(MOVES));
    let mut relaxer = Relaxer { embedder, residuals, problem, effort, trials: TRIALS };
    let numbers = relaxer.of_binding(binding).or_else(|| relaxer.numbers());
    numbers.or_else(|| relaxer.rules())
}

struct Relaxer<'a, 'g> {
    embedder: &'a mut Embedder<'g>,
    residuals: &'a mut Residuals,
    problem: &'a Problem,
    effort: Effort,
    trials: u32,
}

impl Relaxer<'_, '_> {
    /// What the binding constraint itself suggests.
    fn of_binding(&mut self, binding: &Binding) -> Option<Relaxation> {
        match *binding {
            Binding::Latency { link, .. } => self.latency(link),
            Binding::Bandwidth { link, .. } => self.bandwidth(link),
            Binding::Resources { function, dimension, needed, available, .. } => {
                let change =
                    Relaxation::Resources { function, dimension, from: needed, to: available };
                self.fits(change).map(|_| change)
            }
            Binding::TotalResources { dimension, needed, available } => {
                self.less_of(dimension, needed - available)
            }
            Binding::TooFewHosts { .. } => {
                self.fits(Relaxation::Sharing).map(|_| Relaxation::Sharing)
            }
            Binding::Excluded { link } => {
                let change = Relaxation::Admin { link };
                self.fits(change).map(|_| change)
            }
            _ => None,
        }
    }

    /// Less of one resource, of the function that wants most of it.
    fn less_of(&mut self, dimension: usize, excess: u64) -> Option<Relaxation> {
        let demand = |function: &usize| self.problem.functions[*function].demand[dimension];
        let function = (0..self.problem.functions.len()).max_by_key(demand)?;
        let from = demand(&function);
        let change =
            Relaxation::Resources { function, dimension, from, to: from.checked_sub(excess)? };
        self.fits(change).map(|_| change)
    }

    /// The least of those changes of a bound or a bandwidth that do, by its share of what was asked.
    fn numbers(&mut self) -> Option<Relaxation> {
        let links = &self.problem.links;
        let slow = (0..links.len()).filter(|link| links[*link].max_latency.is_some());
        let slow: Vec<_> = slow.take(PARTS).collect();
        let mut wide: Vec<_> = (0..links.len()).collect();
        wide.sort_by_key(|link| (std::cmp::Reverse(largest(links[*link].traffic)), *link));
        let mut found: Vec<_> = slow.into_iter().filter_map(|link| self.latency(link)).collect();
        found.extend(wide.into_iter().take(PARTS).filter_map(|link| self.bandwidth(link)));
        found.into_iter().min_by_key(share)
    }

    /// The first rule without which it fits.
    fn rules(&mut self) -> Option<Relaxation> {
        let Problem { functions, links, groups, sharing, .. } = self.problem;
        let pinned = |function: &usize| functions[*function].hosts != Hosts::Any;
        let sorted = |link: &usize| links[*link].admin != AdminPolicy::default();
        let apart = (*sharing == Sharing::OnePerHost).then_some(Relaxation::Sharing);
        let hosts = (0..functions.len()).filter(pinned).take(PARTS);
        let admins = (0..links.len()).filter(sorted).take(PARTS);
        let changes: Vec<_> = (apart.into_iter())
            .chain(hosts.map(|function| Relaxation::AnyHost { function }))
            .chain((0..groups.len()).take(PARTS).map(|group| Relaxation::Group { group }))
            .chain(admins.map(|link| Relaxation::Admin { link }))
            .collect();
        changes.into_iter().find(|change| self.fits(*change).is_some())
    }

    fn latency(&mut self, link: usize) -> Option<Relaxation> {
        let from = self.problem.links[link].max_latency?;
        let change = |to| Relaxation::Latency { link, from, to };
        let taken = |relaxer: &Self, answer: &Answer| {
            let route = &answer.1[link];
            let of = |arcs: &[ArcId]| relaxer.embedder.graph().latency_of(arcs);
            of(&route.forward).max(of(&route.backward))
        };
        let answer = self.fits(change(u64::MAX))?;
        let mut enough = taken(self, &answer);
        let mut short = from;
        while short + 1 < enough {
            let middle = short + (enough - short) / 2;
            match self.fits(change(middle)) {
                Some(answer) => enough = taken(self, &answer),
                None if self.trials == 0 => break,
                None => short = middle,
            }
        }
        Some(change(enough))
    }

    fn bandwidth(&mut self, link: usize) -> Option<Relaxation> {
        let from = largest(self.problem.links[link].traffic);
        let change = |to| Relaxation::Bandwidth { link, from, to };
        self.fits(change(0))?;
        let (mut enough, mut much) = (0, from);
        while enough + 1 < much {
            let middle = enough + (much - enough) / 2;
            match self.fits(change(middle)) {
                Some(_) => enough = middle,
                None if self.trials == 0 => break,
                None => much = middle,
            }
        }
        (enough > 0).then(|| change(enough))
    }

    /// Solves the changed problem.
    fn fits(&mut self, change: Relaxation) -> Option<Answer> {
        self.trials = self.trials.checked_sub(1)?;
        let changed = changed(self.problem, change);
        let stop = &mut || false;
        let mut meter = Meter::new(self.effort, stop);
        self.embedder.attempt(self.residuals, &changed, self.effort.seed, &mut meter)
    }
}

fn largest(traffic: Traffic) -> u64 {
    traffic.forward().max(traffic.backward().unwrap_or(0))
}

/// A change in thousandths of what was asked.
fn share(change: &Relaxation) -> u64 {
    match *change {
        Relaxation::Latency { from, to, .. } | Relaxation::Bandwidth { from, to, .. } => {
            from.abs_diff(to).saturating_mul(1000) / from.max(1)
        }
        _ => u64::MAX,
    }
}

fn changed(problem: &Problem, change: Relaxation) -> Problem {
    let mut problem = problem.clone();
    match change {
        Relaxation::Latency { link, to, .. } => problem.links[link].max_latency = Some(to),
        Relaxation::Bandwidth { link, to, .. } => {
            let less = |bandwidth: u64| bandwidth.min(to);
            let traffic = &mut problem.links[link].traffic;
            *traffic = match *traffic {
                Traffic::OneWay(forward) => Traffic::OneWay(less(forward)),
                Traffic::CoRouted { forward, backward } => {
                    Traffic::CoRouted { forward: less(forward), backward: less(backward) }
                }
                Traffic::Separate { forward, backward } => {
                    Traffic::Separate { forward: less(forward), backward: less(backward) }
                }
            };
        }
        Relaxation::Resources { function, dimension, to, .. } => {
            problem.functions[function].demand[dimension] = to;
        }
        Relaxation::AnyHost { function } => problem.functions[function].hosts = Hosts::Any,
        Relaxation::Group { group } => drop(problem.groups.remove(group)),
        Relaxation::Admin { link } => problem.links[link].admin = AdminPolicy::default(),
        Relaxation::Sharing => problem.sharing = Sharing::Allowed,
    }
    problem
}

//! The door: problems in, solutions or reasons out.

use super::defects;
use super::effort::{Detours, Effort, Meter};
use super::instance::Instance;
use super::landscape::Landscape;
use super::noise::Noise;
use super::problem::{Places, Problem};
use super::reach::Ground;
use super::reasons;
use super::refusal::{Infeasible, Refusal, Relaxation};
use super::relax;
use super::search::{Answer, Search};
use super::solution::{Cost, Solution, Spent};
use crate::graph::Graph;
use crate::paths::Finder;
use crate::residual::Residuals;

/// Solves problems over one graph. Keeps distances and arrays between problems; nothing that it
/// keeps changes an answer.
#[derive(Debug)]
pub struct Embedder<'g> {
    graph: &'g Graph,
    places: Places,
    landscape: Landscape,
    noise: Noise,
    finder: Finder<'g>,
    detours: Detours,
}

/// What an embedder has learnt of its graph, without the graph: for an owner of both, who cannot
/// keep an embedder that borrows.
#[derive(Debug)]
pub struct Memory {
    nodes: usize,
    places: Places,
    landscape: Landscape,
    noise: Noise,
}

/// Places do not have the shape of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pops} pops and {zones} zones are given for {nodes} nodes; give one of each a node")]
pub struct PlacesMismatch {
    pub pops: usize,
    pub zones: usize,
    pub nodes: usize,
}

impl<'g> Embedder<'g> {
    /// # Errors
    /// When places are not given for exactly the nodes of the graph.
    pub fn new(graph: &'g Graph, places: Places) -> Result<Self, PlacesMismatch> {
        let (pops, zones, nodes) = (places.pops.len(), places.zones.len(), graph.node_count());
        if pops != nodes || zones != nodes {
            return Err(PlacesMismatch { pops, zones, nodes });
        }
        let (landscape, finder) = (Landscape::new(graph), Finder::new(graph));
        Ok(Self { graph, places, landscape, noise: Noise::new(), finder, detours: Detours::Any })
    }

    /// With another rule on how long paths may be.
    #[must_use]
    pub fn with_detours(self, detours: Detours) -> Self {
        Self { detours, ..self }
    }

    /// Goes on with what an embedder of the same graph learnt.
    ///
    /// # Panics
    /// Where it is of a graph of another size.
    #[must_use]
    pub fn with_memory(graph: &'g Graph, memory: Memory) -> Self {
        let Memory { nodes, places, landscape, noise } = memory;
        assert_eq!(nodes, graph.node_count(), "the memory is of another graph");
        let (finder, detours) = (Finder::new(graph), Detours::Any);
        Self { graph, places, landscape, noise, finder, detours }
    }

    #[must_use]
    pub fn into_memory(self) -> Memory {
        let Self { graph, places, landscape, noise, .. } = self;
        Memory { nodes: graph.node_count(), places, landscape, noise }
    }

    /// Solves a problem. The residuals are as they were when this returns; a solution takes what
    /// it uses with [`Solution::reserve`].
    ///
    /// # Errors
    /// What is wrong with the problem, or why it does not fit.
    pub fn solve(
        &mut self,
        residuals: &mut Residuals,
        problem: &Problem,
        effort: Effort,
    ) -> Result<Solution, Refusal> {
        self.solve_until(residuals, problem, effort, &mut || false)
    }

    /// As [`solve`](Self::solve), but ends early, with the best so far, when `stop` says so.
    ///
    /// # Errors
    /// What is wrong with the problem, or why it does not fit.
    pub fn solve_until(
        &mut self,
        residuals: &mut Residuals,
        problem: &Problem,
        effort: Effort,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Solution, Refusal> {
        let defects = defects::find(self.graph, residuals.dimensions(), problem);
        if !defects.is_empty() {
            return Err(Refusal::Rejected(defects));
        }
        let mut meter = Meter::new(effort, stop);
        match self.attempt(residuals, problem, effort.seed, &mut meter) {
            Some(answer) => Ok(self.solution(problem, answer, meter.spent())),
            None => Err(Refusal::Infeasible(reasons::explain(self, residuals, problem, effort))),
        }
    }

    /// The smallest single change that makes a problem fit which does not, verified by solving
    /// again; some dozens of times, so it is for callers that will show it to somebody.
    pub fn relax(
        &mut self,
        residuals: &mut Residuals,
        problem: &Problem,
        effort: Effort,
        infeasible: &Infeasible,
    ) -> Option<Relaxation> {
        relax::smallest(self, residuals, problem, effort, &infeasible.binding)
    }

    /// As [`solve`](Self::solve), for callers that do not ask why not: looking for reasons takes
    /// longer than the search.
    pub fn solve_or_none(
        &mut self,
        residuals: &mut Residuals,
        problem: &Problem,
        effort: Effort,
        stop: &mut dyn FnMut() -> bool,
    ) -> Option<Solution> {
        if !defects::find(self.graph, residuals.dimensions(), problem).is_empty() {
            return None;
        }
        let mut meter = Meter::new(effort, stop);
        let answer = self.attempt(residuals, problem, effort.seed, &mut meter)?;
        Some(self.solution(problem, answer, meter.spent()))
    }

    /// Searches, without looking for reasons when nothing is found.
    pub(super) fn attempt(
        &mut self,
        residuals: &mut Residuals,
        problem: &Problem,
        seed: u64,
        meter: &mut Meter,
    ) -> Option<Answer> {
        let instance = Instance::new(self.graph, &self.places, residuals, problem);
        if !instance.may_fit() {
            return None;
        }
        let (landscape, finder) = (&mut self.landscape, &mut self.finder);
        let ground = Ground { landscape, finder, residuals, detour: 0.0 };
        Search::new(&instance, ground, &self.noise, (seed, self.detours)).run(meter)
    }

    fn solution(&self, problem: &Problem, (hosts, routes): Answer, effort: Spent) -> Solution {
        let mut cost = Cost::default();
        for (link, route) in problem.links.iter().zip(&routes) {
            let (there, back) =
                (self.graph.cost_of(&route.forward), self.graph.cost_of(&route.backward));
            cost.transport += u128::from(link.traffic.forward()) * u128::from(there);
            cost.transport += u128::from(link.traffic.backward().unwrap_or(0)) * u128::from(back);
            cost.latency += self.graph.latency_of(&route.forward);
            cost.latency += self.graph.latency_of(&route.backward);
        }
        let moved = problem
            .previous
            .iter()
            .zip(&hosts)
            .filter(|(was, is)| was.is_some_and(|was| was != **is));
        cost.moved = moved.count() as u64;
        Solution { hosts, routes, cost, effort }
    }

    pub(super) fn graph(&self) -> &'g Graph {
        self.graph
    }

    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn finder(&mut self) -> &mut Finder<'g> {
        &mut self.finder
    }
}

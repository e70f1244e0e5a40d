//! The door: a request and a snapshot in, a plan with its reasons out.

use crate::assemble::{Assembly, Embedding, Ways};
use crate::check::World;
use crate::demand::Demand;
use crate::error::{Error, Rejection};
use crate::explain::Explanation;
use crate::network::Network;
use crate::pools::Allocator;
use crate::reasons::Refused;
use crate::report::PlanReport;
use crate::request;
use crate::wanted::Wanted;
use model::VimId;
use model::intent::Intent;
use model::plan::Plan;
use solver::{Certainty, Effort, Embedder, Finder, NodeId, Refusal, Residuals, Route, Solution};

#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub intent: &'a Intent,
    /// The revision of the intent.
    pub revision: u64,
    /// The revision of the state that the world is of.
    pub parent: u64,
    /// What [`demand_of`](crate::demand_of) made of the intent.
    pub demand: &'a Demand,
}

/// Plans over one network. Keeps distances and arrays between plans; nothing that it keeps changes
/// a plan.
#[derive(Debug)]
pub struct Planner<'n> {
    pub(crate) network: &'n Network,
    pub(crate) embedder: Embedder<'n>,
    pub(crate) finder: Finder<'n>,
}

/// Plans over the topology of `world`. Who makes many plans keeps a [`Network`] and calls
/// [`Network::plan`].
///
/// # Errors
/// What is wrong with the request, or the constraint that stands in the way.
pub fn plan(world: World<'_>, request: &Request<'_>) -> Result<(Plan, PlanReport), Error> {
    Network::of(world.topology).plan(world, request)
}

impl Network {
    /// Makes a plan. `world.topology` is the one that the network was made of.
    ///
    /// # Errors
    /// What is wrong with the request, or the constraint that stands in the way.
    pub fn plan(
        &self,
        world: World<'_>,
        request: &Request<'_>,
    ) -> Result<(Plan, PlanReport), Error> {
        self.plan_after(world, request, None)
    }

    /// As [`plan`](Self::plan), for an intent that has a plan already: functions stay where they
    /// are and circuits keep their numbers where that is possible. `world.books` are without it.
    ///
    /// # Errors
    /// What is wrong with the request, or the constraint that stands in the way.
    pub fn replan(
        &self,
        world: World<'_>,
        request: &Request<'_>,
        previous: &Plan,
    ) -> Result<(Plan, PlanReport), Error> {
        self.plan_after(world, request, Some(previous))
    }

    fn plan_after(
        &self,
        world: World<'_>,
        request: &Request<'_>,
        previous: Option<&Plan>,
    ) -> Result<(Plan, PlanReport), Error> {
        let mut planner = self.planner();
        let made = planner.plan(world, request, previous);
        self.remember(planner.embedder.into_memory());
        made
    }

    /// For many plans in a row.
    #[must_use]
    pub fn planner(&self) -> Planner<'_> {
        let embedder = match self.remembered() {
            Some(memory) => Embedder::with_memory(&self.graph, memory),
            None => Embedder::new(&self.graph, self.places.clone())
                .expect("the places are those of the graph's nodes"),
        };
        Planner { network: self, embedder, finder: Finder::new(&self.graph) }
    }
}

impl Planner<'_> {
    /// Makes a plan. `world.topology` is the one that the network was made of; `previous` is the
    /// intent's plan before, which the books are without.
    ///
    /// # Errors
    /// What is wrong with the request, or the constraint that stands in the way.
    pub fn plan(
        &mut self,
        world: World<'_>,
        request: &Request<'_>,
        previous: Option<&Plan>,
    ) -> Result<(Plan, PlanReport), Error> {
        let demand = request.demand;
        request::check_names(world.topology, request.intent, demand)?;
        let refused = |planner: &mut Self, binding| {
            Error::Infeasible(Box::new(planner.with_relaxation(world, demand, binding)))
        };
        request::check_ports(world, demand).map_err(|binding| refused(self, binding))?;
        let wanted = Wanted::of(self.network, demand).map_err(|binding| refused(self, binding))?;
        let wanted = wanted.after(self.network, previous);
        let mut residuals = self.network.residuals(world.books);
        let solution = self.solve(&mut residuals, &wanted)?;
        let embedding = self.embedding(&wanted, &solution)?;
        let assembly = Assembly {
            intent: request.intent,
            demand,
            topology: world.topology,
            embedding: &embedding,
            allocator: Allocator::new(world.books, world.pools),
            previous,
        };
        let plan = assembly.plan(request.revision, request.parent);
        let plan = plan.map_err(|binding| refused(self, binding))?;
        let report = Explanation::new(self, &wanted, &solution, &mut residuals)?.report();
        Ok((plan, report))
    }

    fn solve(&mut self, residuals: &mut Residuals, wanted: &Wanted<'_>) -> Result<Solution, Error> {
        match self.search(residuals, wanted) {
            Ok(solution) => Ok(solution),
            Err((effort, Refusal::Infeasible(infeasible))) => {
                let refused = Refused { planner: self, residuals, wanted, effort };
                Err(Error::Infeasible(Box::new(refused.explain(&infeasible))))
            }
            Err((_, Refusal::Rejected(defects))) => {
                let rejected = defects.iter().map(|defect| rejection(wanted, defect));
                Err(Error::Rejected(rejected.collect()))
            }
        }
    }

    /// Searches harder where nothing was found and nothing is proven.
    pub(crate) fn search(
        &mut self,
        residuals: &mut Residuals,
        wanted: &Wanted<'_>,
    ) -> Result<Solution, (Effort, Refusal)> {
        if wanted.is_empty() {
            return Ok(Solution::default());
        }
        let mut effort = effort(wanted);
        loop {
            match self.embedder.solve(residuals, &wanted.problem, effort) {
                Ok(solution) => return Ok(solution),
                Err(Refusal::Infeasible(found))
                    if found.certainty == Certainty::NotFound && effort.moves < MOST_MOVES =>
                {
                    effort = effort.moves(effort.moves.saturating_mul(10).min(MOST_MOVES));
                }
                Err(refusal) => return Err((effort, refusal)),
            }
        }
    }

    fn embedding(&self, wanted: &Wanted<'_>, solution: &Solution) -> Result<Embedding, Error> {
        let vims = solution.hosts.iter().map(|node| self.vim(*node)).collect::<Result<_, _>>()?;
        let mut ways = vec![Ways::default(); wanted.demand.links.len()];
        for (link, Route { forward, backward }) in wanted.links.iter().zip(&solution.routes) {
            ways[*link] = Ways {
                a_to_z: self.network.links_of(forward),
                z_to_a: self.network.links_of(backward),
            };
        }
        Ok(Embedding { vims, ways })
    }

    pub(crate) fn vim(&self, node: NodeId) -> Result<VimId, Error> {
        let vim = self.network.node(node).vim.clone();
        vim.ok_or_else(|| Error::Bug(format!("a function was placed on node {node}, a device")))
    }
}

/// An answer for a small service takes some hundred microseconds.
const FEWEST_MOVES: u64 = 300;
/// Where nothing was found after so many, nothing is said to be found.
const MOST_MOVES: u64 = 30_000;
/// How much more a larger service is worth, in moves for each function and link.
const MOVES_EACH: usize = 30;

fn effort(wanted: &Wanted<'_>) -> Effort {
    let size = wanted.problem.functions.len() + wanted.problem.links.len();
    let moves = u64::try_from(size.saturating_mul(MOVES_EACH)).unwrap_or(MOST_MOVES);
    Effort::FAST.moves(moves.clamp(FEWEST_MOVES, MOST_MOVES))
}

fn rejection(wanted: &Wanted<'_>, defect: &solver::embed::Defect) -> Rejection {
    use solver::embed::Part;
    let field = match defect.part {
        Part::Problem => "spec".to_owned(),
        Part::Function(function) => format!("functions[{}]", wanted.function(function).id),
        Part::Link(link) => format!("virtual-links[{}]", wanted.link(link).id),
        Part::Group(group) => format!("groups[{}]", wanted.group(group).id),
    };
    // A fault ends with what to do about it.
    let fault = defect.fault.to_string();
    let (reason, hint) = fault.split_once("; ").unwrap_or((&fault, "ask for less"));
    Rejection::new(field, reason, hint)
}

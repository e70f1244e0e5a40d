//! The independent check: every constraint of a plan, verified again against the current state.
//!
//! It shares no code with the planner. What it knows of a request is the demand; what it knows of
//! the world is the topology and the books.

mod allocations;
mod capacity;
mod functions;
mod groups;
mod links;
mod names;
mod servers;

use crate::books::Books;
use crate::demand::Demand;
use crate::pools::Pools;
use model::plan::{PlacedFunction, Plan};
use model::topology::Topology;

/// One constraint that the plan breaks: where in the plan, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {why}")]
pub struct Broken {
    pub at: String,
    pub why: String,
}

/// The world a plan is held against. `books` are without the plan's own intent.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    pub topology: &'a Topology,
    pub books: &'a Books,
    pub pools: &'a Pools,
}

/// Verifies every constraint; all that is broken comes back at once.
///
/// # Errors
/// Where any constraint does not hold.
pub fn check(world: World<'_>, demand: &Demand, plan: &Plan) -> Result<(), Vec<Broken>> {
    let mut run = Run { world, demand, plan, broken: Vec::new() };
    run.functions();
    run.servers();
    run.groups();
    run.vim_capacity();
    run.links();
    run.link_capacity();
    run.port_capacity();
    run.allocations();
    run.names();
    if run.broken.is_empty() { Ok(()) } else { Err(run.broken) }
}

struct Run<'a> {
    world: World<'a>,
    demand: &'a Demand,
    plan: &'a Plan,
    broken: Vec<Broken>,
}

impl<'a> Run<'a> {
    fn say(&mut self, at: impl Into<String>, why: impl Into<String>) {
        self.broken.push(Broken { at: at.into(), why: why.into() });
    }

    fn expect(&mut self, holds: bool, at: &str, why: impl FnOnce() -> String) {
        if !holds {
            self.say(at, why());
        }
    }

    fn placed(&self, index: usize) -> Option<&'a PlacedFunction> {
        let id = &self.demand.functions[index].id;
        self.plan.functions.iter().find(|placed| placed.id == *id)
    }
}

//! Replays a recorded workload of virtual-network embedding: requests that come and go on a
//! physical network whose links are undirected pools.

mod bound;
mod outcome;
pub mod synth;
mod trace;

pub use bound::acceptance_bound;
pub use outcome::{Answer, Outcome, Totals};
pub use trace::{Event, PhysicalLink, Request, Trace, TraceFault};

use crate::embed::{Detours, Effort, Embedder, Places, Problem, SearchEnd, Solution};
use crate::graph::Graph;
use crate::residual::Residuals;

/// Decides one request after the other, knowing nothing of later events. What only long detours
/// would carry is refused ([`Detours::Short`]).
///
/// # Errors
/// What is wrong with the trace.
pub fn replay(
    trace: &Trace,
    effort: Effort,
    clock: &mut dyn FnMut() -> u64,
) -> Result<Outcome, TraceFault> {
    replay_within(trace, effort, 0, clock)
}

/// As [`replay`], but a request that could be answered better is searched again, with twice the
/// moves each time, until `nanos` have passed by the clock. The answers then depend on the machine.
///
/// # Errors
/// What is wrong with the trace.
pub fn replay_within(
    trace: &Trace,
    effort: Effort,
    nanos: u64,
    clock: &mut dyn FnMut() -> u64,
) -> Result<Outcome, TraceFault> {
    trace.check()?;
    let graph = trace.graph()?;
    let places = Places::distinct(graph.node_count());
    let embedder = Embedder::new(&graph, places).expect("distinct places fit any graph");
    let mut embedder = embedder.with_detours(Detours::Short);
    let full = trace.residuals(&graph);
    let mut run = Run {
        graph: &graph,
        trace,
        residuals: full.clone(),
        held: Vec::new(),
        outcome: Outcome::default(),
    };
    run.held.resize_with(trace.requests.len(), || None);
    for event in &trace.events {
        match event {
            Event::Departure { request } => run.depart(*request),
            Event::Arrival { request } => {
                let effort = effort.seed(effort.seed.wrapping_add(*request as u64));
                run.arrive(&mut embedder, *request, (effort, nanos), clock);
            }
        }
    }
    if run.residuals != full {
        return Err(TraceFault::Unfinished);
    }
    Ok(run.outcome)
}

struct Run<'a> {
    graph: &'a Graph,
    trace: &'a Trace,
    residuals: Residuals,
    held: Vec<Option<(Problem, Solution)>>,
    outcome: Outcome,
}

impl Run<'_> {
    fn arrive(
        &mut self,
        embedder: &mut Embedder,
        index: usize,
        (effort, budget): (Effort, u64),
        clock: &mut dyn FnMut() -> u64,
    ) {
        let request = &self.trace.requests[index];
        let problem = request.problem();
        let begin = clock();
        let until = begin.saturating_add(budget);
        let solved = improve(embedder, &mut self.residuals, &problem, effort, (until, clock));
        let nanos = clock().saturating_sub(begin);
        let Some(solution) = solved else {
            self.outcome.reject(index, nanos);
            return;
        };
        let reserved = solution.reserve(self.graph, &problem, &mut self.residuals);
        reserved.expect("a solution fits the residuals that it was found in");
        self.outcome.accept(self.graph, index, request, &solution, nanos);
        self.held[index] = Some((problem, solution));
    }

    fn depart(&mut self, index: usize) {
        if let Some((problem, solution)) = self.held[index].take() {
            solution.release(self.graph, &problem, &mut self.residuals);
        }
    }
}

/// The best of some searches, each with more moves than the one before, while there is time.
fn improve(
    embedder: &mut Embedder,
    residuals: &mut Residuals,
    problem: &Problem,
    mut effort: Effort,
    (until, clock): (u64, &mut dyn FnMut() -> u64),
) -> Option<Solution> {
    let mut best = embedder.solve_or_none(residuals, problem, effort, &mut || false);
    let done = |best: &Option<Solution>| {
        best.as_ref().is_some_and(|best| best.effort.end == SearchEnd::Converged)
    };
    while clock() < until && !done(&best) {
        effort = effort.moves(effort.moves.saturating_mul(2)).seed(effort.seed.wrapping_add(1));
        let stop = &mut || clock() >= until;
        let next = embedder.solve_or_none(residuals, problem, effort, stop);
        let better = |next: &Solution| best.as_ref().is_none_or(|best| next.cost < best.cost);
        if next.as_ref().is_some_and(better) {
            best = next;
        }
    }
    best
}

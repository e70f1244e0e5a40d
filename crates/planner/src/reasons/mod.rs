//! Why there is no plan: the constraint that binds, and the smallest single change that would do.

mod early;
mod joint;
mod relax;
mod words;

use crate::planner::Planner;
use crate::wanted::Wanted;
use model::plan::{BindingConstraint, Infeasible};
use solver::{Binding, Effort, End, Hosts, NodeId, Problem, Residuals, Solution};

/// Pairs of ends that are looked at for a reason.
const MAX_PAIRS: usize = 256;

/// A request that nothing was found for.
pub(crate) struct Refused<'r, 'n> {
    pub(crate) planner: &'r mut Planner<'n>,
    /// What the books leave.
    pub(crate) residuals: &'r mut Residuals,
    pub(crate) wanted: &'r Wanted<'r>,
    /// What was spent in vain.
    pub(crate) effort: Effort,
}

impl Refused<'_, '_> {
    pub(crate) fn explain(mut self, infeasible: &solver::Infeasible) -> Infeasible {
        let binding = match infeasible.binding {
            Binding::Links { .. } | Binding::Functions { .. } | Binding::TotalResources { .. } => {
                self.joint().unwrap_or(infeasible.binding)
            }
            Binding::Latency { link, .. } => {
                let pairs = self.pairs(link);
                self.short_within_bound(link, &pairs).unwrap_or(infeasible.binding)
            }
            known => known,
        };
        let relaxation = match &infeasible.relaxation {
            Some(found) => Some(self.relaxation_in_words(found)),
            None => self.relax(&binding),
        };
        Infeasible { binding: self.in_words(&binding), relaxation }
    }

    /// Where the ends of a link may be; not all of them where there are very many.
    fn pairs(&self, link: usize) -> Vec<(NodeId, NodeId)> {
        let problem = &self.wanted.problem;
        let at = |end: End| match end {
            End::Node(node) => vec![node],
            End::Function(function) => match &problem.functions[function].hosts {
                Hosts::Only(hosts) => hosts.clone(),
                Hosts::Any => Vec::new(),
            },
        };
        let (from, to) = (at(problem.links[link].a), at(problem.links[link].b));
        let pairs = from.iter().flat_map(|a| to.iter().map(move |b| (*a, *b)));
        pairs.filter(|(a, b)| a != b).take(MAX_PAIRS).collect()
    }

    /// Solves a variation of the problem.
    fn try_out(&mut self, problem: &Problem) -> Option<Solution> {
        self.planner.embedder.solve(self.residuals, problem, self.effort).ok()
    }

    /// How much was tried, where nothing better can be said.
    fn search_limit(&self) -> BindingConstraint {
        BindingConstraint::SearchLimit { steps: self.effort.moves }
    }
}
